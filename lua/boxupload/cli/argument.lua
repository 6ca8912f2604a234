-- argument: the options that several commands share, and converters for
-- argparse.
-- SPDX-License-Identifier: MIT

local attributes = require "boxupload.upload.attributes"
local decimal = require "boxupload.util.decimal"
local options = require "boxupload.util.options"
local profile = require "boxupload.cli.profile"

local M = {}

--- Converts a Box id.
---@param option string  named in the error message
function M.id(option)
  return function(value)
    if options.is_id(value) then return value end
    return nil, option .. " takes an id: digits, as in the URL of the item"
  end
end

local function integer_from(option, minimum, maximum)
  local problem_of = options.whole(minimum, maximum)
  return function(value)
    local number = tonumber(value)
    if number and not problem_of(number) then return number end
    return nil, maximum and ("%s takes a whole number from %d to %.0f")
      :format(option, minimum, maximum) or
      ("%s takes a whole number of at least %d"):format(option, minimum)
  end
end

--- Converts a whole number of at least 1.
---@param option string  named in the error message
---@param maximum integer?
function M.positive_integer(option, maximum)
  return integer_from(option, 1, maximum)
end

--- Converts a whole number of at least 0.
---@param option string  named in the error message
---@param maximum integer?
function M.non_negative_integer(option, maximum)
  return integer_from(option, 0, maximum)
end

--- Adds the options that control the output.
---@param command table  of argparse
function M.add_report_options(command)
  command:flag("--json", "Print one JSON object a line, for programs.")
  command:flag("-q --quiet", "Show results and errors only.")
end

--- Converts a number of seconds.
---@param option string  named in the error message
function M.seconds(option)
  return function(value)
    local number = decimal.parse(value)
    if number and number >= 0.1 and number <= 86400 then return number end
    return nil, option .. " takes seconds, from 0.1 to 86400"
  end
end

local function attribute(option, key)
  return function(value)
    local problem = options.problem(value, attributes.options[key])
    if problem then return nil, option .. " " .. problem end
    return value
  end
end

--- Adds the options for what Box stores with a file.
---@param command table  of argparse
function M.add_attribute_options(command)
  command:option("--description", "The files' description on Box.")
    :argname("<text>"):convert(attribute("--description", "description"))
  command:option("--created-at", "When the content was created.")
    :argname("<time>")
    :convert(attribute("--created-at", "content_created_at"))
  command:mutex(
    command:option("--modified-at",
      "When it was modified; the file's own time if not set.")
      :argname("<time>")
      :convert(attribute("--modified-at", "content_modified_at")),
    command:flag("--no-times", "Send no time to Box but --created-at."))
end

--- The options of client:start for the options that `add_attribute_options`
--- added.
---@param args table  parsed command line
---@return table given
function M.given_attributes(args)
  local created_at, modified_at = args.created_at, args.modified_at
  if args.no_times then
    created_at, modified_at = created_at or false, false
  end
  return {
    description = args.description, content_created_at = created_at,
    content_modified_at = modified_at,
  }
end

--- Adds the option that selects a profile.
---@param command table  of argparse
function M.add_profile_option(command)
  command:option("--profile",
    "The profile to sign in with: see boxupload login.")
    :argname("<name>"):convert(function(name)
      return profile.check_name(name, "--profile")
    end)
end

--- Adds the options for the connection to Box.
---@param command table  of argparse
function M.add_connection_options(command)
  command:option("--proxy", "URL of a proxy."):argname("<url>")
  command:option("--ca-file",
    "PEM file of the certificate authorities to trust.")
    :argname("<file>")
  command:option("--timeout",
    "Seconds to connect, and to wait without progress; twice as long for " ..
    "a whole reply.")
    :argname("<seconds>"):convert(M.seconds "--timeout")
  command:option("--retries", "Retries of a request; 8 if not set.")
    :argname("<n>"):convert(M.non_negative_integer "--retries")
  command:flag("-v --verbose", "Show each exchange with Box on stderr.")
  command:option("--log-file", "Append each exchange with Box to a file.")
    :argname("<file>")
end

--- Adds the options of every command that uses a Box client.
---@param command table  of argparse
function M.add_client_options(command)
  M.add_report_options(command)
  M.add_profile_option(command)
  command:option("--as-user", "Act as the user with this id.")
    :argname("<id>"):convert(M.id "--as-user")
  command:option("--shared-link",
    "Use the access of this shared link; its password is in " ..
    "BOX_SHARED_LINK_PASSWORD.")
    :argname("<url>")
  M.add_connection_options(command)
end

return M
