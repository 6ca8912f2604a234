-- fields: the query parameter that asks Box for certain fields of a file.
-- SPDX-License-Identifier: MIT

local M = {}

--- Bytes of a reply with a file in it, which has the fields that the caller
--- asks for.
M.REPLY_LIMIT = 256 * 1024

-- Needed to verify that the file is the right one.
local REQUIRED_FIELDS = {
  "id", "type", "name", "size", "sha1", "etag", "file_version",
}

local function to_list(value)
  if type(value) == "table" then return value end
  local list = {}
  for field in value:gmatch("[^,]+") do
    list[#list + 1] = field:match("^%s*(.-)%s*$")
  end
  return list
end

local function check_fields(value)
  for _, field in ipairs(to_list(value)) do
    if type(field) ~= "string" or not field:find("^[A-Za-z%d_.%-]+$") then
      return "must be a list of Box's field names, such as " ..
        '{ "id", "shared_link" }'
    end
  end
end

--- The option `fields`: a list of names, or names separated by commas.
M.options = {
  fields = { type = { "table", "string" }, check = check_fields },
}

--- Returns the fields for the query, always including the required ones.
---@param value string|string[]
---@return string
function M.text(value)
  local all, seen = {}, {}
  for _, list in ipairs { REQUIRED_FIELDS, to_list(value) } do
    for _, field in ipairs(list) do
      if not seen[field] then all[#all + 1] = field end
      seen[field] = true
    end
  end
  return table.concat(all, ",")
end

--- Returns the URL with the fields added to its query.
---@param url string
---@param text string?  from M.text; nil: the URL stays as it is
---@return string
function M.add(url, text)
  if not text then return url end
  return url .. (url:find("?", 1, true) and "&" or "?") .. "fields=" .. text
end

return M
