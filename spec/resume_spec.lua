-- resume: an upload is resumed by a new process after a crash.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local journal_list = require "boxupload.journal_list"
local json = require "boxupload.util.json"
local shell = require "support.shell"

local PART = 1000
local PARALLEL = 3 -- of support/crashing_upload.lua
local INTERPRETER = command.interpreter()

describe("an upload with resume", function()
  local emulator, dir, access, path, bytes, sha1
  local size = 11 * PART + 300
  local serial = 0

  local function start(arguments)
    emulator = emulators.start(
      "--plain --min-size 1000 --part-size 1000 " .. (arguments or ""))
    access = dir:write("access.json", json.encode {
      token = emulator.token, api_url = emulator.api_url,
      upload_url = emulator.upload_url, token_url = emulator.token_url,
    })
  end

  before_each(function()
    dir = files.temp_dir()
    path, bytes, sha1 = dir:file("source.bin", size, 7)
    serial = 0
  end)

  after_each(function()
    emulator:stop()
    dir:remove()
  end)

  local function state() return dir.path .. "/state/boxupload" end

  -- Runs crashing_upload.lua; returns its result, or nil if it was killed.
  local function run(name, kill)
    local line = ("XDG_STATE_HOME=%s %s spec/support/crashing_upload.lua " ..
      "%s %s %s %s 2>&1")
      :format(shell.quote(dir.path .. "/state"), INTERPRETER,
        shell.quote(access), shell.quote(path), name, kill or "")
    local text = shell.output(line)
    local result = json.decode(text)
    assert(result or kill and text:find("^Killed%s*$"), text)
    return result
  end

  local function check(name, result, kills)
    assert.equal(sha1, result.file and result.file.sha1, result.message)
    assert.is_true(bytes == emulator:bytes_of(name))
    assert.same({}, journal_list.list(state()))
    local received = emulator:stats().part_bytes_received
    assert.is_true(received <= size + kills * PARALLEL * PART,
      ("%d bytes received for %d"):format(received, size))
    emulator:control("DELETE", "/requests")
  end

  -- Runs it with the kill, then again until it is done.
  local function survives(kill)
    serial = serial + 1
    local name = ("file-%d.bin"):format(serial)
    local result = run(name, kill)
    local kills = result and 0 or 1
    check(name, result or run(name), kills)
    return kills
  end

  -- What Box does besides: it shows parts and files late, lists no SHA-1s and
  -- lets a commit wait.
  local HARD = "--list-lag-requests 2 --lookup-lag-requests 2 " ..
    "--commit-202 1 --commit-retry-after 0 "

  local function survives_every_write(arguments)
    start(arguments)
    local writes = run("whole.bin").writes
    check("whole.bin", { file = { sha1 = sha1 } }, 0)
    assert.equal(14, writes) -- the header, 12 parts, the commit
    local kills = 0
    for n = 1, writes do
      kills = kills + survives("write " .. n)
      assert.equal(0, emulator:open_sessions())
    end
    assert.equal(writes, kills)
  end

  it("survives SIGKILL after every write of its journal", function()
    survives_every_write("--list-sha1")
  end)

  it("survives SIGKILL after every write, while Box lags", function()
    survives_every_write(HARD)
  end)

  it("survives SIGKILL at random moments", function()
    start(HARD .. "--latency-ms 2")
    local seed = 20261122
    local seconds = run("whole.bin").seconds
    emulator:control("DELETE", "/requests")
    local kills = 0
    -- A process that crashed before it recorded the new session leaves that
    -- behind; Box deletes it when it expires.
    for _ = 1, 30 do
      seed = (seed * 48271) % 2147483647
      kills = kills + survives(("time %.6f")
        :format(seed / 2147483647 * seconds))
    end
    -- Runs that were faster than the first weren't killed.
    assert.is_true(kills > 0)
  end)

  describe("with a journal of", function()
    local function stopped(name)
      assert.is_nil(run(name, "write 6"))
      local list = journal_list.list(state())
      assert.equal(1, #list)
      return list[1]
    end

    local function starts_over(name)
      local result = run(name)
      assert.equal(core.sha1(files.read(path)),
        result.file and result.file.sha1, result.message)
      assert.is_true(files.read(path) == emulator:bytes_of(name))
      assert.same({}, journal_list.list(state()))
    end

    it("a size that isn't one: the file's own counts", function()
      start()
      for i, size_text in ipairs { "0", "-1", "1.5", '"x"', "null", "7" } do
        local name = ("size-%d.bin"):format(i)
        local journal = stopped(name).path
        local text, count = files.read(journal):gsub('("session":{.-)' ..
          '"file_size":%d+', '%1"file_size":' .. size_text, 1)
        assert.equal(1, count)
        local file = assert(io.open(journal, "wb"))
        file:write(text)
        file:close()
        starts_over(name)
        assert.equal(0, emulator:open_sessions())
        assert.equal(1, #emulator:requests("create_session"))
        emulator:reset()
      end
    end)

    it("a deleted session: it starts over", function()
      start()
      local entry = stopped("a.bin")
      emulator:control("POST", "/sessions/" .. entry.session_id .. "/expire")
      starts_over("a.bin")
    end)

    it("a file that has changed since: it starts over", function()
      start()
      stopped("a.bin")
      dir:file("source.bin", size, 8)
      starts_over("a.bin")
      assert.equal(0, emulator:open_sessions())
    end)

    it("a file that was replaced, touched or truncated", function()
      start()
      for i, change in ipairs {
        function() dir:file("other", size, 9)
          shell.output(("mv %s/other %s"):format(dir.path, path)) end,
        function() shell.output("touch -d '2001-01-01' " .. path) end,
        function() dir:file("source.bin", size - 1, 7) end,
        function() dir:file("source.bin", size + PART, 7) end,
      } do
        stopped(("c%d.bin"):format(i))
        change()
        starts_over(("c%d.bin"):format(i))
        assert.equal(0, emulator:open_sessions())
      end
    end)

    it("a file edited since, while Box lags: the old session gets none of it",
      function()
        start("--list-lag-requests 100")
        local entry = stopped("a.bin")
        -- The first part is the edited one. Nothing knows of it if it was
        -- still under way.
        while not files.read(entry.path):find('"offset":0[,}]') do
          assert(os.remove(entry.path))
          emulator:control("POST", "/sessions/" .. entry.session_id ..
            "/expire")
          entry = stopped("a.bin")
        end
        emulator:wait_until_idle()
        emulator:control("DELETE", "/requests")
        dir:file("source.bin", size, 8)
        starts_over("a.bin")
        -- Others that were under way may be sent before that is noticed.
        for _, record in ipairs(emulator:requests("upload_part")) do
          assert.is_false(record.part == 0 and
            record.path:find(entry.session_id, 1, true) ~= nil)
        end
        assert.equal(0, emulator:open_sessions())
      end)

    it("a part that was only believed: it isn't noted", function()
      start()
      emulator:faults { operation = "upload_part", match = { part = 1 },
        action = "lose_reply", with = "reset" }
      -- The header, 11 parts, the commit.
      assert.is_nil(run("a.bin", "write 13"))
      local text = files.read(journal_list.list(state())[1].path)
      assert.matches('"offset":2000[,}]', text)
      assert.is_nil(text:find('"offset":1000[,}]'))
      check("a.bin", run("a.bin"), 1)
    end)

    it("unreadable contents: it starts over", function()
      start()
      for i, text in ipairs { "", "{", "garbage\n", "{}\n", "\0\1\2\n" } do
        local entry = stopped(("g%d.bin"):format(i))
        dir:write("state/boxupload/" .. entry.path:match("[^/]+$"), text)
        starts_over(("g%d.bin"):format(i))
      end
    end)

    it("a truncated line: it asks Box for that part", function()
      start()
      local entry = stopped("cut.bin")
      local text = files.read(entry.path)
      dir:write("state/boxupload/" .. entry.path:match("[^/]+$"),
        text:sub(1, -20))
      starts_over("cut.bin")
    end)

    it("a newer version: it says which file to delete", function()
      start()
      local entry = stopped("new.bin")
      local text = files.read(entry.path)
      dir:write("state/boxupload/" .. entry.path:match("[^/]+$"),
        (text:gsub('"version":1', '"version":99')))
      local result = run("new.bin")
      assert.equal("newer_journal", result.code)
      assert.matches(entry.path, result.message, 1, true)
      assert.equal("newer", journal_list.list(state())[1].state)
    end)

    it("an upload that another process drives: it is refused", function()
      start()
      local entry = stopped("busy.bin")
      local handle = assert(core.journal_open(entry.path, 100000))
      local result = run("busy.bin")
      assert.equal("locked", result.code)
      handle:close()
      starts_over("busy.bin")
    end)

    it("any upload: it has no token, and others can't read it", function()
      start()
      local entry = stopped("secret.bin")
      local text = files.read(entry.path)
      assert.is_nil(text:find(emulator.token, 1, true))
      assert.equal("600", shell.output("stat -c %a " .. entry.path)
        :match("%d+"))
      assert.equal(entry.file, path)
    end)

    it("an expired session is deleted, a live one is not", function()
      start()
      local entry = stopped("old.bin")
      assert.same({}, journal_list.prune(state()))
      local text = files.read(entry.path)
      dir:write("state/boxupload/" .. entry.path:match("[^/]+$"),
        (text:gsub('"session_expires_at":"%d%d%d%d',
          '"session_expires_at":"2001')))
      local handle = assert(core.journal_open(entry.path, 100000))
      assert.same({}, journal_list.prune(state()))
      handle:close()
      assert.equal(1, #journal_list.prune(state()))
      assert.same({}, journal_list.list(state()))
    end)
  end)
end)
