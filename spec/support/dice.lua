-- dice: random choices that are the same for the same seed, on every Lua.
-- SPDX-License-Identifier: MIT

local M = {}

local Dice = {}
Dice.__index = Dice

--- New dice.
---@param seed integer
function M.new(seed)
  local self = setmetatable({ state = 1 + seed * 7919 % 2147483646 }, Dice)
  for _ = 1, 10 do self:roll(2) end
  return self
end

--- A whole number from 1 to `most`.
---@param most integer
---@return integer
function Dice:roll(most)
  self.state = self.state * 48271 % 2147483647
  return 1 + self.state % most
end

--- True in `part` of `whole` cases.
---@param part integer
---@param whole integer
---@return boolean
function Dice:chance(part, whole)
  return self:roll(whole) <= part
end

--- One of a list.
---@generic T
---@param list T[]
---@return T
function Dice:pick(list)
  return list[self:roll(#list)]
end

return M
