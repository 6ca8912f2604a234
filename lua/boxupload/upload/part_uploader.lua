-- part_uploader: sends the parts of a file in file order, several at once.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local part = require "boxupload.service.part"
local reconcile = require "boxupload.upload.reconcile"
local retry = require "boxupload.service.retry"
local upload_session = require "boxupload.service.session"

local M = {}

-- Parts to hash while others are being sent: enough for the network never to
-- wait for a hash, few enough to stay in the page cache until they are sent.
local HASH_AHEAD = 2

-- When Box keeps refusing a part's digest, the data is changing here rather
-- than on the network.
local MAX_DIGEST_FAILURES = 3

-- A part may take a while to be listed. Until then, sending it again would be
-- in vain.
local MAX_LOOKS = 3

-- The work on one part. Each job has an exchange in progress or a time for its
-- next attempt.
---@class boxupload.PartJob
---@field offset integer
---@field request boxupload.Request
---@field sha1 string?        hex, once the part has been hashed
---@field stored boxupload.Part?  stored by an earlier run: the local part is
--- only hashed and compared with it
---@field exchange userdata?
---@field token string?       the access token that the exchange carries
---@field refusals boxupload.Refusals
---@field attempt integer     failed attempts
---@field retry_at number?    seconds, on core.now's clock
---@field reason string?      message of the last error
---@field maybe_stored boolean?   the outcome is unknown: list the parts before
--- sending this one again
---@field was_lost boolean?     a response about it was lost
---@field known_absent boolean?   the list of stored parts didn't have it
---@field was_refused boolean?   Box said that its range is stored
---@field looks integer?         lists without it since then
---@field digest_failures integer?  times that Box refused the digest; the part
--- is then hashed again

---@class boxupload.PartUploaderOptions
---@field parallel integer  parts to send at the same time
---@field stored table<integer, boxupload.Part>?  parts that an earlier run
--- stored, by offset
---@field on_part fun(part: boxupload.Part)?  called for each part stored now

---@class boxupload.PartUploader
local PartUploader = {}
PartUploader.__index = PartUploader

--- An uploader for all parts of a session; `run` starts it. Its `digest` is
--- the whole file's SHA-1 once all parts are stored.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@param file userdata  a file object
---@param given boxupload.PartUploaderOptions
---@return boxupload.PartUploader
function M.new(caller, session, file, given)
  session:set_parallel(given.parallel)
  return setmetatable({
    caller = caller, session = session, file = file,
    parallel = given.parallel, window = given.parallel + HASH_AHEAD,
    stored = given.stored or {}, on_part = given.on_part,
    digest = given.digest,
    next_offset = 0,    -- of the next part to start
    jobs = {},          -- started and not stored
    parts = {},         -- records of the stored parts
    bytes_stored = 0,
    bytes_resumed = 0,  -- part of bytes_stored: from an earlier run
    believed = 0,       -- stored parts of which nobody told the SHA-1
    paused = false,
  }, PartUploader)
end

local function submit_job(self, job)
  local exchange, err_or_token = call.submit(self.caller, job.request)
  if not exchange then return err_or_token end
  job.exchange, job.token, job.retry_at = exchange, err_or_token, nil
end

-- Hashes a stored part: for the whole file's digest and to compare it with
-- what Box has.
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
    client = self.caller.client, digest = digest,
    sha1 = not job.digest_failures and job.sha1 or nil,
  })
end

local function new_job(offset)
  return { offset = offset, attempt = 0, refusals = retry.no_refusals() }
end

