-- json: encodes and decodes Box's JSON the same way on every Lua.
-- SPDX-License-Identifier: MIT

local cjson = require "cjson.safe"

local decimal = require "boxupload.util.decimal"
local text = require "boxupload.util.text"

local M = {}

local MAX_DEPTH = 64
-- Less, so that what others sent can be encoded as part of something else.
local OTHERS_DEPTH = 48

-- Separate instances: cjson's settings would otherwise be shared with every
-- other user of the module.
local function new_codec(depth)
  local codec = cjson.new()
  codec.decode_invalid_numbers(false)
  codec.decode_max_depth(depth)
  return codec
end

local codec, codec_of_others = new_codec(MAX_DEPTH), new_codec(OTHERS_DEPTH)

local MAX_EXACT_INTEGER = 2 ^ 53
local to_integer, number_type = rawget(math, "tointeger"), rawget(math, "type")

-- For bytes that aren't UTF-8: U+FFFD.
local REPLACEMENT = "\239\191\189"

local array_metatable = {}

--- Marks a table as a list, so that it is encoded as [] when it is empty.
---@generic T: table
---@param list T
---@return T
function M.array(list)
  return setmetatable(list, array_metatable)
end

-- cjson reads numbers with the decimal point of the locale, or with that of
-- the time when it was loaded. With a decimal comma it even reads "[1,5]" as
-- one number.
local function reads_numbers()
  local probe = codec.decode("[0.5,1]")
  return probe ~= nil and probe[1] == 0.5 and probe[2] == 1
end

-- The end of the JSON string that begins with the quote at `from`.
local function end_of_string(encoded, from)
  local at = from
  repeat
    at = encoded:find('["\\]', at + 1)
    if not at then return #encoded end
    local is_escape = encoded:byte(at) == 92
    if is_escape then at = at + 1 end
  until not is_escape
  return at
end

-- Strings that begin with a zero byte stand for what cjson would lose: for
-- numbers, and for empty lists, which it can't tell from empty objects. A
-- string that begins with one itself gets another.
local EMPTY_LIST = '"\\u0000["'

local function mark_values(outside, with_numbers)
  if with_numbers then
    outside = outside:gsub("%-?%d[%d.eE+-]*", '"\\u0000%0"')
  end
  return (outside:gsub("%[[ \t\r\n]*%]", EMPTY_LIST))
end

