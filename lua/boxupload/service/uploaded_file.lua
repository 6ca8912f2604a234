-- uploaded_file: whether the file that Box has is the file that was sent.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local reply = require "boxupload.service.reply"

local M = {}

--- The file in the answer of a commit or of a simple upload.
---@param answer {value:table, exchange:userdata}
---@param operation string
---@param expected {sha1:string, size:integer?, name:string?}
---@return table? file, string? message, boxupload.Error? err
function M.check(answer, operation, expected)
  local file, problem = reply.file(answer.value)
  if not file then
    return failure.returns(failure.of_reply(answer.exchange, operation,
      problem))
  end
  problem = reply.difference(file, expected)
  if not problem then return file end
  local err = failure.of("integrity", "wrong_file", operation,
    "the file on Box isn't the file that was sent: " .. problem,
    "compare them, and remove the one on Box if it is wrong")
  err.file = file
  return failure.returns(err)
end

return M
