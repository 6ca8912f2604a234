-- interrupt: Ctrl-C, as the standalone interpreter reports it.
-- SPDX-License-Identifier: MIT

local M = {}

--- What it raises.
M.MESSAGE = "interrupted!"

--- Whether an error is the interpreter's answer to an interrupt, which may be
--- raised wherever Lua code runs.
---@param problem any  what pcall gave
---@return boolean
function M.is(problem)
  return tostring(problem):find(M.MESSAGE, 1, true) ~= nil
end

return M
