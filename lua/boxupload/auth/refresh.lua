-- refresh: signs in with single-use refresh tokens (RFC 6749, section 6).
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local grant = require "boxupload.auth.grant"
local interrupt = require "boxupload.util.interrupt"
local options = require "boxupload.util.options"
local token_cache = require "boxupload.auth.token_cache"
local usage_error = require "boxupload.util.usage_error"

local M = {}

local OPERATION = "refreshing the access token"
-- Seconds. Another process holds the lock for as long as its token request
-- takes.
local LOCK_TIMEOUT, LOCK_POLL = 150, 0.05

local function check_store(value)
  if type(value) == "table" and type(value.write) ~= "function" then
    return "must be a function or have a function write(store, saved)"
  end
end

--- The options of every way to sign in that uses refresh tokens.
M.options = grant.merge_rules(grant.options, token_cache.options, {
  store = { type = { "function", "table" }, check = check_store },
})

local OPTIONS = grant.merge_rules(M.options, {
  refresh_token = { type = "string", check = options.header },
})

local function refresh_error(code, what, advice)
  return failure.returns(
    failure.of("auth", code, OPERATION, what, advice))
end

-- The store is the program's code: an error that it raises counts as a storage
-- failure. An interrupt goes on to the caller.
local function call_store(store, method, saved)
  if type(store[method]) ~= "function" then return true end
  local ok, result, problem = pcall(store[method], store, saved)
  if ok then return result, problem end
  if interrupt.is(result) then error(result, 0) end
  return nil, tostring(result)
end

---@class boxupload.Refresher   refreshes tokens and stores them
---@field opts table
---@field store boxupload.Store
---@field refresh_token string?
---@field fallback_token string?  the program's refresh token, until a refresh
---                             succeeds
---@field initial_fields table?  form fields of the first token request
---@field unsaved boxupload.Grant?  granted but not stored yet
---@field locked boolean?       this object holds the store's lock
local Refresher = {}
Refresher.__index = Refresher

local function lock_store(self, caller)
  local deadline = core.now() + LOCK_TIMEOUT
  while true do
    local locked, problem = call_store(self.store, "lock")
    self.locked = locked
    if locked then return true end
    if locked == nil then
      return refresh_error("store_failed", "the store can't be locked: " ..
        tostring(problem))
    end
    if caller.client.closed or core.now() >= deadline then
      return refresh_error("store_locked",
        "another process keeps the store locked")
    end
    caller.waiter:sleep(LOCK_POLL, OPERATION)
  end
end

-- Returns the stored tokens; nil when there are none; or false, message, err.
local function read_store(self)
  if not self.store.read then return nil end
  local saved, problem = call_store(self.store, "read")
  if type(saved) == "table" and type(saved.refresh_token) == "string" then
    return saved
  end
  if saved == nil and problem == nil then return nil end
  local _, message, err = refresh_error("store_failed",
    "the store can't be read: " .. tostring(problem or "it gave no tokens"))
  return false, message, err
end

-- Runs before the access token is used: the old refresh token has stopped
-- working, so the program is signed out if the new one is lost.
local function save_grant(self, granted)
  self.unsaved = granted
  local lifetime = granted.expires_in
  local ok, problem = call_store(self.store, "write", {
    refresh_token = self.refresh_token, access_token = granted.access_token,
    expires_at = lifetime and math.floor(core.time() + lifetime),
  })
  if ok == nil or ok == false then
    return refresh_error("store_failed",
      "the new refresh token can't be stored: " ..
      tostring(problem or "no reason given"))
  end
  self.unsaved = nil
  return granted
end

-- Takes over what another process stored. Returns a grant when the stored
-- access token is still valid and isn't the cached one, else nil.
local function use_saved(self, saved)
  self.refresh_token = saved.refresh_token
  local lifetime = tonumber(saved.expires_at)
  lifetime = lifetime and lifetime - core.time()
  local token = saved.access_token
  if type(token) ~= "string" or options.header(token) or
     token == self.cache.value or not lifetime or lifetime <= 1 then
    return nil
  end
  return { access_token = token, expires_in = lifetime }
end

local function request_tokens(self, caller, fields, operation)
  fields.client_id = self.opts.client_id
  fields.client_secret = self.opts.client_secret
  local granted, message, err = grant.request(caller, {
    operation = operation or OPERATION,
    fields = function() return fields end,
  })
  if not granted then return nil, message, err end
  self.refresh_token = granted.refresh_token or self.refresh_token
  self.fallback_token = nil
  return save_grant(self, granted)
