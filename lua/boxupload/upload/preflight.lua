-- preflight: asks Box whether it would accept the file before sending it.
-- SPDX-License-Identifier: MIT

local lookup = require "boxupload.service.lookup"
local upload_session = require "boxupload.service.session"

local M = {}

M.options = {
  preflight = { type = "boolean", default = false },
}

-- Only the host is used, with the path that all upload servers have: the URL's
-- own path is for simple uploads.
local function upload_base(client, url)
  local origin = type(url) == "string" and url:match("^(https?://[^/?#]+)")
  if not origin or upload_session.is_elsewhere(client, origin) then
    return nil
  end
  return origin .. "/api/2.0"
end

--- Checks the transfer's target and file size, and makes the upload go to the
--- host in Box's reply, which is the nearest one, unless the caller configured
--- another. The C core sends the token
--- only to Box's hosts and to configured ones. An `upload_token` in the reply
--- is ignored. Success reserves nothing: Box's docs say that the upload may
--- still get a 409.
---@param transfer boxupload.Transfer
---@return boolean? ok, string? message, boxupload.Error? err
function M.run(transfer)
  local target = transfer.target
  transfer.phase = "checking"
  local answer, message, err = lookup.preflight(transfer, target,
    transfer.file.size)
  if not answer then return nil, message, err end
  target.upload_base = upload_base(transfer.client, answer.upload_url)
  target.checked = true
  return true
end

return M
