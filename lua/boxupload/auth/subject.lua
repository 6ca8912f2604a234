-- subject: for whom an application signs in.
-- SPDX-License-Identifier: MIT

local usage_error = require "boxupload.util.usage_error"

local M = {}

--- Exactly one of `enterprise` and `user` must be there: which of the two is
--- meant has been guessed differently by different programs.
---@param opts {enterprise:string?, user:string?}
---@param what string
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
