-- upload: the sub-command that uploads files.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local core = require "boxupload.core"
local format = require "boxupload.cli.format"
local interrupt = require "boxupload.interrupt"
local json = require "boxupload.json"
local progress = require "boxupload.cli.progress"
local text = require "boxupload.text"

local M = {}

local OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
local TICK = 0.1        -- seconds between two looks at the progress
local EVENT_TICK = 0.5  -- between two progress events of --json
local CLEAN_UP = 10     -- for removing the session after an interrupt

-- Reports to people: results on stdout, the rest on stderr.
local human = {}

function human.begin(path)
  local shown = progress.new(path)
  return {
    interval = TICK,
    show = function(now) shown:show(now) end,
    finish = function(last) shown:finish(last) end,
  }
end

function human.done(path, file, seconds)
  io.stdout:write(("%s: file %s, version %s, %.0f bytes, sha1 %s, %s/s\n")
    :format(text.one_line(path), file.id, tostring(file.etag or "?"),
      file.size, file.sha1, format.size(file.size / seconds)))
end

function human.failed(path, err)
  io.stderr:write(("boxupload: %s%s\n"):format(
    path and text.one_line(path) .. ": " or "", err.message))
  if err.resumable then
    io.stderr:write("boxupload: what is stored is kept: the same command " ..
      "goes on with it\n")
  end
  if err.abort_error then
    io.stderr:write(("boxupload: the upload session is left on Box: %s\n")
      :format(err.abort_error))
  end
end

-- Reports to programs: one JSON object a line on stdout.
local machine = {}

local function write_event(event)
  io.stdout:write((assert(json.encode(event))), "\n")
  io.stdout:flush()
end

function machine.begin(path)
  local function show(now)
    now.event, now.path = "progress", text.one_line(path)
    write_event(now)
  end
  return { interval = EVENT_TICK, show = show, finish = show }
end

function machine.done(path, file, seconds)
  write_event {
    event = "done", path = text.one_line(path), file = file,
    seconds = seconds, rate = file.size / seconds,
    peak_memory = core.peak_memory(),
  }
end

function machine.failed(path, err)
  write_event {
    event = "error", path = path and text.one_line(path),
    kind = err.kind, code = err.code, status = err.status,
    message = err.message, request_id = err.request_id,
    retry_after = err.retry_after, retryable = err.retryable,
    resumable = err.resumable, journal = err.journal,
    abort_error = err.abort_error,
  }
end

local function watch(transfer, shown)
  shown.show(transfer:progress())
  local file, message, err = transfer:wait(shown.interval)
  while err and err.code == "still_running" do
    shown.show(transfer:progress())
    file, message, err = transfer:wait(shown.interval)
  end
  shown.finish(transfer:progress())
  return file, message, err
end

local function watch_interruptible(transfer, shown)
  local ok, file, _, err = pcall(watch, transfer, shown)
  if ok then return file, err end
  if not interrupt.is(file) then error(file, 0) end
  transfer:cancel { keep = transfer.journal_path ~= nil }
  _, _, err = transfer:wait(CLEAN_UP)
  return nil, err, true
end

local function upload_one(client, path, args, report)
  local began = core.now()
  local transfer, _, err = client:start(path, {
    folder_id = args.folder_id, file_id = args.file_id,
    file_name = args.file_name, parallel = args.parallel,
    on_conflict = args.on_conflict, preflight = args.preflight,
    resume = not args.no_resume,
  })
  if not transfer then
    report.failed(path, err)
    return FAILED
  end
  local file, interrupted
  file, err, interrupted = watch_interruptible(transfer, report.begin(path))
  if not file then
    report.failed(path, err)
    return interrupted and INTERRUPTED or FAILED
  end
  report.done(path, file, math.max(core.now() - began, 1e-6))
  return OK
end

local function environment(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

-- The options that the environment sets.
local VARIABLES = {
  token = "BOX_TOKEN", ca_file = "BOX_CA_FILE",
  api_url = "BOX_API_URL", upload_url = "BOX_UPLOAD_URL",
  token_url = "BOX_TOKEN_URL",
}

local function new_client()
  if not environment(VARIABLES.token) then
    return nil, "set BOX_TOKEN to an access token of Box"
  end
  local options = {}
  for option, name in pairs(VARIABLES) do
    options[option] = environment(name)
  end
  local ok, client, message = pcall(boxupload.new, options)
  if ok then return client, message end
  return nil, (tostring(client):gsub('^.*option "([%a_]+)"', VARIABLES))
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

local function upload_all(client, args, report)
  local result = OK
  for _, path in ipairs(args.files) do
    local code = upload_one(client, path, args, report)
    if code == INTERRUPTED then return code end
    if code ~= OK then result = code end
  end
  return result
end

--- Runs the sub-command with parsed arguments.
---@param args table
---@return integer exit_code
function M.run(args)
  local report = args.json and machine or human
  local problem = misuse_of(args)
  local client
  if not problem then client, problem = new_client() end
  if not client then
    report.failed(nil, { kind = "invalid", message = problem })
    return USAGE
  end
  local ok, result = pcall(upload_all, client, args, report)
  client:close()
  if ok then return result end
  report.failed(nil, { kind = "invalid", message = tostring(result) })
  return interrupt.is(result) and INTERRUPTED or FAILED
end

return M
