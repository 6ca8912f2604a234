-- part_uploader: sends the parts of a file in order, several at once.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local part = require "boxupload.service.part"
local reconcile = require "boxupload.upload.reconcile"
local retry = require "boxupload.service.retry"

local M = {}

-- Parts that are hashed while others are on the network: enough to keep the
-- hash workers ahead, few enough for the page cache to hold them.
local AHEAD = 2

-- Bytes that arrive as others time after time are others here.
local DIGEST_ATTEMPTS = 3

-- The work on one part. Each job has an exchange under way, or a time at which
-- to continue.
---@class boxupload.PartJob
---@field offset integer
---@field request boxupload.Request
---@field sha1 string?        hex, once it was hashed
---@field stored boxupload.Part?  what the service has of an earlier run: the
--- part is only hashed, and compared
---@field exchange userdata?
---@field token string?       that the exchange carries
---@field tokens integer      that it was sent with
---@field attempt integer
---@field retry_at number?    in core.now's time
---@field reason string?      what it failed with
---@field unsure boolean?     it may be stored: ask before it is sent again
---@field absent boolean?     it wasn't stored when that was asked
---@field damaged integer?    how often it arrived as something else: it is
--- hashed anew

---@class boxupload.PartUploaderOptions
---@field parallel integer  parts on the network at once
---@field stored table<integer, boxupload.Part>?  by offset, what an earlier
--- run left
---@field on_part fun(part: boxupload.Part)?  hears of each that is stored

---@class boxupload.PartUploader
local PartUploader = {}
PartUploader.__index = PartUploader

--- An uploader for all parts of a session.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@param file userdata
---@param given boxupload.PartUploaderOptions
function M.new(caller, session, file, given)
  session:set_parallel(given.parallel)
  return setmetatable({
    caller = caller, session = session, file = file,
    parallel = given.parallel, window = given.parallel + AHEAD,
    stored = given.stored or {}, on_part = given.on_part,
    digest = core.digest("sha1"),
    next_offset = 0,  -- of the first part that wasn't begun
    jobs = {},        -- begun and not stored, in the file's order
    parts = {},       -- records of the stored ones
    bytes_stored = 0,
    bytes_resumed = 0,  -- of these, what was stored before
    paused = false,
  }, PartUploader)
end

local function submit(self, job)
  local exchange, err = call.submit(self.caller, job.request)
  if not exchange then return err end
  -- The second value is then the token that it carries.
  job.exchange, job.token, job.retry_at = exchange, err, nil
end

-- What is stored is read for the digest of the whole, and for comparison.
local function hash_request(self, job)
  return {
    operation = "comparing what is stored with the file",
    scope = "part", accept = { [0] = "empty" },
    submit = function(queue)
      return self.caller.client.engine:submit_hash(self.file, {
        offset = job.offset, length = self.session:part_length(job.offset),
        digest = self.digest, queue = queue,
      })
    end,
  }
end

local function send_request(self, job, digest)
  return part.request(self.session, job.offset, self.file, {
    digest = digest, sha1 = not job.damaged and job.sha1 or nil,
  })
end

local function new_job(offset)
  return { offset = offset, attempt = 0, tokens = 1 }
end

