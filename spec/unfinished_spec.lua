-- unfinished: the commands for uploads that were interrupted.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local json = require "boxupload.util.json"
local shell = require "support.shell"

local INTERPRETER = command.interpreter()
local SIZE = 7300
local GARBAGE = ("ab"):rep(20)

describe("the commands for unfinished uploads", function()
  local emulator, dir, access, environment

  setup(function()
    emulator = emulators.start()
  end)

  teardown(function()
    emulator:stop()
  end)

  local function write_access(on_conflict)
    return dir:write("access.json", json.encode {
      token = emulator.token, api_url = emulator.api_url,
      upload_url = emulator.upload_url, token_url = emulator.token_url,
      on_conflict = on_conflict,
    })
  end

  before_each(function()
    emulator:reset { min_size = 1000, part_size = 1000, connection_rate = 0 }
    dir = files.temp_dir()
    access = write_access()
    environment = emulator:environment() .. " XDG_STATE_HOME=" ..
      shell.quote(dir.path .. "/state")
  end)

  after_each(function()
    for _, session in ipairs(emulator:control("GET", "/sessions")) do
      if session.state == "open" then
        emulator:control("POST", "/sessions/" .. session.id .. "/expire")
      end
    end
    dir:remove()
  end)

  local serial = 0

  -- An upload killed after three parts were recorded; returns its details.
  local function kill_upload(given_name)
    serial = serial + 1
    local local_name = ("left-%d.bin"):format(serial)
    local name = given_name or local_name
    local path, bytes, sha1 = dir:file(local_name, SIZE, serial)
    local text = shell.output(("XDG_STATE_HOME=%s/state %s " ..
      "spec/support/crashing_upload.lua %s %s %s write 4 2>&1")
      :format(dir.path, INTERPRETER, access, path, name))
    assert(text:find("^Killed"), text)
    emulator:wait_until_idle()
    return { path = path, name = name, bytes = bytes, sha1 = sha1 }
  end

  local function run(arguments, more)
    return command.run(arguments, environment .. (more or ""))
  end

  local function program()
    local named = os.getenv "BOXUPLOAD" or "build/bin/boxupload"
    if named:find("^/") then return named end
    return shell.output("pwd"):match("[^\n]+") .. "/" .. named
  end

  local function listed()
    local code, out, err = run("sessions --json")
    assert.equal(0, code, err)
    return command.events(out)
  end

  local function journal_folder()
    return dir.path .. "/state/boxupload"
  end

  local function put_journal(name, text)
    shell.output("mkdir -p " .. journal_folder())
    return dir:write("state/boxupload/" .. name .. ".json", text)
  end

  local function head(fields)
    local value = {
      type = "boxupload_journal", version = 1,
      created_at = "2026-01-01T00:00:00Z",
      file = { path = "/no/such/file", size = SIZE },
      target = { folder_id = "0", file_name = "x" },
      session = { id = ("F"):rep(32), part_size = 1000, total_parts = 8 },
    }
    for key, field in pairs(fields or {}) do value[key] = field end
    return json.encode(value) .. "\n"
  end

  local function is_there(path)
    local file = io.open(path)
    if file then file:close() end
    return file ~= nil
  end

  local function check(given)
    assert.is_true(given.bytes == emulator:bytes_of(given.name))
  end

  describe("boxupload sessions", function()
    it("says that there are none", function()
      local code, out, err = run("sessions")
      assert.equal(0, code)
      assert.equal("", out)
      assert.matches("no unfinished uploads", err, 1, true)
      assert.same({}, listed())
    end)

    it("shows what is stored of each, and until when", function()
      local given = kill_upload()
      local entry = listed()[1]
      assert.equal("upload", entry.event)
      assert.equal(1, entry.schema)
      assert.equal("stopped", entry.state)
      assert.is_false(entry.running)
      assert.equal(given.path, entry.file)
      assert.equal(SIZE, entry.file_size)
      assert.equal(8, entry.total_parts)
      assert.is_true(entry.parts >= 3)
      assert.is_true(entry.bytes_stored >= 2300)
      assert.equal(given.name, entry.target.file_name)
      assert.is_string(entry.session_expires_at)
      local _, out = run("sessions")
      assert.matches(entry.id .. " +%d+%%, [^\n]*of 7.1 KiB", out)
      assert.matches("3/8 .* in %d+ [dhmin]+ +stopped  " .. given.path:gsub(
        "%p", "%%%0"), out)
    end)

    it("shows that a process is driving one", function()
      local given = kill_upload()
      local handle = assert(core.journal_open(listed()[1].journal, 100000))
      local entry = listed()[1]
      handle:close()
      assert.equal("running", entry.state)
      assert.is_true(entry.running)
      assert.equal(given.path, entry.file)
    end)

    it("shows broken ones and those of a newer version", function()
      put_journal(GARBAGE, "garbage")
      put_journal(("cd"):rep(20), head { version = 99 })
      local list = listed()
      assert.equal("broken", list[1].state)
      assert.equal("newer", list[2].state)
      local code, out = run("sessions")
      assert.equal(0, code)
      assert.matches("abababab .* broken ", out)
    end)

    it("reports unexpected contents as broken", function()
      for _, fields in ipairs {
        { file = { path = 1, size = SIZE } }, { file = "x" },
        { target = {} }, { target = { folder_id = 0 } },
        { target = { folder_id = "0", file_id = "1" } },
        { session = { id = ("F"):rep(32) } }, { attributes = "x" },
        { session = "x" }, { on_conflict = 1 },
        { target = { folder_id = "../0", file_name = "x" } },
        { session = { id = "../x", part_size = 1000, total_parts = 8 } },
        { session = { id = "x", part_size = 0.5, total_parts = 8 } },
        { session = { id = "x", part_size = 1000, total_parts = -8 } },
        { file = { path = "x", size = 1e300 } },
      } do
        put_journal(GARBAGE, head(fields))
        assert.equal("broken", listed()[1].state, json.encode(fields))
      end
      put_journal(GARBAGE, head())
      assert.equal("stopped", listed()[1].state)
    end)

    it("prints longer IDs where short ones would be ambiguous", function()
      put_journal(("a"):rep(39) .. "1", head())
      put_journal(("a"):rep(39) .. "2", head())
      assert.equal(("a"):rep(39) .. "1", listed()[1].id)
    end)
  end)

  describe("boxupload resume", function()
    it("sends only what is missing", function()
      local given = kill_upload()
      local before, id = {}, listed()[1].session_id
      for _, session in ipairs(emulator:control("GET", "/sessions")) do
        for _, index in ipairs(session.id == id and session.parts or {}) do
          before[index] = true
        end
      end
      assert.is_true(before[0] ~= nil)
      emulator:control("DELETE", "/requests")
      local code, out, err = run("resume --json")
      assert.equal(0, code, out .. err)
      local events = command.events(out)
      local last = events[#events]
      assert.equal("done", last.event)
      assert.equal(given.sha1, last.file.sha1)
      check(given)
      for _, request in ipairs(emulator:requests("upload_part")) do
        assert.is_nil(before[request.part], "sent twice")
      end
      assert.equal(0, #emulator:requests("create_session"))
      assert.same({}, listed())
    end)

    it("never replaces what it just completed", function()
      access = write_access("replace")
      local first, second = kill_upload("one.bin"), kill_upload("One.BIN")
      local code, out = run("resume --all --json")
      assert.equal(5, code, out)
      local done = {}
      for _, event in ipairs(command.events(out)) do
        if event.event == "done" then done[#done + 1] = event.file.name end
        if event.event == "error" then
          assert.matches(" has the name on Box", event.message, 1, true)
        end
      end
      assert.equal(1, #done)
      check(first.name == done[1] and first or second)
    end)

    it("is refused while another process uploads to the name", function()
      local given = kill_upload()
      shell.output("mkdir " .. shell.quote(dir.path .. "/x"))
      local other = dir:write("x/" .. given.name, "other")
      emulator:faults { operation = "upload_file", action = "stall" }
      local running = command.start("upload -f 0 " .. shell.quote(other),
        environment)
      local deadline = core.now() + 20
      while not (emulator:requests("upload_file")[1] or {}).fault do
        assert(core.now() < deadline)
      end
      local code, _, err = run("resume")
      running:signal "KILL"
      running:wait()
      assert.equal(5, code)
      assert.matches("another upload to this name is under way", err, 1, true)
      emulator:reset()
      assert.equal(0, (run("resume")))
      check(given)
    end)

    it("accepts an ID, a prefix of one, or Box's session id", function()
      for _, field in ipairs { "id", "journal", "session_id" } do
        local given = kill_upload()
        local id = listed()[1][field]
        if field == "journal" then id = id:match("([^/]+)%.json"):sub(1, 3) end
        local code, out, err = run("resume " .. id)
        assert.equal(0, code, err)
        assert.matches(given.sha1, out, 1, true)
        check(given)
      end
    end)

    it("requires an ID or --all when there are several", function()
      local one, two = kill_upload(), kill_upload()
      local code, out, err = run("resume")
      assert.equal(2, code)
      assert.equal("", out)
      assert.matches("^boxupload: [^\n]*2 unfinished uploads[^\n]*%-%-all\n$",
        err)
      code, out = run("resume --all --quiet")
      assert.equal(0, code)
      assert.matches(one.sha1, out, 1, true)
      assert.matches(two.sha1, out, 1, true)
      check(one)
      check(two)
    end)

    it("skips one that is under way, and says so", function()
      local held, free = kill_upload(), kill_upload()
      local held_entry
      for _, entry in ipairs(listed()) do
        if entry.file == held.path then held_entry = entry end
      end
      local handle = assert(core.journal_open(held_entry.journal, 100000))
      local code, _, err = run("resume " .. held_entry.id)
      assert.equal(5, code)
      assert.matches("another process is uploading it", err, 1, true)
      code, _, err = run("resume --all")
      handle:close()
      assert.equal(0, code, err)
      assert.matches(held_entry.id .. " is skipped", err, 1, true)
      check(free)
      assert.equal(1, #listed())
    end)

    it("goes on with the others when one raises an error", function()
      local odd = dir:write("odd", "x")
      put_journal(GARBAGE, head { on_conflict = "whatever",
        file = { path = odd, size = 1 }, session = { id = ("F"):rep(32),
          part_size = 1000, total_parts = 1 } })
      local given = kill_upload()
      local code, out = run("resume --all --json")
      assert.equal(1, code)
      check(given)
      local crashed
      for _, event in ipairs(command.events(out)) do
        crashed = crashed or event.code == "crashed" and event
      end
      assert.equal(odd, crashed.path)
      assert.matches("--on-conflict", crashed.message, 1, true)
    end)

    it("refuses a broken journal and a newer one", function()
      put_journal(GARBAGE, "garbage")
      put_journal(("cd"):rep(20), head { version = 99 })
      local code, out = run("resume abababab --json")
      assert.equal(2, code)
      assert.equal("broken_journal", command.events(out)[1].code)
      code, out = run("resume cdcd --json")
      assert.equal(2, code)
      assert.equal("newer_journal", command.events(out)[1].code)
      local err
      code, out, err = run("resume --all")
      assert.equal(0, code)
      assert.equal("", out)
      assert.matches("no upload to resume", err, 1, true)
      assert.equal(2, #listed())
    end)

    it("refuses an ambiguous ID", function()
      kill_upload()
      put_journal(("a"):rep(39) .. "1", head())
      put_journal(("a"):rep(39) .. "2", head())
      local code, out, err = run("resume nosuch")
      assert.equal(7, code)
      assert.equal("", out)
      assert.matches("^boxupload: [^\n]*boxupload sessions[^\n]*\n$", err)
      code, out, err = run("resume aaa")
      assert.equal(2, code)
      assert.equal("", out)
      assert.matches(("a"):rep(39) .. "1", err, 1, true)
      assert.matches(("a"):rep(39) .. "2", err, 1, true)
    end)

    it("requires the file, and keeps the journal without it", function()
      local given = kill_upload()
      os.remove(given.path)
      local code, _, err = run("resume")
      assert.equal(7, code, err)
      assert.matches("No such file", err, 1, true)
      assert.equal(1, #listed())
    end)

    it("starts over when the file has changed, and says so", function()
      local given = kill_upload()
      given.bytes = files.bytes(SIZE, 99)
      dir:write(given.name, given.bytes)
      local code, _, err = run("resume")
      assert.equal(0, code, err)
      assert.matches("started over", err, 1, true)
      check(given)
    end)

    it("uses the options of the original upload", function()
      emulator:control("POST", "/options", { min_size = 20000000,
        part_size = 8000000, connection_rate = 4000000 })
      local path, bytes = dir:file("big.bin", 20000001, 3)
      -- This path means another file in this process's current folder.
      local running = command.start(
        "upload --folder-id 0 --on-conflict rename big.bin", environment,
        ("sh -c 'cd %s && exec \"$@\"' sh %s"):format(dir.path, program()))
      local deadline = core.now() + 20
      repeat
        assert(core.now() < deadline, "no part was stored")
        local sessions = emulator:control("GET", "/sessions")
        local session = sessions[#sessions]
      until session and session.state == "open" and #session.parts > 0
      running:signal("KILL")
      running:wait()
      emulator:wait_until_idle()
      emulator:control("POST", "/options", { connection_rate = 0 })
      local entry = listed()[1]
      assert.equal(path, entry.file)
      local taken = emulator:client()
      assert(taken:upload({ content = "taken" },
        { folder_id = "0", file_name = "big.bin" }))
      taken:close()
      emulator:control("DELETE", "/requests")
      local code, out, err = run("resume " .. entry.id .. " --json")
      assert.equal(0, code, out .. err)
      local events = command.events(out)
      assert.equal("big (1).bin", events[#events].file.name)
      assert.is_true(bytes == emulator:bytes_of("big (1).bin"))
    end)

    it("fails without a token, and for --all with IDs", function()
      kill_upload()
      local code, out, err = run("resume", " BOX_TOKEN=")
      assert.is_true(code == 2 or code == 3)
      assert.equal("", out)
      assert.matches("^boxupload: [^\n]+\n$", err)
      assert.equal(2, (run("resume --all x")))
    end)
  end)

  describe("boxupload commit", function()
    -- An upload whose commit was denied; returns its file, session and SHA-1.
    local function uncommitted()
      local given = kill_upload()
      emulator:faults { operation = "commit", action = "reply",
        status = 403, body = { code = "forbidden" } }
      assert.equal(4, (run("resume --all")))
      emulator:reset()
      return given.path, listed()[1].session_id, given.sha1
    end

    it("finds the file after a lost answer", function()
      local path, id, sha1 = uncommitted()
      emulator:faults { operation = "commit", action = "lose_reply" }
      local code, out, err = run(("commit %s %s"):format(id, path))
      assert.equal(0, code, err)
      assert.matches(sha1, out, 1, true)
      assert.same({}, listed())
    end)

    it("notes the commit, which isn't repeated over another's", function()
      local path, id = uncommitted()
      emulator:faults({ operation = "commit", action = "lose_reply" },
        { operation = "preflight", occurrence = "all",
          action = "reply", status = 403, body = { code = "forbidden" } })
      local code, _, err = run(("commit %s %s"):format(id, path))
      assert.is_true(code ~= 0)
      assert.matches("nobody can tell", err, 1, true)
      assert.equal(1, #listed())
      emulator:reset()
      assert.equal(0, (run("resume --all")))
      assert.equal(0, emulator:stats().part_bytes_received)
      assert.same({}, listed())
    end)
  end)

  describe("boxupload abort", function()
    it("deletes the session on Box and the journal", function()
      kill_upload()
      assert.equal(1, emulator:open_sessions())
      local entry = listed()[1]
      local code, out = run("abort --json " .. entry.id)
      assert.equal(0, code)
      local event = command.events(out)[1]
      assert.equal("aborted", event.event)
      assert.equal(entry.session_id, event.session_id)
      assert.equal(0, emulator:open_sessions())
      assert.same({}, listed())
    end)

    it("accepts sessions that this machine doesn't know", function()
      local client = emulator:client()
      local session = assert(client:create_session {
        folder_id = "0", file_name = "elsewhere.bin", file_size = SIZE,
      })
      local id = session.id
      client:close()
      assert.equal(0, (run("abort " .. id)))
      assert.equal(0, emulator:open_sessions())
      assert.equal(0, (run("abort " .. id)))
    end)

    it("deletes all but those that are under way", function()
      kill_upload()
      kill_upload()
      local handle = assert(core.journal_open(listed()[1].journal, 100000))
      local code, out, err = run("abort --all")
      handle:close()
      assert.equal(5, code)
      assert.matches("is removed", out, 1, true)
      assert.matches("another process is uploading it", err, 1, true)
      assert.equal(1, emulator:open_sessions())
      assert.equal(1, #listed())
    end)

    it("keeps journals that it can't read", function()
      put_journal(GARBAGE, "garbage")
      put_journal(("cd"):rep(20), head { version = 99 })
      local code, _, err = run("abort --all")
      assert.equal(0, code)
      assert.matches("cdcdcdcd is skipped", err, 1, true)
      code, _, err = run("abort cdcd")
      assert.equal(2, code)
      assert.matches("a newer version of boxupload", err, 1, true)
      assert.equal(2, #listed())
    end)

    it("keeps the journal when the session can't be deleted", function()
      kill_upload()
      emulator:faults { operation = "abort",
        action = { reply = { status = 403 } } }
      local code, _, err = run("abort --all")
      assert.equal(4, code, err)
      assert.equal(1, #listed())
      assert.equal(1, emulator:open_sessions())
    end)

    it("requires IDs or --all", function()
      assert.equal(2, (run("abort")))
      assert.equal(2, (run("abort --all x")))
      assert.equal(7, (run("abort nosuch")))
      assert.equal(0, (run("abort --all")))
      kill_upload()
      assert.is_true((run("abort --all", " BOX_TOKEN=")) ~= 0)
      assert.equal(1, #listed())
    end)
  end)

  describe("boxupload gc", function()
    it("deletes what can't be resumed, and nothing else", function()
      local kept = kill_upload()
      local gone = kill_upload()
      for _, entry in ipairs(listed()) do
        if entry.file == gone.path then
          emulator:control("POST", "/sessions/" .. entry.session_id ..
            "/expire")
        end
      end
      put_journal(GARBAGE, "garbage")
      put_journal(("cd"):rep(20), head { version = 99 })
      put_journal(("ef"):rep(20), head { session = { id = ("A"):rep(32),
        part_size = 1000, total_parts = 8,
        session_expires_at = "2020-01-01T00:00:00-08:00" } })
      local code, out = run("gc --dry-run --json")
      assert.equal(0, code)
      assert.equal(3, #command.events(out))
      assert.is_true(command.events(out)[1].dry_run)
      assert.equal(5, #listed())
      code, out = run("gc")
      assert.equal(0, code)
      local _, lines = out:gsub("\n", "")
      assert.equal(3, lines)
      local left = listed()
      assert.equal(2, #left)
      for _, entry in ipairs(left) do
        assert.is_true(entry.file == kept.path or entry.state == "newer")
      end
    end)

    it("asks Box only when it must", function()
      put_journal(GARBAGE, "garbage")
      local code = run("gc", " BOX_TOKEN=")
      assert.equal(0, code)
      assert.same({}, listed())
      kill_upload()
      put_journal(GARBAGE, "garbage")
      code = run("gc", " BOX_TOKEN=")
      assert.is_true(code == 2 or code == 3)
      assert.equal(1, #listed())
    end)

    it("deletes incomplete new journals", function()
      local client = emulator:client()
      local session = assert(client:create_session {
        folder_id = "0", file_name = "aside.bin", file_size = SIZE,
      })
      shell.output("mkdir -p " .. journal_folder())
      local aside = dir:write("state/boxupload/" .. GARBAGE ..
        ".json.a1B2c3", head { session = { id = session.id, part_size = 1000,
          total_parts = 8 } })
      client:close()
      assert.equal(0, (run("gc --dry-run")))
      assert.is_true(is_there(aside))
      assert.equal(0, (run("gc")))
      assert.is_false(is_there(aside))
      assert.equal(0, emulator:open_sessions())
    end)

    it("keeps what Box still has, whatever date is noted", function()
      local kept = kill_upload()
      local path = listed()[1].journal
      local text = files.read(path)
      put_journal(path:match("([^/]+)%.json$"),
        (text:gsub('"session_expires_at":"[^"]*"',
          '"session_expires_at":"2020-01-01T00:00:00Z"')))
      assert.equal(0, (run("gc")))
      assert.equal(kept.path, listed()[1].file)
    end)

    it("keeps those that are under way", function()
      put_journal(GARBAGE, "garbage")
      local path = journal_folder() .. "/" .. GARBAGE .. ".json"
      local handle = assert(core.journal_open(path, 100))
      local code = run("gc")
      handle:close()
      assert.equal(0, code)
      assert.is_true(is_there(path))
    end)
  end)
end)
