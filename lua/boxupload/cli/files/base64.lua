-- base64: encodes digests as in Box's headers.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

--- Converts hex to base64.
---@param hex string
---@return string
function M.from_hex(hex)
  local bytes = hex:gsub("%x%x", function(pair)
    return string.char(tonumber(pair, 16))
  end)
  local text = core.base64url(bytes):gsub("[-_]", { ["-"] = "+", ["_"] = "/" })
  return text .. ("="):rep(-#text % 4)
end

return M
