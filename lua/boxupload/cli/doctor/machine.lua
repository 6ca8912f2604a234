-- machine: checks what uploads need on this machine.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local cjson = require "cjson"
local core = require "boxupload.core"
local exit_code = require "boxupload.cli.output.exit_code"
local parser = require "argparse"
local profiles = require "boxupload.cli.profile"

local M = {}

local MIN_CURL = { 7, 68 }

local function is_old(version)
  local major, minor = version:match("^(%d+)%.(%d+)")
  major, minor = tonumber(major), tonumber(minor)
  if not major then return false end
  return major < MIN_CURL[1] or
    major == MIN_CURL[1] and minor < MIN_CURL[2]
end

local function curl_finding(of)
  if is_old(of.curl) then
    return {
      check = "libcurl", status = "warn", message = of.curl .. " is old",
      advice = "install 7.68 or newer: libcurl4 of apt-get, libcurl of " ..
        "dnf or apk, curl of brew",
    }
  end
  return { check = "libcurl", status = "ok",
    message = ("%s with %s"):format(of.curl, of.tls) }
end

--- Reports the versions of the libraries in use.
---@param add fun(finding: table)
function M.versions(add)
  local of = core.versions()
  local jit = rawget(_G, "jit")
  local function add_ok(check, message)
    add { check = check, status = "ok", message = message }
  end
  add_ok("boxupload", of.boxupload)
  add_ok("Lua", jit and jit.version or of.lua)
  add(curl_finding(of))
  add_ok("OpenSSL", of.openssl)
  add_ok("cjson", tostring(cjson._VERSION or "of an unknown version"))
  add_ok("argparse", tostring(parser.version or "of an unknown version"))
end

--- Checks that journals can be written.
---@param add fun(finding: table)
function M.state_folder(add)
  local folder, problem = boxupload.journal.folder()
  if not folder then
    return add { check = "state folder", status = "fail",
      message = "there is none, so no upload can resume after a crash",
      exit_code = exit_code.FAILED, advice = problem }
  end
  local path = folder .. "/.doctor"
  local ok, text = core.make_folder(folder)
  if ok then ok, text = core.replace_file(path, "") end
  if ok then
    os.remove(path)
    return add { check = "state folder", status = "ok",
      message = folder .. " can be written to" }
  end
  add {
    check = "state folder", status = "fail", exit_code = exit_code.FAILED,
    message = ("%s: %s"):format(folder, text),
    advice = "make it writable, or set XDG_STATE_HOME to another folder: " ..
      "without it no upload can resume after a crash",
  }
end

local PROXIES = { "https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy",
  "ALL_PROXY", "no_proxy", "NO_PROXY" }

-- A proxy's URL, of which the scheme may be missing, without its password.
local function without_password(proxy)
  local scheme = proxy:match("^%a[%w+.-]*://") or ""
  return scheme .. proxy:sub(#scheme + 1):gsub("^.*@", "***@")
end

--- Reports the proxies set in the environment, without their passwords.
---@param add fun(finding: table)
function M.proxies(add)
  local found = {}
  for _, name in ipairs(PROXIES) do
    local value = os.getenv(name)
    if value and value ~= "" then
      found[#found + 1] = name .. "=" .. without_password(value)
    end
  end
  add { check = "proxies", status = "ok", message = found[1] and
    table.concat(found, ", ") or "none in the environment" }
end

--- Checks that the profiles can be read, and who else can read them.
---@param add fun(finding: table)
function M.profiles(add)
  local check = "profiles"
  local config, problem = profiles.load()
  if not config then
    return add { check = check, status = "fail", message = problem,
      exit_code = exit_code.USAGE,
      advice = "fix the file, or remove it and run boxupload login" }
  end
  local names = {}
  for name in pairs(config.profiles) do names[#names + 1] = name end
  table.sort(names)
  local warnings = profiles.warnings()
  for _, warning in ipairs(warnings) do
    add { check = check, status = "warn", message = warning }
  end
  if warnings[1] then return end
  add { check = check, status = "ok", message = names[1] and
    ("%s in %s"):format(table.concat(names, ", "), profiles.path()) or
    "none" }
end

--- Checks that the configured CA file can be read.
---@param path string?
---@param add fun(finding: table)
function M.ca_file(path, add)
  if not path then return end
  local file = core.file(path)
  if file then
    file:close()
    return add { check = "CA file", status = "ok", message = path }
  end
  add {
    check = "CA file", status = "fail", exit_code = exit_code.USAGE,
    message = path .. " can't be read",
    advice = "name a PEM file with the authorities to trust, or none",
  }
end

return M
