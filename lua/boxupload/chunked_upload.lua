-- chunked_upload: a file in parts: create, send, check, commit.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.abort"
local commit = require "boxupload.commit"
local failure = require "boxupload.failure"
local opening = require "boxupload.opening"
local part_pump = require "boxupload.part_pump"

local M = {}

local function check_file(transfer)
  local ok, text, code = transfer.file:check()
  if ok then return true end
  return failure.returns(failure.of_core(code, text, "checking the file"))
end

local function send(transfer, session)
  local pump = part_pump.new(transfer, session, transfer.file,
    transfer.parallel)
  transfer.phase, transfer.pump = "uploading", pump
  local parts, message, err = pump:run()
  if not parts then return nil, message, err end
  local ok
  ok, message, err = check_file(transfer)
  if not ok then return nil, message, err end
  return parts, pump.digest:hex()
end

local function finish(transfer, session, parts, sha1)
  transfer.phase = "committing"
  local file, message, err = commit.run(transfer, session, {
    sha1 = sha1, parts = parts, attributes = transfer.attributes,
    if_match = transfer.if_match, wait = true,
    timeout = transfer.commit_timeout,
    expected = {
      sha1 = sha1, size = transfer.file.size,
      name = transfer.target.file_name,
    },
  })
  if file or err.action ~= "again" then return file, message, err end
  -- The answer is lost, not the commit.
  err.message = err.message .. " (the file may be on Box nevertheless)"
  return failure.returns(err)
end

--- Sends the transfer's file through an upload session, which is removed
--- again when it fails.
---@param transfer boxupload.Transfer
---@return table? file, string? message, boxupload.Error? err
function M.run(transfer)
  transfer.phase = "creating"
  local session, message, err =
    opening.create(transfer, transfer.target, transfer.file.size)
  if not session then return nil, message, err end
  transfer.session = session
  local parts, file
  local sha1_or_message
  parts, sha1_or_message, err = send(transfer, session)
  if parts then
    file, message, err = finish(transfer, session, parts, sha1_or_message)
    if file then return file end
  else
    message = sha1_or_message
  end
  -- A wrong file is there: its session is over.
  if not err.file then
    transfer.phase = "aborting"
    abort.after(transfer, session, err)
  end
  return nil, message, err
end

return M
