-- spool: stores the data of a reader in an unnamed temporary file.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local usage_error = require "boxupload.util.usage_error"

local M = {}

local OPERATION = "spooling the source"
-- Bytes to gather before a write: a reader that returns single lines shouldn't
-- cost a write for each.
local WRITE_SIZE = 256 * 1024

-- A reader may yield, but Lua 5.1 can't yield through pcall, a C function;
-- LuaJIT can. This checks the version instead of trying: that would resume a
-- coroutine while the module loads, which OpenResty doesn't allow.
local PCALL_YIELDS = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

-- Lua 5.5 doesn't count the bytes of strings that it built piece by piece, so
-- those of a reader would pile up: after so many it has to collect.
local COLLECT_EVERY = _VERSION == "Lua 5.5" and 8 * 2 ^ 20

--- The default folder for spools: $TMPDIR, else /tmp.
---@return string path
function M.folder()
  local folder = os.getenv "TMPDIR"
  return folder and folder ~= "" and folder or "/tmp"
end

-- In a coroutine on Lua 5.1 an error in the reader isn't caught. The garbage
-- collector then closes the spool, and as it has no name, nothing stays on the
-- disk.
local function call_reader(read)
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

local function spool_error(text, code, folder)
  return failure.of("invalid", code, OPERATION, text,
    ("give a spool_folder with room for it (this one is %s)"):format(folder))
end

local function new_writer(given)
  local file, text, code = core.spool(given.folder)
  if not file then return nil, spool_error(text, code, given.folder) end
  return setmetatable({
    file = file, folder = given.folder, limit = given.limit,
    size = given.size,
    count = 0,                  -- bytes received
    pending = {},               -- received and not yet written
    pending_size = 0,           -- bytes
    uncollected = 0,            -- bytes of strings, perhaps
  }, Writer)
end

-- These methods return an error or nil.
function Writer:flush()
  if self.pending_size == 0 then return nil end
  local pending = self.pending
  local data = pending[2] and table.concat(pending) or pending[1]
  self.pending, self.pending_size = {}, 0
  local ok, text, code = self.file:append(data)
  if not ok then return spool_error(text, code, self.folder) end
  self.uncollected = self.uncollected + #data
  if COLLECT_EVERY and self.uncollected >= COLLECT_EVERY then
    self.uncollected = 0
    collectgarbage()
  end
end

function Writer:write(piece)
  self.count = self.count + #piece
  if self.size and self.count > self.size then
    return wrong_size(self, "more")
  end
  if self.count > self.limit then return too_large(self) end
  self.pending[#self.pending + 1] = piece
  self.pending_size = self.pending_size + #piece
  if self.pending_size >= WRITE_SIZE then return self:flush() end
end

function Writer:finish()
  if self.size and self.count < self.size then
    return wrong_size(self, "fewer")
  end
  return self:flush()
end

-- Handles what the reader returned. Returns nil to continue, true at the end
-- of the data, or an error.
local function handle_result(writer, piece, message, what)
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

--- Reads all data of a reader into a new spool, in the caller's coroutine,
--- since the reader may yield. An error that the reader raises goes on to the
--- caller. Returned errors have the codes "spool_limit" (too much data),
--- "changed" (not `size` bytes), "read_failed" (the reader returned a message)
--- or one of the system's.
---@param read fun(): string?, string?
---@param given {folder:string, limit:integer, size:integer?}  limit and size
--- in bytes
---@param what string  the function's name, for messages
---@return userdata? file, string? message, boxupload.Error? err
function M.read(read, given, what)
  local writer, err = new_writer(given)
  if writer and given.size and given.size > given.limit then
    err = too_large(writer)
  end
  while not err do
    local ok, piece, message = call_reader(read)
    if not ok then
      writer.file:close()
      error(piece, 0)
    end
    err = handle_result(writer, piece, message, what)
  end
  if err == true then return writer.file end
  if writer then writer.file:close() end
  return failure.returns(err)
end

--- A reader of an open file of Lua's io library.
---@param handle file*
---@return fun(): string?, string?
function M.file_reader(handle)
  return function() return handle:read(WRITE_SIZE) end
end

--- A reader that returns one string.
---@param content string
---@return fun(): string?
function M.once(content)
  local remaining = content
  return function()
    local piece = remaining
    remaining = nil
    return piece
  end
end

return M
