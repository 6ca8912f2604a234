-- makefile: what it runs finds this tree's modules and those that the user's
-- own variables name.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local files = require "support.files"
local shell = require "support.shell"

local LUA = shell.quote(os.getenv "LUA" or "lua5.4")
local VERSIONED = "LUA_PATH_" .. _VERSION:match("%d%.%d"):gsub("%.", "_")

describe("make", function()
  if (os.getenv "BOXUPLOAD_BUILD" or ""):find("-", 1, true) then
    it("finds modules", function() pending "needs the plain build" end)
    return
  end

  local dir

  setup(function()
    dir = files.temp_dir()
    dir:write("of_the_user.lua", "return 'found'")
  end)

  teardown(function() dir:remove() end)

  -- With none of the variables that this very run has set.
  local function make(variables, arguments)
    return command.run(("-s --no-print-directory LUA=%s %s"):format(LUA,
      arguments), ("env -u LUA_PATH -u LUA_CPATH -u MAKEFLAGS %s")
        :format(variables), "make")
  end

  local function each_variable(check)
    local path = shell.quote(dir.path .. "/?.lua;;")
    check("LUA_PATH=" .. path)
    -- Lua 5.1 and LuaJIT know none with a version.
    if _VERSION ~= "Lua 5.1" then check(VERSIONED .. "=" .. path) end
  end

  it("env keeps what the user's variables name", function()
    each_variable(function(variables)
      local code, out, err = make(variables, "env")
      assert.equal(0, code, err)
      local script = dir:write("script", out .. "exec " .. LUA .. [[ -e '
        print(require "of_the_user", require("boxupload")._NAME or
          type(require "boxupload"), package.path:match "[^;]*")']])
      out = shell.output(("env -u LUA_PATH -u LUA_CPATH %s sh %s")
        :format(variables, shell.quote(script)))
      assert.matches("^found\t.*\t/.*/lua/%?%.lua\n$", out)
    end)
  end)

  it("runs specs with what the user's variables name", function()
    dir:write("user_spec.lua", [[
      it("finds both", function()
        assert.equal("found", require "of_the_user")
        assert.is_table(require "boxupload")
      end)]])
    each_variable(function(variables)
      local code, out, err = make(variables, "specs SPECS=" ..
        shell.quote(dir.path .. "/user_spec.lua"))
      assert.equal(0, code, out .. err)
      assert.matches("1 passed, 0 failed", out, 1, true)
    end)
  end)
end)
