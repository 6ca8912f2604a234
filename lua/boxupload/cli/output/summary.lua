-- summary: counts how the files of a run ended, and prints the counts.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local exit_code = require "boxupload.cli.output.exit_code"
local format = require "boxupload.cli.output.format"
local reports = require "boxupload.cli.output.report"

local M = {}

local MAX_FAILURES = 10  -- repeated at the end

---@class boxupload.Summary
---@field files integer       counted by the scan
---@field bytes integer       total size of these files
---@field done integer        files uploaded
---@field skipped integer     files that are on Box already
---@field failed integer      files and folders that failed
---@field canceled integer    files started, then stopped for another reason
---@field folders integer     folders created on Box
---@field ignored integer     symbolic links and special files
---@field bytes_sent integer  sent for finished files
---@field bytes_over integer  sizes of finished files, sent or not
---@field resumable integer   failed or canceled files that can be resumed
---@field code integer        the exit code so far
local Summary = {}
Summary.__index = Summary

---@return boxupload.Summary
function M.new()
  return setmetatable({
    files = 0, bytes = 0, done = 0, skipped = 0, failed = 0, canceled = 0,
    folders = 0, ignored = 0, bytes_sent = 0, bytes_over = 0,
    resumable = 0, failures = {}, code = exit_code.DONE,
    started_at = core.now(),
  }, Summary)
end

--- Counts a finished file.
---@param entry boxupload.Entry
---@param outcome "done"|"skipped"|"failed"|"canceled"
---@param bytes_sent integer
function Summary:add_file(entry, outcome, bytes_sent)
  self[outcome] = self[outcome] + 1
  self.bytes_sent = self.bytes_sent + bytes_sent
  self.bytes_over = self.bytes_over + (entry.size or 0)
end

--- Records the error of a file or folder.
---@param err boxupload.Error
---@param path string
function Summary:add_failure(err, path)
  self.code = exit_code.worse(self.code, exit_code.of(err))
  if #self.failures < MAX_FAILURES then
    self.failures[#self.failures + 1] = reports.error_line(err, path)
  end
end

--- The number of finished files.
---@return integer
function Summary:files_over()
  return self.done + self.skipped + self.failed + self.canceled
end

-- Not below 0: `failed` includes folders and paths that can't be opened, which
-- `files` doesn't count.
local function not_uploaded(self)
  return math.max(0, self.files - self.done - self.skipped - self.failed)
end

local function counts_text(self)
  local parts = { format.count(self.done, "file") .. " uploaded" }
  local function add(number, what)
    if number > 0 then parts[#parts + 1] = ("%d %s"):format(number, what) end
  end
  add(self.skipped, "already there")
  add(self.failed, "failed")
  add(not_uploaded(self), "not uploaded")
  return table.concat(parts, ", ")
end

local function print_failures(self, report)
  for _, line in ipairs(self.failures) do report:print_error("  " .. line) end
  local more = self.failed - #self.failures
  if more > 0 then report:print_error(("  and %d more"):format(more)) end
end

local function rate_text(self, seconds)
  if self.bytes_sent == 0 then return "" end
  return ("; %s in %s, %s/s"):format(format.size(self.bytes_sent),
    format.duration(seconds), format.size(self.bytes_sent / seconds))
end

-- Prints nothing for a single file: its line says it all.
local function print_counts(self, report, seconds)
  if math.max(self.files, self:files_over()) < 2 and self.folders == 0 then
    return
  end
  local line = counts_text(self) .. rate_text(self, seconds)
  if self.failed == 0 then return report:info(line) end
  -- The errors of a few files are still visible on the screen.
  local many = self:files_over() > MAX_FAILURES
  report:print_error(line .. (many and ":" or ""))
  if many then print_failures(self, report) end
end

--- Prints the summary.
---@param to boxupload.Report
function Summary:print(report)
  local seconds = math.max(core.now() - self.started_at, 1e-6)
  print_counts(self, report, seconds)
  report:event {
    event = "summary", exit_code = self.code, files = self.files,
    bytes = self.bytes, done = self.done, skipped = self.skipped,
    failed = self.failed, left = not_uploaded(self),
    folders_made = self.folders, ignored = self.ignored,
    bytes_sent = self.bytes_sent, seconds = seconds,
    peak_memory = core.peak_memory(),
  }
end

return M
