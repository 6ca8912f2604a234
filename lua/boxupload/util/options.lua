-- options: checks a table of options against the rules for each.
-- SPDX-License-Identifier: MIT

local redact = require "boxupload.util.redact"
local usage_error = require "boxupload.util.usage_error"

local M = {}

-- The Levenshtein distance; `row` holds one row of the matrix.
local function edit_distance(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      local best = math.min(row[j] + 1, row[j - 1] + 1, diagonal + cost)
      diagonal = row[j]
      row[j] = best
    end
  end
  return row[#b]
end

local function sorted_keys(spec)
  local keys = {}
  for key in pairs(spec) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

--- Returns the known key that is most similar to the name.
---@param name string
---@param spec table<string, any>
---@return string? key, integer distance
function M.nearest(name, spec)
  local best, minimum = nil, math.huge
  for _, key in ipairs(sorted_keys(spec)) do
    local distance = edit_distance(name, key)
    if distance < minimum then best, minimum = key, distance end
  end
  return best, minimum
end

local function raise_unknown(key, spec, function_name)
  local name = tostring(key)
  local best, best_distance = M.nearest(name, spec)
  if best and best_distance <= math.max(2, math.floor(#name / 2)) then
    usage_error.raise(('%s: unknown option "%s"; did you mean "%s"?')
      :format(function_name, name, best))
  end
  usage_error.raise(('%s: unknown option "%s"; the nearest is "%s" of %s')
    :format(function_name, name, best or "none",
      table.concat(sorted_keys(spec), ", ")))
end

---@class boxupload.OptionRule
---@field type string|string[]
---@field default any
---@field required boolean?
---@field check nil|fun(value:any):string?  nil, or the problem

local function matches_type(value, types)
  if type(types) == "string" then return type(value) == types end
  for _, name in ipairs(types) do
    if type(value) == name then return true end
  end
  return false
end

local function type_names(types)
  return type(types) == "string" and types or table.concat(types, " or ")
end

--- Returns what is wrong with a value, to be read after its name; nil when it
--- fits the rule.
---@param value any
---@param rule boxupload.OptionRule
---@return string? problem
function M.problem(value, rule)
  if not matches_type(value, rule.type) then
    return ("must be a %s, not a %s"):format(type_names(rule.type),
      type(value))
  end
  return rule.check and rule.check(value) or nil
end

local function check_value(key, value, rule, function_name)
  local problem = M.problem(value, rule)
  if problem then
    usage_error.raise(('%s: option "%s" %s')
      :format(function_name, key, problem))
  end
end

--- Returns a copy with the defaults filled in. Raises at the library's caller
--- when an option is unknown, missing, of the wrong type or refused by its
--- `check`.
---@param spec table<string, boxupload.OptionRule>
---@param given table?
---@param function_name string  for the error message
---@return table
function M.check(spec, given, function_name)
  if given ~= nil and type(given) ~= "table" then
    usage_error.raise(("%s: options must be a table, not a %s")
      :format(function_name, type(given)))
  end
  local checked = {}
  for key, value in pairs(given or {}) do
    local rule = spec[key]
    if not rule then raise_unknown(key, spec, function_name) end
    check_value(key, value, rule, function_name)
    checked[key] = value
  end
  for key, rule in pairs(spec) do
    if checked[key] == nil then checked[key] = rule.default end
    if rule.required and checked[key] == nil then
      usage_error.raise(('%s: option "%s" is missing')
        :format(function_name, key))
    end
  end
  return checked
end

-- Seconds: in milliseconds too it fits the integers of every event loop.
local LONGEST = 2 ^ 31 - 1

--- Checks how long to wait; raises unless it is nil or a number from 0.
---@param seconds number?
---@param function_name string  for the error message
---@return number? seconds  nil: without a limit
function M.check_wait(seconds, function_name)
  if seconds == nil then return nil end
  if type(seconds) == "number" and seconds >= 0 then
    return seconds <= LONGEST and seconds or nil
  end
  usage_error.raise(function_name .. ": a number of seconds expected")
end

-- Values for a rule's `check`. Each returns nil, or the problem.

-- Up to here every whole number is exact on every Lua.
local LARGEST = 2 ^ 53
local MAX_ID = 128 -- characters; Box's own have 32 at most

local function is_integral(value)
  return value == math.floor(value) and value < math.huge
end

--- Makes a check for one of these strings.
function M.one_of(...)
  local allowed = { ... }
  return function(value)
    for _, each in ipairs(allowed) do
      if value == each then return nil end
    end
    return 'must be "' .. table.concat(allowed, '", "') .. '"'
  end
end

--- The most that a C int can count everywhere.
M.MOST = 2 ^ 31 - 1

--- Makes a check for a whole number of at least `minimum`.
---@param minimum integer
---@param maximum integer?  default: 2^53
function M.whole(minimum, maximum)
  return function(value)
    if value >= minimum and is_integral(value) and
       value <= (maximum or LARGEST) then
      return nil
    end
    if value > minimum and is_integral(value) then
      return ("must be from %d to %.0f"):format(minimum, maximum or LARGEST)
    end
    return ("must be a whole number of at least %d"):format(minimum)
  end
end

--- Checks a number of seconds.
function M.seconds(value)
  if value >= 0 and value <= LONGEST then return nil end
  return ("must be a number of seconds, from 0 to %.0f"):format(LONGEST)
end

--- Checks an id that Box issued; it is put into URLs unescaped.
function M.id(value)
  if M.is_id(value) then return nil end
  return "isn't an id: ids are letters and digits, given as a string"
end

--- Returns whether the value can be an id that Box issued.
---@param value any
---@return boolean
function M.is_id(value)
  return type(value) == "string" and #value <= MAX_ID and
    value:find("^[A-Za-z%d_%-]+$") ~= nil
end

--- Checks an http or https URL that has no user, query or fragment.
function M.url(value)
  if value:find("[%z\1-\31\127]") then
    return "isn't a URL: it has a control character in it"
  end
  if value:find("^https?://[^/ \t\r\n\v\f?#@]+$") or
     value:find("^https?://[^/ \t\r\n\v\f?#@]+/[^ \t\r\n\v\f?#]*$") then
    return nil
  end
  return ('isn\'t a URL like "https://host/path": %s'):format(
    redact.text(value))
end

--- Checks text that is used as a header's value.
function M.header(value)
  if value ~= "" and not value:find("[%z\1-\31\127]") then return nil end
  return "is empty or has a control character in it"
end

--- Checks a SHA-1 in hex.
function M.sha1(value)
  if #value == 40 and not value:find("%X") then return nil end
  return "isn't a SHA-1: 40 hex digits"
end

--- Checks a path: the system would read it up to a zero byte.
function M.path(value)
  if value == "" then return "must not be empty" end
  return value:find("%z") and "has a zero byte in it" or nil
end

--- Checks text that must not be empty.
function M.filled(value)
  return value == "" and "must not be empty" or nil
end

return M
