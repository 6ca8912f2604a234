-- waiter: how code that talks to the service waits, whoever runs it.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local native_coroutine = require "boxupload.util.native_coroutine"

local M = {}

---@class boxupload.Waiter
---@field client boxupload.Client
---@field queue userdata  where the exchanges of this waiter come back
---@field pause fun(self, until_time: number?)  returns when something came
--- back, at the time (core.now's), or for no reason
---@field reason string?  what is being slept for
---@field wake_at number? until when
---@field exiting boolean? the host of the loop is about to end
local Waiter = {}

--- Seconds that what tidies up has when the host is about to end.
M.EXIT_GRACE = 0.4

--- Waits for an exchange; after the deadline it is cancelled, or when the
--- host is about to end: what tidies up then has a moment yet.
---@param exchange userdata
---@param deadline number?  in core.now's time
---@param tidies boolean?
---@return "done"|"late"|"exiting"|"closed" outcome  closed: the client was,
--- meanwhile
function Waiter:finish(exchange, deadline, tidies)
  local patience = core.now() + (tidies and M.EXIT_GRACE or 0)
  local outcome = "done"
  while not exchange:done() do
    if self.client.closed then return "closed" end
    local now = core.now()
    local late = deadline and now >= deadline and "late"
    local early = self.exiting and now >= patience and "exiting"
    if outcome == "done" and (late or early) then
      exchange:cancel()
      outcome, deadline = late or early, nil
    end
    self:pause(deadline)
  end
  return outcome
end

--- Sleeps, whatever else comes back meanwhile.
---@param seconds number
---@param reason string  for who looks at the progress
function Waiter:sleep(seconds, reason)
  local until_time = core.now() + seconds
  self.reason, self.wake_at = reason, until_time
  while core.now() < until_time and
        not (self.client.closed or self.exiting) do
    self:pause(until_time)
  end
  self.reason, self.wake_at = nil, nil
end

local function new(queue, client, pause)
  return {
    queue = queue, client = client, pause = pause,
    finish = Waiter.finish, sleep = Waiter.sleep,
  }
end

--- Marks what has come back as done; how many that were.
---@param queue userdata
---@param live table<userdata, true>?  what is under way: what was marked by
--- an earlier call leaves it
---@return integer count
function M.drain(queue, live)
  for exchange in pairs(live or {}) do
    if exchange:done() then live[exchange] = nil end
  end
  local count = 0
  while queue:take() do count = count + 1 end
  return count
end

--- Waits where it is called, by the client's loop adapter.
---@param queue userdata
---@param client boxupload.Client
---@return boxupload.Waiter
function M.direct(queue, client)
  return new(queue, client, function(self, until_time)
    if M.drain(queue) > 0 then return end
    local left = until_time and math.max(0, until_time - core.now())
    self.exiting = client.loop.wait(queue, left) == "exiting"
    -- Another coroutine may have closed it.
    if not client.closed then M.drain(queue) end
  end)
end

--- Waits by yielding to whoever steps the coroutine, and drains the queue.
---@param queue userdata
---@param client boxupload.Client
---@return boxupload.Waiter
function M.yielding(queue, client)
  return new(queue, client, function(_, until_time)
    native_coroutine.yield(until_time)
  end)
end

return M
