-- file_hash: the SHA-1 of a whole file, without sending it.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"

local M = {}

local OPERATION = "hashing the file"
-- Small enough that one who cancels doesn't wait for it, and two of them so
-- that the worker always has one.
local SLICE = 8 * 1024 * 1024
local AHEAD = 2

local function submit(caller, file, digest, offset)
  local length = math.min(SLICE, file.size - offset)
  local exchange, text, code = caller.client.engine:submit_hash(file, {
    offset = offset, length = length, digest = digest,
    queue = caller.waiter.queue,
  })
  if not exchange then return nil, failure.of_core(code, text, OPERATION) end
  if caller.live then caller.live[exchange] = true end
  return exchange
end

local function finish(caller, exchange)
  if caller.waiter:finish(exchange) == "closed" then
    return failure.of("canceled", "canceled", OPERATION,
      "the client was closed")
  end
  local code, text = exchange:error()
  return code and failure.of_core(code, text, OPERATION)
end

local function stop(caller, window, err)
  for _, exchange in ipairs(window) do exchange:cancel() end
  for _, exchange in ipairs(window) do caller.waiter:finish(exchange) end
  return failure.returns(err)
end

-- Hashes all slices in their order.
local function feed(caller, file, digest)
  local window, offset = {}, 0
  while offset < file.size or window[1] do
    local err
    if #window < AHEAD and offset < file.size then
      window[#window + 1], err = submit(caller, file, digest, offset)
      offset = offset + SLICE
    else
      err = finish(caller, table.remove(window, 1))
    end
    if err then return stop(caller, window, err) end
  end
  return true
end

--- The SHA-1 of a file that nobody has changed meanwhile.
---@param caller boxupload.Caller
---@param file userdata
---@return string? sha1, string? message, boxupload.Error? err
function M.of(caller, file)
  local digest = core.digest("sha1")
  local fed, message, err = feed(caller, file, digest)
  if not fed then return nil, message, err end
  local ok, text, code = file:check()
  if ok then return digest:hex() end
  return failure.returns(failure.of_core(code, text, OPERATION))
end

return M
