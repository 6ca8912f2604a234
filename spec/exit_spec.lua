-- exit: a process that ends in the middle of an upload over TLS ends with the
-- status it asked for, and soon: OpenSSL is torn down at exit, under threads
-- that still use it.
-- EXIT_ROUNDS and EXIT_SEED make it try more, or others.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local core = require "boxupload.core"
local dices = require "support.dice"
local fixtures = require "support.fixture"
local shell = require "support.shell"

local ROUNDS = tonumber(os.getenv "EXIT_ROUNDS") or 3
local SEED = tonumber(os.getenv "EXIT_SEED") or 1

local jit = rawget(_G, "jit")
local BUILD = "build/" .. (os.getenv "BOXUPLOAD_BUILD" or
  jit and "luajit" or "lua" .. _VERSION:match("%d%.%d"))
local HOST = BUILD .. "/host"

-- Seconds from leaving to the end, at most.
local MOST = command.is_sanitized() and 10 or 2
-- Milliseconds within which it leaves: the first have TLS's handshakes.
local EARLY, LATE = 30, 150
local PART, PARTS = 200000, 10

-- Programs, the ways that they can leave in, and the status of each.
local INTERPRETER = {
  { "exit", 0 }, { "close", 0 }, { "error", 1 }, { "status", 7 },
  { "return", 0 },
}
local EMBEDDED = {
  { "exit", 0 }, { "error", 1 }, { "return", 0 }, { "thread", 0 },
  { "at_once", 0 }, { "child", 0 },
}
local EDITOR = { { "quit", 0 } }

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

describe("a process that ends during an upload", function()
  local fixture, given, dice
  local serial = 0

  setup(function()
    fixture = fixtures.open(("--tls --no-store --min-size 1000 " ..
      "--part-size %d --connection-rate 2000000"):format(PART))
    given = fixture:file(PARTS * PART)
    dice = dices.new(SEED)
  end)

  teardown(function()
    fixture:close()
  end)

  local function check(line, program, way, status)
    serial = serial + 1
    local after = dice:roll(dice:chance(1, 2) and EARLY or LATE)
    local environment = ("LUA_PATH=%s LUA_CPATH=%s %s LEAVE_BY=%s " ..
      "LEAVE_FILE=%s LEAVE_NAME=%d LEAVE_AFTER=%g"):format(
      shell.quote("./spec/?.lua;" .. package.path), shell.quote(package.cpath),
      fixture.emulator:environment(), way, shell.quote(given.path), serial,
      after / 1000)
    -- What it leaves to the system isn't a leak.
    environment = environment ..
      ' ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"'
    local code, out, err = command.run(line, environment,
      "timeout -k 1 20 " .. program)
    local ended = core.now()
    local what = ("%s by %s after %d ms (seed %d): "):format(program, way,
      after, SEED)
    assert(code == status, ("%sstatus %s: %s%s"):format(what, tostring(code),
      out, err))
    local left = tonumber((out .. err):match("left ([%d.]+)"))
    assert(left, what .. out .. err)
    assert(ended - left < MOST, ("%sit took %g s"):format(what, ended - left))
  end

  local function check_all(line, program, ways)
    for _ = 1, ROUNDS do
      for _, one in ipairs(ways) do
        check(line, program, one[1], one[2])
      end
    end
  end

  it("ends well in the interpreter", function()
    check_all("spec/host/leave.lua", command.interpreter(), INTERPRETER)
  end)

  it("ends well in a program that embeds Lua and doesn't close it",
    function()
      if not exists(HOST) then
        pending("needs " .. HOST .. ": run 'make host'")
        return
      end
      check_all("leave spec/host/leave.lua", HOST, EMBEDDED)
    end)

  it("ends well in Neovim", function()
    if not jit or shell.output("command -v nvim") == "" then
      pending "needs Neovim and the module of LuaJIT, which it runs"
      return
    end
    check_all("--headless --clean -c 'luafile spec/host/leave.lua'", "nvim",
      EDITOR)
  end)
end)
