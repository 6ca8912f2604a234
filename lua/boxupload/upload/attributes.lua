-- attributes: the metadata that Box stores with a file.
-- SPDX-License-Identifier: MIT

local timestamp = require "boxupload.util.timestamp"
local usage_error = require "boxupload.util.usage_error"

local M = {}

local function check_date(value)
  if type(value) == "number" then
    return not timestamp.format(value) and "must not be before 1970" or nil
  end
  if type(value) == "string" and not timestamp.is_rfc3339(value) then
    return 'must look like "2026-01-31T12:00:00Z" (RFC 3339)'
  end
  return value == true and "must be a date, or false" or nil
end

local function check_attributes(value)
  if value.name ~= nil or value.parent ~= nil then
    return "must not name the file or its folder: " ..
      "that is what file_name and folder_id are for"
  end
end

--- The options that become attributes.
M.options = {
  attributes = { type = "table", check = check_attributes },
  description = { type = "string" },
  content_created_at = { type = { "string", "number", "boolean" },
    check = check_date },
  content_modified_at = { type = { "string", "number", "boolean" },
    check = check_date },
}

local function format_date(value)
  if type(value) == "number" then return timestamp.format(value) end
  return value or nil
end

--- The attributes of an upload. Raises when `attributes` has keys that are not
--- strings.
---@param given table  checked options
---@param modified number?  seconds since 1970: content_modified_at unless the
--- options give it
---@return table attributes
function M.build(given, modified)
  local built = {}
  for key, value in pairs(given.attributes or {}) do
    if type(key) ~= "string" then
      usage_error.raise('option "attributes" must have names for keys')
    end
    built[key] = value
  end
  if given.description ~= nil then built.description = given.description end
  if given.content_created_at ~= nil then
    built.content_created_at = format_date(given.content_created_at)
  end
  if given.content_modified_at ~= nil then
    built.content_modified_at = format_date(given.content_modified_at)
  elseif modified and built.content_modified_at == nil then
    built.content_modified_at = timestamp.format(modified)
  end
  return built
end

return M
