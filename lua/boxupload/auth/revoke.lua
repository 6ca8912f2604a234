-- revoke: revokes a token before it expires.
-- SPDX-License-Identifier: MIT

local grant = require "boxupload.auth.grant"
local options = require "boxupload.util.options"
local usage_error = require "boxupload.util.usage_error"

local M = {}

local OPTIONS = grant.merge_rules(grant.options, {
  client = { type = "table", required = true },
  token = { type = "string", check = options.header, required = true },
})

---@class boxupload.Revocation
---@field client boxupload.Client  sends the request
---@field client_id string
---@field client_secret string
---@field token string             an access token or a refresh token

--- Revokes a token. Box revokes the access token and the refresh token of a
--- pair together. Raises for options that can't be used.
---@param opts boxupload.Revocation
---@return boolean? ok, string? message, boxupload.Error? err
function M.revoke(opts)
  opts = options.check(OPTIONS, opts, "auth.revoke")
  if type(opts.client.directly) ~= "function" then
    usage_error.raise('auth.revoke: option "client" must be a client')
  end
  return opts.client:directly(grant.revoke, {
    client_id = opts.client_id, client_secret = opts.client_secret,
    token = opts.token,
  })
end

return M
