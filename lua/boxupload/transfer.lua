-- transfer: the upload of one file, from its start to its result.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.service.abort"
local chunked_upload = require "boxupload.upload.chunked"
local condition = require "boxupload.loop.condition"
local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local interrupt = require "boxupload.util.interrupt"
local native_coroutine = require "boxupload.util.native_coroutine"
local options = require "boxupload.util.options"
local redact = require "boxupload.util.redact"
local retry = require "boxupload.service.retry"
local transfer_rate = require "boxupload.util.transfer_rate"
local upload_session = require "boxupload.service.session"
local waiter = require "boxupload.loop.waiter"
local whole_upload = require "boxupload.upload.whole"

local M = {}

-- Seconds that a canceled transfer waits for the response to its request for a
-- session, so that the session can be aborted.
local CREATE_GRACE = 10
-- Seconds that `__close` gives to the end of a transfer.
local CLOSE_GRACE = 10
local OPERATION = "uploading the file"

---@class boxupload.Transfer : boxupload.Caller
---@field state "running"|"done"|"failed"|"canceled"
---@field phase "starting"|"checking"|"creating"|"uploading"|"committing"|
--- "aborting"
---@field session boxupload.Session?  nil until it is created
local Transfer = {}
Transfer.__index = Transfer
Transfer.__tostring = function(self)
  return ("boxupload.transfer (%s: %s)"):format(self.name, self.state)
end

