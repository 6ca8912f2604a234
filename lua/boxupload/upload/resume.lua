-- resume: finds and verifies what an earlier run of the same upload left.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local file_hash = require "boxupload.upload.file_hash"
local heads = require "boxupload.journal.head"
local journal = require "boxupload.journal.journal"
local lookup = require "boxupload.service.lookup"
local owner = require "boxupload.journal.owner"
local part_list = require "boxupload.service.part_list"
local target = require "boxupload.upload.target"
local upload_session = require "boxupload.service.session"

local M = {}

local OPERATION = "resuming the upload"

-- Until a new session has taken its place, the journal stays as it is, and so
-- does the session.
local function take_journal(transfer, old_journal)
  local head = old_journal.head
  transfer.journal = old_journal
  if head then
    transfer.superseded = { id = head.session.id, adopted = head.adopted }
  end
end

local function start_over(transfer, reason)
  transfer:event { event = "restart", reason = reason }
  return nil
end

-- Keeps the journal and the session for a later attempt, since the error may
-- be temporary.
local function keep_for_later(transfer, message, err)
  local old_journal = transfer.journal
  err.resumable = err.code ~= "parts_unlisted"
  err.journal = old_journal.path
  transfer.journal, transfer.superseded = nil, nil
  old_journal:close()
  return nil, message, err
end

-- Returns the stored parts by offset; nil and the problem when one doesn't fit
-- the session's part grid.
local function fit_parts(session, list)
  local stored = {}
  for _, part in ipairs(list) do
    if part.offset % session.part_size ~= 0 or
       part.offset >= session.file_size or
       part.size ~= session:part_length(part.offset) then
      return nil, "something else is stored in the upload session"
    end
    stored[part.offset] = part
  end
  return stored
end

-- Adds what the journal has noted: the SHA-1s that Box doesn't tell, and the
-- parts that its list doesn't show yet, or doesn't reach. If such a part has
-- been lost, the commit tells that it is missing.
local function add_notes(stored, noted)
  for offset, note in pairs(noted) do
    local part = stored[offset]
    if not part then
      stored[offset] = note
    elseif part.part_id == note.part_id then
      part.sha1 = part.sha1 or note.sha1
    end
  end
end

local function count(stored)
  local number = 0
  for _ in pairs(stored) do number = number + 1 end
  return number
end

-- Lists the parts. A list that doesn't fit is fetched once more before it is
-- believed. Returns the parts by offset; false and the problem when the
-- session can't be completed; or nil, the message and the error.
local function list_stored(transfer, session)
  local list, stored, problem, message, err
  for look = 1, 2 do
    list, message, err = part_list.all(transfer, session)
    if not list then return nil, message, err end
    stored, problem = fit_parts(session, list)
    if stored then break end
    if look == 1 then
      transfer.waiter:sleep(transfer.client.retry_delay, problem)
    end
  end
  if not stored then return false, problem end
  add_notes(stored, transfer.journal.parts)
  if list.is_incomplete and
     (session.num_parts_processed or 0) > count(stored) then
    return failure.returns(part_list.unlisted_error(OPERATION))
  end
  return stored
end

local function ambiguous_error(old_journal, outcome, id, lookup_err)
  local session_id = old_journal.head.session.id
  local found = id and ("; the file %s is there"):format(id) or
    lookup_err and "; " .. lookup_err.message or ""
  local err = failure.of("session", "ambiguous_commit", OPERATION,
    ("an earlier run committed the upload session %s, and nobody can tell " ..
      "whether it became the file%s"):format(session_id, found),
    "look on Box; then resume, or give the upload up with boxupload abort")
  err.session_id, err.file_id, err.outcome = session_id, id, outcome
  return err
end

-- If it is Box's own word that the session is gone or damaged: it may have
-- become the file, whether or not the journal could note the commit, and that
-- may take a while to show. Only a file that is known to be absent is sent
-- again after a commit. The journal's word doesn't count: what is looked for
-- is what the file has now.
local function recover_lost_session(transfer, message, err)
  local old_journal = transfer.journal
  if err.action ~= "replace" then
    return keep_for_later(transfer, message, err)
  end
  local sha1
  sha1, message, err = file_hash.sha1(transfer, transfer.file)
  if not sha1 then return keep_for_later(transfer, message, err) end
  local was_committed = old_journal.committed == sha1
  local outcome, found, why = lookup.settled_outcome(transfer,
    transfer.target, { sha1 = sha1, size = transfer.file.size },
    { fields = transfer.fields })
  if outcome == "done" then
    transfer.journal, transfer.superseded = nil, nil
    old_journal:remove()
    return { file = found }
  end
  if was_committed and outcome ~= "absent" then
    err = ambiguous_error(old_journal, outcome,
      type(found) == "string" and found or transfer.target.file_id, why)
    return keep_for_later(transfer, err.message, err)
  end
  if outcome == "unknown" and why and why.retryable then
    return keep_for_later(transfer, why.message, why)
  end
  local is_own
  is_own, message, err = owner.check_known(transfer, old_journal.head.user,
    old_journal.path, OPERATION)
  if not is_own then return keep_for_later(transfer, message, err) end
  return start_over(transfer, "its upload session can't be used any more")
