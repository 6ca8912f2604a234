-- interrupt: Ctrl-C and SIGTERM stop an upload immediately at any point, and
-- it can be resumed.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local command = require "support.command"
local core = require "boxupload.core"
local fixtures = require "support.fixture"
local native_coroutine = require "boxupload.util.native_coroutine"
local resources = require "support.open_resources"
local shell = require "support.shell"

local PART, PARTS = 1000, 6
local SIZE = PARTS * PART - 300
local TIMEOUT = 10
local ROUNDS = tonumber(os.getenv "INTERRUPT_ROUNDS") or 60
local SEED = tonumber(os.getenv "INTERRUPT_SEED") or 20261123

-- PUC Lua has a hook per coroutine. LuaJIT has one for all coroutines, but
-- compiled code ignores it.
local jit = rawget(_G, "jit")

local random_state = SEED
local function random(most)
  random_state = (random_state * 48271) % 2147483647
  return 1 + random_state % most
end

describe("an interrupt", function()
  local fixture, emulator, given, journal
  local serial = 0

  setup(function()
    fixture = fixtures.open("--plain --min-size 1000 --part-size 1000")
    emulator = fixture.emulator
    given = fixture:file(SIZE)
    journal = fixture.dir.path .. "/journal"
    if jit then
      jit.off()
      jit.flush()
    end
  end)

  teardown(function()
    if jit then jit.on() end
    fixture:close()
  end)

  after_each(function()
    debug.sethook()
    emulator:reset()
    fixture:after_each()
    os.remove(journal)
  end)

  -- Does what the interpreter's own handler does.
  local function raise_interrupt()
    debug.sethook()
    error("interrupted!")
  end

  -- Calls work(...) with an interrupt after `count` instructions of this
  -- coroutine, unless it returns before; returns what pcall does.
  local function interrupt_after(count, work, ...)
    local function unarmed(...)
      debug.sethook()
      return ...
    end
    local ok, value, message, err = pcall(function(...)
      debug.sethook(raise_interrupt, "", count)
      return unarmed(work(...))
    end, ...)
    if not ok then
      assert(tostring(value):find("interrupted!", 1, true), value)
    end
    return ok, value, message, err
  end

  -- How many instructions work() takes.
  local function count_instructions(work)
    local count = 0
    debug.sethook(function() count = count + 10 end, "", 10)
    work()
    debug.sethook()
    return count
  end

  local function options()
    serial = serial + 1
    given.as = ("interrupted-%d.bin"):format(serial)
    return {
      folder_id = "0", file_name = given.as, resume = journal, parallel = 2,
    }
  end

  local function exists(path)
    local file = io.open(path)
    if file then file:close() end
    return file ~= nil
  end

  -- The emulator refuses a part that is already stored. A part on its way may
  -- have arrived after its session was deleted.
  local function check_parts()
    for _, record in ipairs(emulator:requests("upload_part")) do
      local status = tonumber(record.status) or 200
      assert(status < 300 or status == 404,
        ("part %d was answered %d"):format(record.part, status))
    end
  end

  -- Makes the same upload again: the right bytes arrive, unless the first
  -- upload had finished before the interrupt.
  local function check_resumed(client, how)
    local was_there = exists(journal)
    local file, message, err = client:upload(given.path, how)
    if err and err.code == "item_name_in_use" and not was_there then
      assert(given.bytes == emulator:bytes_of(given.as))
    else
      fixture:check(given, file, message)
    end
    assert(not exists(journal), "the journal still exists")
    check_parts()
  end

  -- Runs work(count) for random counts up to `most`.
  local function chaos(most, work)
    local before = resources.count()
    for _ = 1, ROUNDS do
      local count = random(most)
      emulator:control("DELETE", "/requests")
      local ok, problem = pcall(work, count)
      assert(ok, ("seed %d, after %d of %d instructions: %s"):format(SEED,
        count, most, tostring(problem)))
      fixture:after_each()
    end
    assert.same(before, resources.count())
  end

  local function count_upload_instructions()
    local client = fixture:client()
    local how = options()
    local length = count_instructions(function()
      assert(client:upload(given.path, how))
    end)
    fixture:after_each()
    return length
  end

  it("ends client:upload anywhere, and another client resumes", function()
    chaos(count_upload_instructions(), function(count)
      local client, how = fixture:client(), options()
      local ok = interrupt_after(count, client.upload, client, given.path, how)
      local noted = ok or exists(journal)
      client:close()
      emulator:wait_until_idle()
      check_resumed(fixture:client(), how)
      -- A closed client can't delete a session that was created but not yet
      -- recorded.
      assert(emulator:open_sessions() <= (noted and 0 or 1))
      for _, session in ipairs(emulator:control("GET", "/sessions")) do
        if session.state == "open" then
          emulator:control("POST", "/sessions/" .. session.id .. "/expire")
        end
      end
    end)
  end)

  -- Waits until the transfer has ended: an interrupt inside its own coroutine
  -- has ended it already, one elsewhere hasn't.
  local function check_ended(transfer, client, how)
    local file, message, err = transfer:wait(TIMEOUT)
    assert(transfer.state ~= "running", "it is still running")
    assert.equal(0, client:poll())
    if file then
      fixture:check(given, file, message)
      check_parts()
    else
      assert.equal("interrupted", err.code, message)
      -- The commit may have succeeded.
      assert(exists(journal) or not err.resumable, "there is no journal")
      assert(emulator:open_sessions() <= (err.resumable and 1 or 0),
        "a session remains")
      client:close()
      emulator:wait_until_idle()
      check_resumed(fixture:client(), how)
    end
    assert.equal(0, emulator:open_sessions())
  end

  it("ends transfer:wait anywhere, which can then be called again",
    function()
      local most = count_upload_instructions()
      chaos(most, function(count)
        local client, how = fixture:client(), options()
        local transfer = assert(client:start(given.path, how))
        interrupt_after(count, transfer.wait, transfer)
        check_ended(transfer, client, how)
      end)
    end)

  it("may hit the transfer's own coroutine", function()
    if jit then return end -- covered above
    chaos(count_upload_instructions(), function(count)
      local client, how = fixture:client(), options()
      local transfer = assert(client:start(given.path, how))
      debug.sethook(transfer.body, raise_interrupt, "", count)
      local ok, problem = pcall(transfer.wait, transfer)
      assert(ok or tostring(problem):find("interrupted!", 1, true), problem)
      check_ended(transfer, client, how)
    end)
  end)

  it("during a cancel leaves nothing behind", function()
    chaos(2000, function(count)
      local client, how = fixture:client(), options()
      local transfer = assert(client:start(given.path, how))
      fixture.step_until(transfer, function()
        return transfer:progress().parts > 0
      end)
      interrupt_after(count, function()
        transfer:cancel()
        transfer:wait()
      end)
      transfer:cancel()
      local file, message, err = transfer:wait(TIMEOUT)
      assert(transfer.state ~= "running", "it is still running")
      assert(file or err.kind == "canceled", message)
      client:close()
      emulator:wait_until_idle()
      -- Interrupted while the session was deleted, which can still be resumed.
      if exists(journal) then
        assert.equal("interrupted", err.code)
        check_resumed(fixture:client(), how)
      end
      assert.equal(0, emulator:open_sessions())
    end)
  end)

  it("during client:close lets it be closed again", function()
    chaos(600, function(count)
      local client, how = fixture:client(), options()
      local transfer = assert(client:start(given.path, how))
      fixture.step_until(transfer, function()
        return transfer:progress().parts > 0
      end)
      interrupt_after(count, client.close, client)
      client:close()
      assert.equal("canceled", transfer:step())
      emulator:wait_until_idle()
      check_resumed(fixture:client(), how)
      assert.equal(0, emulator:open_sessions())
    end)
  end)

  describe("while signing in", function()
    local create = native_coroutine.create

    after_each(function()
      native_coroutine.create = create
    end)

    local function credentials()
      return boxupload.auth.client_credentials {
        client_id = emulator.client_id, user = emulator.user_id,
        client_secret = emulator.client_secret,
      }
    end

    -- Interrupts the next coroutine after so many instructions.
    local function interrupt_next(count)
      native_coroutine.create = function(work)
        native_coroutine.create = create
        local made = create(work)
        debug.sethook(made, raise_interrupt, "", count)
        return made
      end
    end

    it("ends one of several waits; the others continue", function()
      local most = count_instructions(function()
        assert(fixture:client { auth = credentials() }:access_token())
      end)
      fixture:after_each()
      chaos(most, function(count)
        local client = fixture:client { auth = credentials() }
        local transfers, hows = {}, {}
        for i = 1, 2 do
          hows[i] = options()
          hows[i].resume = nil
          transfers[i] = assert(client:start(given.path, hows[i]))
        end
        local function wait_for_all()
          while client:wait(TIMEOUT) > 0 do end
        end
        local raised = 0
        if not jit then interrupt_next(count) end
        for _ = 1, 2 do
          local ok, problem
          if jit then
            ok, problem = interrupt_after(count, wait_for_all)
          else
            ok, problem = pcall(wait_for_all)
          end
          if ok then break end
          assert(tostring(problem):find("interrupted!", 1, true), problem)
          raised = raised + 1
          if not jit or raised == 1 then count = 1e9 end
        end
        assert(raised <= 1, "it was raised twice")
        wait_for_all()
        local ended = 0
        for i = 1, 2 do
          local file, message, err = transfers[i]:result()
          if not file then
            assert.equal("interrupted", err.code, message)
            ended = ended + 1
          end
        end
        assert(ended <= 1, "it ended both")
        assert(client:access_token())
        assert.equal(0, emulator:open_sessions())
      end)
    end)

    it("unlocks the token store and keeps the new tokens", function()
      local held, saved, strikes = 0, nil, 1
      local auth = boxupload.auth.refresh {
        client_id = emulator.client_id,
        client_secret = emulator.client_secret,
        refresh_token = emulator.refresh_token,
        store = {
          lock = function()
            held = held + 1
            return true
          end,
          unlock = function() held = held - 1 end,
          write = function(_, value)
            strikes = strikes - 1
            if strikes == 0 then error("interrupted!") end
            saved = value
            return true
          end,
        },
      }
      local client = fixture:client { auth = auth }
      local ok, problem = pcall(client.access_token, client)
      assert.is_false(ok)
      assert.matches("interrupted!", problem, 1, true)
      assert.equal(0, held)
      local token, message = client:access_token()
      assert.is_truthy(token, message)
      assert.equal(token, saved.access_token)
      assert.equal(0, held)
      assert.equal(1, #emulator:requests("token"))
      fixture:after_each()
    end)
  end)

  describe("by a signal", function()
    local function run(name)
      return ("LUA_PATH=%s LUA_CPATH=%s %s"):format(
          shell.quote(package.path), shell.quote(package.cpath),
          emulator:environment()) ..
        " XDG_STATE_HOME=" .. shell.quote(fixture.dir.path),
        ("spec/support/resumable_upload.lua %s %s"):format(
          shell.quote(given.path), name)
    end

    local function stored()
      local count = 0
      for _, record in ipairs(emulator:requests("upload_part")) do
        if record.status == 200 then count = count + 1 end
      end
      return count
    end

    -- The last parts stall, so that the upload can't end before the signal.
    local function run_until_signal(signal, name)
      for i = 1, 2 do
        emulator:faults({ operation = "upload_part", action = "stall",
          match = { part = { PARTS - 1, PARTS - i } }, occurrence = "all" })
      end
      local environment, arguments = run(name)
      local running = command.start(arguments, environment,
        command.interpreter())
      local deadline = core.now() + TIMEOUT
      while stored() < PARTS - 2 do
        assert(core.now() < deadline, "no part arrives")
      end
      local began = core.now()
      running:signal(signal)
      local code, out, err = running:wait()
      local seconds = core.now() - began
      assert.equal("", out)
      emulator:wait_until_idle()
      assert.equal(1, emulator:open_sessions())
      return code, err, seconds
    end

    local function check_resumed_by_process(name)
      emulator:control("DELETE", "/faults")
      local environment, arguments = run(name)
      local code, out, err = command.run(arguments, environment,
        command.interpreter())
      assert.equal(0, code, err)
      assert.equal(given.sha1 .. "\n", out)
      assert.equal(0, emulator:open_sessions())
      assert.equal(1, #emulator:requests("create_session"))
      assert.equal(PARTS, stored())
      assert.equal("", shell.output("ls " .. fixture.dir.path ..
        "/boxupload"))
    end

    it("stops a script with the interpreter's own message", function()
      local code, err, seconds = run_until_signal("INT", "int.bin")
      assert.matches("interrupted!", err, 1, true)
      assert.equal(1, code)
      assert.is_true(seconds < 3, ("it took %g seconds"):format(seconds))
      check_resumed_by_process("int.bin")
    end)

    it("kills a script and leaves a valid journal", function()
      local code = run_until_signal("TERM", "term.bin")
      assert.equal(128 + 15, code)
      check_resumed_by_process("term.bin")
    end)
  end)
end)
