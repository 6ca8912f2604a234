-- gc: the command that removes what unfinished uploads have left behind.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.service.abort"
local argument = require "boxupload.cli.argument"
local exit_code = require "boxupload.cli.output.exit_code"
local journal = require "boxupload.upload.journal"
local journal_list = require "boxupload.journal_list"
local session_argument = require "boxupload.cli.session_argument"
local unfinished = require "boxupload.cli.unfinished"

local M = { summary = "Remove journals that nobody can go on with." }

--- Gives the command its arguments.
---@param command table  of argparse
function M.define(command)
  command:flag("--dry-run", "Only say what would be removed.")
  argument.client(command)
end

local function removed(run, entry, reason)
  run.count = run.count + 1
  local verb = run.dry and "would be removed" or "removed"
  run.report:say(("%s: %s: %s"):format(entry.id, verb, reason))
  run.report:event {
    event = "removed", id = entry.id, journal = entry.path, reason = reason,
    file = entry.file, session_id = entry.session_id,
    dry_run = run.dry,
  }
end

local function failed(run, err, entry)
  run.code = exit_code.worse(run.code, run.report:fail(err, entry.id))
end

-- One that an upload has taken up meanwhile isn't left behind.
local function remove(run, entry, reason)
  if not run.dry then
    local ok, _, err = journal.remove(entry.path)
    if err and err.code == "locked" then return end
    if not ok then return failed(run, err, entry) end
  end
  removed(run, entry, reason)
end

-- False without one: that is said once, at the first need.
local function client_of(run)
  if run.client == nil then
    local client, code = run.context:need_client()
    run.client = client or false
    if not client then run.code = exit_code.worse(run.code, code) end
  end
  return run.client
end

local function ask(run, entry)
  local client = client_of(run)
  if not client then return end
  local session, _, err = client:open_session(entry.session_id)
  if session then return end
  if not session_argument.is_gone(err) then return failed(run, err, entry) end
  remove(run, entry, "its upload session is gone from Box")
end

local function look_at(run, entry)
  if journal_list.is_over(entry) then
    remove(run, entry, entry.state == "broken" and
      "nothing in it can be used" or "its upload session has expired")
  elseif entry.state == "stopped" then
    ask(run, entry)
  end
end

-- What a process left that died while it began a journal: nobody looks for
-- the session that it names.
local function sweep(run, entry)
  if entry.session_id and not journal_list.is_over(entry) and
     not entry.in_place and not run.dry then
    local client = client_of(run)
    if not client then return end
    local done, _, err = client:directly(abort.by_id, entry.session_id)
    if not done then return failed(run, err, entry) end
  end
  remove(run, entry, "a journal that wasn't begun to its end")
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  local run = {
    context = context, report = context.report, dry = args.dry_run or false,
    count = 0, code = exit_code.DONE,
  }
  for _, entry in ipairs(unfinished.list()) do look_at(run, entry) end
  for _, entry in ipairs(unfinished.leftovers()) do sweep(run, entry) end
  if run.count == 0 then run.report:note("there is nothing to remove") end
  return run.code
end

return M