-- The exchanges in progress, and those that finished in the last step, which
-- the coroutine may not have seen before it died.
local function known_exchanges(self)
  local exchanges = {}
  for exchange in pairs(self.in_flight) do
    exchanges[#exchanges + 1] = exchange
  end
  return exchanges
end

-- Cancels the exchanges and waits for them. Only a request for a session gets
-- time to finish: all others don't matter once the session is aborted.
local function end_exchanges(self, exchanges, creating)
  local deadline = creating and core.now() + CREATE_GRACE or nil
  for _, exchange in ipairs(exchanges) do
    if not creating then exchange:cancel() end
  end
  for _, exchange in ipairs(exchanges) do
    self.waiter:finish(exchange, deadline)
  end
end

-- Runs in place of the upload once the transfer is canceled.
local function clean_up(self, exchanges, err, keep)
  local creating = self.phase == "creating"
  end_exchanges(self, exchanges, creating)
  self.phase = "aborting"
  if keep and not creating then
    err.resumable = self.session ~= nil or self.journal ~= nil
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
  if not keep then
    chunked_upload.finish(self)
  elseif self.journal then
    err.journal = self.journal.path
  end
  return failure.returns(err)
end

-- Notes whose the file on Box is, for clients that keep apart what they made:
-- before another transfer of the client can meet it.
local function note_made(self, file)
  local made = self.client.made
  if made then made[file.id] = made[file.id] or self.file.path end
end

-- The result is stored inside the coroutine, since the code that resumes it
-- may be interrupted before it can store anything.
local function new_coroutine(self, work)
  return native_coroutine.create(function()
    local file, message, err = work(self)
    if file then note_made(self, file) end
    self.outcome = {
      state = file and "done" or err == self.canceled and "canceled" or
        "failed",
      file = file, message = message, err = err,
    }
  end)
end

---@class boxupload.TransferOptions
---@field file userdata
---@field owns_file boolean       close the file at the end
---@field target boxupload.Target
---@field given_attributes table  what the caller gave
---@field attributes table        what is sent
---@field attributes_of fun(file: userdata): table  makes the attributes anew,
--- when the file has changed
---@field parallel integer
---@field retry_budget integer
---@field commit_timeout number   seconds
---@field on_change "fail"|"restart"
---@field on_conflict "fail"|"replace"|"rename"|"skip_identical"
---@field if_match string?
---@field fields string?
---@field preflight boolean?
---@field journal_path string?    nil: the upload can't be resumed later
---@field has_named_journal boolean?  the caller named that path
---@field without_journal string?  why there is none though one is wanted,
--- until it has been told
---@field on_event fun(event: table)?

--- Makes a transfer. Nothing is sent before the first step.
---@param client boxupload.Client
---@param given boxupload.TransferOptions
---@return boxupload.Transfer? transfer, string? message, boxupload.Error? err
function M.new(client, given)
  local queue, message, err = client:new_queue(client.queue)
  if not queue then return nil, message, err end
  local self = setmetatable({
    client = client, queue = queue, waiter = waiter.yielding(queue, client),
    condition = condition.new(client, queue),
    name = given.target.file_name or given.file.path,
    size = given.file.size,
    state = "running", phase = "starting", paused = false,
    -- Not weak: the cleanup needs them after the body is collected.
    in_flight = {},
    transfer_rate = transfer_rate.new(),
    budget = retry.budget(given.retry_budget),
    events = {},
    needs_step = true, -- the body may not have seen all finished exchanges
  }, Transfer)
  for key, value in pairs(given) do self[key] = value end
  self.body = new_coroutine(self, whole_upload.run)
  return self
end

--- Queues an event for on_event, which the next step calls.
---@param event table  { event = name, … }
function Transfer:event(event)
  if not self.on_event then return end
  self.events[#self.events + 1] = redact.fields(event, self.client.secrets)
end

local function report_events(self)
  while self.events[1] do self.on_event(table.remove(self.events, 1)) end
end

-- Ctrl-C can interrupt this anywhere, and then the next step calls it again.
-- So every line can be repeated, and the state is set last.
local function finish_transfer(self)
  local outcome = self.outcome
  if outcome.err then
    redact.fields(outcome.err, self.client.secrets)
    outcome.message = outcome.err.message
  end
  self.final_bytes_sent = self:bytes_sent()
  self.final_bytes_resumed = self:bytes_resumed()
  self.part_uploader, self.exchange = nil, nil
  if self.owns_file then self.file:close() end
  if self.journal then self.journal:close() end
  self.journal = nil
  self.condition:close()
  self.client:forget(self)
  self.file_on_box, self.message, self.err = outcome.file, outcome.message,
    outcome.err
  self.body, self.step_at = nil, nil
  self.state = outcome.state
  self:event { event = outcome.state, file = outcome.file,
    error = outcome.err }
end

-- Ends the transfer at once, without sending anything.
local function end_now(self, err)
  self.outcome = self.outcome or
    { state = "canceled", message = err.message, err = err }
  finish_transfer(self)
end

-- Ends the upload early: replaces its coroutine by one that cleans up.
local function begin_cleanup(self, err, keep)
  local exchanges = known_exchanges(self)
  self.final_bytes_sent = self:bytes_sent()
  self.final_bytes_resumed = self:bytes_resumed()
  self.part_uploader, self.exchange = nil, nil
  self.waiter.reason, self.waiter.wake_at = nil, nil
  self.body = new_coroutine(self, function()
    return clean_up(self, exchanges, err, keep)
  end)
  self.canceled, self.step_at = err, 0
end

local function canceled_error(self, code)
  local committing = self.phase == "committing"
  return failure.of("canceled", code, OPERATION, "it was " .. code ..
    (committing and " while it was being committed" or ""),
    committing and "look on Box whether it is there" or nil)
end

-- Called when the body has died with an error, or without storing an outcome.
local function handle_dead_coroutine(self, text)
  local err = interrupt.is(text) and canceled_error(self, "interrupted") or
    failure.of("canceled", "crashed", OPERATION, tostring(text))
  if not self.outcome and not self.canceled then
    return begin_cleanup(self, err, self.journal and self.journal:is_open())
  end
  self.outcome = self.outcome or
    { state = "failed", message = err.message, err = err }
  finish_transfer(self)
end

-- The body raised an error: an interrupt, no memory, or a bug. The error is
-- raised to the caller, and later steps clean up.
local function raise_from_coroutine(self, text)
  local trace = debug.traceback(self.body, tostring(text))
  handle_dead_coroutine(self, text)
  error(trace, 0)
end

local function resume_coroutine(self)
  local body = self.body
  if native_coroutine.status(body) ~= "dead" then
    local ok, value = native_coroutine.resume(body)
    if not ok then return raise_from_coroutine(self, value) end
    self.step_at = value
  end
  if native_coroutine.status(body) ~= "dead" then return end
  if self.outcome then return finish_transfer(self) end
  -- It died in an earlier step that was itself interrupted before it could
  -- handle that. The caller already got that error.
  handle_dead_coroutine(self, interrupt.MESSAGE)
end

-- Exchanges that are taken off the queue can't be found there again. If Ctrl-C
-- interrupts before the body has run, needs_step makes the next step run it.
local function run_step(self)
  self.client:check_open()
  local now = core.now()
  local needed_step = self.needs_step
  self.needs_step = true
  local has_finished = waiter.drain(self.queue, self.in_flight) > 0
  if needed_step or has_finished or
     self.step_at and now >= self.step_at then
    resume_coroutine(self)
    self.condition:wake()
  end
  self.needs_step = false
  if self.state == "running" then
    self.transfer_rate:note(now, self:bytes_sent() - self:bytes_resumed())
  end
end

--- Continues the upload as far as possible without waiting.
---@return "running"|"done"|"failed"|"canceled" state
function Transfer:step()
  if self.state ~= "running" then
    report_events(self)
    return self.state
  end
  if self.outcome then finish_transfer(self) else run_step(self) end
  report_events(self)
  return self.state
end

--- Ends the transfer because the host is about to exit. A session with a
--- journal is kept for resuming. Aborting any other session gets EXIT_GRACE
--- seconds: step the transfer and call this again until it has ended.
function Transfer:leave()
  if self.state ~= "running" then return end
  local now = core.now()
  if not self.exit_deadline then
    self.exit_deadline = now + waiter.EXIT_GRACE
    if not self.canceled and not self.outcome then
      begin_cleanup(self, canceled_error(self, "worker_exiting"),
        self.journal and self.journal:is_open())
    end
  elseif now >= self.exit_deadline then
    end_now(self, self.canceled)
  end
end

--- Returns the result; while it runs, an error with the code "still_running".
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

local function earlier_time(a, b)
  if a and b then return math.min(a, b) end
  return a or b
end

--- Waits until the transfer ends or the time is over: then it continues to
--- run, and the error has the code "still_running". When the loop adapter
--- reports that the host is about to exit, the transfer is canceled with the
--- code "worker_exiting".
---@param seconds number?  nil: without a limit
---@return table? file, string? message, boxupload.Error? err
function Transfer:wait(seconds)
  seconds = options.check_wait(seconds, "transfer:wait")
  if self.state == "running" then self.client:check_wait() end
  local deadline = seconds and core.now() + seconds
  while self:step() == "running" do
    local now = core.now()
    if deadline and now >= deadline then break end
    local next_time = earlier_time(deadline, self.step_at)
    local reason, message, err =
      self.condition:wait(next_time and math.max(0, next_time - now))
    if err then return nil, message, err end
    if reason == "exiting" then self:leave() end
  end
  self.condition:leave()
  return self:result()
end

--- Returns the bytes sent so far, including those of a resumed upload.
---@return integer
function Transfer:bytes_sent()
  if self.part_uploader then return self.part_uploader:bytes_sent() end
  if self.exchange then return math.min(self.exchange:sent(), self.size) end
  return self.final_bytes_sent or 0
end

--- Returns how many of the sent bytes were stored before this upload started.
---@return integer
function Transfer:bytes_resumed()
  if self.part_uploader then return self.part_uploader.bytes_resumed end
  return self.final_bytes_resumed or 0
end

local function seconds_left(self, rate, sent)
  if self.state ~= "running" or not rate or rate <= 0 then return nil end
  return (self.size - sent) / rate
end

---@class boxupload.Progress
---@field state string             "running", "done", "failed", "canceled"
---@field phase string             one of boxupload.Transfer's phases
---@field file_size integer        bytes
---@field bytes_sent integer
---@field bytes_stored integer     confirmed by the service
---@field bytes_resumed integer    of these, stored before this upload started
---@field parts integer            stored parts
---@field total_parts integer?
---@field rate number?             recent bytes a second
---@field eta number?              seconds left
---@field retries integer          of requests
---@field waiting_for string?      the reason for a pause
---@field waiting_until number?    seconds since 1970

--- Returns the progress, at any time.
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
    total_parts = total, rate = rate, eta = seconds_left(self, rate, sent),
    retries = self.budget.spent,
    waiting_for = self.waiter.reason and
      redact.text(self.waiter.reason, self.client.secrets),
    waiting_until = wake_at and core.time() + wake_at - now,
  }
end

local function set_paused(self, paused)
  if self.state ~= "running" or self.paused == paused then return end
  self.paused = paused
  if self.part_uploader then self.part_uploader:set_paused(paused) end
  self:event { event = paused and "pause" or "resume" }
  self.step_at = 0
  self.condition:wake()
end

--- Starts no more parts until `resume`. Parts in progress are still sent to
--- their end, and so is a file that is sent in one request.
function Transfer:pause()
  set_paused(self, true)
end

--- Continues after a pause.
function Transfer:resume()
  set_paused(self, false)
end

local CANCEL_OPTIONS = { keep = { type = "boolean", default = false } }

--- Cancels the upload and stops sending at once. The upload session is
--- aborted, unless `keep` is true; `wait` waits for that too.
---@param opts {keep:boolean?}?
function Transfer:cancel(opts)
  opts = options.check(CANCEL_OPTIONS, opts, "transfer:cancel")
  if self.state ~= "running" or self.canceled or self.outcome then
    return
  end
  begin_cleanup(self, canceled_error(self, "canceled"), opts.keep)
  resume_coroutine(self)
  self.condition:wake()
end

--- What `local transfer <close> = …` does at the end of the block, on Lua 5.4
--- and newer: cancels a transfer that still runs. With a journal, the upload
--- can be resumed; without one, its session is aborted.
function Transfer:__close()
  if self.state ~= "running" then return end
  self:cancel { keep = self.journal ~= nil and self.journal:is_open() }
  self:wait(CLOSE_GRACE)
  if self.state == "running" then end_now(self, self.canceled) end
end

--- Ends the transfer because the client is closing. Nothing more can be sent,
--- so its session isn't aborted.
function Transfer:abandon()
  end_now(self, failure.of("canceled", "canceled", OPERATION,
    "the client was closed"))
end

return M
