-- hash: the command that prints a file's digests in Box's format.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local base64 = require "boxupload.cli.files.base64"
local boxupload = require "boxupload"
local core = require "boxupload.core"
local exit_code = require "boxupload.cli.output.exit_code"
local part_hash = require "boxupload.cli.files.part_hash"

local M = { summary = "Print the SHA-1 of a file and of its parts." }

-- Box's choice for files of up to 80 GB.
local PART_SIZE = 8 * 1024 * 1024

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  command:argument("file", "The file."):argname("<file>")
  command:option("--part-size",
    "Bytes of a part; 8388608 if not set. Box sets it per session.")
    :argname("<n>"):convert(argument.positive_integer "--part-size")
  argument.add_report_options(command)
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  local report = context.report
  local file, _, err = boxupload.file(args.file)
  if not file then return report:fail(err, args.file) end
  local sha1
  sha1, _, err = part_hash.each(file, args.part_size or PART_SIZE,
    function(part)
      local encoded = base64.from_hex(part.sha1)
      report:print(("part  %.0f  %.0f  %s"):format(part.offset, part.size,
        encoded))
      report:event {
        event = "part", offset = part.offset, size = part.size,
        sha1 = part.sha1, base64 = encoded,
      }
    end)
  if not sha1 then return report:fail(err, args.file) end
  report:print(("file  0  %.0f  %s"):format(file.size, base64.from_hex(sha1)))
  report:event {
    event = "file", path = args.file, size = file.size, sha1 = sha1,
    base64 = base64.from_hex(sha1), peak_memory = core.peak_memory(),
  }
  return exit_code.DONE
end

return M
