-- jwt: an application that signs in by a signature (RFC 7523).
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
-- Box takes 60 seconds at most.
local LIFE = 45
local TRIES = 5

local OPTIONS = grant.rules(token_cache.options, {
  config = { type = { "string", "table" }, required = true },
  enterprise = { type = { "string", "boolean" }, check = function(value)
    if value == false then return "is an id, or true for the config's" end
    return value ~= true and options.id(value) or nil
  end },
  user = { type = "string", check = options.id },
  algorithm = { type = "string", default = "RS256",
    check = options.one_of("RS256", "RS384", "RS512") },
  -- Box wants its own name here whatever host is asked.
  audience = { type = "string", check = options.filled,
    default = "https://api.box.com/oauth2/token" },
})

local function failed(code, what, advice)
  return failure.returns(
    failure.of("auth", code, OPERATION, what, advice))
end

local function text_at(value, ...)
  for _, key in ipairs { ... } do
    if type(value) ~= "table" then return nil end
    value = value[key]
  end
  return type(value) == "string" and value ~= "" and value or nil
end

-- What it takes of Box's config.json, or nil and what is missing.
local function read_config(config)
  local app = "boxAppSettings"
  local read = {
    client_id = text_at(config, app, "clientID"),
    client_secret = text_at(config, app, "clientSecret"),
    key_id = text_at(config, app, "appAuth", "publicKeyID"),
    key = text_at(config, app, "appAuth", "privateKey"),
    passphrase = text_at(config, app, "appAuth", "passphrase"),
    enterprise = text_at(config, "enterpriseID"),
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
    return failed("no_config", problem or "there is no file " .. path)
  end
  local value = json.decode(text)
  if not value then
    return failed("bad_config", path .. " isn't JSON",
      "download it again from the app's page at Box")
  end
  local config, missing = read_config(value)
  if not config then
    return failed("bad_config", ("%s: %s"):format(path, missing),
      "download it again from the app's page at Box")
  end
  return config
end

---@class boxupload.JwtState
---@field opts table
---@field config table?  once it was read
---@field skew number    seconds that Box's clock is ahead of this one

local function prepare(self)
  if self.config then return true end
  local config, message, err = load_config(self.opts.config)
  if not config then return nil, message, err end
  if self.opts.enterprise == true and not config.enterprise then
    return failed("bad_config", self.opts.config .. " has no enterpriseID",
      "give the enterprise's id")
  end
  self.config = config
  return true
end

local function claims(self)
  local kind, id = subject.of(self.opts, "auth.jwt")
  return {
    iss = self.config.client_id, box_sub_type = kind,
    sub = id == true and self.config.enterprise or id,
    aud = self.opts.audience, jti = core.random(32),
    exp = math.floor(core.time() + self.skew) + LIFE,
  }
end

local function assertion(self)
  local head = {
    alg = self.opts.algorithm, typ = "JWT", kid = self.config.key_id,
  }
  local text = core.base64url(json.encode(head)) .. "." ..
    core.base64url(json.encode(claims(self)))
  local signature, problem = core.sign {
    algorithm = head.alg, key = self.config.key,
    passphrase = self.config.passphrase, data = text,
  }
  if not signature then
    return nil, failure.of("auth", "bad_key", OPERATION, problem,
      "check privateKey and passphrase of the config")
  end
  return text .. "." .. signature
end

local function fields(self)
  local text, err = assertion(self)
  if not text then return nil, err end
  return {
    grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer",
    client_id = self.config.client_id,
    client_secret = self.config.client_secret, assertion = text,
  }
end

-- Box's texts name the claim: that the time is wrong, or the assertion was
-- seen before, a new one mends.
local function is_mendable(err)
  if err.code ~= "invalid_grant" then return false end
  for _, claim in ipairs { "exp", "iat", "nbf", "jti" } do
    if err.message:find("%f[%w]" .. claim .. "%f[%W]") then return true end
  end
  return false
end

local function ask(self, caller)
  local date
  local given, message, err = grant.ask(caller, {
    operation = OPERATION,
    -- A new one for each repetition: a lost answer has used up its jti.
    fields = function() return fields(self) end,
    on_refusal = function(_, exchange)
      local text = exchange:header("Date")
      date = text and timestamp.parse_http(text)
    end,
  })
  if given then return given end
  return nil, message, err, date
end

local function fetch(self, caller)
  local ready, problem, failing = prepare(self)
  if not ready then return nil, problem, failing end
  for _, name in ipairs { "passphrase", "key", "client_secret" } do
    if self.config[name] then caller.client:hide(self.config[name]) end
  end
  local attempt = 1
  while true do
    local given, message, err, date = ask(self, caller)
    if given then return given end
    if attempt == TRIES or not is_mendable(err) then
      return nil, message, err
    end
    if date then self.skew = date - core.time() end
    if attempt > 1 then
      caller.waiter:sleep(retry.backoff(attempt - 1,
        caller.client.retry_delay), message)
    end
    attempt = attempt + 1
  end
end

-- A table is the program's own, and can be judged at once.
local function config_of(opts)
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
---@field enterprise string|true|nil  as the service account of this
---                             enterprise; true: of the config's; or
---@field user string?          the id of the user to be
---@field algorithm "RS256"|"RS384"|"RS512"|nil  "RS256"
---@field audience string?      "https://api.box.com/oauth2/token"
---@field renew_before number?  seconds: 300

--- Signs in by assertions that are signed with the application's key.
---@param opts boxupload.Jwt
---@return boxupload.Auth
function M.new(opts)
  opts = options.check(OPTIONS, opts, "auth.jwt")
  subject.of(opts, "auth.jwt")
  local state = { opts = opts, config = config_of(opts), skew = 0 }
  local self = token_cache.new("jwt", opts.renew_before, function(caller)
    return fetch(state, caller)
  end)
  if type(opts.config) == "string" then
    self.warnings = secret_file.warnings(opts.config)
  end
  return self
end

return M
