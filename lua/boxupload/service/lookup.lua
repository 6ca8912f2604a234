-- lookup: finds what is on Box under an id or a name, and whether this upload
-- put it there.
-- SPDX-License-Identifier: MIT

local box_url = require "boxupload.util.box_url"
local call = require "boxupload.service.call"
local failure = require "boxupload.service.failure"
local fields_of = require "boxupload.service.fields"
local reply = require "boxupload.service.reply"
local retry = require "boxupload.service.retry"
local text = require "boxupload.util.text"

local M = {}

local FILE_OPERATION = "looking at the file on Box"
local PREFLIGHT_OPERATION = "asking whether Box would take the file"
-- Seconds. Short, since uploads can do without the result.
local TIMEOUT = 60
-- What was just made may take a while to show, so an absence counts only after
-- this many looks.
local LOOKS = 4

--- Fetches the file with this id.
---@param caller boxupload.Caller
---@param id string
---@param fields string?  from fields.text; nil: only the required ones
---@return table? file, string? message, boxupload.Error? err
function M.file(caller, id, fields)
  local client = caller.client
  local url = box_url.of(client.api_url, "/files/%s", id)
  local response, message, err = call.perform(caller, {
    operation = FILE_OPERATION, scope = "create", idempotent = true,
    accept = { [200] = "json" }, timeout = TIMEOUT,
    submit = function(queue)
      return client.engine:submit {
        method = "GET", queue = queue, reply_limit = fields_of.REPLY_LIMIT,
        url = fields_of.add(url, fields or fields_of.text {}),
      }
    end,
  })
  if not response then return nil, message, err end
  local file, problem = reply.file(response.value)
  if file then return file end
  return failure.returns(failure.of_reply(response.exchange, FILE_OPERATION,
    problem))
end

--- Sends the preflight check. If the name is taken, the error's `conflict` is
--- the item that has it.
---@param caller boxupload.Caller
---@param target boxupload.Target
---@param size integer?  bytes
---@return table? response, string? message, boxupload.Error? err
function M.preflight(caller, target, size)
  local client = caller.client
  local response, message, err = call.perform(caller, {
    operation = PREFLIGHT_OPERATION, scope = "create", idempotent = true,
    accept = { [200] = "json" }, timeout = TIMEOUT,
    submit = function(queue)
      return client.engine:submit {
        method = "OPTIONS", url = client.api_url .. target:content_path(),
        headers = { ["Content-Type"] = "application/json" },
        body = target:preflight_body(size), queue = queue,
      }
    end,
  })
  if not response then return nil, message, err end
  return response.value
end

local function version_of(file)
  local version = file and file.file_version
  return type(version) == "table" and version.id or nil
end

--- Records the current version of the target's file before the upload, which
--- later tells whether a new version appeared. A failure is ignored: the token
--- may be allowed to upload but not to read.
---@param caller boxupload.Caller
---@param target boxupload.Target
function M.note_version(caller, target)
  if not target.file_id or target.version_id then return end
  target.version_id = version_of(M.file(caller, target.file_id))
end

--- After a 412: takes the etag that the file has now in place of one that Box
--- itself had told. An etag that the caller gave holds. Looks several times,
--- since the new version may take a while to show.
---@param transfer boxupload.Transfer
---@param err boxupload.Error
---@return boolean renewed
function M.renew_if_match(transfer, err)
  local target = transfer.target
  if err.status ~= 412 or not target.file_id or not transfer.if_match or
     transfer.given_if_match then
    return false
  end
  for look = 1, LOOKS do
    local file = M.file(transfer, target.file_id)
    if not file or type(file.etag) ~= "string" then return false end
    if file.etag ~= transfer.if_match then
      if not retry.begin_anew(transfer, err.message) then return false end
      transfer.if_match, target.version_id = file.etag, version_of(file)
      return true
    end
    if look < LOOKS then
      transfer.waiter:sleep(transfer.client.retry_delay * 2 ^ (look - 1),
        err.message)
    end
  end
  return false
end

