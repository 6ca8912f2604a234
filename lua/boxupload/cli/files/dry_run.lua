-- dry_run: tells what an upload would do.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local exit_code = require "boxupload.cli.output.exit_code"
local format = require "boxupload.cli.output.format"
local outcome = require "boxupload.cli.output.outcome"
local report = require "boxupload.cli.output.report"
local text = require "boxupload.util.text"

local M = {}

-- Where a folder would be on Box: an id, and the names below it.
local function place_of(folder)
  if folder.id then return "folder " .. folder.id end
  return place_of(folder.parent) .. "/" .. folder.name
end

local function tell(to, entry, action, target, line)
  to:say(line)
  to:event {
    event = "dry_run", action = action, path = report.path(entry.path),
    target = report.path(target), file_size = entry.size,
  }
end

local tells = {}

function tells.folder(to, entry)
  local target = place_of(entry)
  tell(to, entry, "make_folder", target, ("%s: would be %s")
    :format(text.one_line(entry.path), text.one_line(target)))
end

function tells.file(to, entry, args)
  local target = args.file_id and "file " .. args.file_id or
    ("%s/%s"):format(place_of(entry.parent), args.file_name or entry.name)
  tell(to, entry, "upload", target, ("%s: %s would go to %s")
    :format(text.one_line(entry.path), format.size(entry.size),
      text.one_line(target)))
end

tells.skip = outcome.ignored

--- Tells it of all that a walk finds.
---@param walk boxupload.Walk
---@param args table
---@param to boxupload.Report
---@param summary boxupload.Summary  of the scan
---@return integer exit_code
function M.run(walk, args, to, summary)
  local code = exit_code.DONE
  for entry in function() return walk:next() end do
    if entry.kind == "error" then
      code = exit_code.worse(code, to:fail(entry.err, entry.path))
    else
      tells[entry.kind](to, entry, args)
    end
  end
  to:event {
    event = "summary", exit_code = code, files = summary.files,
    bytes = summary.bytes, peak_memory = core.peak_memory(),
  }
  return code
end

return M
