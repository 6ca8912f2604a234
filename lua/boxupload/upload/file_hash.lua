-- file_hash: computes the SHA-1 of a whole file without sending it.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"

local M = {}

local OPERATION = "hashing the file"
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

--- The SHA-1 of a file in lower-case hex. Returns an error of the kind
--- "changed" when the file changes meanwhile.
---@param caller boxupload.Caller
---@param file userdata  a file object
---@return string? sha1, string? message, boxupload.Error? err
function M.sha1(caller, file)
  local digest = core.digest("sha1")
  local hashed, message, err = hash_slices(caller, file, digest)
  if not hashed then return nil, message, err end
  local ok, text, code = file:check()
  if ok then return digest:hex() end
  return failure.returns(failure.of_core(code, text, OPERATION))
end

return M
