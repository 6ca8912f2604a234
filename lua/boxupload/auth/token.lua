-- token: an access token that the caller got somewhere.
-- SPDX-License-Identifier: MIT

local options = require "boxupload.util.options"
local usage_error = require "boxupload.util.usage_error"

local M = {}

---@class boxupload.Auth
---@field token fun(self, caller): string?, string?, boxupload.Error?
---@field refused fun(self, token: string, again: boolean): boolean
---@field warnings string[]?  about files that others can read
local Token = {}
Token.__index = Token
Token.__tostring = function() return "boxupload.auth.token (hidden)" end

--- The token for the next request. Others may ask the service for one, with
--- the caller to wait with.
function Token:token()
  return self.value
end

--- Hears that the service answered 401 to a token; true when `token` would
--- now give another one. `again`: the request was refused before, with the
--- token before this one, and is lost unless this one's time was over.
function Token.refused()
  return false
end

--- A fixed token, as `boxupload.new { token = … }` uses it.
---@param value string
---@return boxupload.Auth
function M.new(value)
  if type(value) ~= "string" then
    usage_error.raise("auth.token: a token is a string, not a " .. type(value))
  end
  local problem = options.header(value)
  if problem then usage_error.raise("auth.token: the token " .. problem) end
  return setmetatable({ value = value }, Token)
end

return M