-- Builds a file object when only the conflict is known.
local function file_from_conflict(conflict, size)
  return {
    type = conflict.type, id = conflict.id, etag = conflict.etag,
    sha1 = conflict.sha1, name = conflict.name, size = size,
    file_version = conflict.version_id and {
      type = "file_version", id = conflict.version_id, sha1 = conflict.sha1,
    },
  }
end

--- Returns the conflicting file if it has the expected contents. When it can't
--- be fetched, the conflict's SHA-1 decides; without one, also returns the
--- error, for it isn't known.
---@param caller boxupload.Caller
---@param conflict boxupload.Conflict
---@param expected {sha1:string, size:integer}
---@param fields string?
---@return table? file, boxupload.Error? err
function M.same_bytes(caller, conflict, expected, fields)
  if conflict.type ~= "file" then return nil end
  if conflict.sha1 and conflict.sha1 ~= expected.sha1 then return nil end
  local file, _, err = M.file(caller, conflict.id, fields)
  if not file and not conflict.sha1 then return nil, err end
  file = file or file_from_conflict(conflict, expected.size)
  local problem = reply.difference(file, {
    sha1 = expected.sha1, size = expected.size,
  })
  return not problem and file or nil
end

local function version_outcome(caller, target, expected, fields)
  local file, _, err = M.file(caller, target.file_id, fields)
  if not file then return "unknown", nil, err end
  local version = version_of(file)
  if version and version == target.version_id then return "absent" end
  local problem = reply.difference(file, {
    sha1 = expected.sha1, size = expected.size,
  })
  if not problem then return "done", file end
  if not version or not target.version_id then return "unknown", file.id end
  return "other", file.id
end

-- Box compares names without case. A name that differs only in the case of
-- its letters belongs to a file that existed before; any other difference can
-- be Box's own: it stores some names in another form.
local function is_other_spelling(found, wanted)
  return found ~= nil and found ~= wanted and
    text.lower(found) == text.lower(wanted)
end

local function name_outcome(caller, target, expected, conflict, fields)
  if not conflict then
    local response, _, err = M.preflight(caller, target)
    if response then return "absent" end
    if not err.conflict then return "unknown", nil, err end
    conflict = err.conflict
  end
  -- Another upload of this client made it.
  if (caller.client.made or {})[conflict.id] then
    return "other", conflict.id
  end
  if is_other_spelling(conflict.name, target.file_name) then
    return "other", conflict.id
  end
  local file, err = M.same_bytes(caller, conflict, expected, fields)
  if file then return "done", file end
  return err and "unknown" or "other", conflict.id, err
end

--- Finds out what became of an upload whose response was lost: "done" and the
--- file; "absent"; "other" and the id of the item that is there instead; or
--- "unknown", with the id and the error where there are any.
---@param caller boxupload.Caller
---@param target boxupload.Target
---@param expected {sha1:string, size:integer}
---@param given {conflict:boxupload.Conflict?, fields:string?}
---@return "done"|"absent"|"other"|"unknown" outcome
---@return table|string|nil file_or_id, boxupload.Error? err
function M.outcome(caller, target, expected, given)
  if target.file_id then
    return version_outcome(caller, target, expected, given.fields)
  end
  return name_outcome(caller, target, expected, given.conflict, given.fields)
end

--- The same after several looks with pauses between, until the upload is there
--- or something else is.
---@param caller boxupload.Caller
---@param target boxupload.Target
---@param expected {sha1:string, size:integer}
---@param given {conflict:boxupload.Conflict?, fields:string?}
---@return "done"|"absent"|"other"|"unknown" outcome
---@return table|string|nil file_or_id, boxupload.Error? err
function M.settled_outcome(caller, target, expected, given)
  local outcome, file_or_id, err
  for look = 1, LOOKS do
    outcome, file_or_id, err = M.outcome(caller, target, expected, given)
    if outcome == "done" or outcome == "other" then break end
    if look < LOOKS then
      caller.waiter:sleep(caller.client.retry_delay * 2 ^ (look - 1),
        "looking for the file on Box")
    end
  end
  return outcome, file_or_id, err
end

return M
