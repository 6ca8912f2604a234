-- login: the command that signs in and saves the credentials as a profile.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local auth = require "boxupload.auth"
local console = require "boxupload.cli.output.console"
local core = require "boxupload.core"
local exit_code = require "boxupload.cli.output.exit_code"
local profiles = require "boxupload.cli.profile"
local prompt = require "boxupload.cli.prompt"
local redirect_listener = require "boxupload.cli.redirect_listener"
local secret_file = require "boxupload.auth.secret_file"
local whoami = require "boxupload.cli.command.whoami"

local M = { summary = "Sign in, and save that as a profile." }

local PORT = 8042
local WAIT_SECONDS = 300
local STDERR = 2

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  argument.add_report_options(command)
  argument.add_profile_option(command)
  command:flag("--default", "Make this the default profile.")
  command:option("--jwt", "Sign in with the config.json of a Box application.")
    :argname("<file>")
  command:flag("--client-credentials",
    "Sign in as an application, with its id and secret.")
  command:flag("--token-stdin", "Read an access token from stdin.")
  command:option("--enterprise",
    "Sign in as the service account of this enterprise; with --jwt the " ..
    "file's if no id is given.")
    :args("?"):argname("<id>")
  command:option("--user", "Sign in as this user."):argname("<id>")
    :convert(argument.id "--user")
  command:option("--client-id",
    "The application's id; else BOX_CLIENT_ID, else asked for.")
    :argname("<id>")
  command:option("--client-secret-file",
    "File with the application's secret; else BOX_CLIENT_SECRET, else " ..
    "asked for.")
    :argname("<file>")
  command:option("--port",
    ("Port of the redirect URI on this machine: the application must list " ..
      "http://127.0.0.1:%d/callback in Box's developer console."):format(PORT))
    :argname("<n>"):default(tostring(PORT))
    :convert(argument.non_negative_integer("--port", 65535))
  command:flag("--no-listen",
    "Read the code, or the URL that Box redirects to, from stdin.")
  command:option("--wait", "Seconds to wait for the sign-in in the browser.")
    :argname("<seconds>"):default(tostring(WAIT_SECONDS))
    :convert(argument.seconds "--wait")
  argument.add_connection_options(command)
end

