-- profile: reads and writes the user's file of sign-in profiles.
-- SPDX-License-Identifier: MIT

local auth = require "boxupload.auth"
local core = require "boxupload.core"
local json = require "boxupload.util.json"
local options = require "boxupload.util.options"
local secret_file = require "boxupload.auth.secret_file"
local user_folder = require "boxupload.util.user_folder"

local M = {}

local TYPE, VERSION = "boxupload_config", 1

-- The keys of each kind, in addition to COMMON; true marks a required key.
local KINDS = {
  oauth = { client_id = true, client_secret = true },
  jwt = { config = true, enterprise = false, user = false },
  client_credentials = {
    client_id = true, client_secret = true, enterprise = false, user = false,
  },
  token = { token = true },
}
local COMMON = {
  kind = true, as_user = false, api_url = false, upload_url = false,
  token_url = false, authorize_url = false, ca_file = false, proxy = false,
}
local CLIENT_KEYS = {
  "as_user", "api_url", "upload_url", "token_url", "ca_file", "proxy",
}

--- The folder that holds the configuration and the tokens.
---@return string? folder, string? problem
function M.folder()
  return user_folder.of("XDG_CONFIG_HOME", ".config")
end

--- The path of the configuration file.
---@return string? path, string? problem
function M.path()
  local folder, problem = M.folder()
  return folder and folder .. "/config.json", problem
end

--- Whether a profile may have this name: its token file is named after it.
---@param name any
---@return boolean
function M.is_name(name)
  return type(name) == "string" and name:find("^%w[%w_.-]*$") ~= nil
end

--- Checks a profile name from the user.
---@param name string
---@param from string  the option or variable, for the message
---@return string? name, string? problem
function M.check_name(name, from)
  if M.is_name(name) then return name end
  return nil, from .. " takes a name of letters, digits, _ . and -"
end

local function unknown_key(key, ...)
  local all = {}
  for _, keys in ipairs { ... } do
    for name in pairs(keys) do all[name] = true end
  end
  return ('has the unknown key "%s"; is "%s" meant?'):format(tostring(key),
    (options.nearest(tostring(key), all)))
end

local function profile_problem(profile)
  if type(profile) ~= "table" then return "isn't an object" end
  local known = KINDS[profile.kind]
  if not known then
    return ('has %s "kind": oauth, jwt, client_credentials or token')
      :format(profile.kind == nil and "no" or "a wrong")
  end
  for key, value in pairs(profile) do
    if known[key] == nil and COMMON[key] == nil then
      return unknown_key(key, known, COMMON)
    end
    if type(value) ~= "string" and
       not (key == "enterprise" and value == true) then
      return ('has a "%s" that isn\'t a string'):format(key)
    end
  end
  for key, needed in pairs(known) do
    if needed and not profile[key] then
      return ('has no "%s"'):format(key)
    end
  end
end

local KEYS = { type = true, version = true, default = true, profiles = true }

local function check_config(config, path)
  if type(config) ~= "table" or config.type ~= TYPE or
     type(config.profiles) ~= "table" then
    return nil, path .. " isn't a configuration of boxupload"
  end
  if config.version ~= VERSION then
    return nil, path .. " was written by another version of boxupload"
  end
  for key in pairs(config) do
    if not KEYS[key] then return nil, path .. " " .. unknown_key(key, KEYS) end
  end
  if config.default ~= nil and not M.is_name(config.default) then
    return nil, path .. ' has a "default" that is no name of a profile'
  end
  for name, profile in pairs(config.profiles) do
    local problem = not M.is_name(name) and
      "has other characters in its name than letters, digits, _ . and -" or
      profile_problem(profile)
    if problem then
      return nil, ('%s: the profile "%s" %s'):format(path, name, problem)
    end
  end
  return config
end

---@class boxupload.Config
---@field default string?              a profile's name
---@field profiles table<string, table>

--- Loads the configuration; it is empty if there is no file.
---@return boxupload.Config? config, string? problem
function M.load()
  local path, problem = M.path()
  if not path then return nil, problem end
  local text
  text, problem = secret_file.read_kept(path)
  if problem then return nil, problem end
  if not text then
    return { type = TYPE, version = VERSION, profiles = {} }
  end
  local config
  config, problem = json.decode_bytes(text)
  if not config then
    return nil, ("%s isn't JSON: %s"):format(path, tostring(problem))
  end
  return check_config(config, path)
end

--- Writes the configuration atomically, readable by its owner only.
---@param config boxupload.Config
---@return boolean? ok, string? problem
function M.save(config)
  local folder, problem = M.folder()
  if not folder then return nil, problem end
  local ok
  ok, problem = core.make_folder(folder)
  if not ok then return nil, problem end
  return core.replace_file(folder .. "/config.json",
    json.encode_bytes(config) .. "\n")
end

--- Warnings about the file's permissions.
---@return string[]
function M.warnings()
  local path = M.path()
  return path and secret_file.warnings(path) or {}
end

--- The path of a profile's token file.
---@param name string
---@return string path
function M.token_path(name)
  return (assert(M.folder())) .. "/" .. name .. ".tokens.json"
end

--- Creates the authentication that a profile describes.
---@param name string
---@param profile table
---@return boxupload.Auth
function M.auth(name, profile)
  if profile.kind == "token" then return auth.token(profile.token) end
  if profile.kind == "oauth" then
    return auth.refresh {
      client_id = profile.client_id, client_secret = profile.client_secret,
      store = auth.file_store(M.token_path(name)),
    }
  end
  if profile.kind == "jwt" then
    return auth.jwt {
      config = profile.config, enterprise = profile.enterprise,
      user = profile.user,
    }
  end
  return auth.client_credentials {
    client_id = profile.client_id, client_secret = profile.client_secret,
    enterprise = profile.enterprise, user = profile.user,
  }
end

--- The client options that a profile sets, except for authentication.
---@param profile table
---@return table options
function M.client_options(profile)
  local given = {}
  for _, key in ipairs(CLIENT_KEYS) do given[key] = profile[key] end
  return given
end

return M
