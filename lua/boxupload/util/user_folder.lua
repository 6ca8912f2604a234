-- user_folder: the user's own folders, as the XDG Base Directory Specification
-- names them.
-- SPDX-License-Identifier: MIT

local M = {}

-- The specification ignores a relative path, which would be another folder
-- wherever the process runs; so it is with a relative home.
local function absolute(name)
  local value = os.getenv(name)
  return value and value:sub(1, 1) == "/" and value or nil
end

--- boxupload's folder in the one that a variable names, else in one below the
--- user's home. A folder that all users share never takes their place.
---@param variable string    "XDG_STATE_HOME", …
---@param below_home string  ".local/state", …
---@return string? folder, string? problem
function M.of(variable, below_home)
  local home = absolute "HOME"
  local base = absolute(variable) or home and home .. "/" .. below_home
  if base then return base .. "/boxupload" end
  return nil, ("set %s or HOME to the absolute path of a folder of your own")
    :format(variable)
end

return M
