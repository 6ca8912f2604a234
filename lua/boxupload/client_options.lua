-- client_options: the options of boxupload.new.
-- SPDX-License-Identifier: MIT

local loop = require "boxupload.loop.auto"
local options = require "boxupload.util.options"
local usage_error = require "boxupload.util.usage_error"

local M = {}

local DAY = 86400

--- Box's own upload server.
M.UPLOAD_URL = "https://upload.box.com/api/2.0"

local function check_auth(value)
  if type(value.token) == "function" and
     type(value.refused) == "function" then
    return nil
  end
  return "must be one of boxupload.auth"
end

local function check_nice(value)
  if value >= 0 and value <= 19 and value == math.floor(value) then
    return nil
  end
  return "must be a whole number from 0 to 19"
end

local NICE = { type = "number", check = check_nice }

local function nice_problem(value)
  local problem = value ~= nil and options.problem(value, NICE)
  return problem and "has a nice that " .. problem or nil
end

local function check_loop(value)
  if type(value) == "table" then
    return type(value.wait) ~= "function" and
      "must have a function wait(queue, seconds)" or
      nice_problem(value.nice)
  end
  local _, problem = loop.named(value)
  return problem
end

local function check_http_version(value)
  if value == "1.1" or value == "2" then return nil end
  return 'must be "1.1" or "2"'
end

local function check_proxy(value)
  return value:find("%z") and "has a zero byte in it" or nil
end

local function check_timeout(value)
  if value >= 0.1 and value <= DAY then return nil end
  return "must be a number of seconds, from 0.1 to a day's"
end

local function check_stall_speed(value)
  if value >= 1 and value <= options.MOST then return nil end
  return ("must be from 1 to %.0f bytes a second"):format(options.MOST)
end

local OPTIONS = {
  token = { type = "string", check = options.header },
  auth = { type = "table", check = check_auth },
  api_url = { type = "string", check = options.url,
    default = "https://api.box.com/2.0" },
  upload_url = { type = "string", check = options.url,
    default = M.UPLOAD_URL },
  token_url = { type = "string", check = options.url,
    default = "https://api.box.com/oauth2/token" },
  ca_file = { type = "string", check = options.path },
  proxy = { type = "string", check = check_proxy },
  parallel = { type = "number", check = options.whole(1, options.MOST),
    default = 4 },
  loop = { type = { "string", "table" }, check = check_loop,
    default = "auto" },
  connect_timeout = { type = "number", check = check_timeout, default = 30 },
  stall_timeout = { type = "number", check = check_timeout, default = 60 },
  reply_timeout = { type = "number", check = check_timeout },
  stall_speed = { type = "number", check = check_stall_speed, default = 1 },
  retries = { type = "number", check = options.whole(0), default = 8 },
  retry_delay = { type = "number", check = options.seconds, default = 1 },
  simple_below = { type = "number", check = options.whole(0),
    default = 20000000 },
  user_agent = { type = "string", check = options.header },
  as_user = { type = "string", check = options.id },
  shared_link = { type = "string", check = options.header },
  shared_link_password = { type = "string", check = options.header },
  http_version = { type = "string", check = check_http_version },
  nice = NICE,
  on_exchange = { type = "function" },
}

local function check_credentials(given)
  if given.token and given.auth then
    usage_error.raise("boxupload.new: give token or auth, not both")
  end
  if not given.token and not given.auth then
    usage_error.raise("boxupload.new: give token (an access token of Box; " ..
      "is BOX_TOKEN set?) or auth")
  end
  if given.shared_link_password and not given.shared_link then
    usage_error.raise("boxupload.new: shared_link_password without " ..
      "shared_link")
  end
end

--- The file of authorities that OpenSSL and the curl command take too; nil:
--- the system's. libcurl doesn't read the variable.
---@return string? path
function M.default_ca_file()
  local path = os.getenv "SSL_CERT_FILE"
  return path ~= "" and path or nil
end

--- Returns a checked copy with the defaults filled in. Raises for options that
--- are invalid alone or together.
---@param given table
---@return boxupload.Options
function M.check(given)
  local checked = options.check(OPTIONS, given, "boxupload.new")
  check_credentials(checked)
  checked.ca_file = checked.ca_file or M.default_ca_file()
  return checked
end

return M