end

local function refresh_tokens(self, caller)
  return request_tokens(self, caller, {
    grant_type = "refresh_token", refresh_token = self.refresh_token,
  })
end

-- Box refused the refresh token as used or expired. Another process may have
-- refreshed first and stored new tokens; or the stored token may be older than
-- the one that the program gave.
local function retry_with_other_token(self, caller, message, err)
  local tried = self.refresh_token
  local saved, problem, store_err = read_store(self)
  if saved == false then return nil, problem, store_err end
  if saved and saved.refresh_token ~= tried then
    local granted = use_saved(self, saved)
    if granted then return granted end
    return refresh_tokens(self, caller)
  end
  if self.fallback_token and self.fallback_token ~= tried then
    self.refresh_token, self.fallback_token = self.fallback_token, nil
    return refresh_tokens(self, caller)
  end
  return nil, message, err
end

local function request_first_tokens(self, caller)
  local fields = self.initial_fields
  local granted, message, err =
    request_tokens(self, caller, fields, "exchanging the authorization code")
  -- A code works once and for 30 seconds: one that Box has refused is useless.
  if granted or err.kind == "auth" then self.initial_fields = nil end
  return granted, message, err
end

local function fetch_grant_locked(self, caller)
  if self.unsaved then return save_grant(self, self.unsaved) end
  if self.initial_fields then return request_first_tokens(self, caller) end
  local saved, message, err = read_store(self)
  if saved == false then return nil, message, err end
  local granted = saved and use_saved(self, saved)
  if granted then return granted end
  if not self.refresh_token then
    return refresh_error("no_refresh_token", "there is no refresh token",
      "sign in again")
  end
  granted, message, err = refresh_tokens(self, caller)
  if granted or err.code ~= "invalid_grant" then
    return granted, message, err
  end
  return retry_with_other_token(self, caller, message, err)
end

local function unlock_store(self)
  if not self.locked then return end
  self.locked = nil
  call_store(self.store, "unlock")
end

local function fetch_grant(self, caller)
  for _, name in ipairs { "refresh_token", "fallback_token" } do
    if self[name] then caller.client:hide(self[name]) end
  end
  local ok, message, err = lock_store(self, caller)
  if not ok then return nil, message, err end
  local granted
  granted, message, err = fetch_grant_locked(self, caller)
  unlock_store(self)
  return granted, message, err
end

--- A token cache that renews with refresh tokens.
---@param name string  of the way to sign in
---@param opts table  checked options
---@param initial_fields table?  form fields of the first token request, before
--- there is a refresh token
---@return boxupload.TokenCache
function M.new_token_cache(name, opts, initial_fields)
  local store = opts.store or { write = function() return true end }
  if type(store) == "function" then
    local write = store
    -- A store function that returns nothing has succeeded.
    store = { write = function(_, saved)
      local ok, problem = write(saved)
      if problem ~= nil or ok == false then return nil, problem end
      return true
    end }
  end
  local self = setmetatable({
    opts = opts, store = store, initial_fields = initial_fields,
    refresh_token = opts.refresh_token, fallback_token = opts.refresh_token,
  }, Refresher)
  self.cache = token_cache.new(name, opts.renew_before, function(caller)
    return fetch_grant(self, caller)
  end, function() unlock_store(self) end)
  self.cache.warnings = store.warnings or self.cache.warnings
  return self.cache
end

---@class boxupload.Refresh
---@field client_id string
---@field client_secret string
---@field refresh_token string?   used when the store has none
---@field store nil|boxupload.Store|fun(saved: boxupload.Saved): any, string?
---@field renew_before number?    seconds; default 300

--- Signs in with refresh tokens. Each works once, so a new one is stored
--- before its access token is used. Raises for options that can't be used. A
--- store that fails is an error of the kind "auth" and the code
--- "store_failed"; one that another process keeps locked, "store_locked".
---@param opts boxupload.Refresh
---@return boxupload.Auth
function M.new(opts)
  opts = options.check(OPTIONS, opts, "auth.refresh")
  local readable = type(opts.store) == "table" and opts.store.read
  if not opts.refresh_token and not readable then
    usage_error.raise("auth.refresh: give refresh_token, or a store with a " ..
      "function read")
  end
  return M.new_token_cache("refresh", opts)
end

return M
