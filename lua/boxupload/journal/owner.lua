-- owner: who began an upload. Only the same user may go on with it.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local user = require "boxupload.service.user"

local M = {}

---@class boxupload.JournalUser
---@field id string?       nil when Box didn't tell
---@field login string?
---@field as_user string?  the client's option

--- The user of the client, as a journal notes it. Box is asked once a client;
--- a token that may not ask leaves the id out.
---@param caller boxupload.Caller
---@return boxupload.JournalUser
function M.current(caller)
  local client = caller.client
  local known = user.identity(caller) or {}
  return { id = known.id, login = known.login, as_user = client.as_user }
end

local function name_of(noted)
  if noted.login then return noted.login end
  if noted.id or noted.as_user then
    return "the user " .. (noted.id or noted.as_user)
  end
  return "the token's own user"
end

local function is_same(noted, current)
  if noted.id and current.id then return noted.id == current.id end
  return noted.as_user == current.as_user
end

--- Checks that the client's user is the one who began an upload. Otherwise the
--- error is of the kind "denied" and the code "other_user".
---@param caller boxupload.Caller
---@param noted boxupload.JournalUser?  nil: not known, so anybody's
---@param path string  the journal's
---@param operation string
---@return boolean? ok, string? message, boxupload.Error? err
function M.check(caller, noted, path, operation)
  if not noted then return true end
  local current = M.current(caller)
  if is_same(noted, current) then return true end
  local err = failure.of("denied", "other_user", operation,
    ("this upload was begun by %s, and you are signed in as %s")
      :format(name_of(noted), name_of(current)),
    "sign in as " .. name_of(noted))
  err.journal = path
  return failure.returns(err)
end

--- The same for what would end the upload: Box tells others that it has no
--- such session. Where it doesn't tell who is signed in, the error has the
--- code "unknown_user".
---@param caller boxupload.Caller
---@param noted boxupload.JournalUser?
---@param path string  the journal's
---@param operation string
---@return boolean? ok, string? message, boxupload.Error? err
function M.check_known(caller, noted, path, operation)
  local ok, message, err = M.check(caller, noted, path, operation)
  if not ok then return nil, message, err end
  if not noted or not noted.id or M.current(caller).id then return true end
  err = failure.of("denied", "unknown_user", operation,
    ("this upload was begun by %s, and Box doesn't tell who is signed in")
      :format(name_of(noted)), "try again as " .. name_of(noted))
  err.journal = path
  return failure.returns(err)
end

return M