end

local function reopen_session(transfer)
  local head = transfer.journal.head
  local session, message, err = upload_session.open(transfer, head.session)
  if not session then return recover_lost_session(transfer, message, err) end
  core.fields(session).adopted = head.adopted
  local stored
  stored, message, err = list_stored(transfer, session)
  if stored == false then return start_over(transfer, message) end
  if not stored then return recover_lost_session(transfer, message, err) end
  transfer.session, transfer.superseded = session, nil
  transfer:event {
    event = "resume", session_id = session.id, parts = count(stored),
    total_parts = session.total_parts,
  }
  return { session = session, stored = stored }
end

-- Earlier versions didn't note what was asked, only where the policy had led.
-- The default path of a journal follows from what was asked, so it proves that
-- the calls agree.
local function add_call(transfer, head, path)
  local call = transfer.call
  if head.call or path ~= journal.path_for(call.path, call,
    transfer.client.upload_url) then
    return
  end
  head.call = {
    path = call.path, host = call.host, folder_id = call.folder_id,
    file_id = call.file_id, file_name = call.file_name,
    if_match = head.if_match,
  }
end

-- The call is the law: an earlier run's journal only counts where it is of the
-- very upload that is asked for now, by the same user.
local function check_call(transfer, old_journal)
  local head, path = old_journal.head, old_journal.path
  add_call(transfer, head, path)
  local err = heads.disagreement(head, transfer.call, path, OPERATION)
  if not err then
    local _
    _, _, err = owner.check(transfer, head.user, path, OPERATION)
  end
  if not err then return true end
  old_journal:close()
  return failure.returns(err)
end

-- A file that the caller named and that is no journal isn't overwritten: it
-- may be anything.
local function check_overwritable(transfer, old_journal)
  if not transfer.has_named_journal or not old_journal.is_foreign then
    return true
  end
  old_journal:close()
  local err = failure.of("invalid", "not_a_journal", OPERATION,
    old_journal.path .. " isn't a journal", "give another path as resume")
  err.journal = old_journal.path
  return failure.returns(err)
end

-- Goes on with the target that the earlier run had come to, and with what both
-- calls demand of the version there. Later runs have to demand it, too.
local function continue_target(transfer, old_journal)
  local head = old_journal.head
  local noted = (head.call or head).if_match
  local given = transfer.given_if_match or noted
  transfer.given_if_match, transfer.call.if_match = given, given
  transfer.if_match = given or head.if_match
  transfer.target = target.restore(head.target)
  if given ~= noted then
    journal.tell_of_note(transfer, old_journal:demand(given))
  end
end

--- Looks for an earlier run of the transfer. Returns its session and the
--- stored parts by offset, with transfer.journal open; or the file when that
--- run had already committed it; or nil alone: then the upload starts from the
--- beginning, and transfer.journal is open if there was one.
---@param transfer boxupload.Transfer
---@return {session:boxupload.Session?, stored:table?, file:table?}? found
---@return string? message, boxupload.Error? err
function M.find(transfer)
  local old_journal, message, err = journal.open(transfer.journal_path)
  if not old_journal then return nil, message, err end
  local head = old_journal.head
  local check = head and check_call or check_overwritable
  local ok, problem, why = check(transfer, old_journal)
  if not ok then return nil, problem, why end
  take_journal(transfer, old_journal)
  if not head then
    return start_over(transfer, "nothing in its journal can be used")
  end
  local original_target = transfer.target
  continue_target(transfer, old_journal)
  local found
  if head.file.size ~= transfer.file.size then
    start_over(transfer, "the file was changed: its size differs")
  else
    found, message, err = reopen_session(transfer)
  end
  if not found then
    transfer.target, transfer.if_match = original_target,
      transfer.given_if_match
  end
  return found, message, err
end

return M
