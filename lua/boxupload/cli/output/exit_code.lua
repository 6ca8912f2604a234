-- exit_code: the command's exit codes, which docs/cli.md documents.
-- SPDX-License-Identifier: MIT

local M = {
  DONE = 0,
  FAILED = 1,       -- a problem of this machine, or a bug in the command
  USAGE = 2,
  AUTH = 3,
  DENIED = 4,       -- not allowed, or out of space
  CONFLICT = 5,
  CHANGED = 6,
  NOT_FOUND = 7,
  UNAVAILABLE = 8,  -- the network or the service: run it again
  RESUMABLE = 9,    -- run `boxupload resume`
  INTERRUPTED = 130,
}

local BY_KIND = {
  network = M.UNAVAILABLE, timeout = M.UNAVAILABLE, auth = M.AUTH,
  denied = M.DENIED, quota = M.DENIED, conflict = M.CONFLICT,
  changed = M.CHANGED, invalid = M.USAGE, session = M.UNAVAILABLE,
  gone = M.NOT_FOUND, integrity = M.UNAVAILABLE, canceled = M.INTERRUPTED,
}

-- Errors that `boxupload resume` can't solve until the user does something.
local NEEDS_USER = {
  auth = true, denied = true, conflict = true, changed = true,
  canceled = true,
}

-- The same, by their codes, which also override the kind.
local NEEDS_USER_BY_CODE = {
  proxy_auth = M.AUTH, proxy_refused = M.DENIED, ca_file = M.USAGE,
  certificate = M.FAILED, certificate_date = M.FAILED,
  certificate_host = M.FAILED,
}

-- Codes that override the kind: most are problems of this machine.
local BY_CODE = {
  system = M.FAILED, memory = M.FAILED, forked = M.FAILED,
  crashed = M.FAILED, spool_limit = M.USAGE,
  unsafe_state = M.FAILED, no_state_folder = M.FAILED,
}

-- Kinds that are temporary if the error is retryable.
local TEMPORARY = { quota = true, conflict = true, invalid = true }

--- The exit code for an error.
---@param err boxupload.Error
---@return integer
function M.of(err)
  local for_user = NEEDS_USER_BY_CODE[err.code]
  if for_user then return for_user end
  if err.resumable and not NEEDS_USER[err.kind] then
    return M.RESUMABLE
  end
  if err.retryable and TEMPORARY[err.kind] then return M.UNAVAILABLE end
  return BY_CODE[err.code] or BY_KIND[err.kind] or M.FAILED
end

-- From errors that need the user to those that another run may solve.
local MOST_SEVERE_FIRST = {
  M.INTERRUPTED, M.AUTH, M.DENIED, M.FAILED, M.CHANGED, M.CONFLICT,
  M.NOT_FOUND, M.USAGE, M.UNAVAILABLE, M.RESUMABLE, M.DONE,
}

--- The more severe of two exit codes.
---@param a integer
---@param b integer
---@return integer
function M.worse(a, b)
  for _, code in ipairs(MOST_SEVERE_FIRST) do
    if code == a or code == b then return code end
  end
  return a
end

return M
