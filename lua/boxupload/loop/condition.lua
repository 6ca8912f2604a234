-- condition: lets several coroutines wait for the same queue.
-- SPDX-License-Identifier: MIT

-- Only the first coroutine waits for the queue's descriptor: some loops accept
-- a descriptor only once, and checking the queue resets it. The others wait
-- for separate descriptors until they are woken.

local native_coroutine = require "boxupload.util.native_coroutine"
local waiter = require "boxupload.loop.waiter"

local M = {}

--- Seconds after which every waiting coroutine checks for itself, in case the
--- host has dropped the first one. Normally they are woken earlier.
M.HEARTBEAT = 0.5

---@class boxupload.Condition
local Condition = {}
Condition.__index = Condition

--- Makes a condition for a queue. Closing the condition closes the queue.
---@param client boxupload.Client
---@param queue userdata
---@return boxupload.Condition
function M.new(client, queue)
  return setmetatable({ client = client, queue = queue, extra_queues = {} },
    Condition)
end

-- Stands for the main coroutine, for which Lua 5.1's coroutine.running returns
-- nil.
local MAIN = {}

local function current_coroutine()
  return coroutine.running() or MAIN
end

local function descriptor_is_taken(self)
  local owner = self.descriptor_owner
  return owner and owner ~= current_coroutine() and
    (owner == MAIN or native_coroutine.status(owner) ~= "dead")
end

local function wait_on_shared_queue(self, seconds)
  self.descriptor_owner = current_coroutine()
  local reason = self.client.loop.wait(self.queue, seconds)
  self.descriptor_owner = nil
  if self.closed then self.queue:close() end
  return reason
end

local function wait_on_own_queue(self, seconds)
  local queue, message, err = self.client:borrow_queue()
  if not queue then return nil, message, err end
  self.extra_queues[queue] = true
  local reason = self.client.loop.wait(queue, seconds)
  self.extra_queues[queue] = nil
  waiter.drain(queue)
  self.client:return_queue(queue)
  return reason
end

--- Waits until the queue has something, the condition is woken, or the time is
--- over. May also return early.
---@param seconds number?  nil: without a limit
---@return "exiting"? reason  when the host is about to exit
---@return string? message, boxupload.Error? err  when it can't wait at all
function Condition:wait(seconds)
  seconds = math.min(seconds or M.HEARTBEAT, M.HEARTBEAT)
  if descriptor_is_taken(self) then return wait_on_own_queue(self, seconds) end
  return wait_on_shared_queue(self, seconds)
end

--- Wakes the other coroutines, because the caller stops waiting: one of them
--- has to take over the queue's descriptor.
function Condition:leave()
  for queue in pairs(self.extra_queues) do queue:wake() end
end

--- Wakes all waiting coroutines.
function Condition:wake()
  if descriptor_is_taken(self) then self.queue:wake() end
  self:leave()
end

--- Wakes all and closes the queue. While a coroutine waits for its descriptor
--- the queue stays open until that coroutine returns, since event loops fail
--- when a descriptor they watch is closed.
function Condition:close()
  self.closed = true
  self:wake()
  if not descriptor_is_taken(self) then self.queue:close() end
end

return M
