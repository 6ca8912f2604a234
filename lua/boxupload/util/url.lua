-- url: what the beginning of an http or https URL says.
-- SPDX-License-Identifier: MIT

local text = require "boxupload.util.text"

local M = {}

-- RFC 1122, section 3.2.1.3: all of 127.0.0.0/8.
local function is_loopback(host)
  if host == "localhost" or host == "[::1]" then return true end
  local a, b, c, d = host:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  if a ~= "127" then return false end
  for _, byte in ipairs { b, c, d } do
    if tonumber(byte) > 255 then return false end
  end
  return true
end

--- The scheme, host and port, where bytes for the URL leave this machine
--- unencrypted; nil where they don't.
---@param url string  as options.url accepts it
---@return string? origin
function M.cleartext_origin(url)
  local origin = url:match("^http://[^/]+")
  if not origin then return nil end
  local host = origin:match("^http://(%[[^%]]*%])") or
    origin:match("^http://([^:]*)")
  return not is_loopback(text.lower(host)) and origin or nil
end

--- Warnings to show: one for each host that is reached in the clear.
---@param list string[]
---@return string[]
function M.warnings(list)
  local warnings, seen = {}, {}
  for _, url in ipairs(list) do
    local origin = M.cleartext_origin(url)
    if origin and not seen[origin] then
      warnings[#warnings + 1] = origin .. " isn't encrypted: the network " ..
        "can read and change what is sent there, the token too"
      seen[origin] = true
    end
  end
  return warnings
end

return M
