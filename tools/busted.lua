-- Runs busted in the current interpreter. With BOXUPLOAD_GC=1 the garbage
-- collector runs all the time.
-- SPDX-License-Identifier: MIT

if os.getenv "BOXUPLOAD_GC" == "1" then
  dofile "spec/support/gc_stress.lua"
end
require "busted.runner"({ standalone = false })
