-- small_upload: a file in one request, as Box wants it below its minimum.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.call"
local verify = require "boxupload.verify"

local M = {}

local OPERATION = "uploading the file"

local function request_of(transfer)
  local client, target = transfer.client, transfer.target
  local attributes = target:content_attributes(transfer.attributes)
  local headers = { ["If-Match"] = transfer.if_match }
  return {
    operation = OPERATION, scope = "create",
    accept = { [200] = "json", [201] = "json" },
    submit = function(queue)
      local exchange, text, code = client.engine:submit {
        method = "POST", url = client.upload_url .. target:content_path(),
        headers = headers, attributes = attributes, body = transfer.file,
        content_md5 = true, queue = queue,
      }
      transfer.sending = exchange
      return exchange, text, code
    end,
  }
end

--- Sends the transfer's file; the body is hashed first, and the service
--- checks it by content-md5.
---@param transfer boxupload.Transfer
---@return table? file, string? message, boxupload.Error? err
function M.run(transfer)
  transfer.phase = "uploading"
  local answer, message, err = call.perform(transfer, request_of(transfer))
  if not answer then return nil, message, err end
  return verify.file(answer, OPERATION, {
    sha1 = answer.exchange:sha1(), size = transfer.file.size,
    name = transfer.target.file_name,
  })
end

return M
