-- limits: what all clients of the process may do together.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local options = require "boxupload.util.options"

local M = {}

local MOST = 2 ^ 31 - 1 -- that the core counts connections and requests to

local function rate(value)
  if value >= 0 and value <= MOST then return nil end
  return ("must be from 0 (no limit) to %d"):format(MOST)
end

local LIMITS = {
  connections = { type = "number", check = function(value)
    return options.whole(0)(value) or rate(value)
  end },
  bytes_per_second = { type = "number", check = options.whole(0) },
  requests_per_minute = { type = "number", check = rate },
}

---@class boxupload.Limits
---@field connections integer?         requests on the network at once
---@field bytes_per_second integer?    of bodies sent
---@field requests_per_minute number?  begun, evenly spaced

--- Sets the limits that are given, for what runs already too, and returns
--- them all; 0 is no limit.
---@param given boxupload.Limits?
---@return boxupload.Limits
function M.set(given)
  return core.limits(options.check(LIMITS, given, "boxupload.limits"))
end

return M
