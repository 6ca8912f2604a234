-- transfer: stepping, waiting for, watching and canceling an upload.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local plain = require "boxupload.loop.plain"
local token = require "boxupload.auth.token"

describe("transfer", function()
  local emulator, dir, client, path, sha1
  local serial = 0

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
    local bytes
    path, bytes = dir:file("transfer.bin", 9500, 1)
    sha1 = core.sha1(bytes)
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset { latency_ms = 0, connection_rate = 0, commit_202 = 0 }
    client = emulator:client()
  end)

  after_each(function()
    client:close()
    emulator:wait_until_idle()
    assert.equal(0, emulator:open_sessions())
  end)

  local function start(options)
    serial = serial + 1
    options = options or {}
    options.folder_id = "0"
    options.file_name = ("transfer-%d"):format(serial)
    return assert(client:start(path, options))
  end

  -- Steps until the test returns true.
  local function step_until(transfer, test)
    local deadline = core.now() + 10
    while not test(transfer) do
      assert(core.now() < deadline, "it doesn't come to that")
      transfer:step()
      plain.wait(client.queue, 0.01)
    end
  end

  -- As `local transfer <close> = …` does, which only Lua 5.4 can say.
  it("is canceled at the end of its block", function()
    emulator:reset { latency_ms = 50 }
    local transfer = start()
    transfer:step()
    getmetatable(transfer).__close(transfer)
    assert.equal("canceled", transfer.state)
    local _, _, err = transfer:result()
    assert.equal("canceled", err.kind)
    assert.equal(0, emulator:open_sessions())
    getmetatable(transfer).__close(transfer)
  end)

  it("stays resumable at the end of its block, with a journal", function()
    local journal = dir.path .. "/closed.journal"
    local transfer = start { resume = journal, parallel = 1 }
    step_until(transfer, function() return transfer.session end)
    getmetatable(transfer).__close(transfer)
    local _, _, err = transfer:result()
    assert.is_true(err.resumable)
    local file = assert(client:upload(path, { folder_id = "0",
      file_name = transfer.name, resume = journal }))
    assert.equal(sha1, file.sha1)
  end)

  it("advances by steps that don't block, up to a result", function()
    emulator:control("POST", "/options", { latency_ms = 600 })
    local transfer = start()
    local steps, long = 0, 0
    repeat
      local began = core.now()
      local state = transfer:step()
      if core.now() - began >= 0.5 then long = long + 1 end
      steps = steps + 1
      plain.wait(client.queue, 0.005)
    until state ~= "running"
    assert.equal("done", transfer.state)
    assert.is_true(steps > 5)
    -- Each of the requests would block one. A busy machine may delay others.
    assert.is_true(long <= 2, long .. " steps took long")
    local file = assert(transfer:result())
    assert.equal(sha1, file.sha1)
    assert.equal(file, transfer:wait())
    assert.equal("done", transfer:step())
    assert.matches("done", tostring(transfer), 1, true)
  end)

  it("can be waited for in several calls", function()
    emulator:control("POST", "/options", { latency_ms = 50 })
    local transfer = start()
    local file, message, err = transfer:wait(0.01)
    assert.is_nil(file)
    assert.equal("still_running", err.code)
    assert.is_true(err.retryable)
    assert.is_string(message)
    assert.is_nil((transfer:result()))
    while err and err.code == "still_running" do
      file, message, err = transfer:wait(0.05)
    end
    assert.is_truthy(file, message)
    assert.has_error(function() transfer:wait("soon") end)
  end)

  it("runs beside others, all driven by client:poll", function()
    local transfers = {}
    for i = 1, 5 do transfers[i] = start() end
    assert.equal(0, client:timeout())
    assert.equal("r", client:events())
    assert.is_number(client:pollfd())
    assert.equal(client:pollfd(), client:getfd())
    assert.is_false(client:dirty())
    while client:poll() > 0 do
      plain.wait(client.queue, client:timeout())
    end
    for _, transfer in ipairs(transfers) do
      assert.equal(sha1, assert(transfer:result()).sha1)
    end
    assert.is_nil(client:timeout())
    assert.equal(0, client:poll())
  end)

  it("runs beside others, all awaited by client:wait", function()
    local transfers = {}
    for i = 1, 5 do transfers[i] = start() end
    local running, turns = 5, 0
    while running > 0 do
      local left = client:wait(20)
      assert.is_true(left < running, "it returned, but none was over")
      running, turns = left, turns + 1
    end
    assert.is_true(turns <= 5)
    for _, transfer in ipairs(transfers) do
      assert.equal(sha1, assert(transfer:result()).sha1)
    end
    assert.equal(0, client:wait())
  end)

  it("is awaited by client:wait no longer than the timeout", function()
    emulator:faults {
      operation = "create_session", action = "stall", when = "reply",
      seconds = 2,
    }
    local transfer = start()
    local began = core.now()
    assert.equal(1, client:wait(0))
    assert.equal(1, client:wait(0.05))
    local took = core.now() - began
    assert.is_true(took >= 0.05 and took < 1.5, "it took " .. took)
    assert.equal(0, client:wait(20))
    assert.equal("done", transfer.state)
    for _, seconds in ipairs { "soon", -1, 0 / 0 } do
      assert.has_error(function() client:wait(seconds) end,
        "client:wait: a number of seconds expected")
    end
  end)

  it("that waits for a retry is woken by client:wait", function()
    emulator:faults {
      operation = "upload_part", occurrence = { 1, 2 }, action = "reply",
      status = 503, headers = { ["retry-after"] = "0.1" },
    }
    local transfer = start { parallel = 1 }
    assert.equal(0, client:wait(20))
    assert.equal(2, transfer:progress().retries)
  end)

  it("reports progress that only grows", function()
    emulator:control("POST", "/options", { latency_ms = 20 })
    local transfer = start { parallel = 2 }
    local first = transfer:progress()
    assert.equal("running", first.state)
    assert.equal("starting", first.phase)
    assert.equal(9500, first.file_size)
    assert.equal(0, first.bytes_sent)
    local stored, phases = 0, {}
    step_until(transfer, function()
      local now = transfer:progress()
      assert.is_true(now.bytes_stored >= stored)
      assert.is_true(now.bytes_sent >= now.bytes_stored)
      assert.is_true(now.bytes_sent <= 9500)
      stored = now.bytes_stored
      phases[now.phase] = true
      if now.phase == "uploading" then
        assert.equal(10, now.total_parts)
        assert.is_true(now.parts <= 10)
      end
      return now.state ~= "running"
    end)
    local last = transfer:progress()
    assert.equal("done", last.state)
    assert.equal(9500, last.bytes_sent)
    assert.equal(9500, last.bytes_stored)
    assert.equal(10, last.parts)
    assert.is_true(phases.creating and phases.uploading and
      phases.committing)
  end)

  it("reports what it waits for, and until when", function()
    emulator:faults {
      operation = "create_session", action = "reply", status = 429,
      headers = { ["retry-after"] = "1" },
      body = { code = "rate_limit_exceeded" },
    }
    local transfer = start()
    step_until(transfer, function()
      return transfer:progress().waiting_for
    end)
    local progress = transfer:progress()
    assert.matches("429", progress.waiting_for, 1, true)
    local left = progress.waiting_until - core.time()
    assert.is_true(left > 0 and left < 70)
    assert(transfer:wait())
  end)

  it("estimates its rate and its remaining time", function()
    emulator:control("POST", "/options", { connection_rate = 4000 })
    local transfer = start { parallel = 1 }
    local progress
    step_until(transfer, function()
      progress = transfer:progress()
      return progress.eta
    end)
    assert.is_true(progress.rate > 0)
    assert.is_true(progress.eta > 0)
    emulator:control("POST", "/options", { connection_rate = 0 })
    assert(transfer:wait())
  end)

  describe("when cancelled", function()
    local function cancel(transfer, options)
      local began = core.now()
      transfer:cancel(options)
      assert.is_true(core.now() - began < 1)
      local file, message, err = transfer:wait()
      assert.is_nil(file)
      assert.equal("canceled", err.kind)
      assert.equal("canceled", transfer.state)
      assert.matches("canceled", message, 1, true)
      assert.is_nil(err.abort_error)
      return err
    end

    it("before the start, sends no request", function()
      cancel(start())
      assert.equal(0, #emulator:requests())
    end)

    it("during sending, deletes the session", function()
      emulator:control("POST", "/options", { connection_rate = 2000 })
      local transfer = start()
      step_until(transfer, function()
        return transfer:progress().bytes_sent > 0
      end)
      cancel(transfer)
      assert.equal(1, #emulator:requests("abort"))
      transfer:cancel()
      assert.equal("canceled", transfer:step())
    end)

    it("during sending, keeps the session if asked", function()
      emulator:control("POST", "/options", { connection_rate = 2000 })
      local transfer = start()
      step_until(transfer, function()
        return transfer:progress().bytes_sent > 0
      end)
      cancel(transfer, { keep = true })
      assert.equal(0, #emulator:requests("abort"))
      assert.equal(1, emulator:open_sessions())
      assert(assert(client:open_session(transfer.session.id)):abort())
    end)

    it("during sending, works whatever has been collected", function()
      emulator:control("POST", "/options", { connection_rate = 2000 })
      local transfer = start()
      step_until(transfer, function()
        return transfer:progress().bytes_sent > 0
      end)
      -- Canceling iterates with pairs: run finalizers just before that.
      local real = pairs
      rawset(_G, "pairs", function(list)
        collectgarbage()
        return real(list)
      end)
      transfer:cancel()
      rawset(_G, "pairs", real)
      local file, _, err = transfer:wait(10)
      assert.is_nil(file)
      assert.equal("canceled", err.kind)
    end)

    it("while the session is created, deletes that, too", function()
      emulator:faults {
        operation = "create_session", action = "stall", when = "reply",
        seconds = 0.3,
      }
      local transfer = start()
      step_until(transfer, function()
        return emulator:open_sessions() == 1
      end)
      cancel(transfer)
      assert.equal(1, #emulator:requests("abort"))
    end)

    it("during the commit, says so", function()
      emulator:control("POST", "/options",
        { commit_202 = 100, commit_retry_after = 1 })
      local transfer = start()
      step_until(transfer, function()
        return transfer:progress().waiting_for
      end)
      local err = cancel(transfer)
      assert.matches("look on Box", err.message, 1, true)
      emulator:control("POST", "/options",
        { commit_202 = 0, commit_retry_after = 0 })
    end)
  end)

  it("ends when its client is closed", function()
    emulator:control("POST", "/options", { latency_ms = 100 })
    local transfer = start()
    transfer:step()
    client:close()
    assert.equal("canceled", transfer:step())
    local file, _, err = transfer:wait()
    assert.is_nil(file)
    assert.equal("canceled", err.kind)
    -- The session may exist: no further request was sent.
    emulator:stop()
    emulator = emulators.start()
    client = emulator:client()
  end)

  it("waits through the loop adapter, in the caller's coroutine", function()
    client:close()
    local inside, calls = nil, 0
    local adapter = {
      wait = function(queue, seconds)
        calls = calls + 1
        assert.equal(inside, (coroutine.running()))
        plain.wait(queue, seconds)
      end,
    }
    client = emulator:client { loop = adapter }
    inside = coroutine.running()
    assert(start():wait())
    assert(assert(client:create_session {
      folder_id = "0", file_name = "x", file_size = 5000,
    }):abort())
    assert.is_true(calls > 0)
  end)

  it("can be waited for by coroutines that yield", function()
    client:close()
    client = emulator:client {
      loop = { wait = function() coroutine.yield() end },
    }
    local results, threads = {}, {}
    for i = 1, 3 do
      threads[i] = coroutine.create(function()
        results[i] = assert(client:upload(path, {
          folder_id = "0", file_name = "yields-" .. i,
        }))
        local session = assert(client:create_session {
          folder_id = "0", file_name = "by-hand-" .. i, file_size = 5000,
        })
        assert(session:parts())
        assert(session:abort())
      end)
    end
    local alive = 3
    while alive > 0 do
      alive = 0
      for _, thread in ipairs(threads) do
        if coroutine.status(thread) ~= "dead" then
          assert(coroutine.resume(thread))
          alive = alive + 1
        end
      end
      plain.wait(client.queue, 0.01)
    end
    for i = 1, 3 do assert.equal(sha1, results[i].sha1) end
  end)

  -- A client whose auth raises an error during the upload.
  local function raising(problem)
    client:close()
    local fixed, left = token.new(emulator.token), 4
    client = emulator:client {
      auth = {
        token = function()
          left = left - 1
          if left == 0 then error(problem) end
          return fixed:token()
        end,
        refused = function() return false end,
      },
    }
  end

  for problem, code in pairs {
    ["the purse is empty"] = "crashed", ["interrupted!"] = "interrupted",
  } do
    it("hands on what is raised inside, and cleans up: " .. code, function()
      raising(problem)
      local transfer = start()
      local ok, raised = pcall(transfer.wait, transfer)
      assert.is_false(ok)
      assert.matches(problem, raised, 1, true)
      local file, _, err = transfer:wait()
      assert.is_nil(file)
      assert.equal(code, err.code)
      assert.equal(1, #emulator:requests("abort"))
    end)
  end
end)
