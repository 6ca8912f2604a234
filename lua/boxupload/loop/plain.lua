-- plain: waits with poll(2), for scripts without an event loop.
-- SPDX-License-Identifier: MIT

local M = {}

--- Waits until the queue has something, the time is over or a signal arrives:
--- the interpreter's handler for Ctrl-C only runs once control is back in Lua.
---@param queue userdata
---@param seconds number?  nil: without a limit
function M.wait(queue, seconds)
  local received, problem = queue:wait(seconds)
  -- Such as in a forked child: the parent's queue never gets anything here.
  if received == nil then error(problem, 0) end
end

return M
