-- jwt: signs in with an assertion signed with the application's key
-- (RFC 7523).
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local grant = require "boxupload.auth.grant"
local json = require "boxupload.util.json"
local options = require "boxupload.util.options"
local retry = require "boxupload.service.retry"
local secret_file = require "boxupload.auth.secret_file"
local subject = require "boxupload.auth.subject"
local timestamp = require "boxupload.util.timestamp"
local token_cache = require "boxupload.auth.token_cache"
local usage_error = require "boxupload.util.usage_error"

local M = {}

local OPERATION = "signing in by JWT"
-- Seconds until an assertion expires. Box accepts at most 60; its docs use 45.
local LIFETIME = 45
local MAX_ATTEMPTS = 5

local OPTIONS = grant.merge_rules(token_cache.options, {
  config = { type = { "string", "table" }, required = true,
    check = function(value)
      return type(value) == "string" and options.path(value) or nil
    end },
  enterprise = { type = { "string", "boolean" }, check = function(value)
    if value == false then return "is an id, or true for the config's" end
    return value ~= true and options.id(value) or nil
  end },
  user = { type = "string", check = options.id },
  algorithm = { type = "string", default = "RS256",
    check = options.one_of("RS256", "RS384", "RS512") },
  -- Box requires this exact string, even when the token URL is another host.
  audience = { type = "string", check = options.filled,
    default = "https://api.box.com/oauth2/token" },
})

local function jwt_error(code, what, advice)
  return failure.returns(
    failure.of("auth", code, OPERATION, what, advice))
end

local function string_at(value, ...)
  for _, key in ipairs { ... } do
    if type(value) ~= "table" then return nil end
    value = value[key]
  end
  return type(value) == "string" and value ~= "" and value or nil
end

-- Reads the fields of Box's config.json; returns nil and a message when one is
-- missing.
local function read_config(config)
  local app = "boxAppSettings"
  local read = {
    client_id = string_at(config, app, "clientID"),
    client_secret = string_at(config, app, "clientSecret"),
    key_id = string_at(config, app, "appAuth", "publicKeyID"),
    key = string_at(config, app, "appAuth", "privateKey"),
    passphrase = string_at(config, app, "appAuth", "passphrase"),
    enterprise = string_at(config, "enterpriseID"),
  }
  for name, field in pairs {
    client_id = "boxAppSettings.clientID",
    client_secret = "boxAppSettings.clientSecret",
    key_id = "boxAppSettings.appAuth.publicKeyID",
    key = "boxAppSettings.appAuth.privateKey",
  } do
    if not read[name] then return nil, "there is no " .. field end
  end
  return read
end

local function load_config(path)
  local text, problem = secret_file.read(path)
  if not text then
    return jwt_error("no_config", problem or "there is no file " .. path)
  end
  local value = json.decode(text)
  if not value then
    return jwt_error("bad_config", path .. " isn't JSON",
      "download it again from the app's page at Box")
  end
  local config, missing = read_config(value)
  if not config then
    return jwt_error("bad_config", ("%s: %s"):format(path, missing),
      "download it again from the app's page at Box")
  end
  return config
end

---@class boxupload.JwtState
---@field opts table
---@field config table?  nil until it has been read
---@field clock_skew number  seconds that Box's clock is ahead of the local one

local function ensure_config(self)
  if self.config then return true end
  local config, message, err = load_config(self.opts.config)
  if not config then return nil, message, err end
  if self.opts.enterprise == true and not config.enterprise then
    return jwt_error("bad_config", self.opts.config .. " has no enterpriseID",
      "give the enterprise's id")
  end
  self.config = config
  return true
end

local function build_claims(self, jti)
  local kind, id = subject.of(self.opts, "auth.jwt")
  return {
    iss = self.config.client_id, box_sub_type = kind,
    sub = id == true and self.config.enterprise or id,
    aud = self.opts.audience, jti = jti,
    exp = math.floor(core.time() + self.clock_skew) + LIFETIME,
  }
end

