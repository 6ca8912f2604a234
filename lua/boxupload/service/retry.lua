-- retry: which requests are retried, after how long, and how often.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

local MAX_BACKOFF = 60 -- seconds
-- Seconds. When the service asks for a longer pause, the call fails instead:
-- the caller sees err.retry_after and decides.
local MAX_RETRY_AFTER = 300

-- Not math.random: its state belongs to the host, and Lua 5.1 doesn't seed it.
-- OpenSSL can run out of memory; then the clock's fraction has to do.
local function uniform()
  local bytes = core.random(4)
  return bytes and tonumber(bytes, 16) / 4294967296 or core.now() % 1
end

-- How often Box may answer 401 to one request before that is final. Good
-- tokens are refused now and then, even several times in a row
-- (box-windows-sdk-v2#507, #791, box-node-sdk#157), and a new one may not be
-- known to all of Box's servers yet. A fixed token may as well have expired.
local MAX_REFUSALS, MAX_REFUSALS_OF_FIXED = 6, 2

--- Returns a delay by exponential backoff with full jitter: a random time from
--- 0 to a bound that doubles with each attempt.
---@param attempt integer  1 for the first retry
---@param base number      the first bound, in seconds
---@return number seconds
function M.backoff(attempt, base)
  return uniform() * math.min(MAX_BACKOFF, base * 2 ^ (attempt - 1))
end

---@class boxupload.Budget
---@field left integer   retries left
---@field spent integer  retries so far
---@field invalid_replies table<string, integer>  number of invalid responses
--- since a part was last stored, by operation
local Budget = {}
Budget.__index = Budget

--- Makes a budget for the retries of all requests of one upload. Each stored
--- part gives one retry back, so a long upload over a bad connection continues
--- as long as it makes progress.
---@param size integer  retries
---@return boxupload.Budget
function M.budget(size)
  return setmetatable({
    size = size, left = size, spent = 0, invalid_replies = {},
  }, Budget)
end

--- Takes one retry; returns false when none is left.
---@return boolean
function Budget:take()
  if self.left <= 0 then return false end
  self.left, self.spent = self.left - 1, self.spent + 1
  return true
end

--- Gives one retry back, after a part was stored.
function Budget:give_back()
  self.left, self.invalid_replies = math.min(self.size, self.left + 1), {}
end

-- How often an upload begins anew, or a step of it, whatever the reasons are:
-- a taken name, another minimum size, a lost session, a changed file, other
-- etags, parts that Box misses.
local MAX_RESTARTS = 3

--- Whether to begin anew; then tells of it, and waits first. The first time
--- is at once, since one reason is ordinary.
---@param caller boxupload.Caller
---@param reason string
---@return boolean
function M.begin_anew(caller, reason)
  local count = (caller.restarts or 0) + 1
  if count > MAX_RESTARTS then return false end
  caller.restarts = count
  if caller.event then
    caller:event { event = "restart", reason = reason }
  end
  if count > 1 then
    caller.waiter:sleep(M.backoff(count, caller.client.retry_delay), reason)
  end
  return true
end

-- A server that sends more invalid responses in a row isn't Box.
local MAX_INVALID_REPLIES = 3

local function has_too_many_invalid_replies(caller, err, attempt)
  if err.code ~= "invalid_reply" then return false end
  if not caller.budget then return attempt > MAX_INVALID_REPLIES end
  local counts = caller.budget.invalid_replies
  counts[err.operation] = (counts[err.operation] or 0) + 1
  return counts[err.operation] > MAX_INVALID_REPLIES
end

local ALWAYS_SAFE = { retry = true, wait = true }
local SAFE_IF_IDEMPOTENT = { retry_if_safe = true, reconcile = true }

local function is_safe(err, idempotent)
  return ALWAYS_SAFE[err.action] or
    idempotent and SAFE_IF_IDEMPOTENT[err.action]
end

-- Takes a retry from the budget and tells of it. Returns the seconds to wait
-- for it.
local function pause(caller, err, attempt, at_least)
  local client = caller.client
  if at_least > MAX_RETRY_AFTER then return nil end
  if caller.budget and not caller.budget:take() then return nil end
  local delay = math.max(at_least, M.backoff(attempt, client.retry_delay))
  if err.status == 429 then client.engine:back_off(delay) end
  if caller.event then
    caller:event {
      event = "retry", operation = err.operation, attempt = attempt,
      delay = delay, kind = err.kind, code = err.code, status = err.status,
      message = err.message,
    }
  end
  return delay
end

--- Returns the seconds to wait before a retry; nil: no retry. After a 429 the
--- engine sends no request of this client for that long.
---@param caller boxupload.Caller
---@param err boxupload.Error
---@param attempt integer     1 for the first retry
---@param idempotent boolean  sending it twice does no harm
---@return number? seconds
function M.delay(caller, err, attempt, idempotent)
  local client = caller.client
  if attempt > client.retries or not is_safe(err, idempotent) then
    return nil
  end
  if has_too_many_invalid_replies(caller, err, attempt) then return nil end
  return pause(caller, err, attempt, err.retry_after or 0)
end

---@class boxupload.Refusals  the 401s to one request
---@field count integer
---@field pauses integer
---@field renewed boolean?    there has been another token

--- The 401s to a request that hasn't been sent yet.
---@return boxupload.Refusals
function M.no_refusals()
  return { count = 0, pauses = 0 }
end

--- Returns the seconds to wait before a request that was answered 401 is sent
--- again; nil: that is final. Only the first 401 is followed at once by a new
--- token: what helps against one to a new token is time.
---@param caller boxupload.Caller
---@param err boxupload.Error
---@param token string  that the request carried
---@param refusals boxupload.Refusals  of the request; counts this one
---@return number? seconds
function M.delay_after_refusal(caller, err, token, refusals)
  local client = caller.client
  local is_other = client.auth:refused(token)
  refusals.count = refusals.count + 1
  refusals.renewed = refusals.renewed or is_other
  local can_renew = refusals.renewed or client.auth.can_renew
  if refusals.count >=
     (can_renew and MAX_REFUSALS or MAX_REFUSALS_OF_FIXED) then
    return nil
  end
  if is_other and refusals.count == 1 then return 0 end
  refusals.pauses = refusals.pauses + 1
  if refusals.pauses > client.retries then return nil end
  return pause(caller, err, refusals.pauses,
    math.max(err.retry_after or 0, client.retry_delay / 2))
end

return M
