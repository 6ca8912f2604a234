-- code: signs in with the authorization code that Box's login page returns
-- (RFC 6749, section 4.1).
-- SPDX-License-Identifier: MIT

local grant = require "boxupload.auth.grant"
local options = require "boxupload.util.options"
local refresh = require "boxupload.auth.refresh"

local M = {}

local OPTIONS = grant.merge_rules(refresh.options, {
  code = { type = "string", check = options.header, required = true },
  redirect_uri = { type = "string", check = options.header },
})

---@class boxupload.Code
---@field client_id string
---@field client_secret string
---@field code string            valid for 30 seconds
---@field redirect_uri string?   the one given to authorize_url, if any
---@field store nil|boxupload.Store|fun(saved: boxupload.Saved): any, string?
---@field renew_before number?   seconds; default 300

--- Signs in with an authorization code, then with refresh tokens. The first
--- request exchanges the code; call client:access_token() to do it at once,
--- since the code expires after 30 seconds. Raises for options that can't be
--- used.
---@param opts boxupload.Code
---@return boxupload.Auth
function M.new(opts)
  opts = options.check(OPTIONS, opts, "auth.code")
  return refresh.new_token_cache("code", opts, {
    grant_type = "authorization_code", code = opts.code,
    redirect_uri = opts.redirect_uri,
  })
end

local URL_OPTIONS = {
  client_id = grant.options.client_id,
  redirect_uri = OPTIONS.redirect_uri,
  state = { type = "string", check = options.filled },
  url = { type = "string", check = options.url,
    default = "https://account.box.com/api/oauth2/authorize" },
}

--- The URL of Box's login page. After the login Box redirects the user to
--- `redirect_uri` with a code. Give a `state` that can't be guessed and
--- compare it with the one in the redirect: that stops cross-site request
--- forgery (RFC 6749, section 10.12).
---@param opts {client_id:string, redirect_uri:string?, state:string?}
---@return string url
function M.authorize_url(opts)
  opts = options.check(URL_OPTIONS, opts, "auth.authorize_url")
  return opts.url .. "?" .. grant.form {
    response_type = "code", client_id = opts.client_id,
    redirect_uri = opts.redirect_uri, state = opts.state,
  }
end

return M
