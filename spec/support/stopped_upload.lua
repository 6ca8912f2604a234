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

local function stalled_parts(emulator)
  local count, stalled = 0, {}
  for _, record in ipairs(emulator:requests("upload_part")) do
    if record.fault == "stall" then
      count, stalled[record.part] = count + 1, true
    end
  end
  return count, stalled
end

local function sent_parts(uploader)
  local count = 0
  for _, job in ipairs(uploader.jobs) do
    if job.exchange and job.exchange:sent() > 0 then count = count + 1 end
  end
  return count
end

--- Stops a new upload, or one that goes on, when the parts before `part` are
--- stored. Deletes the emulator's faults and records.
---@param fixture Fixture
---@param client_options table  of a client of its own
---@param source string|table
---@param options table   with `resume`
---@param part integer?   index from 0; 3 if not given
---@param ... table       more faults
---@return StoppedUpload
function M.leave(fixture, client_options, source, options, part, ...)
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
  local client = fixture:client(client_options)
  local transfer = assert(client:start(source, all))
  fixture.step_until(transfer, function()
    local uploader, session = transfer.part_uploader, transfer.session
    return uploader and uploader.bytes_stored == part * session.part_size and
      select(2, stalled_parts(emulator))[part]
  end)
  -- What is on its way would be taken for a request of a later run.
  transfer:pause()
  fixture.step_until(transfer, function()
    return stalled_parts(emulator) >= sent_parts(transfer.part_uploader)
  end)
  local session_id = transfer.session.id
  transfer:cancel { keep = true }
  local file, _, err = transfer:wait()
  assert(not file and err.resumable, tostring(err))
  client:close()
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
