-- abort: removes an upload session and what is stored in it.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"

local M = {}

local OPERATION = "aborting the upload session"
-- It is for the service's tidiness: nobody should wait long for it.
local TIMEOUT = 10

local function perform(caller, submit)
  local reply, message, err = call.perform(caller, {
    operation = OPERATION, scope = "session", idempotent = true,
    timeout = TIMEOUT, submit = submit, tidies = true,
    accept = { [200] = "empty", [204] = "empty" },
  })
  -- Gone already is as good.
  if reply or err.status == 404 or err.status == 410 then return true end
  return nil, message, err
end

--- By id alone, at the URL that every session has.
---@param caller boxupload.Caller
---@param id string
---@return boolean? done, string? message, boxupload.Error? err
function M.by_id(caller, id)
  local client = caller.client
  return perform(caller, function(queue)
    return client.engine:submit {
      method = "DELETE", url = client:session_url(id), queue = queue,
    }
  end)
end

--- By the URL that the service gave, unless that can't be used.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@return boolean? done, string? message, boxupload.Error? err
function M.session(caller, session)
  local done, message, err = perform(caller, function(queue)
    return session:submit_abort { queue = queue }
  end)
  if done or (err.code ~= "untrusted" and err.code ~= "invalid") then
    return done, message, err
  end
  return M.by_id(caller, session.id)
end

--- At the end of something that failed: a trouble here is a note there.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@param err boxupload.Error
function M.after(caller, session, err)
  local done, message = M.session(caller, session)
  if not done then err.abort_error = message end
end

return M
