-- files: temporary folders, and files with known bytes in them.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local shell = require "support.shell"

local M = {}

local Dir = {}
Dir.__index = Dir

--- A new temporary folder.
function M.temp_dir()
  return setmetatable({ path = shell.output("mktemp -d"):match("%S+") }, Dir)
end

-- 64 KiB of pseudorandom bytes, from Lehmer's generator.
local block
local function random_block()
  if block then return block end
  local state, bytes = 42, {}
  for i = 1, 65536 do
    state = (state * 48271) % 2147483647
    bytes[i] = string.char(math.floor(state / 65536) % 256)
  end
  block = table.concat(bytes)
  return block
end

--- Bytes that are the same in every run, and differ for each seed.
function M.bytes(size, seed)
  local piece = ("%08d"):format(seed or 0) .. random_block()
  return piece:rep(math.ceil(size / #piece)):sub(1, size)
end

function M.read(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("*a")
  file:close()
  return bytes
end

--- Writes a file; returns its path, its bytes and their SHA-1.
function Dir:file(name, size, seed)
  local bytes = M.bytes(size, seed)
  return self:write(name, bytes), bytes, core.sha1(bytes)
end

--- Writes a file with these bytes; returns its path.
function Dir:write(name, bytes)
  local path = self.path .. "/" .. name
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  return path
end

function Dir:remove()
  shell.output("rm -rf " .. shell.quote(self.path))
end

return M
