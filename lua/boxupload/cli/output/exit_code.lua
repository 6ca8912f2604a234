-- exit_code: how the command ends, for scripts. docs/cli.md has the table.
-- SPDX-License-Identifier: MIT

local M = {
  DONE = 0,
  FAILED = 1,       -- this machine, or a mistake in the command itself
  USAGE = 2,
  AUTH = 3,
  DENIED = 4,       -- not allowed, or no room
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

-- What running the same command again doesn't help with, kept or not.
local NEEDS_USER = {
  auth = true, denied = true, conflict = true, changed = true,
  canceled = true,
}

-- Trouble of this machine, whatever kind the library calls it.
local BY_CODE = {
  system = M.FAILED, memory = M.FAILED, forked = M.FAILED,
  crashed = M.FAILED, spool_limit = M.USAGE,
}

-- What a later run may get over, and what it can't.
local TEMPORARY = { quota = true, conflict = true, invalid = true }

--- The exit code for an error.
---@param err boxupload.Error
---@return integer
function M.of(err)
  if err.resumable and not NEEDS_USER[err.kind] then
    return M.RESUMABLE
  end
  if err.retryable and TEMPORARY[err.kind] then return M.UNAVAILABLE end
  return BY_CODE[err.code] or BY_KIND[err.kind] or M.FAILED
end

-- From what most needs a person to what another run mends.
local MOST_SEVERE_FIRST = {
  M.INTERRUPTED, M.AUTH, M.DENIED, M.FAILED, M.CHANGED, M.CONFLICT,
  M.NOT_FOUND, M.USAGE, M.UNAVAILABLE, M.RESUMABLE, M.DONE,
}

--- The exit code of a run with both of them in it.
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
