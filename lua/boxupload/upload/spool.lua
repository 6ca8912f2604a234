-- spool: bytes that come from no file, kept in an unlinked one.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local usage_error = require "boxupload.util.usage_error"

local M = {}

local OPERATION = "spooling the source"
-- Written at once: readers that give lines shouldn't cost a write each.
local CHUNK = 256 * 1024

-- 5.1's pcall is a C function that nothing yields through, and a reader may
-- yield. The version is asked, for to try it out would resume a coroutine
-- while the module loads, which OpenResty doesn't allow.
local PCALL_YIELDS = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

--- Where a spool is when nobody says another place.
---@return string
function M.folder()
  local folder = os.getenv "TMPDIR"
  return folder and folder ~= "" and folder or "/tmp"
end

-- On 5.1 a spool that a raise leaves behind in a coroutine is the
-- collector's. It has no name, so nothing stays on the disk.
local function call(read)
  if PCALL_YIELDS or not coroutine.running() then return pcall(read) end
  return true, read()
end

local Writer = {}
Writer.__index = Writer

local function too_large(writer)
  return failure.of("quota", "spool_limit", OPERATION,
    ("the source has more than %.0f bytes, which is spool_limit")
      :format(writer.limit),
    "raise spool_limit if that many are meant")
end

local function wrong_size(writer, what)
  return failure.of("changed", "changed", OPERATION,
    ("the source has %s than the %.0f bytes it was to have")
      :format(what, writer.size),
    "give its true size, or none where it isn't known")
end

local function unwritable(text, code, folder)
  return failure.of("invalid", code, OPERATION, text,
    ("give a spool_folder with room for it (this one is %s)"):format(folder))
end

local function new_writer(given)
  local file, text, code = core.spool(given.folder)
  if not file then return nil, unwritable(text, code, given.folder) end
  return setmetatable({
    file = file, folder = given.folder, limit = given.limit,
    size = given.size,
    count = 0,                  -- bytes taken
    pieces = {}, gathered = 0,  -- of them not yet written
  }, Writer)
end

function Writer:flush()
  if self.gathered == 0 then return nil end
  local data = self.pieces[2] and table.concat(self.pieces) or self.pieces[1]
  self.pieces, self.gathered = {}, 0
  local ok, text, code = self.file:append(data)
  if not ok then return unwritable(text, code, self.folder) end
end

-- Each of these returns the error, if there is one.
function Writer:write(piece)
  self.count = self.count + #piece
  if self.size and self.count > self.size then
    return wrong_size(self, "more")
  end
  if self.count > self.limit then return too_large(self) end
  self.pieces[#self.pieces + 1] = piece
  self.gathered = self.gathered + #piece
  if self.gathered >= CHUNK then return self:flush() end
end

function Writer:finish()
  if self.size and self.count < self.size then
    return wrong_size(self, "fewer")
  end
  return self:flush()
end

-- Takes a step's outcome: the error; nil to go on; or true at the end.
local function take(writer, piece, message, what)
  if type(piece) == "string" then
    return piece ~= "" and writer:write(piece) or nil
  end
  if piece ~= nil then
    writer.file:close()
    usage_error.raise(what .. ": the source's read must return a string, " ..
      "or nil at its end, not a " .. type(piece))
  end
  if message ~= nil then
    return failure.of("invalid", "read_failed", OPERATION,
      "the source can't be read: " .. tostring(message))
  end
  return writer:finish() or true
end

--- Reads a reader to its end, in the caller's coroutine, for the reader may
--- yield. What it raises goes on to the caller.
---@param read fun(): string?, string?
---@param given {folder:string, limit:integer, size:integer?}
---@param what string  the function's name, for messages
---@return userdata? file, string? message, boxupload.Error? err
function M.read(read, given, what)
  local writer, err = new_writer(given)
  if writer and given.size and given.size > given.limit then
    err = too_large(writer)
  end
  while not err do
    local ok, piece, message = call(read)
    if not ok then
      writer.file:close()
      error(piece, 0)
    end
    err = take(writer, piece, message, what)
  end
  if err == true then return writer.file end
  if writer then writer.file:close() end
  return failure.returns(err)
end

--- The next bytes of an open file of Lua's io library, as a reader gives
--- them.
---@param handle file*
---@return fun(): string?, string?
function M.reader_of(handle)
  return function() return handle:read(CHUNK) end
end

--- A reader of one string.
---@param content string
---@return fun(): string?
function M.once(content)
  local left = content
  return function()
    local piece = left
    left = nil
    return piece
  end
end

return M
