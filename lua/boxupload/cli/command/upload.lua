-- upload: the command that uploads files.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local core = require "boxupload.core"
local exit_code = require "boxupload.cli.exit_code"
local format = require "boxupload.cli.format"
local interrupt = require "boxupload.interrupt"
local progress = require "boxupload.cli.progress"
local text = require "boxupload.text"

local M = { summary = "Upload files." }

local TICK = 0.1        -- seconds between two looks at the progress
local EVENT_TICK = 0.5  -- between two progress events of --json
local CLEAN_UP = 10     -- for removing the session after an interrupt

--- Gives the command its arguments.
---@param command table  of argparse
function M.define(command)
  command:argument("files", "Files to upload."):args("+"):argname("<file>")
  command:option("-f --folder-id",
    "The folder to put them in; 0 is the root.")
    :argname("<id>"):convert(argument.id "--folder-id")
  command:option("--file-id", "The file to upload a new version of.")
    :argname("<id>"):convert(argument.id "--file-id")
  command:option("--file-name", "The name on Box; else the file's own.")
    :argname("<name>")
  command:option("--parallel", "Parts on the network at once; 4 if not set.")
    :argname("<n>"):convert(argument.count "--parallel")
  command:option("--on-conflict", "What to do when the name is taken.")
    :choices { "fail", "replace", "rename", "skip_identical" }
  command:flag("--preflight", "Ask Box before anything is sent.")
  command:flag("--no-resume",
    "Keep no journal: a later run can't go on with this one.")
  argument.client(command)
end

local function done(report, path, file, seconds)
  path = text.one_line(path)
  report:say(("%s: file %s, version %s, %.0f bytes, sha1 %s, %s/s")
    :format(path, file.id, tostring(file.etag or "?"), file.size, file.sha1,
      format.size(file.size / seconds)))
  report:event {
    event = "done", path = path, file = file, seconds = seconds,
    rate = file.size / seconds, peak_memory = core.peak_memory(),
  }
end

local function failed(report, path, err)
  local code = report:fail(err, path)
  if err.resumable then
    report:note("what is stored is kept: the same command goes on with it")
  end
  return code
end

local function shown(report, path)
  if report.json then
    local function show(now)
      now.event, now.path = "progress", text.one_line(path)
      report:event(now)
    end
    return { interval = EVENT_TICK, show = show, finish = show }
  end
  if report.quiet then
    local function show() end
    return { interval = TICK, show = show, finish = show }
  end
  local bar = progress.new(path)
  return {
    interval = TICK,
    show = function(now) bar:show(now) end,
    finish = function(last) bar:finish(last) end,
  }
end

local function watch(transfer, display)
  display.show(transfer:progress())
  local file, message, err = transfer:wait(display.interval)
  while err and err.code == "still_running" do
    display.show(transfer:progress())
    file, message, err = transfer:wait(display.interval)
  end
  display.finish(transfer:progress())
  return file, message, err
end

local function watch_interruptible(transfer, display)
  local ok, file, _, err = pcall(watch, transfer, display)
  if ok then return file, err end
  if not interrupt.is(file) then error(file, 0) end
  transfer:cancel { keep = transfer.journal_path ~= nil }
  _, _, err = transfer:wait(CLEAN_UP)
  return nil, err
end

local function upload_one(client, path, args, report)
  local began = core.now()
  local transfer, _, err = client:start(path, {
    folder_id = args.folder_id, file_id = args.file_id,
    file_name = args.file_name, parallel = args.parallel,
    on_conflict = args.on_conflict, preflight = args.preflight,
    resume = not args.no_resume,
  })
  if not transfer then return failed(report, path, err) end
  local file
  file, err = watch_interruptible(transfer, shown(report, path))
  if not file then return failed(report, path, err) end
  done(report, path, file, math.max(core.now() - began, 1e-6))
  return exit_code.DONE
end

local function misuse_of(args)
  if not args.folder_id and not args.file_id then
    return "give --folder-id (0 is the root folder), or --file-id for a " ..
      "new version of a file"
  end
  if args.folder_id and args.file_id then
    return "give --folder-id or --file-id, not both"
  end
  if #args.files > 1 and (args.file_id or args.file_name) then
    return "--file-id and --file-name are for one FILE"
  end
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  local problem = misuse_of(args)
  if problem then return context.report:misuse(problem) end
  local client, code = context:need_client()
  if not client then return code end
  local result = exit_code.DONE
  for _, path in ipairs(args.files) do
    code = upload_one(client, path, args, context.report)
    if code == exit_code.INTERRUPTED then return code end
    if code ~= exit_code.DONE then result = code end
  end
  return result
end

return M
