-- chunked: a file in parts, in one upload session: create or find it,
-- send, check, commit.
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

-- Lost parts are sent again that often at most; then the service keeps none.
local RESEND_ROUNDS = 3

local function check_file(transfer)
  local ok, text, code = transfer.file:check()
  if ok then return true end
  return failure.returns(failure.of_core(code, text, "checking the file"))
end

local function begin_journal(transfer, session)
  local head = journal.identity(transfer.file)
  local path = transfer.file.path
  -- Who goes on with it may be in another folder.
  head.path = core.real_path(path) or path
  local kept, message, err = journal.create(transfer.journal_path, {
    file = head, session = session:save(), if_match = transfer.if_match,
    target = transfer.target:save(),
    -- What was asked for; the mtime is the file's own.
    attributes = transfer.attributes_of {},
    on_conflict = transfer.on_conflict,
  })
  transfer.journal = kept
  return kept, message, err
end

-- A create whose answer was lost may have made the session that the second
-- one then names. What is in it can't be ours unless the list proves it.
local function adopt(transfer, session)
  local list, message, err = part_list.all(transfer, session)
  if not list then return nil, message, err end
  local stored = resume.believe(session, list, {})
  if stored then return stored end
  transfer.session = nil -- another's, who shall find it as it is
  err = failure.of("conflict", "session_conflict",
    "creating the upload session",
    "another upload of this file is open, with something else in it",
    "wait for it to end, or abort the session " .. session.id)
  err.session_id = session.id
  return failure.returns(err)
end

local function create(transfer)
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
  if session.adopted then stored, message, err = adopt(transfer, session) end
  if stored and transfer.journal_path then
    local kept
    kept, message, err = begin_journal(transfer, session)
    if not kept then stored = nil end
  end
  if not stored then return nil, message, err end
  return { session = session, stored = stored }
end

-- The session to go on with, and what is stored in it by offset; or the file,
-- when an earlier run had done it all.
local function find_or_create(transfer)
  if not transfer.journal_path then return create(transfer) end
  local found, message, err = resume.find(transfer)
  if err then return nil, message, err end
  if not found then return create(transfer) end
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
      -- Without the note a later run can't believe the part, no more.
      if transfer.journal then transfer.journal:part(part) end
    end,
  })
  if transfer.paused then uploader:set_paused(true) end
  -- What was stored before isn't speed.
  transfer.transfer_rate = transfer_rate.new()
  return uploader
end

local function send(transfer, uploader)
  transfer.phase, transfer.part_uploader = "uploading", uploader
  local parts, message, err = uploader:run()
  if not parts then return nil, message, err end
  local ok
  ok, message, err = check_file(transfer)
  if not ok then return nil, message, err end
  return parts
end

local function commit_parts(transfer, session, parts, sha1)
  transfer.phase = "committing"
  transfer:event { event = "commit", session_id = session.id, sha1 = sha1 }
  local doubtful = transfer.journal and transfer.journal.committed ~= nil
  if transfer.journal then transfer.journal:commit(sha1) end
  return commit.run(transfer, session, {
    sha1 = sha1, parts = parts, attributes = transfer.attributes,
    if_match = transfer.if_match, wait = true, fields = transfer.fields,
    timeout = transfer.commit_timeout, target = transfer.target,
    doubtful = doubtful,
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
    parts, message, err = send(transfer, uploader)
    if not parts then return nil, message, err end
    file, message, err =
      commit_parts(transfer, session, parts, uploader.digest:hex())
    if file or err.action ~= "resend" then break end
    uploader:take_back(err.missing_offsets)
  end
  return file, message, err
end

local NEVER = { integrity = true, session = true }

-- Whether another run could go on from here.
local function is_resumable(err)
  if err.code == "ambiguous_commit" then return true end
  if err.action == "replace" or NEVER[err.kind] then return false end
  -- A changed source is over; a precondition that failed is not.
  return err.kind ~= "changed" or err.status ~= nil
end

--- Removes the session and the journal: nobody shall go on with them.
---@param transfer boxupload.Transfer
---@param err boxupload.Error  a trouble here is noted there
function M.drop(transfer, err)
  local kept, session = transfer.journal, transfer.session
  transfer.journal, transfer.session = nil, nil
  if session then
    transfer.phase = "aborting"
    abort.after(transfer, session, err)
  end
  if kept then kept:remove() end
end

--- The end of an upload that failed: its session is kept for a later run
--- where there is a journal to find it by, else removed.
---@param transfer boxupload.Transfer
---@param err boxupload.Error
function M.leave(transfer, err)
  local kept = transfer.journal
  if kept and is_resumable(err) then
    err.resumable, err.journal = true, kept.path
    kept:close()
    transfer.journal = nil
  -- It may be a file by now, which nobody can tell.
  elseif err.code ~= "ambiguous_commit" then
    M.drop(transfer, err)
  end
end

--- Sends the transfer's file through one upload session.
---@param transfer boxupload.Transfer
---@return table? file, string? message, boxupload.Error? err
function M.run(transfer)
  local found, message, err = find_or_create(transfer)
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
