-- limits: limits for all clients of the process together.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local options = require "boxupload.util.options"

local M = {}

-- The core's limit for connections and requests.
local MAX_LIMIT = 2 ^ 31 - 1

local function check_range(value)
  if value >= 0 and value <= MAX_LIMIT then return nil end
  return ("must be from 0 (no limit) to %d"):format(MAX_LIMIT)
end

local LIMITS = {
  connections = { type = "number", check = function(value)
    return options.whole(0)(value) or check_range(value)
  end },
  bytes_per_second = { type = "number", check = options.whole(0) },
  requests_per_minute = { type = "number", check = check_range },
}

---@class boxupload.Limits
---@field connections integer?         requests in progress at once
---@field bytes_per_second integer?    sent in request bodies
---@field requests_per_minute number?  started, evenly spaced

--- Sets the given limits, also for running transfers, and returns all limits;
--- 0 means no limit.
---@param given boxupload.Limits?
---@return boxupload.Limits
function M.set(given)
  return core.limits(options.check(LIMITS, given, "boxupload.limits"))
end

return M
