-- width: measures how many terminal columns a text takes, and cuts it to fit.
-- SPDX-License-Identifier: MIT

local text = require "boxupload.util.text"

local M = {}

-- Sorted pairs of first and last code points, from the East Asian Width and
-- the general categories of Unicode 15. Characters that take two columns:
local WIDE = {
  0x1100, 0x115F, 0x231A, 0x231B, 0x2329, 0x232A, 0x23E9, 0x23EC,
  0x25FD, 0x25FE, 0x2614, 0x2615, 0x2648, 0x2653, 0x26AA, 0x26AB,
  0x26BD, 0x26BE, 0x26C4, 0x26C5, 0x26F2, 0x26F5, 0x2705, 0x2705,
  0x270A, 0x270B, 0x2728, 0x2728, 0x274C, 0x274C, 0x2753, 0x2755,
  0x2795, 0x2797, 0x2B1B, 0x2B1C, 0x2B50, 0x2B50, 0x2E80, 0x303E,
  0x3041, 0x3096, 0x309B, 0x33FF, 0x3400, 0x4DBF, 0x4E00, 0xA4CF,
  0xA960, 0xA97C, 0xAC00, 0xD7A3, 0xF900, 0xFAFF, 0xFE30, 0xFE6F,
  0xFF00, 0xFF60, 0xFFE0, 0xFFE6, 0x16FE0, 0x18CFF, 0x1B000, 0x1B2FB,
  0x1F004, 0x1F004, 0x1F0CF, 0x1F0CF, 0x1F18E, 0x1F19A, 0x1F200, 0x1F320,
  0x1F32D, 0x1F335, 0x1F337, 0x1F37C, 0x1F37E, 0x1F393, 0x1F3A0, 0x1F3CA,
  0x1F3CF, 0x1F3D3, 0x1F3E0, 0x1F3F0, 0x1F3F4, 0x1F3F4, 0x1F3F8, 0x1F43E,
  0x1F440, 0x1F440, 0x1F442, 0x1F4FC, 0x1F4FF, 0x1F53D, 0x1F54B, 0x1F567,
  0x1F5A4, 0x1F5A4, 0x1F5FB, 0x1F64F, 0x1F680, 0x1F6C5, 0x1F6CC, 0x1F6CC,
  0x1F6D0, 0x1F6D7, 0x1F6DC, 0x1F6DF, 0x1F6EB, 0x1F6EC, 0x1F6F4, 0x1F6FC,
  0x1F7E0, 0x1F7F0, 0x1F90C, 0x1F9FF, 0x1FA70, 0x1FAFF, 0x20000, 0x3FFFD,
}
-- Characters drawn over the previous one, which take no column:
local COMBINING = {
  0x0300, 0x036F, 0x0483, 0x0489, 0x0591, 0x05BD, 0x05BF, 0x05C7,
  0x0610, 0x061A, 0x064B, 0x065F, 0x0670, 0x0670, 0x06D6, 0x06DC,
  0x06DF, 0x06E4, 0x0900, 0x0902, 0x093C, 0x093C, 0x0941, 0x0948,
  0x094D, 0x094D, 0x0E31, 0x0E31, 0x0E34, 0x0E3A, 0x0E47, 0x0E4E,
  0x1AB0, 0x1AFF, 0x1DC0, 0x1DFF, 0x200B, 0x200F, 0x2060, 0x2064,
  0x20D0, 0x20FF, 0x302A, 0x302D, 0x3099, 0x309A, 0xFE00, 0xFE0F,
  0xFE20, 0xFE2F, 0xFEFF, 0xFEFF, 0xE0001, 0xE01EF,
}

-- Binary search; the ranges are pairs.
local function in_ranges(ranges, point)
  local low, high = 1, #ranges / 2
  while low <= high do
    local middle = math.floor((low + high) / 2)
    if point < ranges[2 * middle - 1] then
      high = middle - 1
    elseif point > ranges[2 * middle] then
      low = middle + 1
    else
      return true
    end
  end
  return false
end

-- Decodes a well-formed UTF-8 sequence.
local function code_point(sequence)
  local first = sequence:byte()
  if first < 0x80 then return first end
  local point = first % (first < 0xE0 and 0x20 or first < 0xF0 and 0x10 or 8)
  for at = 2, #sequence do
    point = point * 64 + sequence:byte(at) % 64
  end
  return point
end

local function sequence_columns(sequence)
  if #sequence == 1 then return 1 end
  local point = code_point(sequence)
  if in_ranges(COMBINING, point) then return 0 end
  return in_ranges(WIDE, point) and 2 or 1
end

local SEQUENCE = "[^\128-\191][\128-\191]*"

--- The width of a UTF-8 text without control characters.
---@param line string
---@return integer
function M.of(line)
  local columns = 0
  for sequence in line:gmatch(SEQUENCE) do
    columns = columns + sequence_columns(sequence)
  end
  return columns
end

-- The longest prefix that fits.
local function prefix(line, columns)
  local used, last = 0, 0
  for sequence, after in line:gmatch("(" .. SEQUENCE .. ")()") do
    used = used + sequence_columns(sequence)
    if used > columns then break end
    last = after - 1
  end
  return line:sub(1, last)
end

--- Replaces characters that can't be shown, and cuts the text to a width.
---@param line string
---@param columns integer
---@return string
function M.cut(line, columns)
  line = text.one_line(line)
  if M.of(line) <= columns then return line end
  if columns < 4 then return prefix(line, columns) end
  return prefix(line, columns - 3) .. "..."
end

--- Like `cut`, padded with spaces to the width.
---@param line string
---@param columns integer
---@return string
function M.fit(line, columns)
  line = M.cut(line, columns)
  return line .. (" "):rep(columns - M.of(line))
end

return M
