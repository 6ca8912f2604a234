-- resume: the command that resumes unfinished uploads.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local core = require "boxupload.core"
local exit_code = require "boxupload.cli.output.exit_code"
local failure = require "boxupload.service.failure"
local interrupt = require "boxupload.util.interrupt"
local options = require "boxupload.util.options"
local outcome = require "boxupload.cli.output.outcome"
local source = require "boxupload.upload.source"
local target_lock = require "boxupload.cli.files.target_lock"
local text = require "boxupload.util.text"
local unfinished = require "boxupload.cli.unfinished"
local watch = require "boxupload.cli.output.watch"

local M = { summary = "Resume unfinished uploads." }

local OPERATION = "going on with the upload"

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  command:argument("ids", "IDs of `boxupload sessions`; not needed if " ..
    "there is only one."):args("*"):argname("<id>")
  command:flag("--all", "All unfinished uploads of this machine.")
  command:option("--parallel", "Parts on the network at once; 4 if not set.")
    :argname("<n>")
    :convert(argument.positive_integer("--parallel", options.MOST))
  argument.add_attribute_options(command)
  argument.add_client_options(command)
end

local UNUSABLE = {
  running = { "conflict", "locked", "another process is uploading it",
    "wait for its end" },
  newer = { "invalid", "newer_journal",
    "a newer version of boxupload wrote its journal",
    "use that version" },
  broken = { "invalid", "broken_journal", "nothing in its journal can be used",
    "`boxupload gc` removes it; upload the file again" },
}

local function unusable_error(entry)
  if entry.state == "unreadable" then
    return unfinished.unreadable_error(entry, OPERATION)
  end
  local row = UNUSABLE[entry.state]
  if not row then return nil end
  local err = failure.of(row[1], row[2], OPERATION, row[3], row[4])
  err.journal = entry.path
  return err
end

-- Returns the place of the lock, or an error when another process uploads to
-- the same name.
local function take_lock(locks, entry)
  local target = entry.target
  if target.file_id or not target.file_name then return nil end
  local place, err = locks:take(target.folder_id, target.file_name)
  if place or not target_lock.is_needed(entry.on_conflict) then
    return place
  end
  return nil, err
end

-- The journal has the file's real path. A symbolic link that is in it now
-- leads to something else, and isn't followed.
local function open_file(entry)
  local below = entry.file:match("^/(.*)$")
  return source.open(below or entry.file, below and "/" or nil)
end

local function resume_transfer(client, entry, file, args, report)
  local given, err = unfinished.attributes(entry, args, OPERATION)
  if not given then return nil, nil, err end
  local call = entry.call
  given.folder_id, given.file_id = call.folder_id, call.file_id
  given.file_name, given.if_match = call.file_name, call.if_match
  given.on_conflict, given.parallel = entry.on_conflict, args.parallel
  given.resume = entry.path
  given.on_event = function(event)
    if event.event == "restart" then
      report:info(("%s: started over: %s")
        :format(text.one_line(entry.file), event.reason))
    elseif event.event == "warning" then
      report:warning(event, entry.file)
    end
  end
  return client:start(file, given)
end

local function resume_upload(client, entry, args, report)
  local started_at = core.now()
  local source_file, _, err = open_file(entry)
  local transfer, file
  if source_file then
    transfer, _, err =
      resume_transfer(client, entry, source_file, args, report)
  end
  if transfer then
    file, _, err = watch.transfer(transfer, report, entry.file)
  end
  if source_file then source_file:close() end
  if not file then return report:fail(err, entry.file) end
  outcome.report_file(report,
    { path = entry.file, started_at = started_at, size = file.size }, file,
    "done", transfer:bytes_sent() - transfer:bytes_resumed())
  return exit_code.DONE
end

local function resume_locked(client, locks, entry, args, report)
  local err, place = unusable_error(entry), nil
  if not err then place, err = take_lock(locks, entry) end
  if err then return report:fail(err, entry.file or entry.path) end
  local code = resume_upload(client, entry, args, report)
  locks:release(place)
  return code
end

local function several_uploads_error(list)
  local names = {}
  for i, entry in ipairs(list) do names[i] = entry.id end
  return failure.of("invalid", "several", OPERATION,
    ("there are %d unfinished uploads: %s"):format(#list,
      table.concat(names, ", ")), "give IDs, or --all")
end

-- Without IDs, skips uploads that can't be resumed now, and reports them.
local function choose_uploads(args, report)
  if #args.ids > 0 then return unfinished.find(args.ids) end
  local all, problem = unfinished.list()
  if not all then return nil, problem end
  local list = {}
  for _, entry in ipairs(all) do
    local err = unusable_error(entry)
    if not err then
      list[#list + 1] = entry
    else
      report:info(("%s is skipped: %s"):format(entry.id,
        err.message))
      report:event {
        event = "skipped", id = entry.id, journal = entry.path,
        code = err.code, message = err.message,
      }
    end
  end
  if #list > 1 and not args.all then
    return nil, several_uploads_error(list)
  end
  return list
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  local report = context.report
  if args.all and #args.ids > 0 then
    return report:usage_error("give IDs or --all, not both")
  end
  local list, err = choose_uploads(args, report)
  if not list then return report:fail(err) end
  if #list == 0 then
    report:info("there is no upload to resume")
    return exit_code.DONE
  end
  local client, code = context:need_client()
  if not client then return code end
  client.made = {}
  local locks = target_lock.new(client)
  local result = exit_code.DONE
  for _, entry in ipairs(list) do
    local ok, problem = interrupt.pcall(resume_locked, client, locks, entry,
      args, report)
    code = ok and problem or report:fail(outcome.crash(problem), entry.file)
    if code == exit_code.INTERRUPTED then return code end
    result = exit_code.worse(result, code)
  end
  return result
end

return M
