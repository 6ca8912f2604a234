-- options: checks a table of options against what is known.
-- SPDX-License-Identifier: MIT

local usage_error = require "boxupload.util.usage_error"

local M = {}

-- Levenshtein's distance, by rows.
local function distance(a, b)
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

--- The known key that is nearest to the name.
---@param name string
---@param spec table<string, any>
---@return string? key, integer distance
function M.nearest(name, spec)
  local best, least = nil, math.huge
  for _, key in ipairs(sorted_keys(spec)) do
    local d = distance(name, key)
    if d < least then best, least = key, d end
  end
  return best, least
end

local function unknown(key, spec, what)
  local name = tostring(key)
  local best, far = M.nearest(name, spec)
  if best and far <= math.max(2, math.floor(#name / 2)) then
    usage_error.raise(('%s: unknown option "%s"; did you mean "%s"?')
      :format(what, name, best))
  end
  usage_error.raise(('%s: unknown option "%s"; the nearest is "%s" of %s')
    :format(what, name, best or "none",
      table.concat(sorted_keys(spec), ", ")))
end

---@class boxupload.OptionRule
---@field type string|string[]
---@field default any
---@field required boolean?
---@field check nil|fun(value:any):string?  nil, or what is wrong with it

local function matches(value, types)
  if type(types) == "string" then return type(value) == types end
  for _, name in ipairs(types) do
    if type(value) == name then return true end
  end
  return false
end

local function names(types)
  return type(types) == "string" and types or table.concat(types, " or ")
end

local function check_value(key, value, rule, what)
  if not matches(value, rule.type) then
    usage_error.raise(('%s: option "%s" must be a %s, not a %s')
      :format(what, key, names(rule.type), type(value)))
  end
  local problem = rule.check and rule.check(value)
  if problem then
    usage_error.raise(('%s: option "%s" %s'):format(what, key, problem))
  end
end

--- Returns a table of its own, with the defaults filled in; raises at the
--- library's caller for anything unknown, missing or of a wrong type.
---@param spec table<string, boxupload.OptionRule>
---@param given table?
---@param what string  the function's name, for the message
---@return table
function M.check(spec, given, what)
  if given ~= nil and type(given) ~= "table" then
    usage_error.raise(("%s: options must be a table, not a %s")
      :format(what, type(given)))
  end
  local checked = {}
  for key, value in pairs(given or {}) do
    local rule = spec[key]
    if not rule then unknown(key, spec, what) end
    check_value(key, value, rule, what)
    checked[key] = value
  end
  for key, rule in pairs(spec) do
    if checked[key] == nil then checked[key] = rule.default end
    if rule.required and checked[key] == nil then
      usage_error.raise(('%s: option "%s" is missing'):format(what, key))
    end
  end
  return checked
end

--- How long to wait, nil for without an end; raises for what can't be meant.
---@param seconds number?
---@param what string  the function's name, for the message
---@return number?
function M.check_wait(seconds, what)
  if seconds == nil or seconds == math.huge then return nil end
  if type(seconds) == "number" and seconds >= 0 then return seconds end
  usage_error.raise(what .. ": a number of seconds expected")
end

-- Checks for the rules: nil when fine, else what is wrong.

local LARGEST = 2 ^ 53

local function is_integral(value)
  return value == math.floor(value) and value < math.huge
end

--- One of these strings.
function M.one_of(...)
  local allowed = { ... }
  return function(value)
    for _, each in ipairs(allowed) do
      if value == each then return nil end
    end
    return 'must be "' .. table.concat(allowed, '", "') .. '"'
  end
end

--- A whole number of at least `least`.
function M.whole(least)
  return function(value)
    if value >= least and is_integral(value) and value <= LARGEST then
      return nil
    end
    return ("must be a whole number of at least %d"):format(least)
  end
end

--- Seconds, not endless.
function M.seconds(value)
  if value >= 0 and value < LARGEST then return nil end
  return "must be a number of seconds, 0 or more"
end

--- An id of Box's, which becomes a piece of a URL.
function M.id(value)
  if M.is_id(value) then return nil end
  return "isn't an id: ids are letters and digits, given as a string"
end

function M.is_id(value)
  return type(value) == "string" and value:find("^[%w_%-]+$") ~= nil
end

--- An http or https URL without a user and without a query.
function M.url(value)
  if value:find("^https?://[^/%s?#@]+$") or
     value:find("^https?://[^/%s?#@]+/[^%s?#]*$") then
    return nil
  end
  return ('isn\'t a URL like "https://host/path": %s'):format(value)
end

--- Text that can be a header's value.
function M.header(value)
  if value ~= "" and not value:find("%c") then return nil end
  return "is empty or has a control character in it"
end

--- A SHA-1 in hex.
function M.sha1(value)
  if #value == 40 and not value:find("%X") then return nil end
  return "isn't a SHA-1: 40 hex digits"
end

function M.filled(value)
  return value == "" and "must not be empty" or nil
end

return M
