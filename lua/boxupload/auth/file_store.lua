-- file_store: keeps tokens in a private file that processes can share.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local json = require "boxupload.util.json"
local options = require "boxupload.util.options"
local secret_file = require "boxupload.auth.secret_file"
local usage_error = require "boxupload.util.usage_error"

local M = {}

local TYPE, VERSION = "boxupload_tokens", 1
local LOCK_LIMIT = 4096

---@class boxupload.Saved
---@field refresh_token string
---@field access_token string?
---@field expires_at number?   of the access token, in seconds since 1970

---@class boxupload.Store
---@field write fun(self, saved: boxupload.Saved): any, string?  true, or nil
---                                        and a message
---@field read nil|fun(self): boxupload.Saved?, string?  nil alone: no tokens
---                                        stored yet
---@field lock nil|fun(self): boolean?, string?  false: another process holds
---                                        the lock
---@field unlock nil|fun(self)
---@field warnings string[]?
local Store = {}
Store.__index = Store
Store.__tostring = function(self)
  return ("boxupload.auth.file_store (%s)"):format(self.path)
end

--- Reads the stored tokens. Returns nil alone when there is no file.
---@return boxupload.Saved? saved, string? problem
function Store:read()
  local text, problem = secret_file.read_kept(self.path)
  if not text then return nil, problem end
  local value = json.decode_bytes(text)
  if not value or value.type ~= TYPE or
     type(value.refresh_token) ~= "string" then
    return nil, self.path .. " isn't a file of boxupload's tokens"
  end
  return value
end

--- Replaces the file atomically.
---@param saved boxupload.Saved
---@return boolean? ok, string? problem
function Store:write(saved)
  return core.replace_file(self.path, json.encode_bytes {
    type = TYPE, version = VERSION, refresh_token = saved.refresh_token,
    access_token = saved.access_token, expires_at = saved.expires_at,
  } .. "\n")
end

--- Locks the store so that no other process refreshes at the same time: a
--- refresh token works only once. Doesn't wait: returns false when another
--- process holds the lock.
---@return boolean? locked, string? problem
function Store:lock()
  local path = self.path .. ".lock"
  local handle, text, code = core.journal_open(path, LOCK_LIMIT)
  if handle == false then
    local folder = path:match("^(.+)/[^/]*$")
    if folder then core.make_folder(folder) end
    handle, text, code = core.journal_create(path, "")
  end
  if handle then
    self.handle = handle
    return true
  end
  if code == "locked" then return false end
  return nil, text
end

--- Releases the lock and deletes the lock file.
function Store:unlock()
  if self.handle then self.handle:remove() end
  self.handle = nil
end

--- A store for auth.refresh and auth.code: a file that only its owner can
--- read. It is replaced atomically, and locked while a token is refreshed.
---@param path string
---@return boxupload.Store
function M.new(path)
  if type(path) ~= "string" or options.path(path) then
    usage_error.raise("auth.file_store: a path is expected")
  end
  return setmetatable({
    path = path, warnings = secret_file.warnings(path),
  }, Store)
end

return M
