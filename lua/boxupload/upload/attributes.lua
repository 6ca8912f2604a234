-- attributes: what Box keeps about a file beside its bytes.
-- SPDX-License-Identifier: MIT

local timestamp = require "boxupload.util.timestamp"
local usage_error = require "boxupload.util.usage_error"

local M = {}

local function date(value)
  if type(value) == "number" then
    return not timestamp.format(value) and "must not be before 1970" or nil
  end
  if type(value) == "string" and not timestamp.is_rfc3339(value) then
    return 'must look like "2026-01-31T12:00:00Z" (RFC 3339)'
  end
  return value == true and "must be a date, or false" or nil
end

local function free_form(value)
  if value.name ~= nil or value.parent ~= nil then
    return "must not name the file or its folder: " ..
      "that is what file_name and folder_id are for"
  end
end

--- The options that become attributes.
M.options = {
  attributes = { type = "table", check = free_form },
  description = { type = "string" },
  content_created_at = { type = { "string", "number", "boolean" },
    check = date },
  content_modified_at = { type = { "string", "number", "boolean" },
    check = date },
}

local function text_of(value)
  if type(value) == "number" then return timestamp.format(value) end
  return value or nil
end

--- The attributes of an upload; `modified` (seconds since 1970) is for when
--- the options don't tell content_modified_at.
---@param given table  checked options
---@param modified number?
---@return table
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
    built.content_created_at = text_of(given.content_created_at)
  end
  if given.content_modified_at ~= nil then
    built.content_modified_at = text_of(given.content_modified_at)
  elseif modified and built.content_modified_at == nil then
    built.content_modified_at = timestamp.format(modified)
  end
  return built
end

return M
