-- uploaded_file: verifies that the file on Box is the file that was sent.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local reply = require "boxupload.service.reply"

local M = {}

-- A file in another place than asked. Not all fields need to be there.
local function misplaced(file, expected)
  if expected.file_id and file.id ~= expected.file_id then
    return ("its id is %s and should be %s"):format(file.id, expected.file_id)
  end
  local folder_id = type(file.parent) == "table" and file.parent.id
  if expected.folder_id and folder_id and folder_id ~= expected.folder_id then
    return ("it is in folder %s and should be in %s")
      :format(tostring(folder_id), expected.folder_id)
  end
end

--- Returns the file in the response to a commit or a simple upload, if it has
--- the expected fields; otherwise an error of kind "integrity". The name isn't
--- compared: Box stores some names in another form.
---@param response {value:table, exchange:userdata}
---@param operation string
---@param expected {sha1:string, size:integer?, file_id:string?,
--- folder_id:string?}
---@return table? file, string? message, boxupload.Error? err
function M.check(response, operation, expected)
  local file, problem = reply.file(response.value)
  -- A reply that can't be checked tells as little as a lost one.
  if file and (not file.sha1 or not file.size) then
    file, problem = nil, "a file without its size and SHA-1"
  end
  if not file then
    return failure.returns(failure.of_reply(response.exchange, operation,
      problem))
  end
  problem = reply.difference(file,
    { sha1 = expected.sha1, size = expected.size }) or
    misplaced(file, expected)
  if not problem then return file end
  local err = failure.of("integrity", "wrong_file", operation,
    "the file on Box isn't the file that was sent: " .. problem,
    "compare them, and remove the one on Box if it is wrong")
  err.file = file
  return failure.returns(err)
end

return M
