-- manual: the command that prints boxupload's manual page.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local exit_code = require "boxupload.cli.output.exit_code"
local manual_page = require "boxupload.cli.manual_page"

local M = { summary = "Print the manual page, in the man format." }

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  command:epilog "To read it: boxupload manual | man -l -"
end

--- Runs the command.
---@param _ table
---@param context boxupload.Context
---@param parser table  of argparse
---@return integer exit_code
function M.run(_, context, parser)
  context.report:print_page(manual_page.render(parser, boxupload._VERSION))
  return exit_code.DONE
end

return M
