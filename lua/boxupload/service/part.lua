-- part: the request that sends one part, and the check of its response.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"
local reply = require "boxupload.service.reply"

local M = {}

--- Returns the operation for error messages.
---@param session boxupload.Session
---@param offset integer  bytes
---@return string
function M.operation(session, offset)
  local number = math.floor(offset / session.part_size) + 1
  return ("sending part %d of %d"):format(number, session.total_parts)
end

--- Makes the request for the part at an offset. A retry sends the same SHA-1
--- and doesn't update the digest again.
---@param session boxupload.Session
---@param offset integer  bytes
---@param body string|userdata
---@param given {digest:userdata?, sha1:string?, data_offset:integer?,
--- client:boxupload.Client, while_paused:boolean?}  while_paused: also at
--- `session:set_parallel(0)`
---@return boxupload.Request
function M.request(session, offset, body, given)
  local last_exchange
  return {
    operation = M.operation(session, offset),
    scope = "part", accept = { [200] = "json", [201] = "json" },
    fall_back = function() given.client:fall_back(session) end,
    submit = function(queue)
      local sha1 = given.sha1 or last_exchange and last_exchange:sha1()
      local exchange, text, code = session:submit_upload(offset, body, {
        queue = queue, sha1 = sha1, data_offset = given.data_offset,
        digest = not sha1 and given.digest or nil,
        while_paused = given.while_paused,
      })
      last_exchange = exchange or last_exchange
      return exchange, text, code
    end,
  }
end

--- Returns the record of a stored part from the response, if it matches what
--- was sent.
---@param session boxupload.Session
---@param offset integer  bytes
---@param exchange userdata  with an accepted status
---@param operation string
---@return boxupload.Part? part, boxupload.Error? err
function M.stored(session, offset, exchange, operation)
  local value, problem = json.decode(exchange:body() or "")
  local part
  if value then part, problem = reply.part(value) end
  if not part then
    return nil, failure.of_reply(exchange, operation, problem)
  end
  problem = reply.difference(part, {
    offset = offset, size = session:part_length(offset),
    sha1 = exchange:sha1(),
  })
  if not problem then return part end
  local err = failure.of("integrity", "wrong_part", operation,
    "the service stored something else: " .. problem, "upload the file again")
  err.status = exchange:status()
  err.request_id = failure.request_id(exchange)
  return nil, err
end

return M
