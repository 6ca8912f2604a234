-- fixture: an emulator, clients for it and files to upload, for specs that
-- check complete uploads.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local plain = require "boxupload.loop.plain"

local M = {}

-- Seconds until a wait for a condition fails.
local TIMEOUT = 20

---@class Fixture
local Fixture = {}
Fixture.__index = Fixture

--- Starts the emulator.
---@param arguments string?
---@return Fixture
function M.open(arguments)
  return setmetatable({
    emulator = emulators.start(arguments), dir = files.temp_dir(), serial = 0,
    clients = {},
  }, Fixture)
end

function Fixture:close()
  self.dir:remove()
  self.emulator:stop()
end

--- A client with short waits; `after_each` closes it.
function Fixture:client(options)
  local all = { retry_delay = 0.01, stall_timeout = 1, retries = 8 }
  for key, value in pairs(options or {}) do all[key] = value end
  local client = self.emulator:client(all)
  self.clients[#self.clients + 1] = client
  return client
end

--- Closes the clients; call it after each test.
function Fixture:after_each()
  for _, client in ipairs(self.clients) do client:close() end
  self.clients = {}
  self.emulator:wait_until_idle()
end

--- A new file: its path, name, bytes, size and sha1.
function Fixture:file(size, seed)
  self.serial = self.serial + 1
  local name = ("fixture-%d.bin"):format(self.serial)
  local path, bytes, sha1 = self.dir:file(name, size, seed or self.serial)
  return { path = path, name = name, bytes = bytes, sha1 = sha1, size = size }
end

--- Options of an upload into the emulator's root folder.
function Fixture.options(given)
  local all = {}
  for key, value in pairs(given or {}) do all[key] = value end
  if not all.file_id then all.folder_id = all.folder_id or "0" end
  return all
end

--- Checks that the file on Box is the given one; returns it.
function Fixture:check(given, file, message)
  assert(file, message)
  local name = given.as or given.name
  assert(file.sha1 == given.sha1, "the file's sha1 differs")
  assert(file.size == given.size, "the file's size differs")
  assert(file.name == name, "the file's name differs")
  assert(given.bytes == self.emulator:bytes_of(name),
    "the bytes on Box are others")
  return file
end

--- The number of requests for an operation.
function Fixture:count(operation)
  return #self.emulator:requests(operation)
end

--- Steps the transfer until test(transfer) is true.
function Fixture.step_until(transfer, test)
  local deadline = core.now() + TIMEOUT
  while not test(transfer) do
    assert(core.now() < deadline, "the condition isn't met in time")
    assert(transfer:step() == "running" or test(transfer),
      "the transfer ended too early")
    plain.wait(transfer.queue, 0.005)
  end
end

--- An auth that gets a new token from the emulator when one is refused;
--- `renewals` counts the new ones.
function M.renewing_auth(emulator)
  local auth = { renewals = -1 }
  local function renew()
    auth.renewals = auth.renewals + 1
    auth.value = emulator:control("POST", "/tokens", {}).access_token
  end
  function auth.token() return auth.value end
  function auth.refused(_, refused)
    if refused == auth.value then renew() end
    return true
  end
  renew()
  return auth
end

--- A list of events, and the on_event function that fills it.
function M.event_log()
  local log = {}
  return setmetatable(log, {
    __index = {
      named = function(name)
        local found = {}
        for _, event in ipairs(log) do
          if event.event == name then found[#found + 1] = event end
        end
        return found
      end,
    },
  }), function(event)
    event.time = core.now()
    log[#log + 1] = event
  end
end

return M
