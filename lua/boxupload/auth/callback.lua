-- callback: access tokens from a function that the program supplies.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local options = require "boxupload.util.options"
local token_cache = require "boxupload.auth.token_cache"
local usage_error = require "boxupload.util.usage_error"

local M = {}

local OPERATION = "asking the program for an access token"

local function no_token(what)
  return failure.returns(failure.of("auth", "no_token", OPERATION, what))
end

local function call_get_function(self, get)
  local refused = self.rejected and self.value or nil
  local token, lifetime = get(refused)
  if not token then
    return no_token(type(lifetime) == "string" and lifetime or
      "it has none")
  end
  if type(token) ~= "string" or options.header(token) then
    return no_token("what it gave isn't a token")
  end
  if lifetime ~= nil and not (type(lifetime) == "number" and lifetime > 0 and
     lifetime < math.huge) then
    return no_token("the lifetime that it gave isn't a number of seconds")
  end
  return { access_token = token, expires_in = lifetime }
end

--- Gets tokens by calling `get`. It returns a token and its lifetime in
--- seconds (nil when unknown), or nil and a message. Its argument is the token
--- that Box refused when that is the reason for the call, else nil. It must
--- not yield.
---
--- A failure to get a token is an error of the kind "auth" and the code
--- "no_token".
---@param get fun(refused: string?): string?, number|string|nil
---@param opts {renew_before: number?}?
---@return boxupload.Auth
function M.new(get, opts)
  if type(get) ~= "function" then
    usage_error.raise("auth.callback: a function is expected, not a " ..
      type(get))
  end
  opts = options.check(token_cache.options, opts, "auth.callback")
  local self
  self = token_cache.new("callback", opts.renew_before, function()
    return call_get_function(self, get)
  end)
  return self
end

return M
