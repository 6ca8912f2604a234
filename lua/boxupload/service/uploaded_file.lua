-- uploaded_file: verifies that the file on Box is the file that was sent.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local reply = require "boxupload.service.reply"

local M = {}

--- Returns the file in the response to a commit or a simple upload, if it has
--- the expected fields; otherwise an error of kind "integrity".
---@param response {value:table, exchange:userdata}
---@param operation string
---@param expected {sha1:string, size:integer?, name:string?}
---@return table? file, string? message, boxupload.Error? err
function M.check(response, operation, expected)
  local file, problem = reply.file(response.value)
  if not file then
    return failure.returns(failure.of_reply(response.exchange, operation,
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
