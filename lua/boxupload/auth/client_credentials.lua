-- client_credentials: signs in with the OAuth 2.0 client credentials grant
-- (RFC 6749, section 4.4).
-- SPDX-License-Identifier: MIT

local grant = require "boxupload.auth.grant"
local options = require "boxupload.util.options"
local subject = require "boxupload.auth.subject"
local token_cache = require "boxupload.auth.token_cache"

local M = {}

local OPTIONS = grant.merge_rules(grant.options, token_cache.options, {
  enterprise = { type = "string", check = options.id },
  user = { type = "string", check = options.id },
})

---@class boxupload.ClientCredentials
---@field client_id string
---@field client_secret string
---@field enterprise string?   enterprise id, to act as its service account
---@field user string?         user id, to act as that user instead
---@field renew_before number? seconds; default 300

--- Signs in with the client credentials grant. Give `enterprise` or `user`,
--- not both. Raises for options that can't be used; the first request for a
--- token reports a failure to sign in.
---@param opts boxupload.ClientCredentials
---@return boxupload.Auth
function M.new(opts)
  local what = "auth.client_credentials"
  opts = options.check(OPTIONS, opts, what)
  local kind, id = subject.of(opts, what)
  local fields = {
    grant_type = "client_credentials",
    client_id = opts.client_id, client_secret = opts.client_secret,
    box_subject_type = kind, box_subject_id = id,
  }
  local function fetch_token(caller)
    return grant.request(caller, {
      operation = "signing in by client credentials",
      fields = function() return fields end,
    })
  end
  return token_cache.new("client_credentials", opts.renew_before,
    fetch_token)
end

return M
