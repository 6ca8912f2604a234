-- lease: an access token for a while, got anew by one request for all who
-- need it.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.failure"
local misuse = require "boxupload.misuse"
local options = require "boxupload.options"
local thread = require "boxupload.thread"
local waiter = require "boxupload.waiter"

local M = {}

local RENEW_BEFORE = 300
-- A token that lives for less than four times `renew_before` is renewed when
-- a quarter of its life is left.
local FRACTION = 0.25
-- After an early renewal that failed, seconds until the next one.
local PAUSE = 10
-- Those who wait for another's request look this often whether it is over.
local POLL_FIRST, POLL_MOST = 0.001, 0.05

--- What every way with a lease takes.
M.options = {
  renew_before = { type = "number", check = options.seconds,
    default = RENEW_BEFORE },
}

---@class boxupload.Grant         what Box gave
---@field access_token string
---@field expires_in number?      seconds
---@field refresh_token string?

-- One renewal under way. It is a coroutine with a queue of its own, which
-- whoever waits for it drives: it goes on when the upload that began it is
-- cancelled, or isn't stepped any more.
---@class boxupload.Flight
local Flight = {}
Flight.__index = Flight

local function take_off(lease, client)
  local queue = client.engine:queue()
  local caller = { client = client, waiter = waiter.yielding(queue, client) }
  local self = setmetatable({
    client = client, queue = queue, release = lease.release,
  }, Flight)
  -- What came of it is noted in here: who drives it may be interrupted.
  self.thread = thread.create(function()
    self.grant, self.message, self.err = lease.fetch(caller)
    self.ended = true
  end)
  return self
end

local function resume(self)
  local ok, problem = thread.resume(self.thread)
  if ok then return end
  self.raised = problem == nil and "nil" or problem
end

--- Goes on with it; true once it has ended.
function Flight:step()
  if self.ended then return true end
  local status = thread.status(self.thread)
  if status == "running" or status == "normal" then
    misuse.raise("a function that signs in used the client that waits for it")
  end
  if not self.client.closed then waiter.drain(self.queue) end
  if status == "suspended" then resume(self) end
  if thread.status(self.thread) == "dead" and not self.ended then
    if self.release then self.release() end
    self.ended = true
  end
  return self.ended or false
end

---@class boxupload.Lease : boxupload.Auth
local Lease = {}
Lease.__index = Lease
Lease.__tostring = function(self)
  return ("boxupload.auth.%s (hidden)"):format(self.name)
end

--- An object that gets tokens by `fetch`, which runs in a coroutine and waits
--- with the caller that it is given.
---@param name string
---@param renew_before number  seconds
---@param fetch fun(caller: boxupload.Caller): boxupload.Grant?, string?, any
---@param release fun()?  gives free what a fetch held that raised an error
---@return boxupload.Lease
function M.new(name, renew_before, fetch, release)
  return setmetatable({
    name = name, renew_before = renew_before, fetch = fetch,
    release = release, warnings = {},
  }, Lease)
end

--- Begins with a token that an earlier process got.
---@param grant boxupload.Grant
function Lease:take(grant)
  local life, now = grant.expires_in, core.now()
  self.value, self.dead = grant.access_token, false
  self.renew_at = life and
    now + life - math.min(self.renew_before, life * FRACTION)
  self.ends_at = life and now + life
end

local function is_due(self, now)
  return self.dead or not self.value or
    self.renew_at ~= nil and now >= self.renew_at
end

-- Whether the token that is there would still do.
local function is_good(self, now)
  return self.value ~= nil and not self.dead and
    (self.ends_at == nil or now < self.ends_at)
end

local function land(self, flight)
  if self.flight ~= flight then return end
  if flight.grant then
    self:take(flight.grant)
  elseif is_good(self, core.now()) then
    self.renew_at = core.now() + PAUSE
  end
  self.flight = nil
end

local function closed()
  return failure.returns(failure.of("canceled", "canceled", "signing in",
    "the client was closed"))
end

-- Waits for the flight, by driving it.
local function ride(self, flight, caller)
  local pause = POLL_FIRST
  while not flight:step() do
    if caller.client.closed then return closed() end
    caller.waiter:pause(core.now() + pause)
    pause = math.min(2 * pause, POLL_MOST)
  end
  land(self, flight)
  local raised = flight.raised
  if raised ~= nil then
    flight.raised = nil
    error(raised, 0)
  end
  if flight.grant then return flight.grant.access_token end
  if is_good(self, core.now()) then return self.value end
  -- Others have heard what it raised.
  if not flight.err or
     flight.client.closed and not caller.client.closed then
    return self:token(caller)
  end
  return nil, flight.message, flight.err
end

--- The token for the next request; waits where a new one has to be got.
---@param caller boxupload.Caller
---@return string? token, string? message, boxupload.Error? err
function Lease:token(caller)
  -- An interrupt may have kept it up in the air.
  if self.flight and self.flight.ended then land(self, self.flight) end
  if not is_due(self, core.now()) then return self.value end
  local flight = self.flight
  -- That of a client that was closed comes to nothing.
  if flight and flight.client.closed then
    self:left(flight.client)
    flight = nil
  end
  if flight and not flight:step() and is_good(self, core.now()) then
    return self.value
  end
  if not flight then
    flight = take_off(self, caller.client)
    self.flight = flight
  end
  return ride(self, flight, caller)
end

-- Lets a renewal see that its client was closed, and clear up.
local STEPS = 16

--- Hears that a client was closed.
---@param client boxupload.Client
function Lease:left(client)
  local flight = self.flight
  if not flight or flight.client ~= client then return end
  self.flight = nil
  if thread.status(flight.thread) ~= "suspended" then return end
  local steps = 0
  -- An answer that came meanwhile may have a refresh token in it, which
  -- nobody can get again.
  waiter.drain(flight.queue)
  while steps < STEPS and not flight:step() do steps = steps + 1 end
  if flight.grant then self:take(flight.grant) end
end

--- Hears of a 401.
---@param token string
---@param again boolean  to a request that has had one before
---@return boolean  whether the request should be sent with another token
function Lease:refused(token, again)
  if token ~= self.value then return true end
  -- Its time may have ended on the way.
  local over = self.renew_at ~= nil and core.now() >= self.renew_at
  if again and not over then return false end
  self.dead = true
  return true
end

return M
