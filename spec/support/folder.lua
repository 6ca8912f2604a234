-- folder: a temporary folder of a spec, and files with known bytes in it.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

local Folder = {}
Folder.__index = Folder

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

--- The standard output of a command.
M.output = output

--- Quotes for the shell.
function M.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

function M.new()
  return setmetatable({ path = output("mktemp -d"):match("%S+") }, Folder)
end

-- 64 KiB that don't repeat within themselves, from Lehmer's generator.
local block
local function bytes_of_block()
  if block then return block end
  local state, bytes = 42, {}
  for i = 1, 65536 do
    state = (state * 48271) % 2147483647
    bytes[i] = string.char(math.floor(state / 65536) % 256)
  end
  block = table.concat(bytes)
  return block
end

--- Bytes that are the same in each run, and other ones for another seed.
function M.bytes(size, seed)
  local piece = ("%08d"):format(seed or 0) .. bytes_of_block()
  return piece:rep(math.ceil(size / #piece)):sub(1, size)
end

--- Writes a file; its path, its bytes and their SHA-1.
function Folder:file(name, size, seed)
  local bytes = M.bytes(size, seed)
  return self:write(name, bytes), bytes, core.sha1(bytes)
end

function Folder:write(name, bytes)
  local path = self.path .. "/" .. name
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  return path
end

function M.read(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("*a")
  file:close()
  return bytes
end

function Folder:remove()
  output("rm -rf " .. M.quote(self.path))
end

return M
