-- sessions: the command that lists the unfinished uploads of this machine.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local core = require "boxupload.core"
local exit_code = require "boxupload.cli.output.exit_code"
local format = require "boxupload.cli.output.format"
local text = require "boxupload.util.text"
local timestamp = require "boxupload.util.timestamp"
local unfinished = require "boxupload.cli.unfinished"

local M = { summary = "List the unfinished uploads of this machine." }

local LINE = "%-12s  %-26s  %-11s  %-6s  %-8s  %-7s  %s"
local UNITS = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } }

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  argument.add_report_options(command)
end

local function duration_text(seconds)
  for _, unit in ipairs(UNITS) do
    if seconds >= unit[1] then
      return ("%.0f %s"):format(math.floor(seconds / unit[1]), unit[2])
    end
  end
  return "0 s"
end

local function age_text(entry, now)
  local created = timestamp.parse_rfc3339(entry.created_at)
  return created and duration_text(math.max(0, now - created)) or "?"
end

local function expiry_text(entry, now)
  local expires = timestamp.parse_rfc3339(entry.session_expires_at)
  if not expires then return "?" end
  return expires > now and "in " .. duration_text(expires - now) or "expired"
end

local function stored_text(entry)
  return ("%.0f%%, %s of %s"):format(
    format.percent(entry.bytes_stored, entry.file_size),
    format.size(entry.bytes_stored), format.size(entry.file_size))
end

local function part_count_text(entry)
  return ("%d/%.0f"):format(entry.parts, entry.total_parts)
end

local function upload_line(entry, now)
  if not entry.session_id then
    return LINE:format(entry.id, "-", "-", "-", "-", entry.state,
      text.one_line(entry.problem or entry.path))
  end
  return LINE:format(entry.id, stored_text(entry), part_count_text(entry),
    age_text(entry, now), expiry_text(entry, now), entry.state,
    text.one_line(entry.file))
end

local function upload_event(entry)
  return {
    event = "upload", id = entry.id, journal = entry.path,
    state = entry.state, running = entry.state == "running",
    problem = entry.problem, file = entry.file,
    file_size = entry.file_size, bytes_stored = entry.bytes_stored,
    parts = entry.parts, total_parts = entry.total_parts,
    target = entry.target, session_id = entry.session_id,
    session_expires_at = entry.session_expires_at,
    created_at = entry.created_at,
  }
end

--- Runs the command.
---@param _ table
---@param context boxupload.Context
---@return integer exit_code
function M.run(_, context)
  local report, now = context.report, core.time()
  local list, err = unfinished.list()
  if not list then return report:fail(err) end
  if #list == 0 then report:info("there are no unfinished uploads") end
  if #list > 0 then
    report:print(LINE:format("ID", "STORED", "PARTS", "AGE", "EXPIRES",
      "STATE", "FILE"))
  end
  for _, entry in ipairs(list) do
    report:print(upload_line(entry, now))
    report:event(upload_event(entry))
  end
  return exit_code.DONE
end

return M
