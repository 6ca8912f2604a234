-- manual_page: renders the argparse parser as a manual page.
-- SPDX-License-Identifier: MIT

local exit_code = require "boxupload.cli.output.exit_code"

local M = {}

local CODES = {
  { exit_code.DONE, "Done." },
  { exit_code.FAILED, "A problem of this machine, such as a full disk, or " ..
    "a bug in the command." },
  { exit_code.USAGE, "Usage: the arguments are invalid." },
  { exit_code.AUTH, "Signing in failed." },
  { exit_code.DENIED, "Denied, here or by Box, or out of space." },
  { exit_code.CONFLICT, "The name is taken, or another process is " ..
    "uploading the file." },
  { exit_code.CHANGED, "The source changed, or the file on Box differs " ..
    "from the one here." },
  { exit_code.NOT_FOUND, "Not found, here or on Box." },
  { exit_code.UNAVAILABLE, "The network or the service failed: run it " ..
    "again." },
  { exit_code.RESUMABLE, "Failed, but the stored parts are kept: run " ..
    "boxupload resume." },
  { exit_code.INTERRUPTED, "Interrupted." },
}

local EXAMPLES = {
  { "Put a file into the root folder:",
    "boxupload upload --folder-id 0 movie.mkv" },
  { "Resume after a crash:", "boxupload resume" },
  { "Check that it arrived intact:", "boxupload verify movie.mkv 123456789" },
}

-- Escapes a text for roff and puts it on one line.
local function roff(value)
  value = value:gsub("%s+", " "):gsub("^ ", "")
  value = value:gsub("\\", "\\e"):gsub("%-", "\\-")
  return (value:gsub("^([.'])", "\\&%1"))
end

local function append(page, ...)
  for _, line in ipairs { ... } do page[#page + 1] = line end
end

local function append_element(page, label, element)
  append(page, ".TP", ".B " .. roff(label), roff(element:_get_description()))
end

local function append_arguments(page, list)
  for _, argument in ipairs(list) do
    append_element(page, argument:_get_usage(), argument)
  end
end

local function append_options(page, list)
  for _, option in ipairs(list) do
    append_element(page, table.concat(option:_get_label_lines(), " "), option)
  end
end

local function synopsis(command)
  local words = { roff(command._name) }
  if #command._options > 0 then words[2] = "[options]" end
  for _, argument in ipairs(command._arguments) do
    words[#words + 1] = roff(argument:_get_usage())
  end
  return table.concat(words, " ")
end

local function append_command(page, command)
  append(page, ".SS " .. synopsis(command), roff(command:_get_description()))
  if command._epilog then append(page, ".PP", roff(command._epilog)) end
  append_arguments(page, command._arguments)
  append_options(page, command._options)
end

local function append_codes(page)
  append(page, ".SH EXIT STATUS")
  for _, row in ipairs(CODES) do
    append(page, ".TP", (".B %d"):format(row[1]), roff(row[2]))
  end
end

local function append_examples(page)
  append(page, ".SH EXAMPLES")
  for _, row in ipairs(EXAMPLES) do
    append(page, ".PP", roff(row[1]), ".PP", ".nf", roff(row[2]), ".fi")
  end
end

--- Renders the manual page of a parser.
---@param parser table  of argparse
---@param version string
---@return string
function M.render(parser, version)
  local page = {
    ('.\\" Made by `boxupload manual`.'),
    ('.TH BOXUPLOAD 1 "" "boxupload %s" "User Commands"'):format(version),
    ".SH NAME", "boxupload \\- puts big files on Box",
    ".SH SYNOPSIS", ".B boxupload", "[options] command ...",
    ".SH DESCRIPTION",
    roff("Uploads files to Box in parallel parts, resumes after crashes, " ..
      "and verifies that each file arrived intact."),
    ".SH OPTIONS",
  }
  append_options(page, parser._options)
  append(page, ".SH COMMANDS")
  for _, command in ipairs(parser._commands) do
    append_command(page, command)
  end
  if parser._epilog then
    append(page, ".SH ENVIRONMENT",
      roff((parser._epilog:gsub("^Environment: *", ""))))
  end
  append_codes(page)
  append_examples(page)
  return table.concat(page, "\n") .. "\n"
end

return M
