-- fields: which fields of the file the service is to answer with.
-- SPDX-License-Identifier: MIT

local M = {}

-- Without these it couldn't be seen whether it is the right file.
local NEEDED = { "id", "type", "name", "size", "sha1", "etag", "file_version" }

local function list_of(value)
  if type(value) == "table" then return value end
  local list = {}
  for field in value:gmatch("[^,]+") do
    list[#list + 1] = field:match("^%s*(.-)%s*$")
  end
  return list
end

local function check(value)
  for _, field in ipairs(list_of(value)) do
    if type(field) ~= "string" or not field:find("^[%w_.%-]+$") then
      return "must be a list of Box's field names, such as " ..
        '{ "id", "shared_link" }'
    end
  end
end

--- The option that names fields: a list, or text with commas between.
M.options = {
  fields = { type = { "table", "string" }, check = check },
}

--- What goes into the query, with all that is needed in any case.
---@param value string|string[]
---@return string
function M.text(value)
  local all, seen = {}, {}
  for _, list in ipairs { NEEDED, list_of(value) } do
    for _, field in ipairs(list) do
      if not seen[field] then all[#all + 1] = field end
      seen[field] = true
    end
  end
  return table.concat(all, ",")
end

--- The URL with the fields in its query, if there are any.
---@param url string
---@param text string?  of `text`
---@return string
function M.add(url, text)
  if not text then return url end
  return url .. (url:find("?", 1, true) and "&" or "?") .. "fields=" .. text
end

return M
