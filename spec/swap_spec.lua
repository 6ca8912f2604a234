-- swap: what a walk found in a folder is uploaded, or nothing: never what a
-- symbolic link leads to that was put in its place meanwhile.
-- SPDX-License-Identifier: MIT

local batches = require "boxupload.cli.files.batch"
local command = require "support.command"
local core = require "boxupload.core"
local exit_code = require "boxupload.cli.output.exit_code"
local files = require "support.files"
local fixtures = require "support.fixture"
local shell = require "support.shell"
local stopped_upload = require "support.stopped_upload"
local summaries = require "boxupload.cli.output.summary"
local walks = require "boxupload.cli.files.walk"

local quote = shell.quote
local RACE = 3 -- seconds
local SECRET = "a secret that nobody named"

describe("what a walk found", function()
  local fixture, dir, top

  setup(function() fixture = fixtures.open() end)
  teardown(function() fixture:close() end)

  local serial = 0

  before_each(function()
    serial = serial + 1
    fixture.emulator:reset { connection_rate = 0 }
    dir = files.temp_dir()
    top = "top" .. serial
    shell.output("mkdir -p " .. quote(dir.path .. "/" .. top .. "/sub/deep"))
    shell.output("mkdir -p " .. quote(dir.path .. "/secrets/deep"))
    for _, name in ipairs { "a", "b", "c" } do
      for _, folder in ipairs { "", "sub/", "sub/deep/" } do
        dir:write(top .. "/" .. folder .. name, "of " .. folder .. name)
      end
      dir:write("secrets/" .. name, SECRET)
      dir:write("secrets/deep/" .. name, SECRET)
    end
  end)

  after_each(function()
    fixture:after_each()
    dir:remove()
    assert.equal(0, fixture.emulator:open_sessions())
  end)

  local function path(below)
    return dir.path .. "/" .. top .. (below and "/" .. below or "")
  end

  -- Puts a link to a secret file or folder in the place of what is there.
  local function swap(below, secret)
    local place = dir.path .. "/" .. below
    assert(os.rename(place, dir.path .. "/moved " .. below:gsub("/", " ")))
    shell.output(("ln -s %s %s"):format(quote(dir.path .. "/" .. secret),
      quote(place)))
  end

  local function assert_no_secret()
    for _, each in ipairs(fixture.emulator:files()) do
      for _, version in ipairs(each.versions or { each }) do
        assert.not_equal(core.sha1(SECRET), version.sha1, each.name)
      end
    end
    assert.equal("", shell.output(("grep -rl %s %s || true"):format(
      quote(SECRET), quote(fixture.emulator.root .. "/files"))))
  end

  local function report_to(on_event, failures)
    return {
      print = function() end, info = function() end,
      warning = function() end, event = function(_, event) on_event(event) end,
      fail = function(_, err, at)
        failures[#failures + 1] = { err = err, path = at }
        return exit_code.of(err)
      end,
    }
  end

  -- Uploads the folder, one file after the other. Returns the summary and the
  -- reported failures.
  local function upload(on_event, settings, on_start)
    local failures, client = {}, fixture:client()
    local start = client.start
    function client:start(source, options)
      if on_start then on_start(options) end
      return start(self, source, options)
    end
    local summary = summaries.new()
    settings = settings or {}
    settings.transfers, settings.upload = 1, settings.upload or {}
    local walk = walks.new({ path() }, "0", function() return true end)
    batches.new({
      client = client, summary = summary, walk = walk, settings = settings,
      report = report_to(on_event, failures),
      screen = { interval = 1, show = function() end, hide = function() end },
    }):run()
    assert_no_secret()
    return summary, failures
  end

  -- With one transfer at a time, the walk has already looked at the second
  -- file when the first one is done, and waits to start it.
  local function each_other_file(folder, first, visit)
    for _, name in ipairs { "a", "b", "c" } do
      if path(folder .. name) ~= first then visit(folder .. name) end
    end
  end

  local function is_done_in(folder, event)
    return event.event == "done" and
      event.path:match("^(.*/)[^/]+$") == path(folder)
  end

  it("fails where a link has taken a file's place, and others go on",
    function()
      local swapped
      local summary, failures = upload(function(event)
        if swapped or not is_done_in("sub/", event) then return end
        swapped = {}
        each_other_file("sub/", event.path, function(file)
          swapped[path(file)] = true
          swap(top .. "/" .. file, "secrets/" .. file:match("[^/]+$"))
        end)
      end)
      -- The walk has looked at one of them, and sees the link in the other.
      assert.equal(1, #failures)
      assert.equal(1, summary.ignored)
      assert.equal(7, summary.done)
      local err = failures[1].err
      assert.is_true(swapped[failures[1].path])
      assert.equal("symbolic_link", err.code)
      assert.equal("denied", err.kind)
      assert.matches(failures[1].path .. ": a symbolic link, which isn't " ..
        "followed", err.message, 1, true)
      assert.equal(exit_code.DENIED, summary.code)
    end)

  -- A pipe would be waited for.
  for make, reason in pairs {
    mkfifo = "not a regular file", mkdir = "directory",
  } do
    it("fails where " .. make .. " has put something else in a file's place",
      function()
        local waiting
        local _, failures = upload(function(event)
          if waiting or not is_done_in("sub/", event) then return end
          waiting = true
          each_other_file("sub/", event.path, function(file)
            assert(os.rename(path(file), dir.path .. "/" ..
              file:match("[^/]+$")))
            shell.output(make .. " " .. quote(path(file)))
          end)
        end)
        assert.is_true(waiting)
        assert.equal(1, #failures)
        assert.matches(reason, failures[1].err.message, 1, true)
      end)
  end

  it("is found through a link that the user named", function()
    shell.output(("ln -s %s %s/link"):format(quote(path()), quote(dir.path)))
    local code, out, err = command.run("upload -r -f 0 " ..
      quote(dir.path .. "/link"), fixture.emulator:environment())
    assert.equal(0, code, err)
    assert.equal(9, select(2, out:gsub("\n", "")))
  end)

  it("stays what it was when its folder is swapped", function()
    local swapped
    local summary = upload(function(event)
      if swapped or not is_done_in("sub/", event) then return end
      swapped = true
      swap(top .. "/sub", "secrets")
    end)
    assert.is_true(swapped)
    assert.equal(9, summary.done)
    assert.equal("of sub/a", files.read(fixture.emulator.root .. "/files/" ..
      top .. "/sub/a"))
  end)

  it("stays what it was when the named folder is swapped", function()
    local swapped
    local summary = upload(function(event)
      if swapped or event.event ~= "done" then return end
      swapped = true
      swap(top, "secrets")
    end)
    assert.is_true(swapped)
    assert.equal(9, summary.done)
  end)

  it("isn't entered where a link has taken a folder's place", function()
    for _, folder in ipairs { "sub/deep", "sub" } do
      local swapped
      local summary, failures = upload(function(event)
        if swapped or event.event ~= "folder" or
           event.path ~= path(folder) then
          return
        end
        swapped = true
        swap(top .. "/" .. folder, "secrets")
      end, { upload = { on_conflict = "replace" } })
      assert.is_true(swapped)
      assert.equal(1, #failures)
      assert.equal(path(folder), failures[1].path)
      assert.equal("symbolic_link", failures[1].err.code)
      assert.equal(folder == "sub" and 3 or 6, summary.done)
    end
  end)

  it("is opened once, however often its upload starts", function()
    upload(function() end)
    local swapped, starts = {}, 0
    for _, name in ipairs { "a", "b", "c" } do
      dir:write(top .. "/" .. name, "now of " .. name)
    end
    -- The first start compares; that which replaces comes after it.
    local summary = upload(function() end,
      { verify = true, upload = { on_conflict = "replace" } },
      function(options)
        if options.on_conflict ~= "replace" then return end
        starts = starts + 1
        if swapped[options.file_name] then return end
        swapped[options.file_name] = true
        swap(top .. "/" .. options.file_name, "secrets/" ..
          options.file_name)
      end)
    assert.equal(3, starts)
    assert.equal(9, summary.done + summary.failed + summary.skipped)
  end)

  it("isn't followed for the names that folders share", function()
    shell.output("mkdir " .. quote(path "SUB"))
    dir:write(top .. "/SUB/x", "of SUB/x")
    local swapped
    local _, failures = upload(function(event)
      if swapped or event.event ~= "folder" or
         event.path:match("[^/]+$"):lower() ~= "sub" then
        return
      end
      swapped = event.path
      swap(top .. "/" .. event.path:match("[^/]+$"), "secrets")
    end)
    assert.equal("symbolic_link", failures[1].err.code)
    assert.equal(swapped, failures[1].path)
  end)

  it("isn't followed by a resume", function()
    local big = fixture:file(5000)
    local environment = ("%s XDG_STATE_HOME=%s"):format(
      fixture.emulator:environment(), quote(dir.path .. "/state"))
    for _, case in ipairs { "file", "folder" } do
      local folder = dir.path .. "/" .. case
      shell.output(("mkdir %s %s.secrets"):format(quote(folder),
        quote(folder)))
      local name = ("resumed %s %d"):format(case, serial)
      dir:write(case .. "/" .. name, big.bytes)
      dir:write(case .. ".secrets/" .. name, SECRET)
      local stopped = stopped_upload.leave(fixture, {}, folder .. "/" .. name,
        { resume = dir.path .. "/state/boxupload/" .. case .. ".json" })
      if case == "file" then
        swap(case .. "/" .. name, case .. ".secrets/" .. name)
      else
        swap(case, case .. ".secrets")
      end
      local code, _, err = command.run("resume --all",
        environment:gsub("XDG_STATE_HOME=.*", ""), ("env XDG_STATE_HOME=%s " ..
        "build/bin/boxupload"):format(quote(dir.path .. "/state")))
      assert.equal(exit_code.DENIED, code, err)
      assert.matches("a symbolic link, which isn't followed", err, 1, true)
      assert_no_secret()
      os.remove(stopped.path)
      local client = fixture:client()
      local session = assert(client:open_session(stopped.session_id))
      assert(session:abort())
    end
  end)

  -- Another process swaps files and folders while the command uploads them.
  it("is never followed, whenever it is swapped", function()
    local swapper = dir:write("swapper.lua", [[
      local from, go, pairs_of = arg[1], arg[2], {}
      for i = 3, #arg do pairs_of[#pairs_of + 1] = arg[i] end
      local function there(path)
        local file = io.open(path)
        if file then file:close() end
        return file ~= nil
      end
      while there(go) do
        for _, name in ipairs(pairs_of) do
          local path, spare = from .. "/" .. name, from .. "/" .. name
          os.rename(path, spare .. ".was")
          os.rename(spare .. ".link", path)
          os.rename(path, spare .. ".link")
          os.rename(spare .. ".was", path)
        end
      end
    ]])
    local victims = { "a", "sub/b", "sub/deep" }
    for _, name in ipairs(victims) do
      shell.output(("ln -s %s %s"):format(
        quote(dir.path .. "/secrets/" .. name:match("[^/]+$")),
        quote(path(name) .. ".link")))
    end
    local go = dir:write("go", "")
    local running = command.start(("%s %s %s %s"):format(quote(swapper),
      quote(path()), quote(go), table.concat(victims, " ")), nil,
      command.interpreter())
    local ends, round = core.now() + RACE, 0
    repeat
      round = round + 1
      command.run(("upload --folder-id 0 -r --on-conflict replace " ..
        "--no-resume --retries 0 --transfers %d %s"):format(1 + round % 4,
        quote(path())), fixture.emulator:environment())
    until core.now() > ends
    os.remove(go)
    running:wait()
    assert_no_secret()
  end)
end)
