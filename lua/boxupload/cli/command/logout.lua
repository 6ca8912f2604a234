-- logout: the command that deletes a profile and revokes its tokens.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local auth = require "boxupload.auth"
local exit_code = require "boxupload.cli.output.exit_code"
local profiles = require "boxupload.cli.profile"

local M = { summary = "Delete a profile, and revoke its tokens at Box." }

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  argument.add_report_options(command)
  argument.add_profile_option(command)
  command:flag("--force", "Delete it even if its tokens can't be revoked.")
  argument.add_connection_options(command)
end

-- The token to revoke; nil if there is none, or nil and a message.
local function token_of(name, profile)
  if profile.kind ~= "oauth" then return nil end
  local saved, problem = auth.file_store(profiles.token_path(name)):read()
  return saved and saved.refresh_token, problem
end

-- Returns true, or nil and the exit code.
local function revoke_tokens(context, name, profile)
  local token, unread = token_of(name, profile)
  if unread then return nil, context.report:usage_error(unread) end
  if not token then return true end
  local given = context:client_options(profile)
  given.token = token  -- a client needs one, but doesn't send it here
  given.as_user, given.shared_link = nil, nil
  given.shared_link_password = nil
  local client, message, err = context:connect(given)
  if not client then
    return nil, err and context.report:fail(err) or
      context.report:usage_error(message)
  end
  context:warn(client.warnings)
  local ok
  ok, message, err = auth.revoke {
    client = client, client_id = profile.client_id,
    client_secret = profile.client_secret, token = token,
  }
  if ok then return true end
  if err.kind == "auth" then
    context.report:info("its tokens had ended already: " .. message)
    return true
  end
  return nil, context.report:fail(err)
end

local function remove_profile(config, name)
  config.profiles[name] = nil
  if config.default == name then config.default = nil end
  local ok, problem = profiles.save(config)
  if not ok then return nil, problem end
  os.remove(profiles.token_path(name))
  return true
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  local config, problem = context:config()
  if not config then return context.report:usage_error(problem) end
  local name = context:profile_name() or config.default
  local profile = name and config.profiles[name]
  if not profile then
    return context.report:usage_error(name and
      ('there is no profile "%s"'):format(name) or "nobody is signed in")
  end
  local ended, code = revoke_tokens(context, name, profile)
  if not ended and not args.force then
    context.report:info(
      "the profile is kept: run it again, or with --force")
    return code
  end
  local ok
  ok, problem = remove_profile(config, name)
  if not ok then return context.report:usage_error(problem) end
  context.report:print(('the profile "%s" is forgotten'):format(name))
  context.report:event { event = "logout", profile = name }
  return exit_code.DONE
end

return M
