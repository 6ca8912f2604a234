-- stopped_upload: an upload that was stopped when some of its parts were
-- stored, and the journal that it left.
-- SPDX-License-Identifier: MIT

local files = require "support.files"

local M = {}

local AHEAD = 4 -- more than an upload submits at once

---@class StoppedUpload
---@field path string        of the journal
---@field session_id string
---@field text string        of the journal
local StoppedUpload = {}
StoppedUpload.__index = StoppedUpload

local function is_waiting_for(emulator, part)
  for _, record in ipairs(emulator:requests("upload_part")) do
    if record.part == part and record.fault == "stall" then return true end
  end
end

--- Stops a new upload, or one that goes on, when the parts before `part` are
--- stored. Deletes the emulator's faults and records.
---@param fixture Fixture
---@param client boxupload.Client
---@param source string|table
---@param options table   with `resume`
---@param part integer?   index from 0; 3 if not given
---@param ... table       more faults
---@return StoppedUpload
function M.leave(fixture, client, source, options, part, ...)
  local emulator = fixture.emulator
  part = part or 3
  emulator:reset()
  -- Later ones may be on their way beside it.
  local stalled = {}
  for index = part, part + AHEAD do stalled[#stalled + 1] = index end
  emulator:faults({
    operation = "upload_part", match = { part = stalled }, occurrence = "all",
    action = "stall",
  }, ...)
  local all = fixture.options(options)
  all.parallel = 1
  local transfer = assert(client:start(source, all))
  fixture.step_until(transfer, function()
    local uploader, session = transfer.part_uploader, transfer.session
    return uploader and uploader.bytes_stored == part * session.part_size and
      is_waiting_for(emulator, part)
  end)
  local session_id = transfer.session.id
  transfer:cancel { keep = true }
  local file, _, err = transfer:wait()
  assert(not file and err.resumable, tostring(err))
  emulator:reset()
  return setmetatable({
    path = err.journal, session_id = session_id,
    text = files.read(err.journal),
  }, StoppedUpload)
end

--- Whether the journal is byte for byte what it was.
function StoppedUpload:is_unchanged()
  return files.read(self.path) == self.text
end

--- Changes the journal's text.
---@param change fun(text:string):string
function StoppedUpload:rewrite(change)
  self.text = change(self.text)
  local file = assert(io.open(self.path, "wb"))
  file:write(self.text)
  file:close()
end

return M
