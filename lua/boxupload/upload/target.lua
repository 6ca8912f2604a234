-- target: the destination of an upload: a new file in a folder, or a new
-- version of a file.
-- SPDX-License-Identifier: MIT

local box_url = require "boxupload.util.box_url"
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
---@field upload_base string?  base URL for the upload, from a preflight check
---@field checked boolean?     a preflight check has accepted it
---@field version_id string?   the file's version before the upload, if known
---@field original_name string?  file_name without the number
---@field number integer?      added to the name to avoid a conflict
local Target = {}
Target.__index = Target

--- The options that describe a target.
M.options = {
  folder_id = { type = "string", check = options.id },
  file_id = { type = "string", check = options.id },
  file_name = { type = "string" },
}

--- Makes a target of checked options. Raises when they name no target or two.
--- A name that Box doesn't accept is returned as an error of the kind
--- "invalid", since names often come from outside the program.
---@param given table
---@param default_name string?  for a new file
---@param what string  the function's name, for messages
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

--- The target as plain data for a journal.
---@return table saved
function Target:save()
  return {
    folder_id = self.folder_id, file_id = self.file_id,
    file_name = self.file_name, version_id = self.version_id,
    original_name = self.original_name, number = self.number,
  }
end

--- The target that `save` returned as plain data.
---@param saved table
---@return boxupload.Target
function M.restore(saved)
  return setmetatable({
    folder_id = saved.folder_id, file_id = saved.file_id,
    file_name = saved.file_name, version_id = saved.version_id,
    original_name = saved.original_name, number = saved.number,
  }, Target)
end

--- The target for a new version of the conflicting file. The file keeps its
--- name on Box.
---@param conflict boxupload.Conflict
---@return boxupload.Target
function Target:replacing(conflict)
  return setmetatable({
    file_id = conflict.id, version_id = conflict.version_id,
    upload_base = self.upload_base,
  }, Target)
end

--- The same target with the next number in its name.
---@return boxupload.Target
function Target:renamed()
  local original_name = self.original_name or self.file_name
  local number = (self.number or 0) + 1
  return setmetatable({
    folder_id = self.folder_id, file_id = self.file_id,
    file_name = item_name.numbered(original_name, number),
    original_name = original_name, number = number,
    upload_base = self.upload_base, version_id = self.version_id,
  }, Target)
end

--- The URL of a path on the upload server.
---@param client boxupload.Client
---@param rest string  the path, from its slash on
---@return string
function Target:url(client, rest)
  return (self.upload_base or client.upload_url) .. rest
end

local function item_path(self, rest)
  if not self.file_id then return "/files" .. rest end
  return box_url.of("", "/files/%s", self.file_id) .. rest
end

--- The path to create upload sessions at.
---@return string path
function Target:session_path()
  return item_path(self, "/upload_sessions")
end

--- The JSON body of the request that creates an upload session.
---@param size integer  bytes
---@return string? text, string? problem
function Target:session_body(size)
  return json.encode {
    folder_id = self.folder_id, file_name = self.file_name, file_size = size,
  }
end

--- The JSON body of a preflight check.
---@param size integer?  bytes
---@return string? text, string? problem
function Target:preflight_body(size)
  return json.encode {
    name = self.file_name, size = size,
    parent = self.folder_id and { id = self.folder_id },
  }
end

--- The path of simple uploads and preflight checks.
---@return string path
function Target:content_path()
  return item_path(self, "/content")
end

--- The JSON attributes of a simple upload, with the file's name and folder.
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
