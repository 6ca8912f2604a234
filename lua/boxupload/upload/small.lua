-- small: uploads a file in one request, as Box requires for files too small
-- for an upload session.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local failure = require "boxupload.service.failure"
local fields = require "boxupload.service.fields"
local file_hash = require "boxupload.upload.file_hash"
local lookup = require "boxupload.service.lookup"
local preflight = require "boxupload.upload.preflight"
local retry = require "boxupload.service.retry"
local uploaded_file = require "boxupload.service.uploaded_file"

local M = {}

local OPERATION = "uploading the file"
-- When Box keeps refusing the digest, the data is changing here rather than on
-- the network.
local MAX_DIGEST_FAILURES = 3

-- After a lost response these statuses can mean that the upload succeeded: the
-- name is taken (409), or the etag has changed (412).
local MAYBE_UPLOADED = { [409] = true, [412] = true }

local function upload_request(transfer)
  local client, target = transfer.client, transfer.target
  local attributes = target:content_attributes(transfer.attributes)
  local headers = { ["If-Match"] = transfer.if_match }
  return {
    operation = OPERATION, scope = "create",
    accept = { [200] = "json", [201] = "json" },
    fall_back = function() target.upload_base = nil end,
    submit = function(queue)
      local exchange, text, code = client.engine:submit {
        method = "POST", headers = headers, attributes = attributes,
        url = fields.add(target:url(client, target:content_path()),
          transfer.fields),
        body = transfer.file, content_md5 = true, queue = queue,
        reply_limit = fields.REPLY_LIMIT,
      }
      transfer.exchange = exchange
      return exchange, text, code
    end,
  }
end

-- Returns the file if this upload put it on Box, else nil, and the outcome. A
-- new version may take a while to show.
local function find_uploaded(transfer, conflict)
  local sha1 = transfer.exchange and transfer.exchange:sha1()
  if not sha1 then return nil, "unknown" end
  local look = transfer.target.file_id and lookup.settled_outcome or
    lookup.outcome
  local outcome, found = look(transfer, transfer.target,
    { sha1 = sha1, size = transfer.file.size },
    { conflict = conflict, fields = transfer.fields })
  if outcome == "done" then return found, outcome end
  return nil, outcome
end

local function mark_ambiguous(transfer, err, outcome)
  err.message = err.message .. " (the file may be on Box all the same)"
  err.outcome, err.file_id = outcome, transfer.target.file_id
  -- What has the name may be this very file: no policy applies to it.
  err.conflict = nil
  return err
end

-- Sending a new version twice can create two versions. It is safe only when
-- the first is known to be absent, or when If-Match makes Box refuse the
-- second.
local function is_safe_to_resend(transfer, outcome)
  return outcome == "absent" or transfer.if_match ~= nil
end

-- After a lost response. A new file is sent again without a lookup: Box
-- refuses a second file of the same name. Returns as `recover_upload`.
local function recover_lost_response(transfer, err, failures)
  failures.lost = failures.lost + 1
  local delay = retry.delay(transfer, err, failures.lost, true)
  if delay and not transfer.target.file_id then return nil, delay end
  if delay then transfer.waiter:sleep(delay, err.message) end
  local file, outcome = find_uploaded(transfer)
  if file then return file end
  if delay and is_safe_to_resend(transfer, outcome) then return nil, 0 end
  if outcome == "absent" then return nil, nil, err end
  return nil, nil, mark_ambiguous(transfer, err, outcome)
end

-- After a refused digest. Sends the file again, unless it has changed. Returns
-- as `recover_upload`.
local function retry_after_bad_digest(transfer, err, failures)
  failures.digest = failures.digest + 1
  if failures.digest >= MAX_DIGEST_FAILURES then return nil, nil, err end
  err.action = "retry"
  return nil, retry.delay(transfer, err, failures.digest, true), err
end

-- A version that somebody made meanwhile is looked up again, where its etag
-- came from Box and not from the caller.
local function recover_other(transfer, err)
  local is_renewed = lookup.renew_if_match(transfer, err)
  return nil, is_renewed and 0 or nil, err
end

-- Decides what to do after an error. Returns the file if it is on Box after
-- all; or nil and the seconds until the next attempt; or nil, nil and the
-- error.
local function recover_upload(transfer, err, failures)
  if err.action == "retry_if_safe" then
    return recover_lost_response(transfer, err, failures)
  end
  if (err.code or ""):find("digest") then
    return retry_after_bad_digest(transfer, err, failures)
  end
  if failures.lost == 0 or not MAYBE_UPLOADED[err.status] then
    return recover_other(transfer, err)
  end
  local file, outcome = find_uploaded(transfer, err.conflict)
  local is_known = outcome == "absent" or
    outcome == "other" and err.status == 409
  if not file and not is_known then
    err = mark_ambiguous(transfer, err, outcome)
  end
  return file, nil, err
end

local function send_once(transfer, request)
  local answer, message, err = call.perform(transfer, request)
  if not answer then return nil, message, err end
  return uploaded_file.check(answer, OPERATION, {
    sha1 = answer.exchange:sha1(), size = transfer.file.size,
    file_id = transfer.target.file_id, folder_id = transfer.target.folder_id,
  })
end

-- Box may have the file as it was when it was sent before.
local function check_file(transfer)
  local sha1 = transfer.exchange and transfer.exchange:sha1()
  if not sha1 then return true end
  return file_hash.check(transfer, transfer.file, sha1)
end

--- Uploads the transfer's file in one request. The file is hashed first, and
--- Box checks the SHA-1 in the Content-MD5 header (a SHA-1 in spite of its
--- name, says Box's API reference). After a lost response the SHA-1 of the
--- file on Box shows whether the upload succeeded.
---@param transfer boxupload.Transfer
---@return table? file, string? message, boxupload.Error? err
function M.run(transfer)
  local target = transfer.target
  -- Without a preflight the whole file would be sent just to get a 409.
  if transfer.on_conflict == "skip_identical" and not target.file_id and
     not target.checked then
    local ok, message, err = preflight.run(transfer)
    if not ok then return nil, message, err end
  end
  lookup.note_version(transfer, target)
  transfer.phase = "uploading"
  local failures = { lost = 0, digest = 0 }
  while true do
    local file, message, err = send_once(transfer, upload_request(transfer))
    if file then return file end
    local delay
    file, delay, err = recover_upload(transfer, err, failures)
    if file then return file end
    if not delay then return failure.returns(err) end
    transfer.waiter:sleep(delay, message)
    local same
    same, message, err = check_file(transfer)
    if not same then return nil, message, err end
  end
end

return M
