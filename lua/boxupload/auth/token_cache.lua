-- token_cache: caches an access token; one renewal serves all the uploads that
-- wait for it.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local native_coroutine = require "boxupload.util.native_coroutine"
local options = require "boxupload.util.options"
local usage_error = require "boxupload.util.usage_error"
local waiter = require "boxupload.loop.waiter"

local M = {}

local RENEW_BEFORE = 300 -- seconds
-- A token whose lifetime is less than four times `renew_before` is renewed
-- when a quarter of its lifetime is left.
local RENEW_FRACTION = 0.25
-- Seconds from a failed early renewal to the next attempt.
local RENEW_RETRY_DELAY = 10
-- Seconds between renewals because of refused tokens: a refresh token works
-- once, and a new token isn't better than one that was just got.
local REFUSAL_INTERVAL = 10
-- Seconds between the polls of an upload that waits for a renewal: they double
-- from the first to the second.
local MIN_POLL, MAX_POLL = 0.001, 0.05

--- The options of every way to sign in that uses a token cache.
M.options = {
  renew_before = { type = "number", check = options.seconds,
    default = RENEW_BEFORE },
}

---@class boxupload.Grant         a reply of the token endpoint
---@field access_token string
---@field expires_in number?      seconds; nil: unknown
---@field refresh_token string?

-- A renewal in progress: a coroutine with its own queue. Every upload that
-- waits for it resumes it, so it finishes even when the upload that started it
-- is cancelled or no longer stepped.
---@class boxupload.Renewal
local Renewal = {}
Renewal.__index = Renewal

local function start_renewal(cache, client)
  local queue, message, err = client:new_queue()
  if not queue then return nil, message, err end
  local caller = { client = client, waiter = waiter.yielding(queue, client) }
  local self = setmetatable({
    client = client, queue = queue, release = cache.release,
  }, Renewal)
  -- The coroutine itself records the result: an upload that resumes it may be
  -- interrupted before it can.
  self.thread = native_coroutine.create(function()
    self.grant, self.message, self.err = cache.fetch(caller)
    self.ended = true
  end)
  return self
end

local function resume_renewal(self)
  local ok, problem = native_coroutine.resume(self.thread)
  if ok then return end
  self.raised = problem == nil and "nil" or problem
end

--- Resumes the renewal without waiting. Returns true once it has ended.
---@return boolean ended
function Renewal:step()
  if self.ended then return true end
  local status = native_coroutine.status(self.thread)
  if status == "running" or status == "normal" then
    usage_error.raise("a function that signs in used the client that waits " ..
      "for it")
  end
  if not self.client.closed then waiter.drain(self.queue) end
  if status == "suspended" then resume_renewal(self) end
  if native_coroutine.status(self.thread) == "dead" and not self.ended then
    if self.release then self.release() end
    self.ended = true
  end
  return self.ended or false
end

---@class boxupload.TokenCache : boxupload.Auth
local TokenCache = { can_renew = true }
TokenCache.__index = TokenCache
TokenCache.__tostring = function(self)
  return ("boxupload.auth.%s (hidden)"):format(self.name)
end

--- A token cache that renews by calling `fetch`. It runs in a coroutine and
--- must wait with the caller passed to it.
---@param name string  of the way to sign in, for tostring
---@param renew_before number  seconds before the expiry
---@param fetch fun(caller: boxupload.Caller): boxupload.Grant?, string?, any
---@param release fun()?  called when `fetch` raised an error, to release its
--- locks
---@return boxupload.TokenCache
function M.new(name, renew_before, fetch, release)
  return setmetatable({
    name = name, renew_before = renew_before, fetch = fetch,
    release = release, warnings = {},
  }, TokenCache)
end

--- Replaces the cached token.
---@param grant boxupload.Grant
function TokenCache:set(grant)
  local lifetime, now = grant.expires_in, core.now()
  self.value, self.rejected = grant.access_token, false
  self.renew_at = lifetime and now + lifetime -
    math.min(self.renew_before, lifetime * RENEW_FRACTION)
  self.expires_at = lifetime and now + lifetime
