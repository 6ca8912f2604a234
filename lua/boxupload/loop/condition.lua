-- condition: those who wait for one queue. The first waits for its descriptor,
-- which a host's loop may take only once, and which one look empties; others
-- wait for descriptors of their own until they are told.
-- SPDX-License-Identifier: MIT

local native_coroutine = require "boxupload.util.native_coroutine"
local waiter = require "boxupload.loop.waiter"

local M = {}

--- Seconds after which everyone looks for themselves: the first may be a
--- coroutine that its host has dropped. It isn't what wakes them else.
M.HEARTBEAT = 0.5

---@class boxupload.Condition
local Condition = {}
Condition.__index = Condition

--- For a queue that is closed with it.
---@param client boxupload.Client
---@param queue userdata
---@return boxupload.Condition
function M.new(client, queue)
  return setmetatable({ client = client, queue = queue, others = {} },
    Condition)
end

-- On 5.1 the main coroutine is none.
local MAIN = {}

local function current()
  return coroutine.running() or MAIN
end

local function is_taken(self)
  local first = self.first
  return first and first ~= current() and
    (first == MAIN or native_coroutine.status(first) ~= "dead")
end

local function wait_first(self, seconds)
  self.first = current()
  local told = self.client.loop.wait(self.queue, seconds)
  self.first = nil
  if self.ended then self.queue:close() end
  return told
end

local function wait_beside(self, seconds)
  local queue = self.client:borrow_queue()
  self.others[queue] = true
  local told = self.client.loop.wait(queue, seconds)
  self.others[queue] = nil
  waiter.drain(queue)
  self.client:return_queue(queue)
  return told
end

--- Returns when something came, when it was woken, after the time, or for no
--- reason.
---@param seconds number?
---@return "exiting"? told  the host is about to end
function Condition:wait(seconds)
  seconds = math.min(seconds or M.HEARTBEAT, M.HEARTBEAT)
  if is_taken(self) then return wait_beside(self, seconds) end
  return wait_first(self, seconds)
end

--- Lets the others look, for the one that calls waits no more.
function Condition:leave()
  for queue in pairs(self.others) do queue:wake() end
end

--- Lets all look.
function Condition:wake()
  if is_taken(self) then self.queue:wake() end
  self:leave()
end

--- There is nothing to wait for any more. While a coroutine waits for the
--- descriptor it stays open: hosts don't bear that one goes under them.
function Condition:close()
  self.ended = true
  self:wake()
  if not is_taken(self) then self.queue:close() end
end

return M
