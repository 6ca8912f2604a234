-- item_name: checks the names of files and folders against Box's rules.
-- SPDX-License-Identifier: MIT

local text = require "boxupload.util.text"

local M = {}

local MAX_CHARACTERS = 255

--- Returns nil when Box accepts the name, or Box's code for the refusal and
--- the problem. Characters that only Box's docs call unsupported (`<`, `?`,
--- ...) are left for the service to judge.
---@param name string
---@return string? code, string? problem
function M.problem(name)
  local characters = text.characters(name)
  if name == "" then return "item_name_invalid", "it is empty" end
  if name:find("[%z\1-\31\127]") then
    return "item_name_invalid", "it has a control character in it"
  end
  if not characters then return "item_name_invalid", "it isn't UTF-8" end
  if characters > MAX_CHARACTERS then
    return "item_name_too_long",
      ("it has %d characters, and Box takes %d")
        :format(characters, MAX_CHARACTERS)
  end
  if name:find("[/\\]") then
    return "item_name_invalid", "it has a slash or a backslash in it"
  end
  if name == "." or name == ".." then
    return "item_name_invalid", "it names a folder"
  end
  if name:find(" $") then
    return "item_name_invalid", "it ends with a space"
  end
  return nil
end

-- In characters. A longer suffix after a dot is no extension.
local MAX_EXTENSION = 32

-- Returns the first `count` characters of UTF-8 text.
local function first_characters(characters, count)
  for _ = count + 1, text.characters(characters) do
    characters = characters:gsub("[^\128-\191][\128-\191]*$", "")
  end
  return characters
end

--- Returns the name with a number before its extension, "name (1).ext",
--- shortened to the length that Box allows.
---@param name string  one that Box accepts
---@param number integer
---@return string
function M.numbered(name, number)
  local stem, extension = name:match("^(.+)(%.[^.]+)$")
  if not stem or text.characters(extension) > MAX_EXTENSION then
    stem, extension = name, ""
  end
  local suffix = (" (%d)"):format(number)
  local available = MAX_CHARACTERS - #suffix - text.characters(extension)
  return first_characters(stem, available) .. suffix .. extension
end

return M
