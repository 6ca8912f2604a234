-- cqueues: waits in a coroutine of a cqueues controller; outside of one, as a
-- script does.
-- SPDX-License-Identifier: MIT

local cqueues = require "cqueues"
local plain = require "boxupload.loop.plain"

local M = {}

--- Lets the controller's other coroutines run until something can be taken
--- from the queue, or the time is over.
---@param queue userdata
---@param seconds number?  nil: without a limit
function M.wait(queue, seconds)
  local controller = cqueues.running()
  if not controller then return plain.wait(queue, seconds) end
  local descriptor = assert(queue:pollfd())
  if seconds then
    cqueues.poll(queue, seconds)
  else
    cqueues.poll(queue)
  end
  -- The controller would else look at the descriptor once more, when it may
  -- be closed.
  controller:cancel(descriptor)
end

return M
