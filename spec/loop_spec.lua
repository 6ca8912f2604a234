-- loop: the same calls in coroutines of an event loop, without blocking it.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local condition = require "boxupload.loop.condition"
local core = require "boxupload.core"
local event_loops = require "support.event_loops"
local fixtures = require "support.fixture"
local loops = require "boxupload.loop.auto"
local resources = require "support.open_resources"

-- luacheck: read globals unpack (of 5.1)
local unpack = rawget(table, "unpack") or unpack

local SIZE = 10500   -- 11 parts
local LATENCY = 30   -- milliseconds per response
-- The largest part of an upload's time in which nothing else runs; a wait that
-- blocks takes almost all of it.
local MAX_BLOCKED = 0.7
local TIMEOUT = 5 -- seconds; a wait that nothing wakes would last for ever

local function in_loop(name)
  local problem = event_loops.why_missing(name)
  if problem then
    it("works", function() pending(problem) end)
    return
  end
  local fixture, event_loop, client, heartbeat

  setup(function()
    heartbeat, condition.HEARTBEAT = condition.HEARTBEAT, 4 * TIMEOUT
    fixture = fixtures.open()
    event_loop = event_loops.get(name)
  end)

  teardown(function()
    condition.HEARTBEAT = heartbeat
    if event_loop.unload then event_loop.unload() end
    fixture:close()
  end)

  before_each(function()
    fixture.emulator:reset { latency_ms = 0 }
    client = fixture:client { loop = event_loop.name }
  end)

  after_each(function()
    fixture:after_each()
    assert.equal(0, fixture.emulator:open_sessions())
  end)

  local function start(options)
    local given = fixture:file(SIZE)
    return assert(client:start(given.path, fixture.options(options))), given
  end

  -- Runs work in the loop beside a coroutine that ticks; returns the largest
  -- gap between two ticks, and how long the work took.
  local function run_beside_ticks(...)
    local began, last, gap = core.now(), core.now(), 0
    local left, all = select("#", ...), {}
    for i, work in ipairs { ... } do
      all[i] = function()
        work()
        left = left - 1
      end
    end
    all[#all + 1] = function()
      while left > 0 do
        event_loop.sleep(0.005)
        local now = core.now()
        gap, last = math.max(gap, now - last), now
      end
    end
    event_loop.run(unpack(all))
    return gap, core.now() - began
  end

  it("uploads while other coroutines run", function()
    fixture.emulator:reset { latency_ms = LATENCY }
    local given, file, message = fixture:file(SIZE), nil, nil
    local gap, took = run_beside_ticks(function()
      file, message = client:upload(given.path,
        fixture.options { parallel = 2 })
    end)
    fixture:check(given, file, message)
    assert.is_true(took > 6 * LATENCY / 1000, "it took " .. took)
    assert.is_true(gap < MAX_BLOCKED * took,
      ("%f of %f seconds without a turn"):format(gap, took))
  end)

  it("runs several uploads at once, small ones too", function()
    fixture.emulator:reset { latency_ms = LATENCY }
    local works, givens, files, messages = {}, {}, {}, {}
    for i, size in ipairs { SIZE, 500, SIZE, 0 } do
      givens[i] = fixture:file(size)
      works[i] = function()
        files[i], messages[i] = client:upload(givens[i].path,
          fixture.options { parallel = 2 })
      end
    end
    local gap, took = run_beside_ticks(unpack(works))
    for i, given in ipairs(givens) do
      fixture:check(given, files[i], messages[i])
    end
    assert.is_true(gap < MAX_BLOCKED * took)
  end)

  it("runs several transfers with one client:wait", function()
    local transfers, givens, counts = {}, {}, {}
    for i = 1, 3 do transfers[i], givens[i] = start() end
    run_beside_ticks(function()
      repeat
        counts[#counts + 1] = client:wait(TIMEOUT)
      until counts[#counts] == 0
    end)
    assert.is_true(#counts <= 3)
    for i, given in ipairs(givens) do
      fixture:check(given, transfers[i]:result())
    end
  end)

  it("waits no longer than its timeout", function()
    fixture.emulator:faults {
      operation = "upload_part", action = "stall", seconds = 30,
    }
    local transfer = start()
    local err, took
    run_beside_ticks(function()
      local began = core.now()
      err = select(3, transfer:wait(0.2))
      took = core.now() - began
      transfer:cancel()
      transfer:wait(TIMEOUT)
    end)
    assert.equal("still_running", err.code)
    assert.is_true(took >= 0.2 and took < 2, "it took " .. took)
  end)

  it("waits before retries", function()
    fixture.emulator:faults {
      operation = { "create_session", "upload_part" }, occurrence = { 1, 2 },
      action = "reply", status = 503, headers = { ["retry-after"] = "0.1" },
    }
    local transfer, given = start { parallel = 1 }
    local file, message
    run_beside_ticks(function() file, message = transfer:wait(TIMEOUT) end)
    fixture:check(given, file, message)
    assert.equal(2, transfer:progress().retries)
  end)

  it("wakes a wait for a transfer when that is canceled elsewhere", function()
    fixture.emulator:faults {
      operation = "upload_part", occurrence = "all", action = "stall",
    }
    local transfer = start()
    local err, took
    run_beside_ticks(function()
      err = select(3, transfer:wait())
    end, function()
      event_loop.sleep(0.1)
      local began = core.now()
      transfer:cancel()
      transfer:wait(TIMEOUT)
      took = core.now() - began
    end)
    assert.equal("canceled", err.kind)
    assert.is_true(took < 1, "it took " .. took)
  end)

  it("wakes a wait for a transfer when that is resumed elsewhere", function()
    local transfer, given = start()
    local file, message, resumed
    transfer:pause()
    run_beside_ticks(function()
      file, message = transfer:wait()
    end, function()
      event_loop.sleep(0.1)
      resumed = core.now()
      transfer:resume()
    end)
    fixture:check(given, file, message)
    assert.is_true(core.now() - resumed < TIMEOUT)
  end)

  it("wakes a wait when the client is closed elsewhere", function()
    local session
    event_loop.run(function()
      session = client:create_session {
        folder_id = "0", file_name = "closed.bin", file_size = SIZE,
      }
    end)
    fixture.emulator:faults {
      operation = "upload_part", occurrence = "all", action = "stall",
    }
    local transfer = start()
    local errs, running = {}, nil
    local _, took = run_beside_ticks(function()
      errs[1] = select(3, transfer:wait())
    end, function()
      errs[2] = select(3, session:upload(0, ("x"):rep(1000)))
    end, function()
      running = client:wait()
    end, function()
      errs[3] = select(3, transfer:wait())
    end, function()
      event_loop.sleep(0.1)
      client:close()
    end)
    for i = 1, 3 do assert.equal("canceled", errs[i].kind) end
    assert.equal(0, running)
    assert.is_true(took < TIMEOUT, "it took " .. took)
    for _, left in ipairs(fixture.emulator:control("GET", "/sessions")) do
      if left.state == "open" then
        fixture.emulator:control("POST",
          ("/sessions/%s/expire"):format(left.id))
      end
    end
  end)

  it("lets several coroutines wait for one transfer", function()
    fixture.emulator:reset { latency_ms = LATENCY }
    local transfer, given = start { parallel = 2 }
    local results, works = {}, {}
    for i = 1, 3 do
      works[i] = function() results[i] = transfer:wait() end
    end
    works[4] = function()  -- shows the progress
      repeat
        results[4] = transfer:wait(0.02)
      until results[4]
    end
    local gap, took = run_beside_ticks(unpack(works))
    for i = 1, 4 do fixture:check(given, results[i]) end
    assert.is_true(gap < MAX_BLOCKED * took)
  end)

  it("signs in once for all, while other coroutines run", function()
    fixture.emulator:reset { latency_ms = 8 * LATENCY }
    client = fixture:client {
      loop = event_loop.name,
      auth = boxupload.auth.client_credentials {
        client_id = fixture.emulator.client_id,
        client_secret = fixture.emulator.client_secret,
        user = fixture.emulator.user_id,
      },
    }
    local tokens, works = {}, {}
    for i = 1, 3 do
      works[i] = function() tokens[i] = client:access_token() end
    end
    local gap, took = run_beside_ticks(unpack(works))
    for i = 1, 3 do
      assert.is_string(tokens[i])
      assert.equal(tokens[1], tokens[i])
    end
    assert.equal(1, fixture:count("token"))
    assert.is_true(gap < MAX_BLOCKED * took)
  end)

  it("fails as it does outside of a loop", function()
    fixture.emulator:faults {
      operation = "create_session", action = "reply", status = 403,
    }
    local err, other
    run_beside_ticks(function()
      err = select(3, start():wait(TIMEOUT))
      other = select(3, client:upload("/no/such/file",
        fixture.options()))
    end)
    assert.equal("denied", err.kind)
    assert.equal("gone", other.kind)
  end)

  it("uploads parts to a session", function()
    fixture.emulator:reset { latency_ms = LATENCY }
    local given, file, message, count = fixture:file(2500), nil, nil, 0
    local gap, took = run_beside_ticks(function()
      local session = client:create_session {
        folder_id = "0", file_name = given.name, file_size = given.size,
      }
      for offset = 0, given.size - 1, session.part_size do
        local piece = given.bytes:sub(offset + 1, offset + session.part_size)
        count = count + (session:upload(offset, piece) and 1 or 0)
      end
      count = count + #session:parts()
      file, message = session:commit { sha1 = given.sha1 }
    end)
    fixture:check(given, file, message)
    assert.equal(6, count)
    assert.is_true(gap < MAX_BLOCKED * took)
  end)

  it("leaves no descriptor behind", function()
    local function descriptors()
      client = fixture:client { loop = event_loop.name }
      run_beside_ticks(function() start():wait(TIMEOUT) end)
      fixture:after_each()
      return resources.count().descriptors or 0
    end
    local before = descriptors()
    assert.is_true(descriptors() <= before)
  end)

  it("works outside of the loop, too", function()
    local given = fixture:file(SIZE)
    local function upload()
      local file, message = client:upload(given.path, fixture.options())
      return file, message
    end
    if event_loop.name ~= "luv" then return fixture:check(given, upload()) end
    local ok, message = pcall(upload)
    assert.is_false(ok)
    assert.matches("loop_spec.lua:%d+: .*coroutine.wrap", message)
    assert.equal(0, client:poll())
    assert.equal(0, fixture:count())
  end)

  it("is detected when that is certain", function()
    local waited, adapter = 0, require("boxupload.loop." .. event_loop.name)
    local wait = adapter.wait
    adapter.wait = function(...)
      waited = waited + 1
      return wait(...)
    end
    client = fixture:client()
    event_loop.run(function() start():wait(TIMEOUT) end)
    local inside = waited
    start():wait(TIMEOUT)
    adapter.wait = wait
    assert.equal(inside, waited)
    if event_loop.name == "cqueues" or name == "copas 4 stand-in" then
      assert.is_true(inside > 0)
    end
  end)
end

describe("a client in the loop of", function()
  for _, name in ipairs(event_loops.names) do
    describe(name, function() in_loop(name) end)
  end
end)

describe("the loop", function()
  it("of OpenResty is detected, and says where it can't wait", function()
    local calls = 0
    local saved = package.loaded["boxupload.loop.openresty"]
    package.loaded["boxupload.loop.openresty"] = {
      wait = function()
        calls = calls + 1
        return "exiting"
      end,
      check = function() error("not in this phase") end,
    }
    local queue = { wait = function() return true end }
    rawset(_G, "ngx",
      { sleep = function() end, get_phase = function() end })
    local told = loops.wait(queue, 0)
    local can_wait = pcall(loops.check)
    rawset(_G, "ngx", nil)
    loops.wait(queue, 0)
    package.loaded["boxupload.loop.openresty"] = saved
    assert.equal("exiting", told)
    assert.is_false(can_wait)
    assert.equal(1, calls)
    loops.check()
  end)

  it("is refused by name when its library isn't installed", function()
    local path = "boxupload.loop.luv"
    local saved, library = package.loaded[path], package.loaded.luv
    package.loaded[path], package.loaded.luv = nil, nil
    package.preload.luv = function() error("no luv here", 0) end
    for _ = 1, 2 do
      package.loaded.luv = nil  -- Lua 5.1 leaves a sentinel there
      local ok, message = pcall(boxupload.new, { token = "x", loop = "luv" })
      assert.is_false(ok)
      assert.matches('option "loop" is "luv", which can\'t be loaded here: ' ..
        "no luv here", message, 1, true)
    end
    package.preload.luv = nil
    package.loaded[path], package.loaded.luv = saved, library
  end)

  it("can be a table with a wait function", function()
    local waits = 0
    local fixture = fixtures.open()
    local client = fixture:client { loop = { wait = function(queue, seconds)
      waits = waits + 1
      queue:wait(seconds)
    end } }
    local given = fixture:file(SIZE)
    local file, message = client:upload(given.path, fixture.options())
    fixture:check(given, file, message)
    fixture:after_each()
    fixture:close()
    assert.is_true(waits > 0)
  end)
end)

describe("the descriptor of a client", function()
  it("is readable for LuaSocket's select", function()
    local ok, socket = pcall(require, "socket")
    if not ok then pending("needs LuaSocket for this Lua") end
    local fixture = fixtures.open()
    fixture.emulator:reset { latency_ms = LATENCY }
    local client = fixture:client()
    local given, turns = fixture:file(SIZE), 0
    local transfer = assert(client:start(given.path, fixture.options()))
    local deadline = core.now() + TIMEOUT
    while client:poll() > 0 and core.now() < deadline do
      local due = math.min(client:timeout() or 1, 1)
      local ready = socket.select({ client }, nil, due)
      if ready[1] then assert.equal(client, ready[1]) end
      turns = turns + 1
    end
    fixture:check(given, transfer:result())
    assert.is_true(turns < 100, turns .. " turns")
    fixture:after_each()
    fixture:close()
  end)
end)
