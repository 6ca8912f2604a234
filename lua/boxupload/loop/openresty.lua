-- openresty: waits in nginx with lua-nginx-module, and lets the worker go on.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local usage_error = require "boxupload.util.usage_error"

local M = {}

-- nginx has no way for another thread to wake its loop, so the queue is
-- looked at at intervals that grow from FIRST to MOST seconds. Parts are kept
-- ready ahead, so the network doesn't stand still meanwhile.
local FIRST, MOST, GROWTH = 0.001, 0.05, 1.5

--- The worker's other requests come before uploads where processors are busy.
M.nice = 5

-- The phases in which nginx lets Lua wait.
local WAITING = {
  server_rewrite = true, rewrite = true, access = true, content = true,
  timer = true, preread = true, ssl_cert = true, ssl_session_fetch = true,
  ssl_client_hello = true,
}

--- Raises in a phase in which nothing can be waited for.
function M.check()
  local phase = ngx.get_phase()
  if WAITING[phase] then return end
  usage_error.raise(("nginx can't wait in the phase %s: start the upload " ..
    "in a timer (ngx.timer.at(0, function() … end))"):format(phase))
end

-- Another coroutine may have closed the client, and its queues with it: then
-- there is nothing left to wait for.
local function is_over(queue)
  local open, readable = pcall(queue.wait, queue, 0)
  return not open or readable
end

--- Returns when something can be taken from the queue or when the time is
--- over; and "exiting" once the worker is to end. It yields at least once, so
--- that a busy queue leaves the worker to others too.
---@param queue userdata
---@param seconds number?  nil: without a limit
---@return "exiting"?
function M.wait(queue, seconds)
  local now = core.now()
  local deadline = now + (seconds or math.huge)
  local pause = FIRST
  repeat
    -- Not 0, of which an nginx without OpenResty's patches complains.
    ngx.sleep(math.max(FIRST, math.min(pause, deadline - now)))
    pause = math.min(MOST, pause * GROWTH)
    now = core.now()
    if ngx.worker.exiting() then return "exiting" end
  until now >= deadline or is_over(queue)
end

return M
