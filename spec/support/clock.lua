-- clock: lets the Lua side of a client live faster than the world.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local plain = require "boxupload.loop.plain"

local M = {}

--- Runs work(loop) while core.now goes `factor` times as fast; a client with
--- that loop waits as much less.
function M.hurry(factor, work)
  local real = core.now
  local began = real()
  core.now = function() return began + (real() - began) * factor end
  local ok, problem = pcall(work, {
    wait = function(queue, seconds)
      plain.wait(queue, seconds and seconds / factor)
    end,
  })
  core.now = real
  if not ok then error(problem, 0) end
end

return M
