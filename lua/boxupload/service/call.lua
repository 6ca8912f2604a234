-- call: sends a request, with retries, and decodes the response.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"
local redact = require "boxupload.util.redact"
local retry = require "boxupload.service.retry"
local text = require "boxupload.util.text"

local M = {}

---@class boxupload.Caller
---@field client boxupload.Client
---@field waiter boxupload.Waiter
---@field in_flight table<userdata, true>?  its exchanges in progress
---@field budget boxupload.Budget?     limits the retries of an upload
---@field restarts integer?            see retry.begin_anew
---@field event fun(self, event: table)?  receives the events of an upload

---@class boxupload.Request
---@field operation string   for error messages, such as "opening the session"
---@field scope string       "create", "session" or "part": see failure
---@field submit fun(queue: userdata): userdata?, string?, string?
---@field accept table<integer, "json"|"empty">  accepted statuses, and
--- whether the body is decoded
---@field most_values integer?  see json.decode
---@field idempotent boolean?  sending it twice does no harm
---@field timeout number?    seconds in all, with retries; nil: no limit but
--- those of the engine
---@field deadline number?   the same, as a time of core.now
---@field without_retries boolean?  sent once
---@field fall_back fun()?    called when the server couldn't be reached:
--- makes the next `submit` use another URL
---@field is_cleanup boolean?  gets a grace period when the host is about to
--- exit
---@field without_token boolean?  for requests that fetch a token
---@field on_refusal nil|fun(err: boxupload.Error, exchange: userdata)

-- Once a request may have reached the service, it may also have taken effect.
-- Assumed when the exchange can't tell.
local function has_reached_service(exchange)
  return not exchange.reached or exchange:reached()
end

-- For on_exchange. The query is left out: it may contain secrets that the
-- client doesn't know of.
local function report_exchange(client, exchange, request)
  if not client.on_exchange or not exchange.request then return end
  local method, url, seconds = exchange:request()
  if not method then return end
  local _, problem = exchange:error()
  client.on_exchange(redact.fields({
    operation = request.operation, method = method, seconds = seconds,
    url = url:gsub("%?.*", "?..."), status = exchange:status(),
    bytes_sent = exchange:sent(), request_id = failure.request_id(exchange),
    error = problem and text.one_line(problem),
  }, client.secrets))
end

--- Returns the error of a finished exchange; nil when its status is accepted.
--- Reports the exchange to on_exchange.
---@param caller boxupload.Caller
---@param exchange userdata
---@param request boxupload.Request
---@return boxupload.Error?
function M.error_of(caller, exchange, request)
  local secrets = caller.client.secrets
  report_exchange(caller.client, exchange, request)
  local code, problem = exchange:error()
  if code then
    local has_left = has_reached_service(exchange)
    local err =
      failure.of_core(code, problem, request.operation, secrets, has_left)
    if err.action == "retry" and request.fall_back then request.fall_back() end
    return err
  end
  if request.accept[exchange:status()] then return nil end
  return failure.of_status(exchange, request.operation, request.scope,
    { secrets = secrets, now = core.time() })
end

local function closed_error(request)
  return failure.of("canceled", "canceled", request.operation,
    "the client was closed")
end

local function exiting_error(request)
  return failure.of("canceled", "worker_exiting", request.operation,
    "the worker is about to end")
end

--- Submits a request with the client's current token, where it needs one.
---@param caller boxupload.Caller
---@param request boxupload.Request
---@return userdata? exchange, boxupload.Error|string? error_or_token
function M.submit(caller, request)
  if caller.client.closed then return nil, closed_error(request) end
  local token, err
  if not request.without_token then
    token, err = caller.client:authorize(caller)
    if not token then return nil, err end
    -- Getting a token may have waited.
    if caller.client.closed then return nil, closed_error(request) end
  end
  local exchange, problem, code = request.submit(caller.waiter.queue)
  if exchange then
    if caller.in_flight then caller.in_flight[exchange] = true end
    return exchange, token
  end
  return nil, failure.of_core(code or "invalid", problem, request.operation,
    caller.client.secrets)
end

local function decode_response(exchange, request)
  local response = { status = exchange:status(), exchange = exchange }
  if request.accept[response.status] ~= "json" then return response end
  local value, problem =
    json.decode(exchange:body() or "", request.most_values)
  if not value then
    return nil, failure.of_reply(exchange, request.operation, problem)
  end
  response.value = value
  return response
end

local function timeout_error(request)
  local err = failure.of("timeout", "timeout", request.operation,
    request.timeout and
      ("no answer in %g seconds"):format(request.timeout) or
      "no answer in the time that was given")
  err.action, err.retryable = "retry_if_safe", true
  return err
end

-- Returns the response; or nil, the error, and the token that was sent.
local function send_once(caller, request, deadline)
  local exchange, token = M.submit(caller, request)
  if not exchange then return nil, token end
  local outcome = caller.waiter:finish(exchange, deadline, request.is_cleanup)
  if outcome == "late" then return nil, timeout_error(request) end
  if outcome == "exiting" then return nil, exiting_error(request) end
  if outcome == "closed" then return nil, closed_error(request) end
  local err = M.error_of(caller, exchange, request)
  if err then
    if request.on_refusal then request.on_refusal(err, exchange) end
    return nil, err, token
  end
  return decode_response(exchange, request)
end

-- Returns the seconds until the request is sent again; nil: not again.
local function delay_after(caller, request, err, token, tries)
  if err.action == "refresh" and token then
    return retry.delay_after_refusal(caller, err, token, tries.refusals)
  end
  if request.without_retries then return nil end
  tries.attempt = tries.attempt + 1
  return retry.delay(caller, err, tries.attempt, request.idempotent or false)
end

--- Sends a request and waits for the response. Retries as retry.delay and
--- retry.delay_after_refusal allow.
---@param caller boxupload.Caller
---@param request boxupload.Request
---@return {status:integer, value:table?, exchange:userdata}? response
---@return string? message, boxupload.Error? err
function M.perform(caller, request)
  local deadline = request.deadline or
    request.timeout and core.now() + request.timeout
  local tries = { attempt = 0, refusals = retry.no_refusals() }
  while true do
    local response, err, token = send_once(caller, request, deadline)
    if response then return response end
    local delay = delay_after(caller, request, err, token, tries)
    if deadline and delay and core.now() + delay > deadline then
      delay = nil
    end
    if not delay then return failure.returns(err) end
    if delay > 0 then caller.waiter:sleep(delay, err.message) end
  end
end

return M
