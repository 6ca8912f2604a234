-- report: prints a command's results and errors, as text or as JSON.
-- SPDX-License-Identifier: MIT

local console = require "boxupload.cli.output.console"
local exit_code = require "boxupload.cli.output.exit_code"
local json = require "boxupload.util.json"
local text = require "boxupload.util.text"

local M = {}

-- The version of the JSON output, which docs/cli.md describes.
M.SCHEMA = 1

---@class boxupload.Report
---@field json boolean     print one JSON object a line on stdout
---@field quiet boolean    print only results and errors
---@field verbose boolean  exchanges are logged on stderr
---@field screen boxupload.Screen?  hidden before a line is printed
---@field lost string?      why some output couldn't be written
---@field auth_advice string?       printed after an authentication error
local Report = {}
Report.__index = Report

--- Creates a report.
---@param args table  parsed command line
---@return boxupload.Report
function M.new(args)
  return setmetatable({
    json = args.json or false, quiet = args.quiet or false,
    verbose = args.verbose or false,
  }, Report)
end

-- Hides the progress first, so that the line appears above it.
local function print_error(self, line)
  if self.screen then self.screen:hide() end
  console.print_error("boxupload: " .. line)
end

-- Notes when writing to stdout has failed: a later flush may not tell.
local function note_loss(self, ok, problem)
  if not ok then self.lost = self.lost or problem end
end

--- Prints a text of the command's own, of any number of lines, on stdout.
---@param page string
function Report:print_page(page)
  note_loss(self, console.print_page(page))
end

--- Prints a result on stdout.
---@param line string
function Report:print(line)
  if self.json then return end
  if self.screen then self.screen:hide() end
  note_loss(self, console.print(line))
end

--- Prints a remark on stderr, unless --quiet is given.
---@param line string
function Report:info(line)
  if self.json or self.quiet then return end
  print_error(self, line)
end

--- Prints an upload's "warning" event.
---@param event table
---@param path string  the file that is uploaded
function Report:warning(event, path)
  self:info(("%s: warning: %s"):format(path, event.message))
  event.path = M.json_path(path)
  self:event(event)
end

--- Prints a line about errors on stderr, even with --quiet. Unlike `fail`, it
--- prints no JSON: the error has been reported before.
---@param line string
function Report:print_error(line)
  if self.json then return end
  print_error(self, line)
end

-- An event with fields that JSON doesn't have is told without them.
local function encode_event(event)
  local line, problem = json.encode(event)
  return line or assert(json.encode {
    schema = M.SCHEMA, event = event.event,
    path = event.path and M.json_path(event.path),
    problem = "its other fields can't be written: " .. problem,
  })
end

--- Prints a JSON object on stdout.
---@param event table  { event = name, … }
function Report:event(event)
  if not self.json then return end
  event.schema = M.SCHEMA
  note_loss(self, console.print_json(event, encode_event))
  self:flush()
end

--- A path for JSON, with `?` for each byte that isn't valid UTF-8.
---@param path string
---@return string
function M.json_path(path)
  return text.valid(path, "?")
end

-- Library options in error messages, and what the command calls them. Phrases
-- come first.
local PHRASES = {
  { "none: content_%l+_at = false", "--no-times" },
  { "give another description", "give another --description" },
}
local OPTIONS = {
  content_created_at = "--created-at", content_modified_at = "--modified-at",
  file_id = "--file-id", file_name = "--file-name",
  folder_id = "--folder-id", on_conflict = "--on-conflict",
  ca_file = "--ca-file", spool_folder = "TMPDIR",
}

local function in_words_of_command(message)
  for _, each in ipairs(PHRASES) do
    message = message:gsub(each[1], each[2])
  end
  return (message:gsub("%f[%w_]%l+_[%l_]+%f[^%w_]", OPTIONS))
end

local function error_event(err, path, advice)
  return {
    event = "error", path = path, exit_code = exit_code.of(err),
    kind = err.kind, code = err.code, status = err.status,
    message = console.clean(in_words_of_command(err.message)),
    advice = advice,
    request_id = err.request_id,
    retry_after = err.retry_after, retryable = err.retryable,
    resumable = err.resumable, journal = err.journal,
    abort_error = err.abort_error,
  }
end

--- Formats an error as one line.
---@param err boxupload.Error
---@param path string?  the file that failed
---@return string
function M.error_line(err, path)
  local line = in_words_of_command(err.message)
  if path then line = path .. ": " .. line end
  if not err.request_id then return line end
  return ("%s [request id %s]"):format(line, err.request_id)
end

--- Reports an error and returns its exit code.
---@param err boxupload.Error
---@param path string?  the file that failed
---@return integer exit_code
function Report:fail(err, path)
  local advice = err.kind == "auth" and self.auth_advice or nil
  if self.json then
    self:event(error_event(err, path and M.json_path(path), advice))
    return exit_code.of(err)
  end
  print_error(self, M.error_line(err, path))
  if err.abort_error then
    print_error(self, "the upload session is left on Box: " ..
      err.abort_error)
  end
  if advice then print_error(self, advice) end
  return exit_code.of(err)
end

--- Sends off what stdout still holds.
function Report:flush()
  note_loss(self, console.flush())
end

--- Ends the output. Returns the exit code, or a worse one if some was lost.
---@param code integer
---@return integer exit_code
function Report:finish(code)
  self:flush()
  if not self.lost then return code end
  print_error(self, "standard output: " .. self.lost)
  return exit_code.worse(code, exit_code.FAILED)
end

--- Reports wrong usage of the command and returns the exit code.
---@param message string
---@return integer exit_code
function Report:usage_error(message)
  return self:fail({ kind = "invalid", message = message })
end

return M
