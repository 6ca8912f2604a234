-- attempt: whether a request goes again that may have been done unheard.
-- SPDX-License-Identifier: MIT

local retry = require "boxupload.retry"

local M = {}

-- The answer came, and makes no sense: from a proxy, or cut. A service that
-- answers so time after time isn't Box.
local GARBLED = { invalid_reply = true, limit = true }
local GARBLED_ATTEMPTS = 3

--- Whether the error leaves it open what the service has done.
---@param err boxupload.Error
---@return boolean
function M.is_doubtful(err)
  return err.action == "again" or GARBLED[err.code] == true
end

--- Seconds until the request may go again after a doubtful error; nil: it
--- has gone often enough.
---@param caller boxupload.Caller
---@param err boxupload.Error
---@param attempt integer  1 for the first repetition
---@return number? seconds
function M.delay(caller, err, attempt)
  if GARBLED[err.code] then
    if attempt > GARBLED_ATTEMPTS then return nil end
    err.action, err.retryable = "again", true
  end
  return retry.delay(caller, err, attempt, true)
end

return M
