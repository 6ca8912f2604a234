-- downscope: exchanges an access token for one with fewer rights (RFC 8693).
-- SPDX-License-Identifier: MIT

local box_url = require "boxupload.util.box_url"
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

local OPTIONS = grant.merge_rules(token_cache.options, {
  auth = { type = "table", check = check_auth, required = true },
  scope = { type = { "string", "table" }, check = check_scopes,
    required = true },
  resource = { type = "string", check = options.url },
  folder_id = { type = "string", check = options.id },
  file_id = { type = "string", check = options.id },
  shared_link = { type = "string", check = options.header },
})

---@class boxupload.Downscope
---@field auth boxupload.Auth      its tokens are exchanged
---@field scope string|string[]    such as "base_upload"
---@field resource string?         limits the token to one item: its API URL,
---@field folder_id string?        or a folder's id,
---@field file_id string?          or a file's id
---@field shared_link string?      the item's shared link
---@field renew_before number?     seconds; default 300

-- Box names a resource by the public API URL, even when api_url is another
-- host.
local function resource_url(opts)
  local api = "https://api.box.com/2.0"
  return opts.resource or
    opts.folder_id and box_url.of(api, "/folders/%s", opts.folder_id) or
    opts.file_id and box_url.of(api, "/files/%s", opts.file_id) or nil
end

local function exchange_token(caller, opts, token)
  local scope = opts.scope
  if type(scope) == "table" then scope = table.concat(scope, " ") end
  local fields = {
    grant_type = URN .. "grant-type:token-exchange",
    subject_token = token,
    subject_token_type = URN .. "token-type:access_token",
    scope = scope, resource = resource_url(opts),
    box_shared_link = opts.shared_link,
  }
  return grant.request(caller, {
    operation = "exchanging the token for a lesser one",
    fields = function() return fields end,
  })
end

-- The subject token may have been revoked or have expired early: renews it
-- and tries once more.
local function fetch_downscoped(caller, opts)
  local retried = false
  while true do
    local token, message, err = opts.auth:token(caller)
    if not token then return nil, message, err end
    local granted
    granted, message, err = exchange_token(caller, opts, token)
    if granted then return granted end
    local rejected = err.code == "invalid_grant" or
      err.code == "invalid_token" or err.status == 401
    if not rejected or retried or not opts.auth:refused(token, false) then
      return nil, message, err
    end
    retried = true
  end
end

--- Exchanges the tokens of another boxupload.Auth for ones with fewer rights.
--- Raises for options that can't be used, and for more than one of `resource`,
--- `folder_id` and `file_id`.
---@param opts boxupload.Downscope
---@return boxupload.Auth
function M.new(opts)
  opts = options.check(OPTIONS, opts, "auth.downscope")
  local resources = (opts.resource and 1 or 0) + (opts.folder_id and 1 or 0) +
    (opts.file_id and 1 or 0)
  if resources > 1 then
    usage_error.raise("auth.downscope: give one of resource, folder_id, " ..
      "file_id")
  end
  local self = token_cache.new("downscope", opts.renew_before, function(caller)
    return fetch_downscoped(caller, opts)
  end)
  self.warnings = opts.auth.warnings or self.warnings
  return self
end

return M
