-- colleague: another user of the same folder, who works there while an upload
-- goes on; and another run of this user's for the same name. Their requests
-- meet the same faults as all others, so some may fail.
-- SPDX-License-Identifier: MIT

local files = require "support.files"

local M = {}

--- The user's id.
M.USER = "222"

local Colleague = {}
Colleague.__index = Colleague

--- A colleague who works where an upload goes. Its `sessions` are the ids of
--- those that the other run has opened.
---@param emulator table
---@param place {folder_id:string, name:string, file_id:string?, size:integer}
function M.new(emulator, place)
  return setmetatable({
    emulator = emulator, place = place, serial = 0, sessions = {},
    token = emulator:token_of(M.USER),
  }, Colleague)
end

-- Leaves no connection open.
local function with_client(self, token, work)
  local client = self.emulator:client {
    token = token, retries = 0, retry_delay = 0.001, simple_below = 1e6,
  }
  work(client)
  client:close()
end

local function new_bytes(self)
  self.serial = self.serial + 1
  return ("colleague %d "):format(self.serial) .. files.bytes(200, 1)
end

local function upload(self, options)
  with_client(self, self.token, function(client)
    client:upload({ content = new_bytes(self) }, options)
  end)
end

--- The file that is where the upload goes, if there is one.
function Colleague:file_there()
  local place = self.place
  for _, file in ipairs(self.emulator:files()) do
    local is_there = file.id == place.file_id or not place.file_id and
      file.folder_id == place.folder_id and file.name == place.name
    if is_there then return file end
  end
end

local acts = {}

function acts.take_name(self)
  upload(self,
    { folder_id = self.place.folder_id, file_name = self.place.name })
end

function acts.make_version(self)
  local file = self:file_there()
  if file then upload(self, { file_id = file.id }) end
end

function acts.trash(self)
  local file = self:file_there()
  if file and file.item_status == "active" then
    self.emulator:trash(file.id)
  end
end

function acts.restore(self)
  local file = self:file_there()
  if file and file.item_status == "trashed" then
    pcall(self.emulator.restore, self.emulator, file.id)
  end
end

function acts.open_session(self)
  if self.place.size < 1000 or self.place.file_id then return end
  with_client(self, self.emulator.token, function(client)
    local session = client:create_session {
      folder_id = self.place.folder_id, file_name = self.place.name,
      file_size = self.place.size,
    }
    if not session then return end
    self.sessions[session.id] = true
    session:upload(0, files.bytes(1000, 2))
  end)
end

--- What a colleague may do: names for `act`.
M.acts = { "take_name", "make_version", "trash", "restore", "open_session" }

--- Does something.
---@param name string
function Colleague:act(name)
  acts[name](self)
end

return M
