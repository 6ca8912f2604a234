-- cli_terminal: what `boxupload upload` shows while it runs, and how an
-- interrupt stops it.
-- SPDX-License-Identifier: MIT

local bar = require "boxupload.cli.output.bar"
local command = require "support.command"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local screens = require "boxupload.cli.output.progress"
local shell = require "support.shell"
local width = require "boxupload.cli.output.width"

local quote = shell.quote

describe("the width of a text", function()
  it("is its number of columns", function()
    assert.equal(5, width.of("plain"))
    assert.equal(4, width.of("caf\195\169"))
    assert.equal(4, width.of("cafe\204\129"))                -- combining
    assert.equal(6, width.of("\230\151\165\230\156\172\232\170\158"))
    assert.equal(2, width.of("\240\159\142\172"))            -- an emoji
    assert.equal(0, width.of(""))
  end)

  it("is cut to a number of columns, between characters", function()
    local text = "\230\151\165\230\156\172a\240\159\142\172bcde\204\129fghij"
    for columns = 0, 20 do
      local cut = width.cut(text, columns)
      assert.is_true(width.of(cut) <= columns, cut)
      assert.equal(columns, width.of(width.fit(text, columns)))
    end
    assert.equal("\230\151\165...", width.cut(text, 6))
    assert.equal("a b", width.cut("a\nb", 3))
    assert.equal("a b", width.cut("a\194\155b", 3)) -- a control character
    assert.equal("a b", width.cut("a\226\128\174b", 3))
  end)
end)

describe("a bar", function()
  local progress

  before_each(function()
    progress = {
      file_size = 100 * 2 ^ 20, bytes_sent = 62.5 * 2 ^ 20, parts = 7,
      total_parts = 13, rate = 2 ^ 20, eta = 37.5, retries = 2,
      phase = "uploading", state = "running",
    }
  end)

  it("shows what fits", function()
    assert.equal("a                                 [===================" ..
      "====>             ]   62%  62.5/100.0 MiB  1.0 MiB/s, 0:38 left" ..
      "  part 7/13  2 retries", bar.line("a", progress, 140))
    assert.equal("a                     [=======>    ]   62%  62.5/100.0 " ..
      "MiB  1.0 MiB/s, 0:38 left", bar.line("a", progress, 81))
    assert.equal("a           62%  1.0 MiB/s, 0:38 left",
      bar.line("a", progress, 40))
  end)

  it("is never wider than the terminal", function()
    progress.waiting_for = "the service answered 503: " .. ("x"):rep(100)
    progress.waiting_until = core.time() + 12
    for _, name in ipairs { "a", ("\230\151\165"):rep(40),
      ("e\204\129"):rep(40) } do
      for columns = 1, 200 do
        assert.is_true(width.of(bar.line(name, progress, columns)) < columns
          or columns < 2)
      end
    end
  end)

  it("says what it is waiting for, and how long", function()
    progress.waiting_for = "the service answered 503"
    progress.waiting_until = core.time() + 12.2
    assert.matches("waiting 0:12: the service answered 503",
      bar.line("a", progress, 100), 1, true)
  end)
end)

