-- open_resources: counts what this process has open.
-- SPDX-License-Identifier: MIT

local files = require "support.files"

local M = {}

local function ignore() end

-- Unused stack slots may still refer to dead objects and keep them alive, so
-- 200 numbers overwrite them. LuaJIT's traces keep their closures alive.
-- The second collection frees what finalizers released in the first.
local function collect()
  local jit = rawget(_G, "jit")
  if jit then jit.flush() end
  ignore(("x"):rep(200):byte(1, -1))
  collectgarbage()
  collectgarbage()
end

local function process_id()
  local stat = io.open("/proc/self/stat")
  if not stat then return nil end
  local id = stat:read("*n")
  stat:close()
  return id
end

-- The child counts only once this process has closed its end of the pipe:
-- otherwise the pipe would sometimes be counted.
local function count_entries(id, what)
  local name = os.tmpname()
  local pipe = assert(io.popen(("cat; ls /proc/%d/%s | wc -l >%s")
    :format(id, what, name), "w"))
  pipe:close()
  local number = tonumber(files.read(name))
  os.remove(name)
  return number
end

--- The numbers of descriptors and threads; empty where there is no /proc.
function M.count()
  local id = process_id()
  collect()
  if not id then return {} end
  return { descriptors = count_entries(id, "fd"),
    threads = count_entries(id, "task") }
end

return M
