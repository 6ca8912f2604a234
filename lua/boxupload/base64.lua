-- base64: a digest in hex as a header wants it (RFC 4648, section 4).
-- SPDX-License-Identifier: MIT

local M = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" ..
  "0123456789+/"

local function group(hex)
  local value, digits = tonumber(hex, 16), {}
  for i = 4, 1, -1 do
    local digit = value % 64
    digits[i] = ALPHABET:sub(digit + 1, digit + 1)
    value = (value - digit) / 64
  end
  return table.concat(digits)
end

--- The bytes that are written in hex, in base64.
---@param hex string  an even number of digits
---@return string
function M.of_hex(hex)
  local missing = -(#hex / 2) % 3
  local text = (hex .. ("00"):rep(missing)):gsub("%x%x%x%x%x%x", group)
  return text:sub(1, #text - missing) .. ("="):rep(missing)
end

return M