describe("a progress line for logs", function()
  local now, isatty, stderr = core.now, core.isatty, io.stderr
  local written

  before_each(function()
    written = {}
    core.isatty = function() return false end
    rawset(io, "stderr", { write = function(_, ...)
      written[#written + 1] = table.concat { ... }
    end })
  end)

  after_each(function()
    core.now, core.isatty = now, isatty
    rawset(io, "stderr", stderr)
  end)

  it("is written every ten seconds", function()
    local screen = screens.new {}
    local running = { { name = "a", path = "a", progress = {
      file_size = 2048, bytes_sent = 512, phase = "uploading", retries = 0,
      rate = 1024, eta = 1.5,
    } } }
    for second = 0, 25 do
      core.now = function() return second end
      screen:show(running)
    end
    assert.same({ "a: 25%, 0.5/2.0 KiB, 1.0 KiB/s, 0:02 left\n",
      "a: 25%, 0.5/2.0 KiB, 1.0 KiB/s, 0:02 left\n" }, written)
    core.now = function() return 30 end
    screen:show(running, { files = 12, files_over = 3, bytes = 4096,
      bytes_over = 1024 })
    assert.equal("3/12 files  1.0/4.0 KiB\n", written[3])
  end)
end)

describe("boxupload upload", function()
  local emulator, dir, environment

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
    environment = emulator:environment() .. " XDG_STATE_HOME=" ..
      quote(dir.path .. "/state")
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset { min_size = 20000000, part_size = 8000000,
      connection_rate = 0 }
  end)

  after_each(function()
    assert.equal(0, emulator:open_sessions())
  end)

  -- The output on a terminal with so many columns.
  local function on_terminal(columns, arguments, more)
    local version = shell.output("script --version 2>/dev/null")
    if not version:find("util-linux", 1, true) then
      pending("needs script of util-linux")
      return nil
    end
    return shell.output(("TERM=xterm %s %s script -qec %s /dev/null " ..
      "</dev/null"):format(environment, more or "", quote(
        ("stty cols %d rows 24; build/bin/boxupload upload -f 0 %s; " ..
        "echo code $?"):format(columns, arguments))))
  end

  local function slow_files(suffix)
    emulator:control("POST", "/options", { connection_rate = 10000000 })
    local names = { "\230\151\165\230\156\172" .. suffix, "e\204\129" ..
      ("x"):rep(60) .. suffix, "tiny" .. suffix }
    local sizes, paths = { 20000001, 20000001, 10 }, {}
    for i, name in ipairs(names) do
      paths[i] = quote((dir:file(name, sizes[i], i)))
    end
    return table.concat(paths, " ")
  end

  -- The lines between carriage returns or newlines, without escape codes.
  local function lines_of(shown)
    local lines = {}
    for raw in shown:gmatch("[^\r\n]+") do
      local line = raw:gsub("\27%[[%d?;]*%a", "")
      if line ~= "" then lines[#lines + 1] = line end
    end
    return lines
  end

  for _, columns in ipairs { 80, 40 } do
    it(("draws bars on %d columns"):format(columns), function()
      local shown = on_terminal(columns, slow_files(columns))
      if not shown then return end
      assert.matches("code 0", shown, 1, true)
      local bars, totals = 0, 0
      for _, line in ipairs(lines_of(shown)) do
        if line:find("%d%%") then bars = bars + 1 end
        if line:find("^%d/3 files") then totals = totals + 1 end
        if line:find("%d%%") or line:find("^%d/3 files") then
          assert.is_true(width.of(line) < columns, line)
        end
      end
      assert.is_true(bars >= 4 and totals >= 2, shown)
      assert.matches("\27%[%dA\r\27%[J", shown) -- in place of the previous
      assert.matches("tiny%d+: file %d+, version 0, 10 bytes", shown)
      assert.matches("boxupload: 3 files uploaded", shown, 1, true)
      assert.is_nil(shown:find("\27%[[%d;]*m")) -- no colour
    end)
  end

  it("draws no bars where it can't or mustn't", function()
    local file = quote((dir:file("plain", 10)))
    for at, case in ipairs { { "", "TERM=dumb" }, { "-q ", "" },
      { "--json ", "" } } do
      local shown = on_terminal(80, case[1] .. "--file-name plain" .. at ..
        " " .. file, case[2])
      if not shown then return end
      assert.is_nil(shown:find("\27", 1, true))
      assert.matches("code 0", shown, 1, true)
    end
  end)

  local function stored_parts()
    local count = 0
    for _, record in ipairs(emulator:requests "upload_part") do
      if record.status == 200 then count = count + 1 end
    end
    return count
  end

  -- Interrupts uploads when so many parts are under way and one is stored.
  local function interrupted(arguments, count)
    emulator:control("POST", "/options", { connection_rate = 4000000 })
    local running = command.start("upload -f 0 " .. arguments, environment)
    local deadline = core.now() + 20
    repeat
      assert(core.now() < deadline, "no part was stored")
    until #emulator:requests "upload_part" >= count and stored_parts() > 0
    running:signal "INT"
    return running
  end

  local function big_files(count, suffix)
    local paths = {}
    for i = 1, count do
      paths[i] = quote((dir:file(("int%d%s"):format(i, suffix), 20000001,
        i)))
    end
    return table.concat(paths, " ")
  end

  it("stops on one interrupt, and resumes another time", function()
    local paths = big_files(3, "a")
    local code, out, err = interrupted(paths, 9):wait()
    assert.equal(130, code, err)
    assert.equal("", out)
    assert.matches("interrupted; the stored parts are kept: resume with " ..
      "`boxupload resume --all`", err, 1, true)
    assert.matches("0 files uploaded, 3 not uploaded", err, 1, true)
    emulator:wait_until_idle()
    assert.equal(3, emulator:open_sessions())
    emulator:control("POST", "/options", { connection_rate = 0 })
    code, out, err = command.run("upload -f 0 " .. paths, environment)
    assert.equal(0, code, err)
    assert.matches("int3a: file", out, 1, true)
    assert.equal(3, #emulator:requests "create_session")
  end)

  it("names the one upload to resume", function()
    local file = big_files(1, "b")
    local code, _, err = interrupted(file, 3):wait()
    assert.equal(130, code)
    local id = err:match("`boxupload resume (%x+)`")
    assert.is_truthy(id, err)
    assert.is_truthy(shell.output("ls " .. quote(dir.path ..
      "/state/boxupload")):find(id, 1, true))
    emulator:wait_until_idle()
    emulator:control("POST", "/options", { connection_rate = 0 })
    emulator:reset()
    local _, out = command.run("upload --json -f 0 " .. file, environment)
    local events = command.events(out)
    local sent = 0
    for _, record in ipairs(emulator:requests "upload_part") do
      sent = sent + record.body_bytes
    end
    -- Parts that were stored before don't count as sent now.
    assert.equal(0, events[#events].exit_code, out)
    assert.is_true(sent < 20000001)
    assert.equal(sent, events[#events].bytes_sent)
  end)

  it("exits at once on two interrupts", function()
    emulator:faults({ operation = "abort", action = "stall",
      occurrence = "all" })
    local running = interrupted("--no-resume " .. big_files(1, "c"), 3)
    local deadline = core.now() + 10
    repeat
      assert(core.now() < deadline, "it isn't cleaning up")
    until #emulator:requests "abort" > 0
    local began = core.now()
    running:signal "INT"
    assert.equal(130, (running:wait()))
    assert.is_true(core.now() - began < 2)
    emulator:faults()
    emulator:wait_until_idle()
    local client = emulator:client()
    for _, session in ipairs(emulator:control("GET", "/sessions")) do
      local left = client:open_session(session.id)
      if left then assert(left:abort()) end
    end
    client:close()
  end)

  it("continues without a journal when it can't be written", function()
    local file = big_files(1, "d")
    local code, out, err = command.run("upload -f 0 " .. file, environment ..
      " XDG_STATE_HOME=/dev/null/state")
    assert.equal(0, code, err)
    assert.matches("20000001 bytes", out, 1, true)
    assert.matches("no journal can be kept, .*Not a directory", err)
    -- As on a full disk, no file may grow.
    local shown = shell.output(("trap '' XFSZ; ulimit -f 0; %s " ..
      "build/bin/boxupload upload -f 0 --file-name full %s 2>&1")
      :format(environment, file))
    assert.matches("no journal can be kept", shown, 1, true)
    assert.matches("20000001 bytes", shown, 1, true)
    -- A source that can't be spooled is an error.
    shown = shell.output(("trap '' XFSZ; ulimit -f 0; echo x | %s " ..
      "build/bin/boxupload upload -f 0 --file-name in - 2>&1; echo $?")
      :format(environment))
    assert.matches("spooling the source: .*\n1\n$", shown)
  end)
end)