local function sign_assertion(self)
  local header = {
    alg = self.opts.algorithm, typ = "JWT", kid = self.config.key_id,
  }
  local jti, why, code = core.random(32)
  if not jti then return nil, failure.of("auth", code, OPERATION, why) end
  local head, problem = json.encode(header)
  local claims, claims_problem = json.encode(build_claims(self, jti))
  if not head or not claims then
    return nil, failure.of("auth", "bad_config", OPERATION,
      "the config contains " .. (problem or claims_problem))
  end
  local text = core.base64url(head) .. "." .. core.base64url(claims)
  local signature
  signature, problem = core.sign {
    algorithm = header.alg, key = self.config.key,
    passphrase = self.config.passphrase, data = text,
  }
  if not signature then
    return nil, failure.of("auth", "bad_key", OPERATION, problem,
      "check privateKey and passphrase of the config")
  end
  return text .. "." .. signature
end

local function form_fields(self)
  local text, err = sign_assertion(self)
  if not text then return nil, err end
  return {
    grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer",
    client_id = self.config.client_id,
    client_secret = self.config.client_secret, assertion = text,
  }
end

-- Whether a new assertion may succeed: Box's description names the claim that
-- it refused. A wrong time needs the server's clock, a used `jti` a new one.
local function is_claim_refused(err)
  if err.code ~= "invalid_grant" then return false end
  for _, claim in ipairs { "exp", "iat", "nbf", "jti" } do
    if err.message:find("%f[%w]" .. claim .. "%f[%W]") then return true end
  end
  return false
end

local function request_token(self, caller)
  local date
  local granted, message, err = grant.request(caller, {
    operation = OPERATION,
    -- Each attempt needs a new assertion: if only the response was lost, the
    -- jti has been used.
    fields = function() return form_fields(self) end,
    on_refusal = function(_, exchange)
      local text = exchange:header("Date")
      date = text and timestamp.parse_http(text)
    end,
  })
  if granted then return granted end
  return nil, message, err, date
end

local function sign_in(self, caller)
  local ready, problem, config_err = ensure_config(self)
  if not ready then return nil, problem, config_err end
  for _, name in ipairs { "passphrase", "key", "client_secret" } do
    if self.config[name] then caller.client:hide(self.config[name]) end
  end
  local attempt = 1
  while true do
    local granted, message, err, date = request_token(self, caller)
    if granted then return granted end
    if attempt == MAX_ATTEMPTS or not is_claim_refused(err) then
      return nil, message, err
    end
    if date then self.clock_skew = date - core.time() end
    if attempt > 1 then
      caller.waiter:sleep(retry.backoff(attempt - 1,
        caller.client.retry_delay), message)
    end
    attempt = attempt + 1
  end
end

-- An incomplete config table is a mistake in the program, so it raises at
-- once. A config file is read at the first request.
local function config_from_table(opts)
  if type(opts.config) == "string" then return nil end
  local config, missing = read_config(opts.config)
  if not config then usage_error.raise("auth.jwt: config: " .. missing) end
  if opts.enterprise == true and not config.enterprise then
    usage_error.raise("auth.jwt: config: there is no enterpriseID")
  end
  return config
end

---@class boxupload.Jwt
---@field config string|table   Box's config.json: its path, or decoded
---@field enterprise string|true|nil  enterprise id, to act as its service
---                             account; true: the config's enterpriseID
---@field user string?          user id, to act as that user instead
---@field algorithm "RS256"|"RS384"|"RS512"|nil  default "RS256"
---@field audience string?      the `aud` claim; default
---                             "https://api.box.com/oauth2/token"
---@field renew_before number?  seconds; default 300

--- Signs in with assertions signed with the application's key. Give
--- `enterprise` or `user`, not both. Raises for options that can't be used.
--- Failures at the first request have the codes "no_config", "bad_config" and
--- "bad_key", besides Box's own.
---@param opts boxupload.Jwt
---@return boxupload.Auth
function M.new(opts)
  opts = options.check(OPTIONS, opts, "auth.jwt")
  subject.of(opts, "auth.jwt")
  local state = {
    opts = opts, config = config_from_table(opts), clock_skew = 0,
  }
  local self = token_cache.new("jwt", opts.renew_before, function(caller)
    return sign_in(state, caller)
  end)
  if type(opts.config) == "string" then
    self.warnings = secret_file.warnings(opts.config)
  end
  return self
end

return M
