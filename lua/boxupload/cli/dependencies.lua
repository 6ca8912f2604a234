-- dependencies: checks for the modules that the command needs, and says how to
-- install them.
-- SPDX-License-Identifier: MIT

local console = require "boxupload.cli.output.console"

local M = {}

local HELP = "install %s: apt-get install %s; dnf or apk: luarocks install " ..
  "%s; brew: luarocks install %s"

-- 0.7 brought `choices`.
local function is_new_argparse(argparse)
  return argparse("boxupload"):argument("x").choices ~= nil
end

local MODULES = {
  { name = "argparse", rock = "argparse", apt = "lua-argparse",
    is_new = is_new_argparse, since = "0.7" },
  { name = "cjson", rock = "lua-cjson", apt = "lua-cjson" },
}

local LIBRARIES = "the C module can't be loaded: it needs libcurl " ..
  "(apt-get install libcurl4; dnf, apk or brew install curl) and OpenSSL " ..
  "(apt-get install libssl3; dnf install openssl-libs; apk add libcrypto3; " ..
  "brew install openssl@3), and is built for one Lua: make install " ..
  "LUA=..., or luarocks install boxupload"

local function first_line(text)
  return tostring(text):match("[^\n]*")
end

-- What is wrong with a module, or nil.
local function problem_of(module)
  local ok, found = pcall(require, module.name)
  if not ok then return "is missing" end
  if module.is_new and not module.is_new(found) then
    return ("is too old; %s or newer is needed"):format(module.since)
  end
end

--- One line for each dependency that is missing or too old.
---@return string[]
function M.missing()
  local list = {}
  for _, module in ipairs(MODULES) do
    local problem = problem_of(module)
    if problem then
      list[#list + 1] = ("the Lua module %s %s: "):format(module.name,
        problem) .. HELP:format(module.name, module.apt, module.rock,
        module.rock)
    end
  end
  local ok, problem = pcall(require, "boxupload.core")
  if not ok then
    list[#list + 1] = ("%s (%s)"):format(LIBRARIES, first_line(problem))
  end
  return list
end

--- Exits with a message if a dependency is missing or too old.
function M.check()
  local list = M.missing()
  for _, line in ipairs(list) do console.print_error("boxupload: " .. line) end
  if list[1] then os.exit(1, true) end
end

return M
