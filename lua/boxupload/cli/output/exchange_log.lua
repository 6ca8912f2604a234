-- exchange_log: logs each exchange with Box in one line, without secrets.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

local function exchange_line(event)
  local outcome = event.error or tostring(event.status)
  local id = event.request_id and ", request id " .. event.request_id or ""
  return ("%s %s: %s, %.0f bytes sent, %.3f s%s (%s)"):format(event.method,
    event.url, outcome, event.bytes_sent, event.seconds, id, event.operation)
end

-- Creates a new file with replace_file, which makes it private to the user.
local function open_log(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  else
    local ok, problem = core.replace_file(path, "")
    if not ok then return nil, problem end
  end
  return io.open(path, "ab")
end

--- Returns a function for a client's `on_exchange`, and one that closes the
--- log; nil without --verbose and --log-file; or nil and a message.
---@param args {verbose:boolean?, log_file:string?}
---@return nil|fun(event: table) on_exchange
---@return nil|string|fun() close_or_problem
function M.new(args)
  if not args.verbose and not args.log_file then return nil end
  local file, problem
  if args.log_file then
    file, problem = open_log(args.log_file)
    if not file then
      return nil, "the log file can't be written: " .. tostring(problem)
    end
    file:setvbuf("line")
  end
  return function(event)
    local line = exchange_line(event)
    if args.verbose then io.stderr:write("boxupload: ", line, "\n") end
    if file then
      file:write(os.date("!%Y-%m-%dT%H:%M:%SZ "), line, "\n")
    end
  end, function() return file and file:close() end
end

return M
