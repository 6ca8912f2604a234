-- part_pump: sends all parts of a file, several at once, in the file's order.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.call"
local core = require "boxupload.core"
local failure = require "boxupload.failure"
local part = require "boxupload.part"
local retry = require "boxupload.retry"

local M = {}

-- Parts that are hashed while others are on the network: enough to keep the
-- hash workers ahead, few enough for the page cache to hold them.
local AHEAD = 2

---@class boxupload.PartPump
local Pump = {}
Pump.__index = Pump

--- A pump for all parts of a session.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@param file userdata
---@param parallel integer  parts on the network at once
function M.new(caller, session, file, parallel)
  session:set_parallel(parallel)
  return setmetatable({
    caller = caller, session = session, file = file,
    window = parallel + AHEAD,
    digest = core.digest("sha1"),
    next_offset = 0,  -- of the first part that wasn't begun
    jobs = {},        -- begun and not stored, in the file's order
    parts = {},       -- records of the stored ones
    bytes_stored = 0,
    hold_until = 0,   -- no new part before
  }, Pump)
end

local function submit(self, job)
  local exchange, err = call.submit(self.caller, job.request)
  if not exchange then return err end
  -- The second value is then the token that it carries.
  job.exchange, job.token, job.retry_at = exchange, err, nil
end

local function begin(self)
  local offset = self.next_offset
  local job = {
    offset = offset, attempt = 0,
    request = part.request(self.session, offset, self.file,
      { digest = self.digest }),
  }
  self.next_offset = offset + self.session:part_length(offset)
  self.jobs[#self.jobs + 1] = job
  return submit(self, job)
end

-- Failed parts first, then new ones.
local function fill(self)
  local now = core.now()
  for _, job in ipairs(self.jobs) do
    if job.retry_at and now >= job.retry_at then
      local err = submit(self, job)
      if err then return err end
    end
  end
  while #self.jobs < self.window and now >= self.hold_until and
        self.next_offset < self.session.file_size do
    local err = begin(self)
    if err then return err end
  end
end

local function store(self, job, index)
  local record, err = part.stored(self.session, job.offset, job.exchange,
    job.request.operation)
  if not record then return err end
  self.parts[#self.parts + 1] = record
  self.bytes_stored = self.bytes_stored + record.size
  table.remove(self.jobs, index)
end

local function retry_later(self, job, err)
  local client = self.caller.client
  job.exchange = nil
  if err.action == "refresh" and not job.refreshed and
     client.auth:refused(job.token) then
    job.refreshed, job.retry_at = true, core.now()
    return nil
  end
  job.attempt = job.attempt + 1
  local delay = retry.delay(err, job.attempt, client.retries, false)
  if not delay then return err end
  job.retry_at, job.reason = core.now() + delay, err.message
  if err.status == 429 then
    self.hold_until = math.max(self.hold_until, job.retry_at)
  end
end

-- Looks at what has ended: how many, or nil and the error that ends it all.
local function settle(self)
  local count = 0
  for index = #self.jobs, 1, -1 do
    local job = self.jobs[index]
    if job.exchange and job.exchange:done() then
      local err = call.error_of(self.caller, job.exchange, job.request)
      if err then
        err = retry_later(self, job, err)
      else
        err = store(self, job, index)
      end
      if err then return nil, err end
      count = count + 1
    end
  end
  return count
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

local function pause(self)
  local first, busy
  for _, job in ipairs(self.jobs) do
    busy = busy or job.exchange
    if job.retry_at and (not first or job.retry_at < first.retry_at) then
      first = job
    end
  end
  local waiter = self.caller.waiter
  if first and not busy then
    waiter.reason, waiter.wake_at = first.reason, first.retry_at
  end
  waiter:pause(first and first.retry_at)
  waiter.reason, waiter.wake_at = nil, nil
end

--- Sends everything.
---@return boxupload.Part[]? parts, string? message, boxupload.Error? err
function Pump:run()
  while self.bytes_stored < self.session.file_size do
    local err = fill(self)
    if err then return give_up(self, err) end
    pause(self)
    local settled
    settled, err = settle(self)
    if not settled then return give_up(self, err) end
  end
  return self.parts
end

--- Bytes that have left, those of stored parts among them.
---@return integer
function Pump:bytes_sent()
  local sent = self.bytes_stored
  for _, job in ipairs(self.jobs) do
    if job.exchange then sent = sent + job.exchange:sent() end
  end
  return math.min(sent, self.session.file_size)
end

return M
