-- name: which names Box takes for a file.
-- SPDX-License-Identifier: MIT

local text = require "boxupload.text"

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

return M
