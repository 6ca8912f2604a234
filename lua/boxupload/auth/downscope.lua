-- downscope: a token that may do less than the one it is made of (RFC 8693).
-- SPDX-License-Identifier: MIT

local grant = require "boxupload.auth.grant"
local options = require "boxupload.util.options"
local token_cache = require "boxupload.auth.token_cache"
local usage_error = require "boxupload.util.usage_error"

local M = {}

local URN = "urn:ietf:params:oauth:"

local function check_scopes(value)
  if type(value) == "string" then return options.header(value) end
  for _, scope in ipairs(value) do
    if type(scope) ~= "string" then return "must be a list of strings" end
  end
  return value[1] == nil and "must not be empty" or nil
end

local function check_auth(value)
  return type(value.token) ~= "function" and
    "must be one of boxupload.auth" or nil
end

local OPTIONS = grant.rules(token_cache.options, {
  auth = { type = "table", check = check_auth, required = true },
  scope = { type = { "string", "table" }, check = check_scopes,
    required = true },
  resource = { type = "string", check = options.url },
  folder_id = { type = "string", check = options.id },
  file_id = { type = "string", check = options.id },
  shared_link = { type = "string", check = options.header },
})

---@class boxupload.Downscope
---@field auth boxupload.Auth      who may do more
---@field scope string|string[]    such as "base_upload"
---@field resource string?         the only item that it is good for, by its
---                                URL; or
---@field folder_id string?        a folder by its id; or
---@field file_id string?          a file by its id
---@field shared_link string?      of the item
---@field renew_before number?     seconds: 300

-- The API's own URL names a resource, whatever URL it is reached by.
local function resource_of(opts)
  local api = "https://api.box.com/2.0"
  return opts.resource or
    opts.folder_id and api .. "/folders/" .. opts.folder_id or
    opts.file_id and api .. "/files/" .. opts.file_id or nil
end

local function exchange(caller, opts, token)
  local scope = opts.scope
  if type(scope) == "table" then scope = table.concat(scope, " ") end
  local fields = {
    grant_type = URN .. "grant-type:token-exchange",
    subject_token = token,
    subject_token_type = URN .. "token-type:access_token",
    scope = scope, resource = resource_of(opts),
    box_shared_link = opts.shared_link,
  }
  return grant.ask(caller, {
    operation = "exchanging the token for a lesser one",
    fields = function() return fields end,
  })
end

local function fetch(caller, opts)
  local again = false
  while true do
    local token, message, err = opts.auth:token(caller)
    if not token then return nil, message, err end
    local given
    given, message, err = exchange(caller, opts, token)
    if given then return given end
    local dead = err.code == "invalid_grant" or err.code == "invalid_token" or
      err.status == 401
    if not dead or again or not opts.auth:refused(token, false) then
      return nil, message, err
    end
    again = true
  end
end

--- Exchanges another way's tokens for ones that can do less.
---@param opts boxupload.Downscope
---@return boxupload.Auth
function M.new(opts)
  opts = options.check(OPTIONS, opts, "auth.downscope")
  local named = (opts.resource and 1 or 0) + (opts.folder_id and 1 or 0) +
    (opts.file_id and 1 or 0)
  if named > 1 then
    usage_error.raise("auth.downscope: give one of resource, folder_id, " ..
      "file_id")
  end
  local self = token_cache.new("downscope", opts.renew_before, function(caller)
    return fetch(caller, opts)
  end)
  self.warnings = opts.auth.warnings or self.warnings
  return self
end

return M
