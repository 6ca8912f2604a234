-- file_hash: the SHA-1 of a whole file, without sending it, and whether the
-- file still has it.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"

local M = {}

local OPERATION = "reading the file"
-- Bytes: small enough for a cancellation not to wait long for a slice.
local SLICE = 8 * 1024 * 1024
-- Slices submitted at once, so that the hash worker is never idle.
local QUEUE_DEPTH = 2

local function submit_slice(caller, file, digest, offset)
  local length = math.min(SLICE, file.size - offset)
  local exchange, text, code = caller.client.engine:submit_hash(file, {
    offset = offset, length = length, digest = digest,
    queue = caller.waiter.queue,
  })
  if not exchange then return nil, failure.of_core(code, text, OPERATION) end
  if caller.in_flight then caller.in_flight[exchange] = true end
  return exchange
end

local function finish_slice(caller, exchange)
  if caller.waiter:finish(exchange) == "closed" then
    return failure.of("canceled", "canceled", OPERATION,
      "the client was closed")
  end
  local code, text = exchange:error()
  return code and failure.of_core(code, text, OPERATION)
end

local function cancel_slices(caller, window, err)
  for _, exchange in ipairs(window) do exchange:cancel() end
  for _, exchange in ipairs(window) do caller.waiter:finish(exchange) end
  return failure.returns(err)
end

-- Hashes the slices in file order.
local function hash_slices(caller, file, digest)
  local window, offset = {}, 0
  while offset < file.size or window[1] do
    local err
    if #window < QUEUE_DEPTH and offset < file.size then
      window[#window + 1], err = submit_slice(caller, file, digest, offset)
      offset = offset + SLICE
    else
      err = finish_slice(caller, table.remove(window, 1))
    end
    if err then return cancel_slices(caller, window, err) end
  end
  return true
end

--- Makes a running digest. Fails where OpenSSL's configuration leaves the
--- algorithm out.
---@param algorithm "sha1"|"sha512"|nil  default: "sha1"
---@return userdata? digest, string? message, boxupload.Error? err
function M.digest(algorithm)
  local digest, text, code = core.digest(algorithm)
  if digest then return digest end
  return failure.returns(
    failure.of_core(code, text, "preparing to compute a digest"))
end

local function read_once(caller, file)
  local digest, message, err = M.digest()
  if not digest then return nil, message, err end
  local hashed
  hashed, message, err = hash_slices(caller, file, digest)
  if not hashed then return nil, message, err end
  return digest:hex()
end

-- By file: the times that it had when its bytes were last compared, which file
-- its path named, and their SHA-1.
local compared = setmetatable({}, { __mode = "k" })

-- What the path names now, if that is another file: one that was put there
-- with the same size and date.
local function replacement_of(file)
  local other = file:reopen()
  if not other then return nil end
  if other.inode ~= file.inode or other.device ~= file.device then
    return other
  end
  other:close()
end

local function has_bytes(caller, file, sha1)
  local now, message, err = read_once(caller, file)
  if not now then return nil, message, err end
  if now == sha1 then return true end
  return failure.returns(failure.of_core("changed",
    file.path .. " changed: it has other bytes than a moment ago", OPERATION))
end

-- That two readings give the same bytes proves that the file was like this in
-- between.
local function compare_bytes(caller, file, sha1, times)
  local other = replacement_of(file)
  local state = table.concat({ sha1, times, other and other.inode or "",
    other and other.ctime_ns or "" }, " ")
  local same, message, err = compared[file] == state, nil, nil
  if not same then
    same, message, err = has_bytes(caller, other or file, sha1)
  end
  if other then other:close() end
  if same then compared[file] = state end
  return same, message, err
end

--- Whether a file still has the bytes that were read. Where only its times
--- have changed, it is read again. Returns an error of the kind "changed" when
--- it is another now.
---@param caller boxupload.Caller
---@param file userdata  a file object
---@param sha1 string  of what was read, in lower-case hex
---@return boolean? same, string? message, boxupload.Error? err
function M.check(caller, file, sha1)
  local ok, text, code, times = file:check()
  if ok then return true end
  if code == "touched" then return compare_bytes(caller, file, sha1, times) end
  return failure.returns(failure.of_core(code, text, OPERATION))
end

--- The SHA-1 of a file in lower-case hex. Returns an error of the kind
--- "changed" when the file changes meanwhile.
---@param caller boxupload.Caller
---@param file userdata  a file object
---@return string? sha1, string? message, boxupload.Error? err
function M.sha1(caller, file)
  local sha1, message, err = read_once(caller, file)
  if not sha1 then return nil, message, err end
  local same
  same, message, err = M.check(caller, file, sha1)
  if not same then return nil, message, err end
  return sha1
end

return M
