-- part_hash: computes the SHA-1 of a file and of each of its parts, without an
-- upload.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"

local M = {}

local OPERATION = "hashing the file"
-- One part is hashed while the next one waits, so memory stays bounded.
local MAX_QUEUED = 2

local function wait_for_hash(exchange)
  local queue = exchange:queue()
  while not exchange:poll() do queue:wait() end
  return exchange:error()
end

local function hash_parts(engine, file, part_size, digest, on_part)
  local window, offset = {}, 0
  local queue, problem, problem_code = engine:queue()
  if not queue then return problem_code, problem end
  while offset < file.size or window[1] do
    if #window < MAX_QUEUED and offset < file.size then
      local length = math.min(part_size, file.size - offset)
      local exchange, text, code = engine:submit_hash(file, {
        offset = offset, length = length, digest = digest, queue = queue,
      })
      if not exchange then return code, text end
      window[#window + 1] =
        { exchange = exchange, offset = offset, size = length }
      offset = offset + length
    else
      local part = table.remove(window, 1)
      local code, text = wait_for_hash(part.exchange)
      if code then return code, text end
      on_part { offset = part.offset, size = part.size,
        sha1 = part.exchange:sha1() }
    end
  end
end

-- Returns a code and a text when the file isn't what was hashed. Where only
-- its times have changed, it is read again.
local function compare(engine, file, part_size, sha1)
  local ok, text, code = file:check()
  if ok then return nil end
  if code ~= "touched" then return code, text end
  local again
  again, text, code = core.digest("sha1")
  if not again then return code, text end
  code, text = hash_parts(engine, file, part_size, again, function() end)
  if code then return code, text end
  if again:hex() == sha1 then return nil end
  return "changed", file.path .. " changed: it was written to"
end

--- Calls on_part for each part, in order.
---@param file userdata
---@param part_size integer
---@param on_part fun(part: {offset:integer, size:integer, sha1:string})
---@return string? sha1  of the whole file
---@return string? message, boxupload.Error? err
function M.each(file, part_size, on_part)
  local engine, text, code = core.engine {}
  if not engine then
    return failure.returns(failure.of_core(code, text, OPERATION))
  end
  local digest
  digest, text, code = core.digest("sha1")
  if digest then
    code, text = hash_parts(engine, file, part_size, digest, on_part)
  end
  if not code then
    code, text = compare(engine, file, part_size, digest:hex())
  end
  engine:close()
  if not code then return digest:hex() end
  return failure.returns(failure.of_core(code, text, OPERATION))
end

return M
