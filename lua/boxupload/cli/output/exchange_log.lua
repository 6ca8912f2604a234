-- exchange_log: logs each exchange with Box in one line, without secrets.
-- SPDX-License-Identifier: MIT

local console = require "boxupload.cli.output.console"
local core = require "boxupload.core"

local M = {}

local function exchange_line(event)
  local outcome = event.error or tostring(event.status)
  local id = event.request_id and ", request id " .. event.request_id or ""
  return ("%s %s: %s, %.0f bytes sent, %.3f s%s (%s)"):format(event.method,
    event.url, outcome, event.bytes_sent, event.seconds, id, event.operation)
end

--- Returns a function for a client's `on_exchange`; nil without --verbose and
--- --log-file; or nil and a message.
---@param args {verbose:boolean?, log_file:string?}
---@return nil|fun(event: table) on_exchange
---@return string? problem
function M.new(args)
  if not args.verbose and not args.log_file then return nil end
  local path = args.log_file
  if path then
    local ok, problem = core.append_log(path, "")
    if not ok then return nil, "the log file can't be written: " .. problem end
  end
  return function(event)
    local line = exchange_line(event)
    if args.verbose then console.print_error("boxupload: " .. line) end
    if path then
      core.append_log(path,
        os.date("!%Y-%m-%dT%H:%M:%SZ ") .. console.clean(line) .. "\n")
    end
  end
end

return M
