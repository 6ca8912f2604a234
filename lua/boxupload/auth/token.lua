-- token: a fixed access token that the program got elsewhere.
-- SPDX-License-Identifier: MIT

local options = require "boxupload.util.options"
local usage_error = require "boxupload.util.usage_error"

local M = {}

---@class boxupload.Auth
---@field token fun(self, caller): string?, string?, boxupload.Error?
---@field refused fun(self, token: string): boolean
---@field can_renew boolean?  `refused` may return true for the token later
---@field warnings string[]?  about secret files that others can read
local Token = {}
Token.__index = Token
Token.__tostring = function() return "boxupload.auth.token (hidden)" end

--- The token for the next request. Other kinds of boxupload.Auth may have to
--- request one, and take the caller as an argument to wait with.
---@return string token
function Token:token()
  return self.value
end

--- Reports that the service answered 401 to a token. Returns true when `token`
--- would now give a different one. A fixed token can't be replaced.
---@return false
function Token.refused()
  return false
end

--- A fixed token, as `boxupload.new { token = … }` uses it. Raises when it is
--- not a string that fits in a header.
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
