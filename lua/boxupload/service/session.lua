-- session: creates upload sessions, and opens existing ones.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.service.abort"
local box_url = require "boxupload.util.box_url"
local call = require "boxupload.service.call"
local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"
local lookup = require "boxupload.service.lookup"
local options = require "boxupload.util.options"
local reply = require "boxupload.service.reply"
local retry = require "boxupload.service.retry"
local text_of_others = require "boxupload.util.text"

local M = {}

local CREATE_OPERATION = "creating the upload session"
local OPEN_OPERATION = "opening the upload session"
local STATUS_OPERATION = "asking for the upload session"
-- A 404 can come and go, so a session is asked for this often before it counts
-- as gone.
local LOOKS = 2

-- The paths below the session. Box may leave out any endpoint; without `plan`,
-- the server has none, for only newer ones do.
local ENDPOINT_PATHS = {
  upload_part = "", list_parts = "/parts", status = "",
  commit = "/commit", abort = "", plan = "/plan",
}

local function host_of(url)
  return text_of_others.lower(url:match("^%a+://([^/?#:]+)") or "")
end

--- Whether a URL of Box's is on another host than the upload_url that the
--- caller configured, which then counts more.
---@param client boxupload.Client
---@param url string
---@return boolean
function M.is_elsewhere(client, url)
  return client.has_own_upload_url and
    host_of(url) ~= host_of(client.upload_url)
end

-- The URL that came for an endpoint of the session, or Box's default where it
-- isn't one that may be used.
local function choose_endpoint(client, url, id, name)
  local path = ENDPOINT_PATHS[name]
  if type(url) == "string" and box_url.is_endpoint(url, id, path) and
     not M.is_elsewhere(client, url) then
    return url
  end
  return client:session_url(id) .. path
end

local function choose_endpoints(client, endpoints, id)
  for name in pairs(ENDPOINT_PATHS) do
    local url = endpoints[name]
    if url or name ~= "plan" then
      endpoints[name] = choose_endpoint(client, url, id, name)
    end
  end
end

--- Points all requests of a session at a base URL, for when the host in its
--- session_endpoints can't be reached. Requests that are under way go on.
---@param session boxupload.Session
---@param base_url string  as upload_url
---@return boolean? done, string? message, string? code
function M.use_base_url(session, base_url)
  local url = box_url.session(base_url, session.id)
  local endpoints = {}
  for name, path in pairs(ENDPOINT_PATHS) do endpoints[name] = url .. path end
  if not session.session_endpoints.plan then endpoints.plan = nil end
  return session:set_endpoints(endpoints)
end

-- Returns the session, or nil and the problem.
local function build_session(client, value, file_size)
  local fields, problem = reply.session(value)
  if not fields then return nil, problem end
  choose_endpoints(client, fields.session_endpoints, fields.id)
  fields.file_size = file_size
  local session, text = client.engine:session(fields)
  if not session then return nil, text end
  client:adopt(session)
  return session
end

-- Finds the id even in a truncated response.
local function find_session_id(text)
  if not text:find("upload_session", 1, true) then return nil end
  local id = text:match('"id"%s*:%s*"(%w+)"') or
    text:match("/upload_sessions/(%w+)")
  return options.is_id(id) and id or nil
end

--- Returns the id of the session that a create request made; nil when it made
--- none.
---@param exchange userdata
---@return string?
function M.id_of(exchange)
  local status = exchange:status()
  if status ~= 200 and status ~= 201 then return nil end
  return find_session_id(exchange:body() or "")
end

local function read_session(caller, response, file_size, operation)
  local value, problem = json.decode(response.exchange:body() or "")
  local session
  if value then
    session, problem = build_session(caller.client, value, file_size)
  end
  if session then return session end
  return failure.returns(failure.of_reply(response.exchange, operation,
    problem))
end

