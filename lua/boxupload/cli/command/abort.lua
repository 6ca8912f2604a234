-- abort: the command that deletes upload sessions and their journals.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.service.abort"
local argument = require "boxupload.cli.argument"
local exit_code = require "boxupload.cli.output.exit_code"
local failure = require "boxupload.service.failure"
local interrupt = require "boxupload.util.interrupt"
local journal = require "boxupload.journal.journal"
local owner = require "boxupload.journal.owner"
local outcome = require "boxupload.cli.output.outcome"
local text = require "boxupload.util.text"
local unfinished = require "boxupload.cli.unfinished"

local OPERATION = "aborting the upload"

local M = { summary = "Give up unfinished uploads, here and on Box." }

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  command:argument("ids", "IDs of `boxupload sessions`, or Box's own ids " ..
    "of upload sessions."):args("*"):argname("<id>")
  command:flag("--all", "All unfinished uploads of this machine.")
  argument.add_client_options(command)
end

local function locked_error(entry)
  local err = failure.of("conflict", "locked", OPERATION,
    "another process is uploading it", "end that process first")
  err.journal = entry.path
  return err
end

-- Locks the journal first, so that no other process resumes the upload.
local function abort_session(client, entry)
  local opened, err, done, _
  if entry.path then opened, _, err = journal.open(entry.path) end
  if err then
    return nil, err.code == "locked" and locked_error(entry) or err
  end
  done = true
  if entry.path then
    done, _, err = client:directly(owner.check_known, entry.user, entry.path,
      OPERATION)
  end
  if done then
    done, _, err = client:directly(abort.by_id, entry.session_id)
  end
  if opened and done then opened:remove() end
  if opened and not done then opened:close() end
  return done, err
end

local function abort_upload(context, client, entry)
  local report = context.report
  local done, err = abort_session(client, entry)
  if not done then return report:fail(err, entry.id) end
  report:print(("%s: upload session %s is removed"):format(entry.id,
    entry.session_id))
  report:event {
    event = "aborted", id = entry.id, session_id = entry.session_id,
    journal = entry.path,
  }
  return exit_code.DONE
end

local function all_uploads(report)
  local all, err = unfinished.list()
  if not all then return nil, err end
  local list = {}
  for _, entry in ipairs(all) do
    if entry.session_id then
      list[#list + 1] = entry
    else
      report:info(("%s is skipped: its journal is %s%s"):format(
        entry.id, entry.state,
        entry.problem and ": " .. text.one_line(entry.problem) or ""))
    end
  end
  return list
end

local function chosen_uploads(args, report)
  if args.all then return all_uploads(report) end
  local list = {}
  for _, id in ipairs(args.ids) do
    local entry, err = unfinished.find_session(id)
    if not entry then return nil, err end
    list[#list + 1] = entry
  end
  return list
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  if (args.all or false) == (#args.ids > 0) then
    return context.report:usage_error(
      "give IDs, which `boxupload sessions` lists, or --all")
  end
  local list, err = chosen_uploads(args, context.report)
  if not list then return context.report:fail(err) end
  if #list == 0 then
    context.report:info("there is nothing to abort")
    return exit_code.DONE
  end
  local client, code = context:need_client()
  if not client then return code end
  local result = exit_code.DONE
  for _, entry in ipairs(list) do
    local ok, outcome_code =
      interrupt.pcall(abort_upload, context, client, entry)
    if not ok then
      outcome_code = context.report:fail(outcome.crash(outcome_code), entry.id)
    end
    result = exit_code.worse(result, outcome_code)
  end
  return result
end

return M
