-- format: formats sizes, durations and counts for people.
-- SPDX-License-Identifier: MIT

local M = {}

local UNITS = { "KiB", "MiB", "GiB", "TiB" }

-- The unit for a number of bytes, and its size in bytes.
local function unit_of(bytes)
  local unit, size = 0, 1
  while bytes / size >= 1024 and unit < #UNITS do
    unit, size = unit + 1, size * 1024
  end
  return UNITS[unit] or "B", size
end

local function scaled(bytes, size)
  return (size == 1 and "%.0f" or "%.1f"):format(bytes / size)
end

--- Formats bytes as "12.3 MiB".
---@param bytes number
---@return string
function M.size(bytes)
  local unit, size = unit_of(bytes)
  return scaled(bytes, size) .. " " .. unit
end

--- Formats bytes done and total bytes as "1.5/12.3 MiB".
---@param part number
---@param whole number
---@return string
function M.share(part, whole)
  local unit, size = unit_of(whole)
  return ("%s/%s %s"):format(scaled(part, size), scaled(whole, size), unit)
end

--- Formats seconds as "1:02:03" or "2:03".
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

--- Formats a count as "1 file" or "2 files".
---@param count integer
---@param noun string
---@return string
function M.count(count, noun)
  return ("%d %s%s"):format(count, noun, count == 1 and "" or "s")
end

--- Rounds down; an empty file counts as 100%.
---@param part number
---@param whole number
---@return integer
function M.percent(part, whole)
  return whole > 0 and math.floor(100 * part / whole) or 100
end

return M
