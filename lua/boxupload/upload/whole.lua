-- whole: one file to Box, by the way that suits its size, and begun
-- anew where that mends what went wrong.
-- SPDX-License-Identifier: MIT

local chunked_upload = require "boxupload.upload.chunked"
local conflict = require "boxupload.upload.conflict"
local core = require "boxupload.core"
local journal = require "boxupload.upload.journal"
local preflight = require "boxupload.upload.preflight"
local small_upload = require "boxupload.upload.small"
local source = require "boxupload.upload.source"

local M = {}

-- A file that somebody writes to all the time can't be uploaded.
local RESTARTS = 3

-- Whether an earlier run of this upload left a journal.
local function was_begun(transfer)
  local path = transfer.journal_path
  return path ~= nil and journal.exists(path)
end

-- What has an upload session is gone on with, however small it is.
local function is_small(transfer)
  local size = transfer.file.size
  return size == 0 or size < transfer.client.simple_below and
    not was_begun(transfer)
end

-- Seconds. Systems stamp files with a clock that stands still for as long:
-- a file that is written twice within them looks as it did between.
local TICK = 0.02

-- Waits until a later change would be seen.
local function let_settle(transfer)
  local file = transfer.file
  local age = core.time() - math.max(file.mtime, file.ctime)
  if age >= 0 and age < TICK then
    transfer.waiter:sleep(TICK - age, "the file was just written")
  end
end

local function once(transfer)
  let_settle(transfer)
  if is_small(transfer) then return small_upload.run(transfer) end
  return chunked_upload.run(transfer)
end

-- The service has moved its minimum.
local function shrink(transfer)
  transfer.client.simple_below = transfer.file.size + 1
  return true
end

local function replace_session(transfer, err)
  if transfer.replaced then return false end
  transfer.replaced = true
  transfer:event { event = "restart", reason = err.message }
  return true
end

local function reopen(transfer, err)
  transfer.restarts = (transfer.restarts or 0) + 1
  if transfer.on_change ~= "restart" or not transfer.owns_file or
     transfer.restarts > RESTARTS then
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

-- By the policy for conflicts: the file that ends it, or true to begin anew
-- with another target.
local function resolve(transfer, err)
  local outcome, message, why = conflict.resolve(transfer, err)
  if not outcome then return nil, message, why end
  if outcome.file then return outcome.file end
  transfer.target = outcome.target
  transfer.if_match = outcome.if_match or transfer.if_match
  transfer:event { event = "restart", reason = err.message }
  return true
end

-- What mends this failure: true to begin anew, a file that ends it, or nil
-- and, where there is one, the failure to report instead.
local function mend(transfer, err)
  if err.conflict and transfer.on_conflict ~= "fail" then
    return resolve(transfer, err)
  end
  if err.code == "file_size_too_small" then return shrink(transfer) end
  if err.action == "replace" then return replace_session(transfer, err) end
  if err.kind == "changed" and not err.status then
    return reopen(transfer, err)
  end
  return nil
end

-- With a journal it was asked before, and the name may be taken by what the
-- earlier run did.
local function wants_preflight(transfer)
  return transfer.preflight and not was_begun(transfer)
end

--- The body of a transfer's coroutine.
---@param transfer boxupload.Transfer
---@return table? file, string? message, boxupload.Error? err
function M.run(transfer)
  local file, message, err = true, nil, nil
  if wants_preflight(transfer) then
    file, message, err = preflight.run(transfer)
  end
  if file then file, message, err = once(transfer) end
  while not file do
    local mended, why_message, why = mend(transfer, err)
    if not mended then
      message, err = why_message or message, why or err
      chunked_upload.leave(transfer, err)
      return nil, message, err
    end
    chunked_upload.drop(transfer, err)
    if mended ~= true then return mended end
    file, message, err = once(transfer)
  end
  return file
end

return M
