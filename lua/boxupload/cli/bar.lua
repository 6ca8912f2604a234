-- bar: an upload as one line of a terminal.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local format = require "boxupload.cli.format"
local text = require "boxupload.text"
local width = require "boxupload.cli.width"

local M = {}

local LEAST_BAR, MOST_BAR = 10, 40
local MOST_NAME = 32
local GAP = 2

local function waiting(progress)
  if not progress.waiting_for then return nil end
  local what = text.one_line(progress.waiting_for)
  if not progress.waiting_until then return "waiting: " .. what end
  local left = math.max(0, progress.waiting_until - core.time())
  return ("waiting %s: %s"):format(format.duration(left), what)
end

local PHASES = {
  starting = "starting", checking = "asking Box", creating = "starting",
  committing = "Box puts it together", aborting = "cleaning up",
}

--- How an upload gets on: its rate and the time left, or what it is at.
---@param progress boxupload.Progress
---@return string
function M.remark(progress)
  local pause = waiting(progress) or PHASES[progress.phase]
  if pause then return pause end
  if not progress.rate then return "" end
  local rate = format.size(progress.rate) .. "/s"
  if not progress.eta or progress.rate <= 0 then return rate end
  return ("%s, %s left"):format(rate, format.duration(progress.eta))
end

--- The bytes, of how many.
---@param progress boxupload.Progress
---@return string
function M.sizes(progress)
  return ("%s of %s"):format(format.size(progress.bytes_sent),
    format.size(progress.file_size))
end

function M.percent(progress)
  return ("%3d%%"):format(format.percent(progress.bytes_sent,
    progress.file_size))
end

local function parts(progress)
  if not progress.total_parts then return "" end
  return ("part %d/%d"):format(progress.parts, progress.total_parts)
end

local function retries(progress)
  if progress.retries == 0 then return "" end
  return format.count(progress.retries, "retry"):gsub("ys$", "ies")
end

-- In the order in which they are shown, and each with the rank by which it
-- is let in while there is room.
local FIELDS = {
  { M.percent, 1 }, { M.sizes, 3 }, { M.remark, 2 }, { parts, 4 },
  { retries, 5 },
}

-- Which of the fields fit, and the columns that they leave.
local function choose(values, room)
  local chosen = {}
  for rank = 1, #FIELDS do
    for at, field in ipairs(FIELDS) do
      local columns = width.of(values[at]) + GAP
      if field[2] == rank and columns > GAP and columns <= room then
        chosen[at], room = true, room - columns
      end
    end
  end
  return chosen, room
end

local function draw(columns, progress)
  local inside = columns - 2
  local share = progress.file_size > 0 and
    math.min(1, progress.bytes_sent / progress.file_size) or 1
  local full = math.floor(inside * share)
  local head = full < inside and ">" or ""
  return "[" .. ("="):rep(full) .. head ..
    (" "):rep(inside - full - #head) .. "]"
end

--- The line of an upload, as wide as can be without touching the last
--- column, where some terminals wrap.
---@param name string
---@param progress boxupload.Progress
---@param columns integer  of the terminal
---@return string
function M.line(name, progress, columns)
  columns = columns - 1
  local name_room = math.min(MOST_NAME, math.max(6, math.floor(columns / 4)))
  local values = {}
  for at, field in ipairs(FIELDS) do values[at] = (field[1](progress)) end
  -- A remark that says what is waited for is cut, not left out.
  values[3] = width.cut(values[3], math.max(4,
    columns - name_room - width.of(values[1]) - 2 * GAP))
  local chosen, room = choose(values, columns - name_room)
  local pieces = { width.fit(name, name_room) }
  if room >= LEAST_BAR + GAP then
    pieces[2] = draw(math.min(MOST_BAR, room - GAP), progress)
  end
  for at in ipairs(FIELDS) do
    if chosen[at] then pieces[#pieces + 1] = values[at] end
  end
  return width.cut(table.concat(pieces, (" "):rep(GAP)), columns)
end

--- What many files come to, as one line.
---@param totals boxupload.Totals
---@return string
function M.totals(totals)
  local line = ("%d of %s, %s of %s"):format(totals.files_over,
    format.count(totals.files, "file"), format.size(totals.bytes_over),
    format.size(totals.bytes))
  if not totals.rate then return line end
  line = ("%s, %s/s"):format(line, format.size(totals.rate))
  if not totals.eta then return line end
  return ("%s, %s left"):format(line, format.duration(totals.eta))
end

return M
