-- verify: the command that compares a file with one on Box.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local boxupload = require "boxupload"
local exit_code = require "boxupload.cli.output.exit_code"
local failure = require "boxupload.service.failure"
local file_hash = require "boxupload.upload.file_hash"
local lookup = require "boxupload.service.lookup"
local reply = require "boxupload.service.reply"

local M = { summary = "Compare a file with one on Box." }

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  command:argument("file", "The file on this machine."):argname("<file>")
  command:argument("file_id", "The id of the file on Box.")
    :argname("<file-id>"):convert(argument.id "<file-id>")
  argument.add_client_options(command)
end

local function difference_error(id, on_box, file, sha1)
  local problem = reply.difference(on_box, { size = file.size })
  if not problem then
    problem = reply.difference(on_box, { sha1 = sha1 })
  end
  if not problem then return nil end
  return failure.of("changed", "differs", "comparing the files",
    ("file %s on Box differs: %s"):format(id, problem),
    "upload it again if the one here is right")
end

-- Doesn't hash the file if the sizes differ already.
local function sha1_of(client, file, on_box)
  if reply.difference(on_box, { size = file.size }) then return "" end
  return client:directly(file_hash.sha1, file)
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  local report = context.report
  local file, _, err = boxupload.file(args.file)
  if not file then return report:fail(err, args.file) end
  local client, code = context:need_client()
  if not client then return code end
  local on_box, sha1
  on_box, _, err = client:directly(lookup.file, args.file_id)
  if not on_box then return report:fail(err, args.file) end
  sha1, _, err = sha1_of(client, file, on_box)
  err = err or difference_error(args.file_id, on_box, file, sha1)
  if err then return report:fail(err, args.file) end
  report:print(("%s: the same as file %s on Box: %.0f bytes, sha1 %s")
    :format(args.file, args.file_id, file.size, sha1))
  report:event {
    event = "same", path = args.file, file_id = args.file_id,
    size = file.size, sha1 = sha1,
  }
  return exit_code.DONE
end

return M
