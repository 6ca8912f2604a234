-- niceness: the priorities of a process's threads, on Linux.
-- SPDX-License-Identifier: MIT

local folder = require "support.folder"

local M = {}

-- After "(name) ", from the state on: proc(5) counts it as field 19.
local FIELD = 17

local function niceness(stat)
  local at = 0
  for word in stat:match(".*%) (.*)"):gmatch "%S+" do
    at = at + 1
    if at == FIELD then return tonumber(word) end
  end
end

--- What each thread but the first adds to the first one's.
---@param pid integer
---@return integer[]
function M.added(pid)
  local stats = folder.output(("cat /proc/%d/task/*/stat"):format(pid))
  local first
  local added = {}
  for stat in stats:gmatch "[^\n]+" do
    if stat:match "^%d+" == tostring(pid) then
      first = niceness(stat)
    else
      added[#added + 1] = niceness(stat)
    end
  end
  for i = 1, #added do added[i] = added[i] - first end
  return added
end

return M
