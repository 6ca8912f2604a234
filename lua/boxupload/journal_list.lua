-- journal_list: the journals of unfinished uploads.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local journal = require "boxupload.upload.journal"
local timestamp = require "boxupload.util.timestamp"

local M = {}

local function described(folder, pattern)
  local list = {}
  for _, name in ipairs(core.list_folder(folder) or {}) do
    if name:find(pattern) then
      list[#list + 1] = journal.describe(folder .. "/" .. name)
    end
  end
  table.sort(list, function(a, b) return a.path < b.path end)
  return list
end

--- The unfinished uploads of this machine's user.
---@param folder string?  another place than journal.folder()
---@return table[] list
function M.list(folder)
  return described(folder or journal.folder(), "%.json$")
end

--- What processes left that died while they began a journal.
---@param folder string?
---@return table[]  as of list
function M.leftovers(folder)
  return described(folder or journal.folder(), "%.json%.%w%w%w%w%w%w$")
end

--- Whether nobody can go on with it: broken, or its session has expired.
---@param entry table  of list
---@return boolean
function M.is_over(entry)
  if entry.state == "broken" then return true end
  local expires = timestamp.parse_rfc3339(entry.session_expires_at)
  return entry.state == "stopped" and expires ~= nil and
    expires < core.time()
end

--- Removes the journals whose sessions have expired, and broken ones; those
--- of running uploads stay.
---@param folder string?
---@return table[] removed  as of list
function M.prune(folder)
  local removed = {}
  for _, entry in ipairs(M.list(folder)) do
    if M.is_over(entry) and journal.remove(entry.path) then
      removed[#removed + 1] = entry
    end
  end
  return removed
end

return M
