-- subject: the account that an application signs in as.
-- SPDX-License-Identifier: MIT

local usage_error = require "boxupload.util.usage_error"

local M = {}

--- The subject that the options name. Raises unless exactly one of
--- `enterprise` and `user` is given: when both are, Box's own SDKs disagree
--- about which one to use.
---@param opts {enterprise:string?, user:string?}
---@param what string  the function's name, for the message
---@return "enterprise"|"user" kind, string id
function M.of(opts, what)
  if opts.enterprise and opts.user then
    usage_error.raise(what .. ": give enterprise or user, not both")
  end
  if opts.enterprise then return "enterprise", opts.enterprise end
  if opts.user then return "user", opts.user end
  usage_error.raise(what .. ": give enterprise (the service account) or user")
end

return M
