-- whole: uploads one file, in one request or in parts, and starts over when a
-- new attempt can fix the error.
-- SPDX-License-Identifier: MIT

local chunked_upload = require "boxupload.upload.chunked"
local conflict = require "boxupload.upload.conflict"
local core = require "boxupload.core"
local journal = require "boxupload.upload.journal"
local preflight = require "boxupload.upload.preflight"
local small_upload = require "boxupload.upload.small"
local source = require "boxupload.upload.source"

local M = {}

-- A file that is written to all the time can't be uploaded.
local MAX_RESTARTS = 3

-- Whether an earlier run of this upload left a journal.
local function has_journal(transfer)
  local path = transfer.journal_path
  return path ~= nil and journal.exists(path)
end

-- Whether to upload in one request. An upload with a journal already has an
-- upload session, and resumes it whatever the file's size.
local function is_small(transfer)
  local size = transfer.file.size
  return size == 0 or size < transfer.client.simple_below and
    not has_journal(transfer)
end

-- Seconds: more than a tick of the clock that systems use for file times. Two
-- writes within one tick give the file the same times.
local CLOCK_TICK = 0.02

-- Waits until any later write changes the file's times, so that the change is
-- noticed.
local function wait_for_clock_tick(transfer)
  local file = transfer.file
  local age = core.time() - math.max(file.mtime, file.ctime)
  if age >= 0 and age < CLOCK_TICK then
    transfer.waiter:sleep(CLOCK_TICK - age, "the file was just written")
  end
end

local function upload_once(transfer)
  wait_for_clock_tick(transfer)
  if is_small(transfer) then return small_upload.run(transfer) end
  return chunked_upload.run(transfer)
end

-- Box has raised its minimum size for upload sessions: sends the file in one
-- request.
local function raise_simple_limit(transfer)
  transfer.client.simple_below = transfer.file.size + 1
  return true
end

-- Starts over with a new session, but only once.
local function replace_session(transfer, err)
  if transfer.session_replaced then return false end
  transfer.session_replaced = true
  transfer:event { event = "restart", reason = err.message }
  return true
end

-- Starts over with the changed file, if the caller allows that.
local function reopen_file(transfer, err)
  transfer.restarts = (transfer.restarts or 0) + 1
  if transfer.on_change ~= "restart" or not transfer.owns_file or
     transfer.restarts > MAX_RESTARTS then
    return false
  end
  local file = source.open(transfer.file.path)
  if not file then return false end
  transfer.file:close()
  transfer.file, transfer.size = file, file.size
  transfer.attributes = transfer.attributes_of(file)
  transfer:event { event = "restart", reason = err.message }
  return true
end

-- Applies the conflict policy. Returns the file that is already on Box, or
-- true to start over with another target.
local function resolve_conflict(transfer, err)
  local outcome, message, why = conflict.resolve(transfer, err)
  if not outcome then return nil, message, why end
  if outcome.file then return outcome.file end
  transfer.target = outcome.target
  transfer.if_match = outcome.if_match or transfer.if_match
  transfer:event { event = "restart", reason = err.message }
  return true
end

-- Tries to recover from an error. Returns true to start over; a file that
-- completes the upload; or nil or false, with an error to report instead if
-- there is one.
local function recover_from_error(transfer, err)
  if err.conflict and transfer.on_conflict ~= "fail" then
    return resolve_conflict(transfer, err)
  end
  if err.code == "file_size_too_small" then
    return raise_simple_limit(transfer)
  end
  if err.action == "replace" then return replace_session(transfer, err) end
  if err.kind == "changed" and not err.status then
    return reopen_file(transfer, err)
  end
  return nil
end

-- With a journal the check was made before, and now the name may be taken by
-- the file that the earlier run committed.
local function wants_preflight(transfer)
  return transfer.preflight and not has_journal(transfer)
end

--- Uploads the transfer's file: the body of its coroutine. After an error the
--- session and the journal are kept or removed as
--- `chunked.clean_up_failed` says.
---@param transfer boxupload.Transfer
---@return table? file, string? message, boxupload.Error? err
function M.run(transfer)
  local file, message, err = true, nil, nil
  if wants_preflight(transfer) then
    file, message, err = preflight.run(transfer)
  end
  if file then file, message, err = upload_once(transfer) end
  while not file do
    local recovery, new_message, new_err = recover_from_error(transfer, err)
    if not recovery then
      message, err = new_message or message, new_err or err
      chunked_upload.clean_up_failed(transfer, err)
      return nil, message, err
    end
    chunked_upload.drop(transfer, err)
    if recovery ~= true then return recovery end
    file, message, err = upload_once(transfer)
  end
  return file
end

return M
