-- progress: shows how far an upload is: a bar on a terminal, else a line now
-- and then.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local format = require "boxupload.cli.format"
local text = require "boxupload.text"

local M = {}

local STDERR = 2
local BAR_INTERVAL = 0.1  -- seconds
local LINE_INTERVAL = 10
local NAME_WIDTH = 32
local LEAST_BAR = 8

local Progress = {}
Progress.__index = Progress

--- Shows on stderr.
---@param path string
function M.new(path)
  local terminal = core.isatty(STDERR)
  return setmetatable({
    name = text.one_line(path:match("([^/]+)/*$") or path, NAME_WIDTH),
    terminal = terminal,
    interval = terminal and BAR_INTERVAL or LINE_INTERVAL,
    next_time = 0,
  }, Progress)
end

local function waiting(progress)
  if not progress.waiting_for then return nil end
  local what = text.one_line(progress.waiting_for)
  if not progress.waiting_until then return "waiting: " .. what end
  local left = math.max(0, progress.waiting_until - core.time())
  return ("waiting %s: %s"):format(format.duration(left), what)
end

local PHASES = {
  starting = "starting", creating = "starting",
  committing = "Box puts it together", aborting = "cleaning up",
}

local function remark(progress)
  local pause = waiting(progress) or PHASES[progress.phase]
  if pause then return pause end
  local rate = progress.rate and format.size(progress.rate) .. "/s" or ""
  if not progress.eta then return rate end
  return ("%s, %s left"):format(rate, format.duration(progress.eta))
end

local function bar(width, share)
  local full = math.floor(width * share)
  return "[" .. ("="):rep(full) .. (" "):rep(width - full) .. "]"
end

local function counts(progress)
  return ("%3d%%  %s of %s"):format(
    format.percent(progress.bytes_sent, progress.file_size),
    format.size(progress.bytes_sent), format.size(progress.file_size))
end

-- The whole width but one column, for some terminals wrap at the last.
local function bar_line(self, progress)
  local columns = (core.terminal_width(STDERR) or 80) - 1
  local numbers = ("%s  %s"):format(counts(progress), remark(progress))
  local room = columns - #numbers - (text.characters(self.name) or 0) - 6
  local line = self.name .. "  "
  if room >= LEAST_BAR then
    local share = progress.file_size > 0 and
      progress.bytes_sent / progress.file_size or 1
    line = line .. bar(math.min(room, 40), share) .. "  "
  end
  line = line .. numbers
  local length = text.characters(line) or #line
  if length > columns then return text.one_line(line, columns - 3) end
  return line .. (" "):rep(columns - length)
end

--- Shows it, unless it was shown a moment ago.
---@param progress boxupload.Progress
function Progress:show(progress)
  local now = core.now()
  if now < self.next_time then return end
  self.next_time = now + self.interval
  if self.terminal then
    io.stderr:write("\r", bar_line(self, progress))
    io.stderr:flush()
  else
    io.stderr:write(("%s: %s, %s\n"):format(self.name, counts(progress),
      remark(progress)))
  end
end

--- Shows where it ended, and leaves the line.
---@param progress boxupload.Progress
function Progress:finish(progress)
  self.next_time = 0
  self:show(progress)
  if self.terminal then io.stderr:write("\n") end
end

return M
