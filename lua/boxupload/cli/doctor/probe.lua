-- probe: checks that Box's hosts answer, that their certificates are trusted,
-- and that the clocks agree.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local exit_code = require "boxupload.cli.output.exit_code"
local redact = require "boxupload.util.redact"
local timestamp = require "boxupload.util.timestamp"
local urls = require "boxupload.util.url"

local M = {}

local TIMEOUT = 20  -- seconds for all hosts together
-- Clock differences in seconds that warn and that fail: Box refuses a signed
-- sign-in whose time is wrong.
local CLOCK_WARN, CLOCK_FAIL = 30, 300

-- Any path will do: the requests have no token, so Box refuses them anyway.
local HOSTS = {
  { "api", "api_url", "/users/me" },
  { "upload", "upload_url", "/files/upload_sessions/0" },
  { "token", "token_url", "" },
}

local function wait_for_exchange(exchange, deadline)
  local queue = exchange:queue()
  while not exchange:poll() do
    local left = deadline - core.now()
    if left <= 0 then
      exchange:cancel()
      return false
    end
    queue:wait(left)
  end
  return true
end

local function cleartext_finding(name, url)
  if not urls.cleartext_origin(url) then return nil end
  return {
    check = name, status = "warn",
    message = url .. " isn't encrypted: the network can read the token",
    advice = "configure an https URL",
  }
end

local UNREACHABLE = "look at the network, the proxy and the configured URL"
local ADVICE = {
  ca_file = "BOX_CA_FILE (else SSL_CERT_FILE) names a PEM file with the " ..
    "authorities to trust",
  certificate = "look at the configured URL; if it is right, and the " ..
    "server or a proxy between has a certificate of a private authority, " ..
    "let BOX_CA_FILE name that authority's",
  certificate_date = "look at this machine's clock; if it is right, tell " ..
    "whoever runs that server",
  certificate_host = "another server answers: look at the configured URL, " ..
    "and whether the network wants a sign-in in a browser first",
  proxy_auth = "check the user name and the password in the proxy's URL",
  proxy_refused = "ask whoever runs the proxy to let this host through",
}

local function connection_finding(name, url, exchange)
  local code, text = exchange:error()
  if not code then return nil end
  return {
    check = name, status = "fail",
    exit_code = exit_code.of { kind = "network", code = code },
    code = code, message = url .. ": " .. text,
    advice = ADVICE[code] or UNREACHABLE,
  }
end

local function clock_finding(name, exchange)
  local date = exchange:header("Date")
  local there = date and timestamp.parse_http(date)
  if not there then return nil end
  local off = core.time() - there
  if math.abs(off) <= CLOCK_WARN then return nil end
  return {
    check = name .. " clock",
    status = math.abs(off) > CLOCK_FAIL and "fail" or "warn",
    exit_code = exit_code.UNAVAILABLE,
    message = ("this machine's clock is %.0f seconds %s the server's")
      :format(math.abs(off), off > 0 and "ahead of" or "behind"),
    advice = "set the clock, by NTP for instance",
  }
end

local function server_error_finding(name, url, exchange)
  local status = exchange:status()
  if status < 500 then return nil end
  return {
    check = name, status = "fail", exit_code = exit_code.UNAVAILABLE,
    message = ("%s answers %d"):format(url, status),
    advice = "the service, or a proxy before it, has trouble: try later",
  }
end

-- Box answers 401 without a token.
local function forbidden_finding(name, url, exchange)
  if exchange:status() ~= 403 then return nil end
  return {
    check = name, status = "fail", exit_code = exit_code.DENIED,
    message = url .. " answers 403, also to a stranger",
    advice = "a proxy or a web filter between, or Box's rule on places, " ..
      "lets nothing through: ask whoever runs it",
  }
end

local function timeout_finding(name, url)
  return {
    check = name, status = "fail", exit_code = exit_code.UNAVAILABLE,
    message = ("%s: no answer in %d seconds"):format(url, TIMEOUT),
    advice = UNREACHABLE,
  }
end

local function check_host(row, deadline, add)
  local name, url, exchange = row.name, row.url, row.exchange
  if not wait_for_exchange(exchange, deadline) then
    return add(timeout_finding(name, url))
  end
  local problem = connection_finding(name, url, exchange)
  if problem then return add(problem) end
  problem = server_error_finding(name, url, exchange) or
    forbidden_finding(name, url, exchange) or
    cleartext_finding(name, url)
  add(problem or {
    check = name, status = "ok", message = url .. " answers",
  })
  problem = clock_finding(name, exchange)
  if problem then add(problem) end
end

--- Sends a request without a token to each of the client's hosts.
---@param client boxupload.Client
---@param add fun(finding: table)
function M.hosts(client, add)
  local deadline, rows = core.now() + TIMEOUT, {}
  local function add_clean(finding)
    finding.message = redact.text(finding.message, client.secrets)
    add(finding)
  end
  for _, host in ipairs(HOSTS) do
    local name, url = host[1], client[host[2]]
    local exchange, text = client.engine:submit {
      method = "GET", url = url .. host[3], authorize = false,
    }
    if exchange then
      rows[#rows + 1] = { name = name, url = url, exchange = exchange }
    else
      add_clean { check = name, status = "fail", message = text,
        exit_code = exit_code.USAGE, advice = "configure another URL" }
    end
  end
  for _, row in ipairs(rows) do check_host(row, deadline, add_clean) end
end

return M
