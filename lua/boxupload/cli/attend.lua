-- attend: waits for a transfer and shows how far it is.
-- SPDX-License-Identifier: MIT

local interrupt = require "boxupload.interrupt"
local progress = require "boxupload.cli.progress"
local text = require "boxupload.text"

local M = {}

local TICK = 0.1        -- seconds between two looks at the progress
local EVENT_TICK = 0.5  -- between two progress events of --json
local CLEAN_UP = 10     -- for removing the session after an interrupt

local function display_of(report, path)
  if report.json then
    local function show(now)
      now.event, now.path = "progress", text.one_line(path)
      report:event(now)
    end
    return { interval = EVENT_TICK, show = show, finish = show }
  end
  if report.quiet then
    local function show() end
    return { interval = TICK, show = show, finish = show }
  end
  local bar = progress.new(path)
  return {
    interval = TICK,
    show = function(now) bar:show(now) end,
    finish = function(last) bar:finish(last) end,
  }
end

local function watch(transfer, display)
  display.show(transfer:progress())
  local file, message, err = transfer:wait(display.interval)
  while err and err.code == "still_running" do
    display.show(transfer:progress())
    file, message, err = transfer:wait(display.interval)
  end
  display.finish(transfer:progress())
  return file, message, err
end

--- Waits for its end. An interrupt cancels it, and keeps what is stored where
--- it has a journal.
---@param transfer boxupload.Transfer
---@param report boxupload.Report
---@param path string
---@return table? file, string? message, boxupload.Error? err
function M.run(transfer, report, path)
  local ok, file, message, err = pcall(watch, transfer,
    display_of(report, path))
  if ok then return file, message, err end
  if not interrupt.is(file) then error(file, 0) end
  transfer:cancel { keep = transfer.journal_path ~= nil }
  return transfer:wait(CLEAN_UP)
end

return M
