-- upload: the command that uploads files and folders.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local batches = require "boxupload.cli.files.batch"
local core = require "boxupload.core"
local dry_run = require "boxupload.cli.files.dry_run"
local exit_code = require "boxupload.cli.output.exit_code"
local glob = require "boxupload.cli.files.glob"
local journal = require "boxupload.journal.journal"
local limits = require "boxupload.limits"
local progress = require "boxupload.cli.output.progress"
local scan = require "boxupload.cli.files.scan"
local stream = require "boxupload.cli.files.stream"
local summaries = require "boxupload.cli.output.summary"
local text = require "boxupload.util.text"
local upload_arguments = require "boxupload.cli.upload_arguments"
local walks = require "boxupload.cli.files.walk"

local M = {
  summary = "Upload files and folders.",
  define = upload_arguments.define,
}

-- Expands patterns as the shell would. A pattern without matches stays, and is
-- reported as not found.
local function expand_paths(paths)
  local expanded = {}
  for _, path in ipairs(paths) do
    local found = {}
    if glob.is_pattern(path) and not core.look(path) then
      found = glob.expand(path)
    end
    if not found[1] then found = { path } end
    for _, each in ipairs(found) do expanded[#expanded + 1] = each end
  end
  return expanded
end

-- One text for the spellings of a path, but for those of "folder/.".
local function normal_path(path)
  local before
  path = path:gsub("/+", "/"):gsub("(.)/$", "%1")
  repeat
    before = path
    path = path:gsub("^%./(.)", "%1")
  until path == before
  return path
end

-- Leaves out a path that was named before, as overlapping patterns do.
local function distinct_paths(paths, report)
  local distinct, seen = {}, {}
  for _, path in ipairs(paths) do
    local key = normal_path(path)
    if seen[key] then
      report:info(text.one_line(path) .. ": named more than once")
    else
      distinct[#distinct + 1] = path
    end
    seen[key] = true
  end
  return distinct
end

local function folder_problem(args)
  for _, path in ipairs(args.paths) do
    if not stream.is(path) and core.look(path, true) == "folder" then
      if args.file_id or args.file_name then
        return "--file-id and --file-name are for a file, and " .. path ..
          " is a folder"
      end
      if not args.recursive then
        return path .. " is a folder: give --recursive to upload what is " ..
          "in it"
      end
    end
  end
end

-- Without a folder for journals an upload is better than none, except with
-- --resume.
local function check_state_folder(args, report)
  if args.no_resume or journal.folder() then return nil end
  local err = journal.no_folder_error("keeping a journal",
    "there is no folder for it: an upload that is interrupted starts over, " ..
    "and other processes' uploads to the same name aren't noticed")
  if args.resume then return err end
  args.no_resume = true
  report:info("warning: " .. err.message)
  report:event {
    event = "warning", code = err.code, message = err.message,
  }
end

local function batch_settings(args)
  local upload = argument.given_attributes(args)
  upload.file_id, upload.file_name = args.file_id, args.file_name
  upload.parallel, upload.on_conflict = args.parallel, args.on_conflict
  upload.preflight = args.preflight
  return {
    transfers = args.transfers, verify = args.verify,
    keep_journal = not args.no_resume, require_journal = args.resume,
    upload = upload,
  }
end

local function new_walk(args)
  return walks.new(args.paths, args.folder_id, upload_arguments.filter(args))
end

-- Long enough a prefix of a journal's name to be unique.
local ID_LENGTH = 12

local function resume_hint(summary)
  local id = summary.resumable == 1 and
    (summary.journal or ""):match("([^/]+)%.json$")
  return ("the stored parts are kept: resume with `boxupload resume %s`, " ..
    "or with the same command"):format(id and id:sub(1, ID_LENGTH) or "--all")
end

local function print_end(summary, report)
  local interrupted = summary.code == exit_code.INTERRUPTED
  local kept = summary.resumable > 0 and resume_hint(summary)
  if interrupted then
    report:print_error("interrupted" .. (kept and "; " .. kept or ""))
  elseif kept then
    report:info(kept)
  end
  summary:print(report)
end

local function run_batch(args, report, summary, client)
  local screen = progress.new(report)
  report.screen = screen
  local code = batches.new({
    client = client, settings = batch_settings(args), walk = new_walk(args),
    report = report, summary = summary, screen = screen,
  }):run()
  print_end(summary, report)
  return code
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  local report = context.report
  args.paths = expand_paths(args.paths)
  local problem = upload_arguments.problem(args) or folder_problem(args)
  if problem then return report:usage_error(problem) end
  args.paths = distinct_paths(args.paths, report)
  local summary = summaries.new()
  local stop = scan.check(new_walk(args), args, summary, report)
  if stop then return stop end
  if args.dry_run then
    return dry_run.print(new_walk(args), args, report, summary)
  end
  local client, code = context:need_client()
  if not client then return code end
  local err = check_state_folder(args, report)
  if err then return report:fail(err) end
  if args.limit_rate then
    limits.set { bytes_per_second = args.limit_rate }
  end
  return run_batch(args, report, summary, client)
end

return M
