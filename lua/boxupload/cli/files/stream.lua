-- stream: what the command reads to its end, since it can't be read twice:
-- standard input and pipes.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local source = require "boxupload.upload.source"
local spool = require "boxupload.upload.spool"

local M = {}

local STANDARD_INPUT = {
  ["-"] = true, ["/dev/stdin"] = true, ["/dev/fd/0"] = true,
  ["/proc/self/fd/0"] = true,
}

-- Where a shell's `<(command)` is. What is there has no name of its own.
local function is_descriptor(path)
  return path:find("^/dev/fd/%d+$") or path:find("^/proc/[^/]+/fd/%d+$")
end

--- Whether the path means standard input.
---@param path string
---@return boolean
function M.is_standard_input(path)
  return STANDARD_INPUT[path] ~= nil
end

--- Whether the path is read as a stream.
---@param path string
---@return boolean
function M.is(path)
  if STANDARD_INPUT[path] then return true end
  local kind = core.look(path, true)
  return kind == "pipe" or kind == "file" and is_descriptor(path) ~= nil
end

--- The name of a stream; nil when it has none.
---@param path string
---@return string?
function M.name(path)
  if STANDARD_INPUT[path] or is_descriptor(path) then return nil end
  return path:match("([^/]+)/*$")
end

local function open(path)
  if STANDARD_INPUT[path] then return io.stdin end
  return io.open(path, "rb")
end

-- Opening a pipe waits for its writer.
local function reader(path, screen)
  local what = STANDARD_INPUT[path] and "standard input" or "the pipe"
  local handle, problem = open(path)
  if not handle then
    return function() return nil, problem end, function() end
  end
  local read, count = spool.file_reader(handle), 0
  return function()
    local piece, message = read()
    if piece then
      count = count + #piece
      screen:reading(what, count)
    end
    return piece, message
  end, function()
    if handle ~= io.stdin then handle:close() end
  end
end

--- Reads a stream to its end into a file without a name, which the caller
--- closes.
---@param path string
---@param screen boxupload.Screen  shows how much has been read
---@return userdata? file, string? message, boxupload.Error? err
function M.spool(path, screen)
  local read, close = reader(path, screen)
  local file, message, err = spool.read(read, {
    folder = spool.folder(), limit = source.options.spool_limit.default,
  }, "upload")
  close()
  return file, message, err
end

return M
