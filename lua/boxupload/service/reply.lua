-- reply: checks the objects in the service's responses before use.
-- SPDX-License-Identifier: MIT

local options = require "boxupload.util.options"
local text = require "boxupload.util.text"

local M = {}

local MAX_EXACT_INTEGER = 2 ^ 53
-- Bytes: of etags and ids that never become part of a URL, of names, of which
-- Box's own have up to 255 characters, and of endpoints.
local MAX_ID, MAX_NAME, MAX_URL = 256, 1024, 2048

-- Returns a string that isn't empty, and not longer; or nil.
local function text_of(value, most)
  return type(value) == "string" and value ~= "" and #value <= most and
    value or nil
end

-- Returns a whole number from 0, or nil. Accepts strings too: some clients of
-- Box expect sizes as strings.
local function whole_number(value)
  if type(value) == "string" and #value <= 20 and value:find("^%d+$") then
    value = tonumber(value)
  end
  if type(value) ~= "number" or value ~= math.floor(value) or value < 0 or
     value > MAX_EXACT_INTEGER then
    return nil
  end
  return value
end

local function to_sha1(value)
  if type(value) ~= "string" or options.sha1(value) then return nil end
  return text.lower(value)
end

---@class boxupload.Part
---@field part_id string
---@field offset integer  bytes
---@field size integer    bytes
---@field sha1 string?    hex; a list may leave it out
---@field is_believed boolean?  nobody told the SHA-1: it is the file's own

--- Checks a part's record, bare or wrapped in "part".
---@param value any
---@return boxupload.Part? part, string? problem
function M.part(value)
  if type(value) == "table" and type(value.part) == "table" then
    value = value.part
  end
  if type(value) ~= "table" then return nil, "no part" end
  local offset, size = whole_number(value.offset), whole_number(value.size)
  if type(value.part_id) ~= "string" or value.part_id == "" then
    return nil, "a part without a part_id"
  end
  if #value.part_id > MAX_ID then
    return nil, "a part whose part_id is too long"
  end
  if value.part_id:find("[^\33-\126]") then
    return nil, "a part whose part_id isn't plain text"
  end
  if not offset or not size then
    return nil, "a part without an offset and a size"
  end
  if value.sha1 ~= nil and not to_sha1(value.sha1) then
    return nil, "a part whose sha1 isn't 40 hex digits"
  end
  return {
    part_id = value.part_id, offset = offset, size = size,
    sha1 = to_sha1(value.sha1),
  }
end

--- The parts of a page: Box's own default and limit.
M.MAX_PAGE = 1000

--- Checks one page of the list of parts. Its `total_count` is the number of
--- expected parts, not of stored ones.
---@param value table
---@return table? list, string? problem
function M.page(value)
  if type(value.entries) ~= "table" then
    return nil, "a list of parts without entries"
  end
  local list = {
    total_count = whole_number(value.total_count),
    offset = whole_number(value.offset), limit = whole_number(value.limit),
  }
  for i, entry in ipairs(value.entries) do
    if i > M.MAX_PAGE then return nil, "a page of too many parts" end
    local part, problem = M.part(entry)
    if not part then return nil, problem end
    list[i] = part
  end
  return list
end

-- The file's, or its current version's.
local function sha1_of(file)
  local version = type(file.file_version) == "table" and file.file_version
  return to_sha1(file.sha1) or version and to_sha1(version.sha1) or nil
end

-- What else is read of a file, and how long it can be.
local FILE_TEXTS = { type = MAX_ID, name = MAX_NAME, etag = MAX_ID }

--- Returns the file from the response to a commit or a simple upload: the
--- first entry, or the bare object that version 2.1 of the API returned. What
--- has a wrong type or is too long is left out.
---@param value table
---@return table? file, string? problem
function M.file(value)
  local file = value
  if type(value.entries) == "table" then file = value.entries[1] end
  if type(file) ~= "table" or not options.is_id(file.id) then
    return nil, "no file object with an id"
  end
  for field, most in pairs(FILE_TEXTS) do
    file[field] = text_of(file[field], most)
  end
  if type(file.file_version) ~= "table" then file.file_version = nil end
  file.sha1 = sha1_of(file)
  return file
end

---@class boxupload.Conflict
---@field type string         "file", "folder" or "web_link"
---@field id string
---@field etag string?
---@field sha1 string?        hex
---@field name string?
---@field version_id string?  id of the file's current version

--- Returns the item that has the name, from an error's context_info, where Box
--- puts one object or a list of them.
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
    type = text_of(value.type, MAX_ID) or "file", id = value.id,
    etag = text_of(value.etag, MAX_ID), sha1 = sha1_of(value),
    name = text_of(value.name, MAX_NAME),
    version_id = version and text_of(version.id, MAX_ID),
  }
end

--- Returns the id of the upload session in an error's context_info, which is
--- an object or the id alone.
---@param info table?
---@return string?
function M.session_id(info)
  local value = type(info) == "table" and info.session
  if type(value) == "table" then value = value.id end
  return options.is_id(value) and value or nil
end

local function check_endpoints(value)
  local endpoints = {}
  if value == nil then return endpoints end
  if type(value) ~= "table" then
    return nil, "session_endpoints that aren't an object"
  end
  for name, url in pairs(value) do
    if type(url) ~= "string" or #url > MAX_URL or
       not url:find("^https?://[^/]") or url:find("[ \t\r\n\v\f]") then
      return nil, ("the session endpoint %s isn't a URL: %s")
        :format(tostring(name), tostring(url))
    end
    endpoints[name] = url
  end
  return endpoints
end

--- Checks an upload session. The core checks whether its parts cover the file.
---@param value table
---@return table? fields, string? problem
function M.session(value)
  if not options.is_id(value.id) then
    return nil, "an upload session without an id"
  end
  local part_size = whole_number(value.part_size)
  local total = whole_number(value.total_parts)
  if not part_size or not total or part_size == 0 then
    return nil, ("an upload session with the part size %s and %s parts")
      :format(tostring(value.part_size), tostring(value.total_parts))
  end
  local endpoints, problem = check_endpoints(value.session_endpoints)
  if not endpoints then return nil, problem end
  local expires = value.session_expires_at
  return {
    id = value.id, part_size = part_size, total_parts = total,
    num_parts_processed = whole_number(value.num_parts_processed),
    session_expires_at = text_of(expires, MAX_ID),
    session_endpoints = endpoints,
  }
end

local function field_difference(object, field, expected)
  local actual = object[field]
  if field == "size" then actual = whole_number(actual) end
  if field == "sha1" then actual = to_sha1(actual) end
  if expected == nil or actual == expected then return nil end
  if actual == nil then
    return ("its %s is missing, so it can't be checked"):format(field)
  end
  return ("its %s is %s and should be %s")
    :format(field, tostring(actual), tostring(expected))
end

--- Compares a file or a part with the expected fields that are given. Returns
--- nil when they are equal, or the problem.
---@param object table
---@param expected {sha1:string?, size:integer?, offset:integer?}
---@return string? problem
function M.difference(object, expected)
  return field_difference(object, "offset", expected.offset) or
    field_difference(object, "sha1", expected.sha1) or
    field_difference(object, "size", expected.size)
end

return M
