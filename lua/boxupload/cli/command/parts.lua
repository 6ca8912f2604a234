-- parts: the command that lists the stored parts of an upload session.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local exit_code = require "boxupload.cli.output.exit_code"
local session_argument = require "boxupload.cli.session_argument"

local M = { summary = "List the parts that Box has of an upload session." }

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  session_argument.define(command)
  argument.add_client_options(command)
end

local function report_part(report, part)
  report:print(("%.0f  %.0f  %s  %s"):format(part.offset, part.size,
    part.sha1 or "-", part.part_id))
  report:event {
    event = "part", offset = part.offset, size = part.size,
    sha1 = part.sha1, part_id = part.part_id,
  }
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  local session, code = session_argument.open(context, args.id)
  if not session then return code end
  local count = 0
  for part, _, err in session:each_part() do
    if not part then
      return context.report:fail(
        session_argument.session_error(err, session.id))
    end
    count = count + 1
    report_part(context.report, part)
  end
  context.report:info(("%d of %.0f parts: offset, size, SHA-1, part_id")
    :format(count, session.total_parts))
  return exit_code.DONE
end

return M
