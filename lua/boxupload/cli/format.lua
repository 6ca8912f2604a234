-- format: sizes, rates and times for people to read.
-- SPDX-License-Identifier: MIT

local M = {}

local UNITS = { "KiB", "MiB", "GiB", "TiB" }

--- Bytes as "12.3 MiB".
---@param bytes number
---@return string
function M.size(bytes)
  if bytes < 1024 then return ("%.0f B"):format(bytes) end
  local unit = 0
  repeat
    bytes, unit = bytes / 1024, unit + 1
  until bytes < 1024 or unit == #UNITS
  return ("%.1f %s"):format(bytes, UNITS[unit])
end

--- Seconds as "1:02:03" or "2:03".
---@param seconds number
---@return string
function M.duration(seconds)
  seconds = math.floor(seconds + 0.5)
  local hours = math.floor(seconds / 3600)
  local minutes = math.floor(seconds / 60) % 60
  if hours > 0 then
    return ("%d:%02d:%02d"):format(hours, minutes, seconds % 60)
  end
  return ("%d:%02d"):format(minutes, seconds % 60)
end

--- A number of things: "1 file", "2 files".
---@param number integer
---@param noun string
---@return string
function M.count(number, noun)
  return ("%d %s%s"):format(number, noun, number == 1 and "" or "s")
end

--- Hundredths of the whole; nothing of nothing is all.
---@param part number
---@param whole number
---@return integer
function M.percent(part, whole)
  return whole > 0 and math.floor(100 * part / whole) or 100
end

return M
