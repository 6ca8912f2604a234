-- resume: finds and verifies what an earlier run of the same upload left.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.service.abort"
local journal = require "boxupload.upload.journal"
local lookup = require "boxupload.service.lookup"
local part_list = require "boxupload.service.part_list"
local target = require "boxupload.upload.target"
local upload_session = require "boxupload.service.session"

local M = {}

-- Deletes the journal and aborts the session, if any: the upload starts over.
local function start_over(transfer, old_journal, session, reason)
  transfer:event { event = "restart", reason = reason }
  if session then abort.session(transfer, session) end
  old_journal:remove()
  return nil
end

-- Keeps the journal and the session for a later attempt, since the error may
-- be temporary.
local function keep_for_later(old_journal, message, err)
  err.resumable, err.journal = true, old_journal.path
  old_journal:close()
  return nil, message, err
end

local function first_difference(before, now)
  for field, value in pairs(now) do
    if before[field] ~= value then return field end
  end
end

-- Whether the session no longer exists or belongs to another user: Box answers
-- 403 to everybody but its creator.
local function is_session_lost(err)
  return err.action == "replace" or err.kind == "session" or
    err.status == 403
end

--- Checks the stored parts against the session's part grid and the journal.
--- Returns them by offset, each with the SHA-1 to compare the file with: Box's
--- own, else the one in the journal. Returns nil and a problem when any part
--- doesn't fit or has no SHA-1.
---@param session boxupload.Session
---@param list boxupload.Part[]
---@param sha1s table<integer, string>  the journal's hex SHA-1s, by offset
---@return table<integer, boxupload.Part>? stored, string? problem
function M.trusted_parts(session, list, sha1s)
  local stored = {}
  for _, part in ipairs(list) do
    local recorded = sha1s[part.offset]
    if part.offset % session.part_size ~= 0 or
       part.offset >= session.file_size or
       part.size ~= session:part_length(part.offset) then
      return nil, "something else is stored in the upload session"
    end
    if part.sha1 and recorded and part.sha1 ~= recorded then
      return nil, "a stored part isn't the one that was sent"
    end
    part.sha1 = part.sha1 or recorded
    if not part.sha1 then
      return nil, "the service doesn't report the digest of a stored part"
    end
    stored[part.offset] = part
  end
  return stored
end

-- Returns the file if the earlier run's commit succeeded and that run ended
-- before it got the response.
local function find_committed_file(transfer, old_journal)
  if not old_journal.committed then return nil end
  local outcome, found = lookup.outcome(transfer, transfer.target,
    { sha1 = old_journal.committed, size = transfer.file.size },
    { fields = transfer.fields })
  return outcome == "done" and found or nil
end

local function recover_lost_session(transfer, old_journal, message, err)
  if not is_session_lost(err) then
    return keep_for_later(old_journal, message, err)
  end
  local file = find_committed_file(transfer, old_journal)
  if not file then
    return start_over(transfer, old_journal, nil, "its upload session is gone")
  end
  old_journal:remove()
  return { file = file }
end

local function reopen_session(transfer, old_journal)
  local head = old_journal.head
  transfer.target, transfer.if_match = target.restore(head.target),
    head.if_match
  local session, message, err = upload_session.open(transfer, head.session)
  if not session then
    return recover_lost_session(transfer, old_journal, message, err)
  end
  local list
  list, message, err = part_list.all(transfer, session)
  if not list then return keep_for_later(old_journal, message, err) end
  local stored, problem = M.trusted_parts(session, list, old_journal.sha1s)
  if not stored then
    return start_over(transfer, old_journal, session, problem)
  end
  transfer.journal = old_journal
  transfer:event {
    event = "resume", session_id = session.id, parts = #list,
    total_parts = session.total_parts,
  }
  return { session = session, stored = stored }
end

--- Looks for an earlier run of the transfer. Returns its session and the
--- stored parts by offset, with transfer.journal open; or the file when that
--- run had already committed it; or nil alone: then the upload starts from the
--- beginning.
---@param transfer boxupload.Transfer
---@return {session:boxupload.Session?, stored:table?, file:table?}? found
---@return string? message, boxupload.Error? err
function M.find(transfer)
  local old_journal, message, err = journal.open(transfer.journal_path)
  if not old_journal then return nil, message, err end
  local changed = first_difference(old_journal.head.file,
    journal.identity(transfer.file))
  if changed then
    -- Nothing else is needed of the session, so it is aborted by id instead of
    -- being opened first.
    abort.by_id(transfer, old_journal.head.session.id)
    return start_over(transfer, old_journal, nil,
      "the file was changed: its " .. changed .. " differs")
  end
  local original_target, if_match = transfer.target, transfer.if_match
  local found
  found, message, err = reopen_session(transfer, old_journal)
  if not found then
    transfer.target, transfer.if_match = original_target, if_match
  end
  return found, message, err
end

return M
