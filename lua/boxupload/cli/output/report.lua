-- report: what a command tells, to people or to programs.
-- SPDX-License-Identifier: MIT

local exit_code = require "boxupload.cli.output.exit_code"
local json = require "boxupload.util.json"
local text = require "boxupload.util.text"

local M = {}

-- The version of what --json prints; docs/cli.md describes it.
M.SCHEMA = 1

---@class boxupload.Report
---@field json boolean   one object a line on stdout, for programs
---@field quiet boolean  results and errors only
---@field verbose boolean  exchanges are shown too
---@field screen boxupload.Screen?  what is to be out of the way of a line
---@field auth_advice string?  what to do when signing in fails
local Report = {}
Report.__index = Report

--- Reports as the options say.
---@param args table  of the command line
---@return boxupload.Report
function M.new(args)
  return setmetatable({
    json = args.json or false, quiet = args.quiet or false,
    verbose = args.verbose or false,
  }, Report)
end

-- A line on a stream, above what is being shown.
local function write_line(self, stream, line)
  if self.screen then self.screen:hide() end
  stream:write(line, "\n")
end

--- A result for people, a line on stdout.
---@param line string
function Report:print(line)
  if self.json then return end
  write_line(self, io.stdout, line)
end

--- A remark for people, a line on stderr.
---@param line string
function Report:info(line)
  if self.json or self.quiet then return end
  write_line(self, io.stderr, "boxupload: " .. line)
end

--- An error told again, for people.
---@param line string
function Report:print_error(line)
  if self.json then return end
  write_line(self, io.stderr, "boxupload: " .. line)
end

--- A result for programs, an object on stdout.
---@param event table  { event = name, … }
function Report:event(event)
  if not self.json then return end
  event.schema = M.SCHEMA
  io.stdout:write((assert(json.encode(event))), "\n")
  io.stdout:flush()
end

--- A path as an object has it: as it is, if that is UTF-8.
---@param path string
---@return string
function M.json_path(path)
  return text.characters(path) and path or text.one_line(path)
end

local function error_event(err, path, advice)
  return {
    event = "error", path = path, exit_code = exit_code.of(err),
    kind = err.kind, code = err.code, status = err.status,
    message = err.message, advice = advice, request_id = err.request_id,
    retry_after = err.retry_after, retryable = err.retryable,
    resumable = err.resumable, journal = err.journal,
    abort_error = err.abort_error,
  }
end

-- The library's options as the command has them.
local OPTIONS = {
  file_id = "--file-id", file_name = "--file-name",
  folder_id = "--folder-id", on_conflict = "--on-conflict",
  ca_file = "--ca-file", spool_folder = "TMPDIR",
}

--- An error as one line says it.
---@param err boxupload.Error
---@param path string?  of the file that it is about
---@return string
function M.error_line(err, path)
  local line = err.message:gsub("%f[%w_]%l+_%l+%f[^%w_]", OPTIONS)
  if path then line = text.one_line(path) .. ": " .. line end
  if not err.request_id then return line end
  return ("%s [request id %s]"):format(line, text.one_line(err.request_id))
end

--- An error; returns the exit code for it.
---@param err boxupload.Error
---@param path string?  of the file that it is about
---@return integer exit_code
function Report:fail(err, path)
  local advice = err.kind == "auth" and self.auth_advice or nil
  if self.json then
    self:event(error_event(err, path and M.json_path(path), advice))
    return exit_code.of(err)
  end
  write_line(self, io.stderr, "boxupload: " .. M.error_line(err, path))
  if err.abort_error then
    write_line(self, io.stderr,
      "boxupload: the upload session is left on Box: " ..
      text.one_line(err.abort_error))
  end
  if advice then write_line(self, io.stderr, "boxupload: " .. advice) end
  return exit_code.of(err)
end

--- Sees that all has been written; returns the exit code, or another where
--- what was told is lost.
---@param code integer
---@return integer exit_code
function Report:flush(code)
  local ok, problem = io.stdout:flush()
  if ok then return code end
  write_line(self, io.stderr,
    "boxupload: standard output: " .. tostring(problem))
  return exit_code.worse(code, exit_code.FAILED)
end

--- A misuse of the command line; returns the exit code for it.
---@param message string
---@return integer exit_code
function Report:usage_error(message)
  return self:fail({ kind = "invalid", message = message })
end

return M
