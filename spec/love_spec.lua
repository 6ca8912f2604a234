-- love: the example for LÖVE on a virtual screen: its upload arrives, and its
-- frames don't wait for that.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local json = require "boxupload.util.json"
local shell = require "support.shell"

local SIZE = 48 * 2 ^ 20
-- Roughly how many seconds it takes.
local DURATION = 2
local LIMIT = 0.0002

local jit = rawget(_G, "jit")

local function is_missing(program)
  return shell.output("command -v " .. program) == ""
end

describe("the example for LÖVE", function()
  local emulator, dir

  setup(function()
    emulator = emulators.start("--plain")
    dir = files.temp_dir()
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  -- LÖVE runs on LuaJIT.
  local function missing()
    if not jit then return "LuaJIT, which LÖVE is made of" end
    if os.getenv "SANITIZER_RUNTIME" then return "no sanitizer" end
    if is_missing("love") then return "love" end
    if is_missing("xvfb-run") then return "xvfb-run" end
  end

  -- The value that this fraction of the list doesn't exceed.
  local function percentile(list, part)
    local sorted = {}
    for i, value in ipairs(list) do sorted[i] = value end
    table.sort(sorted)
    return sorted[math.max(1, math.ceil(part * #sorted))]
  end

  local function is_png(path)
    return files.read(path):sub(1, 8) == "\137PNG\r\n\26\n"
  end

  it("uploads, and polls in less than a fifth of a millisecond", function()
    local problem = missing()
    if problem then
      pending("needs " .. problem)
      return
    end
    emulator:control("POST", "/options",
      { connection_rate = math.floor(SIZE / DURATION / 4) })
    local path = dir.path .. "/movie.bin"
    shell.output(("head -c %d /dev/urandom >%s"):format(SIZE, path))
    shell.output(("mkdir %s/game && cp examples/love/conf.lua %s/game && " ..
      "cp spec/support/love_probe.lua %s/game/main.lua")
      :format(dir.path, dir.path, dir.path))
    local report = dir.path .. "/report"
    local code, out, err = command.run(("-a -s '-screen 0 800x600x24' " ..
      "love %s/game examples/love %s %s"):format(dir.path, report, path),
      ("LUA_PATH=%s LUA_CPATH=%s HOME=%s SDL_AUDIODRIVER=dummy %s"):format(
        shell.quote(package.path), shell.quote(package.cpath), dir.path,
        emulator:environment()), "xvfb-run")
    assert.equal(0, code, out .. err)
    local seen = assert(json.decode(files.read(report)))
    assert.equal(core.sha1(files.read(path)),
      seen.file and seen.file.sha1, seen.message)
    assert.equal(0, emulator:open_sessions())
    for _, name in ipairs { "running", "over" } do
      assert.is_true(is_png(("%s.%s.png"):format(report, name)))
    end
    local keep = os.getenv "LOVE_SCREENSHOTS"
    if keep then shell.output(("cp %s.*.png %s"):format(report, keep)) end
    local p50, p99 = percentile(seen.polls, 0.5), percentile(seen.polls, 0.99)
    local figures = ("%d polls: half in %.0f us, 99 %% in %.0f us, all in " ..
      "%.0f us; frames: half in %.1f ms, all in %.1f ms"):format(#seen.polls,
        p50 * 1e6, p99 * 1e6, percentile(seen.polls, 1) * 1e6,
        percentile(seen.frames, 0.5) * 1e3, percentile(seen.frames, 1) * 1e3)
    if keep then print("\n" .. figures) end
    assert(#seen.polls > 30, figures)
    assert(p99 < LIMIT, figures)
  end)
end)
