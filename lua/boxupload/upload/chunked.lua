-- chunked: uploads a file in parts through one upload session: creates the
-- session, sends the parts, checks the file, commits.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.service.abort"
local commit = require "boxupload.service.commit"
local failure = require "boxupload.service.failure"
local file_hash = require "boxupload.upload.file_hash"
local journal = require "boxupload.journal.journal"
local lookup = require "boxupload.service.lookup"
local owner = require "boxupload.journal.owner"
local part_list = require "boxupload.service.part_list"
local part_uploader = require "boxupload.upload.part_uploader"
local retry = require "boxupload.service.retry"
local transfer_rate = require "boxupload.util.transfer_rate"
local upload_session = require "boxupload.service.session"

local M = {}

local function journal_head(transfer, session)
  local saved = session:save()
  local status_url = saved.session_endpoints.status
  -- The default URLs follow from the id.
  saved.session_endpoints =
    status_url ~= transfer.client:session_url(session.id) and
    { status = status_url } or nil
  return {
    file = journal.identity(transfer.file), call = transfer.call,
    target = transfer.target:save(), user = owner.current(transfer),
    session = saved, adopted = session.adopted, if_match = transfer.if_match,
    -- Only what the caller gave: the modification time is read from the file
    -- when the upload resumes.
    attributes = transfer.given_attributes,
    on_conflict = transfer.on_conflict,
  }
end

-- Makes or renews the transfer's journal, if it is to have one.
local function write_journal(transfer, session)
  if not transfer.journal_path then
    journal.tell_of_no_folder(transfer)
    return true
  end
  local head = journal_head(transfer, session)
  if transfer.journal then return transfer.journal:renew(head) end
  local message, err
  transfer.journal, message, err = journal.create(transfer.journal_path, head)
  return transfer.journal, message, err
end

-- Aborts the session that the transfer's present one has taken the place of.
-- One that isn't known to be this upload's own is left alone.
local function end_superseded(transfer)
  local old = transfer.superseded
  transfer.superseded = nil
  local session = transfer.session
  if old and not old.adopted and not old.is_gone and
     not (session and session.id == old.id) then
    abort.by_id(transfer, old.id)
  end
end

-- A create request whose response was lost may have made the session that Box
-- names in its answer to the next one. This upload has sent no part yet, so a
-- part in it is another's.
local function check_adopted(transfer, session)
  local list, message, err = part_list.all(transfer, session)
  if not list then return nil, message, err end
  if #list == 0 then return true end
  err = failure.of("conflict", "session_conflict",
    "creating the upload session",
    "another upload of this file is open, and has sent parts",
    "wait for it to end, or abort the session " .. session.id)
  err.session_id = session.id
  return failure.returns(err)
end

-- While the session that is to be superseded is open, Box may refuse another
-- one for the same name. It is this upload's own then, so it can be ended.
local function open_new_session(transfer)
  local size, old = transfer.file.size, transfer.superseded
  local session, message, err =
    upload_session.create(transfer, transfer.target, size)
  if not session and old and err.code == "session_conflict" and
     err.session_id == old.id and not old.adopted then
    end_superseded(transfer)
    session, message, err =
      upload_session.create(transfer, transfer.target, size)
  end
  return session, message, err
end

local function create_session(transfer)
  transfer.phase = "creating"
  -- Asked now, so that nothing is between the session and its journal.
  if transfer.journal_path then owner.current(transfer) end
  local session, message, err = open_new_session(transfer)
  if not session then return nil, message, err end
  transfer.session = session
  transfer:event {
    event = "session", session_id = session.id,
    part_size = session.part_size, total_parts = session.total_parts,
  }
  local ok = true
  if session.adopted then
    ok, message, err = check_adopted(transfer, session)
  end
  if ok then ok, message, err = write_journal(transfer, session) end
  if not ok then return nil, message, err end
  end_superseded(transfer)
  return { session = session, stored = {} }
end

local function new_part_uploader(transfer, session, stored)
  local digest, message, err = file_hash.digest()
  if not digest then return nil, message, err end
  local uploader = part_uploader.new(transfer, session, transfer.file, {
    parallel = transfer.parallel, stored = stored, digest = digest,
    on_part = function(part)
      transfer:event {
        event = "part", offset = part.offset, size = part.size,
        sha1 = part.sha1, part_id = part.part_id,
      }
      -- What was believed isn't known.
      if transfer.journal and not part.is_believed then
        journal.tell_of_note(transfer, transfer.journal:part(part))
      end
    end,
  })
  if transfer.paused then uploader:set_paused(true) end
  -- A new rate: parts that an earlier run stored don't count as speed.
  transfer.transfer_rate = transfer_rate.new()
  return uploader
end

local function send_parts(transfer, uploader)
  transfer.phase, transfer.part_uploader = "uploading", uploader
  local parts, message, err = uploader:run()
  if not parts then return nil, message, err end
  local same
  same, message, err =
    file_hash.check(transfer, transfer.file, uploader.digest:hex())
  if not same then return nil, message, err end
  return parts
