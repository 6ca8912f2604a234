-- emulator: the command that starts the Box emulator.
-- SPDX-License-Identifier: MIT

local exit_code = require "boxupload.cli.output.exit_code"
local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"

local M = { summary = "Start a local Box emulator, for tests." }

local OPERATION = "starting the Box emulator"
local NAME = "box-emulator"

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  command:argument("arguments",
    "Options of the emulator itself, after a --; `-- --help` lists them.")
    :args("*"):argname("<argument>")
  command:flag("--json", "Print one JSON object, for programs.")
  command:epilog("It runs until it is interrupted, and first prints the " ..
    "variables that point the command at it.")
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function command_output(command)
  local pipe = io.popen(command)
  local text = pipe and pipe:read("*a") or ""
  if pipe then pipe:close() end
  return text:match("^[^\n]*")
end

local function file_exists(path)
  local file = path and path ~= "" and io.open(path, "rb")
  if file then file:close() end
  return file and true or false
end

-- The script that starts the command sets BOX_EMULATOR to the emulator that is
-- installed with it.
local function find_program()
  local named = os.getenv "BOX_EMULATOR"
  if file_exists(named) then return named end
  local found = command_output("command -v " .. NAME .. " 2>/dev/null")
  return found ~= "" and found or nil
end

local function no_emulator_error()
  return failure.of("gone", "no_emulator", OPERATION,
    "there is no " .. NAME, "build it by `make emulator` in boxupload's " ..
    "source, and install it by `make install`, or name it in BOX_EMULATOR")
end

local VARIABLES = {
  { "BOX_TOKEN", "token" }, { "BOX_API_URL", "api_url" },
  { "BOX_UPLOAD_URL", "upload_url" }, { "BOX_TOKEN_URL", "token_url" },
  { "BOX_CA_FILE", "ca_file" },
}

local function report_variables(report, settings)
  report:info("the Box emulator runs until it is interrupted; in another " ..
    "shell:")
  for _, row in ipairs(VARIABLES) do
    local value = settings[row[2]]
    if value then report:print("export " .. row[1] .. "=" .. quote(value)) end
  end
  report:flush()
  settings.event = "emulator"
  report:event(settings)
end

-- The emulator exits when its standard input closes. That is a pipe from this
-- process, so the emulator also exits if this process crashes. Lua can't open
-- a second pipe to it, so its output comes through a named one.
local function start_emulator(program, arguments)
  local folder = command_output("mktemp -d")
  local fifo = quote(folder .. "/out")
  local words = { "exec", quote(program), "--exit-on-eof" }
  for _, word in ipairs(arguments) do words[#words + 1] = quote(word) end
  local pipe = os.execute("mkfifo " .. fifo) and
    io.popen(table.concat(words, " ") .. " >" .. fifo, "w")
  -- Blocks until the emulator's shell opens the other end.
  local out = pipe and io.open(folder .. "/out", "r")
  os.execute("rm -rf " .. quote(folder))
  return pipe, out
end

local function run_emulator(report, program, arguments)
  local pipe, out = start_emulator(program, arguments)
  if not out then
    return report:fail(failure.of("invalid", "system", OPERATION,
      "there is no folder for temporary files", "set TMPDIR"))
  end
  local line = out:read("*l")
  local settings = line and json.decode(line)
  if settings then report_variables(report, settings) end
  while line do
    if not settings then report:print(line) end
    line = out:read("*l")
  end
  out:close()
  pipe:close()
  if settings or arguments[1] == "--help" then return exit_code.DONE end
  return exit_code.USAGE  -- the emulator has printed why
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  local program = find_program()
  if not program then return context.report:fail(no_emulator_error()) end
  return run_emulator(context.report, program, args.arguments)
end

return M
