-- emulator: starts the Box emulator for a spec and inspects its requests.
-- SPDX-License-Identifier: MIT

local cjson = require "cjson.safe"

local boxupload = require "boxupload"
local core = require "boxupload.core"
local files = require "support.files"
local json = require "boxupload.util.json"
local shell = require "support.shell"

local M = {}

local Emulator = {}
Emulator.__index = Emulator

local PROGRAM = os.getenv("BOX_EMULATOR") or "build/bin/box-emulator"

--- Starts it with small parts, so that specs are quick. It exits when the
--- pipe to it closes, so it doesn't outlive a spec that crashes.
---@param arguments string?
function M.start(arguments)
  local dir = files.temp_dir()
  local fifo = dir.path .. "/first_line"
  shell.output("mkfifo " .. shell.quote(fifo))
  -- A sanitizer's runtime is preloaded for the interpreter only.
  local pipe = assert(io.popen(("unset LD_PRELOAD; " ..
    "exec %s --exit-on-eof --port 0 %s >%s"):format(PROGRAM,
      arguments or "--plain --min-size 1000 --part-size 1000",
      shell.quote(fifo)), "w"))
  -- Opening the other end of the fifo waits for the emulator.
  local first = assert(io.open(fifo, "r"))
  local line = first:read("*l")
  local self = assert(json.decode(line or ""), "no emulator at " .. PROGRAM)
  self.pipe, self.dir, self.first = pipe, dir, first
  return setmetatable(self, Emulator)
end

function Emulator:stop()
  self.pipe:close()
  self.first:close()
  self.dir:remove()
end

-- Each call leaves a descriptor to the garbage collector, which runs by
-- allocated bytes and so may run too rarely.
local CALLS_PER_COLLECTION = 50
local calls = 0

--- One request, with its own engine; returns the status, the decoded body
--- (nil if it isn't JSON), the body and the exchange.
---@param method string
---@param url string
---@param value any?        sent as JSON; a string is sent as it is
---@param headers table?    more headers
function Emulator:request(method, url, value, headers)
  calls = calls + 1
  if calls % CALLS_PER_COLLECTION == 0 then collectgarbage() end
  local all = { ["Content-Type"] = "application/json" }
  for name, text in pairs(headers or {}) do all[name] = text end
  if value ~= nil and type(value) ~= "string" then
    value = assert(json.encode(value))
  end
  local engine = core.engine { ca_file = self.ca_file }
  local exchange = assert(engine:submit {
    method = method, url = url, authorize = false, headers = all,
    body = value,
  })
  local queue = exchange:queue()
  while not exchange:poll() do queue:wait() end
  local code, message = exchange:error()
  assert(not code, message)
  local body, status = exchange:body(), exchange:status()
  engine:close()
  return status, body ~= "" and cjson.decode(body) or nil, body, exchange
end

--- One request to the control API.
function Emulator:control(method, path, value)
  local status, object, body =
    self:request(method, self.control_url .. path, value)
  assert(status < 300, ("%s %s: %d %s"):format(method, path, status, body))
  assert(object or body == "", body)
  return object
end

--- A new access token of a user, by default the administrator. Each user has
--- upload sessions of its own; only the administrator may use `as_user`.
---@param user string?
---@return string
function Emulator:token_of(user)
  return self:control("POST", "/tokens", { user = user }).access_token
end

--- Moves a file to the trash.
---@param id string
function Emulator:trash(id)
  self:control("POST", ("/files/%s/trash"):format(id))
end

--- Moves a file back from the trash; returns it.
---@param id string
function Emulator:restore(id)
  return self:control("POST", ("/files/%s/restore"):format(id))
end

--- Waits until this request's connection is the only one: a cancelled
--- request may still be on its way, and would trigger the next fault.
function Emulator:wait_until_idle()
  local deadline = core.now() + 10
  while self:stats().open_connections > 1 do
    assert(core.now() < deadline, "connections stay open")
  end
end

--- Replaces the fault script and deletes the request records.
function Emulator:faults(...)
  self:control("PUT", "/faults", { faults = json.array { ... } })
end

--- Deletes faults and request records, and sets options.
function Emulator:reset(options)
  self:control("DELETE", "/faults")
  self:control("DELETE", "/requests")
  if options then self:control("POST", "/options", options) end
end

--- The records of requests since the last reset; with an operation, only
--- those.
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

--- The number of upload sessions neither committed nor aborted.
function Emulator:open_sessions()
  return self:stats().sessions_open
end

--- All files as they are, whatever lookups show: also those in the trash, each
--- with all its `versions`, the oldest first.
function Emulator:files()
  return self:control("GET", "/files")
end

--- All upload sessions, with their states.
function Emulator:sessions()
  return self:control("GET", "/sessions")
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

--- The bytes of a file stored by the emulator.
function Emulator:bytes_of(name)
  return files.read(self.root .. "/files/" .. name)
end

--- Environment variables for the command, in shell syntax.
function Emulator:environment()
  return ("BOX_TOKEN=%s BOX_API_URL=%s BOX_UPLOAD_URL=%s BOX_TOKEN_URL=%s%s")
    :format(shell.quote(self.token), self.api_url, self.upload_url,
      self.token_url,
      self.ca_file and " BOX_CA_FILE=" .. shell.quote(self.ca_file) or "")
end

return M
