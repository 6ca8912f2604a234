-- auth: the ways to sign in, by name.
-- SPDX-License-Identifier: MIT

local callback = require "boxupload.auth.callback"
local client_credentials = require "boxupload.auth.client_credentials"
local code = require "boxupload.auth.code"
local downscope = require "boxupload.auth.downscope"
local file_store = require "boxupload.auth.file_store"
local jwt = require "boxupload.auth.jwt"
local refresh = require "boxupload.auth.refresh"
local revoke = require "boxupload.auth.revoke"
local token = require "boxupload.auth.token"

return {
  token = token.new,
  callback = callback.new,
  refresh = refresh.new,
  client_credentials = client_credentials.new,
  jwt = jwt.new,
  code = code.new,
  authorize_url = code.authorize_url,
  downscope = downscope.new,
  file_store = file_store.new,
  revoke = revoke.revoke,
}
