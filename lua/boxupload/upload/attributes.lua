-- attributes: the metadata that Box stores with a file.
-- SPDX-License-Identifier: MIT

local item_name = require "boxupload.service.item_name"
local json = require "boxupload.util.json"
local options = require "boxupload.util.options"
local text = require "boxupload.util.text"
local timestamp = require "boxupload.util.timestamp"

local M = {}

local MAX_DESCRIPTION = 256 -- characters

local function check_date(value)
  if value == true then return "must be a date, or false" end
  return value and timestamp.problem(value) or nil
end

local function check_description(value)
  local count = text.characters(value)
  if not count then return "must be UTF-8" end
  if count <= MAX_DESCRIPTION then return nil end
  return ("has %d characters, and Box takes %d"):format(count,
    MAX_DESCRIPTION)
end

local DATE = { type = { "string", "number", "boolean" }, check = check_date }

-- The attributes that are options of their own, too.
local KNOWN = {
  description = { type = "string", check = check_description },
  content_created_at = DATE, content_modified_at = DATE,
}
local DATES = { "content_created_at", "content_modified_at" }

-- The attributes become part of a larger object, which is a level deeper.
local function encoding_problem(value)
  local encoded, problem = json.encode { attributes = value }
  return not encoded and "contains " .. problem or nil
end

local function check_attributes(value)
  for key, rule in pairs(KNOWN) do
    local problem = value[key] ~= nil and options.problem(value[key], rule)
    if problem then return ("is wrong: %s %s"):format(key, problem) end
  end
  for key in pairs(value) do
    if type(key) ~= "string" then return "must have names for keys" end
  end
  return encoding_problem(value)
end

local function check_upload_attributes(value)
  if value.name ~= nil or value.parent ~= nil then
    return "must not name the file or its folder: " ..
      "that is what file_name and folder_id are for"
  end
  return check_attributes(value)
end

local function check_name(value)
  local _, problem = item_name.problem(value)
  return problem and "can't be used: " .. problem or nil
end

local NAME = { type = "string", check = check_name }

local function check_commit_attributes(value)
  local problem = value.name ~= nil and options.problem(value.name, NAME)
  if problem then return "is wrong: name " .. problem end
  return check_attributes(value)
end

--- The options that become attributes.
M.options = {
  attributes = { type = "table", check = check_upload_attributes },
  description = KNOWN.description,
  content_created_at = DATE, content_modified_at = DATE,
}

--- The option `attributes` of a commit, which may rename the file.
M.commit_option = { type = "table", check = check_commit_attributes }

-- The caller may change its table while the upload runs.
local function copy(value)
  if type(value) ~= "table" then return value end
  local all = {}
  for key, item in pairs(value) do all[key] = copy(item) end
  -- It marks an empty list.
  return setmetatable(all, getmetatable(value))
end

--- What the caller gave, as plain data for a journal. A date that is false is
--- not to be sent.
---@param given table  checked options
---@return table attributes
function M.of_caller(given)
  local all = copy(given.attributes or {})
  for key in pairs(KNOWN) do
    if given[key] ~= nil then all[key] = given[key] end
  end
  for _, key in ipairs(DATES) do
    local value = all[key]
    if type(value) == "number" then all[key] = timestamp.format(value) end
  end
  return all
end

--- The attributes to send.
---@param of_caller table  see M.of_caller
---@param file userdata?  a file object: content_modified_at is its own unless
--- the caller gave one. Times that Box refuses are left out.
---@return table attributes
function M.to_send(of_caller, file)
  local all = copy(of_caller)
  if file and all.content_modified_at == nil then
    -- mtime is rounded: it may be in the next second.
    local seconds = file.mtime_ns:match("^%-?%d+")
    all.content_modified_at = timestamp.format(tonumber(seconds))
  end
  for _, key in ipairs(DATES) do all[key] = all[key] or nil end
  return all
end

return M
