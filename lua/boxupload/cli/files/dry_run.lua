-- dry_run: prints what an upload would do.
-- SPDX-License-Identifier: MIT

local clash = require "boxupload.cli.files.clash"
local core = require "boxupload.core"
local exit_code = require "boxupload.cli.output.exit_code"
local format = require "boxupload.cli.output.format"
local outcome = require "boxupload.cli.output.outcome"
local reports = require "boxupload.cli.output.report"
local text = require "boxupload.util.text"

local M = {}

-- The place of a folder on Box: the id of the nearest existing folder, and the
-- names below it.
local function target_of(folder)
  if folder.id then return "folder " .. folder.id end
  return target_of(folder.parent) .. "/" .. folder.name
end

local function print_action(report, entry, action, target, line)
  report:print(line)
  report:event {
    event = "dry_run", action = action, path = reports.json_path(entry.path),
    target = reports.json_path(target),
    file_size = not entry.is_stream and entry.size or nil,
    same_as = entry.same_as and reports.json_path(entry.same_as),
  }
end

local print_entry = {}

function print_entry.folder(report, entry)
  local target = target_of(entry)
  print_action(report, entry, "make_folder", target, ("%s: would be %s")
    :format(text.one_line(entry.path), text.one_line(target)))
end

function print_entry.file(report, entry, args)
  local target = args.file_id and "file " .. args.file_id or
    ("%s/%s"):format(target_of(entry.parent), args.file_name or entry.name)
  local what = entry.is_stream and "what is read from it" or
    format.size(entry.size)
  print_action(report, entry, "upload", target, ("%s: %s would go to %s")
    :format(text.one_line(entry.path), what, text.one_line(target)))
end

print_entry.skip = outcome.report_ignored

--- Prints what would happen to each entry of a walk.
---@param walk boxupload.Walk
---@param args table
---@param to boxupload.Report
---@param summary boxupload.Summary  filled in by the scan
---@return integer exit_code
function M.print(walk, args, report, summary)
  local code = summary.code
  for entry in function() return walk:next() end do
    if entry.kind == "error" then
      code = exit_code.worse(code, report:fail(entry.err, entry.path))
    elseif not clash.error(entry, args.on_conflict, args.verify) then
      print_entry[entry.kind](report, entry, args)
    end
  end
  report:event {
    event = "summary", exit_code = code, files = summary.files,
    bytes = summary.bytes, peak_memory = core.peak_memory(),
  }
  return code
end

return M
