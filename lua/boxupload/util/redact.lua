-- redact: removes tokens and other secrets from messages.
-- SPDX-License-Identifier: MIT

local M = {}

local HIDDEN = "[hidden]"
local MAX_DEPTH = 16

local function replace_all(text, secret)
  local pieces, position = {}, 1
  local first, last = text:find(secret, 1, true)
  while first do
    pieces[#pieces + 1] = text:sub(position, first - 1)
    position = last + 1
    first, last = text:find(secret, position, true)
  end
  pieces[#pieces + 1] = text:sub(position)
  return table.concat(pieces, HIDDEN)
end

--- Returns the text without the secrets and without any bearer token.
---@param text string
---@param secrets string[]
---@return string
function M.text(text, secrets)
  for _, secret in ipairs(secrets) do text = replace_all(text, secret) end
  return (text:gsub("([Bb][Ee][Aa][Rr][Ee][Rr]%s+)[^%s\"',;]+",
    "%1" .. HIDDEN))
end

--- Does the same for every string in a decoded response, and returns a copy.
---@param value any
---@param secrets string[]
---@param depth integer?
function M.value(value, secrets, depth)
  depth = depth or 0
  if type(value) == "string" then return M.text(value, secrets) end
  if type(value) ~= "table" or depth > MAX_DEPTH then return value end
  local copy = {}
  for key, item in pairs(value) do
    copy[key] = M.value(item, secrets, depth + 1)
  end
  return copy
end

return M
