-- whoami: the command that shows who is signed in.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local exit_code = require "boxupload.cli.output.exit_code"
local format = require "boxupload.cli.output.format"

local M = { summary = "Show who is signed in, and the space left." }

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  argument.add_client_options(command)
end

local function value_text(value)
  return value and tostring(value) or "?"
end

local function size_text(bytes)
  return type(bytes) == "number" and format.size(bytes) or "?"
end

--- Reports a user.
---@param report boxupload.Report
---@param user boxupload.User
function M.report_user(report, user)
  report:print(("%s (%s), id %s"):format(value_text(user.name),
    value_text(user.login), value_text(user.id)))
  if type(user.enterprise) == "table" then
    report:print(("enterprise: %s, id %s"):format(
      value_text(user.enterprise.name), value_text(user.enterprise.id)))
  end
  local used, amount = user.space_used, user.space_amount
  if type(used) == "number" and type(amount) == "number" then
    report:print(("space: %s of %s used, %s left"):format(size_text(used),
      size_text(amount), size_text(math.max(0, amount - used))))
  end
  report:print("largest file: " .. size_text(user.max_upload_size))
  report:event { event = "user", user = user }
end

--- Runs the command.
---@param _ table
---@param context boxupload.Context
---@return integer exit_code
function M.run(_, context)
  local client, code = context:need_client()
  if not client then return code end
  local user, _, err = client:user()
  if not user then return context.report:fail(err) end
  M.report_user(context.report, user)
  return exit_code.DONE
end

return M
