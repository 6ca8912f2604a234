-- whole: uploads one file, in one request or in parts, and starts over when a
-- new attempt can fix the error.
-- SPDX-License-Identifier: MIT

local chunked_upload = require "boxupload.upload.chunked"
local conflict = require "boxupload.upload.conflict"
local core = require "boxupload.core"
local preflight = require "boxupload.upload.preflight"
local resume = require "boxupload.upload.resume"
local retry = require "boxupload.service.retry"
local small_upload = require "boxupload.upload.small"
local text = require "boxupload.util.text"

local M = {}

-- Whether to upload in one request. An upload that is resumed already has an
-- upload session, whatever the file's size.
local function is_small(transfer, found)
  local size = transfer.file.size
  return size == 0 or size < transfer.client.simple_below and not found
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

local function upload_once(transfer, found)
  wait_for_clock_tick(transfer)
  if is_small(transfer, found) then return small_upload.run(transfer) end
  return chunked_upload.run(transfer, found)
end

-- Box has raised its minimum size for upload sessions: sends the file in one
-- request.
local function raise_simple_limit(transfer, err)
  if is_small(transfer) or not retry.begin_anew(transfer, err.message) then
    return false
  end
  transfer.client.simple_below = transfer.file.size + 1
  return true
end

-- Starts over with a new session, but only once.
local function replace_session(transfer, err)
  if transfer.session_replaced then return false end
  transfer.session_replaced = true
  return retry.begin_anew(transfer, err.message)
end

-- Starts over with the changed file, if the caller allows that.
local function reopen_file(transfer, err)
  if transfer.on_change ~= "restart" or not transfer.owns_file or
     not retry.begin_anew(transfer, err.message) then
    return false
  end
  local file = transfer.file:reopen()
  if not file then return false end
  transfer.file:close()
  transfer.file, transfer.size = file, file.size
  transfer.attributes = transfer.attributes_of(file)
  return true
end

-- Applies the conflict policy. Returns the file that is already on Box, or
-- true to start over with another target.
local function resolve_conflict(transfer, err)
  local outcome, message, why = conflict.resolve(transfer, err)
  if not outcome then return nil, message, why end
  if outcome.file then return outcome.file end
  if not retry.begin_anew(transfer, err.message) then return false end
  transfer.target = outcome.target
  transfer.if_match = outcome.if_match or transfer.given_if_match
  return true
end

-- The file that the policy was to replace is there no more, so its name is
-- free again.
local function is_replaced_gone(transfer, err)
  return err.kind == "gone" and err.code ~= nil and
    transfer.target.file_id ~= nil and transfer.asked_target.file_id == nil
    and not transfer.given_if_match
end

local function return_to_name(transfer, err)
  if not retry.begin_anew(transfer, err.message) then return false end
  transfer.target, transfer.if_match = transfer.asked_target, nil
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
    return raise_simple_limit(transfer, err)
  end
  if err.action == "replace" then return replace_session(transfer, err) end
  if is_replaced_gone(transfer, err) then
    return return_to_name(transfer, err)
  end
  if chunked_upload.is_file_changed(err) then
    return reopen_file(transfer, err)
  end
  return nil
end

-- After an earlier run the check was made before, and now the file that it
-- committed may have the name.
local function wants_preflight(transfer)
  return transfer.preflight and not transfer.journal
end

-- Returns what an earlier run left, else nil.
local function find_earlier_run(transfer)
  if not transfer.journal_path then return nil end
  return resume.find(transfer)
end

-- Uploads until a file is there, or an error from which nothing recovers.
local function upload_with_recovery(transfer, found)
  local file, message, err = true, nil, nil
  if not found and wants_preflight(transfer) then
    file, message, err = preflight.run(transfer)
  end
  if file then file, message, err = upload_once(transfer, found) end
  while not file do
    local recovery, new_message, new_err = recover_from_error(transfer, err)
    if not recovery then return nil, new_message or message, new_err or err end
    chunked_upload.supersede(transfer, err)
    if recovery ~= true then return recovery end
    file, message, err = upload_once(transfer)
  end
  return file
end

-- Box stores some names in another form.
local function tell_of_name(transfer, file)
  local asked = transfer.target.file_name
  if asked and file.name and file.name ~= asked then
    transfer:event {
      event = "warning", code = "name_changed", file_name = asked,
      message = ('Box stored "%s" under the name "%s"')
        :format(text.one_line(asked, 300), text.one_line(file.name, 300)),
    }
  end
end

--- Uploads the transfer's file: the body of its coroutine. After an error the
--- session and the journal are kept or removed as
--- `chunked.clean_up_failed` says.
---@param transfer boxupload.Transfer
---@return table? file, string? message, boxupload.Error? err
function M.run(transfer)
  local found, message, err = find_earlier_run(transfer)
  if err then return nil, message, err end
  if found and found.file then return found.file end
  local file
  file, message, err = upload_with_recovery(transfer, found)
  if not file then
    chunked_upload.clean_up_failed(transfer, err)
    return nil, message, err
  end
  chunked_upload.finish(transfer)
  tell_of_name(transfer, file)
  return file
end

return M
