-- host: programs that embed Lua: several states, threads, forks, closed
-- descriptors, and unloading the module.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local fixtures = require "support.fixture"
local shell = require "support.shell"

local jit = rawget(_G, "jit")
local ABI = jit and "luajit" or "lua" .. _VERSION:match("%d%.%d")
-- A folder of build/, which may differ from this interpreter's: a build for
-- the thread sanitizer can't be loaded here.
local BUILD = "build/" .. (os.getenv "BOXUPLOAD_HOST" or
  os.getenv "BOXUPLOAD_BUILD" or ABI)
local SANITIZED = os.getenv "SANITIZER_RUNTIME" ~= nil
local ROUNDS = tonumber(os.getenv "HOST_ROUNDS") or 300
local SECONDS = tonumber(os.getenv "HOST_SECONDS") or 8

local SIZE = 5300

describe("a program that embeds Lua", function()
  local fixture, emulator, given

  setup(function()
    fixture = fixtures.open("--plain --min-size 1000 --part-size 1000")
    emulator = fixture.emulator
    given = fixture:file(SIZE)
  end)

  teardown(function()
    fixture:close()
  end)

  after_each(function()
    emulator:reset()
    emulator:wait_until_idle()
  end)

  local function runs(line, environment)
    local there = io.open(BUILD .. "/host")
    if not there then
      pending("needs " .. BUILD .. "/host: run 'make host'")
      return nil
    end
    there:close()
    return command.run(line, ("LUA_PATH=%s LUA_CPATH=%s %s %s"):format(
      shell.quote("./spec/?.lua;" .. package.path),
      shell.quote("./" .. BUILD .. "/?.so;" .. package.cpath),
      emulator:environment(), environment or ""), BUILD .. "/host")
  end

  local function is_there(name)
    return given.bytes == emulator:bytes_of(name)
  end

  it("uploads from states in several threads at once", function()
    local code, _, err = runs("threads 4 spec/host/upload.lua " ..
      given.path .. " 3")
    if not code then return end
    assert.equal(0, code, err)
    for thread = 1, 4 do
      for i = 1, 3 do
        for k = 1, 2 do
          assert.is_true(is_there(("thread-%d-%d-%d.bin")
            :format(thread, i, k)))
        end
      end
    end
    assert.equal(0, emulator:open_sessions())
  end)

  it("drops strings that threads are still sending", function()
    local code, _, err = runs("threads 3 spec/host/drop.lua 60")
    if not code then return end
    assert.equal(0, code, err)
    assert.equal(0, emulator:open_sessions())
  end)

  it("forks before and after it uploads", function()
    -- The child must not free what its parent's threads may be using.
    local code, out, err = runs("run spec/host/fork.lua " .. given.path,
      'ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"')
    if not code then return end
    assert.equal(0, code, err)
    assert.matches("make a new one in the child process", out, 1, true)
    for _, name in ipairs { "before", "parent", "child", "child-2",
      "child-3", "under-way", "parent-2" } do
      assert.is_true(is_there(name .. ".bin"), name)
    end
    assert.equal(0, emulator:open_sessions())
  end)

  local function numbers(line)
    local all = {}
    for number in line:gmatch("%d+") do all[#all + 1] = tonumber(number) end
    return all
  end

  it("can close states during uploads without leaks",
    function()
      emulator:faults({
        operation = "upload_part", match = { part = { 1, 2, 3, 4, 5 } },
        occurrence = "all", action = "stall", when = "during",
      })
      local code, out, err = runs(("repeat %d %g spec/host/abandon.lua %s")
        :format(ROUNDS, SECONDS, given.path))
      if not code then return end
      assert.equal(0, code, err)
      local first, last = out:match("^(.-)\n(.-)\n$")
      first, last = numbers(first or ""), numbers(last or "")
      if os.getenv "HOST_ROUNDS" then print("\n" .. out) end
      assert(first[1] == 50 and last[1] > 60, "too few rounds: " .. out)
      if not first[4] or first[4] == 0 then return end -- no /proc
      assert.equal(first[2], last[2], "descriptors")
      assert.equal(first[3], last[3], "threads")
      if SANITIZED then return end
      local growth = (last[4] - first[4]) / (last[1] - first[1])
      assert(growth < 8, ("%.1f KiB are lost each time:\n%s")
        :format(growth, out))
    end)

  it("survives closing all its descriptors", function()
    emulator:faults({
      operation = "upload_part", match = { part = { 1, 2, 3, 4, 5 } },
      occurrence = "all", action = "stall", when = "during",
    })
    local code, out, err = runs("run spec/host/close_descriptors.lua " ..
      given.path)
    if not code then return end
    assert.equal(0, code, err)
    -- Depends on which descriptor is used or reassigned first.
    assert(out:find("^the wake descriptor was closed by the host\n$") or
      out:find("^[^\n]*part %d of 6: [^\n]+\n$"), out)
    assert.equal("x", emulator:bytes_of("after.bin"))
  end)

  it("unloads the module with a state, and loads it again", function()
    local module = BUILD .. "/boxupload/core.so"
    local code, out, err = runs(("repeat 5 60 spec/host/reload.lua %s %s")
      :format(shell.output("realpath " .. module):match("[^\n]+"),
        given.path))
    if not code then return end
    assert.equal(0, code, err)
    local seen = {}
    for round, loaded in out:gmatch("(%d+)%s+(%a+)\n") do
      seen[tonumber(round)] = loaded
    end
    -- The module stays loaded once it has started threads.
    assert.same({ "false", "true", "true", "true", "true" }, seen)
    for round = 1, 5 do
      assert.is_true(is_there(("reloaded-%d.bin"):format(round)))
    end
  end)
end)
