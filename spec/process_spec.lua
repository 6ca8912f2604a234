-- process: the library is a guest: it shares the process's memory, threads,
-- descriptors, children and OpenSSL with its host.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local core = require "boxupload.core"
local fixtures = require "support.fixture"
local shell = require "support.shell"

local PART = 65536

local newproxy = rawget(_G, "newproxy")

local function finalized(finalizer)
  if not newproxy then return setmetatable({}, { __gc = finalizer }) end
  local proxy = newproxy(true)
  getmetatable(proxy).__gc = finalizer
  return proxy
end

local function await(exchange)
  while not exchange:poll() do exchange:queue():wait() end
  return exchange
end

describe("a process", function()
  local fixture, emulator

  setup(function()
    fixture = fixtures.open("--plain --min-size 1 --part-size " .. PART)
    emulator = fixture.emulator
  end)
  teardown(function() fixture:close() end)
  before_each(function() emulator:reset { latency_ms = 0 } end)
  after_each(function()
    boxupload.limits { bytes_per_second = 0, requests_per_minute = 0 }
    fixture:after_each()
  end)

  local function new_session(client, name, parts)
    return assert(client:create_session { folder_id = "0", file_name = name,
      file_size = parts * PART })
  end

  -- Runs a Lua program with the emulator's URLs in G.url and so on.
  local function run(program, prefix)
    local path = fixture.dir.path .. "/program.lua"
    local file = assert(io.open(path, "w"))
    file:write(([[
local given = { token = %q, api_url = %q, upload_url = %q, token_url = %q,
  simple_below = 1, retries = 1, retry_delay = 0.01 }
]]):format(emulator.token, emulator.api_url, emulator.upload_url,
      emulator.token_url), program)
    file:close()
    return shell.output(("%s %s %s 2>&1; echo status $?"):format(prefix or "",
      os.getenv "LUA" or "lua", shell.quote(path)))
  end

  describe("with several clients", function()
    it("may wait for all with one queue", function()
      local a, b = fixture:client(), fixture:client()
      local session_a, session_b =
        new_session(a, "qa", 2), new_session(b, "qb", 2)
      emulator:reset { latency_ms = 200 }
      local part = assert(session_a:submit_upload(0, ("A"):rep(PART)))
      local queue = part:queue()
      local status = assert(session_b:submit_status { queue = queue })
      local seen = {}
      while not (seen[part] and seen[status]) do
        queue:wait()
        local exchange = queue:take()
        if exchange then
          assert.is_true(exchange:done())
          seen[exchange] = true
          assert.equal(seen[part] ~= nil, part:done())
          assert.equal(seen[status] ~= nil, status:done())
        end
      end
      assert.equal(200, part:status())
      assert.equal(200, status:status())
      assert.matches(session_b.id, status:body(), 1, true)
      session_a:abort()
      session_b:abort()
    end)

    it("gets from a queue what of a closed client has ended", function()
      local a, b = fixture:client(), fixture:client()
      local session = new_session(a, "closed", 1)
      local queue = assert(b.engine:queue())
      emulator:faults { operation = "upload_part", action = "stall",
        when = "during" }
      local part =
        assert(session:submit_upload(0, ("A"):rep(PART), { queue = queue }))
      while #emulator:requests "upload_part" == 0 do
        queue:wait(0.01)
      end
      a:close()
      while not part:done() do
        queue:wait()
        assert.equal(part, queue:take())
      end
      assert.equal("canceled", (part:error()))
      queue:close()
      emulator:reset()
    end)
  end)

  describe("with a digest", function()
    it("reads it while a worker feeds it, and lets nobody else change it",
      function()
        local client, digest = fixture:client(), core.digest()
        local session = new_session(client, "fed", 1)
        local bytes = ("A"):rep(PART)
        session:set_parallel(0)
        local part = assert(session:submit_upload(0, bytes,
          { digest = digest }))
        for _ = 1, 200 do
          assert.equal(40, #digest:hex())
          assert(digest:count() <= PART)
          for _, method in ipairs { "reset", "update" } do
            local ok, message = pcall(digest[method], digest, "more")
            assert.is_false(ok)
            assert.matches("hasn't ended", message)
          end
        end
        session:set_parallel(1)
        assert.equal(200, await(part):status())
        assert.equal(part:sha1(), digest:hex())
        assert.equal(part:sha1(), digest:reset():update(bytes):hex())
        session:abort()
      end)

    it("refuses one that the collector has finalized", function()
      local out = run [[
local core = require "boxupload.core"
local function finalized(f)
  if not newproxy then return setmetatable({}, { __gc = f }) end
  local proxy = newproxy(true)
  getmetatable(proxy).__gc = f
  return proxy
end
local held = {}
held.older = finalized(function()
  for _, name in ipairs { "hex", "base64", "count", "reset", "update" } do
    print(pcall(held.digest[name], held.digest, "x"))
  end
  print(pcall(held.engine.submit_hash, held.engine, "abc",
    { digest = held.digest }))
end)
held.engine = core.engine {}
held.digest = core.digest()
]]
      assert.matches("status 0", out, 1, true)
      local closed = select(2, out:gsub("closed digest", ""))
      -- PUC Lua 5.1 and LuaJIT may run the finalizers in another order.
      assert(closed == 5 or closed == 0, out)
    end)

    it("says so where OpenSSL has no SHA-1", function()
      local config = fixture.dir.path .. "/openssl.cnf"
      local file = assert(io.open(config, "w"))
      file:write("openssl_conf = x\n[x]\nproviders = p\n[p]\nnull = n\n" ..
        "[n]\nactivate = 1\n")
      file:close()
      local out = run([[
local boxupload = require "boxupload"
local digest, _, err = boxupload.digest()
if digest then print "none" os.exit(0) end
print(err.kind, err.code, err.message)
local client = assert(boxupload.new(given))
_, _, err = client:upload({ content = "x" },
  { folder_id = "0", file_name = "x", resume = false })
print(err.kind, err.code)
]], "OPENSSL_CONF=" .. shell.quote(config))
      if out:find("^none") then
        return pending("this OpenSSL has no providers to leave out")
      end
      assert.matches("^invalid\tcrypto\t.*SHA%-1.*OPENSSL_CONF", out)
      assert.matches("\ninvalid\tcrypto\nstatus 0", out, 1, true)
    end)
  end)

  describe("with limits", function()
    it("isn't silent for a stall because of its own limit", function()
      -- Per second less than a buffer has.
      boxupload.limits { bytes_per_second = 30000 }
      local errors = 0
      local client = fixture:client { parallel = 1, stall_timeout = 2,
        on_exchange = function(event)
          if event.error then errors = errors + 1 end
        end }
      local given = fixture:file(2 * PART)
      fixture:check(given,
        client:upload(given.path, fixture.options { parallel = 1 }))
      assert.equal(0, errors)
    end)

    it("obeys a raised limit of requests at once", function()
      boxupload.limits { requests_per_minute = 2 }
      local client = fixture:client()
      assert(client:user())
      boxupload.limits { requests_per_minute = 6000 }
      local began = core.now()
      assert(client:user())
      -- By the old limit it would be 30.
      assert(core.now() - began < 10)
    end)

    it("sends more parts at once as soon as they are allowed", function()
      local client = fixture:client()
      local session = new_session(client, "parallel", 1)
      session:set_parallel(0)
      local quickest = 1
      for _ = 1, 5 do
        session:set_parallel(0)
        local part = assert(session:submit_upload(0, ("A"):rep(PART)))
        assert.is_false(part:queue():wait(0.05))
        local began = core.now()
        session:set_parallel(1)
        assert.equal(200, await(part):status())
        quickest = math.min(quickest, core.now() - began)
        session:abort()
        session = new_session(client, "parallel", 1)
      end
      -- Without a wake-up it would be a second since the last look.
      assert(quickest < 0.3, quickest)
      session:abort()
    end)
  end)

  describe("and its children", function()
    it("don't share the connections to the service", function()
      if not io.open "/proc/self/fd" then return pending("no /proc") end
      local client = fixture:client { parallel = 2 }
      local given = fixture:file(4 * PART)
      emulator:faults { operation = "upload_part", action = "stall",
        when = "during", occurrence = "all" }
      local transfer = assert(client:start(given.path, fixture.options()))
      fixture.step_until(transfer, function()
        return #emulator:requests("upload_part") >= 2
      end)
      local sockets = "ls -l /proc/self/fd | grep -c 'socket:\\|eventfd'"
      assert.equal("0\n", shell.output(sockets))
      transfer:cancel()
      emulator:reset()
    end)
  end)

  describe("without descriptors", function()
    it("says so, or uploads", function()
      local given = fixture:file(3 * PART)
      local seen = {}
      for limit = 5, 19 do
        local out = run(([[
local boxupload = require "boxupload"
local client, message, err = boxupload.new(given)
local file
if client then
  file, message, err = client:upload(%q, { folder_id = "0", file_name = "%d",
    resume = %q .. %d })
end
print(file and file.sha1 or err.code)
]]):format(given.path, limit, fixture.dir.path .. "/journal-", limit),
          ("ulimit -n %d;"):format(limit))
        local answer = out:match("^(%w+)\nstatus 0\n$")
        -- The shell and the interpreter need some for themselves.
        if answer or out:find "^%w+\n" then seen[answer or out] = true end
      end
      assert.same({ descriptors = true, [given.sha1] = true }, seen)
    end)
  end)
end)

describe("an exchange whose finalizer runs", function()
  it("is done, and cancels nothing", function()
    local engine = assert(core.engine {})
    local keep = {}
    keep.proxy = finalized(function()
      keep.done = keep.exchange:done()
    end)
    keep.exchange = assert(engine:submit_hash(("x"):rep(100000), {}))
    while not keep.exchange:poll() do keep.exchange:queue():wait() end
    keep.proxy = nil
    collectgarbage()
    collectgarbage()
    assert.is_true(keep.done)
    engine:close()
  end)
end)
