-- secret_file: reads small files that hold secrets, and warns when others
-- can read them.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

local SIZE_LIMIT = 1048576 -- bytes

local function read(how, path)
  local text, problem = how(path, SIZE_LIMIT)
  if text == false then return nil end
  return text, problem
end

--- Reads a whole file that the user named: links are followed, since secrets
--- are often mounted as links. Returns nil alone when there is no such file;
--- a problem also when others can write to it.
---@param path string
---@return string? text, string? problem
function M.read(path)
  return read(core.read_secret, path)
end

--- The same for a file that this program keeps: it is no link, and nobody else
--- can put another in its place.
---@param path string
---@return string? text, string? problem
function M.read_kept(path)
  return read(core.read_state, path)
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
