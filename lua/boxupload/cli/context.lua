-- context: the arguments, the report and the client of one command run.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local console = require "boxupload.cli.output.console"
local exchange_log = require "boxupload.cli.output.exchange_log"
local profiles = require "boxupload.cli.profile"
local reports = require "boxupload.cli.output.report"

local M = {}

---@class boxupload.Context
---@field args table  parsed command line
---@field report boxupload.Report
---@field opened_client boxupload.Client?
local Context = {}
Context.__index = Context

--- Creates the context of a command run.
---@param args table
---@return boxupload.Context
function M.new(args)
  return setmetatable({ args = args, report = reports.new(args) }, Context)
end

local function environment(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

-- Client options that environment variables set.
local VARIABLES = {
  token = "BOX_TOKEN", ca_file = "BOX_CA_FILE",
  api_url = "BOX_API_URL", upload_url = "BOX_UPLOAD_URL",
  token_url = "BOX_TOKEN_URL",
  shared_link_password = "BOX_SHARED_LINK_PASSWORD",
}
-- Client options that the command line sets.
local ARGUMENTS = {
  "as_user", "shared_link", "proxy", "ca_file", "retries",
}

--- The profile named on the command line or in the environment.
---@return string?
function Context:profile_name()
  return self.args.profile or environment "BOXUPLOAD_PROFILE"
end

--- Prints warnings.
---@param warnings string[]?
function Context:warn(warnings)
  for _, warning in ipairs(warnings or {}) do
    self.report:info("warning: " .. warning)
  end
end

-- Loads the configuration once and prints warnings about its file.
function Context:config()
  if self.loaded_config then return self.loaded_config end
  local name = self:profile_name()
  if name then
    local ok, problem = profiles.check_name(name, "BOXUPLOAD_PROFILE")
    if not ok then return nil, problem end
  end
  local config, problem = profiles.load()
  if not config then return nil, problem end
  self:warn(profiles.warnings())
  self.loaded_config = config
  return config
end

-- Advice for the user when Box refuses to sign in.
local function auth_advice(name, profile)
  if not profile then
    return "BOX_TOKEN needs a valid access token; or unset it and run " ..
      "boxupload login"
  end
  if profile.kind == "oauth" or profile.kind == "token" then
    return ("sign in again: boxupload login --profile %s%s"):format(name,
      profile.kind == "token" and " --token-stdin" or "")
  end
end

local function auth_error(message)
  return nil, message, { kind = "auth", message = message }
end

-- Returns the profile to sign in with, and its name; false if BOX_TOKEN is
-- used instead; or nil, a message and, for authentication problems, an error.
local function choose_profile(self)
  local name = self:profile_name()
  if not name and environment(VARIABLES.token) then return false end
  local config, problem = self:config()
  if not config then return nil, problem end
  name = name or config.default
  if not name then
    return auth_error("nobody is signed in: run boxupload login, or set " ..
      "BOX_TOKEN to an access token of Box")
  end
  local profile = config.profiles[name]
  if profile then return profile, name end
  return auth_error(
    ('there is no profile "%s": run boxupload login --profile %s')
    :format(name, name))
end

--- The client's options except for authentication. The command line overrides
--- the environment, which overrides the profile.
---@param profile table|false
---@return table options
function Context:client_options(profile)
  local given = profile and profiles.client_options(profile) or {}
  for option, name in pairs(VARIABLES) do
    given[option] = environment(name) or given[option]
  end
  given.token = nil
  local args = self.args
  for _, option in ipairs(ARGUMENTS) do
    if args[option] ~= nil then given[option] = args[option] end
  end
  if not given.shared_link then given.shared_link_password = nil end
  given.connect_timeout, given.stall_timeout = args.timeout, args.timeout
  return given
end

-- Replaces the library's option names with what the user has set: the
-- command-line option, the variable or the profile's key.
local function user_message(self, problem)
  return (tostring(problem):gsub("^.*boxupload%.new: ", "")
    :gsub('option "([%a_]+)"', function(option)
      if self.args[option] ~= nil then
        return "--" .. option:gsub("_", "-")
      end
      return environment(VARIABLES[option] or "") and VARIABLES[option] or
        'the profile\'s "' .. option .. '"'
    end))
end

--- Creates a client, which the context closes.
---@param given table  the client's options
---@return boxupload.Client? client, string? message, boxupload.Error? err
function Context:connect(given)
  local on_exchange, problem = exchange_log.new(self.args)
  if problem then return nil, problem end
  given.on_exchange = on_exchange
  local ok, client, message, err = pcall(boxupload.new, given)
  if not ok then return nil, user_message(self, client) end
  if client then console.hide(client.secrets) end
  self.opened_client = client
  return client, message, err
end

--- The client, created by the first call and closed by `close`. Invalid
--- options are a usage error: they return a message without an error object.
---@return boxupload.Client? client, string? message, boxupload.Error? err
function Context:client()
  if self.opened_client then return self.opened_client end
  local profile, name, err = choose_profile(self)
  if profile == nil then return nil, name, err end
  self.report.auth_advice = auth_advice(name, profile)
  local given = self:client_options(profile)
  if profile then
    local ok, auth = pcall(profiles.auth, name, profile)
    if not ok then
      return nil, ('the profile "%s": %s'):format(name,
        (tostring(auth):gsub("^.-: auth%.[%w_]+: ", "")))
    end
    given.auth = auth
    self:warn(auth.warnings)
  else
    given.token = environment(VARIABLES.token)
  end
  return self:connect(given)
end

--- The client. If there is none, reports why and returns the exit code.
---@return boxupload.Client? client, integer? exit_code
function Context:need_client()
  local is_new = not self.opened_client
  local client, message, err = self:client()
  if client then
    if is_new then self:warn(client.warnings) end
    return client
  end
  return nil, err and self.report:fail(err) or self.report:usage_error(message)
end

--- Closes the client.
function Context:close()
  if self.opened_client then self.opened_client:close() end
  self.opened_client = nil
end

return M
