-- status: the command that asks Box about an upload session.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local exit_code = require "boxupload.cli.output.exit_code"
local format = require "boxupload.cli.output.format"
local session_argument = require "boxupload.cli.session_argument"

local M = { summary = "Show the progress of an upload session on Box." }

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  session_argument.define(command)
  argument.add_client_options(command)
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  local session, code = session_argument.open(context, args.id)
  if not session then return code end
  context.report:print(("%s: %s of %.0f parts of %s processed, expires %s")
    :format(session.id, tostring(session.num_parts_processed or "?"),
      session.total_parts, format.size(session.part_size),
      session.session_expires_at or "at an unknown time"))
  context.report:event {
    event = "session", session_id = session.id,
    part_size = session.part_size, total_parts = session.total_parts,
    num_parts_processed = session.num_parts_processed,
    session_expires_at = session.session_expires_at,
  }
  return exit_code.DONE
end

return M
