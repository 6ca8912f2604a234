-- token_cache: an access token until it expires; one request renews it for
-- everyone who needs it.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local native_coroutine = require "boxupload.util.native_coroutine"
local options = require "boxupload.util.options"
local usage_error = require "boxupload.util.usage_error"
local waiter = require "boxupload.loop.waiter"

local M = {}

local RENEW_BEFORE = 300
-- A token that lives for less than four times `renew_before` is renewed when
-- a quarter of its life is left.
local FRACTION = 0.25
-- After an early renewal that failed, seconds until the next one.
local PAUSE = 10
-- Those who wait for another's request look this often whether it is over.
local POLL_FIRST, POLL_MOST = 0.001, 0.05

--- The options of every way to sign in that caches its token.
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
---@class boxupload.Renewal
local Renewal = {}
Renewal.__index = Renewal

local function start_renewal(cache, client)
  local queue = client.engine:queue()
  local caller = { client = client, waiter = waiter.yielding(queue, client) }
  local self = setmetatable({
    client = client, queue = queue, release = cache.release,
  }, Renewal)
  -- What came of it is noted in here: who drives it may be interrupted.
  self.thread = native_coroutine.create(function()
    self.grant, self.message, self.err = cache.fetch(caller)
    self.ended = true
  end)
  return self
end

local function resume(self)
  local ok, problem = native_coroutine.resume(self.thread)
  if ok then return end
  self.raised = problem == nil and "nil" or problem
end

--- Goes on with it; true once it has ended.
function Renewal:step()
  if self.ended then return true end
  local status = native_coroutine.status(self.thread)
  if status == "running" or status == "normal" then
    usage_error.raise("a function that signs in used the client that waits " ..
      "for it")
  end
  if not self.client.closed then waiter.drain(self.queue) end
  if status == "suspended" then resume(self) end
  if native_coroutine.status(self.thread) == "dead" and not self.ended then
    if self.release then self.release() end
    self.ended = true
  end
  return self.ended or false
end

---@class boxupload.TokenCache : boxupload.Auth
local TokenCache = {}
TokenCache.__index = TokenCache
TokenCache.__tostring = function(self)
  return ("boxupload.auth.%s (hidden)"):format(self.name)
end

--- An object that gets tokens by `fetch`, which runs in a coroutine and waits
--- with the caller that it is given.
---@param name string
---@param renew_before number  seconds
---@param fetch fun(caller: boxupload.Caller): boxupload.Grant?, string?, any
---@param release fun()?  gives free what a fetch held that raised an error
---@return boxupload.TokenCache
function M.new(name, renew_before, fetch, release)
  return setmetatable({
    name = name, renew_before = renew_before, fetch = fetch,
    release = release, warnings = {},
  }, TokenCache)
end

--- Begins with a token that an earlier process got.
---@param grant boxupload.Grant
function TokenCache:set(grant)
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

local function finish_renewal(self, renewal)
  if self.renewal ~= renewal then return end
  if renewal.grant then
    self:set(renewal.grant)
  elseif is_good(self, core.now()) then
    self.renew_at = core.now() + PAUSE
  end
  self.renewal = nil
end

local function closed()
  return failure.returns(failure.of("canceled", "canceled", "signing in",
    "the client was closed"))
end

-- Waits for the renewal, by driving it.
local function await_renewal(self, renewal, caller)
  local pause = POLL_FIRST
  while not renewal:step() do
    if caller.client.closed then return closed() end
    caller.waiter:pause(core.now() + pause)
    pause = math.min(2 * pause, POLL_MOST)
  end
  finish_renewal(self, renewal)
  local raised = renewal.raised
  if raised ~= nil then
    renewal.raised = nil
    error(raised, 0)
  end
  if renewal.grant then return renewal.grant.access_token end
  if is_good(self, core.now()) then return self.value end
  -- Others have heard what it raised.
  if not renewal.err or
     renewal.client.closed and not caller.client.closed then
    return self:token(caller)
  end
  return nil, renewal.message, renewal.err
end

--- The token for the next request; waits where a new one has to be got.
---@param caller boxupload.Caller
---@return string? token, string? message, boxupload.Error? err
function TokenCache:token(caller)
  -- An interrupt may have kept an ended renewal from being finished.
  if self.renewal and self.renewal.ended then
    finish_renewal(self, self.renewal)
  end
  if not is_due(self, core.now()) then return self.value end
  local renewal = self.renewal
  -- That of a client that was closed comes to nothing.
  if renewal and renewal.client.closed then
    self:client_closed(renewal.client)
    renewal = nil
  end
  if renewal and not renewal:step() and is_good(self, core.now()) then
    return self.value
  end
  if not renewal then
    renewal = start_renewal(self, caller.client)
    self.renewal = renewal
  end
  return await_renewal(self, renewal, caller)
end

-- Lets a renewal see that its client was closed, and clear up.
local STEPS = 16

--- Hears that a client was closed.
---@param client boxupload.Client
function TokenCache:client_closed(client)
  local renewal = self.renewal
  if not renewal or renewal.client ~= client then return end
  self.renewal = nil
  if native_coroutine.status(renewal.thread) ~= "suspended" then return end
  local steps = 0
  -- An answer that came meanwhile may have a refresh token in it, which
  -- nobody can get again.
  waiter.drain(renewal.queue)
  while steps < STEPS and not renewal:step() do steps = steps + 1 end
  if renewal.grant then self:set(renewal.grant) end
end

--- Hears of a 401.
---@param token string
---@param again boolean  to a request that has had one before
---@return boolean  whether the request should be sent with another token
function TokenCache:refused(token, again)
  if token ~= self.value then return true end
  -- Its time may have ended on the way.
  local over = self.renew_at ~= nil and core.now() >= self.renew_at
  if again and not over then return false end
  self.dead = true
  return true
end

return M
