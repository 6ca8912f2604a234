-- grant: one request to the token endpoint (RFC 6749, section 5).
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local failure = require "boxupload.service.failure"
local options = require "boxupload.util.options"

local M = {}

-- Seconds for a request with all its retries: uploads wait for the token.
local TIMEOUT = 120
-- Seconds. A longer lifetime in a reply is ignored as nonsense: Box's access
-- tokens live about an hour.
local MAX_LIFETIME = 366 * 86400

--- The application's credentials, as shown in Box's Developer Console.
M.options = {
  client_id = { type = "string", check = options.header, required = true },
  client_secret = { type = "string", check = options.header,
    required = true },
}

--- Percent-encodes everything but the unreserved characters of RFC 3986,
--- section 2.3.
---@param text string
---@return string
function M.escape(text)
  return (text:gsub("[^A-Za-z%d%-%._~]", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

--- Encodes fields as application/x-www-form-urlencoded, sorted by name.
---@param fields table<string, string>
---@return string
function M.form(fields)
  local names, encoded = {}, {}
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    encoded[i] = name .. "=" .. M.escape(fields[name])
  end
  return table.concat(encoded, "&")
end

local SECRET_FIELDS = {
  client_secret = true, refresh_token = true, assertion = true, code = true,
  subject_token = true, token = true,
}

-- Redacts secrets in messages.
local function hide_secrets(client, fields)
  for name, value in pairs(fields) do
    if SECRET_FIELDS[name] then client:hide(value) end
  end
end

-- These kinds keep their meaning. Any other failure at the token endpoint is
-- an authentication failure, whatever its status means elsewhere.
local KEEPS_KIND = {
  network = true, timeout = true, canceled = true, quota = true,
}

local function as_auth_failure(reply, message, err)
  if reply then return reply end
  if err and not KEEPS_KIND[err.kind] then err.kind = "auth" end
  return nil, message, err
end

local function invalid_reply(exchange, operation, problem)
  local err = failure.of_reply(exchange, operation, problem)
  err.kind, err.action, err.retryable = "auth", "fatal", false
  return failure.returns(err)
end

local function valid_lifetime(value)
  value = tonumber(value)
  return value and value > 0 and value < MAX_LIFETIME and value or nil
end

local function read_grant(reply, client, operation)
  local value = reply.value
  local token, refresh = value.access_token, value.refresh_token
  if type(token) ~= "string" or options.header(token) then
    return invalid_reply(reply.exchange, operation, "it has no access_token")
  end
  if refresh ~= nil and
     (type(refresh) ~= "string" or options.header(refresh)) then
    return invalid_reply(reply.exchange, operation,
      "it has a bad refresh_token")
  end
  client:hide(token)
  if refresh then client:hide(refresh) end
  return {
    access_token = token, refresh_token = refresh,
    expires_in = valid_lifetime(value.expires_in),
  }
end

---@class boxupload.GrantRequest
---@field operation string
---@field fields fun(): table<string, string>?, boxupload.Error?  called
---                                      before each attempt
---@field on_refusal nil|fun(err: boxupload.Error, exchange: userdata)

-- Sends a form and retries until there is an answer.
local function post_form(caller, url, request, accept)
  local client = caller.client
  local problem
  local reply, message, err = call.perform(caller, {
    operation = request.operation, scope = "token", accept = accept,
    -- Retrying after a lost response is safe: nobody can use the lost token.
    idempotent = true, without_token = true, timeout = TIMEOUT,
    on_refusal = request.on_refusal,
    submit = function(queue)
      local fields
      fields, problem = request.fields()
      if not fields then return nil, problem.message, "invalid" end
      hide_secrets(client, fields)
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
  return as_auth_failure(reply, message, err)
end

--- Requests a token from the token endpoint.
---@param caller boxupload.Caller
---@param request boxupload.GrantRequest
---@return boxupload.Grant? grant, string? message, boxupload.Error? err
function M.request(caller, request)
  local client = caller.client
  local reply, message, err =
    post_form(caller, client.token_url, request, { [200] = "json" })
  if not reply then return nil, message, err end
  return read_grant(reply, client, request.operation)
end

--- Revokes a token. Box revokes the access token and the refresh token of a
--- pair together.
---@param caller boxupload.Caller
---@param fields table<string, string>
---@return boolean? ok, string? message, boxupload.Error? err
function M.revoke(caller, fields)
  local reply, message, err = post_form(caller,
    (caller.client.token_url:gsub("/token$", "/revoke")),
    { operation = "revoking a token", fields = function() return fields end },
    { [200] = "empty", [204] = "empty" })
  if not reply then return nil, message, err end
  return true
end

--- Merges several tables of option rules into a new one.
---@param ... table<string, table>
---@return table<string, table>
function M.merge_rules(...)
  local all = {}
  for _, rules in ipairs { ... } do
    for key, rule in pairs(rules) do all[key] = rule end
  end
  return all
end

return M
