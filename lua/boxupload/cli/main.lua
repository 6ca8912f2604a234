#!/usr/bin/env lua
-- main: runs the boxupload command.
-- SPDX-License-Identifier: MIT

-- Must come before the other requires: they fail if a dependency is missing.
require("boxupload.cli.dependencies").check()
-- Before anything is opened that would get the number of a closed stream.
require("boxupload.core").fill_standard_streams()

local argparse = require "argparse"
local boxupload = require "boxupload"
local console = require "boxupload.cli.output.console"
local contexts = require "boxupload.cli.context"
local core = require "boxupload.core"
local exit_code = require "boxupload.cli.output.exit_code"
local interrupt = require "boxupload.util.interrupt"

-- In the order of the help. Each is a module with a `summary`, a `define` that
-- adds its arguments to argparse, and a `run` that gets the arguments, the
-- context and the parser and returns the exit code.
local COMMANDS = {
  "upload", "login", "whoami", "logout", "sessions", "resume", "abort", "gc",
  "status", "parts", "commit", "verify", "hash", "doctor", "emulator",
  "completion", "manual",
}

local function version()
  local of = core.versions()
  return ("boxupload %s (%s, libcurl %s, %s)")
    :format(boxupload._VERSION, of.lua, of.curl, of.tls)
end

local function new_parser(commands)
  local parser = argparse("boxupload", "Puts big files on Box.",
    "Environment: BOX_TOKEN (an access token), BOX_API_URL, " ..
    "BOX_UPLOAD_URL, BOX_TOKEN_URL, BOX_CA_FILE.")
  parser:flag("--version", "Show the version and exit.")
    :action(function()
      console.print(version())
      os.exit(exit_code.DONE, true)
    end)
  parser:command_target("command")
  for _, name in ipairs(COMMANDS) do
    commands[name] = require("boxupload.cli.command." .. name)
    commands[name].define(parser:command(name, commands[name].summary))
  end
  return parser
end

local function main(arguments)
  local commands = {}
  local parser = new_parser(commands)
  local ok, args = parser:pparse(arguments)
  if not ok then
    console.print_error(("boxupload: %s (see boxupload --help)")
      :format((args:gsub("%s*\n%s*", ". "))))
    return exit_code.USAGE
  end
  local context = contexts.new(args)
  local code
  ok, code = pcall(commands[args.command].run, args, context, parser)
  context:close()
  if ok then return context.report:finish(code) end
  if interrupt.is(code) then
    context.report:fail { kind = "canceled", message = "interrupted" }
    return exit_code.INTERRUPTED
  end
  context.report:fail { kind = "crashed", message = tostring(code) }
  return exit_code.FAILED
end

local ok, code = pcall(main, { ... })
if not ok then
  console.print_error("boxupload: " .. tostring(code))
  code = interrupt.is(code) and exit_code.INTERRUPTED or exit_code.FAILED
end
os.exit(code, true)
