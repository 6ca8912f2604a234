-- report: what a command tells, to people or to programs.
-- SPDX-License-Identifier: MIT

local exit_code = require "boxupload.cli.exit_code"
local json = require "boxupload.json"
local text = require "boxupload.text"

local M = {}

-- The version of what --json prints; docs/cli.md describes it.
M.SCHEMA = 1

---@class boxupload.Report
---@field json boolean   one object a line on stdout, for programs
---@field quiet boolean  results and errors only
local Report = {}
Report.__index = Report

--- Reports as the options say.
---@param args table  of the command line
---@return boxupload.Report
function M.new(args)
  return setmetatable({
    json = args.json or false, quiet = args.quiet or false,
  }, Report)
end

--- A result for people, a line on stdout.
---@param line string
function Report:say(line)
  if self.json then return end
  io.stdout:write(line, "\n")
end

--- A remark for people, a line on stderr.
---@param line string
function Report:note(line)
  if self.json or self.quiet then return end
  io.stderr:write("boxupload: ", line, "\n")
end

--- A result for programs, an object on stdout.
---@param event table  { event = name, … }
function Report:event(event)
  if not self.json then return end
  event.schema = M.SCHEMA
  io.stdout:write((assert(json.encode(event))), "\n")
  io.stdout:flush()
end

local function event_of(err, path)
  return {
    event = "error", path = path, exit_code = exit_code.of(err),
    kind = err.kind, code = err.code, status = err.status,
    message = err.message, request_id = err.request_id,
    retry_after = err.retry_after, retryable = err.retryable,
    resumable = err.resumable, journal = err.journal,
    abort_error = err.abort_error,
  }
end

--- An error; returns the exit code for it.
---@param err boxupload.Error
---@param path string?  of the file that it is about
---@return integer exit_code
function Report:fail(err, path)
  path = path and text.one_line(path)
  if self.json then
    self:event(event_of(err, path))
    return exit_code.of(err)
  end
  io.stderr:write(("boxupload: %s%s\n"):format(path and path .. ": " or "",
    err.message))
  if err.abort_error then
    io.stderr:write(("boxupload: the upload session is left on Box: %s\n")
      :format(err.abort_error))
  end
  return exit_code.of(err)
end

--- A misuse of the command line; returns the exit code for it.
---@param message string
---@return integer exit_code
function Report:misuse(message)
  return self:fail({ kind = "invalid", message = message })
end

return M
