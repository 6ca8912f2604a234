-- gc: the command that deletes journals that can't be resumed.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.service.abort"
local argument = require "boxupload.cli.argument"
local exit_code = require "boxupload.cli.output.exit_code"
local interrupt = require "boxupload.util.interrupt"
local journal = require "boxupload.journal.journal"
local owner = require "boxupload.journal.owner"
local journal_list = require "boxupload.journal_list"
local outcome = require "boxupload.cli.output.outcome"
local session_argument = require "boxupload.cli.session_argument"
local unfinished = require "boxupload.cli.unfinished"

local OPERATION = "looking at the upload"

local M = { summary = "Remove journals that can't be resumed." }

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  command:flag("--dry-run", "Only show what would be removed.")
  argument.add_client_options(command)
end

local function report_removed(gc, entry, reason)
  gc.count = gc.count + 1
  local verb = gc.dry and "would be removed" or "removed"
  gc.report:print(("%s: %s: %s"):format(entry.id, verb, reason))
  gc.report:event {
    event = "removed", id = entry.id, journal = entry.path, reason = reason,
    file = entry.file, session_id = entry.session_id,
    dry_run = gc.dry,
  }
end

local function report_failure(gc, err, entry)
  gc.code = exit_code.worse(gc.code, gc.report:fail(err, entry.id))
end

-- Skips a journal that a process has locked meanwhile: it is in use.
local function remove_journal(gc, entry, reason)
  if not gc.dry then
    local ok, _, err = journal.remove(entry.path)
    if err and err.code == "locked" then return end
    if not ok then return report_failure(gc, err, entry) end
  end
  report_removed(gc, entry, reason)
end

-- The client, or false. A failure to create it is reported only once.
local function client_of(gc)
  if gc.client == nil then
    local client, code = gc.context:need_client()
    gc.client = client or false
    if not client then gc.code = exit_code.worse(gc.code, code) end
  end
  return gc.client
end

-- Another user's session isn't asked for: Box may answer that it has none.
local function check_session(gc, entry)
  local client = client_of(gc)
  if not client then return end
  local session, ok, _, err
  ok, _, err = client:directly(owner.check, entry.user, entry.path, OPERATION)
  if ok then session, _, err = client:open_session(entry.session_id) end
  if session then return end
  if not ok or not session_argument.is_gone(err) then
    return report_failure(gc, err, entry)
  end
  ok, _, err = client:directly(owner.check_known, entry.user, entry.path,
    OPERATION)
  if not ok then return report_failure(gc, err, entry) end
  if entry.committed then
    return gc.report:info(("%s: it was committed: `boxupload resume` finds " ..
      "out whether the file is there"):format(entry.id))
  end
  remove_journal(gc, entry, "its upload session is gone from Box")
end

local function check_upload(gc, entry)
  if entry.state == "unreadable" then
    report_failure(gc, unfinished.unreadable_error(entry, OPERATION), entry)
  elseif entry.state == "broken" then
    remove_journal(gc, entry, "nothing in it can be used")
  elseif entry.state == "stopped" then
    check_session(gc, entry)
  end
end

-- Without its own journal nothing can resume a session. One that may be
-- another upload's is left alone.
local function is_abandoned(entry)
  return entry.session_id and not journal_list.is_unresumable(entry) and
    not entry.in_place and not entry.adopted
end

-- Deletes the temporary journal of a process that crashed, and aborts its
-- session.
local function remove_leftover(gc, entry)
  if entry.state == "unreadable" then
    return report_failure(gc, unfinished.unreadable_error(entry, OPERATION),
      entry)
  end
  if is_abandoned(entry) and not gc.dry then
    local client = client_of(gc)
    if not client then return end
    local done, _, err = client:directly(owner.check_known, entry.user,
      entry.path, OPERATION)
    if done then
      done, _, err = client:directly(abort.by_id, entry.session_id)
    end
    if not done then return report_failure(gc, err, entry) end
  end
  remove_journal(gc, entry, "a journal that wasn't begun to its end")
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  local gc = {
    context = context, report = context.report, dry = args.dry_run or false,
    count = 0, code = exit_code.DONE,
  }
  local function check_all(list, check)
    for _, entry in ipairs(list) do
      local ok, problem = interrupt.pcall(check, gc, entry)
      if not ok then report_failure(gc, outcome.crash(problem), entry) end
    end
  end
  local list, err = unfinished.list()
  if not list then return context.report:fail(err) end
  check_all(list, check_upload)
  check_all(unfinished.leftovers(), remove_leftover)
  if gc.count == 0 then gc.report:info("there is nothing to remove") end
  return gc.code
end

return M
