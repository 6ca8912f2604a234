-- transfer_rate: how fast bytes have gone of late.
-- SPDX-License-Identifier: MIT

local M = {}

local WINDOW = 10     -- seconds that the rate is taken over
local SPACING = 0.25  -- seconds between two samples

local TransferRate = {}
TransferRate.__index = TransferRate

function M.new()
  return setmetatable({ samples = {} }, TransferRate)
end

--- Notes how many bytes there were in all at a time.
---@param now number
---@param bytes number
function TransferRate:note(now, bytes)
  local samples = self.samples
  local last = samples[#samples]
  if last and now - last.time < SPACING then return end
  samples[#samples + 1] = { time = now, bytes = bytes }
  while #samples > 2 and now - samples[1].time > WINDOW do
    table.remove(samples, 1)
  end
end

--- Bytes a second from the oldest sample until now; nil before there is a
--- difference.
---@param now number
---@param bytes number
---@return number? rate
function TransferRate:rate(now, bytes)
  local first = self.samples[1]
  if not first or now - first.time < SPACING then return nil end
  return math.max(0, bytes - first.bytes) / (now - first.time)
end

return M
