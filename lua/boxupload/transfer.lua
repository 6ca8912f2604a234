-- transfer: the upload of one whole file, from start to outcome.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.service.abort"
local chunked_upload = require "boxupload.upload.chunked"
local condition = require "boxupload.loop.condition"
local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local interrupt = require "boxupload.util.interrupt"
local native_coroutine = require "boxupload.util.native_coroutine"
local options = require "boxupload.util.options"
local retry = require "boxupload.service.retry"
local transfer_rate = require "boxupload.util.transfer_rate"
local upload_session = require "boxupload.service.session"
local waiter = require "boxupload.loop.waiter"
local whole_upload = require "boxupload.upload.whole"

local M = {}

-- Seconds that a cancelled transfer waits to learn of a session that was
-- just being made, so that it can be removed.
local CREATE_GRACE = 10
local OPERATION = "uploading the file"

---@class boxupload.Transfer : boxupload.Caller
---@field state "running"|"done"|"failed"|"canceled"
---@field phase "starting"|"checking"|"creating"|"uploading"|"committing"|
--- "aborting"
---@field session boxupload.Session?  once there is one
local Transfer = {}
Transfer.__index = Transfer
Transfer.__tostring = function(self)
  return ("boxupload.transfer (%s: %s)"):format(self.name, self.state)
end

