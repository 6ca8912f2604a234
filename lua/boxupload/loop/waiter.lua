-- waiter: waits for exchanges, directly or by yielding to a transfer's steps.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local native_coroutine = require "boxupload.util.native_coroutine"

local M = {}

---@class boxupload.Waiter
---@field client boxupload.Client
---@field queue userdata  gets the exchanges of this waiter when they finish
---@field pause fun(self, until_time: number?)  returns when an exchange has
--- finished, at that time (in core.now's time), or earlier
---@field reason string?  why it sleeps
---@field wake_at number? until when, in core.now's time
---@field exiting boolean? the host of the loop is about to exit
local Waiter = {}

--- Seconds that cleanup requests get when the host is about to exit.
M.EXIT_GRACE = 0.4

--- Waits for an exchange. Cancels it after the deadline, and when the host is
--- about to exit: then a cleanup request first gets EXIT_GRACE seconds more.
---@param exchange userdata
---@param deadline number?  in core.now's time
---@param is_cleanup boolean?
---@return "done"|"late"|"exiting"|"closed" outcome  "late": canceled after
--- the deadline; "exiting": canceled since the host exits; "closed": the
--- client was closed meanwhile
function Waiter:finish(exchange, deadline, is_cleanup)
  local cleanup_deadline = core.now() + (is_cleanup and M.EXIT_GRACE or 0)
  local outcome = "done"
  while not exchange:done() do
    if self.client.closed then return "closed" end
    local now = core.now()
    local late = deadline and now >= deadline and "late"
    local exiting = self.exiting and now >= cleanup_deadline and "exiting"
    if outcome == "done" and (late or exiting) then
      exchange:cancel()
      outcome, deadline = late or exiting, nil
    end
    self:pause(deadline)
  end
  return outcome
end

--- Sleeps for the whole time, even when exchanges finish meanwhile. Ends early
--- when the client is closed or the host is about to exit.
---@param seconds number
---@param reason string  shown in the transfer's progress
function Waiter:sleep(seconds, reason)
  local until_time = core.now() + seconds
  self.reason, self.wake_at = reason, until_time
  while core.now() < until_time and
        not (self.client.closed or self.exiting) do
    self:pause(until_time)
  end
  self.reason, self.wake_at = nil, nil
end

local function new_waiter(queue, client, pause)
  return {
    queue = queue, client = client, pause = pause,
    finish = Waiter.finish, sleep = Waiter.sleep,
  }
end

--- Takes all finished exchanges off the queue, which marks them as done.
---@param queue userdata
---@param in_flight table<userdata, true>?  exchanges in progress; those that
--- an earlier call marked as done are removed from it
---@return integer count  of the exchanges taken
function M.drain(queue, in_flight)
  for exchange in pairs(in_flight or {}) do
    if exchange:done() then in_flight[exchange] = nil end
  end
  local count = 0
  while queue:take() do count = count + 1 end
  return count
end

--- Makes a waiter that waits with the client's loop adapter.
---@param queue userdata
---@param client boxupload.Client
---@return boxupload.Waiter
function M.direct(queue, client)
  return new_waiter(queue, client, function(self, until_time)
    if M.drain(queue) > 0 then return end
    local left = until_time and math.max(0, until_time - core.now())
    self.exiting = client.loop.wait(queue, left) == "exiting"
    -- Another coroutine may have closed the client.
    if not client.closed then M.drain(queue) end
  end)
end

--- Makes a waiter that yields the current coroutine. The code that resumes it
--- must drain the queue.
---@param queue userdata
---@param client boxupload.Client
---@return boxupload.Waiter
function M.yielding(queue, client)
  return new_waiter(queue, client, function(_, until_time)
    native_coroutine.yield(until_time)
  end)
end

return M
