-- neovim: uploads from an editor command, without blocking the editor.
-- SPDX-License-Identifier: MIT

local files = require "support.files"
local fixtures = require "support.fixture"
local json = require "boxupload.util.json"
local shell = require "support.shell"

local PARTS = 11
-- The largest part of an upload's time in which the editor doesn't respond; a
-- wait that blocks takes almost all of it.
local MAX_BLOCKED = 0.7

-- Why it can't run here; nil if it can.
local function why_missing()
  if shell.output("command -v nvim") == "" then return "needs Neovim" end
  if not rawget(_G, "jit") then
    return "needs the module of LuaJIT, which Neovim runs"
  end
end

describe("in Neovim", function()
  local problem = why_missing()
  if problem then
    it("uploads work", function() pending(problem) end)
    return
  end

  local fixture

  setup(function() fixture = fixtures.open() end)
  teardown(function() fixture:close() end)
  before_each(function() fixture.emulator:reset { latency_ms = 30 } end)
  after_each(function() fixture:after_each() end)

  -- Runs a case of support/neovim.lua; returns its result and exit code.
  local function run(case, given)
    local result = fixture.dir.path .. "/result"
    local out = shell.output(("BOX_CASE=%s BOX_FILE=%s BOX_RESULT=%s %s " ..
      "LUA_PATH=%s LUA_CPATH=%s XDG_STATE_HOME=%s timeout 30 " ..
      "nvim --headless --clean --cmd 'set rtp^=examples/neovim' " ..
      "-c 'luafile spec/support/neovim.lua' </dev/null 2>&1; " ..
      "echo \"exit code $?\"")
      :format(case, shell.quote(given.path), shell.quote(result),
        fixture.emulator:environment(),
        shell.quote("./spec/?.lua;" .. package.path),
        shell.quote(package.cpath), fixture.dir.path))
    assert.matches("exit code 0\n$", out)
    local seen = assert(json.decode(files.read(result)), out)
    return seen, table.concat(seen.notes, "\n")
  end

  it("a command returns at once and doesn't block the editor", function()
    local given = fixture:file(PARTS * 1000)
    local seen, notes = run("upload", given)
    assert.matches(given.sha1, notes, 1, true)
    assert.matches(": %d+ %%\n", notes)
    assert.is_true(given.bytes == fixture.emulator:bytes_of(given.name))
    assert.is_true(seen.returned < seen.took / 2)
    assert.is_true(seen.ticks > 5)
    assert.is_true(seen.gap < MAX_BLOCKED * seen.took,
      ("%f of %f seconds without a turn"):format(seen.gap, seen.took))
  end)

  it("a command cancels", function()
    fixture.emulator:faults {
      operation = "upload_part", occurrence = "all", action = "stall",
    }
    local seen, notes = run("cancel", fixture:file(PARTS * 1000))
    assert.matches("canceled", notes)
    assert.is_true(seen.took < 5)
    assert.equal(0, fixture.emulator:open_sessions())
  end)

  it("the editor can quit during an upload", function()
    fixture.emulator:faults {
      operation = "upload_part", occurrence = "all", action = "stall",
    }
    local seen = run("quit", fixture:file(PARTS * 1000))
    assert.is_true(seen.took < 5)
  end)

  it("timers fire while code without a coroutine waits", function()
    local given = fixture:file(PARTS * 1000)
    local seen, notes = run("main", given)
    assert.equal(given.sha1, notes)
    assert.is_true(seen.ticks > 5)
    assert.is_true(seen.gap < MAX_BLOCKED * seen.took)
  end)
end)
