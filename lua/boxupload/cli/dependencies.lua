-- dependencies: checks for the modules that the command needs, and says how to
-- install them.
-- SPDX-License-Identifier: MIT

local M = {}

local HELP = "install %s: apt-get install %s; dnf or apk: luarocks install " ..
  "%s; brew: luarocks install %s"

local MODULES = {
  { name = "argparse", rock = "argparse", apt = "lua-argparse" },
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

--- One line for each missing dependency.
---@return string[]
function M.missing()
  local list = {}
  for _, module in ipairs(MODULES) do
    if not pcall(require, module.name) then
      list[#list + 1] = ("the Lua module %s is missing: "):format(
        module.name) .. HELP:format(module.name, module.apt, module.rock,
        module.rock)
    end
  end
  local ok, problem = pcall(require, "boxupload.core")
  if not ok then
    list[#list + 1] = ("%s (%s)"):format(LIBRARIES, first_line(problem))
  end
  return list
end

--- Exits with a message if a dependency is missing.
function M.check()
  local list = M.missing()
  for _, line in ipairs(list) do io.stderr:write("boxupload: ", line, "\n") end
  if list[1] then os.exit(1, true) end
end

return M
