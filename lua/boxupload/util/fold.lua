-- fold: what Box compares names by: without case, and without the difference
-- between the forms that Unicode has for one text.
-- SPDX-License-Identifier: MIT

local M = {}

-- Of Hangul syllables, by Unicode 3.12, "Conjoining Jamo Behavior".
local SYLLABLES, LAST_SYLLABLE = 0xAC00, 0xD7A3
local LEADS, VOWELS, TAILS = 0x1100, 0x1161, 0x11A7
local VOWEL_COUNT, TAIL_COUNT = 21, 28

-- It combines, and folds to the letter iota. So it is replaced only once the
-- marks are in order.
local YPOGEGRAMMENI, IOTA = "\205\133", "\206\185"

local CHARACTER = "[\194-\244][\128-\191]*"

local function encode(code)
  local char, floor = string.char, math.floor
  local function tail(shift) return 128 + floor(code / 64 ^ shift) % 64 end
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(192 + floor(code / 64), tail(0)) end
  if code < 0x10000 then
    return char(224 + floor(code / 4096), tail(1), tail(0))
  end
  return char(240 + floor(code / 262144), tail(2), tail(1), tail(0))
end

-- Nil for what is no Hangul syllable.
local function decompose_syllable(character)
  local first, second, third = character:byte(1, 3)
  if #character ~= 3 or first < 0xEA or first > 0xED then return nil end
  local code = (first - 224) * 4096 + (second - 128) * 64 + third - 128
  if code < SYLLABLES or code > LAST_SYLLABLE then return nil end
  local index = code - SYLLABLES
  local tail = index % TAIL_COUNT
  local vowel = math.floor(index / TAIL_COUNT) % VOWEL_COUNT
  return encode(LEADS + math.floor(index / TAIL_COUNT / VOWEL_COUNT)) ..
    encode(VOWELS + vowel) .. (tail > 0 and encode(TAILS + tail) or "")
end

-- The text of numbers such as "a.b", with the last one larger by `more`.
local function sequence(numbers, more)
  local characters = {}
  for number in numbers:gmatch("%w+") do
    characters[#characters + 1] = tonumber(number, 36)
  end
  characters[#characters] = characters[#characters] + more
  for i, code in ipairs(characters) do characters[i] = encode(code) end
  return table.concat(characters)
end

local function read_mappings(text)
  local mappings = {}
  for first, list in text:gmatch("(%w+)=([%w.,]+)") do
    local code = tonumber(first, 36)
    for numbers in list:gmatch("[%w.]+") do
      mappings[encode(code)] = sequence(numbers, 0)
      code = code + 1
    end
  end
  for first, sign, count, numbers in text:gmatch(
    "(%w+)([+*])(%w+)>([%w.]+)") do
    local step = sign == "+" and 1 or 2
    for i = 0, tonumber(count, 36) - 1 do
      mappings[encode(tonumber(first, 36) + i * step)] =
        sequence(numbers, i * step)
    end
  end
  return mappings
end

local function read_classes(text)
  local classes = {}
  for class, list in text:gmatch("(%w+)=([%w+,]+)") do
    for first, count in list:gmatch("(%w+)%+(%w+)") do
      for i = 0, tonumber(count, 36) - 1 do
        classes[encode(tonumber(first, 36) + i)] = tonumber(class, 36)
      end
    end
  end
  return classes
end

-- Read when a name needs them: most are ASCII.
local mappings, classes

local function load_tables()
  local data = require "boxupload.util.fold_data"
  mappings = read_mappings((data.mappings:gsub(",\n", ",")))
  classes = read_classes((data.classes:gsub(",\n", ",")))
end

local function replacement(character)
  local found = mappings[character]
  -- What stands for it may have to be replaced, too.
  if found then return (found:gsub(CHARACTER, replacement)) end
  return decompose_syllable(character)
end

-- Marks of one class stay in their order, which table.sort doesn't promise.
local function insert_mark(characters, mark)
  local at = #characters + 1
  while at > 1 and (classes[characters[at - 1]] or 0) > classes[mark] do
    at = at - 1
  end
  table.insert(characters, at, mark)
end

-- Sorts the marks that follow a character, by class.
local function order_marks(text)
  local characters = {}
  for character in text:gmatch("[^\128-\191][\128-\191]*") do
    if classes[character] then
      insert_mark(characters, character)
    else
      characters[#characters + 1] = character
    end
  end
  return table.concat(characters)
end

--- The text by which a name is compared: two names of which it is the same are
--- one name on Box.
---@param name string  UTF-8
---@return string
function M.key(name)
  -- Not by a class such as %u, which a locale can change.
  name = name:gsub("[A-Z]+", string.lower)
  if not name:find("[\128-\255]") then return name end
  if not mappings then load_tables() end
  name = order_marks((name:gsub(CHARACTER, replacement)))
  return (name:gsub(YPOGEGRAMMENI, IOTA))
end

return M
