-- commit: the command that commits a session whose parts are all stored.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local attributes = require "boxupload.upload.attributes"
local boxupload = require "boxupload"
local exit_code = require "boxupload.cli.output.exit_code"
local commit = require "boxupload.service.commit"
local failure = require "boxupload.service.failure"
local file_hash = require "boxupload.upload.file_hash"
local journal = require "boxupload.journal.journal"
local session_argument = require "boxupload.cli.session_argument"
local target = require "boxupload.upload.target"
local unfinished = require "boxupload.cli.unfinished"

local M = { summary = "Create the file of a complete upload session." }

local OPERATION = "committing the upload session"

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  session_argument.define(command)
  command:argument("file", "The file that was uploaded, to compute its SHA-1.")
    :argname("<file>")
  command:option("--if-match",
    "Only replace the version of the file with this etag.")
    :argname("<etag>")
  argument.add_attribute_options(command)
  argument.add_client_options(command)
end

-- Whether a file of this size would have as many parts as the session.
local function fits_file(session, size)
  local parts = math.ceil(size / session.part_size)
  return parts == session.total_parts
end

local function wrong_size_error(session, file)
  return failure.of("changed", "changed", OPERATION,
    ("the session is for %.0f parts of %.0f bytes, and the file has %.0f " ..
      "bytes"):format(session.total_parts, session.part_size, file.size),
    "give the file that was sent")
end

local function parts_missing_error(session, count)
  local err = failure.of("session", "parts_missing", OPERATION,
    ("only %d of %.0f parts are stored"):format(count, session.total_parts),
    "send the others first: `boxupload resume`")
  err.resumable = true
  return err
end

local function stored_parts(session)
  local parts = {}
  for part, _, err in session:each_part() do
    if not part then
      return nil, session_argument.session_error(err, session.id)
    end
    parts[#parts + 1] = part
  end
  if #parts < session.total_parts then
    return nil, parts_missing_error(session, #parts)
  end
  return parts
end

-- An etag that the upload was begun with holds here too.
local function if_match_of(args, found)
  local noted = found.if_match
  if noted and args.if_match and noted ~= args.if_match then
    local err = failure.of("conflict", "other_journal", OPERATION,
      ("the upload was begun with the if_match %s, and --if-match is %s")
        :format(noted, args.if_match), "leave --if-match out, or abort it")
    err.journal = found.path
    return nil, err
  end
  return args.if_match or noted
end

-- Noted first, as by an upload: if the answer is lost, the next run then knows
-- that the file may be there.
local function note_commit(context, opened, sha1)
  if not opened then return end
  local ok, message, err = opened:commit(sha1)
  if ok then return end
  context.report:warning({
    event = "warning", code = err.code, message = message,
    journal = err.journal,
  }, opened.path)
end

-- A journal knows where to look for the file if the answer is lost.
local function add_journal(request, opened)
  if not opened or not opened.head then return end
  request.target = target.restore(opened.head.target)
  request.expected.file_id = request.target.file_id
  request.expected.folder_id = request.target.folder_id
  request.maybe_committed = opened.committed ~= nil
end

local function commit_session(context, session, file, args, found, opened)
  if not fits_file(session, file.size) then
    return nil, wrong_size_error(session, file)
  end
  local if_match, err = if_match_of(args, found)
  if err then return nil, err end
  local given
  given, err = unfinished.attributes(found, args, OPERATION)
  if not given then return nil, err end
  local parts
  parts, err = stored_parts(session)
  if not parts then return nil, err end
  local sha1, on_box, _
  sha1, _, err = context:client():directly(file_hash.sha1, file)
  if not sha1 then return nil, err end
  local request = {
    sha1 = sha1, parts = parts, if_match = if_match, wait = true,
    attributes = attributes.to_send(attributes.of_caller(given), file),
    timeout = commit.TIMEOUT, expected = { sha1 = sha1, size = file.size },
  }
  add_journal(request, opened)
  note_commit(context, opened, sha1)
  on_box, _, err = context:client():directly(commit.run, session, request)
  return on_box, err and session_argument.session_error(err, session.id)
end

-- Keeps other processes out. Returns nil for a session without a journal.
local function lock_journal(found)
  if not found.path then return nil end
  local opened, _, err = journal.open(found.path)
  if err and err.code == "locked" then
    err = failure.of("conflict", "locked", OPERATION,
      "a process is driving this upload", "wait for its end")
  end
  return opened, err
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  local report = context.report
  local file, _, err = boxupload.file(args.file)
  if not file then return report:fail(err, args.file) end
  local session, code, found = session_argument.open(context, args.id)
  if not session then return code end
  local opened, on_box
  opened, err = lock_journal(found)
  if err then return report:fail(err, args.file) end
  on_box, err = commit_session(context, session, file, args, found, opened)
  if opened and on_box then opened:remove() end
  if opened and not on_box then opened:close() end
  if not on_box then return report:fail(err, args.file) end
  report:print(("file %s, version %s, %.0f bytes, sha1 %s"):format(on_box.id,
    tostring(on_box.etag or "?"), file.size, on_box.sha1))
  report:event { event = "done", path = args.file, file = on_box }
  return exit_code.DONE
end

return M
