-- progress: shows the progress of uploads: as bars on a terminal, as a line
-- every ten seconds elsewhere, or as events for programs.
-- SPDX-License-Identifier: MIT

local bar = require "boxupload.cli.output.bar"
local console = require "boxupload.cli.output.console"
local core = require "boxupload.core"
local format = require "boxupload.cli.output.format"
local reports = require "boxupload.cli.output.report"
local width = require "boxupload.cli.output.width"

local M = {}

local STDERR = 2
local BAR_INTERVAL = 0.1   -- seconds
local LINE_INTERVAL = 10
local EVENT_INTERVAL = 0.5
local COLUMNS, ROWS = 80, 24  -- if the terminal size is unknown
local MAX_BARS = 16
local LINE_COLUMNS = 200       -- width of lines outside a terminal

---@class boxupload.Running
---@field path string
---@field name string
---@field progress boxupload.Progress

---@class boxupload.Totals
---@field files integer
---@field files_over integer
---@field bytes integer
---@field bytes_over integer
---@field rate number?
---@field eta number?

---@class boxupload.Screen
---@field interval number  seconds between two updates
local Bars = {}
Bars.__index = Bars

local function bar_lines(running, totals)
  local columns, rows = core.terminal_size(STDERR)
  columns, rows = columns or COLUMNS, rows and rows > 0 and rows or ROWS
  local max_bars = math.max(1, math.min(MAX_BARS, rows - 3))
  local lines = {}
  for at = 1, math.min(#running, max_bars) do
    local each = running[at]
    lines[at] = bar.line(each.name, each.progress, columns)
  end
  if totals then
    lines[#lines + 1] = bar.totals(totals, columns)
  end
  return lines, columns
end

-- Moves the cursor to the first line drawn last time, and erases from there.
-- If the terminal has become narrower since, it has wrapped the lines.
local function erase_sequence(self, columns)
  local up = 0
  for at = 1, #self.drawn - 1 do
    up = up + math.max(1, math.ceil(self.drawn[at] / columns))
  end
  return (up > 0 and ("\27[%dA"):format(up) or "") .. "\r\27[J"
end

--- Replaces the bars on the screen. Line wrapping is off while drawing,
--- because terminals disagree about the width of some characters. The cursor
--- ends up at the start of the last line, where an echoed ^C doesn't wrap it.
---@param running boxupload.Running[]
---@param totals boxupload.Totals?
function Bars:show(running, totals)
  local lines, columns = bar_lines(running, totals)
  if not lines[1] then return self:hide() end
  local back = self.drawn[1] and erase_sequence(self, columns) or "\r"
  console.draw(back, "\27[?7l", table.concat(lines, "\n"), "\27[?7h\r")
  self.drawn = {}
  for at, line in ipairs(lines) do self.drawn[at] = width.of(line) end
end

--- Erases the bars, to make room for other output.
function Bars:hide()
  if not self.drawn[1] then return end
  local columns = core.terminal_size(STDERR) or COLUMNS
  console.draw(erase_sequence(self, columns))
  self.drawn = {}
end

--- Shows how much of a stream has been read.
---@param what string  "standard input" or "the pipe"
---@param bytes integer
function Bars:reading(what, bytes)
  local now = core.now()
  if now < (self.next_time or 0) then return end
  self.next_time = now + self.interval
  console.draw("\r\27[K", ("reading %s: %s"):format(what,
    format.size(bytes)))
  self.drawn = { 1 }
end

local Lines = {}
Lines.__index = Lines

function Lines:show(running, totals)
  local now = core.now()
  self.next_time = self.next_time or now + LINE_INTERVAL
  if now < self.next_time then return end
  self.next_time = now + LINE_INTERVAL
  for _, each in ipairs(totals and {} or running) do
    local pieces = { (bar.percent(each.progress):gsub(" ", "")) }
    pieces[2] = bar.sizes(each.progress)
    pieces[3] = bar.status(each.progress)
    console.print_error(each.name .. ": " .. table.concat(pieces, ", "))
  end
  if totals then console.print_error(bar.totals(totals, LINE_COLUMNS)) end
end

function Lines.hide() end
function Lines.reading() end

local Events = {}
Events.__index = Events

function Events:show(running)
  for _, each in ipairs(running) do
    local event = { event = "progress", path = reports.json_path(each.path) }
    for key, value in pairs(each.progress) do event[key] = value end
    self.report:event(event)
  end
end

function Events.hide() end
function Events.reading() end

local Silent = {}
Silent.__index = Silent

function Silent.show() end
function Silent.hide() end
function Silent.reading() end

local function is_terminal()
  local kind = os.getenv "TERM"
  return core.isatty(STDERR) and kind ~= "dumb" and kind ~= nil and
    kind ~= ""
end

--- Creates the screen that suits the report and the terminal.
---@param to boxupload.Report
---@return boxupload.Screen
function M.new(report)
  if report.json then
    return setmetatable({ report = report, interval = EVENT_INTERVAL }, Events)
  end
  if report.quiet then
    return setmetatable({ interval = LINE_INTERVAL }, Silent)
  end
  if is_terminal() and not report.verbose then
    return setmetatable({ interval = BAR_INTERVAL, drawn = {} }, Bars)
  end
  return setmetatable({ interval = 1 }, Lines)
end

return M
