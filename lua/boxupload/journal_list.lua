-- journal_list: lists and deletes the journals of unfinished uploads.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local description = require "boxupload.journal.description"
local journal = require "boxupload.journal.journal"
local timestamp = require "boxupload.util.timestamp"

local M = {}

local function describe_all(folder, pattern)
  local list = {}
  if not folder then return list end
  for _, name in ipairs(core.list_folder(folder) or {}) do
    if name:find(pattern) then
      list[#list + 1] = description.read(folder .. "/" .. name)
    end
  end
  table.sort(list, function(a, b) return a.path < b.path end)
  return list
end

--- Lists the current user's unfinished uploads on this machine; none where
--- there is no folder for them.
---@param folder string?  default: journal.folder()
---@return table[] list  of description.read, sorted by path
function M.list(folder)
  return describe_all(folder or journal.folder(), ".%.json$")
end

--- Lists temporary files of processes that died while creating a journal.
---@param folder string?  default: journal.folder()
---@return table[]  in the form of `list`
function M.leftovers(folder)
  return describe_all(folder or journal.folder(), ".%.json%.%w%w%w%w%w%w$")
end

--- Returns whether an upload can't be resumed any more, because its journal is
--- broken or its session has expired. One that was committed may have become
--- the file all the same, which a later run finds out.
---@param entry table  from `list`
---@return boolean
function M.is_unresumable(entry)
  if entry.state == "broken" then return true end
  local expires = timestamp.parse_rfc3339(entry.session_expires_at)
  return entry.state == "stopped" and not entry.committed and
    expires ~= nil and expires < core.time()
end

--- Deletes the journals that are broken or whose sessions have expired, but
--- not those of running uploads.
---@param folder string?  default: journal.folder()
---@return table[] removed  in the form of `list`
function M.prune(folder)
  local removed = {}
  for _, entry in ipairs(M.list(folder)) do
    if M.is_unresumable(entry) and journal.remove(entry.path) then
      removed[#removed + 1] = entry
    end
  end
  return removed
end

return M
