-- luv: waits in a coroutine that libuv's loop resumes, Neovim's too.
-- SPDX-License-Identifier: MIT

local usage_error = require "boxupload.util.usage_error"

local vim = rawget(_G, "vim")
local nvim = type(vim) == "table" and (vim.uv or vim.loop) and vim
local uv = nvim and (nvim.uv or nvim.loop) or require "luv"

local M = {}

-- Milliseconds: an hour, for vim.wait counts in an int; between its looks.
local LONG, LOOK = 3600000, 10
local INTERRUPTED = -2

local function milliseconds(seconds)
  return math.ceil(seconds * 1000)
end

-- No coroutine to yield: the editor goes on while vim.wait runs, and Ctrl-C
-- ends it.
local function wait_in_main(queue, seconds)
  local time = seconds and math.min(milliseconds(seconds), LONG) or LONG
  local came, why = nvim.wait(time, function() return queue:wait(0) end, LOOK)
  if not came and why == INTERRUPTED then error("interrupted!", 0) end
end

local function wait_in_coroutine(thread, queue, seconds)
  local poll = assert(uv.new_poll(assert(queue:pollfd())))
  local timer = assert(uv.new_timer())
  local waiting, called = true, false
  local function go_on()
    if not waiting then return end
    local ok, problem = coroutine.resume(thread)
    if not ok then error(debug.traceback(thread, tostring(problem)), 0) end
  end
  local function wake()
    if called then return end
    called = true
    poll:stop()
    timer:stop()
    -- Neovim forbids most of its functions in the callbacks of its loop.
    if nvim then nvim.schedule(go_on) else go_on() end
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

local function here()
  local thread, is_main = coroutine.running()
  return not is_main and thread or nil
end

--- Raises where nothing can be waited for: luv's callbacks run there, too, and
--- must not block.
function M.check()
  if nvim or here() then return end
  usage_error.raise('the loop "luv" waits in coroutines only: call this in ' ..
    "coroutine.wrap(function() … end)(), and then uv.run()")
end

--- Yields until something can be taken from the queue, or the time is over.
---@param queue userdata
---@param seconds number?  nil: without a limit
function M.wait(queue, seconds)
  M.check()
  local thread = here()
  if thread then return wait_in_coroutine(thread, queue, seconds) end
  wait_in_main(queue, seconds)
end

return M
