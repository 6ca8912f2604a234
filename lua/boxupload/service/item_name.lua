-- item_name: which names Box takes for a file.
-- SPDX-License-Identifier: MIT

local text = require "boxupload.util.text"

local M = {}

local MAX_CHARACTERS = 255

--- Nil when Box takes the name, else Box's code for the refusal and what is
--- wrong with it. Characters that only its documents speak against (`<`,
--- `?`, ...) are left for the service to judge.
---@param name string
---@return string? code, string? problem
function M.problem(name)
  local characters = text.characters(name)
  if name == "" then return "item_name_invalid", "it is empty" end
  if name:find("%c") then
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

-- A tail after a dot that is longer than this is no extension.
local MAX_EXTENSION = 32

-- The first so many characters of a text of UTF-8.
local function first(characters, count)
  for _ = count + 1, text.characters(characters) do
    characters = characters:gsub("[^\128-\191][\128-\191]*$", "")
  end
  return characters
end

--- The name with a number before its extension, "name (1).ext", as short as
--- Box wants it.
---@param name string  one that Box takes
---@param number integer
---@return string
function M.numbered(name, number)
  local stem, extension = name:match("^(.+)(%.[^.]+)$")
  if not stem or text.characters(extension) > MAX_EXTENSION then
    stem, extension = name, ""
  end
  local mark = (" (%d)"):format(number)
  local room = MAX_CHARACTERS - #mark - text.characters(extension)
  return first(stem, room) .. mark .. extension
end

return M
