-- clock: makes time pass faster for the Lua side of a client.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local plain = require "boxupload.loop.plain"

local M = {}

--- Runs work(loop) while core.now is `factor` times as fast; a client with
--- that loop waits `factor` times less.
function M.speed_up(factor, work)
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
