-- chunked: uploads a file in parts through one upload session: creates or
-- resumes the session, sends the parts, checks the file, commits.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.service.abort"
local commit = require "boxupload.service.commit"
local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local journal = require "boxupload.upload.journal"
local part_list = require "boxupload.service.part_list"
local part_uploader = require "boxupload.upload.part_uploader"
local resume = require "boxupload.upload.resume"
local transfer_rate = require "boxupload.util.transfer_rate"
local upload_session = require "boxupload.service.session"

local M = {}

-- When a commit reports missing parts, they are sent again. If Box still
-- misses parts after this many rounds, more won't help.
local RESEND_ROUNDS = 3

local function check_file_unchanged(transfer)
  local ok, text, code = transfer.file:check()
  if ok then return true end
  return failure.returns(failure.of_core(code, text, "checking the file"))
end

local function create_journal(transfer, session)
  local identity = journal.identity(transfer.file)
  local path = transfer.file.path
  -- A process that resumes may run in another folder.
  identity.path = core.real_path(path) or path
  local created, message, err = journal.create(transfer.journal_path, {
    file = identity, session = session:save(), if_match = transfer.if_match,
    target = transfer.target:save(),
    -- Only what the caller gave: the modification time is read from the file
    -- when the upload resumes.
    attributes = transfer.given_attributes,
    on_conflict = transfer.on_conflict,
  })
  transfer.journal = created
  return created, message, err
end

-- A create request whose response was lost may have created the session that
-- Box names in its 409 `session_conflict` to the retry. The session is used
-- only if its parts prove to be this file's: otherwise it may belong to
-- another upload.
local function adopt_session(transfer, session)
  local list, message, err = part_list.all(transfer, session)
  if not list then return nil, message, err end
  local stored = resume.trusted_parts(session, list, {})
  if stored then return stored end
  transfer.session = nil -- another upload's: it must not be aborted
  err = failure.of("conflict", "session_conflict",
    "creating the upload session",
    "another upload of this file is open, with something else in it",
    "wait for it to end, or abort the session " .. session.id)
  err.session_id = session.id
  return failure.returns(err)
end

local function create_session(transfer)
  transfer.phase = "creating"
  local session, message, err =
    upload_session.create(transfer, transfer.target, transfer.file.size)
  if not session then return nil, message, err end
  transfer.session = session
  transfer:event {
    event = "session", session_id = session.id,
    part_size = session.part_size, total_parts = session.total_parts,
  }
  local stored = {}
  if session.adopted then
    stored, message, err = adopt_session(transfer, session)
  end
  if stored and transfer.journal_path then
    local created
    created, message, err = create_journal(transfer, session)
    if not created then stored = nil end
  end
  if not stored then return nil, message, err end
  return { session = session, stored = stored }
end

-- Returns { session, stored }, with the parts that are stored by offset; or
-- { file } when an earlier run had already committed the file.
local function resume_or_create(transfer)
  if not transfer.journal_path then return create_session(transfer) end
  local found, message, err = resume.find(transfer)
  if err then return nil, message, err end
  if not found then return create_session(transfer) end
  transfer.session = found.session
  return found
end

local function new_part_uploader(transfer, session, stored)
  local uploader = part_uploader.new(transfer, session, transfer.file, {
    parallel = transfer.parallel, stored = stored,
    on_part = function(part)
      transfer:event {
        event = "part", offset = part.offset, size = part.size,
        sha1 = part.sha1, part_id = part.part_id,
      }
      -- A failure to write the journal is ignored: at worst a later run can't
      -- verify this part and starts over.
      if transfer.journal then transfer.journal:part(part) end
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
  local ok
  ok, message, err = check_file_unchanged(transfer)
  if not ok then return nil, message, err end
  return parts
end

local function commit_parts(transfer, session, parts, sha1)
  transfer.phase = "committing"
  transfer:event { event = "commit", session_id = session.id, sha1 = sha1 }
  local may_be_committed = transfer.journal and
    transfer.journal.committed ~= nil
  if transfer.journal then transfer.journal:commit(sha1) end
  return commit.run(transfer, session, {
    sha1 = sha1, parts = parts, attributes = transfer.attributes,
    if_match = transfer.if_match, wait = true, fields = transfer.fields,
    timeout = transfer.commit_timeout, target = transfer.target,
    maybe_committed = may_be_committed,
    expected = {
      sha1 = sha1, size = transfer.file.size,
      name = transfer.target.file_name,
    },
  })
end

local function send_and_commit(transfer, session, stored)
  local uploader = new_part_uploader(transfer, session, stored)
  local file, message, err
  for _ = 1, RESEND_ROUNDS do
    local parts
    parts, message, err = send_parts(transfer, uploader)
    if not parts then return nil, message, err end
    file, message, err =
      commit_parts(transfer, session, parts, uploader.digest:hex())
    if file or err.action ~= "resend" then break end
    uploader:requeue(err.missing_offsets)
  end
  return file, message, err
end

local NOT_RESUMABLE = { integrity = true, session = true }

-- Whether a later run can resume after this error.
local function is_resumable(err)
  if err.code == "ambiguous_commit" then return true end
  if err.action == "replace" or NOT_RESUMABLE[err.kind] then
    return false
  end
  -- A changed local file can't be resumed. An HTTP status means that the file
  -- on Box has changed (412): a later run may commit with the new etag.
  return err.kind ~= "changed" or err.status ~= nil
end

--- Aborts the session and deletes the journal, so that nothing is left to
--- resume.
---@param transfer boxupload.Transfer
---@param err boxupload.Error  gets `abort_error` when the abort fails
function M.drop(transfer, err)
  local open_journal, session = transfer.journal, transfer.session
  transfer.journal, transfer.session = nil, nil
  if session then
    transfer.phase = "aborting"
    abort.after(transfer, session, err)
  end
  if open_journal then open_journal:remove() end
end

--- Cleans up after a failed upload. Keeps the session and the journal when a
--- later run can resume with them, else removes both.
---@param transfer boxupload.Transfer
---@param err boxupload.Error  gets `resumable` and `journal` if they are kept
function M.clean_up_failed(transfer, err)
  local open_journal = transfer.journal
  if open_journal and is_resumable(err) then
    err.resumable, err.journal = true, open_journal.path
    open_journal:close()
    transfer.journal = nil
  -- After an ambiguous commit the session may already have become a file: it
  -- is not aborted.
  elseif err.code ~= "ambiguous_commit" then
    M.drop(transfer, err)
  end
end

--- Uploads the transfer's file through one upload session. When this fails,
--- the caller cleans up with `drop` or `clean_up_failed`.
---@param transfer boxupload.Transfer
---@return table? file, string? message, boxupload.Error? err
function M.run(transfer)
  local found, message, err = resume_or_create(transfer)
  if not found then return nil, message, err end
  local file = found.file
  if not file then
    file, message, err = send_and_commit(transfer, found.session,
      found.stored)
  end
  if not file then return nil, message, err end
  if transfer.journal then transfer.journal:remove() end
  transfer.journal = nil
  return file
end

return M
