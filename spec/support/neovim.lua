-- neovim: runs inside Neovim: runs the case BOX_CASE with the file BOX_FILE
-- and writes what it observed to BOX_RESULT.
-- SPDX-License-Identifier: MIT

require "support.use_emulator"
local boxupload = require "boxupload"
local core = require "boxupload.core"

local LIMIT = 15000 -- milliseconds

local seen = { ticks = 0, gap = 0, notes = {} }
local began, last = core.now(), core.now()

local timer = vim.loop.new_timer()
timer:start(5, 5, function()
  local now = core.now()
  seen.ticks, seen.gap = seen.ticks + 1, math.max(seen.gap, now - last)
  last = now
end)

local function finish()
  seen.took = core.now() - began
  local file = assert(io.open(os.getenv "BOX_RESULT", "w"))
  file:write(require("cjson").encode(seen))
  file:close()
  vim.cmd "qall!"
end

local function note(text)
  -- Fails in a callback of Neovim's loop, where vim.api is forbidden.
  vim.api.nvim_get_current_buf()
  seen.notes[#seen.notes + 1] = text
end

local file = os.getenv "BOX_FILE"
local cases = {}

function cases.upload()
  vim.notify = function(text)
    note(text)
    if text:find("is file", 1, true) then finish() end
  end
  vim.cmd("BoxUpload " .. file)
  seen.returned = core.now() - began
end

function cases.cancel()
  vim.notify = function(text)
    note(text)
    if text:find("canceled", 1, true) then finish() end
  end
  vim.cmd("BoxUpload " .. file)
  vim.defer_fn(function() vim.cmd "BoxUploadCancel" end, 150)
end

function cases.quit()
  vim.cmd("BoxUpload " .. file)
  vim.defer_fn(finish, 150)
end

-- Outside a coroutine the client waits with vim.wait.
function cases.main()
  local client = boxupload.new { token = os.getenv "BOX_TOKEN" }
  local done, message = client:upload(file, { folder_id = "0" })
  note(done and done.sha1 or message)
  client:close()
  finish()
end

vim.defer_fn(function()
  note "it took too long"
  finish()
end, LIMIT)
vim.schedule(cases[os.getenv "BOX_CASE"])
