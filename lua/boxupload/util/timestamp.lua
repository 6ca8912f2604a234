-- timestamp: formats RFC 3339 dates for Box, and parses those and HTTP dates.
-- SPDX-License-Identifier: MIT

local M = {}

local MONTHS = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6,
  Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

-- Seconds since 1970 at the end of the year 9999, the last that RFC 3339 can
-- write.
local END_OF_9999 = 253402300800

-- Days in the Gregorian calendar. Years are counted from March, so that the
-- leap day comes last.
local function days_since_1970(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local leaps = math.floor(year / 4) - math.floor(year / 100) +
    math.floor(year / 400)
  return 365 * year + leaps + math.floor((153 * (month - 3) + 2) / 5) +
    day - 719469
end

-- The reverse: the year, the month and the day.
local function date_of(days)
  local year = 1970 + math.floor(days / 365.2425)
  while days_since_1970(year, 1, 1) > days do year = year - 1 end
  while days_since_1970(year + 1, 1, 1) <= days do year = year + 1 end
  local month = 12
  while days_since_1970(year, month, 1) > days do month = month - 1 end
  return year, month, days - days_since_1970(year, month, 1) + 1
end

--- Formats a time as RFC 3339 in UTC; a fraction of a second is dropped.
--- Returns nil for a time that Box refuses: before 1970, or after 9999. Not
--- with os.date, which raises for times that the system can't represent.
---@param seconds number  since 1970
---@return string? text
function M.format(seconds)
  if not (seconds >= 0 and seconds < END_OF_9999) then return nil end
  seconds = math.floor(seconds)
  local year, month, day = date_of(math.floor(seconds / 86400))
  local of_day = seconds % 86400
  return ("%04d-%02d-%02dT%02d:%02d:%02dZ"):format(year, month, day,
    math.floor(of_day / 3600), math.floor(of_day / 60) % 60, of_day % 60)
end

local function is_calendar_date(year, month, day)
  if month < 1 or month > 12 or day < 1 then return false end
  local _, same_month = date_of(days_since_1970(year, month, day))
  return same_month == month
end

-- Returns the seconds of a time zone: Z, or an offset from UTC.
local function zone_seconds(zone)
  if zone == "Z" then return 0 end
  local sign, hours, minutes = zone:match("^([+-])(%d%d):(%d%d)$")
  if not sign then return nil end
  hours, minutes = tonumber(hours), tonumber(minutes)
  if hours > 23 or minutes > 59 then return nil end
  return (hours * 60 + minutes) * (sign == "-" and -60 or 60)
end

local FORM = "^(%d%d%d%d)%-(%d%d)%-(%d%d)T(%d%d):(%d%d):(%d%d)(%.?%d*)(.*)$"

-- Returns the seconds since 1970, and the fraction of a second as text: empty
-- or from its point on.
local function read_rfc3339(text)
  local year, month, day, hour, minute, second, fraction, zone =
    text:match(FORM)
  local from_utc = zone and zone_seconds(zone)
  if not from_utc or fraction == "." or
     fraction ~= "" and fraction:sub(1, 1) ~= "." then
    return nil
  end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  hour, minute, second = tonumber(hour), tonumber(minute), tonumber(second)
  if hour > 23 or minute > 59 or second > 59 or
     not is_calendar_date(year, month, day) then
    return nil
  end
  return days_since_1970(year, month, day) * 86400 + hour * 3600 +
    minute * 60 + second - from_utc, fraction
end

--- Returns why Box would refuse a date, or nil when it wouldn't.
---@param value string|number  RFC 3339, or seconds since 1970
---@return string? problem
function M.problem(value)
  local seconds, fraction = value, ""
  if type(value) == "string" then seconds, fraction = read_rfc3339(value) end
  if not seconds then
    return 'must be a date that exists, such as "2026-01-31T12:00:00Z" ' ..
      "(RFC 3339)"
  end
  if fraction ~= "" then return "must have whole seconds" end
  if not M.format(seconds) then
    return "must be in the years 1970 to 9999"
  end
  return nil
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
  if type(text) ~= "string" then return nil end
  return (read_rfc3339(text))
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
