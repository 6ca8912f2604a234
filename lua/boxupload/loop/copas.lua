-- copas: waits in a thread of copas; outside of one, as a script does.
-- SPDX-License-Identifier: MIT

local copas = require "copas"
local core = require "boxupload.core"
local plain = require "boxupload.loop.plain"

local M = {}

-- Nothing wakes a thread of copas from outside: it looks, at first often.
local FIRST, MOST = 0.001, 0.03
-- What the copas before 2 holds others up for, at each look.
local SLICE = 0.002

local sleep = copas.pause or copas.sleep

local function look(queue, seconds)
  local pause, ends_at = FIRST, seconds and core.now() + seconds
  repeat
    local left = ends_at and math.max(0, ends_at - core.now()) or pause
    sleep(math.min(pause, left))
    pause = math.min(2 * pause, MOST)
  until queue:wait(0) or ends_at and core.now() >= ends_at
end

-- The copas before 2 has no clock: its threads wait for sockets alone. So a
-- queue is dressed as one: readable when something came; and always writable,
-- as an eventfd is, for waits with an end.
local function dress(queue, seconds)
  local ends_at = seconds and core.now() + seconds
  local looked = false
  local function is_over()
    local over = looked and
      (queue:wait(seconds and SLICE or 0) or not ends_at or
       core.now() >= ends_at)
    looked = true
    if over then return 1 end
    return nil, "timeout", 0
  end
  return {
    getfd = function() return queue:getfd() end,
    dirty = function() return false end,
    receive = is_over, send = is_over,
    close = function() end,  -- copas does, when the thread ends
  }
end

local function wait_as_socket(queue, seconds)
  local socket = dress(queue, seconds)
  if seconds then copas.send(socket, "") else copas.receive(socket) end
end

--- Lets other threads run until something can be taken from the queue, or the
--- time is over.
---@param queue userdata
---@param seconds number?  nil: without a limit
function M.wait(queue, seconds)
  local thread, is_main = coroutine.running()
  if not thread or is_main then return plain.wait(queue, seconds) end
  if sleep then return look(queue, seconds) end
  wait_as_socket(queue, seconds)
end

return M
