-- gc_stress: collects garbage all the time: in small steps without a pause,
-- and completely before every call of the C module, so that an object which
-- nothing refers to is always freed.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

if _VERSION == "Lua 5.4" then
  collectgarbage("incremental", 1, 1000, 6)
else
  collectgarbage("setpause", 1)
  collectgarbage("setstepmul", 10000)
end

local function wrap(functions)
  for name, call in pairs(functions) do
    if type(call) == "function" then
      functions[name] = function(...)
        collectgarbage()
        return call(...)
      end
    end
  end
end

wrap(core)
for _, methods in pairs(core.methods) do wrap(methods) end
