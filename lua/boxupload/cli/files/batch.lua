-- batch: uploads the entries of a walk, several files at once.
-- SPDX-License-Identifier: MIT

local clash = require "boxupload.cli.files.clash"
local core = require "boxupload.core"
local exit_code = require "boxupload.cli.output.exit_code"
local interrupt = require "boxupload.util.interrupt"
local journal = require "boxupload.journal.journal"
local outcome = require "boxupload.cli.output.outcome"
local reports = require "boxupload.cli.output.report"
local sources = require "boxupload.upload.source"
local stream = require "boxupload.cli.files.stream"
local target_lock = require "boxupload.cli.files.target_lock"
local transfer_rate = require "boxupload.util.transfer_rate"

local M = {}

local CLEANUP_SECONDS = 15  -- to cancel all transfers

---@class boxupload.Batch
---@field client boxupload.Client
---@field settings boxupload.BatchSettings
---@field walk boxupload.Walk
---@field report boxupload.Report
---@field summary boxupload.Summary
---@field active {transfer: boxupload.Transfer, entry: boxupload.Entry}[]
---@field stopped boolean?  no more uploads are started
---@field network_failures integer  in a row, without a success between
---@field locks boxupload.TargetLock
local Batch = {}
Batch.__index = Batch

---@class boxupload.BatchSettings
---@field transfers integer  files at once
---@field upload table       options of client:start
---@field keep_journal boolean
---@field require_journal boolean?  fail if no journal can be kept
---@field verify boolean?    skip files that are identical on Box

local FATAL_CODES = {
  storage_limit_exceeded = true, proxy_auth = true,
  proxy_refused = true,
  ca_file = true, certificate = true, certificate_date = true,
  certificate_host = true,
}

-- Whether every other upload would fail with the same error.
local function is_fatal(entry, err)
  if err.kind == "auth" or err.status == 507 or FATAL_CODES[err.code] then
    return true
  end
  local parent = entry.parent
  local is_target = parent.is_contents or not parent.parent
  return is_target and err.status == 404
end

local NETWORK_KINDS = { network = true, timeout = true }
-- The batch gives up after this many network failures in a row for each
-- concurrent transfer. Each failure comes after all retries.
local FAILURES_PER_TRANSFER = 2

local function is_network_down(self, err)
  self.network_failures =
    NETWORK_KINDS[err.kind] and self.network_failures + 1 or 0
  return self.network_failures >=
    FAILURES_PER_TRANSFER * self.settings.transfers
end

local function record_failure(self, entry, err, sent)
  self.summary:add_file(entry, "failed", sent or 0)
  self.summary:add_failure(err, entry.path)
  self.report:fail(err, entry.path)
  if is_network_down(self, err) or is_fatal(entry, err) then
    self.stopped = true
  end
end

local function upload_options(self, entry)
  local options = {}
  for key, value in pairs(self.settings.upload) do options[key] = value end
  if not options.file_id then
    options.folder_id = entry.parent.id
    options.file_name = options.file_name or entry.name
  end
  options.resume = self.settings.keep_journal and
    not entry.without_journal and not entry.is_stream
  -- The time of its spool says nothing about it.
  if entry.is_stream and not options.content_modified_at then
    options.content_modified_at = false
  end
  if self.settings.verify and not entry.differs then
    options.on_conflict = "skip_identical"
  end
  options.on_event = function(event)
    if event.event == "warning" then
      self.report:warning(event, entry.path)
    elseif event.event == "retry" then
      event.path = reports.json_path(entry.path)
      self.report:event(event)
    end
  end
  return options
end

-- Nil and an error when another process uploads to the same name. Where a lock
-- can't be had for other reasons, the upload goes on without.
local function take_lock(self, entry)
  local upload = self.settings.upload
  if upload.file_id or entry.lock then return true end
  local err
  entry.lock, err =
    self.locks:take(entry.parent.id, upload.file_name or entry.name)
  if err and target_lock.is_needed(upload.on_conflict,
     self.settings.verify) then
    return nil, err.message, err
  end
  return true
end

local function open_entry(self, entry)
  if entry.is_stream then return stream.spool(entry.path, self.screen) end
  return sources.open_in(entry.folder, entry.name)
end

-- A stream is read once, and what was found is opened once, however often the
-- upload starts. What the user named is opened by its path.
local function open_source(self, entry)
  local ok, problem, why = take_lock(self, entry)
  if not ok then return nil, problem, why end
  if not entry.is_stream and not entry.folder then return entry.path end
  local message, err
  if not entry.opened then
    entry.opened, message, err = open_entry(self, entry)
  end
  return entry.opened, message, err
