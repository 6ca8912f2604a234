-- watch: waits for a transfer and shows its progress.
-- SPDX-License-Identifier: MIT

local interrupt = require "boxupload.util.interrupt"
local outcome = require "boxupload.cli.output.outcome"
local progress = require "boxupload.cli.output.progress"

local M = {}

local CLEANUP_SECONDS = 10  -- to remove the session after an interrupt

local function wait_for_end(transfer, screen, path)
  local name = path:match("([^/]+)/*$") or path
  local file, message, err
  repeat
    screen:show { { path = path, name = name,
      progress = transfer:progress() } }
    file, message, err = transfer:wait(screen.interval)
  until not err or err.code ~= "still_running"
  return file, message, err
end

--- Waits until a transfer ends. An interrupt, or another error, cancels the
--- transfer, but keeps its upload session if it has a journal.
---@param transfer boxupload.Transfer
---@param report boxupload.Report
---@param path string
---@return table? file, string? message, boxupload.Error? err
function M.transfer(transfer, report, path)
  local screen = progress.new(report)
  report.screen = screen
  local ok, file, message, err = pcall(wait_for_end, transfer, screen, path)
  screen:hide()
  if ok then return file, message, err end
  local problem = file
  transfer:cancel { keep = transfer.journal_path ~= nil }
  file, message, err = transfer:wait(CLEANUP_SECONDS)
  if file or interrupt.is(problem) then return file, message, err end
  local crash = outcome.crash(problem)
  crash.resumable, crash.journal = err.resumable, err.journal
  return nil, crash.message, crash
end

return M
