-- retry: what may be sent again, after how long, and how often.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

local CEILING = 60 -- seconds that a pause of our own choosing may last
-- A service that wants a longer pause gets an end of the call instead: the
-- caller sees err.retry_after and decides.
local PATIENCE = 300

-- Not math.random: its state belongs to the host, and 5.1's isn't seeded.
local function uniform()
  return tonumber(core.random(4), 16) / 4294967296
end

--- Another token may have run out on the way too, but a request that is
--- refused with so many is refused.
M.TOKENS = 8

--- Exponential with full jitter: anything from 0 to the doubled bound.
---@param attempt integer  1 for the first repetition
---@param base number      seconds that the first may take at most
---@return number seconds
function M.backoff(attempt, base)
  return uniform() * math.min(CEILING, base * 2 ^ (attempt - 1))
end

---@class boxupload.Budget
---@field left integer   repetitions that are left
---@field spent integer  repetitions so far
---@field senseless table<string, integer>  answers without sense since a
--- part was stored, by operation
local Budget = {}
Budget.__index = Budget

--- What all requests of one upload may repeat together. Each part that gets
--- stored gives one back, so a long upload over a bad line goes on as long
--- as it gets anywhere.
---@param size integer
---@return boxupload.Budget
function M.budget(size)
  return setmetatable({
    size = size, left = size, spent = 0, senseless = {},
  }, Budget)
end

function Budget:take()
  if self.left <= 0 then return false end
  self.left, self.spent = self.left - 1, self.spent + 1
  return true
end

function Budget:give_back()
  self.left, self.senseless = math.min(self.size, self.left + 1), {}
end

-- A server that answers no sense more often than this isn't Box.
local SENSELESS = 3

local function is_senseless(caller, err, attempt)
  if err.code ~= "invalid_reply" then return false end
  if not caller.budget then return attempt > SENSELESS end
  local counts = caller.budget.senseless
  counts[err.operation] = (counts[err.operation] or 0) + 1
  return counts[err.operation] > SENSELESS
end

local SAFE = { retry = true, wait = true }
local SAFE_IF_IDEMPOTENT = { again = true, reconcile = true }

local function is_safe(err, idempotent)
  return SAFE[err.action] or idempotent and SAFE_IF_IDEMPOTENT[err.action]
end

--- Seconds to wait before the request is sent again; nil: it is not. A 429
--- keeps the whole client quiet for that long.
---@param caller boxupload.Caller
---@param err boxupload.Error
---@param attempt integer     1 for the first repetition
---@param idempotent boolean  sent twice it does no more than sent once
---@return number? seconds
function M.delay(caller, err, attempt, idempotent)
  local client = caller.client
  if attempt > client.retries or not is_safe(err, idempotent) then
    return nil
  end
  if is_senseless(caller, err, attempt) then return nil end
  local asked = err.retry_after or 0
  if asked > PATIENCE then return nil end
  if caller.budget and not caller.budget:take() then return nil end
  local delay = math.max(asked, M.backoff(attempt, client.retry_delay))
  if err.status == 429 then client.engine:hold(delay) end
  if caller.event then
    caller:event {
      event = "retry", operation = err.operation, attempt = attempt,
      delay = delay, kind = err.kind, code = err.code, status = err.status,
      message = err.message,
    }
  end
  return delay
end

return M
