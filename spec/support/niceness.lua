-- niceness: the priorities of a process's threads, on Linux.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local folder = require "support.folder"

local M = {}

-- After "(name) ", from the state on: proc(5) counts it as field 19.
local FIELD = 17
-- Seconds in which a thread that was started begins to run.
local PATIENCE = 10

local function niceness(stat)
  local at = 0
  for word in stat:match(".*%) (.*)"):gmatch "%S+" do
    at = at + 1
    if at == FIELD then return tonumber(word) end
  end
end

local function added(pid)
  local stats = folder.output(("cat /proc/%d/task/*/stat"):format(pid))
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

--- What each thread but the first adds to the first one's; waits until it is
--- `expected` for all, since a thread lowers its own priority.
---@param pid integer
---@param expected integer
---@return string  the numbers, with spaces between
function M.added(pid, expected)
  local deadline = core.now() + PATIENCE
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