local function begin(self)
  local offset = self.next_offset
  local job = new_job(offset)
  job.stored = self.stored[offset]
  job.request = job.stored and hash_request(self, job) or
    send_request(self, job, self.digest)
  self.next_offset = offset + self.session:part_length(offset)
  self.jobs[#self.jobs + 1] = job
  return submit(self, job)
end

local function keep(self, job, record)
  self.parts[#self.parts + 1] = record
  self.bytes_stored = self.bytes_stored + record.size
  if job.stored then
    self.bytes_resumed = self.bytes_resumed + record.size
  end
  for index, each in ipairs(self.jobs) do
    if each == job then table.remove(self.jobs, index) end
  end
  if self.caller.budget then self.caller.budget:give_back() end
  if self.on_part and not job.stored then self.on_part(record) end
end

-- Goes on with a part that failed: asks what became of it where that isn't
-- known, and sends it again where it isn't stored.
local function go_on(self, job)
  if job.unsure then
    local outcome, record, err = reconcile.part(self.caller, self.session, {
      offset = job.offset, size = self.session:part_length(job.offset),
      sha1 = job.sha1,
    }, job.request.operation)
    if not outcome then return err end
    if outcome == "stored" then return keep(self, job, record) end
    job.unsure, job.absent = nil, true
  end
  job.request = send_request(self, job, nil)
  return submit(self, job)
end

local function due_jobs(self, now)
  local due = {}
  for _, job in ipairs(self.jobs) do
    if job.retry_at and now >= job.retry_at then due[#due + 1] = job end
  end
  return due
end

-- Failed parts first, then new ones.
local function fill(self)
  if self.paused then return nil end
  for _, job in ipairs(due_jobs(self, core.now())) do
    local err = go_on(self, job)
    if err then return err end
  end
  while #self.jobs < self.window and
        self.next_offset < self.session.file_size do
    local err = begin(self)
    if err then return err end
  end
end

local function compare(self, job)
  if job.sha1 == job.stored.sha1 then return keep(self, job, job.stored) end
  local err = failure.of("session", "stored_differs", job.request.operation,
    "what an earlier run stored isn't what the file has there")
  err.action = "replace"
  return err
end

local function store(self, job)
  if job.stored then return compare(self, job) end
  local record, err = part.stored(self.session, job.offset, job.exchange,
    job.request.operation)
  if not record then return err end
  keep(self, job, record)
end

local UNSURE = { again = true, reconcile = true }

local function note_damage(job, err)
  job.damaged = (job.damaged or 0) + 1
  if job.damaged < DIGEST_ATTEMPTS then err.action = "retry" end
end

local function retry_later(self, job, err)
  local client = self.caller.client
  job.exchange = nil
  if err.action == "refresh" and job.tokens < retry.TOKENS and
     client.auth:refused(job.token, job.tokens > 1) then
    job.tokens, job.retry_at = job.tokens + 1, core.now()
    return nil
  end
  -- Without its digest it never left.
  if not job.sha1 then return err end
  if (err.code or ""):find("digest") then note_damage(job, err) end
  job.attempt = job.attempt + 1
  local delay = retry.delay(self.caller, err, job.attempt, true)
  if not delay then
    -- Refused, and not listed: this session will never have it.
    if err.action == "reconcile" and job.absent then err.action = "replace" end
    return err
  end
  job.unsure = job.unsure or UNSURE[err.action]
  job.retry_at, job.reason = core.now() + delay, err.message
end

-- Hashed anew, it must be what it was when the digest of the whole was fed.
local function changed(job, sha1)
  if not sha1 or job.sha1 == sha1 then return nil end
  return failure.of("changed", "changed", job.request.operation,
    "the file has other bytes there than a moment ago",
    "upload the file again when nobody writes to it")
end

-- Looks at what has ended; returns the error that ends it all.
local function settle(self)
  local ended = {}
  for _, job in ipairs(self.jobs) do
    if job.exchange and job.exchange:done() then ended[#ended + 1] = job end
  end
  for _, job in ipairs(ended) do
    local exchange, sha1 = job.exchange, job.sha1
    job.sha1 = exchange:sha1() or sha1
    local err = changed(job, sha1) or
      call.error_of(self.caller, exchange, job.request) or store(self, job)
    err = err and retry_later(self, job, err)
    if err then return err end
  end
end

-- A part that can't be hashed may be told of before the one that it is for:
-- the file was changed.
local function cause_of(self, err)
  if err.code ~= "invalid" or err.status then return err end
  local ok, text, code = self.file:check()
  if ok then return err end
  return failure.of_core(code, text, err.operation)
end

local function give_up(self, err)
  local waiter = self.caller.waiter
  for _, job in ipairs(self.jobs) do
    if job.exchange then job.exchange:cancel() end
  end
  for _, job in ipairs(self.jobs) do
    if job.exchange then waiter:finish(job.exchange) end
  end
  self.jobs = {}
  return failure.returns(err)
end

-- Waits until an exchange ends or a retry is due. An exchange that ended
-- during another wait, such as one for a list, isn't announced again.
local function pause(self)
  local first, busy
  for _, job in ipairs(self.jobs) do
    if job.exchange and job.exchange:done() then return end
    busy = busy or job.exchange
    if job.retry_at and (not first or job.retry_at < first.retry_at) then
      first = job
    end
  end
  local waiter = self.caller.waiter
  if self.paused then
    waiter.reason = "paused"
  elseif first and not busy then
    waiter.reason, waiter.wake_at = first.reason, first.retry_at
  end
  waiter:pause(not self.paused and first and first.retry_at or nil)
  waiter.reason, waiter.wake_at = nil, nil
end

--- Sends everything that isn't stored.
---@return boxupload.Part[]? parts, string? message, boxupload.Error? err
function PartUploader:run()
  while self.bytes_stored < self.session.file_size do
    local err = fill(self)
    if not err and self.bytes_stored < self.session.file_size then
      pause(self)
      err = settle(self)
    end
    if err then return give_up(self, cause_of(self, err)) end
  end
  return self.parts
end

--- Takes parts back that the service has lost; `run` then sends them anew.
---@param offsets integer[]
function PartUploader:take_back(offsets)
  local lost = {}
  for _, offset in ipairs(offsets) do lost[offset] = true end
  local parts = {}
  for _, record in ipairs(self.parts) do
    if lost[record.offset] then
      self.bytes_stored = self.bytes_stored - record.size
      local job = new_job(record.offset)
      job.sha1, job.retry_at = record.sha1, core.now()
      self.jobs[#self.jobs + 1] = job
    else
      parts[#parts + 1] = record
    end
  end
  self.parts = parts
end

--- Begins no part while paused; those on the network go on to their end.
---@param paused boolean
function PartUploader:set_paused(paused)
  self.paused = paused
  self.session:set_parallel(paused and 0 or self.parallel)
end

--- Bytes that have left, those of stored parts among them.
---@return integer
function PartUploader:bytes_sent()
  local sent = self.bytes_stored
  for _, job in ipairs(self.jobs) do
    if job.exchange then sent = sent + job.exchange:sent() end
  end
  return math.min(sent, self.session.file_size)
end

return M
