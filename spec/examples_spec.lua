-- examples: each one runs against the emulator as its header says.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local event_loops = require "support.event_loops"
local files = require "support.files"
local shell = require "support.shell"

local interpreter = command.interpreter

describe("the example", function()
  local emulator, dir

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  after_each(function()
    assert.equal(0, emulator:open_sessions())
    emulator:reset()
  end)

  -- Runs an example: its exit code, output and errors.
  local function run(name, arguments, before)
    local line = ("%s LUA_PATH=%s LUA_CPATH=%s %s %s " ..
      "-l support.use_emulator examples/%s.lua %s 2>%s/err; " ..
      "echo \"exit code $?\"")
      :format(before or "", shell.quote("./spec/?.lua;" .. package.path),
        shell.quote(package.cpath), emulator:environment(), interpreter(),
        name, arguments, dir.path)
    local out, code = shell.output(line):match("^(.*)exit code (%d+)")
    return tonumber(code), out, files.read(dir.path .. "/err")
  end

  local examples = {}

  function examples.upload()
    local path, bytes, sha1 = dir:file("upload.bin", 4321)
    local code, out, err = run("upload", shell.quote(path))
    assert.equal(0, code, err)
    assert.matches(sha1, out, 1, true)
    assert.is_true(bytes == emulator:bytes_of("upload.bin"))
    code, out, err = run("upload", shell.quote(path))
    assert.equal(1, code)
    assert.equal("", out)
    assert.matches("item_name_in_use", err)
  end

  function examples.stdin()
    local path, bytes, sha1 = dir:file("stdin-source", 23456)
    local code, out, err = run("stdin", "piped.bin",
      ("cat %s |"):format(shell.quote(path)))
    assert.equal(0, code, err)
    assert.matches(sha1, out, 1, true)
    assert.matches("23456 bytes", out)
    assert.is_true(bytes == emulator:bytes_of("piped.bin"))
  end

  function examples.session()
    local path, bytes, sha1 = dir:file("by-hand.bin", 3500)
    local code, out, err = run("session", shell.quote(path))
    assert.equal(0, code, err)
    local _, count = out:gsub("part %x+: %d+ bytes from %d+, sha1 %w+\n", "")
    assert.equal(4, count, out)
    assert.matches(sha1, out, 1, true)
    assert.is_true(bytes == emulator:bytes_of("by-hand.bin"))
    code, _, err = run("session", shell.quote(dir.path .. "/missing"))
    assert.equal(1, code)
    assert.matches("No such file", err)
  end

  function examples.many()
    local arguments, sha1s = {}, {}
    for i, size in ipairs { 12, 5000, 12345, 100 } do
      local path, _, sha1 = dir:file(("many-%d"):format(i), size, i)
      arguments[i], sha1s[i] = shell.quote(path), sha1
    end
    local code, out, err = run("many", table.concat(arguments, " "))
    assert.equal(0, code, err)
    assert.matches("100.0 %%\n$", err)
    for i, sha1 in ipairs(sha1s) do
      assert.matches(sha1, out, 1, true)
      assert.equal(sha1, core.sha1(emulator:bytes_of(("many-%d"):format(i))))
    end
    code, out, err = run("many", arguments[1] .. " /missing/file")
    assert.equal(1, code)
    assert.equal("", out)
    assert.matches("/missing/file: .*No such file", err)
    assert.matches("item_name_in_use", err)
  end

  -- Examples that upload several files in an event loop.
  local function in_loop(library, name)
    local problem = event_loops.why_missing(library)
    if problem then pending(problem) end
    emulator:reset { latency_ms = 20 }
    local arguments, sha1s = {}, {}
    for i, size in ipairs { 12, 5000, 12345 } do
      local path, _, sha1 = dir:file(("%s-%d"):format(name, i), size, i)
      arguments[i], sha1s[i] = shell.quote(path), sha1
    end
    local code, out, err = run(name, table.concat(arguments, " "))
    assert.equal(0, code, err)
    for _, sha1 in ipairs(sha1s) do assert.matches(sha1, out, 1, true) end
    assert.is_true(tonumber(err:match("(%d+) t[%a]+ ")) > 10, err)
    code, out, err = run(name, arguments[1])
    assert.equal(1, code)
    assert.equal("", out)
    assert.matches("item_name_in_use", err)
    emulator:reset { latency_ms = 0 }
  end

  function examples.cqueues_upload() in_loop("cqueues", "cqueues_upload") end
  function examples.luv_upload() in_loop("luv", "luv_upload") end
  function examples.copas_upload() in_loop("copas", "copas_upload") end

  -- This one starts its own emulator and uploads 256 MiB.
  function examples.demo()
    local out = shell.output(("LUA_PATH=%s LUA_CPATH=%s LUA=%s " ..
      "tools/with-emulator %s examples/demo.lua 2>&1; " ..
      "echo \"exit code $?\""):format(shell.quote(package.path),
        shell.quote(package.cpath), interpreter(), interpreter()))
    assert.matches("they are the same\nexit code 0\n$", out)
  end

  local names = shell.output("ls examples")
  for name in names:gmatch("([%w_]+)%.lua\n") do
    it(name .. " runs", function()
      assert.is_function(examples[name], "a case for examples/" .. name)
      examples[name]()
    end)
  end
end)
