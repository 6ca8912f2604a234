-- glob: expands and matches file name patterns, for shells that don't.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

--- Whether a text contains a wildcard.
---@param text string
function M.is_pattern(text)
  return text:find("[%*%?%[]") ~= nil
end

-- Translates the set that begins at `at` for Lua; also returns where it ends.
-- Returns nil if the bracket is an ordinary character.
local function set_at(pattern, at)
  local close = pattern:find("]", at + 2, true)
  if not close then return nil end
  local inside = pattern:sub(at + 1, close - 1)
  local negated = inside:match("^[!^]")
  if negated then inside = inside:sub(2) end
  if inside == "" then return nil end
  inside = inside:gsub("[%%%]%^%[]", "%%%0")
  return "[" .. (negated and "^" or "") .. inside .. "]", close
end

-- Lua patterns match bytes, but `?` must match a whole UTF-8 character.
local CHARACTER = "[^\128-\191][\128-\191]*"

local function to_lua_pattern(pattern)
  local pieces, at = { "^" }, 1
  while at <= #pattern do
    local char = pattern:sub(at, at)
    local set, close
    if char == "[" then set, close = set_at(pattern, at) end
    if set then
      pieces[#pieces + 1], at = set, close
    elseif char == "*" then
      pieces[#pieces + 1] = ".*"
    elseif char == "?" then
      pieces[#pieces + 1] = CHARACTER
    else
      pieces[#pieces + 1] = char:gsub("%W", "%%%0")
    end
    at = at + 1
  end
  pieces[#pieces + 1] = "$"
  return table.concat(pieces)
end

--- Returns a function that matches names. `*` matches anything, `?` one
--- character, `[a-z]` one byte in a set, `[!a-z]` one byte outside it.
---@param pattern string
---@return fun(name: string): boolean
function M.matcher(pattern)
  local lua_pattern = to_lua_pattern(pattern)
  return function(name) return name:find(lua_pattern) ~= nil end
end

local function names_in(folder)
  local names = {}
  local reader = core.open_folder(folder)
  local name = reader and reader:next()
  while name do
    names[#names + 1] = name
    name = reader:next()
  end
  if reader then reader:close() end
  table.sort(names)
  return names
end

-- As in a shell, only a pattern with a leading dot matches hidden files.
local function append_matches(folder, pattern, found)
  local fits = M.matcher(pattern)
  local hidden = pattern:sub(1, 1) == "."
  for _, name in ipairs(names_in(folder == "" and "." or folder)) do
    if fits(name) and (hidden or name:sub(1, 1) ~= ".") then
      found[#found + 1] = folder .. name
    end
  end
end

local function expand_piece(found, piece, slash)
  local longer = {}
  for _, path in ipairs(found) do
    if M.is_pattern(piece) then
      append_matches(path, piece, longer)
    elseif core.look(path .. piece, true) then
      longer[#longer + 1] = path .. piece
    end
  end
  for i, path in ipairs(longer) do longer[i] = path .. slash end
  return longer
end

--- The existing paths that match a pattern, sorted.
---@param pattern string
---@return string[]
function M.expand(pattern)
  local root, rest = pattern:match("^(/*)(.*)$")
  local found = { root }
  for piece, slash in rest:gmatch("([^/]+)(/*)") do
    found = expand_piece(found, piece, slash)
  end
  return found
end

return M
