-- hostile: starts a server that answers with any bytes, and a client of it in
-- a process of its own.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local files = require "support.files"
local json = require "boxupload.util.json"
local shell = require "support.shell"

local M = {}

local PROGRAM = "build/bin/hostile"

local Running = {}
Running.__index = Running

-- The first line of what the server prints is its port.
local function start_server(dir, rules)
  local encoded = assert(json.encode(json.array(rules)))
  local script = dir:write("rules.json", encoded)
  local fifo = dir.path .. "/printed"
  shell.output("mkfifo " .. shell.quote(fifo))
  -- A sanitizer's runtime is preloaded for the interpreter only.
  local pipe = assert(io.popen(("unset LD_PRELOAD; exec %s %s >%s"):format(
    PROGRAM, shell.quote(script), shell.quote(fifo)), "w"))
  local printed = assert(io.open(fifo, "r"))
  return pipe, printed, assert(printed:read("*l"), "no server at " .. PROGRAM)
end

--- Starts both.
---@param rules table[]  see spec/host/hostile.c
---@param work table     see spec/host/hostile_client.lua
function M.start(rules, work)
  local dir = files.temp_dir()
  local pipe, printed, port = start_server(dir, rules)
  local all = { url = "http://127.0.0.1:" .. port, journal = dir.path .. "/j" }
  for key, value in pairs(work) do all[key] = value end
  local path = dir:write("work.json", assert(json.encode(all)))
  return setmetatable({
    dir = dir, pipe = pipe, printed = printed,
    client = command.start("spec/host/hostile_client.lua " ..
      shell.quote(path), nil, command.interpreter()),
  }, Running)
end

--- Waits for the client's end. Returns what it reports, and how many requests
--- the server got (`requests`), with how many bytes of bodies (`received`).
function Running:wait()
  local code, out, err = self.client:wait()
  self.pipe:close()
  local requests, received = self.printed:read("*l"):match("^(%d+) (%d+)")
  self.printed:close()
  self.dir:remove()
  assert(code == 0, ("exit code %s: %s%s"):format(tostring(code), out, err))
  local result = assert(json.decode(out))
  result.requests, result.received = tonumber(requests), tonumber(received)
  return result
end

--- The raw bytes of a reply that leaves the connection open.
---@param status integer
---@param body string|table  a table is sent as JSON
---@param headers string?  more lines, each with its end
function M.reply(status, body, headers)
  if type(body) == "table" then body = assert(json.encode(body)) end
  return ("HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n%s")
    :format(status, #body, headers or "", body)
end

return M