end

local function needs_renewal(self, now)
  return self.rejected or not self.value or
    self.renew_at ~= nil and now >= self.renew_at
end

-- Whether the cached token still works, even when its renewal is due.
local function is_valid(self, now)
  return self.value ~= nil and not self.rejected and
    (self.expires_at == nil or now < self.expires_at)
end

local function finish_renewal(self, renewal)
  if self.renewal ~= renewal then return end
  if renewal.grant then
    self:set(renewal.grant)
  elseif is_valid(self, core.now()) then
    self.renew_at = core.now() + RENEW_RETRY_DELAY
  end
  self.renewal = nil
end

local function client_closed_error()
  return failure.returns(failure.of("canceled", "canceled", "signing in",
    "the client was closed"))
end

-- Waits for the renewal and resumes it meanwhile.
local function await_renewal(self, renewal, caller)
  local poll_delay = MIN_POLL
  while not renewal:step() do
    if caller.client.closed then return client_closed_error() end
    caller.waiter:pause(core.now() + poll_delay)
    poll_delay = math.min(2 * poll_delay, MAX_POLL)
  end
  finish_renewal(self, renewal)
  local raised = renewal.raised
  if raised ~= nil then
    renewal.raised = nil
    error(raised, 0)
  end
  if renewal.grant then return renewal.grant.access_token end
  if is_valid(self, core.now()) then return self.value end
  -- `fetch` raised and another upload has passed that error on, or the client
  -- that started the renewal was closed: starts over.
  if not renewal.err or
     renewal.client.closed and not caller.client.closed then
    return self:token(caller)
  end
  return nil, renewal.message, renewal.err
end

--- The token for the next request. When a renewal is due, starts it and waits
--- for the new token. While a renewal is in progress, other callers get the
--- old token as long as it works, else they wait too.
---@param caller boxupload.Caller
---@return string? token, string? message, boxupload.Error? err
function TokenCache:token(caller)
  -- An interrupt may have come between a renewal's end and its cleanup.
  if self.renewal and self.renewal.ended then
    finish_renewal(self, self.renewal)
  end
  if not needs_renewal(self, core.now()) then return self.value end
  local renewal = self.renewal
  -- A renewal needs its client's connections, and that client was closed.
  if renewal and renewal.client.closed then
    self:client_closed(renewal.client)
    renewal = nil
  end
  if renewal and not renewal:step() and is_valid(self, core.now()) then
    return self.value
  end
  if not renewal then
    local message, err
    renewal, message, err = start_renewal(self, caller.client)
    if not renewal then return nil, message, err end
    self.renewal = renewal
  end
  return await_renewal(self, renewal, caller)
end

-- Enough resumptions for a renewal to notice that its client was closed and to
-- clean up.
local CLEANUP_STEPS = 16

--- Ends the renewal that a client was running when it was closed.
---@param client boxupload.Client
function TokenCache:client_closed(client)
  local renewal = self.renewal
  if not renewal or renewal.client ~= client then return end
  self.renewal = nil
  if native_coroutine.status(renewal.thread) ~= "suspended" then return end
  local steps = 0
  -- A response that has already arrived may hold a new refresh token. The old
  -- one no longer works, so the new one must be stored.
  waiter.drain(renewal.queue)
  while steps < CLEANUP_STEPS and not renewal:step() do steps = steps + 1 end
  if renewal.grant then self:set(renewal.grant) end
end

--- Reports that Box answered 401 to a request.
---@param token string  that the request carried
---@return boolean retry  whether to send the request with another token
function TokenCache:refused(token)
  if token ~= self.value or self.rejected then return true end
  local now = core.now()
  -- The token may have run out while the request was being sent.
  local renewal_due = self.renew_at ~= nil and now >= self.renew_at
  if not renewal_due and self.refused_at and
     now < self.refused_at + REFUSAL_INTERVAL then
    return false
  end
  self.rejected, self.refused_at = true, now
  return true
end

return M
