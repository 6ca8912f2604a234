-- grant: one request to the token endpoint (RFC 6749, section 5).
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local failure = require "boxupload.service.failure"
local options = require "boxupload.util.options"

local M = {}

-- Seconds for a request with all its repetitions: uploads wait for it.
local TIMEOUT = 120
-- Lifetimes beyond this are no lifetimes.
local LONGEST = 366 * 86400

--- The client that the application is, as Box's console tells it.
M.options = {
  client_id = { type = "string", check = options.header, required = true },
  client_secret = { type = "string", check = options.header,
    required = true },
}

--- Percent-encoding, where RFC 3986, section 2.3 doesn't leave it out.
---@param text string
---@return string
function M.escape(text)
  return (text:gsub("[^%w%-%._~]", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

--- A body of application/x-www-form-urlencoded, in a fixed order.
---@param fields table<string, string>
---@return string
function M.form(fields)
  local names, pairs_of = {}, {}
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    pairs_of[i] = name .. "=" .. M.escape(fields[name])
  end
  return table.concat(pairs_of, "&")
end

local SECRET = {
  client_secret = true, refresh_token = true, assertion = true, code = true,
  subject_token = true, token = true,
}

-- A server may repeat what it was sent, as it was sent.
local function hide(client, fields)
  for name, value in pairs(fields) do
    if SECRET[name] then
      client:hide(M.escape(value))
      client:hide(value)
    end
  end
end

-- What isn't the network's fault is a failure to sign in, whatever such an
-- answer means elsewhere.
local NOT_AUTH = {
  network = true, timeout = true, canceled = true, quota = true,
}

local function judged(reply, message, err)
  if reply then return reply end
  if err and not NOT_AUTH[err.kind] then err.kind = "auth" end
  return nil, message, err
end

local function unusable(exchange, operation, problem)
  local err = failure.of_reply(exchange, operation, problem)
  err.kind, err.action, err.retryable = "auth", "fatal", false
  return failure.returns(err)
end

local function lifetime(value)
  value = tonumber(value)
  return value and value > 0 and value < LONGEST and value or nil
end

local function read(reply, client, operation)
  local value = reply.value
  local token, refresh = value.access_token, value.refresh_token
  if type(token) ~= "string" or options.header(token) then
    return unusable(reply.exchange, operation, "it has no access_token")
  end
  if refresh ~= nil and
     (type(refresh) ~= "string" or options.header(refresh)) then
    return unusable(reply.exchange, operation, "it has a bad refresh_token")
  end
  client:hide(token)
  if refresh then client:hide(refresh) end
  return {
    access_token = token, refresh_token = refresh,
    expires_in = lifetime(value.expires_in),
  }
end

---@class boxupload.GrantRequest
---@field operation string
---@field fields fun(): table<string, string>?, boxupload.Error?  for each try
---@field on_refusal nil|fun(err: boxupload.Error, exchange: userdata)

-- Sends a form until it is answered.
local function send(caller, url, request, accept)
  local client = caller.client
  local problem
  local reply, message, err = call.perform(caller, {
    operation = request.operation, scope = "token", accept = accept,
    -- A token that got lost on its way is of use to nobody.
    idempotent = true, without_token = true, timeout = TIMEOUT,
    on_refusal = request.on_refusal,
    submit = function(queue)
      local fields
      fields, problem = request.fields()
      if not fields then return nil, problem.message, "invalid" end
      hide(client, fields)
      return client.engine:submit {
        method = "POST", url = url, authorize = false, queue = queue,
        headers = {
          ["Content-Type"] = "application/x-www-form-urlencoded",
          Accept = "application/json",
        },
        body = M.form(fields),
      }
    end,
  })
  if problem then return failure.returns(problem) end
  return judged(reply, message, err)
end

--- Asks for a token.
---@param caller boxupload.Caller
---@param request boxupload.GrantRequest
---@return boxupload.Grant? grant, string? message, boxupload.Error? err
function M.ask(caller, request)
  local client = caller.client
  local reply, message, err =
    send(caller, client.token_url, request, { [200] = "json" })
  if not reply then return nil, message, err end
  return read(reply, client, request.operation)
end

--- Ends a token, and the other one of its pair.
---@param caller boxupload.Caller
---@param fields table<string, string>
---@return boolean? ok, string? message, boxupload.Error? err
function M.revoke(caller, fields)
  local reply, message, err = send(caller,
    (caller.client.token_url:gsub("/token$", "/revoke")),
    { operation = "revoking a token", fields = function() return fields end },
    { [200] = "empty", [204] = "empty" })
  if not reply then return nil, message, err end
  return true
end

--- Rules of several tables in one.
function M.rules(...)
  local all = {}
  for _, rules in ipairs { ... } do
    for key, rule in pairs(rules) do all[key] = rule end
  end
  return all
end

return M
