-- small: a file in one request, as Box wants it below its minimum.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local failure = require "boxupload.service.failure"
local fields = require "boxupload.service.fields"
local lookup = require "boxupload.service.lookup"
local preflight = require "boxupload.upload.preflight"
local retry = require "boxupload.service.retry"
local uploaded_file = require "boxupload.service.uploaded_file"

local M = {}

local OPERATION = "uploading the file"
-- Bytes that arrive as others time after time are others here.
local DIGEST_ATTEMPTS = 3

-- What may have been done already tells itself by these.
local TAKEN = { [409] = true, [412] = true }

local function request_of(transfer)
  local client, target = transfer.client, transfer.target
  local attributes = target:content_attributes(transfer.attributes)
  local headers = { ["If-Match"] = transfer.if_match }
  return {
    operation = OPERATION, scope = "create",
    accept = { [200] = "json", [201] = "json" },
    submit = function(queue)
      local exchange, text, code = client.engine:submit {
        method = "POST", headers = headers, attributes = attributes,
        url = fields.add(target:url(client, target:content_path()),
          transfer.fields),
        body = transfer.file, content_md5 = true, queue = queue,
      }
      transfer.sending = exchange
      return exchange, text, code
    end,
  }
end

-- The file when it is there and ours; else the outcome.
local function look(transfer, conflict)
  local sha1 = transfer.sending and transfer.sending:sha1()
  if not sha1 then return nil, "unknown" end
  local outcome, found = lookup.outcome(transfer, transfer.target,
    { sha1 = sha1, size = transfer.file.size },
    { conflict = conflict, fields = transfer.fields })
  if outcome == "done" then return found, outcome end
  return nil, outcome
end

local function in_doubt(transfer, err, outcome)
  err.message = ("%s (and it can't be told whether the file is on Box " ..
    "nevertheless)"):format(err.message)
  err.outcome, err.file_id = outcome, transfer.target.file_id
  return err
end

-- Sent again, a version that has arrived would become two: only where it is
-- known to be absent, or an etag keeps it from that.
local function may_repeat(transfer, outcome)
  return outcome == "absent" or transfer.if_match ~= nil
end

-- After an answer that was lost: a file, or the seconds until the next
-- attempt, or neither and the error. A new file may go again unseen: its
-- name keeps it from being there twice.
local function after_loss(transfer, err, tries)
  tries.lost = tries.lost + 1
  local delay = retry.delay(transfer, err, tries.lost, true)
  if delay and not transfer.target.file_id then return nil, delay end
  if delay then transfer.waiter:sleep(delay, err.message) end
  local file, outcome = look(transfer)
  if file then return file end
  if delay and may_repeat(transfer, outcome) then return nil, 0 end
  if outcome == "absent" then return nil, nil, err end
  return nil, nil, in_doubt(transfer, err, outcome)
end

-- It goes again unless the file was changed, which the core sees when it
-- hashes it again.
local function after_damage(transfer, err, tries)
  tries.damaged = tries.damaged + 1
  if tries.damaged >= DIGEST_ATTEMPTS then return nil, nil, err end
  err.action = "retry"
  return nil, retry.delay(transfer, err, tries.damaged, true), err
end

-- What to do after a failure: a file, or the seconds until the next attempt,
-- or neither and the error.
local function recover(transfer, err, tries)
  if err.action == "again" then return after_loss(transfer, err, tries) end
  if (err.code or ""):find("digest") then
    return after_damage(transfer, err, tries)
  end
  if tries.lost == 0 or not TAKEN[err.status] then return nil, nil, err end
  local file, outcome = look(transfer, err.conflict)
  if not file and err.status == 412 and outcome ~= "absent" then
    err = in_doubt(transfer, err, outcome)
  end
  return file, nil, err
end

local function send_once(transfer, request)
  local answer, message, err = call.perform(transfer, request)
  if not answer then return nil, message, err end
  return uploaded_file.check(answer, OPERATION, {
    sha1 = answer.exchange:sha1(), size = transfer.file.size,
    name = transfer.target.file_name,
  })
end

--- Sends the transfer's file; the body is hashed first, and the service
--- checks it by content-md5. When the answer is lost, the SHA-1 of what is on
--- Box tells whether it has arrived.
---@param transfer boxupload.Transfer
---@return table? file, string? message, boxupload.Error? err
function M.run(transfer)
  local target = transfer.target
  -- Or else the bytes would be sent to learn that they needn't be.
  if transfer.on_conflict == "skip_identical" and not target.file_id and
     not target.checked then
    local ok, message, err = preflight.run(transfer)
    if not ok then return nil, message, err end
  end
  lookup.note_version(transfer, target)
  transfer.phase = "uploading"
  local request, tries = request_of(transfer), { lost = 0, damaged = 0 }
  while true do
    local file, message, err = send_once(transfer, request)
    if file then return file end
    local delay
    file, delay, err = recover(transfer, err, tries)
    if file then return file end
    if not delay then return failure.returns(err) end
    transfer.waiter:sleep(delay, message)
  end
end

return M
