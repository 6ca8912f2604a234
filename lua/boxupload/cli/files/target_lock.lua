-- target_lock: keeps two processes of this machine from uploading to one name
-- on Box at the same time: the second would replace what the first is making.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local fold = require "boxupload.util.fold"
local journal = require "boxupload.journal.journal"

local M = {}

local FILE = "targets.lock"
-- Hexadecimal digits of a digest: 48 bits, which are exact in every number.
local DIGITS = 12

---@class boxupload.TargetLock
---@field file userdata|false|nil  false: there is no place for it
---@field held table<integer, true>
local TargetLock = {}
TargetLock.__index = TargetLock

-- Beside the folder of the journals, which holds nothing else. Where those
-- can't be kept, no lock is.
local function open_file()
  local journals = journal.folder()
  local folder = journals and journals .. "-locks"
  if not folder or not core.make_folder(folder) then return false end
  return core.lock(folder .. "/" .. FILE) or false
end

local function place_of(self, folder_id, name)
  local target = table.concat(
    { self.client.upload_url, folder_id, fold.key(name) }, "\n")
  return tonumber(core.sha1(target):sub(1, DIGITS), 16)
end

--- Takes the lock of a name in a folder. Returns nil and an error of the code
--- "locked" when another upload has it; nil alone when no lock can be kept.
---@param folder_id string
---@param name string
---@return integer? place, boxupload.Error? err
function TargetLock:take(folder_id, name)
  if self.file == nil then self.file = open_file() end
  if not self.file then return nil end
  local place = place_of(self, folder_id, name)
  local ok, code = not self.held[place], "locked"
  if ok then
    local _
    ok, _, code = self.file:take(place)
  end
  if ok then
    self.held[place] = true
    return place
  end
  if code ~= "locked" then return nil end
  return nil, failure.of("conflict", "locked", "uploading the file",
    "another upload to this name is under way", "wait for its end")
end

--- Gives a lock back.
---@param place integer?  nil: there is none
function TargetLock:release(place)
  if not place or not self.held[place] then return end
  self.held[place] = nil
  self.file:release(place)
end

--- Gives all locks back.
function TargetLock:close()
  if self.file then self.file:close() end
  self.file, self.held = false, {}
end

--- Whether an upload must have the lock. With other policies it never replaces
--- anything, so it may go on without.
---@param policy string?  of --on-conflict
---@param verify boolean?
---@return boolean
function M.is_needed(policy, verify)
  if policy == "replace" then return true end
  return not verify and (policy or "fail") == "fail"
end

--- The locks of one run. There can be only one at a time in a process.
---@param client boxupload.Client
---@return boxupload.TargetLock
function M.new(client)
  return setmetatable({ client = client, held = {} }, TargetLock)
end

return M
