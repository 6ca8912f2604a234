-- cli_clash: two sources of one `boxupload upload` that have one name on Box.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local shell = require "support.shell"

local quote = shell.quote

describe("boxupload upload", function()
  local emulator, dir, environment

  before_each(function()
    emulator = emulators.start()
    emulator:reset { min_size = 20000000, part_size = 8000000 }
    dir = files.temp_dir()
    -- One for all commands, unlike their own.
    environment = ("%s XDG_STATE_HOME=%s"):format(emulator:environment(),
      quote(dir.path .. "/state"))
  end)

  after_each(function()
    dir:remove()
    emulator:stop()
  end)

  local function make(below, text)
    local parent = below:match("^(.*)/")
    if parent then
      shell.output("mkdir -p " .. quote(dir.path .. "/" .. parent))
    end
    return dir:write(below, text or "of " .. below)
  end

  local function path(below)
    return quote(dir.path .. "/" .. below)
  end

  local function run(arguments)
    return command.run("upload --folder-id 0 " .. arguments, environment)
  end

  local function named(list, name)
    local found = {}
    for _, event in ipairs(list) do
      if event.event == name then
        found[#found + 1] = event.path:sub(#dir.path + 2)
      end
    end
    table.sort(found)
    return table.concat(found, " ")
  end

  -- Returns the exit code and the events.
  local function events(arguments)
    local code, out, err = run("--json " .. arguments)
    assert.equal("", err)
    return code, command.events(out)
  end

  -- The contents of all files on Box, in order.
  local function on_box()
    local texts = {}
    local list = shell.output("find " .. quote(emulator.root .. "/files") ..
      " -type f")
    for file in list:gmatch("[^\n]+") do
      texts[#texts + 1] = files.read(file)
    end
    table.sort(texts)
    return table.concat(texts, ", ")
  end

  local NFC, NFD = "caf\195\169", "cafe\204\129"
  local cases = {
    { "case", "d/Smile.jpg", "d/smile.jpg", "-r %s", "d" },
    { "Unicode form", "d/" .. NFC, "d/" .. NFD, "-r %s", "d/." },
    { "named files", "A/x.txt", "B/x.txt", "%s %s", "A/x.txt", "B/x.txt" },
    { "contents of folders", "A/x.txt", "B/X.txt", "-r %s %s", "A/.", "B/." },
    { "folders by case", "d/p/y.txt", "d/P/y.txt", "-r %s", "d" },
    { "deeper folders", "A/s/t/y", "B/S/T/Y", "-r %s %s", "A/.", "B/." },
    { "named folders", "A/p/x", "B/P/X", "-r %s %s", "A/p", "B/P/" },
    { "a file and contents", "A/x", "B/X", "-r %s %s", "A/x", "B/." },
    { "contents and a file", "A/x", "B/X", "-r %s %s", "A/.", "B/X" },
  }

  local function arguments_of(case)
    return case[4]:format(path(case[5]), case[6] and path(case[6]))
  end

  for _, case in ipairs(cases) do
    local what = "tells two sources of one target apart: " .. case[1]
    it(what, function()
      make(case[2], "one")
      make(case[3], "two")
      for _, option in ipairs { "-n ", "-n --on-conflict replace ", "",
        "--on-conflict replace " } do
        local code, list = events(option .. arguments_of(case))
        assert.equal(5, code, option)
        -- First, before anything is sent.
        assert.equal("error", list[1].event)
        assert.equal("same_target", list[1].code)
        local both = list[1].path .. list[1].message
        assert.matches(case[2], both, 1, true)
        assert.matches(case[3], both, 1, true)
        if option == "" then
          assert.equal(1, #emulator:requests "upload_file")
        end
      end
      local text = on_box()
      assert.is_true(text == "one" or text == "two", text)
    end)

    it("uploads both under --on-conflict rename: " .. case[1], function()
      make(case[2], "one")
      make(case[3], "two")
      local code, list = events("--on-conflict rename " ..
        arguments_of(case))
      assert.equal(0, code)
      assert.equal(0, list[#list].failed)
      assert.equal("one, two", on_box())
    end)
  end

  it("sees folders that become one, and goes on", function()
    make("A/p/1")
    make("B/P/2")
    make("C/p/3")
    local arguments = ("-r %s %s %s"):format(path "A/.", path "B/.",
      path "C/.")
    local code, _, err = run("-n " .. arguments)
    assert.equal(0, code)
    assert.matches("B/P: goes into the same folder on Box as " .. dir.path ..
      "/A/p\n", err, 1, true)
    local list
    code, list = events(arguments)
    assert.equal(0, code)
    local merged = {}
    for _, event in ipairs(list) do
      if event.event == "folder" then
        merged[#merged + 1] = event.same_as and "merged" or "new"
      end
    end
    assert.equal("new merged merged", table.concat(merged, " "))
    assert.equal("of A/p/1, of B/P/2, of C/p/3", on_box())
  end)

  it("finds a name in any of the folders that become one", function()
    make("A/p/1")
    make("B/P/2")
    make("C/p/1", "another")
    make("C/p/2", "another")
    local code, list = events(("-r %s %s %s"):format(path "A/.", path "B/.",
      path "C/."))
    assert.equal(5, code)
    assert.equal("C/p/1 C/p/2", named(list, "error"))
    assert.matches("A/p/1", list[1].message .. list[2].message, 1, true)
    assert.matches("B/P/2", list[1].message .. list[2].message, 1, true)
    assert.equal("of A/p/1, of B/P/2", on_box())
  end)

  it("doesn't take what a pattern leaves out for a clash", function()
    make("A/p/x.txt")
    make("A/p/X.TXT")
    make("A/P/x.txt", "out")
    local code, list = events("-r --exclude P --exclude X.TXT " .. path "A")
    assert.equal(0, code, list[1].message)
    assert.equal("of A/p/x.txt", on_box())
  end)

  it("keeps a file and a folder of one name apart", function()
    local file = make("A/x", "file")
    make("B/X/y", "below")
    local code, list = events(("-r --on-conflict replace %s %s"):format(
      quote(file), path "B/X"))
    assert.equal(5, code)
    assert.equal("B/X", named(list, "error"))
    assert.equal("file", on_box())
    assert.equal(0, #emulator:requests "create_folder")
  end)

  it("replaces what was there before, once", function()
    local before = make("old/x", "before")
    assert.equal(0, (run(quote(before))))
    make("A/x", "first")
    make("B/x", "second")
    local code, list = events(("--on-conflict replace %s %s"):format(
      path "A/x", path "B/x"))
    assert.equal(5, code)
    assert.equal("B/x", named(list, "error"))
    assert.equal("first", on_box())
    assert.equal(1, #emulator:requests "upload_version")
  end)

  for _, option in ipairs { "--on-conflict skip_identical", "--verify",
    "--verify --on-conflict replace" } do
    it("skips the second of two like bytes with " .. option, function()
      make("A/x", "the same")
      make("B/x", "the same")
      local code, list = events(("%s %s %s"):format(option, path "A/x",
        path "B/x"))
      assert.equal(0, code)
      assert.equal("A/x", named(list, "done"))
      assert.equal("B/x", named(list, "skipped"))
    end)

    it("never replaces the first with " .. option, function()
      make("A/x", "first")
      make("B/x", "second")
      for round = 1, 2 do
        local code, list = events(("%s %s %s"):format(option, path "A/x",
          path "B/x"))
        assert.equal(5, code)
        assert.equal(round == 1 and "A/x" or "", named(list, "done"))
        assert.equal("B/x", named(list, "error"))
        assert.matches("A/x", list[#list - 1].message, 1, true)
        assert.equal("first", on_box())
      end
    end)
  end

  it("doesn't mistake the first for a second of the same bytes", function()
    make("A/x", "the same")
    make("B/x", "the same")
    emulator:faults { operation = "upload_file", occurrence = 2,
      action = "reset" }
    local code, list = events(("--on-conflict rename %s %s"):format(
      path "A/x", path "B/x"))
    assert.equal(0, code)
    assert.equal("A/x B/x", named(list, "done"))
    assert.equal("the same, the same", on_box())
  end)

  describe("beside another process", function()
    local other

    -- Another upload to the name, which is under way until it is killed.
    local function begin(arguments)
      emulator:faults { operation = { "upload_file", "upload_part" },
        occurrence = 1, action = "stall" }
      other = command.start("upload --folder-id 0 " .. arguments,
        environment)
      local deadline = core.now() + 20
      repeat
        assert(core.now() < deadline)
        local record = emulator:requests("upload_file")[1] or
          emulator:requests("upload_part")[1]
      until record and record.fault
    end

    local function finish()
      other:signal "KILL"
      other:wait()
    end

    for _, size in ipairs { 500, 3500 } do
      it("never replaces what that is making: " .. size, function()
        emulator:reset { min_size = 1000, part_size = 1000 }
        local first = make("A/x", files.bytes(size, 1))
        local second = make("B/X", files.bytes(size, 2))
        begin(quote(first))
        for _, option in ipairs { "", "--on-conflict replace ",
          "--verify --on-conflict replace " } do
          local code, list = events(option .. quote(second))
          assert.equal(5, code)
          assert.equal("locked", list[1].code)
          assert.matches("another upload to this name is under way",
            list[1].message, 1, true)
        end
        -- Other names, and policies that replace nothing, don't mind.
        assert.equal(0, (run(quote(make("B/y")))))
        finish()
        assert.equal(0, (run("--on-conflict replace " .. quote(second))))
      end)
    end

    it("goes on where it replaces nothing", function()
      begin(quote(make("A/x", "first")))
      local code, list = events("--on-conflict rename " ..
        quote(make("B/x", "second")))
      assert.equal(0, code, list[1].message)
      assert.equal("second", on_box())
      finish()
    end)

    it("goes on where no lock can be kept", function()
      begin(quote(make("A/x", "first")))
      local blocked = make("no folder", "")
      local code = command.run("upload -f 0 --on-conflict replace " ..
        quote(make("B/x", "second")),
        environment .. " XDG_STATE_HOME=" .. quote(blocked))
      assert.equal(0, code)
      finish()
    end)
  end)

  it("takes a path that is named twice for one", function()
    local file = make("A/x")
    local code, out, err = run(("%s %s -r %s %s/"):format(quote(file),
      quote(file), path "A", path "A"))
    assert.equal(0, code, err)
    assert.matches("named more than once", err, 1, true)
    local _, lines = out:gsub("\n", "")
    assert.equal(2, lines)
  end)
end)
