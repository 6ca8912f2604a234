-- refresh: tokens by refresh tokens, each of which works once.
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
-- Another process may hold the lock for as long as its request takes.
local LOCK_TIMEOUT, LOCK_POLL = 150, 0.05

local function check_store(value)
  if type(value) == "table" and type(value.write) ~= "function" then
    return "must be a function or have a function write(store, saved)"
  end
end

--- What a way takes that keeps refresh tokens.
M.options = grant.rules(grant.options, token_cache.options, {
  store = { type = { "function", "table" }, check = check_store },
})

local OPTIONS = grant.rules(M.options, {
  refresh_token = { type = "string", check = options.header },
})

local function failed(code, what, advice)
  return failure.returns(
    failure.of("auth", code, OPERATION, what, advice))
end

-- A store is the program's: what it raises is a failure to store, but for an
-- interrupt.
local function ask_store(store, method, saved)
  if type(store[method]) ~= "function" then return true end
  local ok, result, problem = pcall(store[method], store, saved)
  if ok then return result, problem end
  if interrupt.is(result) then error(result, 0) end
  return nil, tostring(result)
end

---@class boxupload.Keeper   what refreshes and stores
---@field opts table
---@field store boxupload.Store
---@field refresh_token string?
---@field spare string?      a refresh token that wasn't tried
---@field first table?       fields of the request that begins it all
---@field unsaved boxupload.Grant?  got, and not stored yet
---@field locked boolean?    the store is, by this
local Keeper = {}
Keeper.__index = Keeper

local function lock(self, caller)
  local deadline = core.now() + LOCK_TIMEOUT
  while true do
    local got, problem = ask_store(self.store, "lock")
    self.locked = got
    if got then return true end
    if got == nil then
      return failed("store_failed", "the store can't be locked: " ..
        tostring(problem))
    end
    if caller.client.closed or core.now() >= deadline then
      return failed("store_locked",
        "another process keeps the store locked")
    end
    caller.waiter:sleep(LOCK_POLL, OPERATION)
  end
end

-- The store's contents, nil when it has none; false, message, err.
local function read(self)
  if not self.store.read then return nil end
  local saved, problem = ask_store(self.store, "read")
  if type(saved) == "table" and type(saved.refresh_token) == "string" then
    return saved
  end
  if saved == nil and problem == nil then return nil end
  local _, message, err = failed("store_failed",
    "the store can't be read: " .. tostring(problem or "it gave no tokens"))
  return false, message, err
end

-- Before the access token is used: a refresh token that is lost here can't be
-- got again.
local function save(self, given)
  self.unsaved = given
  local life = given.expires_in
  local ok, problem = ask_store(self.store, "write", {
    refresh_token = self.refresh_token, access_token = given.access_token,
    expires_at = life and math.floor(core.time() + life),
  })
  if ok == nil or ok == false then
    return failed("store_failed", "the new refresh token can't be stored: " ..
      tostring(problem or "no reason given"))
  end
  self.unsaved = nil
  return given
end

-- What another process stored, when it can be used as it is.
local function adopt(self, saved)
  self.refresh_token = saved.refresh_token
  local left = tonumber(saved.expires_at)
  left = left and left - core.time()
  local token = saved.access_token
  if type(token) ~= "string" or options.header(token) or
     token == self.cache.value or not left or left <= 1 then
    return nil
  end
  return { access_token = token, expires_in = left }
end

local function ask(self, caller, fields, operation)
  fields.client_id = self.opts.client_id
  fields.client_secret = self.opts.client_secret
  local given, message, err = grant.ask(caller, {
    operation = operation or OPERATION,
    fields = function() return fields end,
  })
  if not given then return nil, message, err end
  self.refresh_token = given.refresh_token or self.refresh_token
  self.spare = nil
  return save(self, given)
end

local function refresh(self, caller)
  return ask(self, caller, {
    grant_type = "refresh_token", refresh_token = self.refresh_token,
  })
end

-- Refused: another process may have been quicker, and the store have what it
-- got; or the store is older than what the program gave.
local function second_try(self, caller, message, err)
  local tried = self.refresh_token
  local saved, problem, failing = read(self)
  if saved == false then return nil, problem, failing end
  if saved and saved.refresh_token ~= tried then
    local given = adopt(self, saved)
    if given then return given end
    return refresh(self, caller)
  end
  if self.spare and self.spare ~= tried then
    self.refresh_token, self.spare = self.spare, nil
    return refresh(self, caller)
  end
  return nil, message, err
end

local function begin(self, caller)
  local fields = self.first
  local given, message, err =
    ask(self, caller, fields, "exchanging the authorization code")
  -- It works once, and for seconds.
  if given or err.kind == "auth" then self.first = nil end
  return given, message, err
end

local function fetch_locked(self, caller)
  if self.unsaved then return save(self, self.unsaved) end
  if self.first then return begin(self, caller) end
  local saved, message, err = read(self)
  if saved == false then return nil, message, err end
  local given = saved and adopt(self, saved)
  if given then return given end
  if not self.refresh_token then
    return failed("no_refresh_token", "there is no refresh token",
      "sign in anew")
  end
  given, message, err = refresh(self, caller)
  if given or err.code ~= "invalid_grant" then return given, message, err end
  return second_try(self, caller, message, err)
end

local function unlock(self)
  if not self.locked then return end
  self.locked = nil
  ask_store(self.store, "unlock")
end

local function fetch(self, caller)
  for _, name in ipairs { "refresh_token", "spare" } do
    if self[name] then caller.client:hide(self[name]) end
  end
  local ok, message, err = lock(self, caller)
  if not ok then return nil, message, err end
  local given
  given, message, err = fetch_locked(self, caller)
  unlock(self)
  return given, message, err
end

--- A way that keeps refresh tokens, for options that were checked.
---@param name string
---@param opts table
---@param first table?  fields of the first request
---@return boxupload.TokenCache
function M.keeper(name, opts, first)
  local store = opts.store or { write = function() return true end }
  if type(store) == "function" then
    local write = store
    -- A function needs no result, unless it failed.
    store = { write = function(_, saved)
      local ok, problem = write(saved)
      if problem ~= nil or ok == false then return nil, problem end
      return true
    end }
  end
  local self = setmetatable({
    opts = opts, store = store, first = first,
    refresh_token = opts.refresh_token, spare = opts.refresh_token,
  }, Keeper)
  self.cache = token_cache.new(name, opts.renew_before, function(caller)
    return fetch(self, caller)
  end, function() unlock(self) end)
  self.cache.warnings = store.warnings or self.cache.warnings
  return self.cache
end

---@class boxupload.Refresh
---@field client_id string
---@field client_secret string
---@field refresh_token string?   to begin with; the store's goes first
---@field store nil|boxupload.Store|fun(saved: boxupload.Saved): any, string?
---@field renew_before number?    seconds: 300

--- Signs in by refresh tokens. Each works once, so each new one goes to the
--- store before anything else is done.
---@param opts boxupload.Refresh
---@return boxupload.Auth
function M.new(opts)
  opts = options.check(OPTIONS, opts, "auth.refresh")
  local readable = type(opts.store) == "table" and opts.store.read
  if not opts.refresh_token and not readable then
    usage_error.raise("auth.refresh: give refresh_token, or a store with a " ..
      "function read")
  end
  return M.keeper("refresh", opts)
end

return M
