-- source: the data to upload: a file, a string or a reader.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local options = require "boxupload.util.options"
local spool = require "boxupload.upload.spool"
local usage_error = require "boxupload.util.usage_error"

local M = {}

--- Whether the value is a file object, as `boxupload.file` returns.
---@param value any
---@return boolean
function M.is_file(value)
  return type(value) == "userdata" and
    (getmetatable(value) or {}).methods == core.methods.file
end

local KINDS = {
  not_found = "gone", not_readable = "denied", symbolic_link = "denied",
}
local ADVICE = {
  symbolic_link = "if what it leads to is meant, name that itself",
}

local function opened(path, file, text, code)
  if file then return file end
  local what = text:find(path, 1, true) and text or path .. ": " .. text
  return failure.returns(failure.of(KINDS[code] or "invalid", code,
    "opening the file", what,
    ADVICE[code] or "give a regular file that can be read"))
end

--- Opens a regular file. Errors are of the kind "gone" (there is no such
--- file), "denied" (it can't be read, or is behind a symbolic link below the
--- folder) or "invalid".
---@param path string
---@param below string?  the folder that the path begins in and doesn't leave
---@return userdata? file, string? message, boxupload.Error? err
function M.open(path, below)
  return opened(path, core.file(path, below))
end

--- Opens a regular file that was found in an open folder: no symbolic link.
--- Errors are as of `open`.
---@param folder userdata  of core.open_folder
---@param name string
---@return userdata? file, string? message, boxupload.Error? err
function M.open_in(folder, name)
  return opened(name, folder:open_file(name))
end

local OPEN_OPTIONS = { below = { type = "string", check = options.path } }

--- boxupload.file: opens as `open` does. Raises for wrong arguments.
---@param path string
---@param given {below:string?}?
---@return userdata? file, string? message, boxupload.Error? err
function M.file(path, given)
  if type(path) ~= "string" then
    usage_error.raise("boxupload.file: a path expected, not a " .. type(path))
  end
  given = options.check(OPEN_OPTIONS, given, "boxupload.file")
  return M.open(path, given.below)
end

--- A new unnamed temporary file, to append data to and upload from. Raises for
--- a folder that is not a string; returns an error of the kind "invalid" when
--- the file can't be created.
---@param folder string?  nil: the default folder for temporary files
---@return userdata? file, string? message, boxupload.Error? err
function M.spool(folder)
  local problem = folder ~= nil and (type(folder) ~= "string" or
    options.path(folder))
  if problem then usage_error.raise("boxupload.spool: a folder expected") end
  folder = folder or spool.folder()
  local file, text, code = core.spool(folder)
  if file then return file end
  return failure.returns(failure.of("invalid", code, "making a spool", text,
    "give a folder that can be written to"))
end

-- Bytes: stops an endless reader before the disk is full. Few Box plans accept
-- files larger than this.
local SPOOL_LIMIT = 50 * 2 ^ 30

--- The options for sources that aren't files.
M.options = {
  spool_limit = { type = "number", check = options.whole(0),
    default = SPOOL_LIMIT },
  spool_folder = { type = "string", check = options.path },
}

local SOURCE = {
  content = { type = "string" },
  read = { type = { "function", "userdata" } },
  size = { type = "number", check = options.whole(0) },
}

-- Raises for tables that don't describe a source.
local function check_source_table(value, what)
  what = what .. "'s source"
  local given = options.check(SOURCE, value, what)
  if (given.content == nil) == (given.read == nil) then
    usage_error.raise(what .. ": give content (a string) or read (a function)")
  end
  if given.content and given.size then
    usage_error.raise(what .. ": size is for read; content has its own")
  end
  if type(given.read) == "userdata" and io.type(given.read) ~= "file" then
    usage_error.raise(what .. ": read must be a function or an open file " ..
      "of io")
  end
  return given
end

---@class boxupload.Source
---@field path string?    the file to open
---@field file userdata?  a file object that the caller opened and will close
---@field content string?
---@field read function|file*|nil
---@field size integer?   bytes that `read` returns in all, if known
---@field name string?    the local file name, without its folder

--- Describes the source of an upload without opening or reading it. Raises for
--- a value that can't be a source.
---@param value string|userdata|table
---@param what string  the function's name, for the message
---@return boxupload.Source
function M.new(value, what)
  local function base_name(path) return path:match("([^/]+)/*$") end
  if type(value) == "string" then
    return { path = value, name = base_name(value) }
  end
  if M.is_file(value) then
    return { file = value, name = base_name(value.path) }
  end
  if type(value) == "table" then return check_source_table(value, what) end
  usage_error.raise(what .. ": a path, a file (boxupload.file), " ..
    "{ content = … } or { read = … } expected, not a " .. type(value))
end

--- Whether the source is a file, which a later run can open again to resume.
---@param source boxupload.Source
---@return boolean
function M.can_reopen(source)
  return source.path ~= nil or source.file ~= nil
end

local function reader_from(source)
  if source.content then return spool.once(source.content) end
  if type(source.read) == "function" then return source.read end
  return spool.file_reader(source.read)
end

--- The file object to upload: the caller's own, the opened file, or a spool
--- that holds all data of the reader.
---@param source boxupload.Source
---@param given {spool_limit:integer, spool_folder:string?}
---@param what string  the function's name, for messages
---@return userdata? file, string? message, boxupload.Error? err
function M.to_file(source, given, what)
  if source.file then return source.file end
  if source.path then return M.open(source.path) end
  return spool.read(reader_from(source), {
    folder = given.spool_folder or spool.folder(),
    limit = given.spool_limit, size = source.size,
  }, what)
end

return M