local function environment(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

local function read_secret(args, known)
  if args.client_secret_file then
    local text, problem = secret_file.read(args.client_secret_file)
    if not text then
      return nil, problem or args.client_secret_file .. ": no such file"
    end
    return (text:gsub("%s+$", "")),
      secret_file.warnings(args.client_secret_file)[1]
  end
  return environment "BOX_CLIENT_SECRET" or known or
    prompt.ask_secret("Client secret")
end

-- Sets the application's id and secret in the profile.
local function set_client_credentials(args, profile, known, report)
  profile.client_id = args.client_id or environment "BOX_CLIENT_ID" or
    known.client_id or prompt.ask("Client ID")
  if not profile.client_id then
    return nil, "the application's client id is missing: give --client-id"
  end
  local same = known.client_id == profile.client_id
  local secret, remark = read_secret(args, same and known.client_secret or nil)
  if not secret or secret == "" then
    return nil, remark or "the application's client secret is missing: " ..
      "give --client-secret-file, or set BOX_CLIENT_SECRET"
  end
  if remark then report:info("warning: " .. remark) end
  profile.client_secret = secret
  return profile
end

-- argparse gives --enterprise as a table, which is empty without an id.
local function set_subject(args, profile)
  local enterprise = args.enterprise and (args.enterprise[1] or true)
  if args.user and enterprise then
    return nil, "give --enterprise or --user, not both"
  end
  profile.user, profile.enterprise = args.user, enterprise or nil
  if not args.user and not enterprise then
    return nil, "say for whom: --enterprise (the service account) or " ..
      "--user <id>"
  end
  if enterprise == true and profile.kind ~= "jwt" then
    return nil, "--enterprise takes the enterprise's id here"
  end
  return profile
end

local function absolute(path)
  local full = core.real_path(path)
  return full or path
end

-- Builds the profile from the arguments, or returns nil and what is missing.
local function new_profile(args, known, report)
  local profile = {}
  for _, key in ipairs { "as_user", "api_url", "upload_url", "token_url",
    "authorize_url", "ca_file", "proxy" } do
    profile[key] = known[key]
  end
  if args.token_stdin then
    profile.kind, profile.token = "token", prompt.ask_secret("Access token")
    if not profile.token then return nil, "there is no token on stdin" end
    return profile
  end
  if args.jwt then
    profile.kind, profile.config = "jwt", absolute(args.jwt)
    return set_subject(args, profile)
  end
  profile.kind = args.client_credentials and "client_credentials" or "oauth"
  if profile.kind == "client_credentials" then
    local ok, problem = set_subject(args, profile)
    if not ok then return nil, problem end
  elseif args.user or args.enterprise then
    return nil, "--user and --enterprise go with --jwt or " ..
      "--client-credentials"
  end
  return set_client_credentials(args, profile, known, report)
end

-- No secret of the environment is for the browser.
local WITHOUT_SECRETS = "for name in $(env | " ..
  "sed -n 's/^\\(BOX[A-Za-z0-9_]*\\)=.*/\\1/p'); do unset \"$name\"; done; "

local function open_browser(url)
  if not core.isatty(STDERR) then return end
  local program = environment "DISPLAY" and "xdg-open" or
    environment "WAYLAND_DISPLAY" and "xdg-open" or
    package.config:sub(1, 1) == "/" and environment "__CF_USER_TEXT_ENCODING"
    and "open"
  if program then
    os.execute(("(%s exec %s '%s') </dev/null >/dev/null 2>&1 &"):format(
      WITHOUT_SECRETS, program, (url:gsub("'", "%%27"))))
  end
end

local function print_url(url, advice)
  for _, line in ipairs {
    "Open this page in a browser and sign in there:", "", "  " .. url, "",
    advice,
  } do
    console.print_error(line)
  end
end

local function sign_in_url(profile, state, redirect_uri)
  return auth.authorize_url {
    client_id = profile.client_id, state = state,
    redirect_uri = redirect_uri, url = profile.authorize_url,
  }
end

local function read_pasted_code(profile, state)
  print_url(sign_in_url(profile, state),
    "Then paste the address that it ends at, or the code in it.")
  local pasted = prompt.ask("Address or code")
  if not pasted then return nil, "there is no code on stdin" end
  return redirect_listener.check_code(redirect_listener.parse(pasted), state,
    true)
end

-- The code from Box, and the redirect URI that was sent to get it.
local function get_code(args, profile)
  local state, message = core.random(16)
  if not state then return nil, message end
  if args.no_listen then return read_pasted_code(profile, state) end
  local listener, problem = redirect_listener.open(args.port)
  if not listener then
    return nil, problem .. ": give another --port, or --no-listen"
  end
  local uri = listener:uri()
  local url = sign_in_url(profile, state, uri)
  print_url(url, "Waiting for it on " .. uri)
  open_browser(url)
  local ok, code, why = pcall(listener.wait, listener, state, args.wait)
  listener:close()
  if not ok then error(code, 0) end
  return code, why or uri
end

-- The authentication for the first sign-in. Its tokens go to `kept.saved`,
-- because the profile isn't saved before the sign-in succeeds.
local function first_auth(args, name, profile, kept)
  if profile.kind ~= "oauth" then return profiles.auth(name, profile) end
  local code, more = get_code(args, profile)
  if not code then return nil, more end
  return auth.code {
    client_id = profile.client_id, client_secret = profile.client_secret,
    code = code, redirect_uri = more,
    store = function(saved)
      kept.saved = saved
      return true
    end,
  }
end

-- Loads the configuration again: another process may have changed it while the
-- user signed in.
local function save_profile(args, name, profile, saved)
  local config, unread = profiles.load()
  if not config then return nil, unread end
  if saved then
    local ok, problem = core.make_folder((assert(profiles.folder())))
    if not ok then return nil, problem end
    ok, problem = auth.file_store(profiles.token_path(name)):write(saved)
    if not ok then return nil, problem end
  end
  config.profiles[name] = profile
  if args.default or not config.default then config.default = name end
  local ok, problem = profiles.save(config)
  if not ok then return nil, problem end
  -- The tokens of an earlier OAuth sign-in.
  if not saved then os.remove(profiles.token_path(name)) end
  return config
end

-- Returns the signed-in user, or nil and the exit code.
local function sign_in(args, context, name, profile, kept)
  local report = context.report
  local new_auth, problem = first_auth(args, name, profile, kept)
  if not new_auth then
    return nil, report:fail { kind = "auth", message = problem }
  end
  context:warn(new_auth.warnings)
  local given = context:client_options(profile)
  given.auth = new_auth
  local client, message, err = context:connect(given)
  if not client then
    return nil, err and report:fail(err) or report:usage_error(message)
  end
  context:warn(client.warnings)
  local user
  user, message, err = client:user()
  if not user then return nil, report:fail(err) end
  return user, message
end

--- Runs the command.
---@param args table
---@param context boxupload.Context
---@return integer exit_code
function M.run(args, context)
  local report = context.report
  local config, problem = context:config()
  if not config then return report:usage_error(problem) end
  local name = context:profile_name() or "default"
  local profile
  profile, problem = new_profile(args, config.profiles[name] or {}, report)
  if not profile then return report:usage_error(problem) end
  local kept = {}
  local user, code = sign_in(args, context, name, profile, kept)
  if not user then return code end
  config, problem = save_profile(args, name, profile, kept.saved)
  if not config then return report:usage_error(problem) end
  report:info(('signed in as the profile "%s"%s'):format(name,
    config.default == name and ", which is the default" or ""))
  whoami.report_user(report, user)
  return exit_code.DONE
end

return M
