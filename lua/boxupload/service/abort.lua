-- abort: deletes an upload session and the parts stored in it.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"

local M = {}

local OPERATION = "aborting the upload session"
-- Seconds. Short, since an abandoned session expires by itself.
local TIMEOUT = 10

-- Box's own 200 is empty or JSON: a page, such as for a sign-in, comes from
-- somebody else.
local function is_from_box(exchange)
  local body = exchange:body() or ""
  return body == "" or json.decode(body) ~= nil
end

local function send_delete(caller, submit, fall_back)
  local response, message, err = call.perform(caller, {
    operation = OPERATION, scope = "session", idempotent = true,
    fall_back = fall_back,
    timeout = TIMEOUT, submit = submit, is_cleanup = true,
    accept = { [200] = "empty", [204] = "empty" },
  })
  if response and not is_from_box(response.exchange) then
    return failure.returns(failure.of_reply(response.exchange, OPERATION,
      "no JSON object"))
  end
  -- Box has no such session: it was deleted earlier, or has expired.
  if response or err.kind == "session" and
     (err.status == 404 or err.status == 410) then
    return true
  end
  return nil, message, err
end

--- Aborts a session by its id alone, at the default URL.
---@param caller boxupload.Caller
---@param id string
---@return boolean? done, string? message, boxupload.Error? err
function M.by_id(caller, id)
  local client = caller.client
  return send_delete(caller, function(queue)
    return client.engine:submit {
      method = "DELETE", url = client:session_url(id), queue = queue,
    }
  end)
end

--- Aborts a session at the URL that the service returned, or at the default
--- URL when the engine refuses that one. A session that no longer exists is no
--- error.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@return boolean? done, string? message, boxupload.Error? err
function M.session(caller, session)
  local done, message, err = send_delete(caller, function(queue)
    return session:submit_abort { queue = queue }
  end, function() caller.client:fall_back(session) end)
  if done or (err.code ~= "untrusted" and err.code ~= "invalid") then
    return done, message, err
  end
  return M.by_id(caller, session.id)
end

--- Aborts a session after another failure, unless that is a refused token or
--- sign-in: the session is good then, and so would the abort be refused. When
--- the session stays, abort_error of the first error says why.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@param err boxupload.Error
function M.after(caller, session, err)
  if err.kind == "auth" then
    err.session_id = session.id
    err.abort_error = OPERATION .. ": it needs a token that Box accepts"
    return
  end
  local done, message = M.session(caller, session)
  if not done then err.abort_error = message end
end

return M
