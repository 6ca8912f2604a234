-- Runs busted in the current interpreter. With BOXUPLOAD_GC=1 the garbage
-- collector runs all the time.
-- SPDX-License-Identifier: MIT

if os.getenv "BOXUPLOAD_GC" == "1" then
  dofile "spec/support/gc_stress.lua"
end

-- Only its clock is used.
if not pcall(require, "system.core") then
  package.preload["system.core"] = function()
    local core = require "boxupload.core"
    return { gettime = core.time, monotime = core.now }
  end
end

require "busted.runner"({ standalone = false })