local function start_next_job(self)
  local offset = self.next_offset
  local job = new_job(offset)
  job.stored = self.stored[offset]
  job.request = job.stored and hash_request(self, job) or
    send_request(self, job, self.digest)
  self.next_offset = offset + self.session:part_length(offset)
  self.jobs[#self.jobs + 1] = job
  return submit_job(self, job)
end

local function record_stored(self, job, record)
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

-- A part of equal offset and size in this upload's own session is its own,
-- though Box's list doesn't tell the SHA-1: the commit's digest proves all.
local function believe(self, job, record)
  if record.sha1 then return record end
  self.believed = self.believed + 1
  record.sha1, record.is_believed = job.sha1, true
  return record
end

-- A session that was adopted after a lost response may be another upload's.
local function foreign_part_error(self, job)
  local err = failure.of("conflict", "session_conflict",
    job.request.operation, "another upload sends to the same session",
    "wait for it to end, or abort the session " .. self.session.id)
  err.session_id = self.session.id
  return err
end

-- Finds out whether a part that was sent is stored. Returns an error that ends
-- the upload, or nil and whether it is stored.
local function reconcile_job(self, job)
  local outcome, record, err = reconcile.part(self.caller, self.session, {
    offset = job.offset, size = self.session:part_length(job.offset),
    sha1 = job.sha1,
  }, job.request.operation)
  local is_foreign = outcome == "stored" and not job.was_lost or
    not outcome and err.code == "part_differs"
  if self.session.adopted and is_foreign then
    return foreign_part_error(self, job)
  end
  if not outcome then return err end
  if outcome == "stored" then
    record_stored(self, job, believe(self, job, record))
    return nil, true
  end
  job.maybe_stored, job.known_absent = nil, true
end

-- Seconds until the next look for a part of which Box said that it is stored,
-- and which it doesn't list; nil: it has been looked for long enough.
local function delay_of_look(self, job)
  if not job.was_refused then return nil end
  job.looks = (job.looks or 0) + 1
  if job.looks > MAX_LOOKS then return nil end
  return self.caller.client.retry_delay * 2 ^ (job.looks - 1)
end

-- Retries a failed part. When it may have been stored, finds that out first: a
-- part must not be sent twice.
local function retry_job(self, job)
  if job.maybe_stored then
    local err, is_stored = reconcile_job(self, job)
    if err or is_stored then return err end
    local delay = delay_of_look(self, job)
    if delay then
      job.maybe_stored, job.retry_at = true, core.now() + delay
      return nil
    end
  end
  job.request = send_request(self, job, nil)
  return submit_job(self, job)
end

local function compare_stored(self, job)
  local record = believe(self, job, job.stored)
  if job.sha1 == record.sha1 then return record_stored(self, job, record) end
  -- The list may have been wrong.
  local outcome, listed = reconcile.part(self.caller, self.session, {
    offset = job.offset, size = record.size, sha1 = job.sha1,
  }, job.request.operation)
  if outcome == "stored" and listed.sha1 then
    return record_stored(self, job, listed)
  end
  local err = failure.of("session", "stored_differs", job.request.operation,
    "what an earlier run stored isn't what the file has there")
  err.action = "replace"
  return err
end

local function accept_reply(self, job)
  if job.stored then return compare_stored(self, job) end
  local record, err = part.stored(self.session, job.offset, job.exchange,
    job.request.operation)
  if not record then return err end
  record_stored(self, job, record)
end

-- Actions after which the part may have been stored.
local MAYBE_STORED = { retry_if_safe = true, reconcile = true }

local function count_digest_failure(job, err)
  job.digest_failures = (job.digest_failures or 0) + 1
  if job.digest_failures < MAX_DIGEST_FAILURES then err.action = "retry" end
end

local function schedule_after_refusal(self, job, err)
  local delay = retry.delay_after_refusal(self.caller, err, job.token,
    job.refusals)
  if not delay then return err end
  job.retry_at, job.reason = core.now() + delay, err.message
end

local function schedule_retry(self, job, err)
  job.exchange = nil
  err = upload_session.confirm_gone(self.caller, self.session, err)
  if err.action == "refresh" then
    return schedule_after_refusal(self, job, err)
  end
  -- Without a hash nothing was sent: reading the file failed.
  if not job.sha1 then return err end
  if (err.code or ""):find("digest") then count_digest_failure(job, err) end
  job.attempt = job.attempt + 1
  local delay = retry.delay(self.caller, err, job.attempt, true)
  if not delay then
    -- Box keeps refusing a part that it doesn't list: this session can't be
    -- completed.
    if err.action == "reconcile" and job.known_absent then
      err.action = "replace"
    end
    return err
  end
  job.maybe_stored = job.maybe_stored or MAYBE_STORED[err.action]
  job.was_refused = job.was_refused or err.status == 416
  job.was_lost = job.was_lost or err.action == "retry_if_safe"
  job.retry_at, job.reason = core.now() + delay, err.message
end

local function due_jobs(self, now)
  local due = {}
  for _, job in ipairs(self.jobs) do
    if job.retry_at and now >= job.retry_at then due[#due + 1] = job end
  end
  return due
end

-- Retries failed parts before starting new ones, as Box's docs advise: the
-- parts should arrive in file order.
local function fill_window(self)
  if self.paused then return nil end
  for _, job in ipairs(due_jobs(self, core.now())) do
    local err = retry_job(self, job)
    -- A list that says that the session is gone is an answer like a part's.
    if err and err.action == "replace" then
      err = schedule_retry(self, job, err)
    end
    if err then return err end
  end
  while #self.jobs < self.window and
        self.next_offset < self.session.file_size do
    local err = start_next_job(self)
    if err then return err end
  end
end

-- A part that is hashed again must have the same SHA-1 as before: that data
-- went into the whole file's digest.
local function changed_error(job, old_sha1)
  if not old_sha1 or job.sha1 == old_sha1 then return nil end
  return failure.of("changed", "changed", job.request.operation,
    "the file has other bytes there than a moment ago",
    "upload the file again when nobody writes to it")
end

-- Handles the exchanges that have ended. Returns an error that ends the
-- upload.
local function handle_ended(self)
  local ended = {}
  for _, job in ipairs(self.jobs) do
    if job.exchange and job.exchange:done() then ended[#ended + 1] = job end
  end
  for _, job in ipairs(ended) do
    local exchange, old_sha1 = job.exchange, job.sha1
    job.sha1 = exchange:sha1() or old_sha1
    local err = changed_error(job, old_sha1) or
      call.error_of(self.caller, exchange, job.request) or
      accept_reply(self, job)
    err = err and schedule_retry(self, job, err)
    if err then return err end
  end
end

-- The core refuses with "invalid" to hash a part before the one that precedes
-- it. When a part couldn't be read, the next part's refusal may be seen first:
-- then the cause is a changed file.
local function cause_of(self, err)
  if err.code ~= "invalid" or err.status then return err end
  local ok, text, code = self.file:check()
  if ok or code == "touched" then return err end
  return failure.of_core(code, text, err.operation)
end

local function cancel_all(self, err)
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
-- during another wait, such as the one for a list of parts, doesn't wake this
-- wait.
local function wait_for_jobs(self)
  local first, any_running
  for _, job in ipairs(self.jobs) do
    if job.exchange and job.exchange:done() then return end
    any_running = any_running or job.exchange
    if job.retry_at and (not first or job.retry_at < first.retry_at) then
      first = job
    end
  end
  local waiter = self.caller.waiter
  if self.paused then
    waiter.reason = "paused"
  elseif first and not any_running then
    waiter.reason, waiter.wake_at = first.reason, first.retry_at
  end
  waiter:pause(not self.paused and first and first.retry_at or nil)
  waiter.reason, waiter.wake_at = nil, nil
end

--- Sends every part that isn't stored. Returns the records of all parts, not
--- necessarily in file order. After an error nothing is in progress any more.
---@return boxupload.Part[]? parts, string? message, boxupload.Error? err
function PartUploader:run()
  while self.bytes_stored < self.session.file_size do
    local err = fill_window(self)
    if not err and self.bytes_stored < self.session.file_size then
      wait_for_jobs(self)
      err = handle_ended(self)
    end
    if err then return cancel_all(self, cause_of(self, err)) end
  end
  return self.parts
end

--- Marks parts as not stored, because Box misses them; `run` then sends them
--- again.
---@param offsets integer[]  bytes
function PartUploader:requeue(offsets)
  local missing = {}
  for _, offset in ipairs(offsets) do missing[offset] = true end
  local parts = {}
  for _, record in ipairs(self.parts) do
    if missing[record.offset] then
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

--- Pauses or continues. While paused no part is started; parts that are being
--- sent are completed.
---@param paused boolean
function PartUploader:set_paused(paused)
  self.paused = paused
  self.session:set_parallel(paused and 0 or self.parallel)
end

--- Bytes sent so far, including all bytes of stored parts.
---@return integer bytes
function PartUploader:bytes_sent()
  local sent = self.bytes_stored
  for _, job in ipairs(self.jobs) do
    if job.exchange then sent = sent + job.exchange:sent() end
  end
  return math.min(sent, self.session.file_size)
end

return M
