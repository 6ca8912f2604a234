-- abi: a C module that was built for another Lua is refused with a clear
-- message; one with the same ABI is accepted.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local emulators = require "support.emulator"
local files = require "support.files"
local shell = require "support.shell"

local jit = rawget(_G, "jit")
local OWN = jit and "luajit" or "lua" .. _VERSION:match("%d%.%d")

-- LuaJIT has the ABI of Lua 5.1.
local function abi_of(name)
  return name == "luajit" and "lua5.1" or name
end

describe("a module that was built for", function()
  local function is_built(name)
    local file = io.open(("build/%s/boxupload/core.so"):format(name))
    if file then file:close() end
    return file ~= nil
  end

  -- Runs a script that can find only that module.
  local function run(name, arguments, environment)
    return command.run(arguments, ("LUA_PATH=%s LUA_CPATH=%s %s"):format(
      shell.quote(package.path),
      shell.quote(("./build/%s/?.so;"):format(name) ..
        package.cpath:gsub("[^;]*build/[^;]*", "")), environment or ""),
      command.interpreter())
  end

  local function refuses(name)
    local code, out, err = run(name, "-e " .. shell.quote(
      "print(pcall(require, 'boxupload'))"))
    assert.equal(0, code, err)
    assert.matches("^false\tboxupload.core can't be loaded", out)
    assert.matches("built for this Lua, which is " ..
      (jit and "LuaJIT" or _VERSION), out, 1, true)
    assert.matches(("build/%s/boxupload/core.so"):format(name), out, 1, true)
  end

  local function works(name)
    local emulator, dir = emulators.start(), files.temp_dir()
    local path, bytes, sha1 = dir:file("abi.bin", 5300)
    local code, out, err = run(name, "spec/support/resumable_upload.lua " ..
      path .. " abi.bin", emulator:environment())
    assert.equal(0, code, err)
    assert.equal(sha1 .. "\n", out)
    assert.is_true(bytes == emulator:bytes_of("abi.bin"))
    dir:remove()
    emulator:stop()
  end

  for _, name in ipairs { "lua5.1", "lua5.2", "lua5.3", "lua5.4", "luajit" } do
    local fits = abi_of(name) == abi_of(OWN)
    it(("%s: it is %s"):format(name, fits and "taken" or "refused"),
      function()
        if not is_built(name) then
          pending(("needs 'make module LUA=%s'"):format(name))
          return
        end
        if fits then works(name) else refuses(name) end
      end)
  end

  -- The headers of Lua 5.3 are the only ones that take it from outside.
  it("a Lua with numbers of 32 bits: it is refused", function()
    if OWN ~= "lua5.3" then
      pending("needs the headers of Lua 5.3")
      return
    end
    local dir = files.temp_dir()
    shell.output(("env -u MAKEFLAGS make -s module LUA=lua5.3 OUT=%s " ..
      'LUA_CFLAGS="-DLUA_32BITS $(pkg-config --cflags lua5.3)"')
      :format(dir.path))
    local code, out, err = command.run("-e " .. shell.quote(
      "print(pcall(require, 'boxupload.core'))"),
      ("LUA_CPATH='%s/?.so'"):format(dir.path), command.interpreter())
    dir:remove()
    assert.equal(0, code, err)
    assert.matches("^false\tboxupload needs numbers of 64 bits: this Lua " ..
      "was built with LUA_32BITS", out)
  end)
end)
