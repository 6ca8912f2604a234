-- manual_page: what argparse knows of the command, in the man format.
-- SPDX-License-Identifier: MIT

local exit_code = require "boxupload.cli.output.exit_code"

local M = {}

local CODES = {
  { exit_code.DONE, "Done." },
  { exit_code.FAILED, "This machine: a full disk, no memory; or a mistake " ..
    "in the command itself." },
  { exit_code.USAGE, "What was asked makes no sense." },
  { exit_code.AUTH, "Signing in failed." },
  { exit_code.DENIED, "Denied, here or by Box, or no room." },
  { exit_code.CONFLICT, "The name is taken, or the upload is under way." },
  { exit_code.CHANGED, "The source isn't what it was, or the file on Box " ..
    "isn't what is here." },
  { exit_code.NOT_FOUND, "Not found, here or on Box." },
  { exit_code.UNAVAILABLE, "The network or the service failed: run it " ..
    "again." },
  { exit_code.RESUMABLE, "Failed, and what is stored is kept: run " ..
    "boxupload resume." },
  { exit_code.INTERRUPTED, "Interrupted." },
}

local EXAMPLES = {
  { "Put a file into the root folder:",
    "boxupload upload --folder-id 0 movie.mkv" },
  { "Go on after a crash:", "boxupload resume" },
  { "See whether it arrived:", "boxupload verify movie.mkv 123456789" },
}

-- A line of text that is text for roff, too.
local function text(value)
  value = value:gsub("%s+", " "):gsub("^ ", "")
  value = value:gsub("\\", "\\e"):gsub("%-", "\\-")
  return (value:gsub("^([.'])", "\\&%1"))
end

local function add(page, ...)
  for _, line in ipairs { ... } do page[#page + 1] = line end
end

local function add_element(page, label, element)
  add(page, ".TP", ".B " .. text(label), text(element:_get_description()))
end

local function add_arguments(page, list)
  for _, argument in ipairs(list) do
    add_element(page, argument:_get_usage(), argument)
  end
end

local function add_options(page, list)
  for _, option in ipairs(list) do
    add_element(page, table.concat(option:_get_label_lines(), " "), option)
  end
end

local function synopsis(command)
  local words = { text(command._name) }
  if #command._options > 0 then words[2] = "[options]" end
  for _, argument in ipairs(command._arguments) do
    words[#words + 1] = text(argument:_get_usage())
  end
  return table.concat(words, " ")
end

local function add_command(page, command)
  add(page, ".SS " .. synopsis(command), text(command:_get_description()))
  if command._epilog then add(page, ".PP", text(command._epilog)) end
  add_arguments(page, command._arguments)
  add_options(page, command._options)
end

local function add_codes(page)
  add(page, ".SH EXIT STATUS")
  for _, row in ipairs(CODES) do
    add(page, ".TP", (".B %d"):format(row[1]), text(row[2]))
  end
end

local function add_examples(page)
  add(page, ".SH EXAMPLES")
  for _, row in ipairs(EXAMPLES) do
    add(page, ".PP", text(row[1]), ".PP", ".nf", text(row[2]), ".fi")
  end
end

--- The manual page of a parser.
---@param parser table  of argparse
---@param version string
---@return string
function M.of(parser, version)
  local page = {
    ('.\\" Made by `boxupload manual`.'),
    ('.TH BOXUPLOAD 1 "" "boxupload %s" "User Commands"'):format(version),
    ".SH NAME", "boxupload \\- puts big files on Box",
    ".SH SYNOPSIS", ".B boxupload", "[options] command ...",
    ".SH DESCRIPTION",
    text("Puts files on Box in parallel parts, goes on after crashes, and " ..
      "sees that what arrived is what was sent."),
    ".SH OPTIONS",
  }
  add_options(page, parser._options)
  add(page, ".SH COMMANDS")
  for _, command in ipairs(parser._commands) do add_command(page, command) end
  if parser._epilog then
    add(page, ".SH ENVIRONMENT",
      text((parser._epilog:gsub("^Environment: *", ""))))
  end
  add_codes(page)
  add_examples(page)
  return table.concat(page, "\n") .. "\n"
end

return M
