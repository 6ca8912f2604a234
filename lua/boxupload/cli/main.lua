#!/usr/bin/env lua
-- main: the boxupload command.
-- SPDX-License-Identifier: MIT

local argparse = require "argparse"
local boxupload = require "boxupload"
local core = require "boxupload.core"
local options = require "boxupload.options"
local upload = require "boxupload.cli.upload"

local USAGE = 2

local function version()
  local of = core.versions()
  return ("boxupload %s (%s, libcurl %s, %s)")
    :format(boxupload._VERSION, of.lua, of.curl, of.tls)
end

local function id_for(option)
  return function(value)
    if options.is_id(value) then return value end
    return nil, option .. " takes an id: digits, as in the URL of the item"
  end
end

local function count_for(option)
  return function(value)
    local number = tonumber(value)
    if number and number >= 1 and number == math.floor(number) then
      return number
    end
    return nil, option .. " takes a whole number of at least 1"
  end
end

local function new_parser()
  local parser = argparse("boxupload", "Puts big files on Box.",
    "Environment: BOX_TOKEN (an access token), BOX_API_URL, " ..
    "BOX_UPLOAD_URL, BOX_TOKEN_URL, BOX_CA_FILE.")
  parser:flag("-v --version", "Show the version and exit.")
    :action(function()
      print(version())
      os.exit(0, true)
    end)
  parser:command_target("command")
  local command = parser:command("upload", "Upload files.")
  command:argument("files", "Files to upload."):args("+"):argname("<file>")
  command:option("--folder-id", "The folder to put them in; 0 is the root.")
    :argname("<id>"):convert(id_for "--folder-id")
  command:option("--file-id", "The file to upload a new version of.")
    :argname("<id>"):convert(id_for "--file-id")
  command:option("--file-name", "The name on Box; else the file's own.")
    :argname("<name>")
  command:option("--parallel", "Parts on the network at once; 4 if not set.")
    :argname("<n>"):convert(count_for "--parallel")
  command:option("--on-conflict", "What to do when the name is taken.")
    :choices { "fail", "replace", "rename", "skip_identical" }
  command:flag("--preflight", "Ask Box before anything is sent.")
  command:flag("--no-resume",
    "Keep no journal: a later run can't go on with this one.")
  command:flag("--json", "Print one JSON object a line, for programs.")
  return parser
end

local function main(arguments)
  local ok, parsed = new_parser():pparse(arguments)
  if not ok then
    io.stderr:write(("boxupload: %s; see boxupload --help\n"):format(parsed))
    return USAGE
  end
  return upload.run(parsed)
end

os.exit(main({ ... }), true)
