-- timestamp: formats RFC 3339 dates for Box, and parses those and HTTP dates.
-- SPDX-License-Identifier: MIT

local M = {}

local MONTHS = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6,
  Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

--- Formats a time as RFC 3339 in UTC with whole seconds: Box refuses
--- fractions of a second. Returns nil before 1970: Box answers those with 400.
---@param seconds number  since 1970
---@return string? text
function M.format(seconds)
  if seconds < 0 then return nil end
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds))
end

--- Returns whether the text has the form of an RFC 3339 date and time.
---@param text string
---@return boolean
function M.is_rfc3339(text)
  local zone = text:match("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d(.*)$")
  zone = zone and zone:gsub("^%.%d+", "")
  return zone == "Z" or
    (zone ~= nil and zone:find("^[+-]%d%d:%d%d$") ~= nil)
end

-- Days in the Gregorian calendar. Years are counted from March, so that the
-- leap day comes last.
local function days_since_1970(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local leaps = math.floor(year / 4) - math.floor(year / 100) +
    math.floor(year / 400)
  return 365 * year + leaps + math.floor((153 * (month - 3) + 2) / 5) +
    day - 719469
end

local function http_seconds(day, month, year, hour, minute, second)
  local month_number = MONTHS[month]
  if not month_number then return nil end
  return days_since_1970(tonumber(year), month_number, tonumber(day)) * 86400 +
    tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second)
end

--- Parses an RFC 3339 date and time; a fraction of a second is dropped.
---@param text any
---@return number? seconds  since 1970; nil for anything else
function M.parse_rfc3339(text)
  if type(text) ~= "string" or not M.is_rfc3339(text) then return nil end
  local year, month, day, hour, minute, second =
    text:match("^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)")
  local sign, h, m = text:match("([+-])(%d%d):(%d%d)$")
  local zone_offset = sign and (tonumber(h) * 60 + tonumber(m)) * 60 or 0
  if sign == "-" then zone_offset = -zone_offset end
  local days = days_since_1970(tonumber(year), tonumber(month), tonumber(day))
  return days * 86400 + tonumber(hour) * 3600 + tonumber(minute) * 60 +
    tonumber(second) - zone_offset
end

-- RFC 9110, section 5.6.7: a two-digit year that seems more than 50 years
-- ahead is in the past. A fixed limit of 2070 is enough for Retry-After.
local function full_year(two_digits)
  local year = tonumber(two_digits)
  return year < 70 and year + 2000 or year + 1900
end

--- Parses an HTTP date in any of the three forms of RFC 9110, section 5.6.7.
---@param text string
---@return number? seconds  since 1970; nil for anything else
function M.parse_http(text)
  local time_pattern = "(%d%d):(%d%d):(%d%d)"
  local day, month, year, h, m, s =
    text:match("^%a+, (%d%d) (%a%a%a) (%d%d%d%d) " .. time_pattern .. " GMT$")
  if day then return http_seconds(day, month, year, h, m, s) end
  day, month, year, h, m, s =
    text:match("^%a+, (%d%d)%-(%a%a%a)%-(%d%d) " .. time_pattern .. " GMT$")
  if day then return http_seconds(day, month, full_year(year), h, m, s) end
  month, day, h, m, s, year =
    text:match("^%a%a%a (%a%a%a) ([ %d]%d) " .. time_pattern .. " (%d%d%d%d)$")
  if day then return http_seconds(day, month, year, h, m, s) end
  return nil
end

return M