-- The exchanges that are under way, and those that the upload's last turn
-- got, which it may not have lived to look at.
local function exchanges_of(self)
  local all = {}
  for exchange in pairs(self.live) do all[#all + 1] = exchange end
  return all
end

-- Those that can't have done anything yet, or nothing that matters once the
-- session is gone, end at once.
local function end_exchanges(self, exchanges, creating)
  local deadline = creating and core.now() + CREATE_GRACE or nil
  for _, exchange in ipairs(exchanges) do
    if not creating then exchange:cancel() end
  end
  for _, exchange in ipairs(exchanges) do
    self.waiter:finish(exchange, deadline)
  end
end

-- What runs instead of the upload once the transfer was cancelled.
local function clean_up(self, exchanges, err, keep)
  local creating = self.phase == "creating"
  end_exchanges(self, exchanges, creating)
  self.phase = "aborting"
  if keep and self.session then
    err.resumable = true
    if self.journal then err.journal = self.journal.path end
  elseif self.session then
    chunked_upload.drop(self, err)
  elseif creating then
    for _, exchange in ipairs(exchanges) do
      local id = upload_session.id_of(exchange)
      local done, message = true, nil
      if id then done, message = abort.by_id(self, id) end
      if not done then err.abort_error = message end
    end
  end
  return failure.returns(err)
end

-- What came of it is noted in here: who resumes it may be interrupted.
local function new_body(self, work)
  return native_coroutine.create(function()
    local file, message, err = work(self)
    self.outcome = {
      state = file and "done" or err == self.canceled and "canceled" or
        "failed",
      file = file, message = message, err = err,
    }
  end)
end

---@class boxupload.TransferOptions
---@field file userdata
---@field owns_file boolean       it is closed at the end
---@field target boxupload.Target
---@field attributes table
---@field attributes_of fun(file: userdata): table  of the file as it is now
---@field parallel integer
---@field retry_budget integer
---@field commit_timeout number
---@field on_change "fail"|"restart"
---@field on_conflict "fail"|"replace"|"rename"|"skip_identical"
---@field if_match string?
---@field fields string?
---@field preflight boolean?
---@field journal_path string?    nil: no other process can go on with it
---@field on_event fun(event: table)?

--- Starts; the first step goes on.
---@param client boxupload.Client
---@param given boxupload.TransferOptions
---@return boxupload.Transfer
function M.new(client, given)
  local queue = client.engine:queue(client.queue)
  local self = setmetatable({
    client = client, queue = queue, waiter = waiter.yielding(queue, client),
    condition = condition.new(client, queue),
    name = given.target.file_name or given.file.path,
    size = given.file.size,
    state = "running", phase = "starting", paused = false,
    live = {}, -- not weak: who cleans up needs them after the body is gone
    transfer_rate = transfer_rate.new(),
    budget = retry.budget(given.retry_budget),
    events = {},
    unseen = true, -- there may be something that the body hasn't seen
  }, Transfer)
  for key, value in pairs(given) do self[key] = value end
  self.body = new_body(self, whole_upload.run)
  return self
end

--- Notes what happened, for the next step to tell.
---@param event table  { event = name, … }
function Transfer:event(event)
  if self.on_event then self.events[#self.events + 1] = event end
end

local function tell(self)
  while self.events[1] do self.on_event(table.remove(self.events, 1)) end
end

-- An interrupt may break it off anywhere, and the next step makes it again:
-- the state comes last.
local function settle(self)
  local outcome = self.outcome
  self.bytes_at_end = self:bytes_sent()
  self.resumed_at_end = self:bytes_resumed()
  self.part_uploader, self.sending = nil, nil
  if self.owns_file then self.file:close() end
  if self.journal then self.journal:close() end
  self.journal = nil
  self.condition:close()
  self.client:forget(self)
  self.file_on_box, self.message, self.err = outcome.file, outcome.message,
    outcome.err
  self.body, self.until_time = nil, nil
  self.state = outcome.state
  self:event { event = outcome.state, file = outcome.file,
    error = outcome.err }
end

-- Ends it at once, without a word to the service.
local function end_by(self, err)
  self.outcome = self.outcome or
    { state = "canceled", message = err.message, err = err }
  settle(self)
end

-- Ends the transfer early: from here on it only cleans up.
local function turn_back(self, err, keep)
  local exchanges = exchanges_of(self)
  self.bytes_at_end = self:bytes_sent()
  self.resumed_at_end = self:bytes_resumed()
  self.part_uploader, self.sending = nil, nil
  self.waiter.reason, self.waiter.wake_at = nil, nil
  self.body = new_body(self, function()
    return clean_up(self, exchanges, err, keep)
  end)
  self.canceled, self.until_time = err, 0
end

local function canceled(self, code)
  local committing = self.phase == "committing"
  return failure.of("canceled", code, OPERATION, "it was " .. code ..
    (committing and " while it was being committed" or ""),
    committing and "look on Box whether it is there" or nil)
end

-- The body is dead, and this is why.
local function break_off(self, text)
  local err = interrupt.is(text) and canceled(self, "interrupted") or
    failure.of("canceled", "crashed", OPERATION, tostring(text))
  if not self.outcome and not self.canceled then
    return turn_back(self, err, self.journal and self.journal:is_open())
  end
  self.outcome = self.outcome or
    { state = "failed", message = err.message, err = err }
  settle(self)
end

-- An error was raised inside: an interrupt, no memory, or a mistake here. It
-- goes on to the caller, and who steps on cleans up.
local function crash(self, text)
  local trace = debug.traceback(self.body, tostring(text))
  break_off(self, text)
  error(trace, 0)
end

local function resume(self)
  local body = self.body
  if native_coroutine.status(body) ~= "dead" then
    local ok, value = native_coroutine.resume(body)
    if not ok then return crash(self, value) end
    self.until_time = value
  end
  if native_coroutine.status(body) ~= "dead" then return end
  if self.outcome then return settle(self) end
  -- Whoever was to hear of its end has been interrupted, and knows it.
  break_off(self, interrupt.MESSAGE)
end

-- What is taken off the queue is gone from there: until the body has run, an
-- interrupt may come, and the next turn has to know.
local function turn(self)
  self.client:check_open()
  local now = core.now()
  local unseen = self.unseen
  self.unseen = true
  local came = waiter.drain(self.queue, self.live) > 0
  if unseen or came or self.until_time and now >= self.until_time then
    resume(self)
    self.condition:wake()
  end
  self.unseen = false
  if self.state == "running" then
    self.transfer_rate:note(now, self:bytes_sent() - self:bytes_resumed())
  end
end

--- Goes on as far as that is possible without waiting.
---@return "running"|"done"|"failed"|"canceled" state
function Transfer:step()
  if self.state ~= "running" then
    tell(self)
    return self.state
  end
  if self.outcome then settle(self) else turn(self) end
  tell(self)
  return self.state
end

--- The host of the loop is about to end. What a journal can find again is
--- kept; to remove the rest there is a moment, and no more.
function Transfer:leave()
  if self.state ~= "running" then return end
  local now = core.now()
  if not self.leave_at then
    self.leave_at = now + waiter.EXIT_GRACE
    if not self.canceled and not self.outcome then
      turn_back(self, canceled(self, "worker_exiting"),
        self.journal and self.journal:is_open())
    end
  elseif now >= self.leave_at then
    end_by(self, self.canceled)
  end
end

--- What came of it; while it runs, an error of the code "still_running".
---@return table? file, string? message, boxupload.Error? err
function Transfer:result()
  if self.state == "running" then
    local err = failure.of("timeout", "still_running", OPERATION,
      "it is still going on", "wait again")
    err.retryable = true
    return failure.returns(err)
  end
  return self.file_on_box, self.message, self.err
end

local function sooner(a, b)
  if a and b then return math.min(a, b) end
  return a or b
end

--- Waits until it is over, or for so many seconds; then it is still running,
--- and the error has the code "still_running". Where the loop adapter tells
--- that the host is about to end, it is canceled with the code
--- "worker_exiting".
---@param seconds number?
---@return table? file, string? message, boxupload.Error? err
function Transfer:wait(seconds)
  seconds = options.check_wait(seconds, "transfer:wait")
  if self.state == "running" then self.client:check_wait() end
  local deadline = seconds and core.now() + seconds
  while self:step() == "running" do
    local now = core.now()
    if deadline and now >= deadline then break end
    local next_time = sooner(deadline, self.until_time)
    local told =
      self.condition:wait(next_time and math.max(0, next_time - now))
    if told == "exiting" then self:leave() end
  end
  self.condition:leave()
  return self:result()
end

--- Bytes that have left so far.
---@return integer
function Transfer:bytes_sent()
  if self.part_uploader then return self.part_uploader:bytes_sent() end
  if self.sending then return math.min(self.sending:sent(), self.size) end
  return self.bytes_at_end or 0
end

--- Bytes, of those sent, that were stored before this upload began.
---@return integer
function Transfer:bytes_resumed()
  if self.part_uploader then return self.part_uploader.bytes_resumed end
  return self.resumed_at_end or 0
end

local function left(self, rate, sent)
  if self.state ~= "running" or not rate or rate <= 0 then return nil end
  return (self.size - sent) / rate
end

---@class boxupload.Progress
---@field state string             "running", "done", "failed", "canceled"
---@field phase string             what it is at
---@field file_size integer        bytes
---@field bytes_sent integer
---@field bytes_stored integer     that the service has confirmed
---@field bytes_resumed integer    of these, stored before this upload began
---@field parts integer            stored ones
---@field total_parts integer?
---@field rate number?             bytes a second of late
---@field eta number?              seconds
---@field retries integer         requests that were sent again
---@field waiting_for string?      what a pause is for
---@field waiting_until number?    seconds since 1970

--- Where it stands.
---@return boxupload.Progress
function Transfer:progress()
  local now, sent, uploader = core.now(), self:bytes_sent(), self.part_uploader
  local rate = self.transfer_rate:rate(now, sent - self:bytes_resumed())
  local wake_at = self.waiter.wake_at
  local done = self.state == "done"
  local total = self.session and self.session.total_parts
  return {
    state = self.state, phase = self.phase, file_size = self.size,
    bytes_sent = done and self.size or sent,
    bytes_stored = done and self.size or
      uploader and uploader.bytes_stored or 0,
    bytes_resumed = self:bytes_resumed(),
    parts = done and total or uploader and #uploader.parts or 0,
    total_parts = total, rate = rate, eta = left(self, rate, sent),
    retries = self.budget.spent,
    waiting_for = self.waiter.reason,
    waiting_until = wake_at and core.time() + wake_at - now,
  }
end

local function set_paused(self, paused)
  if self.state ~= "running" or self.paused == paused then return end
  self.paused = paused
  if self.part_uploader then self.part_uploader:set_paused(paused) end
  self:event { event = paused and "pause" or "resume" }
  self.until_time = 0
  self.condition:wake()
end

--- Begins no part until `resume`; those on the network go on to their end. A
--- file that goes in one request isn't stopped.
function Transfer:pause()
  set_paused(self, true)
end

--- Goes on after a pause.
function Transfer:resume()
  set_paused(self, false)
end

local CANCEL = { keep = { type = "boolean", default = false } }

--- Ends it: at once nothing more is sent. The upload session is removed,
--- unless it is to be kept; `wait` waits for that too.
---@param opts {keep:boolean?}?
function Transfer:cancel(opts)
  opts = options.check(CANCEL, opts, "transfer:cancel")
  if self.state ~= "running" or self.canceled or self.outcome then
    return
  end
  turn_back(self, canceled(self, "canceled"), opts.keep)
  resume(self)
  self.condition:wake()
end

--- The client is closing: nothing can be asked or removed any more.
function Transfer:abandon()
  end_by(self, failure.of("canceled", "canceled", OPERATION,
    "the client was closed"))
end

return M
