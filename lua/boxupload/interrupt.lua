-- interrupt: Ctrl-C, as the standalone interpreter reports it.
-- SPDX-License-Identifier: MIT

local M = {}

--- Whether an error is the interpreter's answer to an interrupt, which may be
--- raised wherever Lua code runs.
---@param problem any  what pcall gave
---@return boolean
function M.is(problem)
  return tostring(problem):find("interrupted!", 1, true) ~= nil
end

return M
