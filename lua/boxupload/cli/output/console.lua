-- console: what the command writes to its standard streams and to its log.
-- Nothing else writes there, so whatever a server, a file or a web page says
-- is one harmless line without secrets.
-- SPDX-License-Identifier: MIT

local redact = require "boxupload.util.redact"
local text = require "boxupload.util.text"

local M = {}

local secrets = {}

--- Removes these secrets from now on.
---@param list string[]
function M.hide(list)
  secrets = list
end

--- A line for people: of printable characters, without secrets.
---@param line string
---@return string
function M.clean(line)
  return text.one_line(redact.text(redact.data(line, secrets)))
end

--- Writes a line to standard error.
---@param line string
function M.print_error(line)
  io.stderr:write(M.clean(line), "\n")
end

--- Asks for a line of input on standard error.
---@param question string
function M.ask(question)
  io.stderr:write(M.clean(question), ": ")
  io.stderr:flush()
end

--- Ends a line on standard error that another program didn't.
function M.end_line()
  io.stderr:write("\n")
end

--- Writes what moves a terminal's cursor, and lines that are clean.
---@param ... string
function M.draw(...)
  io.stderr:write(...)
  io.stderr:flush()
end

--- Writes a result to standard output.
---@param line string
---@return any ok, string? problem
function M.print(line)
  return io.stdout:write(text.one_line(redact.data(line, secrets)), "\n")
end

local function json_text(value)
  return text.valid(redact.data(value, secrets), "?")
end

--- Writes a value to standard output as one line of JSON.
---@param value table
---@param encode fun(value: table): string
---@return any ok, string? problem
function M.print_json(value, encode)
  local line = encode(redact.value(value, secrets, json_text))
  return io.stdout:write(text.escape_json(line), "\n")
end

--- Writes a text of the command's own, of any number of lines, to standard
--- output.
---@param page string
---@return any ok, string? problem
function M.print_page(page)
  return io.stdout:write(page)
end

--- Sends off what standard output still holds.
---@return any ok, string? problem
function M.flush()
  return io.stdout:flush()
end

return M
