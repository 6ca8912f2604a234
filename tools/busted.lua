-- busted, run by the interpreter that runs this file. With BOXUPLOAD_GC=1
-- the garbage collector never rests.
-- SPDX-License-Identifier: MIT

if os.getenv "BOXUPLOAD_GC" == "1" then
  dofile "spec/support/gc_stress.lua"
end
require "busted.runner"({ standalone = false })
