-- collector: garbage is collected all the time: in small steps without a
-- pause, and whole before every call of the C module. What isn't held by
-- something is gone by then.
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
