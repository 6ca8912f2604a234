-- revoke: ends a token before its time.
-- SPDX-License-Identifier: MIT

local grant = require "boxupload.auth.grant"
local options = require "boxupload.util.options"
local usage_error = require "boxupload.util.usage_error"

local M = {}

local OPTIONS = grant.rules(grant.options, {
  client = { type = "table", required = true },
  token = { type = "string", check = options.header, required = true },
})

---@class boxupload.Revocation
---@field client boxupload.Client  what the request goes through
---@field client_id string
---@field client_secret string
---@field token string             an access token or a refresh token

--- Ends a token and the other one of its pair.
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
