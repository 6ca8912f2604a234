-- stage: an emulator, a client for it and files to send, for specs that look
-- at what arrives of whole uploads.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local emulators = require "support.emulator"
local folder = require "support.folder"
local plain = require "boxupload.loop.plain"

local M = {}

-- A pause of a test's own would be luck; this is only its end.
local PATIENCE = 20

---@class Stage
local Stage = {}
Stage.__index = Stage

--- Starts the emulator.
---@param arguments string?
---@return Stage
function M.open(arguments)
  return setmetatable({
    emulator = emulators.start(arguments), place = folder.new(), serial = 0,
    clients = {},
  }, Stage)
end

function Stage:close()
  self.place:remove()
  self.emulator:stop()
end

--- A client that doesn't wait long; `after` closes it.
function Stage:client(options)
  local all = { retry_delay = 0.01, stall_timeout = 1, retries = 8 }
  for key, value in pairs(options or {}) do all[key] = value end
  local client = self.emulator:client(all)
  self.clients[#self.clients + 1] = client
  return client
end

--- To be called after each test.
function Stage:after()
  for _, client in ipairs(self.clients) do client:close() end
  self.clients = {}
  self.emulator:settle()
end

--- A new file: its path, name, bytes, size and sha1.
function Stage:file(size, seed)
  self.serial = self.serial + 1
  local name = ("staged-%d.bin"):format(self.serial)
  local path, bytes, sha1 = self.place:file(name, size, seed or self.serial)
  return { path = path, name = name, bytes = bytes, sha1 = sha1, size = size }
end

--- Options of an upload into the emulator's root folder.
function Stage.options(given)
  local all = {}
  for key, value in pairs(given or {}) do all[key] = value end
  if not all.file_id then all.folder_id = all.folder_id or "0" end
  return all
end

--- What is on Box is the file.
function Stage:check(given, file, message)
  assert(file, message)
  local name = given.as or given.name
  assert(file.sha1 == given.sha1, "the file's sha1 is another")
  assert(file.size == given.size, "the file's size is another")
  assert(file.name == name, "the file's name is another")
  assert(given.bytes == self.emulator:bytes_of(name),
    "the bytes on Box are others")
  return file
end

--- How many requests there were for an operation.
function Stage:count(operation)
  return #self.emulator:requests(operation)
end

--- Steps the transfer until the test of it holds.
function Stage.step_until(transfer, test)
  local deadline = core.now() + PATIENCE
  while not test(transfer) do
    assert(core.now() < deadline, "it doesn't come to that")
    assert(transfer:step() == "running" or test(transfer),
      "it is over before it came to that")
    plain.wait(transfer.queue, 0.005)
  end
end

--- An auth that gets another token from the emulator when one is refused;
--- `renewals` tells how often.
function M.renewing(emulator)
  local auth = { renewals = -1 }
  local function renew()
    auth.renewals = auth.renewals + 1
    auth.value = emulator:control("POST", "/tokens", {}).access_token
  end
  function auth.token() return auth.value end
  function auth.refused(_, refused, again)
    if refused ~= auth.value then return true end
    if again then return false end
    renew()
    return true
  end
  renew()
  return auth
end

--- A list that hears events: it is a function for on_event, too.
function M.log()
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
