-- hostile: runs a client against a server that answers with any bytes.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local json = require "boxupload.util.json"
local shell = require "support.shell"

local M = {}

local PROGRAM = "build/bin/hostile"
local CLIENT = "spec/host/hostile_client.lua"

local Running = {}
Running.__index = Running

local serial = 0

local function write_json(dir, value)
  serial = serial + 1
  return dir:write(("%d.json"):format(serial), assert(json.encode(value)))
end

--- Starts both.
---@param dir table      for their files
---@param rules table[]  see spec/host/hostile.c
---@param work table     see spec/host/hostile_client.lua
function M.start(dir, rules, work)
  local script, input = write_json(dir, json.array(rules)), write_json(dir,
    work)
  local arguments = ("%s %s %s %s"):format(shell.quote(script),
    shell.quote(command.interpreter()), CLIENT, shell.quote(input))
  return setmetatable({ command = command.start(arguments, nil, PROGRAM) },
    Running)
end

--- Waits for the end. Returns what the client reports, and how many requests
--- the server got (`requests`), with how many bytes of bodies (`received`).
function Running:wait()
  local code, out, err = self.command:wait()
  assert(code == 0, ("exit code %s: %s%s"):format(tostring(code), out, err))
  local report, requests, received = out:match("^(.-)\n(%d+) (%d+)\n$")
  local result = assert(json.decode(report))
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