local function mark(encoded, with_numbers)
  local out, at = {}, 1
  while at <= #encoded do
    local quote = encoded:find('"', at, true) or #encoded + 1
    out[#out + 1] = mark_values(encoded:sub(at, quote - 1), with_numbers)
    at = end_of_string(encoded, quote) + 1
    out[#out + 1] =
      encoded:sub(quote, at - 1):gsub('^"\\u0000', "%0\\u0000")
  end
  return table.concat(out)
end

---@class boxupload.Decoding
---@field is_marked boolean?  see `mark`
---@field as_text boolean?    of others: strings and keys become UTF-8
---@field problem string?     why the value can't be used

local function normalize_number(value, decoding)
  if value ~= value or value == math.huge or value == -math.huge then
    decoding.problem = "a number that is too large"
    return nil
  end
  if to_integer and math.abs(value) <= MAX_EXACT_INTEGER then
    return to_integer(value) or value
  end
  return value
end

local function normalize_string(value, decoding)
  if decoding.as_text and value:find("[\128-\255]") then
    value = text.valid(value, REPLACEMENT)
  end
  if not decoding.is_marked or value:byte() ~= 0 then return value end
  value = value:sub(2)
  if value:byte() == 0 then return value end
  if value == "[" then return M.array {} end
  local number = decimal.parse(value)
  if number then return normalize_number(number, decoding) end
  decoding.problem = "an invalid number"
end

local normalize -- forward

local function normalize_list(list, decoding)
  local copy = {}
  for i, item in ipairs(list) do
    copy[i] = item == cjson.null and item or normalize(item, decoding)
  end
  return M.array(copy)
end

local function normalize_object(object, decoding)
  local copy = {}
  for name, item in pairs(object) do
    local key = normalize_string(name, decoding)
    if type(key) ~= "string" then
      decoding.problem = "a key that isn't a string"
      return nil
    end
    copy[key] = normalize(item, decoding)
  end
  return copy
end

-- Turns null into nil, but for a list's items, and whole numbers into integers
-- where Lua has them: cjson decodes to floats, and Box writes some sizes with
-- an exponent.
function normalize(value, decoding)
  local kind = type(value)
  if kind == "string" then return normalize_string(value, decoding) end
  if kind == "number" then return normalize_number(value, decoding) end
  if value == cjson.null then return nil end
  if kind ~= "table" then return value end
  if value[1] ~= nil then return normalize_list(value, decoding) end
  return normalize_object(value, decoding)
end

-- A page of 1,000 parts has 5,000. A value can take a hundred times the memory
-- of its text.
local MAX_VALUES = 20000

-- Counts those in strings, too, which are few in what is of use.
local function has_too_many_values(encoded, most)
  local count = 0
  for _ in encoded:gmatch("[%[{,]") do
    count = count + 1
    if count > most then return true end
  end
  return false
end

local function decode(encoded, most, decoding)
  if not encoded:find("^%s*{") then return nil, "no JSON object" end
  if has_too_many_values(encoded, most or MAX_VALUES) then
    return nil, "JSON of too many values"
  end
  local with_numbers = not reads_numbers()
  decoding.is_marked = with_numbers or encoded:find("%[[ \t\r\n]*%]") ~= nil
  if decoding.is_marked then encoded = mark(encoded, with_numbers) end
  local value, problem =
    (decoding.as_text and codec_of_others or codec).decode(encoded)
  if type(value) ~= "table" then
    return nil, tostring(problem or "no JSON object")
  end
  value = normalize(value, decoding)
  if decoding.problem then return nil, decoding.problem end
  return value
end

--- Decodes a JSON object of others, such as the body of a response. Nulls are
--- left out, except in lists, where they are cjson.null. What isn't UTF-8
--- becomes U+FFFD, so that `encode` takes all that this gives. The locale
--- doesn't matter.
---@param encoded string
---@param most integer?  values in it: 20,000
---@return table? value, string? problem
function M.decode(encoded, most)
  return decode(encoded, most, { as_text = true })
end

--- The same for what `encode_bytes` wrote.
---@param encoded string
---@return table? value, string? problem
function M.decode_bytes(encoded)
  return decode(encoded, nil, {})
end

local encode -- forward

-- cjson escapes "/" as "\/": valid, but hard to read.
local function encode_string(value)
  return (codec.encode(value):gsub("\\/", "/"))
end

local function encode_number(value)
  if value ~= value or value == math.huge or value == -math.huge then
    return nil, "a number that JSON doesn't have"
  end
  if number_type and number_type(value) == "integer" then
    return ("%d"):format(value)
  end
  if value == math.floor(value) and math.abs(value) <= MAX_EXACT_INTEGER then
    return ("%.0f"):format(value)
  end
  return decimal.format(value)
end

-- OpenResty's cjson marks lists by metatables of its own.
local function is_list(value)
  local metatable = getmetatable(value)
  return rawget(value, 1) ~= nil or metatable ~= nil and
    (metatable == array_metatable or metatable == cjson.array_mt or
     metatable == cjson.empty_array_mt)
end

-- A table that isn't what it holds: to encode only that would cut it.
local function is_proxy(value)
  local metatable = getmetatable(value)
  return metatable ~= nil and (type(metatable) ~= "table" or
    rawget(metatable, "__index") ~= nil or rawget(metatable, "__pairs") ~= nil)
end

local function encode_list(value, depth)
  local items, count = {}, 0
  for _ in next, value do count = count + 1 end
  for i = 1, count do
    if rawget(value, i) == nil then
      return nil, "a list with a hole or other keys"
    end
    local encoded, problem = encode(value[i], depth)
    if not encoded then return nil, problem end
    items[i] = encoded
  end
  return "[" .. table.concat(items, ",") .. "]"
end

local function sorted_keys(value)
  local keys = {}
  for key in next, value do
    if type(key) ~= "string" then
      return nil, "a key that isn't a string: " .. tostring(key)
    end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

local function encode_object(value, depth)
  local keys, problem = sorted_keys(value)
  if not keys then return nil, problem end
  local items = {}
  for i, key in ipairs(keys) do
    local encoded, item_problem = encode(value[key], depth)
    if not encoded then return nil, item_problem end
    items[i] = encode_string(key) .. ":" .. encoded
  end
  return "{" .. table.concat(items, ",") .. "}"
end

function encode(value, depth)
  local kind = type(value)
  if kind == "string" then return encode_string(value) end
  if kind == "number" then return encode_number(value) end
  if kind == "boolean" then return tostring(value) end
  if value == cjson.null then return "null" end
  if value ~= nil and value == cjson.empty_array then return "[]" end
  if kind ~= "table" then return nil, "a " .. kind end
  if depth >= MAX_DEPTH then return nil, "tables too deep in tables" end
  if is_proxy(value) then return nil, "a table with __index or __pairs" end
  if is_list(value) then return encode_list(value, depth + 1) end
  return encode_object(value, depth + 1)
end

--- Encodes with sorted keys. A table with a first item, or one marked with
--- `array`, is a list. Whole numbers are exact up to 2^53; cjson itself writes
--- only 14 digits. For this machine's own files: their paths may have any
--- bytes, which JSON for others may not.
---@param value any
---@return string? encoded, string? problem
function M.encode_bytes(value)
  return encode(value, 0)
end

--- The same for others, so it refuses strings that aren't UTF-8.
---@param value any
---@return string? encoded, string? problem
function M.encode(value)
  local encoded, problem = encode(value, 0)
  if not encoded then return nil, problem end
  if not text.characters(encoded) then return nil, "text that isn't UTF-8" end
  return encoded
end

return M
