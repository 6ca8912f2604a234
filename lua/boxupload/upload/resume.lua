-- resume: what an earlier run of the same upload left.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.service.abort"
local journal = require "boxupload.upload.journal"
local lookup = require "boxupload.service.lookup"
local part_list = require "boxupload.service.part_list"
local target = require "boxupload.upload.target"
local upload_session = require "boxupload.service.session"

local M = {}

-- Nothing can be gone on with: the upload begins anew.
local function discard(transfer, kept, session, reason)
  transfer:event { event = "restart", reason = reason }
  if session then abort.session(transfer, session) end
  kept:remove()
  return nil
end

-- Another time may find it as it was left.
local function keep(kept, message, err)
  err.resumable, err.journal = true, kept.path
  kept:close()
  return nil, message, err
end

local function differs(was, is)
  for field, value in pairs(is) do
    if was[field] ~= value then return field end
  end
end

-- The session is nobody's any more, or not this user's.
local function is_lost(err)
  return err.action == "replace" or err.kind == "session" or
    err.status == 403
end

--- Which of the stored parts can be believed, by offset, each with the
--- digest that the file will be compared with: the service's own, else the
--- one that the earlier run noted.
---@param session boxupload.Session
---@param list boxupload.Part[]
---@param sha1s table<integer, string>
---@return table<integer, boxupload.Part>? stored, string? problem
function M.believe(session, list, sha1s)
  local stored = {}
  for _, part in ipairs(list) do
    local noted = sha1s[part.offset]
    if part.offset % session.part_size ~= 0 or
       part.offset >= session.file_size or
       part.size ~= session:part_length(part.offset) then
      return nil, "something else is stored in the upload session"
    end
    if part.sha1 and noted and part.sha1 ~= noted then
      return nil, "a stored part isn't the one that was sent"
    end
    part.sha1 = part.sha1 or noted
    if not part.sha1 then
      return nil, "the service doesn't tell the digest of a stored part"
    end
    stored[part.offset] = part
  end
  return stored
end

-- The earlier run may have committed it and not lived to hear of that.
local function finished(transfer, kept)
  if not kept.committed then return nil end
  local outcome, found = lookup.outcome(transfer, transfer.target,
    { sha1 = kept.committed, size = transfer.file.size },
    { fields = transfer.fields })
  return outcome == "done" and found or nil
end

local function without_session(transfer, kept, message, err)
  if not is_lost(err) then return keep(kept, message, err) end
  local file = finished(transfer, kept)
  if not file then
    return discard(transfer, kept, nil, "its upload session is gone")
  end
  kept:remove()
  return { file = file }
end

local function continue(transfer, kept)
  local head = kept.head
  transfer.target, transfer.if_match = target.restore(head.target),
    head.if_match
  local session, message, err = upload_session.open(transfer, head.session)
  if not session then
    return without_session(transfer, kept, message, err)
  end
  local list
  list, message, err = part_list.all(transfer, session)
  if not list then return keep(kept, message, err) end
  local stored, problem = M.believe(session, list, kept.sha1s)
  if not stored then return discard(transfer, kept, session, problem) end
  transfer.journal = kept
  transfer:event {
    event = "resume", session_id = session.id, parts = #list,
    total_parts = session.total_parts,
  }
  return { session = session, stored = stored }
end

--- Looks for what an earlier run left: its session, with what is stored there
--- by offset, and then transfer.journal is open; or the file, when all was
--- done; nil alone: the upload begins anew.
---@param transfer boxupload.Transfer
---@return {session:boxupload.Session?, stored:table?, file:table?}? found
---@return string? message, boxupload.Error? err
function M.find(transfer)
  local kept, message, err = journal.open(transfer.journal_path)
  if not kept then return nil, message, err end
  local changed = differs(kept.head.file, journal.identity(transfer.file))
  if changed then
    -- Its session isn't opened but removed by its id.
    abort.by_id(transfer, kept.head.session.id)
    return discard(transfer, kept, nil,
      "the file isn't what it was: its " .. changed .. " is another")
  end
  local aim, if_match = transfer.target, transfer.if_match
  local found
  found, message, err = continue(transfer, kept)
  if not found then transfer.target, transfer.if_match = aim, if_match end
  return found, message, err
end

return M
