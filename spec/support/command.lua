-- command: runs the boxupload command, or another program, as a process.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local files = require "support.files"
local json = require "boxupload.util.json"
local shell = require "support.shell"

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

local function script(dir, environment, program, arguments)
  return ("XDG_STATE_HOME=%s XDG_CONFIG_HOME=%s %s %s %s >%s/out 2>%s/err")
    :format(dir.path, dir.path, environment or "", program or PROGRAM,
      arguments, dir.path, dir.path)
end

--- The Lua interpreter that runs this, which is arg's lowest entry.
function M.interpreter()
  local at = 0
  while arg and arg[at - 1] do at = at - 1 end
  return arg and arg[at] or "lua"
end

--- Starts a program; call `wait` for its result.
---@param arguments string    for a shell
---@param environment string? for a shell: NAME=value …
---@param program string?     for a shell
function M.start(arguments, environment, program)
  local dir = files.temp_dir()
  -- The shell's own message about a killed child isn't wanted.
  local pipe = assert(io.popen(("exec 2>/dev/null; %s & echo $! >%s/pid; " ..
    "wait $!; echo $? >%s/code"):format(script(dir, environment, program,
    arguments), dir.path, dir.path), "w"))
  return setmetatable({ dir = dir, pipe = pipe }, Running)
end

--- Its standard output so far.
function Running:output()
  return read(self.dir.path .. "/out") or ""
end

--- Its standard error so far.
function Running:error_output()
  return read(self.dir.path .. "/err") or ""
end

--- Its process id; waits until it has started.
function Running:id()
  local deadline = core.now() + 10
  local id
  repeat
    assert(core.now() < deadline, "it didn't start")
    id = (read(self.dir.path .. "/pid") or ""):match("%d+")
  until id
  return id
end

--- Whether it has exited.
function Running:has_ended()
  return (read(self.dir.path .. "/code") or "") ~= ""
end

--- Sends it a signal; waits until it has started.
function Running:signal(name)
  shell.output(("kill -%s %s"):format(name, self:id()))
end

--- Waits until it exits; returns the exit code, stdout and stderr.
function Running:wait()
  self.pipe:close()
  local dir = self.dir
  local code = tonumber(read(dir.path .. "/code"))
  local out, err = read(dir.path .. "/out"), read(dir.path .. "/err")
  dir:remove()
  return code, out, err
end

--- Whether it runs under the address sanitizer, which breaks other programs
--- that it starts and takes additional memory.
function M.is_sanitized()
  return (os.getenv "BOXUPLOAD_BUILD" or ""):find("asan", 1, true) ~= nil
end

--- Runs a program until it exits.
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
