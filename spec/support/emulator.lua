-- emulator: starts the Box emulator for a spec, and asks it what it saw.
-- SPDX-License-Identifier: MIT

local cjson = require "cjson.safe"

local boxupload = require "boxupload"
local core = require "boxupload.core"
local folder = require "support.folder"
local json = require "boxupload.util.json"

local M = {}

local Emulator = {}
Emulator.__index = Emulator

local PROGRAM = os.getenv("BOX_EMULATOR") or "build/bin/box-emulator"

--- Starts it with small parts, so that specs are quick. It ends when the
--- pipe to it closes, so it doesn't outlive a spec that dies.
---@param arguments string?
function M.start(arguments)
  local place = folder.new()
  local fifo = place.path .. "/first_line"
  folder.output("mkfifo " .. folder.quote(fifo))
  -- A sanitizer's runtime is meant for the interpreter, and not for this.
  local pipe = assert(io.popen(("unset LD_PRELOAD; " ..
    "exec %s --exit-on-eof --port 0 %s >%s"):format(PROGRAM,
      arguments or "--plain --min-size 1000 --part-size 1000",
      folder.quote(fifo)), "w"))
  -- Opening the other end of the fifo waits for the emulator.
  local first = assert(io.open(fifo, "r"))
  local line = first:read("*l")
  local self = assert(json.decode(line or ""), "no emulator at " .. PROGRAM)
  self.pipe, self.place, self.first = pipe, place, first
  return setmetatable(self, Emulator)
end

function Emulator:stop()
  self.pipe:close()
  self.first:close()
  self.place:remove()
end

-- Each leaves a descriptor to the collector, which counts bytes only.
local CALLS_A_COLLECTION = 50
local calls = 0

--- One request over the control path, on an engine of its own.
function Emulator:control(method, path, value)
  calls = calls + 1
  if calls % CALLS_A_COLLECTION == 0 then collectgarbage() end
  local engine = core.engine { ca_file = self.ca_file }
  local exchange = assert(engine:submit {
    method = method, url = self.control_url .. path, authorize = false,
    headers = { ["Content-Type"] = "application/json" },
    body = value and assert(json.encode(value)),
  })
  local queue = exchange:queue()
  while not exchange:poll() do queue:wait() end
  local code, message = exchange:error()
  assert(not code, message)
  local body, status = exchange:body(), exchange:status()
  engine:close()
  assert(status < 300, ("%s %s: %d %s"):format(method, path, status, body))
  return body ~= "" and assert(cjson.decode(body)) or nil
end

--- Waits until no connection is left but the one that asks: what a client
--- cancelled may still be on its way, and would meet the next fault.
function Emulator:settle()
  local deadline = core.now() + 10
  while self:stats().open_connections > 1 do
    assert(core.now() < deadline, "connections stay open")
  end
end

--- Replaces the fault script, and forgets what was seen.
function Emulator:faults(...)
  self:control("PUT", "/faults", { faults = json.array { ... } })
end

--- Forgets faults and requests, and goes back to the options of specs.
function Emulator:reset(options)
  self:control("DELETE", "/faults")
  self:control("DELETE", "/requests")
  if options then self:control("POST", "/options", options) end
end

--- The records of the requests to Box since the last reset, by operation.
function Emulator:requests(operation)
  local found = {}
  for _, record in ipairs(self:control("GET", "/requests")) do
    if not operation or record.operation == operation then
      found[#found + 1] = record
    end
  end
  return found
end

function Emulator:stats()
  return self:control("GET", "/stats")
end

--- Upload sessions that are neither committed nor aborted.
function Emulator:open_sessions()
  return self:stats().sessions_open
end

--- A client for it.
function Emulator:client(options)
  local all = {
    token = self.token, api_url = self.api_url,
    upload_url = self.upload_url, token_url = self.token_url,
    ca_file = self.ca_file, simple_below = 1000, retries = 3,
  }
  for key, value in pairs(options or {}) do all[key] = value end
  if all.auth then all.token = nil end
  return assert(boxupload.new(all))
end

--- The bytes of a file that it keeps.
function Emulator:bytes_of(name)
  return folder.read(self.root .. "/files/" .. name)
end

--- The environment of the command, for a shell.
function Emulator:environment()
  return ("BOX_TOKEN=%s BOX_API_URL=%s BOX_UPLOAD_URL=%s BOX_TOKEN_URL=%s%s")
    :format(folder.quote(self.token), self.api_url, self.upload_url,
      self.token_url,
      self.ca_file and " BOX_CA_FILE=" .. folder.quote(self.ca_file) or "")
end

return M