local function create_request(caller, target, file_size)
  local client = caller.client
  return {
    operation = CREATE_OPERATION, scope = "create",
    accept = { [200] = "empty", [201] = "empty" },
    fall_back = function() target.upload_base = nil end,
    submit = function(queue)
      return client.engine:submit {
        method = "POST", url = target:url(client, target:session_path()),
        headers = { ["Content-Type"] = "application/json" },
        body = target:session_body(file_size), queue = queue,
        in_flight = caller.in_flight,
      }
    end,
  }
end

-- Aborts a session that was created but can't be used.
local function create_once(caller, target, file_size)
  local response, message, err =
    call.perform(caller, create_request(caller, target, file_size))
  if not response then return nil, message, err end
  local session
  session, message, err =
    read_session(caller, response, file_size, CREATE_OPERATION)
  if session then return session end
  local id = M.id_of(response.exchange)
  if id then
    local done, abort_message = abort.by_id(caller, id)
    if not done then err.abort_error = abort_message end
  end
  return nil, message, err
end

-- Whose session it is that a session_conflict names isn't known, unless this
-- call has lost the response to a create.
local function foreign_session_error(refusal, id)
  local err = failure.of("conflict", refusal.code, CREATE_OPERATION,
    "another upload of a file of this name and size is open",
    "wait for it to end, or abort the session " .. id)
  err.session_id, err.status = id, refusal.status
  err.request_id = refusal.request_id
  return failure.returns(err)
end

local function adopt_session(caller, refusal, file_size, has_lost_one)
  local id = reply.session_id(refusal.context_info)
  if not id then return nil, refusal.message, refusal end
  if not has_lost_one then return foreign_session_error(refusal, id) end
  local session, message, err =
    M.open(caller, { id = id, file_size = file_size })
  if session then
    core.fields(session).adopted = true
    return session
  end
  if err.code ~= "invalid_reply" then return nil, message, err end
  err = failure.of("conflict", refusal.code, CREATE_OPERATION,
    "the upload session that is open for this name doesn't fit the file: " ..
    message, "wait for that upload to end, or abort the session " .. id)
  err.session_id, err.status = id, refusal.status
  return failure.returns(err)
end

-- Returns a session; or nil and the seconds until the next attempt; or nil,
-- nil and the error to return.
local function recover_create(caller, file_size, err, attempts)
  if err.action ~= "adopt_session" then
    -- Only such a request may have made a session: a refused one hasn't.
    attempts.has_lost_one = attempts.has_lost_one or
      err.action == "retry_if_safe"
    attempts.failed = attempts.failed + 1
    local delay = retry.delay(caller, err, attempts.failed, true)
    if delay then return nil, delay end
    return nil, nil, err
  end
  local session, _, open_err =
    adopt_session(caller, err, file_size, attempts.has_lost_one)
  if session then return session end
  -- That session ended meanwhile, so another can be created.
  if open_err.action == "replace" and
     retry.begin_anew(caller, open_err.message) then
    return nil, 0
  end
  return nil, nil, open_err
end

--- Creates a session. A create whose response was lost is sent again: at worst
--- it leaves an unused session, which expires. If the service then names an
--- open session for the file, returns that one with the field `adopted`: it is
--- most likely the one whose response was lost. A session_conflict without a
--- lost response is an error with the session_id: that upload is another's.
---@param caller boxupload.Caller
---@param target boxupload.Target
---@param file_size integer  bytes
---@return boxupload.Session? session, string? message, boxupload.Error? err
function M.create(caller, target, file_size)
  -- Only for uploads: they need the version to recognize their own commit.
  if caller.target == target then lookup.note_version(caller, target) end
  local attempts = { failed = 0, has_lost_one = false }
  while true do
    local session, message, err = create_once(caller, target, file_size)
    if session then return session end
    local delay
    session, delay, err = recover_create(caller, file_size, err, attempts)
    if session then return session end
    if not delay then return failure.returns(err) end
    caller.waiter:sleep(delay, message)
  end
