-- own_file: what is wrong with a file of this machine.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

-- EACCES, wherever there is one.
local NO_ACCESS = 13

local function is_unreadable(path)
  local file, _, number = io.open(path, "rb")
  if file then file:close() end
  return not file and number == NO_ACCESS
end

--- Tells in the error of a file that couldn't be opened whether it is missing
--- or may not be read: scripts tell these apart by the exit code.
---@param err boxupload.Error  of client:start
---@param path string
---@return boxupload.Error err
function M.explain(err, path)
  if err.code ~= "system" then return err end
  local _, _, why = core.look(path, true)
  if why == "missing" then
    err.kind, err.code = "gone", "not_found"
  elseif is_unreadable(path) then
    err.kind, err.code = "denied", "not_readable"
  end
  return err
end

return M
