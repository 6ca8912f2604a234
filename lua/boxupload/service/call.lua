-- call: one JSON request, from submit to a decoded answer.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"
local redact = require "boxupload.util.redact"
local retry = require "boxupload.service.retry"

local M = {}

---@class boxupload.Caller
---@field client boxupload.Client
---@field waiter boxupload.Waiter
---@field live table<userdata, true>?  what it has under way
---@field budget boxupload.Budget?     of an upload
---@field event fun(self, event: table)?  hears what an upload does

---@class boxupload.Request
---@field operation string   what is being done, for messages
---@field scope string       "create", "session" or "part": see failure
---@field submit fun(queue: userdata): userdata?, string?, string?
---@field accept table<integer, "json"|"empty">  statuses, and their bodies
---@field idempotent boolean?
---@field timeout number?    seconds for all of it; else the engine's limits
---@field tidies boolean?    it gets a moment when the host is about to end
---@field without_token boolean?  it carries no access token, for it gets one
---@field on_refusal nil|fun(err: boxupload.Error, exchange: userdata)

-- Once it has reached the service nobody knows what was done with it.
local function reached(exchange)
  return not exchange.reached or exchange:reached()
end

-- For who follows what goes over the network. A query may have a secret in
-- it that nobody knows to be one.
local function tell(client, exchange, request)
  if not client.on_exchange or not exchange.request then return end
  local method, url, seconds = exchange:request()
  if not method then return end
  local _, problem = exchange:error()
  client.on_exchange {
    operation = request.operation, method = method, seconds = seconds,
    url = redact.text(url:gsub("%?.*", "?..."), client.secrets),
    status = exchange:status(), bytes_sent = exchange:sent(),
    request_id = exchange:header("box-request-id"),
    error = problem and redact.text(problem, client.secrets),
  }
end

--- The error in an exchange that has ended; nil when it has one of the
--- accepted statuses.
---@param caller boxupload.Caller
---@param exchange userdata
---@param request boxupload.Request
---@return boxupload.Error?
function M.error_of(caller, exchange, request)
  local secrets = caller.client.secrets
  tell(caller.client, exchange, request)
  local code, text = exchange:error()
  if code then
    local err = failure.of_core(code, text, request.operation, secrets)
    if err.action == "again" and not reached(exchange) then
      err.action = "retry"
    end
    return err
  end
  if request.accept[exchange:status()] then return nil end
  return failure.of_status(exchange, request.operation, request.scope,
    { secrets = secrets, now = core.time() })
end

local function closed(request)
  return failure.of("canceled", "canceled", request.operation,
    "the client was closed")
end

local function exiting(request)
  return failure.of("canceled", "worker_exiting", request.operation,
    "the worker is about to end")
end

--- Submits with the client's current token, where it takes one.
---@param caller boxupload.Caller
---@param request boxupload.Request
---@return userdata? exchange, boxupload.Error|string? error_or_token
function M.submit(caller, request)
  if caller.client.closed then return nil, closed(request) end
  local token, err
  if not request.without_token then
    token, err = caller.client:authorize(caller)
    if not token then return nil, err end
    -- It may have waited.
    if caller.client.closed then return nil, closed(request) end
  end
  local exchange, text, code = request.submit(caller.waiter.queue)
  if exchange then
    if caller.live then caller.live[exchange] = true end
    return exchange, token
  end
  return nil, failure.of_core(code or "invalid", text, request.operation,
    caller.client.secrets)
end

local function decode(exchange, request)
  local reply = { status = exchange:status(), exchange = exchange }
  if request.accept[reply.status] ~= "json" then return reply end
  local value, problem = json.decode(exchange:body() or "")
  if not value then
    return nil, failure.of_reply(exchange, request.operation, problem)
  end
  reply.value = value
  return reply
end

local function late(request)
  local err = failure.of("timeout", "timeout", request.operation,
    ("no answer in %g seconds"):format(request.timeout))
  err.action, err.retryable = "again", true
  return err
end

-- Returns reply, or nil, err and the token that was refused.
local function once(caller, request, deadline)
  local exchange, token = M.submit(caller, request)
  if not exchange then return nil, token end
  local outcome = caller.waiter:finish(exchange, deadline, request.tidies)
  if outcome == "late" then return nil, late(request) end
  if outcome == "exiting" then return nil, exiting(request) end
  if outcome == "closed" then return nil, closed(request) end
  local err = M.error_of(caller, exchange, request)
  if err then
    if request.on_refusal then request.on_refusal(err, exchange) end
    return nil, err, token
  end
  return decode(exchange, request)
end

--- Sends the request until it is answered, as often as is plainly safe.
---@param caller boxupload.Caller
---@param request boxupload.Request
---@return {status:integer, value:table?, exchange:userdata}? reply
---@return string? message, boxupload.Error? err
function M.perform(caller, request)
  local client = caller.client
  local deadline = request.timeout and core.now() + request.timeout
  local attempt, tokens = 0, 1
  while true do
    local reply, err, token = once(caller, request, deadline)
    if reply then return reply end
    if err.action == "refresh" and token and tokens < retry.TOKENS and
       client.auth:refused(token, tokens > 1) then
      tokens = tokens + 1
    else
      attempt = attempt + 1
      local delay = retry.delay(caller, err, attempt,
        request.idempotent or false)
      if deadline and delay and core.now() + delay > deadline then
        delay = nil
      end
      if not delay then return failure.returns(err) end
      caller.waiter:sleep(delay, err.message)
    end
  end
end

return M
