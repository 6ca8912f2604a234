-- outcome: reports how one file ended.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local format = require "boxupload.cli.output.format"
local reports = require "boxupload.cli.output.report"

local M = {}

--- Reports a file that was uploaded, or was on Box already.
---@param to boxupload.Report
---@param entry boxupload.Entry
---@param file table
---@param result "done"|"skipped"
---@param sent integer  bytes sent in this run
function M.report_file(report, entry, file, result, sent)
  local seconds = math.max(core.now() - entry.started_at, 1e-6)
  local path = entry.path
  if result == "skipped" then
    report:print(("%s: already on Box as file %s"):format(path, file.id))
    report:event { event = "skipped", path = reports.json_path(entry.path),
      reason = "identical", file = file }
    return
  end
  report:print(("%s: file %s, version %s, %.0f bytes, sha1 %s, %s/s")
    :format(path, file.id, tostring(file.etag or "?"), entry.size, file.sha1,
      format.size(sent / seconds)))
  report:event {
    event = "done", path = reports.json_path(entry.path), file = file,
    seconds = seconds, rate = sent / seconds,
    peak_memory = core.peak_memory(),
  }
end

--- The error of a file whose upload raised one: a bug, which mustn't end the
--- uploads of other files.
---@param problem any  what was raised
---@return boxupload.Error
function M.crash(problem)
  return failure.of("canceled", "crashed", "uploading the file",
    tostring(problem))
end

local REASONS = {
  symbolic_link = "a symbolic link", special_file = "not a regular file",
}

--- Reports an entry that isn't uploaded because of its kind.
---@param to boxupload.Report
---@param entry boxupload.Entry
function M.report_ignored(report, entry)
  report:info(("%s: left out, it is %s"):format(entry.path,
    REASONS[entry.reason]))
  report:event { event = "skipped", path = reports.json_path(entry.path),
    reason = entry.reason }
end

return M
