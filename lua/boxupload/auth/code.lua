-- code: a person who signs in at Box's page, and the code that it gives.
-- SPDX-License-Identifier: MIT

local grant = require "boxupload.auth.grant"
local options = require "boxupload.util.options"
local refresh = require "boxupload.auth.refresh"

local M = {}

local OPTIONS = grant.rules(refresh.options, {
  code = { type = "string", check = options.header, required = true },
  redirect_uri = { type = "string", check = options.header },
})

---@class boxupload.Code
---@field client_id string
---@field client_secret string
---@field code string            lives 30 seconds
---@field redirect_uri string?   if the page was asked with one
---@field store nil|boxupload.Store|fun(saved: boxupload.Saved): any, string?
---@field renew_before number?   seconds: 300

--- Signs in by an authorization code, and then by refresh tokens. The code is
--- exchanged at the first request: client:access_token() does it at once.
---@param opts boxupload.Code
---@return boxupload.Auth
function M.new(opts)
  opts = options.check(OPTIONS, opts, "auth.code")
  return refresh.keeper("code", opts, {
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

--- The page to send a person to, who comes back with a code. Give a `state`
--- that can't be guessed, and compare it with the one that comes back.
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
