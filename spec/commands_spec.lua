-- commands: the boxupload commands that inspect Box, and those that don't need
-- it.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local command = require "support.command"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local part_hash = require "boxupload.cli.files.part_hash"
local shell = require "support.shell"

local PROGRAM = os.getenv "BOXUPLOAD" or "build/bin/boxupload"
local COMMANDS = {
  "sessions", "resume", "abort", "gc", "status", "parts", "commit", "verify",
  "hash", "doctor", "emulator", "completion", "manual",
}
local NO_SESSION = ("F"):rep(32)

local function is_installed(program)
  return shell.output("command -v " .. program) ~= ""
end

local function one_line(err)
  assert.matches("^boxupload: [^\n]+\n$", err)
end

describe("the commands about sessions and files", function()
  local emulator, dir, environment, client

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
    environment = emulator:environment()
    client = emulator:client()
  end)

  teardown(function()
    client:close()
    dir:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset {
      min_size = 1000, part_size = 1000, list_sha1_null = true,
    }
  end)

  after_each(function()
    assert.equal(0, emulator:open_sessions())
  end)

  local serial = 0

  -- A session with the first parts of a file stored in it.
  local function new_session(size, count)
    serial = serial + 1
    local name = ("looked-%d.bin"):format(serial)
    local path, bytes, sha1 = dir:file(name, size, serial)
    local session = assert(client:create_session {
      folder_id = "0", file_name = name, file_size = size,
    })
    local file = assert(boxupload.file(path))
    for i = 0, count - 1 do assert(session:upload(i * 1000, file)) end
    file:close()
    return session, { path = path, name = name, bytes = bytes, sha1 = sha1 }
  end

  local function run(arguments, more)
    return command.run(arguments, environment .. (more or ""))
  end

  it("status shows what Box knows about a session", function()
    local session = new_session(3500, 2)
    local code, out, err = run("status " .. session.id)
    assert.equal(0, code, err)
    assert.matches("^" .. session.id .. ": %d of 4 parts of 1000 B", out)
    code, out = run("status --json " .. session.id)
    assert.equal(0, code)
    local event = command.events(out)[1]
    assert.equal("session", event.event)
    assert.equal(session.id, event.session_id)
    assert.equal(4, event.total_parts)
    assert.equal(1000, event.part_size)
    assert.is_string(event.session_expires_at)
    assert(session:abort())
  end)

  it("parts lists the stored parts, page by page", function()
    local session = new_session(5500, 4)
    local code, out = run("parts --json " .. session.id)
    assert.equal(0, code)
    local parts = command.events(out)
    assert.equal(4, #parts)
    for i, part in ipairs(parts) do
      assert.equal("part", part.event)
      assert.equal((i - 1) * 1000, part.offset)
      assert.equal(1000, part.size)
      assert.is_nil(part.sha1)
      assert.is_string(part.part_id)
    end
    local err
    code, out = run("parts " .. session.id)
    assert.equal(0, code)
    assert.matches("^0  1000  %-  %x+\n1000  1000  ", out)
    emulator:reset { list_sha1_null = false }
    code, out, err = run("parts " .. session.id)
    assert.equal(0, code)
    assert.matches("^0  1000  %x+  %x+\n1000  1000  ", out)
    assert.matches("4 of 6 parts", err, 1, true)
    assert(session:abort())
  end)

  it("commit turns a complete session into a file", function()
    local session, given = new_session(2500, 3)
    local code, out, err = run(("commit %s %s --json"):format(session.id,
      given.path))
    assert.equal(0, code, out .. err)
    local event = command.events(out)[1]
    assert.equal("done", event.event)
    assert.equal(given.sha1, event.file.sha1)
    assert.is_true(given.bytes == emulator:bytes_of(given.name))
    code, out, err = run(("commit %s %s"):format(session.id, given.path))
    assert.equal(7, code)
    assert.equal("", out)
    one_line(err)
  end)

  it("commit keeps an incomplete session", function()
    local session, given = new_session(3500, 3)
    local code, _, err = run(("commit %s %s"):format(session.id, given.path))
    assert.equal(9, code)
    one_line(err)
    assert.matches("only 3 of 4 parts are stored", err, 1, true)
    assert.equal(0, #emulator:requests("commit"))
    assert(session:abort())
  end)

  it("commit detects that the file on Box differs", function()
    local session = new_session(2500, 3)
    local larger = dir:file("larger", 9999)
    local code, _, err = run(("commit %s %s"):format(session.id, larger))
    assert.equal(6, code)
    one_line(err)
    local other = dir:file("other", 2500, 77)
    code, _, err = run(("commit %s %s"):format(session.id, other))
    assert.is_true(code ~= 0)
    one_line(err)
    assert.equal(7, (run("status " .. NO_SESSION)))
    session:abort()
  end)

  it("verify compares a file with one on Box", function()
    local path, bytes, sha1 = dir:file("verified.bin", 2500, 1)
    local file = assert(client:upload(path, { folder_id = "0" }))
    local code, out = run(("verify %s %s"):format(path, file.id))
    assert.equal(0, code)
    assert.matches(sha1, out, 1, true)
    code, out = run(("verify --json %s %s"):format(path, file.id))
    assert.equal(0, code)
    assert.equal("same", command.events(out)[1].event)
    local changed = dir:write("changed.bin", bytes:sub(1, -2) .. "\0")
    local shorter = dir:write("shorter.bin", bytes:sub(1, -2))
    for _, other in ipairs { changed, shorter } do
      local err
      code, out, err = run(("verify %s %s"):format(other, file.id))
      assert.equal(6, code)
      assert.equal("", out)
      one_line(err)
      assert.matches("differs", err, 1, true)
    end
    code = run(("verify %s %s"):format(path, "999999"))
    assert.equal(7, code)
  end)

  it("fail with one line when Box has no such session", function()
    local path = dir:file("any.bin", 2500)
    for _, arguments in ipairs { "status ", "parts ", "commit " } do
      local code, out, err = run(arguments .. NO_SESSION ..
        (arguments == "commit " and " " .. path or ""))
      assert.equal(7, code, arguments)
      assert.equal("", out)
      one_line(err)
      code, out = run(arguments .. NO_SESSION .. " --json" ..
        (arguments == "commit " and " " .. path or ""))
      assert.equal(7, code)
      assert.equal("gone", command.events(out)[1].kind)
    end
    assert.equal(7, (run("status nosuch")))
  end)

  it("fail without a token or a file", function()
    local path = dir:file("any.bin", 2500)
    for _, arguments in ipairs {
      "status " .. NO_SESSION, "parts " .. NO_SESSION,
      "commit " .. NO_SESSION .. " " .. path, "verify " .. path .. " 1",
    } do
      local code, out, err = run(arguments, " BOX_TOKEN=")
      assert.is_true(code == 2 or code == 3, arguments)
      assert.equal("", out)
      one_line(err)
    end
    for _, arguments in ipairs { "commit " .. NO_SESSION .. " /no/such/file",
      "verify /no/such/file 1", "hash /no/such/file" } do
      local code, _, err = run(arguments)
      assert.equal(7, code, arguments)
      one_line(err)
    end
  end)
end)

describe("boxupload hash", function()
  local dir

  setup(function() dir = files.temp_dir() end)
  teardown(function() dir:remove() end)

  it("prints the digests of parts and file, without a token", function()
    local path, bytes, sha1 = dir:file("hashed.bin", 2500, 5)
    local code, out, err = command.run("hash --json --part-size 1000 " ..
      path, "BOX_TOKEN=")
    assert.equal(0, code, err)
    local events = command.events(out)
    assert.equal(4, #events)
    for i = 1, 3 do
      local piece = bytes:sub((i - 1) * 1000 + 1, i * 1000)
      local digest = core.digest("sha1"):update(piece)
      assert.equal("part", events[i].event)
      assert.equal((i - 1) * 1000, events[i].offset)
      assert.equal(#piece, events[i].size)
      assert.equal(digest:hex(), events[i].sha1)
      assert.equal(digest:base64(), events[i].base64)
    end
    assert.equal("file", events[4].event)
    assert.equal(sha1, events[4].sha1)
    code, out = command.run("hash " .. path)
    assert.equal(0, code)
    local whole = core.digest("sha1"):update(bytes):base64()
    assert.equal(("part  0  2500  %s\nfile  0  2500  %s\n"):format(whole,
      whole), out)
  end)

  it("hashes an empty file, and refuses a part size of zero", function()
    local path = dir:write("empty.bin", "")
    local code, out = command.run("hash " .. path)
    assert.equal(0, code)
    assert.equal("file  0  0  2jmj7l5rSw0yVb/vlWAYkK/YBwk=\n", out)
    assert.equal(2, (command.run("hash --part-size 0 " .. path)))
  end)

  it("notices other bytes, but not other attributes", function()
    local path, _, sha1 = dir:file("watched.bin", 2500, 6)
    local function hash_while(shell_command)
      local file = assert(boxupload.file(path))
      local digest, _, err = part_hash.each(file, 1000, function(part)
        if part.offset == 1000 then
          shell.output(shell_command:format(path))
        end
      end)
      file:close()
      return digest, err
    end
    assert.equal(sha1, (hash_while "chmod 640 %s"))
    assert.equal(sha1, (hash_while "touch -d 2001-01-01 %s"))
    local digest, err =
      hash_while "printf other 1<>%s"
    assert.is_nil(digest)
    assert.equal("changed", err.kind)
  end)

  it("needs no more memory for big parts than for small ones", function()
    local path = dir.path .. "/sparse.bin"
    shell.output("truncate -s 400M " .. path)
    local code, out, err =
      command.run("hash --json --part-size 300000000 " .. path)
    assert.equal(0, code, err)
    local last = command.events(out)[3]
    assert.equal(419430400, last.size)
    assert.is_true(last.peak_memory < 150e6, "peak " .. last.peak_memory)
  end)
end)

describe("the command's help", function()
  it("exists for every command", function()
    for _, name in ipairs(COMMANDS) do
      local code, out = command.run(name .. " --help")
      assert.equal(0, code, name)
      assert.matches("Usage: boxupload " .. name, out, 1, true)
    end
  end)

  it("is one line after invalid arguments", function()
    for _, name in ipairs(COMMANDS) do
      local code, out, err = command.run(name .. " --nonsense x y z")
      assert.equal(2, code, name)
      assert.equal("", out)
      one_line(err)
    end
  end)
end)

describe("boxupload completion", function()
  for _, name in ipairs { "bash", "zsh", "fish" } do
    it("is a script that " .. name .. " accepts", function()
      local code, out, err = command.run("completion " .. name)
      assert.equal(0, code, err)
      assert.matches("sessions", out, 1, true)
      if not is_installed(name) then
        pending("needs " .. name)
        return
      end
      local problems = shell.output(("%s completion %s | %s -n 2>&1")
        :format(PROGRAM, name, name))
      assert.equal("", problems)
    end)
  end

  it("completes commands and options in bash", function()
    if not is_installed("bash") then
      pending("needs bash")
      return
    end
    local shown = shell.output(([[bash -c '
      eval "$(%s completion bash)"
      COMP_WORDS=(boxupload sess) COMP_CWORD=1; _boxupload
      echo "${COMPREPLY[*]}"
      COMP_WORDS=(boxupload gc --dr) COMP_CWORD=2; _boxupload
      echo "${COMPREPLY[*]}"']]):format(PROGRAM))
    assert.equal("sessions\n--dry-run\n", shown)
  end)

  it("refuses other shells", function()
    assert.equal(2, (command.run("completion tcsh")))
  end)
end)

describe("boxupload manual", function()
  it("matches docs/boxupload.1 (`make manual` writes it)", function()
    local code, out = command.run("manual")
    assert.equal(0, code)
    assert.equal(files.read("docs/boxupload.1"), out)
  end)

  it("names every command", function()
    local _, out = command.run("manual")
    for _, name in ipairs(COMMANDS) do
      assert.matches("\n.SS " .. name .. "[ \n]", out)
    end
  end)

  it("is well-formed", function()
    if not is_installed("groff") then
      pending("needs groff")
      return
    end
    assert.equal("", shell.output(
      "env -u LD_PRELOAD groff -man -Tascii -ww -z docs/boxupload.1 2>&1"))
  end)
end)

describe("boxupload emulator", function()
  local BUILT = os.getenv "BOX_EMULATOR" or "spec/support/box-emulator"

  local function kill(running)
    if not running.killed then running:signal("KILL") end
    running.killed = true
  end

  -- The command runs until it is killed, and closing its pipe waits for that.
  local function start(arguments)
    local running = command.start(arguments, "BOX_EMULATOR=" .. BUILT)
    finally(function()
      kill(running)
      running:wait()
    end)
    return running
  end

  local function wait_for(running, pattern)
    local deadline = core.now() + 20
    while true do
      local found = running:output():match(pattern)
      if found then return found end
      assert(core.now() < deadline, "it prints no address")
    end
  end

  local function is_alive(id)
    return shell.output("kill -0 " .. id .. " 2>/dev/null && echo yes") ~= ""
  end

  it("starts an emulator and prints how to reach it", function()
    local running = start("emulator -- --plain")
    wait_for(running, "BOX_TOKEN_URL='[^\n]*\n")
    local lines = running:output()
    local environment = lines:gsub("export ", ""):gsub("\n", " ")
    local code, out = command.run("doctor -q", environment)
    assert.equal(0, code, out)
  end)

  it("passes options on, and stops the emulator when it exits", function()
    local running = start("emulator --json -- --plain --jwt")
    wait_for(running, "}\n")
    local event = command.events(running:output())[1]
    assert.equal("emulator", event.event)
    assert.is_string(event.jwt_config)
    assert.is_true(is_alive(event.pid))
    kill(running)
    local deadline = core.now() + 10
    while is_alive(event.pid) do
      assert(core.now() < deadline, "the emulator outlives the command")
    end
  end)

  it("fails for options that the emulator doesn't know", function()
    local code, out, err = command.run("emulator -- --nonsense",
      "BOX_EMULATOR=" .. BUILT)
    assert.equal(2, code)
    assert.equal("", out)
    assert.matches("nonsense", err, 1, true)
  end)

  it("says what to do when the emulator isn't built", function()
    if is_installed("box-emulator") then
      pending("needs a machine without box-emulator")
      return
    end
    local code, out, err = command.run("emulator",
      "BOX_EMULATOR=/no/such/file")
    assert.equal(7, code)
    assert.equal("", out)
    one_line(err)
    assert.matches("make emulator", err, 1, true)
  end)
end)
