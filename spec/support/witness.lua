-- witness: looks at everything on Box and tells what an upload did that
-- nobody asked for.
-- SPDX-License-Identifier: MIT

local colleagues = require "support.colleague"

local M = {}

local Witness = {}
Witness.__index = Witness

---@class Asked  what the upload is asked
---@field folder_id string
---@field name string
---@field file_id string?
---@field policy string?
---@field if_match string?
---@field contents table<string, boolean>  SHA-1s that the source had

--- A witness of one upload; call it before that begins.
---@param emulator table
---@param asked Asked
---@param colleague table
function M.new(emulator, asked, colleague)
  local self = setmetatable({
    emulator = emulator, asked = asked, colleague = colleague, old = {},
    old_sessions = {},
  }, Witness)
  for _, file in ipairs(emulator:files()) do
    self.old[file.id] = #file.versions
  end
  for _, session in ipairs(emulator:sessions()) do
    self.old_sessions[session.id] = true
  end
  return self
end

--- A text that changes when anything on Box changes.
function Witness:fingerprint()
  local lines = {}
  for _, file in ipairs(self.emulator:files()) do
    lines[#lines + 1] = ("%s %s %s %s %d"):format(file.id, file.name,
      file.item_status, file.sha1, #file.versions)
  end
  for _, session in ipairs(self.emulator:sessions()) do
    lines[#lines + 1] = ("%s %s %d"):format(session.id, session.state,
      session.num_parts_processed)
  end
  return table.concat(lines, "\n")
end

local function is_numbered(name, original)
  local stem, extension = original:match("^(.*)(%.[^.]*)$")
  return name:sub(1, #stem) == stem and name:sub(-#extension) == extension and
    name:sub(#stem + 1, -#extension - 1):find("^ ?%(%d+%)$") ~= nil
end

--- Whether a file is where the upload was to go.
local function is_asked_place(asked, file)
  if asked.file_id then return file.id == asked.file_id end
  return file.folder_id == asked.folder_id and (file.name == asked.name or
    asked.policy == "rename" and is_numbered(file.name, asked.name))
end

local function problem_of_version(asked, file, index)
  local version, before = file.versions[index], file.versions[index - 1]
  if not asked.contents[version.sha1] then return "it has strange bytes" end
  if not is_asked_place(asked, file) then return "it is in a wrong place" end
  if version.name ~= file.name then return "it was renamed" end
  if not before then
    return asked.file_id and "it is a new file" or nil
  end
  if not asked.file_id and asked.policy ~= "replace" then
    return "it replaces a file"
  end
  if asked.if_match and before.etag ~= asked.if_match then
    return "it replaces a version that if_match doesn't name"
  end
end

--- Checks that what this user uploaded is what was asked, where it was asked,
--- and no more than once unless it may repeat.
function Witness:check_files(may_repeat)
  local asked, seen = self.asked, {}
  for _, file in ipairs(self.emulator:files()) do
    for i = (self.old[file.id] or 0) + 1, #file.versions do
      local version = file.versions[i]
      if version.user ~= colleagues.USER then
        local problem = problem_of_version(asked, file, i)
        if not problem and seen[version.sha1] and not may_repeat then
          problem = "it is there twice"
        end
        seen[version.sha1] = true
        assert(not problem, ("version %d of the file %s (%s): %s"):format(i,
          file.id, file.name, tostring(problem)))
      end
    end
  end
end

--- Checks that the other run's sessions are as that left them, and that nobody
--- asked to abort them.
function Witness:check_sessions()
  local foreign = self.colleague.sessions
  for _, session in ipairs(self.emulator:sessions()) do
    if foreign[session.id] then
      assert(session.state == "open" and #session.parts <= 1,
        "another run's session was touched: " .. session.state)
    end
  end
  for _, record in ipairs(self.emulator:requests()) do
    local id = record.path:match("/upload_sessions/(%w+)")
    assert(not (record.operation == "abort" and foreign[id]),
      "another run's session was to be aborted")
  end
end

--- Checks that a file which was reported as done is there.
function Witness:check_done(file, sha1)
  assert(file.sha1 == sha1, "the file that was reported has other bytes")
  for _, each in ipairs(self.emulator:files()) do
    if each.id == file.id then
      assert(is_asked_place(self.asked, each), "it is in a wrong place")
      for _, version in ipairs(each.versions) do
        if version.sha1 == sha1 then return end
      end
    end
  end
  error("the file that was reported isn't there")
end

--- The new sessions that are open, without those of the other run.
function Witness:open_sessions()
  local open = {}
  for _, session in ipairs(self.emulator:sessions()) do
    local id = session.id
    if session.state == "open" and not self.old_sessions[id] and
       not self.colleague.sessions[id] then
      open[#open + 1] = id
    end
  end
  return open
end

--- Bytes of parts that Box has received in this upload, and how many of those
--- requests met a fault.
function Witness:received()
  local bytes, faults = 0, 0
  for _, record in ipairs(self.emulator:requests("upload_part")) do
    local id = record.path:match("/upload_sessions/(%w+)")
    if not self.colleague.sessions[id] then
      bytes = bytes + record.body_bytes
      if record.fault then faults = faults + 1 end
    end
  end
  return bytes, faults
end

return M
