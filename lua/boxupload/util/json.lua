-- json: Box's JSON to Lua values and back, alike on every Lua.
-- SPDX-License-Identifier: MIT

local cjson = require "cjson.safe"

local M = {}

-- An instance of our own, so that another user's settings don't meet ours.
local codec = cjson.new()
codec.decode_invalid_numbers(false)
codec.decode_max_depth(64)

local MAX_DEPTH = 64
local EXACT = 2 ^ 53
local to_integer = rawget(math, "tointeger")

local array = {}

--- Marks a table as a list, so that it is written as [] when it is empty.
---@generic T: table
---@param list T
---@return T
function M.array(list)
  return setmetatable(list, array)
end

-- Null becomes nil, and whole numbers integers where Lua has them: cjson
-- gives floats, and Box writes some sizes with an exponent.
local function clean(value)
  if value == cjson.null then return nil end
  if type(value) == "number" then
    if to_integer and value >= -EXACT and value <= EXACT then
      return to_integer(value) or value
    end
    return value
  end
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do copy[key] = clean(item) end
  return copy
end

--- Decodes a reply, which must be a JSON object.
---@param text string
---@return table? value, string? problem
function M.decode(text)
  if not text:find("^%s*{") then return nil, "no JSON object" end
  local value, problem = codec.decode(text)
  if type(value) ~= "table" then
    return nil, tostring(problem or "no JSON object")
  end
  return clean(value)
end

local encode -- forward

-- cjson writes "\/" for "/", which JSON allows and nobody likes to read.
local function encode_string(value)
  return (codec.encode(value):gsub("\\/", "/"))
end

local function encode_number(value)
  if value ~= value or value == math.huge or value == -math.huge then
    return nil, "a number that JSON doesn't have"
  end
  if value == math.floor(value) and math.abs(value) <= EXACT then
    return ("%.0f"):format(value)
  end
  return (("%.17g"):format(value):gsub(",", "."))
end

local function is_list(value)
  return getmetatable(value) == array or value[1] ~= nil
end

local function encode_list(value, depth)
  local items = {}
  for i = 1, #value do
    local text, problem = encode(value[i], depth)
    if not text then return nil, problem end
    items[i] = text
  end
  return "[" .. table.concat(items, ",") .. "]"
end

local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do
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
    local text, why = encode(value[key], depth)
    if not text then return nil, why end
    items[i] = encode_string(key) .. ":" .. text
  end
  return "{" .. table.concat(items, ",") .. "}"
end

function encode(value, depth)
  local kind = type(value)
  if kind == "string" then return encode_string(value) end
  if kind == "number" then return encode_number(value) end
  if kind == "boolean" then return tostring(value) end
  if value == cjson.null then return "null" end
  if kind ~= "table" then return nil, "a " .. kind end
  if depth >= MAX_DEPTH then return nil, "tables too deep in tables" end
  if is_list(value) then return encode_list(value, depth + 1) end
  return encode_object(value, depth + 1)
end

--- Encodes with sorted keys. A table with a first item, or one marked by
--- `array`, is a list. Whole numbers are exact to 2^53, which cjson's own
--- 14 digits are not.
---@param value any
---@return string? text, string? problem
function M.encode(value)
  return encode(value, 0)
end

return M
