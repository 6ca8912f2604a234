-- interrupt: Ctrl-C, as the standalone interpreter reports it.
-- SPDX-License-Identifier: MIT

local M = {}

--- The error message that lua.c raises on SIGINT.
M.MESSAGE = "interrupted!"

--- Returns whether an error comes from Ctrl-C. The interpreter raises it from
--- a debug hook, so any Lua code can be interrupted.
---@param problem any  the error that pcall caught
---@return boolean
function M.is(problem)
  return tostring(problem):find(M.MESSAGE, 1, true) ~= nil
end

--- Like pcall, but an interrupt goes on to the caller.
---@param f function
---@return boolean ok, any ...
function M.pcall(f, ...)
  local function pass_on(ok, problem, ...)
    if not ok and M.is(problem) then error(problem, 0) end
    return ok, problem, ...
  end
  return pass_on(pcall(f, ...))
end

return M
