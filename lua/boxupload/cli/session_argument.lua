-- session_argument: opens the upload session named on the command line.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local owner = require "boxupload.journal.owner"
local unfinished = require "boxupload.cli.unfinished"

local M = {}

local OPERATION = "opening the upload session"

--- Adds the argument that names an upload session.
---@param command table  of argparse
function M.define(command)
  command:argument("id", "An ID of `boxupload sessions`, or Box's own id " ..
    "of an upload session; a prefix is enough if it is unique.")
    :argname("<id>")
end

--- Whether Box doesn't have the session, or no longer.
---@param err boxupload.Error
function M.is_gone(err)
  return err.action == "replace" and (err.status == 404 or err.status == 410)
end

local function session_gone_error(err, id)
  local why = failure.of("gone", err.code or "no_session", err.operation,
    "Box has no upload session " .. id, "it was committed or aborted, has " ..
    "expired, or is another user's")
  why.status, why.request_id, why.session_id = err.status, err.request_id, id
  return why
end

--- Explains an error of a session request to the user.
---@param err boxupload.Error
---@param id string
---@return boxupload.Error
function M.session_error(err, id)
  return M.is_gone(err) and session_gone_error(err, id) or err
end

-- Another user's session isn't asked for: Box may answer that it has none.
local function check_owner(client, found)
  if not found.path then return nil end
  local _, _, err = client:directly(owner.check, found.user, found.path,
    OPERATION)
  return err
end

--- Opens the session with an ID. Reports a failure and returns its exit code.
---@param context boxupload.Context
---@param id string
---@return boxupload.Session? session, integer? exit_code
---@return table? found  see unfinished.find_session
function M.open(context, id)
  local found, err = unfinished.find_session(id)
  if not found then return nil, context.report:fail(err) end
  local client, code = context:need_client()
  if not client then return nil, code end
  local why = check_owner(client, found)
  if why then return nil, context.report:fail(why) end
  local session, _
  session, _, why = client:open_session(found.session_id)
  if session then return session, nil, found end
  return nil, context.report:fail(M.session_error(why, found.session_id))
end

return M
