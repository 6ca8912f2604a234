-- base64: digests as Box's headers have them.
-- SPDX-License-Identifier: MIT

local M = {}

local DIGITS =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- Base64 of bytes that are given in hex.
---@param hex string
---@return string
function M.of_hex(hex)
  local bytes = #hex / 2
  local padding = (3 - bytes % 3) % 3
  local text = (hex .. ("00"):rep(padding)):gsub("%x%x%x%x%x%x",
    function(group)
      local value, digits = tonumber(group, 16), ""
      for _ = 1, 4 do
        local at = value % 64
        digits = DIGITS:sub(at + 1, at + 1) .. digits
        value = (value - at) / 64
      end
      return digits
    end)
  return text:sub(1, #text - padding) .. ("="):rep(padding)
end

return M
