-- callback: tokens that a function of the caller's gets.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local options = require "boxupload.util.options"
local token_cache = require "boxupload.auth.token_cache"
local usage_error = require "boxupload.util.usage_error"

local M = {}

local OPERATION = "asking the program for an access token"

local function bad(what)
  return failure.returns(failure.of("auth", "no_token", OPERATION, what))
end

local function fetch(self, get)
  local refused = self.dead and self.value or nil
  local token, life = get(refused)
  if not token then
    return bad(type(life) == "string" and life or "it has none")
  end
  if type(token) ~= "string" or options.header(token) then
    return bad("what it gave isn't a token")
  end
  if life ~= nil and (type(life) ~= "number" or life <= 0) then
    return bad("the lifetime that it gave isn't a number of seconds")
  end
  if token == refused then
    return bad("it gave the token again that Box refused")
  end
  return { access_token = token, expires_in = life }
end

--- Tokens of a function: it returns a token and the seconds that it lives, or
--- nil and a message. It gets the token that Box refused, where that is why it
--- is called. It mustn't yield.
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
    return fetch(self, get)
  end)
  return self
end

return M
