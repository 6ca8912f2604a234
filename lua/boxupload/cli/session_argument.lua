-- session_argument: the upload session that the command line names.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local unfinished = require "boxupload.cli.unfinished"

local M = {}

--- Gives a command the argument that names one.
---@param command table  of argparse
function M.define(command)
  command:argument("id", "An ID of `boxupload sessions`, or Box's own id " ..
    "of an upload session; the beginning will do if only one has it.")
    :argname("<id>")
end

--- Whether Box says that there is no such session.
---@param err boxupload.Error
function M.is_gone(err)
  return err.status == 404 or err.status == 410
end

local function session_gone_error(err, id)
  local why = failure.of("gone", err.code or "no_session", err.operation,
    "Box has no upload session " .. id, "it was committed or aborted, has " ..
    "expired, or is another user's")
  why.status, why.request_id, why.session_id = err.status, err.request_id, id
  return why
end

--- The failure of a request about a session, as the commands tell it.
---@param err boxupload.Error
---@param id string
---@return boxupload.Error
function M.session_error(err, id)
  return M.is_gone(err) and session_gone_error(err, id) or err
end

--- Opens the session of an ID; a failure is reported, and its exit code
--- returned.
---@param context boxupload.Context
---@param id string
---@return boxupload.Session? session, integer? exit_code
---@return table? found  of unfinished.find_session
function M.open(context, id)
  local found, err = unfinished.find_session(id)
  if not found then return nil, context.report:fail(err) end
  local client, code = context:need_client()
  if not client then return nil, code end
  local session, _, why = client:open_session(found.session_id)
  if session then return session, nil, found end
  return nil, context.report:fail(M.session_error(why, found.session_id))
end

return M
