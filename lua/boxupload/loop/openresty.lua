-- openresty: waits in nginx (lua-nginx-module) without blocking the worker.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local usage_error = require "boxupload.util.usage_error"

local M = {}

-- Seconds between two checks of the queue, and the factor by which they grow.
-- lua-nginx-module has no call for waking nginx's loop from another thread, so
-- the queue is polled. The engine has the next parts ready, so the network
-- isn't idle meanwhile.
local FIRST_PAUSE, MAX_PAUSE, PAUSE_GROWTH = 0.001, 0.05, 1.5

--- Lowers the priority of the engine's threads, so that on a busy machine the
--- worker's requests come before uploads.
M.nice = 5

-- The phases in which lua-nginx-module allows ngx.sleep.
local YIELDABLE_PHASES = {
  server_rewrite = true, rewrite = true, access = true, content = true,
  timer = true, preread = true, ssl_cert = true, ssl_session_fetch = true,
  ssl_client_hello = true,
}

--- Raises in a phase that can't wait.
function M.check()
  local phase = ngx.get_phase()
  if YIELDABLE_PHASES[phase] then return end
  usage_error.raise(("nginx can't wait in the phase %s: start the upload " ..
    "in a timer (ngx.timer.at(0, function() … end))"):format(phase))
end

-- Another coroutine may have closed the client and with it the queue, whose
-- methods then raise.
local function is_closed_or_readable(queue)
  local open, readable = pcall(queue.wait, queue, 0)
  return not open or readable
end

--- Waits until the queue has something, the time is over or the worker is
--- about to exit. Yields at least once, so that a busy queue doesn't keep the
--- worker from its other requests.
---@param queue userdata
---@param seconds number?  nil: without a limit
---@return "exiting"?  when the worker is about to exit
function M.wait(queue, seconds)
  local now = core.now()
  local deadline = now + (seconds or math.huge)
  local pause = FIRST_PAUSE
  repeat
    -- Never 0: an nginx without OpenResty's patches logs an error for that.
    ngx.sleep(math.max(FIRST_PAUSE, math.min(pause, deadline - now)))
    pause = math.min(MAX_PAUSE, pause * PAUSE_GROWTH)
    now = core.now()
    if ngx.worker.exiting() then return "exiting" end
  until now >= deadline or is_closed_or_readable(queue)
end

return M
