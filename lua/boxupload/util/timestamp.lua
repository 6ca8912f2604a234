-- timestamp: the dates of RFC 3339 that Box takes, and those of HTTP.
-- SPDX-License-Identifier: MIT

local M = {}

local MONTHS = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6,
  Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

--- RFC 3339 in UTC with whole seconds, which is what Box keeps; nil before
--- 1970, which Box doesn't take.
---@param seconds number  since 1970
---@return string? text
function M.format(seconds)
  if seconds < 0 then return nil end
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds))
end

--- Whether the text looks like a date and time of RFC 3339.
---@param text string
function M.is_rfc3339(text)
  local zone = text:match("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d(.*)$")
  zone = zone and zone:gsub("^%.%d+", "")
  return zone == "Z" or
    (zone ~= nil and zone:find("^[+-]%d%d:%d%d$") ~= nil)
end

-- Days since 1970-01-01 in the Gregorian calendar, the year beginning in
-- March so that the leap day comes last.
local function days(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local leaps = math.floor(year / 4) - math.floor(year / 100) +
    math.floor(year / 400)
  return 365 * year + leaps + math.floor((153 * (month - 3) + 2) / 5) +
    day - 719469
end

local function seconds_of(day, month, year, hour, minute, second)
  local number = MONTHS[month]
  if not number then return nil end
  return days(tonumber(year), number, tonumber(day)) * 86400 +
    tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second)
end

--- Seconds since 1970 of a date and time of RFC 3339.
---@param text any
---@return number? seconds
function M.parse_rfc3339(text)
  if type(text) ~= "string" or not M.is_rfc3339(text) then return nil end
  local year, month, day, hour, minute, second =
    text:match("^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)")
  local sign, h, m = text:match("([+-])(%d%d):(%d%d)$")
  local east = sign and (tonumber(h) * 60 + tonumber(m)) * 60 or 0
  if sign == "-" then east = -east end
  return days(tonumber(year), tonumber(month), tonumber(day)) * 86400 +
    tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second) - east
end

-- RFC 9110, section 5.6.7: two digits are of the past unless that is over
-- 50 years ago; for a Retry-After any year before 2070 will do.
local function full_year(two)
  local year = tonumber(two)
  return year < 70 and year + 2000 or year + 1900
end

--- Seconds since 1970 of an HTTP date in any of its three forms.
---@param text string
---@return number? seconds
function M.parse_http(text)
  local time = "(%d%d):(%d%d):(%d%d)"
  local day, month, year, h, m, s =
    text:match("^%a+, (%d%d) (%a%a%a) (%d%d%d%d) " .. time .. " GMT$")
  if day then return seconds_of(day, month, year, h, m, s) end
  day, month, year, h, m, s =
    text:match("^%a+, (%d%d)%-(%a%a%a)%-(%d%d) " .. time .. " GMT$")
  if day then return seconds_of(day, month, full_year(year), h, m, s) end
  month, day, h, m, s, year =
    text:match("^%a%a%a (%a%a%a) ([ %d]%d) " .. time .. " (%d%d%d%d)$")
  if day then return seconds_of(day, month, year, h, m, s) end
  return nil
end

return M
