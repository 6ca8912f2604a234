-- target: where an upload goes: a new file in a folder, or a new version.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.failure"
local json = require "boxupload.json"
local misuse = require "boxupload.misuse"
local name = require "boxupload.name"
local options = require "boxupload.options"
local text = require "boxupload.text"

local M = {}

---@class boxupload.Target
---@field folder_id string?
---@field file_id string?
---@field file_name string?
local Target = {}
Target.__index = Target

--- The options that make a target.
M.options = {
  folder_id = { type = "string", check = options.id },
  file_id = { type = "string", check = options.id },
  file_name = { type = "string" },
}

--- Raises when the options name no target or two of them; a name that Box
--- wouldn't take is a failure, for names come from the world.
---@param given table
---@param default_name string?  for a new file
---@param what string
---@return boxupload.Target? target, string? message, boxupload.Error? err
function M.new(given, default_name, what)
  if not given.folder_id and not given.file_id then
    misuse.raise(what .. ': give folder_id ("0" is the root folder) for a ' ..
      "new file, or file_id for a new version of a file")
  end
  if given.folder_id and given.file_id then
    misuse.raise(what .. ": give folder_id or file_id, not both")
  end
  local file_name = given.file_name
  if given.folder_id then file_name = file_name or default_name end
  if given.folder_id and not file_name then
    misuse.raise(what .. ': option "file_name" is missing')
  end
  local code, problem
  if file_name then code, problem = name.problem(file_name) end
  if code then
    return failure.returns(failure.of("invalid", code, what,
      ('Box doesn\'t take the name "%s": %s')
        :format(text.one_line(file_name, 300), problem),
      "give another file_name"))
  end
  return setmetatable({
    folder_id = given.folder_id, file_id = given.file_id,
    file_name = file_name,
  }, Target)
end

local function path(self, rest)
  if self.file_id then return "/files/" .. self.file_id .. rest end
  return "/files" .. rest
end

function Target:session_path()
  return path(self, "/upload_sessions")
end

--- The body that creates an upload session.
function Target:session_body(size)
  return json.encode {
    folder_id = self.folder_id, file_name = self.file_name, file_size = size,
  }
end

function Target:content_path()
  return path(self, "/content")
end

--- The attributes of a simple upload, which name the target too.
---@param attributes table
---@return string? text, string? problem
function Target:content_attributes(attributes)
  local all = {}
  for key, value in pairs(attributes) do all[key] = value end
  all.name = self.file_name
  all.parent = self.folder_id and { id = self.folder_id }
  return json.encode(all)
end

return M
