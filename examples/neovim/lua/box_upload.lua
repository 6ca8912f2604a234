-- box_upload: uploads files to Box while you edit. Add this folder to
-- 'runtimepath' and set BOX_TOKEN in the environment; then
--   :BoxUpload PATH
--   :BoxUploadCancel
-- SPDX-License-Identifier: MIT
local boxupload = require "boxupload"

local M = {}

local client
local running = {}

-- Created at the first upload, and closed with the editor.
local function get_client()
  if client then return client end
  client = assert(boxupload.new { token = os.getenv "BOX_TOKEN" })
  vim.api.nvim_create_autocmd("VimLeavePre", {
    callback = function() client:close() end,
  })
  return client
end

local function report(path, file, message)
  if file then
    vim.notify(("%s is file %s on Box, sha1 %s")
      :format(path, file.id, file.sha1))
  else
    vim.notify(path .. ": " .. message, vim.log.levels.ERROR)
  end
end

local function percent(transfer)
  local now = transfer:progress()
  return math.floor(100 * now.bytes_stored / math.max(1, now.file_size))
end

local function run(path)
  local transfer, problem = get_client():start(path, { folder_id = "0" })
  if not transfer then return report(path, nil, problem) end
  running[transfer] = true
  local shown
  repeat
    -- The editor stays responsive while this coroutine waits.
    local file, message, err = transfer:wait(0.5)
    local now = percent(transfer)
    if now ~= shown then vim.notify(("%s: %d %%"):format(path, now)) end
    shown = now
    if file or err.code ~= "still_running" then
      running[transfer] = nil
      return report(path, file, message)
    end
  until false
end

--- Uploads a file to the root folder, and reports its progress.
---@param path string
function M.upload(path)
  coroutine.wrap(run)(vim.fn.expand(path))
end

--- Cancels all running uploads.
function M.cancel()
  for transfer in pairs(running) do transfer:cancel() end
end

return M
