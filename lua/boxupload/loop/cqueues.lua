-- cqueues: waits in a coroutine of a cqueues controller; outside of one, as a
-- plain script does.
-- SPDX-License-Identifier: MIT

local cqueues = require "cqueues"
local plain = require "boxupload.loop.plain"

local M = {}

--- Lets the controller's other coroutines run until the queue has something or
--- the time is over.
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
  -- Otherwise the controller polls the descriptor once more, and fails if it
  -- has been closed by then.
  controller:cancel(descriptor)
end

return M
