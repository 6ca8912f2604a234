-- retry: what may be sent again, and after how long.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

local BASE = 1 -- seconds before the first repetition, at most
local CEILING = 60
-- A service that wants a longer pause gets an end of the call instead: the
-- caller sees err.retry_after and decides.
local PATIENCE = 300

-- Not math.random: its state belongs to the host, and 5.1's isn't seeded.
local function uniform()
  return tonumber(core.random(4), 16) / 4294967296
end

--- Exponential with full jitter: anything from 0 to the doubled bound.
---@param attempt integer  1 for the first repetition
---@return number seconds
function M.backoff(attempt)
  return uniform() * math.min(CEILING, BASE * 2 ^ (attempt - 1))
end

local function is_safe(err, idempotent)
  if err.action == "retry" or err.action == "wait" then return true end
  return err.action == "again" and idempotent
end

--- Seconds to wait before the request is sent again; nil: it is not.
---@param err boxupload.Error
---@param attempt integer     1 for the first repetition
---@param retries integer     how many repetitions there may be
---@param idempotent boolean  sent twice it does no more than sent once
---@return number? seconds
function M.delay(err, attempt, retries, idempotent)
  if attempt > retries or not is_safe(err, idempotent) then return nil end
  local asked = err.retry_after or 0
  if asked > PATIENCE then return nil end
  return math.max(asked, M.backoff(attempt))
end

return M
