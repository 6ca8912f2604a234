-- target: where an upload goes: a new file in a folder, or a new version.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local item_name = require "boxupload.service.item_name"
local json = require "boxupload.util.json"
local options = require "boxupload.util.options"
local text = require "boxupload.util.text"
local usage_error = require "boxupload.util.usage_error"

local M = {}

---@class boxupload.Target
---@field folder_id string?
---@field file_id string?
---@field file_name string?
---@field upload_base string?  where uploads to it go, if a preflight told
---@field checked boolean?    by a preflight
---@field version_id string?   of the file before the upload, if it is known
---@field wished_name string?  before a number was put into it
---@field number integer?      that was put into it
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
    usage_error.raise(what .. ': give folder_id ("0" is the root folder) ' ..
      "for a new file, or file_id for a new version of a file")
  end
  if given.folder_id and given.file_id then
    usage_error.raise(what .. ": give folder_id or file_id, not both")
  end
  local file_name = given.file_name
  if given.folder_id then file_name = file_name or default_name end
  if given.folder_id and not file_name then
    usage_error.raise(what .. ': option "file_name" is missing')
  end
  local code, problem
  if file_name then code, problem = item_name.problem(file_name) end
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

--- What a journal keeps of it, and the target made of that again.
---@return table
function Target:save()
  return {
    folder_id = self.folder_id, file_id = self.file_id,
    file_name = self.file_name, version_id = self.version_id,
  }
end

---@param saved table
---@return boxupload.Target
function M.restore(saved)
  return setmetatable({
    folder_id = saved.folder_id, file_id = saved.file_id,
    file_name = saved.file_name, version_id = saved.version_id,
  }, Target)
end

--- The target that makes a new version of the file in the way. It keeps the
--- name that it has on Box.
---@param conflict boxupload.Conflict
---@return boxupload.Target
function Target:replacing(conflict)
  return setmetatable({
    file_id = conflict.id, version_id = conflict.version_id,
    upload_base = self.upload_base,
  }, Target)
end

--- The target with the next number in its name.
---@return boxupload.Target
function Target:renamed()
  local wished = self.wished_name or self.file_name
  local number = (self.number or 0) + 1
  return setmetatable({
    folder_id = self.folder_id, file_id = self.file_id,
    file_name = item_name.numbered(wished, number),
    wished_name = wished, number = number,
    upload_base = self.upload_base, version_id = self.version_id,
  }, Target)
end

--- The URL of a path on the upload server.
---@param client boxupload.Client
---@param rest string
---@return string
function Target:url(client, rest)
  return (self.upload_base or client.upload_url) .. rest
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

--- The body that asks whether an upload would be taken.
---@param size integer?
function Target:preflight_body(size)
  return json.encode {
    name = self.file_name, size = size,
    parent = self.folder_id and { id = self.folder_id },
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
