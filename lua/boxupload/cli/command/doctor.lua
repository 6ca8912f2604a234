-- doctor: the command that finds out why uploads don't work.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local boxupload = require "boxupload"
local client_options = require "boxupload.client_options"
local exit_code = require "boxupload.cli.output.exit_code"
local machine = require "boxupload.cli.doctor.machine"
local probe = require "boxupload.cli.doctor.probe"

local M = { summary = "Check this machine and the connection to Box." }

local LABELS = { ok = "ok", warn = "warn", fail = "FAIL" }

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  argument.add_client_options(command)
end

local function finding_line(finding)
  local line = ("%-4s  %s: %s"):format(LABELS[finding.status],
    finding.check, finding.message)
  return finding.advice and line .. ": " .. finding.advice or line
end

local function report_finding(report, finding)
  if not report.quiet or finding.status ~= "ok" then
    report:print(finding_line(finding))
  end
  report:event {
    event = "check", check = finding.check, status = finding.status,
    code = finding.code, message = finding.message, advice = finding.advice,
  }
end

-- To probe the hosts even if there are no credentials.
local function client_without_token(context)
  local given = context:client_options(false)
  given.token = "none"
  local ok, client = pcall(boxupload.new, given)
  return ok and client or nil
end

local function check_sign_in(client, add)
  local user, _, err = client:user()
  if user then
    return add { check = "sign-in", status = "ok", message = "as user " ..
      tostring(user.login or user.id) }
  end
  -- A token that is only allowed to upload is fine, so "denied" is a warning.
  add {
    check = "sign-in", status = err.kind == "denied" and "warn" or "fail",
    exit_code = exit_code.of(err), code = err.code, message = err.message,
  }
end

local function check_box(context, add)
  local reached = true
  local function add_box_finding(finding)
    if finding.status == "fail" then reached = false end
    add(finding)
  end
  local client, message = context:client()
  if not client then
    add_box_finding { check = "sign-in", status = "fail",
      exit_code = exit_code.AUTH, message = message }
  end
  local any = client or client_without_token(context)
  if any then probe.hosts(any, add_box_finding) end
  if client and reached then check_sign_in(client, add) end
  if any and not client then any:close() end
end

--- Runs the command.
---@param _ table
---@param context boxupload.Context
---@return integer exit_code
function M.run(_, context)
  local code = exit_code.DONE
  local function add(finding)
    report_finding(context.report, finding)
    if finding.status == "fail" then
      code = exit_code.worse(code, finding.exit_code)
    end
  end
  machine.versions(add)
  machine.state_folder(add)
  machine.proxies(add)
  machine.profiles(add)
  machine.ca_file(context:client_options(false).ca_file or
    client_options.default_ca_file(), add)
  check_box(context, add)
  return code
end

return M
