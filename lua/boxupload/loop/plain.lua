-- plain: waits in a script that has no event loop: poll(2).
-- SPDX-License-Identifier: MIT

local M = {}

--- Returns when something can be taken from the queue, when the time is
--- over, or when a signal came, so that Lua's own handlers get their turn.
---@param queue userdata
---@param seconds number?  nil: without a limit
function M.wait(queue, seconds)
  local came, problem = queue:wait(seconds)
  -- Of a parent process, say: nothing will ever come.
  if came == nil then error(problem, 0) end
end

return M
