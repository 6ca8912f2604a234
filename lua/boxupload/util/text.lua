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

--- The text with each byte that isn't part of well-formed UTF-8 replaced.
---@param text string
---@param mark string
---@return string
function M.valid(text, mark)
  if M.characters(text) then return text end
  local pieces, from, at = {}, 1, 1
  while at <= #text do
    local length = sequence_length(text, at)
    if not length then
      pieces[#pieces + 1] = text:sub(from, at - 1)
      pieces[#pieces + 1] = mark
      from = at + 1
    end
    at = at + (length or 1)
  end
  pieces[#pieces + 1] = text:sub(from)
  return table.concat(pieces)
end

-- The control characters above ASCII (U+0080 to U+009F), the separators of
-- lines and paragraphs (U+2028, U+2029), and the bidirectional controls
-- (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+206F), which can make
-- one name look like another.
local UNSAFE_CHARACTERS = {
  "\194[\128-\159]", "\216\156", "\226\128[\142\143\168-\174]",
  "\226\129[\166-\175]",
}

local function replace_unsafe(text, replacement)
  if not text:find("[\194\216\226]") then return text end
  for _, pattern in ipairs(UNSAFE_CHARACTERS) do
    text = text:gsub(pattern, replacement)
  end
  return text
end

--- Returns the text as one line of UTF-8, without control characters, which a
--- terminal could obey, and without bytes that JSON doesn't allow.
---@param text string
---@param limit integer?  bytes
---@return string
function M.one_line(text, limit)
  text = M.valid(text:gsub("[%z\1-\31\127]+", " "), "?")
  text = replace_unsafe(text, " ")
  return limit and truncate(text, limit) or text
end

-- Two or three bytes of UTF-8 as JSON's escape.
local function json_escape(character)
  local first, second, third = character:byte(1, 3)
  local point = third and
    ((first % 16) * 64 + second % 64) * 64 + third % 64 or
    (first % 32) * 64 + second % 64
  return ("\\u%04x"):format(point)
end

--- Returns encoded JSON with the characters escaped that a terminal could
--- obey: the value stays the same.
---@param encoded string
---@return string
function M.escape_json(encoded)
  return (replace_unsafe(encoded, json_escape):gsub("\127", "\\u007f"))
end

return M
