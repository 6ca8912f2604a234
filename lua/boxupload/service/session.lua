-- session: how an upload session comes to be: created, or found again.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.service.abort"
local call = require "boxupload.service.call"
local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"
local lookup = require "boxupload.service.lookup"
local reply = require "boxupload.service.reply"
local retry = require "boxupload.service.retry"

local M = {}

local CREATING = "creating the upload session"
local OPENING = "opening the upload session"
local MAX_ADOPTIONS = 2

-- Every endpoint is optional at Box; all but `plan`, which only newer
-- servers have, are known to be at these paths too.
local PATHS = {
  upload_part = "", list_parts = "/parts", status = "",
  commit = "/commit", abort = "",
}

local function complete(endpoints, base)
  for name, path in pairs(PATHS) do
    endpoints[name] = endpoints[name] or base .. path
  end
end

-- Returns session, or nil and the problem.
local function build(client, value, file_size)
  local fields, problem = reply.session(value)
  if not fields then return nil, problem end
  complete(fields.session_endpoints, client:session_url(fields.id))
  fields.file_size = file_size
  local made, text = client.engine:session(fields)
  if not made then return nil, text end
  client:adopt(made)
  return made
end

-- Even half an answer may name the session that was made.
local function id_in(text)
  if not text:find("upload_session", 1, true) then return nil end
  return text:match('"id"%s*:%s*"(%w+)"') or
    text:match("/upload_sessions/(%w+)")
end

--- The id of the session that an exchange made; nil when it made none.
---@param exchange userdata
---@return string?
function M.id_of(exchange)
  local status = exchange:status()
  if status ~= 200 and status ~= 201 then return nil end
  return id_in(exchange:body() or "")
end

local function from_reply(caller, answer, file_size, operation)
  local value, problem = json.decode(answer.exchange:body() or "")
  local made
  if value then
    made, problem = build(caller.client, value, file_size)
  end
  if made then return made end
  return failure.returns(failure.of_reply(answer.exchange, operation,
    problem))
end

local function request_of(caller, target, file_size)
  local client = caller.client
  return {
    operation = CREATING, scope = "create",
    accept = { [200] = "empty", [201] = "empty" },
    submit = function(queue)
      return client.engine:submit {
        method = "POST", url = target:url(client, target:session_path()),
        headers = { ["Content-Type"] = "application/json" },
        body = target:session_body(file_size), queue = queue,
        live = caller.live,
      }
    end,
  }
end

-- A session that can't be used is removed again.
local function create_once(caller, target, file_size)
  local answer, message, err =
    call.perform(caller, request_of(caller, target, file_size))
  if not answer then return nil, message, err end
  local made
  made, message, err = from_reply(caller, answer, file_size, CREATING)
  if made then return made end
  local id = M.id_of(answer.exchange)
  if id then
    local done, why = abort.by_id(caller, id)
    if not done then err.abort_error = why end
  end
  return nil, message, err
end

-- The session that the service names when it says that there is one for this
-- file: made by a create whose answer was lost, or by another upload.
local function adopt(caller, refusal, file_size)
  local id = reply.session_id(refusal.context_info)
  if not id then return nil, refusal.message, refusal end
  local made, message, err = M.open(caller, { id = id, file_size = file_size })
  if made then
    core.fields(made).adopted = true
    return made
  end
  if err.code ~= "invalid_reply" then return nil, message, err end
  err = failure.of("conflict", refusal.code, CREATING,
    "the upload session that is open for this name doesn't fit the file: " ..
    message, "wait for that upload to end, or abort the session " .. id)
  err.session_id, err.status = id, refusal.status
  return failure.returns(err)
end

-- What to do after a failure: a session, or the seconds until the next
-- attempt, or neither and the error.
local function recover(caller, file_size, err, tries)
  if err.action ~= "adopt" then
    tries.lost = tries.lost + 1
    local delay = retry.delay(caller, err, tries.lost, true)
    if delay then return nil, delay end
    return nil, nil, err
  end
  tries.adopted = tries.adopted + 1
  local made, _, why = adopt(caller, err, file_size)
  if made then return made end
  -- It ended meanwhile, so that there is room for another.
  if why.action == "replace" and tries.adopted < MAX_ADOPTIONS then
    return nil, 0
  end
  return nil, nil, why
end

--- Creates a session. A create whose answer was lost is sent again: at worst
--- it leaves a session behind that nobody uses and that expires. Where the
--- service names an open session for the file, it is that one, with the field
--- `adopted`: parts may be stored in it.
---@param caller boxupload.Caller
---@param target boxupload.Target
---@param file_size integer
---@return boxupload.Session? session, string? message, boxupload.Error? err
function M.create(caller, target, file_size)
  -- For an upload, whose commit may have to be told from another's.
  if caller.target == target then lookup.note_version(caller, target) end
  local tries = { lost = 0, adopted = 0 }
  while true do
    local made, message, err = create_once(caller, target, file_size)
    if made then return made end
    local delay
    made, delay, err = recover(caller, file_size, err, tries)
    if made then return made end
    if not delay then return failure.returns(err) end
    caller.waiter:sleep(delay, message)
  end
end

local function differs(made, saved)
  for _, field in ipairs { "id", "part_size", "total_parts" } do
    if saved[field] ~= nil and tostring(saved[field]) ~=
       tostring(made[field]) then
      return ("its %s is %s, and was saved as %s"):format(field,
        tostring(made[field]), tostring(saved[field]))
    end
  end
end

--- Finds a session again and asks the service whether it lives.
---@param caller boxupload.Caller
---@param saved table  of session:save; of its fields only id must be there
---@return boxupload.Session? session, string? message, boxupload.Error? err
function M.open(caller, saved)
  local client = caller.client
  local url = (saved.session_endpoints or {}).status or
    client:session_url(saved.id)
  local answer, message, err = call.perform(caller, {
    operation = OPENING, scope = "session", idempotent = true,
    accept = { [200] = "json" }, -- so that one that was spoilt is repeated
    submit = function(queue)
      return client.engine:submit { method = "GET", url = url, queue = queue }
    end,
  })
  if not answer then return nil, message, err end
  local made
  made, message, err = from_reply(caller, answer, saved.file_size, OPENING)
  if not made then return nil, message, err end
  local difference = differs(made, saved)
  if difference then
    return failure.returns(failure.of("session", "other_session", OPENING,
      "it isn't the session that was saved: " .. difference,
      "upload the file again"))
  end
  return made
end

return M
