-- description: what a journal says of its upload, for lists.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local journal = require "boxupload.journal.journal"

local M = {}

-- Reads a journal that another process has open and may still be writing.
local function read_unlocked(path)
  return core.read_state(path, journal.SIZE_LIMIT) or ""
end

-- Returns the number of recorded parts and of their bytes.
local function count_stored(head, noted)
  local parts, bytes = 0, 0
  for offset in pairs(noted) do
    parts = parts + 1
    bytes = bytes + math.max(0,
      math.min(head.session.part_size, head.file.size - offset))
  end
  return parts, bytes
end

--- Describes a journal without changing it; nil when there is none. The
--- `state` is "running" (an upload has it open), "stopped", "broken" (nothing
--- in it can be used), "newer" (written by a newer version) or "unreadable":
--- it can't be read, or others may have written it; then `problem` and `code`
--- say why.
---@param path string
---@return table? entry
function M.read(path)
  local handle, text, code = core.journal_open(path, journal.SIZE_LIMIT)
  if handle == false then return nil end
  local entry = { path = path, state = "stopped" }
  if handle then
    handle:close()
  elseif code == "locked" then
    entry.state, entry.problem, text = "running", text, read_unlocked(path)
  else
    entry.state = code == "limit" and "broken" or "unreadable"
    entry.problem, entry.code = text, code
    return entry
  end
  local head, noted, committed = journal.parse(text)
  if not head then
    if handle then entry.state = head == false and "newer" or "broken" end
    return entry
  end
  entry.parts, entry.bytes_stored = count_stored(head, noted)
  entry.file, entry.file_size = head.file.path, head.file.size
  entry.target, entry.attributes = head.target, head.attributes
  entry.on_conflict = head.on_conflict
  entry.call = head.call or head.target
  entry.user, entry.if_match = head.user, head.if_match
  entry.committed, entry.adopted = committed ~= nil, head.adopted
  entry.total_parts = head.session.total_parts
  entry.session_id = head.session.id
  entry.session_expires_at = head.session.session_expires_at
  entry.created_at = head.created_at
  return entry
end

return M
