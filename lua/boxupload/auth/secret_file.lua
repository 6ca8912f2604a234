-- secret_file: reads small files that hold secrets, and warns when others
-- can read them.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

local SIZE_LIMIT = 1048576 -- bytes

--- Reads the whole file. Returns nil alone when there is no such file.
---@param path string
---@return string? text, string? problem
function M.read(path)
  local private, problem = core.is_private(path)
  local file = io.open(path, "rb")
  if not file then
    if private == nil and problem:find("No such file", 1, true) then
      return nil
    end
    return nil, problem or path .. " can't be read"
  end
  local text = file:read(SIZE_LIMIT)
  local more = file:read(1)
  file:close()
  if more then return nil, path .. " is too large" end
  return text or ""
end

--- Warnings to show the owner: empty when only the owner can access the file,
--- or when that can't be determined.
---@param path string
---@return string[]
function M.warnings(path)
  if core.is_private(path) ~= false then return {} end
  return { ("%s has secrets in it and others can read or write it: run " ..
    "chmod 600 %s"):format(path, path) }
end

return M
