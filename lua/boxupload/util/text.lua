-- text: texts of others, made fit to be shown.
-- SPDX-License-Identifier: MIT

local M = {}

-- The well-formed sequences of RFC 3629, section 4, by their first byte.
local function sequence_at(text, at)
  local byte = text:byte(at)
  local function is(pattern) return text:find("^" .. pattern, at) ~= nil end
  local tail = "[\128-\191]"

  if byte < 0x80 then return 1 end
  if byte < 0xC2 then return nil end
  if byte < 0xE0 then return is("." .. tail) and 2 end
  if byte == 0xE0 then return is(".[\160-\191]" .. tail) and 3 end
  if byte == 0xED then return is(".[\128-\159]" .. tail) and 3 end
  if byte < 0xF0 then return is("." .. tail .. tail) and 3 end
  if byte == 0xF0 then return is(".[\144-\191]" .. tail .. tail) and 4 end
  if byte < 0xF4 then return is("." .. tail .. tail .. tail) and 4 end
  if byte == 0xF4 then return is(".[\128-\143]" .. tail .. tail) and 4 end
  return nil
end

--- How many characters a text of UTF-8 has; nil when it isn't UTF-8.
---@param text string
---@return integer? count
function M.characters(text)
  if not text:find("[\128-\255]") then return #text end
  local at, count = 1, 0
  while at <= #text do
    local length = sequence_at(text, at)
    if not length then return nil end
    at, count = at + length, count + 1
  end
  return count
end

-- Cuts between characters.
local function cut(text, limit)
  if #text <= limit then return text end
  local at = 1
  while true do
    local length = sequence_at(text, at) or 1
    if at + length - 1 > limit then return text:sub(1, at - 1) .. "..." end
    at = at + length
  end
end

-- The control characters above ASCII, U+0080 to U+009F, and those that turn
-- the direction of writing, by which a name can look like another.
local STEERING = {
  "\194[\128-\159]", "\226\128[\170-\174]", "\226\129[\166-\169]",
}

--- The text on one line and in UTF-8: no control characters, which could
--- steer a terminal, and no bytes that JSON can't have.
---@param text string
---@param limit integer?  bytes
---@return string
function M.one_line(text, limit)
  text = text:gsub("%c+", " ")
  if not M.characters(text) then text = text:gsub("[\128-\255]", "?") end
  if text:find("[\194\226]") then
    for _, each in ipairs(STEERING) do text = text:gsub(each, " ") end
  end
  return limit and cut(text, limit) or text
end

return M
