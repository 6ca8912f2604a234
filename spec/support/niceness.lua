-- niceness: the priorities of a process's threads, on Linux.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local shell = require "support.shell"

local M = {}

-- Field 19 of proc(5), counted from the state, which follows "(name) ".
local FIELD = 17
-- Seconds until a started thread must have lowered its priority.
local TIMEOUT = 10

local function niceness(stat)
  local at = 0
  for word in stat:match(".*%) (.*)"):gmatch "%S+" do
    at = at + 1
    if at == FIELD then return tonumber(word) end
  end
end

local function added(pid)
  local stats = shell.output(("cat /proc/%d/task/*/stat"):format(pid))
  local first
  local found = {}
  for stat in stats:gmatch "[^\n]+" do
    if stat:match "^%d+" == tostring(pid) then
      first = niceness(stat)
    else
      found[#found + 1] = niceness(stat)
    end
  end
  for i = 1, #found do found[i] = found[i] - first end
  return found
end

--- How much each thread's niceness exceeds the first thread's; waits until
--- it is `expected` for all, since each thread sets its own priority.
---@param pid integer
---@param expected integer
---@return string  the numbers, separated by spaces
function M.added(pid, expected)
  local deadline = core.now() + TIMEOUT
  local found, settled
  repeat
    found = added(pid)
    settled = #found > 0
    for _, each in ipairs(found) do
      settled = settled and each == expected
    end
  until settled or core.now() > deadline
  return table.concat(found, " ")
end

return M
