-- reply: the objects that the service answers with, checked before use.
-- SPDX-License-Identifier: MIT

local options = require "boxupload.util.options"

local M = {}

local EXACT = 2 ^ 53

-- A whole number of 0 or more; some clients have seen sizes as strings.
local function whole(value)
  if type(value) == "string" and value:find("^%d+$") then
    value = tonumber(value)
  end
  if type(value) ~= "number" or value ~= math.floor(value) or value < 0 or
     value > EXACT then
    return nil
  end
  return value
end

local function sha1_of(value)
  if type(value) ~= "string" or options.sha1(value) then return nil end
  return value:lower()
end

---@class boxupload.Part
---@field part_id string
---@field offset integer
---@field size integer
---@field sha1 string?  hex; a list may leave it out

--- A part's record, bare or wrapped in "part".
---@return boxupload.Part? part, string? problem
function M.part(value)
  if type(value) == "table" and type(value.part) == "table" then
    value = value.part
  end
  if type(value) ~= "table" then return nil, "no part" end
  local offset, size = whole(value.offset), whole(value.size)
  if type(value.part_id) ~= "string" or value.part_id == "" then
    return nil, "a part without a part_id"
  end
  if not offset or not size then
    return nil, "a part without an offset and a size"
  end
  if value.sha1 ~= nil and not sha1_of(value.sha1) then
    return nil, "a part whose sha1 isn't 40 hex digits"
  end
  return {
    part_id = value.part_id, offset = offset, size = size,
    sha1 = sha1_of(value.sha1),
  }
end

--- One page of the list of parts. `total_count` is of no use for counting:
--- it tells how many are expected.
---@return table? list, string? problem
function M.page(value)
  if type(value.entries) ~= "table" then
    return nil, "a list of parts without entries"
  end
  local list = {
    total_count = whole(value.total_count),
    offset = whole(value.offset), limit = whole(value.limit),
  }
  for i, entry in ipairs(value.entries) do
    local part, problem = M.part(entry)
    if not part then return nil, problem end
    list[i] = part
  end
  return list
end

--- The file of a commit or of a simple upload: the first entry, or the bare
--- object that older servers answered.
---@return table? file, string? problem
function M.file(value)
  local file = value
  if type(value.entries) == "table" then file = value.entries[1] end
  if type(file) ~= "table" or type(file.id) ~= "string" or file.id == "" then
    return nil, "no file object with an id"
  end
  return file
end

local function filled(value)
  return type(value) == "string" and value ~= "" and value or nil
end

---@class boxupload.Conflict
---@field type string         "file", "folder" or "web_link"
---@field id string
---@field etag string?
---@field sha1 string?        hex
---@field name string?
---@field version_id string?  of the file's current version

--- What stands in the way of a name, by an error's context_info: Box tells
--- one object, or a list of them.
---@param info table?
---@return boxupload.Conflict?
function M.conflict(info)
  local value = type(info) == "table" and info.conflicts
  if type(value) == "table" and type(value[1]) == "table" then
    value = value[1]
  end
  if type(value) ~= "table" or not options.is_id(value.id) then return nil end
  local version = type(value.file_version) == "table" and value.file_version
  return {
    type = filled(value.type) or "file", id = value.id,
    etag = filled(value.etag), sha1 = sha1_of(value.sha1),
    name = filled(value.name), version_id = version and filled(version.id),
  }
end

--- The id of the upload session that an error's context_info names, as an
--- object or by its id alone.
---@param info table?
---@return string?
function M.session_id(info)
  local value = type(info) == "table" and info.session
  if type(value) == "table" then value = value.id end
  return options.is_id(value) and value or nil
end

local function endpoints_of(value)
  local endpoints = {}
  if value == nil then return endpoints end
  if type(value) ~= "table" then
    return nil, "session_endpoints that aren't an object"
  end
  for name, url in pairs(value) do
    if type(url) ~= "string" or not url:find("^https?://[^/%s]+%S*$") then
      return nil, ("the session endpoint %s isn't a URL: %s")
        :format(tostring(name), tostring(url))
    end
    endpoints[name] = url
  end
  return endpoints
end

--- An upload session; whether its grid covers the file is judged elsewhere.
---@return table? fields, string? problem
function M.session(value)
  if not options.is_id(value.id) then
    return nil, "an upload session without an id"
  end
  local part_size, total = whole(value.part_size), whole(value.total_parts)
  if not part_size or not total or part_size == 0 then
    return nil, ("an upload session with the part size %s and %s parts")
      :format(tostring(value.part_size), tostring(value.total_parts))
  end
  local endpoints, problem = endpoints_of(value.session_endpoints)
  if not endpoints then return nil, problem end
  local expires = value.session_expires_at
  return {
    id = value.id, part_size = part_size, total_parts = total,
    num_parts_processed = whole(value.num_parts_processed),
    session_expires_at = type(expires) == "string" and expires or nil,
    session_endpoints = endpoints,
  }
end

local function same(object, field, expected)
  local got = object[field]
  if field == "size" then got = whole(got) end
  if field == "sha1" then got = sha1_of(got) end
  if expected == nil or got == expected then return nil end
  if got == nil then
    return ("its %s isn't told, so it can't be checked"):format(field)
  end
  return ("its %s is %s and should be %s")
    :format(field, tostring(got), tostring(expected))
end

--- Nil when a file or a part has what is expected of it (of the fields that
--- are given), else what is wrong.
---@param object table
---@param expected {sha1:string?, size:integer?, name:string?, offset:integer?}
---@return string? problem
function M.difference(object, expected)
  return same(object, "offset", expected.offset) or
    same(object, "sha1", expected.sha1) or
    same(object, "size", expected.size) or
    same(object, "name", expected.name)
end

return M
