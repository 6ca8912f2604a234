-- copas: waits in a copas thread; outside of one, as a plain script does.
-- SPDX-License-Identifier: MIT

local copas = require "copas"
local core = require "boxupload.core"
local plain = require "boxupload.loop.plain"

local M = {}

-- Seconds between two checks of the queue, doubled each time: nothing outside
-- copas can wake one of its threads.
local FIRST_PAUSE, MAX_PAUSE = 0.001, 0.03
-- Seconds for which each check blocks all threads on copas before version 2.
local BLOCKING_SLICE = 0.002

local sleep = copas.pause or copas.sleep

local function poll_queue(queue, seconds)
  local pause, deadline = FIRST_PAUSE, seconds and core.now() + seconds
  repeat
    local left = deadline and math.max(0, deadline - core.now()) or pause
    sleep(math.min(pause, left))
    pause = math.min(2 * pause, MAX_PAUSE)
  until queue:wait(0) or deadline and core.now() >= deadline
end

-- Copas before version 2 has no timers: its threads can only wait for sockets.
-- So the queue is wrapped in an object that looks like a socket: readable when
-- the queue has something, and always writable, as an eventfd is. Waits with a
-- time limit use the latter.
local function as_socket(queue, seconds)
  local deadline = seconds and core.now() + seconds
  local checked_before = false
  local function check_queue()
    local is_over = checked_before and
      (queue:wait(seconds and BLOCKING_SLICE or 0) or not deadline or
       core.now() >= deadline)
    checked_before = true
    if is_over then return 1 end
    return nil, "timeout", 0
  end
  return {
    getfd = function() return queue:getfd() end,
    dirty = function() return false end,
    receive = check_queue, send = check_queue,
    close = function() end,  -- copas calls it when the thread ends
  }
end

local function wait_as_socket(queue, seconds)
  local socket = as_socket(queue, seconds)
  if seconds then copas.send(socket, "") else copas.receive(socket) end
end

--- Lets other threads run until the queue has something or the time is over.
---@param queue userdata
---@param seconds number?  nil: without a limit
function M.wait(queue, seconds)
  local thread, is_main = coroutine.running()
  if not thread or is_main then return plain.wait(queue, seconds) end
  if sleep then return poll_queue(queue, seconds) end
  wait_as_socket(queue, seconds)
end

return M
