-- bar: draws the progress of an upload as one line of a terminal.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local format = require "boxupload.cli.output.format"
local text = require "boxupload.util.text"
local width = require "boxupload.cli.output.width"

local M = {}

local MIN_BAR, MAX_BAR = 10, 40
local MAX_NAME = 32
local GAP = 2

local function waiting_text(progress)
  if not progress.waiting_for then return nil end
  local what = text.one_line(progress.waiting_for)
  if not progress.waiting_until then return "waiting: " .. what end
  local left = math.max(0, progress.waiting_until - core.time())
  return ("waiting %s: %s"):format(format.duration(left), what)
end

local PHASES = {
  starting = "starting", checking = "asking Box", creating = "starting",
  committing = "Box assembles the file", aborting = "cleaning up",
}

--- The rate and the time left, or what the upload is waiting for or doing.
---@param progress boxupload.Progress
---@return string
function M.status(progress)
  local pause = waiting_text(progress) or PHASES[progress.phase]
  if pause then return pause end
  if progress.bytes_sent >= progress.file_size then
    return "waiting for Box"
  end
  if not progress.rate then return "" end
  local rate = format.size(progress.rate) .. "/s"
  if not progress.eta or progress.rate <= 0 then return rate end
  return ("%s, %s left"):format(rate, format.duration(progress.eta))
end

--- The bytes sent and the file size.
---@param progress boxupload.Progress
---@return string
function M.sizes(progress)
  return format.share(progress.bytes_sent, progress.file_size)
end

function M.percent(progress)
  return ("%3d%%"):format(format.percent(progress.bytes_sent,
    progress.file_size))
end

local function parts_text(progress)
  if not progress.total_parts then return "" end
  return ("part %d/%d"):format(progress.parts, progress.total_parts)
end

local function retries_text(progress)
  if progress.retries == 0 then return "" end
  return format.count(progress.retries, "retry"):gsub("ys$", "ies")
end

-- Chooses the values that fit, in the order of their priorities, and returns
-- the columns left over.
local function choose_values(values, priorities, room)
  local chosen = {}
  for priority = 1, #priorities do
    for at, value in ipairs(values) do
      local columns = width.of(value) + GAP
      if priorities[at] == priority and columns > GAP and columns <= room then
        chosen[at], room = true, room - columns
      end
    end
  end
  return chosen, room
end

local function join_chosen(pieces, values, chosen)
  for at, value in ipairs(values) do
    if chosen[at] then pieces[#pieces + 1] = value end
  end
  return table.concat(pieces, (" "):rep(GAP))
end

local function draw_bar(columns, progress)
  local inside = columns - 2
  local share = progress.file_size > 0 and
    math.min(1, progress.bytes_sent / progress.file_size) or 1
  local full = math.floor(inside * share)
  local head = full < inside and ">" or ""
  return "[" .. ("="):rep(full) .. head ..
    (" "):rep(inside - full - #head) .. "]"
end

local PRIORITIES = { 1, 3, 2, 4, 5 }

-- The values of a line. The status is cut to fit rather than left out.
local function line_values(progress, room)
  local percent = M.percent(progress)
  local status = width.cut(M.status(progress),
    math.max(4, room - #percent - 2 * GAP))
  return { percent, M.sizes(progress), status, parts_text(progress),
    (retries_text(progress)) }
end

--- The line of an upload. It leaves the last column free, because some
--- terminals wrap there.
---@param name string
---@param progress boxupload.Progress
---@param columns integer  width of the terminal
---@return string
function M.line(name, progress, columns)
  columns = columns - 1
  local name_room = math.min(MAX_NAME, math.max(6, math.floor(columns / 4)))
  local room = columns - name_room
  local values = line_values(progress, room)
  local min_columns = width.of(values[1]) + width.of(values[3]) + 2 * GAP
  local for_bar = room - min_columns >= MIN_BAR + GAP and MIN_BAR + GAP or 0
  local chosen, left = choose_values(values, PRIORITIES, room - for_bar)
  local pieces = { width.fit(name, name_room) }
  if for_bar > 0 then
    pieces[2] = draw_bar(math.min(MAX_BAR, left + MIN_BAR), progress)
  end
  return width.cut(join_chosen(pieces, values, chosen), columns)
end

--- The line with the totals of all files.
---@param totals boxupload.Totals
---@param columns integer  width of the terminal
---@return string
function M.totals(totals, columns)
  local values = {
    ("%d/%s"):format(totals.files_over, format.count(totals.files, "file")),
    format.share(totals.bytes_over, totals.bytes),
    totals.rate and format.size(totals.rate) .. "/s" or "",
    totals.eta and format.duration(totals.eta) .. " left" or "",
  }
  local chosen = choose_values(values, { 1, 3, 4, 2 }, columns - 1 + GAP)
  return join_chosen({}, values, chosen)
end

return M
