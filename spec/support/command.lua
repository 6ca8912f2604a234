-- command: runs the boxupload command, or another, as a process of its own.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local folder = require "support.folder"
local json = require "boxupload.util.json"

local M = {}

local PROGRAM = os.getenv("BOXUPLOAD") or "build/bin/boxupload"

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

local Running = {}
Running.__index = Running

local function script(place, environment, program, arguments)
  return ("XDG_STATE_HOME=%s XDG_CONFIG_HOME=%s %s %s %s >%s/out 2>%s/err")
    :format(place.path, place.path, environment or "", program or PROGRAM,
      arguments, place.path, place.path)
end

--- The interpreter that runs this: arg's lowest entry.
function M.interpreter()
  local at = 0
  while arg and arg[at - 1] do at = at - 1 end
  return arg and arg[at] or "lua"
end

--- Starts it; `wait` for what came of it.
---@param arguments string    for a shell
---@param environment string? for a shell: NAME=value …
---@param program string?     for a shell
function M.start(arguments, environment, program)
  local place = folder.new()
  -- The shell has its own word for a child that was killed.
  local pipe = assert(io.popen(("exec 2>/dev/null; %s & echo $! >%s/pid; " ..
    "wait $!; echo $? >%s/code"):format(script(place, environment, program,
    arguments), place.path, place.path), "w"))
  return setmetatable({ place = place, pipe = pipe }, Running)
end

--- Its standard output so far.
function Running:output()
  return read(self.place.path .. "/out") or ""
end

--- Its standard error so far.
function Running:complaints()
  return read(self.place.path .. "/err") or ""
end

--- The id of its process, once it is there.
function Running:id()
  local deadline = core.now() + 10
  local id
  repeat
    assert(core.now() < deadline, "it didn't start")
    id = (read(self.place.path .. "/pid") or ""):match("%d+")
  until id
  return id
end

--- Sends it a signal, once it is there.
function Running:signal(name)
  folder.output(("kill -%s %s"):format(name, self:id()))
end

--- Waits for its end: the exit code, stdout and stderr.
function Running:wait()
  self.pipe:close()
  local place = self.place
  local code = tonumber(read(place.path .. "/code"))
  local out, err = read(place.path .. "/out"), read(place.path .. "/err")
  place:remove()
  return code, out, err
end

--- Whether it runs with the address sanitizer, which other programs that it
--- starts don't get on with, and which takes memory of its own.
function M.is_sanitized()
  return (os.getenv "BOXUPLOAD_BUILD" or ""):find("asan", 1, true) ~= nil
end

--- Runs it to its end.
function M.run(arguments, environment, program)
  return M.start(arguments, environment, program):wait()
end

--- The events of --json.
function M.events(text)
  local events = {}
  for line in text:gmatch("[^\n]+") do
    events[#events + 1] = assert(json.decode(line))
  end
  return events
end

return M