end

local function saved_difference(session, saved)
  for _, field in ipairs { "id", "part_size", "total_parts" } do
    if saved[field] ~= nil and tostring(saved[field]) ~=
       tostring(session[field]) then
      return ("its %s is %s, and was saved as %s"):format(field,
        tostring(session[field]), tostring(saved[field]))
    end
  end
end

-- Whether Box's answer is that it has no such session.
local function says_gone(err)
  return err.action == "replace" and
    (err.status == 404 or err.status == 410)
end

-- Asks for a session until Box has it, or has said often enough that it
-- doesn't. A response without a session, such as a login page, is an error.
local function look_for_session(caller, request)
  local response, message, err
  for look = 1, LOOKS do
    response, message, err = call.perform(caller, request)
    if response or not says_gone(err) then break end
    if look < LOOKS then
      caller.waiter:sleep(2 * caller.client.retry_delay,
        "looking again for the upload session")
    end
  end
  return response, message, err
end

-- Seconds for each look, with its retries.
local STATE_TIMEOUT = 60

--- Asks Box whether it still has the session: "alive"; "gone" after two looks
--- with a pause between; or "unknown", and the error.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@return "alive"|"gone"|"unknown" state, boxupload.Error? err
function M.state(caller, session)
  local response, _, err = look_for_session(caller, {
    operation = STATUS_OPERATION, scope = "session", idempotent = true,
    accept = { [200] = "json" }, timeout = STATE_TIMEOUT,
    fall_back = function() caller.client:fall_back(session) end,
    submit = function(queue)
      return session:submit_status { queue = queue }
    end,
  })
  if not response then return says_gone(err) and "gone" or "unknown", err end
  local fields, problem = reply.session(response.value)
  if fields then return "alive" end
  return "unknown",
    failure.of_reply(response.exchange, STATUS_OPERATION, problem)
end

--- Before a session is given up because of an answer to one of its requests:
--- asks for the session itself, unless Box has said that it is damaged.
--- Returns the same error where that is gone; one with the action "retry"
--- where it is alive, since the answer was a passing one; or the question's
--- own.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@param err boxupload.Error
---@return boxupload.Error err
function M.confirm_gone(caller, session, err)
  if not says_gone(err) or err.is_confirmed or err.code == "upload_failed" then
    return err
  end
  local state, why = M.state(caller, session)
  if state == "unknown" then return why end
  if state == "gone" then
    err.is_confirmed = true
    return err
  end
  err.action, err.retryable = "retry", true
  err.message = err.message .. " (the upload session is there all the same)"
  return err
end

--- Opens an existing session. Fails if the service no longer has it.
---@param caller boxupload.Caller
---@param saved table  from session:save; only its field id is required
---@return boxupload.Session? session, string? message, boxupload.Error? err
function M.open(caller, saved)
  local client = caller.client
  local url = choose_endpoint(client, (saved.session_endpoints or {}).status,
    saved.id, "status")
  local response, message, err = look_for_session(caller, {
    operation = OPEN_OPERATION, scope = "session", idempotent = true,
    accept = { [200] = "json" }, -- a damaged one is retried
    fall_back = function() url = client:session_url(saved.id) end,
    submit = function(queue)
      return client.engine:submit { method = "GET", url = url, queue = queue }
    end,
  })
  if not response then
    if says_gone(err) then err.is_confirmed = true end
    return nil, message, err
  end
  local session
  -- An upload knows its size better than what was saved.
  session, message, err = read_session(caller, response,
    caller.size or saved.file_size, OPEN_OPERATION)
  if not session then return nil, message, err end
  local difference = saved_difference(session, saved)
  if difference then
    return failure.returns(failure.of("session", "other_session",
      OPEN_OPERATION,
      "it isn't the session that was saved: " .. difference,
      "upload the file again"))
  end
  return session
end

return M
