-- preflight: asks before anything is sent whether Box would take it.
-- SPDX-License-Identifier: MIT

local lookup = require "boxupload.service.lookup"

local M = {}

M.options = {
  preflight = { type = "boolean", default = false },
}

-- The upload servers have one path; the URL's own is for simple uploads.
local function base_of(url)
  local origin = type(url) == "string" and url:match("^(https?://[^/?#]+)")
  return origin and origin .. "/api/2.0" or nil
end

--- Asks for the transfer's target, and has it sent to the host that the
--- answer names: the nearest one. The core sees to it that only hosts of
--- Box's, and configured ones, get the token. An `upload_token` in the answer
--- isn't used. A yes reserves nothing.
---@param transfer boxupload.Transfer
---@return boolean? ok, string? message, boxupload.Error? err
function M.run(transfer)
  local target = transfer.target
  transfer.phase = "checking"
  local answer, message, err = lookup.ask(transfer, target,
    transfer.file.size)
  if not answer then return nil, message, err end
  target.upload_base = base_of(answer.upload_url)
  target.checked = true
  return true
end

return M
