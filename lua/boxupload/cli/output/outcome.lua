-- outcome: tells what came of one file.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local format = require "boxupload.cli.output.format"
local report = require "boxupload.cli.output.report"
local text = require "boxupload.util.text"

local M = {}

--- A file that is on Box now, or was already.
---@param to boxupload.Report
---@param entry boxupload.Entry
---@param file table
---@param what "done"|"skipped"
---@param sent integer  bytes, in this run
function M.tell(to, entry, file, what, sent)
  local seconds = math.max(core.now() - entry.began, 1e-6)
  local path = text.one_line(entry.path)
  if what == "skipped" then
    to:say(("%s: the same is there, file %s"):format(path, file.id))
    to:event { event = "skipped", path = report.path(entry.path),
      reason = "identical", file = file }
    return
  end
  to:say(("%s: file %s, version %s, %.0f bytes, sha1 %s, %s/s")
    :format(path, file.id, tostring(file.etag or "?"), entry.size, file.sha1,
      format.size(sent / seconds)))
  to:event {
    event = "done", path = report.path(entry.path), file = file,
    seconds = seconds, rate = sent / seconds,
    peak_memory = core.peak_memory(),
  }
end

local NAMES = {
  symbolic_link = "a symbolic link", special_file = "no regular file",
}

--- What isn't uploaded, for what it is.
---@param to boxupload.Report
---@param entry boxupload.Entry
function M.ignored(to, entry)
  to:note(("%s: left out, it is %s"):format(text.one_line(entry.path),
    NAMES[entry.reason]))
  to:event { event = "skipped", path = report.path(entry.path),
    reason = entry.reason }
end

return M
