-- luv: waits in a coroutine that libuv's loop resumes, also Neovim's.
-- SPDX-License-Identifier: MIT

local usage_error = require "boxupload.util.usage_error"

local vim = rawget(_G, "vim")
local nvim = type(vim) == "table" and (vim.uv or vim.loop) and vim
local uv = nvim and (nvim.uv or nvim.loop) or require "luv"

local M = {}

-- Milliseconds. vim.wait's time is a C int, so waits without a limit return
-- after an hour; callers repeat them.
local MAX_WAIT, POLL_INTERVAL = 3600000, 10
-- The reason that vim.wait returns after Ctrl-C.
local INTERRUPTED = -2

local function milliseconds(seconds)
  return math.ceil(seconds * 1000)
end

-- There is no coroutine to yield from. vim.wait keeps the editor's loop
-- running, and Ctrl-C ends it.
local function wait_in_main(queue, seconds)
  local time = seconds and milliseconds(seconds) or MAX_WAIT
  local is_ready, reason = nvim.wait(math.min(time, MAX_WAIT), function()
    return queue:wait(0)
  end, POLL_INTERVAL)
  if not is_ready and reason == INTERRUPTED then error("interrupted!", 0) end
end

local function wait_in_coroutine(thread, queue, seconds)
  local poll = assert(uv.new_poll(assert(queue:pollfd())))
  local timer = assert(uv.new_timer())
  local waiting, called = true, false
  local function resume_waiting()
    if not waiting then return end
    local ok, problem = coroutine.resume(thread)
    if not ok then error(debug.traceback(thread, tostring(problem)), 0) end
  end
  local function wake()
    if called then return end
    called = true
    poll:stop()
    timer:stop()
    -- Neovim forbids most of its API in callbacks of its loop.
    if nvim then nvim.schedule(resume_waiting) else resume_waiting() end
  end
  poll:start("r", wake)
  if seconds then
    uv.update_time()
    timer:start(milliseconds(seconds), 0, wake)
  end
  coroutine.yield()
  waiting = false
  poll:close()
  timer:close()
end

local function current_coroutine()
  local thread, is_main = coroutine.running()
  return not is_main and thread or nil
end

--- Raises outside of a coroutine, except in Neovim: luv runs its callbacks
--- there, and they must not block.
function M.check()
  if nvim or current_coroutine() then return end
  usage_error.raise('the loop "luv" waits in coroutines only: call this in ' ..
    "coroutine.wrap(function() … end)(), and then uv.run()")
end

--- Yields until the queue has something or the time is over.
---@param queue userdata
---@param seconds number?  nil: without a limit
function M.wait(queue, seconds)
  M.check()
  local thread = current_coroutine()
  if thread then return wait_in_coroutine(thread, queue, seconds) end
  wait_in_main(queue, seconds)
end

return M
