-- decimal: numbers as text with a decimal point, whatever the locale is.
--
-- The host, or another thread, can change the locale at any time. PUC Lua then
-- writes 0,5 for 0.5, and 5.1 and 5.2 read only that.
-- SPDX-License-Identifier: MIT

local M = {}

local to_integer = rawget(math, "tointeger")

-- Some locales' point has several bytes.
local function local_point()
  return ("%.1f"):format(0.5):match("^0(.-)5$")
end

--- Reads a number as JSON writes it. Whole numbers become integers where Lua
--- has them.
---@param text string
---@return number? value
function M.parse(text)
  if not text:find("^%-?%d+%.?%d*[eE]?[+-]?%d*$") then return nil end
  local value = tonumber(text) or
    tonumber((text:gsub("%.", local_point())))
  return value and to_integer and to_integer(value) or value
end

-- 15 digits are enough for most numbers, and 17 for all.
local function shortest(value)
  for digits = 15, 17 do
    local text = ("%." .. digits .. "g"):format(value)
    if tonumber(text) == value then return text end
  end
end

--- Writes a finite number, exactly.
---@param value number
---@return string text
function M.format(value)
  return (shortest(value):gsub("[^%de+-]+", "."))
end

return M
