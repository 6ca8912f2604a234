-- limits: limits for all clients of the process together.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local options = require "boxupload.util.options"

local M = {}

local function check_range(value)
  if value >= 0 and value <= options.MOST then return nil end
  return ("must be from 0 (no limit) to %.0f"):format(options.MOST)
end

local LIMITS = {
  connections = { type = "number", check = options.whole(0, options.MOST) },
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