end

local function commit_once(transfer, session, parts, sha1)
  local target = transfer.target
  return commit.run(transfer, session, {
    sha1 = sha1, parts = parts, attributes = transfer.attributes,
    if_match = transfer.if_match, wait = true, fields = transfer.fields,
    timeout = transfer.commit_timeout, target = target,
    maybe_committed = transfer.maybe_committed,
    expected = {
      sha1 = sha1, size = transfer.file.size, file_id = target.file_id,
      folder_id = target.folder_id,
    },
  })
end

local function commit_parts(transfer, session, parts, sha1)
  transfer.phase = "committing"
  transfer:event { event = "commit", session_id = session.id, sha1 = sha1 }
  if transfer.journal then
    transfer.maybe_committed = transfer.journal.committed == sha1
    journal.tell_of_note(transfer, transfer.journal:commit(sha1))
  end
  while true do
    local file, message, err = commit_once(transfer, session, parts, sha1)
    if file or not lookup.renew_if_match(transfer, err) then
      return file, message, err
    end
  end
end

local function send_and_commit(transfer, session, stored)
  local uploader, message, err = new_part_uploader(transfer, session, stored)
  if not uploader then return nil, message, err end
  local file
  while true do
    local parts
    parts, message, err = send_parts(transfer, uploader)
    if not parts then return nil, message, err end
    file, message, err =
      commit_parts(transfer, session, parts, uploader.digest:hex())
    if file or err.action ~= "resend" or
       not retry.begin_anew(transfer, message) then
      break
    end
    uploader:requeue(err.missing_offsets)
  end
  -- A part that was believed without its SHA-1 wasn't this file's.
  if err and err.code == "digest_mismatch" and uploader.believed > 0 then
    err.action = "replace"
  end
  return file, message, err
end

-- The stored parts can never become this file.
local function is_session_useless(transfer, err)
  return err.action == "replace" or M.is_file_changed(err) or
    err.code == "wrong_part" or
    (err.code or ""):find("digest") ~= nil and transfer.phase == "committing"
end

-- After these the session may have become a file already, or still can.
local UNSETTLED = { ambiguous_commit = true, wrong_file = true }

--- Whether the error says that the local file has changed.
---@param err boxupload.Error
---@return boolean
function M.is_file_changed(err)
  return err.kind == "changed" and err.code == "changed"
end

--- Lets a new attempt take the place of the transfer's session, which is
--- aborted once that has a session of its own or has succeeded without.
---@param transfer boxupload.Transfer
---@param err boxupload.Error  why
function M.supersede(transfer, err)
  local session = transfer.session
  if not session then return end
  transfer.session = nil
  transfer.superseded = {
    id = session.id, adopted = session.adopted, is_gone = err.is_confirmed,
  }
end

--- Deletes what a completed upload no longer needs.
---@param transfer boxupload.Transfer
function M.finish(transfer)
  end_superseded(transfer)
  if transfer.journal then transfer.journal:remove() end
  transfer.journal = nil
end

--- Aborts the session, unless another upload may use it, and deletes the
--- journal, so that nothing is left to resume.
---@param transfer boxupload.Transfer
---@param err boxupload.Error  gets `abort_error` when the abort fails
function M.drop(transfer, err)
  local session = transfer.session
  transfer.session = nil
  transfer.phase = session and "aborting" or transfer.phase
  if session and not session.adopted then
    abort.after(transfer, session, err)
  end
  M.finish(transfer)
end

--- Cleans up after a failed upload. With a journal, the session is kept for a
--- later run unless its parts can never become this file; without, it is
--- aborted.
---@param transfer boxupload.Transfer
---@param err boxupload.Error  gets `resumable` and `journal` if they are kept
function M.clean_up_failed(transfer, err)
  local open_journal, session = transfer.journal, transfer.session
  local is_current = open_journal and session and
    open_journal:describes(session)
  if open_journal and not is_current then
    -- It is still the journal of the session that was to be superseded.
    err.journal = open_journal.path
    open_journal:close()
    transfer.journal, transfer.superseded = nil, nil
    if session then M.drop(transfer, err) end
  elseif open_journal and not is_session_useless(transfer, err) then
    err.resumable, err.journal = true, open_journal.path
    open_journal:close()
    transfer.journal = nil
  elseif session and UNSETTLED[err.code] then
    err.session_id = session.id
  else
    M.drop(transfer, err)
  end
end

--- Uploads the transfer's file through one upload session. When this fails,
--- the caller cleans up with `supersede`, `drop` or `clean_up_failed`.
---@param transfer boxupload.Transfer
---@param found {session:boxupload.Session, stored:table}?  from resume.find
---@return table? file, string? message, boxupload.Error? err
function M.run(transfer, found)
  local message, err
  if not found then
    found, message, err = create_session(transfer)
    if not found then return nil, message, err end
  end
  return send_and_commit(transfer, found.session, found.stored)
end

return M
