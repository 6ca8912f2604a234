-- cli: the boxupload command, as people and scripts run it.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local shell = require "support.shell"

describe("boxupload upload", function()
  local emulator, dir, environment
  local serial = 0

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
    environment = emulator:environment()
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset { min_size = 1000, part_size = 1000, connection_rate = 0 }
  end)

  after_each(function()
    assert.equal(0, emulator:open_sessions())
  end)

  local function new_file(size)
    serial = serial + 1
    return dir:file(("cli %d.bin"):format(serial), size, serial)
  end

  local function run(arguments)
    return command.run("upload --folder-id 0 " .. arguments, environment)
  end

  it("uploads a file and prints its id on Box", function()
    local path, bytes, sha1 = new_file(2500)
    local code, out, err = run(shell.quote(path))
    assert.equal(0, code, err)
    assert.matches(sha1, out, 1, true)
    assert.matches("file %d+, version 0, 2500 bytes", out)
    assert.equal("", err)
    assert.is_true(bytes == emulator:bytes_of(path:match("[^/]+$")))
  end)

  it("takes no number that it can't count to", function()
    local path = shell.quote((new_file(10)))
    local huge = { "nan", "inf", "-1", "1.5", "1e400", "9007199254740994",
      "x", "''" }
    for option, more in pairs {
      ["upload -f 0 %s --parallel"] = { "0", "2147483648", "4294967297" },
      ["upload -f 0 %s --transfers"] = { "0" },
      ["upload -f 0 %s --retries"] = {},
      ["hash %s --part-size"] = { "0" },
      ["resume --parallel"] = { "2147483648" },
      ["login --port"] = { "65536", "4294967296", "4294975338" },
    } do
      local name = option:match("%-%-[%a-]+$")
      for _, list in ipairs { huge, more } do
        for _, value in ipairs(list) do
          local code, _, err = command.run(("%s=%s"):format(
            option:gsub("%%s", function() return path end), value),
            environment)
          assert.equal(2, code, name .. "=" .. value .. ": " .. err)
          assert.matches(name .. " takes a whole number", err, 1, true)
        end
      end
    end
    for _, rate in ipairs { ("9"):rep(400), ("9"):rep(400) .. "G",
      "9007199254740993K" } do
      local code, _, err = run(path .. " --limit-rate " .. rate)
      assert.equal(2, code)
      assert.matches("--limit-rate takes bytes a second", err, 1, true)
    end
    assert.equal(0, #emulator:requests())
  end)

  it("finds its dependencies by the variables of any Lua", function()
    local version = _VERSION:match("%d%.%d"):gsub("%.", "_")
    local name = version == "5_1" and "LUA_PATH" or "LUA_PATH_" .. version
    local stub = assert(io.open(dir.path .. "/argparse.lua", "w"))
    stub:write("print 'the one that the variable names' os.exit(0)\n")
    stub:close()
    local path = shell.quote(dir.path .. "/?.lua;;")
    local _, out = command.run("--version", ("%s=%s"):format(name, path))
    assert.equal("the one that the variable names\n", out)
    os.remove(dir.path .. "/argparse.lua")
    -- Its own modules come first.
    for _, value in ipairs { "", path } do
      local code, _, err = command.run("--version",
        ("%s=%s LUA_CPATH_%s=''"):format(name, value, version))
      assert.equal(0, code, err)
    end
  end)

  it("uploads several files, big ones in parts", function()
    local small, big = new_file(10), shell.quote((new_file(20000010)))
    emulator:reset { min_size = 20000000, part_size = 8000000 }
    local code, out = run(shell.quote(small) .. " " .. big .. " --json")
    assert.equal(0, code)
    assert.equal(1, #emulator:requests("upload_file"))
    assert.equal(3, #emulator:requests("upload_part"))
    local done = {}
    for _, event in ipairs(command.events(out)) do
      if event.event == "done" then done[#done + 1] = event end
    end
    assert.equal(2, #done)
    assert.equal(20000010, done[2].file.size)
  end)

  it("prints one JSON object per line", function()
    local path, _, sha1 = new_file(2500)
    local code, out, err = run(shell.quote(path) ..
      " --json --parallel 2 --file-name 'other name.bin'")
    assert.equal(0, code)
    assert.equal("", err)
    local events = command.events(out)
    assert.equal("start", events[1].event)
    assert.equal("summary", events[#events].event)
    local last = events[#events - 1]
    assert.equal("done", last.event)
    assert.equal(path, last.path)
    assert.equal(sha1, last.file.sha1)
    assert.equal("other name.bin", last.file.name)
    assert.is_number(last.seconds)
    assert.is_number(last.peak_memory)
    for i = 2, #events - 2 do
      assert.equal("progress", events[i].event)
      assert.equal(2500, events[i].file_size)
      assert.is_true(events[i].bytes_sent <= 2500)
    end
  end)

  it("uploads a new version of a file", function()
    local path = new_file(2500)
    local _, out = run(shell.quote(path) .. " --json")
    local events = command.events(out)
    local id = events[#events - 1].file.id
    local code, out2 = command.run(("upload --file-id %s %s --json")
      :format(id, shell.quote((new_file(2600)))), environment)
    assert.equal(0, code)
    events = command.events(out2)
    assert.equal(id, events[#events - 1].file.id)
    assert.equal("1", events[#events - 1].file.etag)
  end)

  it("fails with one line that says what to do", function()
    local code, out, err = run("/no/such/file")
    assert.equal(7, code)
    assert.equal("", out)
    assert.matches("^boxupload: /no/such/file: [^\n]*No such file[^\n]*\n$",
      err)
  end)

  it("fails with an event on --json", function()
    local path = new_file(2500)
    assert.equal(0, (run(shell.quote(path))))
    local code, out, err = run(shell.quote(path) .. " --json")
    assert.equal(5, code)
    assert.equal("", err)
    local events = command.events(out)
    local last = events[#events - 1]
    assert.equal("error", last.event)
    assert.equal("conflict", last.kind)
    assert.equal("item_name_in_use", last.code)
    assert.equal(409, last.status)
    assert.is_string(last.message)
    assert.equal(path, last.path)
  end)

  it("continues with the next file, and reports the failure at the end",
    function()
      local good = new_file(2500)
      local code, out, err = run("/no/such/file " .. shell.quote(good))
      assert.equal(7, code)
      assert.matches("2500 bytes", out, 1, true)
      assert.matches("/no/such/file", err, 1, true)
    end)

  it("doesn't start without what it needs", function()
    local path = shell.quote((new_file(10)))
    for _, case in ipairs {
      { "upload " .. path, environment, "--folder-id" },
      { "upload --folder-id 0 --file-id 1 " .. path, environment,
        "not both" },
      { "upload --folder-id 0 --file-name x " .. path .. " " .. path,
        environment, "for one file" },
      { "upload --folder-id 0", environment, "argument" },
      { "upload --folder-id 0 --parallel 0 " .. path, environment,
        "parallel" },
      { "upload --folder-id 0 --nonsense " .. path, environment,
        "nonsense" },
      { "nonsense", environment, "nonsense" },
      { "", environment, "command" },
      { "upload --folder-id 0 " .. path, environment ..
        " BOX_UPLOAD_URL=nonsense", "BOX_UPLOAD_URL isn't a URL" },
      { "upload --folder-id 0/.. " .. path, environment, "--folder-id" },
    } do
      local code, out, err = command.run(case[1], case[2])
      assert.equal(2, code, case[1])
      assert.equal("", out)
      assert.matches("^boxupload: [^\n]+\n$", err)
      assert.matches(case[3], err, 1, true)
    end
    assert.equal(3, (command.run("upload --folder-id 0 " .. path,
      "BOX_TOKEN=")))
    local code, out = command.run("upload --json " .. path, environment)
    assert.equal(2, code)
    assert.equal("invalid", command.events(out)[1].kind)
  end)

  it("shows help and its version", function()
    local code, out = command.run("--help")
    assert.equal(0, code)
    assert.matches("BOX_TOKEN", out, 1, true)
    code, out = command.run("upload --help")
    assert.equal(0, code)
    assert.matches("--folder-id", out, 1, true)
    code, out = command.run("--version")
    assert.equal(0, code)
    assert.matches(core._VERSION, out, 1, true)
  end)

  -- Interrupts an upload when its last, shorter part is stored.
  local function interrupt(arguments, more)
    emulator:control("POST", "/options",
      { min_size = 20000000, part_size = 8000000, connection_rate = 4000000 })
    local path = shell.quote((new_file(20000001)))
    local running = command.start("upload --folder-id 0 " .. arguments ..
      path, environment .. (more or ""))
    local deadline = core.now() + 10
    repeat
      assert(core.now() < deadline)
    until #emulator:requests("upload_part") > 0
    running:signal("INT")
    local code, out, err = running:wait()
    assert.equal(130, code)
    assert.equal("", out)
    assert.matches("boxupload: interrupted", err, 1, true)
    emulator:wait_until_idle()
    emulator:control("POST", "/options", { connection_rate = 0 })
    return path, err
  end

  it("keeps its session on an interrupt, and resumes", function()
    local state = " XDG_STATE_HOME=" .. shell.quote(dir.path .. "/state")
    local path, err = interrupt("", state)
    assert.matches("boxupload resume", err, 1, true)
    assert.equal(1, emulator:open_sessions())
    local code = command.run("upload --folder-id 0 " .. path,
      environment .. state)
    assert.equal(0, code)
    assert.equal(0, emulator:open_sessions())
    assert.equal(1, #emulator:requests("create_session"))
  end)

  it("deletes a session that nobody could resume", function()
    interrupt("--no-resume ")
    assert.equal(0, emulator:open_sessions())
  end)

  it("removes terminal control characters from names", function()
    local path = dir:write("esc\27[31m.bin", "x")
    local code, _, err = run(shell.quote(path))
    assert.equal(2, code)
    assert.is_nil(err:find("\27", 1, true))
  end)

  it("finds modules whatever search path has a version", function()
    local version = _VERSION:match "5%.[2-9]"
    version = version and "_" .. version:gsub("%.", "_") or ""
    for _, variables in ipairs {
      "LUA_PATH%s='/nowhere/?.lua;;'",
      "LUA_PATH%s='/nowhere/?.lua;;' LUA_PATH=",
      "LUA_PATH%s= LUA_CPATH%s=",
      "LUA_CPATH%s='/nowhere $(x)/?.so;;'",
    } do
      local code, out, err = command.run("--version",
        (variables:gsub("%%s", version)))
      assert.equal(0, code, err)
      assert.truthy(out:find("^boxupload "))
    end
  end)
end)
