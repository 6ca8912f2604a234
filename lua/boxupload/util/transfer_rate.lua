-- transfer_rate: the recent transfer rate.
-- SPDX-License-Identifier: MIT

local M = {}

local WINDOW = 10             -- seconds over which the rate is measured
local SAMPLE_INTERVAL = 0.25  -- seconds, at least

local TransferRate = {}
TransferRate.__index = TransferRate

function M.new()
  return setmetatable({ samples = {} }, TransferRate)
end

--- Records the total at a point in time.
---@param now number    seconds, in core.now's time
---@param bytes number  in all
function TransferRate:note(now, bytes)
  local samples = self.samples
  local last = samples[#samples]
  if last and now - last.time < SAMPLE_INTERVAL then return end
  samples[#samples + 1] = { time = now, bytes = bytes }
  while #samples > 2 and now - samples[1].time > WINDOW do
    table.remove(samples, 1)
  end
end

--- Returns the rate since the oldest sample; nil until that is at least
--- SAMPLE_INTERVAL ago.
---@param now number    seconds, in core.now's time
---@param bytes number  in all
---@return number? rate  bytes a second
function TransferRate:rate(now, bytes)
  local first = self.samples[1]
  if not first or now - first.time < SAMPLE_INTERVAL then return nil end
  return math.max(0, bytes - first.bytes) / (now - first.time)
end

return M
