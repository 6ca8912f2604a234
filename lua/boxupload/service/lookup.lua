-- lookup: what is on Box under an id or a name, and whether we put it there.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local failure = require "boxupload.service.failure"
local fields_of = require "boxupload.service.fields"
local reply = require "boxupload.service.reply"

local M = {}

local LOOKING = "looking at the file on Box"
local ASKING = "asking whether Box would take the file"
-- Seconds: what comes of it is good to know, not needed.
local PATIENCE = 60

--- The file of an id.
---@param caller boxupload.Caller
---@param id string
---@param fields string?  of fields.text; nil: those that tell it from others
---@return table? file, string? message, boxupload.Error? err
function M.file(caller, id, fields)
  local client = caller.client
  local url = ("%s/files/%s"):format(client.api_url, id)
  local answer, message, err = call.perform(caller, {
    operation = LOOKING, scope = "create", idempotent = true,
    accept = { [200] = "json" }, timeout = PATIENCE,
    submit = function(queue)
      return client.engine:submit {
        method = "GET", queue = queue,
        url = fields_of.add(url, fields or fields_of.text {}),
      }
    end,
  })
  if not answer then return nil, message, err end
  local file, problem = reply.file(answer.value)
  if file then return file end
  return failure.returns(failure.of_reply(answer.exchange, LOOKING, problem))
end

--- The preflight check. What has the name already is the error's `conflict`.
---@param caller boxupload.Caller
---@param target boxupload.Target
---@param size integer?
---@return table? answer, string? message, boxupload.Error? err
function M.ask(caller, target, size)
  local client = caller.client
  local answer, message, err = call.perform(caller, {
    operation = ASKING, scope = "create", idempotent = true,
    accept = { [200] = "json" },
    submit = function(queue)
      return client.engine:submit {
        method = "OPTIONS", url = client.api_url .. target:content_path(),
        headers = { ["Content-Type"] = "application/json" },
        body = target:preflight_body(size), queue = queue,
      }
    end,
  })
  if not answer then return nil, message, err end
  return answer.value
end

local function version_of(file)
  local version = file and file.file_version
  return type(version) == "table" and version.id or nil
end

--- Notes which version a target's file has before the upload: without that,
--- a version of ours can't be told from one that was there. A token that may
--- upload needn't be one that may look.
---@param caller boxupload.Caller
---@param target boxupload.Target
function M.note_version(caller, target)
  if not target.file_id or target.version_id then return end
  target.version_id = version_of(M.file(caller, target.file_id))
end

-- The object of a file of which only the conflict is known.
local function file_of(conflict, size)
  return {
    type = conflict.type, id = conflict.id, etag = conflict.etag,
    sha1 = conflict.sha1, name = conflict.name, size = size,
    file_version = conflict.version_id and {
      type = "file_version", id = conflict.version_id, sha1 = conflict.sha1,
    },
  }
end

--- The file in the way, if it has these bytes. What can't be looked at is
--- believed by its SHA-1, which tells the size too.
---@param caller boxupload.Caller
---@param conflict boxupload.Conflict
---@param expected {sha1:string, size:integer}
---@param fields string?
---@return table? file
function M.same_bytes(caller, conflict, expected, fields)
  if conflict.type ~= "file" then return nil end
  if conflict.sha1 and conflict.sha1 ~= expected.sha1 then return nil end
  local file = M.file(caller, conflict.id, fields)
  if not file and not conflict.sha1 then return nil end
  file = file or file_of(conflict, expected.size)
  local problem = reply.difference(file, {
    sha1 = expected.sha1, size = expected.size,
  })
  return not problem and file or nil
end

local function version_outcome(caller, target, expected, fields)
  local file, _, err = M.file(caller, target.file_id, fields)
  if not file then return "unknown", nil, err end
  local version = version_of(file)
  if not version or not target.version_id then return "unknown", file.id end
  if version == target.version_id then return "absent" end
  local problem = reply.difference(file, {
    sha1 = expected.sha1, size = expected.size,
  })
  if problem then return "other", file.id end
  return "done", file
end

local function name_outcome(caller, target, expected, conflict, fields)
  if not conflict then
    local answer, _, err = M.ask(caller, target)
    if answer then return "absent" end
    if not err.conflict then return "unknown", nil, err end
    conflict = err.conflict
  end
  -- What had another name, if only in its case, was there before.
  if conflict.name and conflict.name ~= target.file_name then
    return "other", conflict.id
  end
  local file = M.same_bytes(caller, conflict, expected, fields)
  if file then return "done", file end
  return "other", conflict.id
end

--- What became of an upload whose answer was lost: "done" and the file;
--- "absent"; "other" and the id of what is there instead; or "unknown", with
--- the id and the error where there are any.
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

return M
