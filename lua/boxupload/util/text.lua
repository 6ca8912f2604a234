-- text: makes text from outside the library safe to show.
-- SPDX-License-Identifier: MIT

local M = {}

-- The length of the character that starts there, nil where the bytes aren't a
-- well-formed sequence of RFC 3629, section 4.
local function sequence_length(text, at)
  local byte = text:byte(at)
  local function matches(pattern)
    return text:find("^" .. pattern, at) ~= nil
  end
  local tail = "[\128-\191]"

  if byte < 0x80 then return 1 end
  if byte < 0xC2 then return nil end
  if byte < 0xE0 then return matches("." .. tail) and 2 end
  if byte == 0xE0 then return matches(".[\160-\191]" .. tail) and 3 end
  if byte == 0xED then return matches(".[\128-\159]" .. tail) and 3 end
  if byte < 0xF0 then return matches("." .. tail .. tail) and 3 end
  if byte == 0xF0 then
    return matches(".[\144-\191]" .. tail .. tail) and 4
  end
  if byte < 0xF4 then return matches("." .. tail .. tail .. tail) and 4 end
  if byte == 0xF4 then
    return matches(".[\128-\143]" .. tail .. tail) and 4
  end
  return nil
end

local LOWER = {}
for byte = 65, 90 do LOWER[string.char(byte)] = string.char(byte + 32) end

--- The text with the letters of ASCII in lower case. string.lower's result
--- depends on the locale: Turkish has another small i.
---@param text string
---@return string
function M.lower(text)
  return (text:gsub("[A-Z]", LOWER))
end

--- Counts the characters of UTF-8 text; nil when it isn't UTF-8.
---@param text string
---@return integer? count
function M.characters(text)
  if not text:find("[\128-\255]") then return #text end
  local at, count = 1, 0
  while at <= #text do
    local length = sequence_length(text, at)
    if not length then return nil end
    at, count = at + length, count + 1
  end
  return count
end

-- Cuts between characters, never inside one. The limit is in bytes.
local function truncate(text, limit)
  if #text <= limit then return text end
  local at = 1
  while true do
    local length = sequence_length(text, at) or 1
    if at + length - 1 > limit then return text:sub(1, at - 1) .. "..." end
    at = at + length
  end
end

-- The control characters above ASCII (U+0080 to U+009F) and the bidirectional
-- controls (U+202A to U+202E, U+2066 to U+2069), which can make one name look
-- like another.
local UNSAFE_CHARACTERS = {
  "\194[\128-\159]", "\226\128[\170-\174]", "\226\129[\166-\169]",
}

--- Returns the text as one line of UTF-8, without control characters, which a
--- terminal could obey, and without bytes that JSON doesn't allow.
---@param text string
---@param limit integer?  bytes
---@return string
function M.one_line(text, limit)
  text = text:gsub("[%z\1-\31\127]+", " ")
  if not M.characters(text) then text = text:gsub("[\128-\255]", "?") end
  if text:find("[\194\226]") then
    for _, pattern in ipairs(UNSAFE_CHARACTERS) do
      text = text:gsub(pattern, " ")
    end
  end
  return limit and truncate(text, limit) or text
end

return M
