-- source: the file that an upload reads.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.failure"
local misuse = require "boxupload.misuse"

local M = {}

--- Whether the value is a file object, as `boxupload.file` returns.
---@param value any
---@return boolean
function M.is_file(value)
  return type(value) == "userdata" and
    (getmetatable(value) or {}).methods == core.methods.file
end

--- Opens a regular file.
---@param path string
---@return userdata? file, string? message, boxupload.Error? err
function M.open(path)
  if type(path) ~= "string" then
    misuse.raise("boxupload.file: a path expected, not a " .. type(path))
  end
  local file, text, code = core.file(path)
  if file then return file end
  local what = text:find(path, 1, true) and text or path .. ": " .. text
  return failure.returns(failure.of("invalid", code, "opening the file",
    what, "give a regular file that can be read"))
end

--- The file object for a path or for a file object.
---@param value string|userdata
---@param what string  the function's name, for the message
---@return userdata? file, string? message, boxupload.Error? err
function M.of(value, what)
  if M.is_file(value) then return value end
  if type(value) == "string" then return M.open(value) end
  misuse.raise(what .. ": a path or a file (boxupload.file) expected, " ..
    "not a " .. type(value))
end

return M