end

local function let_go(self, entry)
  if entry.opened then entry.opened:close() end
  entry.opened = nil
  self.locks:release(entry.lock)
  entry.lock = nil
end

-- Calls a method of the client. What it raises for one file is that file's
-- error, and doesn't end the uploads of the others.
local function attempt(self, method, ...)
  local ok, value, message, err =
    interrupt.pcall(self.client[method], self.client, ...)
  if ok then return value, message, err end
  err = outcome.crash(value)
  return nil, err.message, err
end

local function start_transfer(self, entry)
  local source, _, err = open_source(self, entry)
  local transfer
  if source then
    transfer, _, err =
      attempt(self, "start", source, upload_options(self, entry))
  end
  if not transfer then
    let_go(self, entry)
    return record_failure(self, entry, err)
  end
  entry.size = transfer.size
  self.active[#self.active + 1] = { transfer = transfer, entry = entry }
  self.report:event {
    event = "start", path = reports.json_path(entry.path),
    file_size = entry.size, folder_id = transfer.target.folder_id,
    file_id = transfer.target.file_id,
    file_name = transfer.target.file_name,
    same_as = entry.same_as and reports.json_path(entry.same_as),
  }
  entry.started_at = entry.started_at or core.now()
end

-- An upload without a journal is better than none, except with --resume.
-- Returns whether to start the upload again.
local function disable_journal(self, entry, err)
  if self.settings.require_journal or entry.without_journal or
     not journal.is_journal_failure(err) then
    return false
  end
  entry.without_journal = true
  if not self.warned then
    self.report:info("no journal can be kept, so an interrupted upload " ..
      "starts over: " .. err.message)
  end
  self.warned = true
  return true
end

-- --verify tries "skip_identical" first. If the file on Box differs, the
-- upload starts over with the policy of --on-conflict: returns true then.
local function apply_conflict_policy(self, entry, err)
  local policy = self.settings.upload.on_conflict or "fail"
  if not self.settings.verify or entry.differs or not err.conflict or
     policy == "fail" or policy == "skip_identical" then
    return false
  end
  entry.differs = true
  return true
end

-- Without the parts that an earlier run stored.
local function bytes_sent(transfer)
  return transfer:bytes_sent() - transfer:bytes_resumed()
end

local function finish_transfer(self, transfer, entry)
  local file, _, err = transfer:result()
  self.raised = 0
  local sent = bytes_sent(transfer)
  if not file and not self.stopped and (disable_journal(self, entry, err) or
     apply_conflict_policy(self, entry, err)) then
    return start_transfer(self, entry)
  end
  let_go(self, entry)
  if file then
    local result = file.skipped and "skipped" or "done"
    self.network_failures = 0
    self.summary:add_file(entry, result, file.skipped and 0 or sent)
    return outcome.report_file(self.report, entry, file, result, sent)
  end
  if self.stopped and err.kind == "canceled" and err.code ~= "crashed" then
    self.summary:add_file(entry, "canceled", sent)
    if err.resumable then
      self.summary.resumable = self.summary.resumable + 1
      self.summary.journal = err.journal
    end
    if self.report.json or err.abort_error then
      self.report:fail(err, entry.path)
    end
    return
  end
  if err.resumable then
    self.summary.resumable = self.summary.resumable + 1
    self.summary.journal = err.journal
  end
  record_failure(self, entry, err, sent)
end

local function take_finished(self)
  for at, each in ipairs(self.active) do
    if each.transfer.state ~= "running" then
      return table.remove(self.active, at)
    end
  end
end

local function finish_transfers(self)
  for each in function() return take_finished(self) end do
    finish_transfer(self, each.transfer, each.entry)
  end
end

local function running_transfers(self)
  local list = {}
  for at, each in ipairs(self.active) do
    list[at] = { path = each.entry.path, name = each.entry.name or
      each.entry.path, progress = each.transfer:progress() }
  end
  return list
end

local function batch_totals(self, now)
  local summary = self.summary
  if summary.files <= 1 then return nil end
  local sent, over = summary.bytes_sent, summary.bytes_over
  for _, each in ipairs(self.active) do
    sent = sent + bytes_sent(each.transfer)
    over = over + each.transfer:bytes_sent()
  end
  self.transfer_rate:note(now, sent)
  local rate = self.transfer_rate:rate(now, sent)
  local left = math.max(0, summary.bytes - over)
  return {
    files = summary.files, files_over = summary:files_over(),
    bytes = summary.bytes, bytes_over = over, rate = rate,
    eta = rate and rate > 0 and left / rate or nil,
  }
end

local function update_screen(self)
  local now = core.now()
  if now < self.next_update then return end
  self.next_update = now + self.screen.interval
  self.screen:show(running_transfers(self), batch_totals(self, now))
end

-- Errors in a row, without a file that ends, after which something else must
-- be wrong.
local MAX_RAISED = 20

-- An error that a transfer raises ends it, and it reports that, too.
local function wait_for_transfers(self)
  update_screen(self)
  local ok, problem =
    interrupt.pcall(self.client.wait, self.client, self.screen.interval)
  self.raised = self.raised + (ok and 0 or 1)
  if self.raised > MAX_RAISED then error(problem, 0) end
  finish_transfers(self)
end

local function make_folder(self, entry)
  -- Sends the requests of transfers just started; the call below blocks.
  attempt(self, "poll")
  local folder, _, err = attempt(self, "make_folder", {
    parent_id = entry.parent.id, name = entry.name,
  })
  if not folder then
    entry.failed = true
    return record_failure(self, entry, err)
  end
  entry.id = folder.id
  if not folder.existing then
    self.summary.folders = self.summary.folders + 1
  end
  self.report:event {
    event = "folder", path = reports.json_path(entry.path),
    folder_id = folder.id, existing = folder.existing or false,
    same_as = entry.same_as and reports.json_path(entry.same_as),
  }
  finish_transfers(self)
  update_screen(self)
end

-- The scan has reported the error.
local function refuse_clash(self, entry)
  local err = clash.error(entry, self.settings.upload.on_conflict,
    self.settings.verify)
  if not err then return false end
  self.summary:add_file(entry, "failed", 0)
  self.summary:add_failure(err, entry.path)
  return true
end

-- Whether a file that has this one's name on Box is on its way there.
local function is_name_in_use(self, entry)
  if not entry.same_as then return false end
  for _, each in ipairs(self.active) do
    if each.entry.path == entry.same_as or
       each.entry.same_as == entry.same_as then
      return true
    end
  end
  return false
end

local handle = {}

function handle.folder(self, entry)
  if not refuse_clash(self, entry) then make_folder(self, entry) end
end

-- Nothing else can go on while a stream is read.
function handle.file(self, entry)
  if refuse_clash(self, entry) then return end
  local others = entry.is_stream and 1 or self.settings.transfers
  while #self.active >= others or is_name_in_use(self, entry) do
    wait_for_transfers(self)
  end
  if not self.stopped then start_transfer(self, entry) end
end

function handle.skip(self, entry)
  self.summary.ignored = self.summary.ignored + 1
  outcome.report_ignored(self.report, entry)
end

function handle.error(self, entry)
  record_failure(self, entry, entry.err)
end

local function upload_all(self)
  local entry = self.walk:next()
  while entry and not self.stopped do
    handle[entry.kind](self, entry)
    entry = not self.stopped and self.walk:next()
  end
  while self.active[1] and not self.stopped do wait_for_transfers(self) end
end

-- Keeps the sessions that have a journal, so that they can be resumed.
local function cancel_all(self)
  self.stopped = true
  local all = {}
  for at, transfer in ipairs(self.client.transfers) do all[at] = transfer end
  for _, transfer in ipairs(all) do
    transfer:cancel { keep = transfer.journal ~= nil }
  end
end

--- Uploads all entries.
---@return integer exit_code
function Batch:run()
  local ok, problem = pcall(upload_all, self)
  self.screen:hide()
  if not ok and not interrupt.is(problem) then
    self.walk:close()
    error(problem, 0)
  end
  self.walk:close()
  if not ok then self.summary.code = exit_code.INTERRUPTED end
  if self.client.transfers[1] or self.active[1] then
    cancel_all(self)
    local deadline = core.now() + CLEANUP_SECONDS
    while self.client.transfers[1] and core.now() < deadline do
      self.client:wait(1)
    end
    finish_transfers(self)
  end
  self.locks:close()
  return self.summary.code
end

--- Creates a batch.
---@param given table  client, settings, walk, report, summary, screen
---@return boxupload.Batch
function M.new(given)
  given.active, given.next_update = {}, core.now()
  given.network_failures, given.raised = 0, 0
  given.client.made = {}
  given.locks = target_lock.new(given.client)
  given.transfer_rate = transfer_rate.new()
  return setmetatable(given, Batch)
end

return M
