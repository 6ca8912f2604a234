-- completion: the command that prints a shell's completion script.
-- SPDX-License-Identifier: MIT

local exit_code = require "boxupload.cli.output.exit_code"

local M = { summary = "Print the completion script of a shell." }

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  command:argument("shell", "The shell to complete for.")
    :choices { "bash", "zsh", "fish" }
  command:epilog('For bash: eval "$(boxupload completion bash)" in ' ..
    "~/.bashrc.")
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@param parser table  of argparse
---@return integer exit_code
function M.run(args, context, parser)
  local script = parser["get_" .. args.shell .. "_complete"](parser)
  context.report:print_page(script)
  return exit_code.DONE
end

return M
