-- interleavings: several clients, their queues and their requests live, wait
-- and die in random order. What is taken from a queue is what was submitted
-- to it, and the service gets no other bytes.
-- INTERLEAVING_ROUNDS and INTERLEAVING_SEED make it try more, or others; the
-- address sanitizer sees what the checks here don't.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local core = require "boxupload.core"
local dices = require "support.dice"
local fixtures = require "support.fixture"

local ROUNDS = tonumber(os.getenv "INTERLEAVING_ROUNDS") or 25
local FIRST_SEED = tonumber(os.getenv "INTERLEAVING_SEED") or 1

local ACTIONS = 80
local PART = 3000
-- Seconds until what is under way must have ended.
local TIMEOUT = 20
local NO_LIMITS = { connections = 0, bytes_per_second = 0 }

describe("clients and queues in any order", function()
  local fixture, emulator

  setup(function()
    fixture = fixtures.open("--plain --min-size 1 --part-size " .. PART)
    emulator = fixture.emulator
    emulator:reset { list_sha1_null = false }
  end)
  teardown(function() fixture:close() end)

  -- A round: `members` are clients with a session each, `held` exchanges that
  -- Lua keeps, `known` what was submitted.

  local function new_member(round, number)
    local parts = 1 + round.dice:roll(6)
    local name = ("interleaved-%d-%d"):format(round.seed, number)
    local path, bytes = fixture.dir:file(name, parts * PART,
      10 * round.seed + number)
    local client = emulator:client()
    return {
      client = client, engine = client.engine, bytes = bytes, parts = parts,
      file = assert(boxupload.file(path)), is_open = true,
      session = assert(client:create_session {
        folder_id = "0", file_name = name, file_size = #bytes,
      }),
    }
  end

  local function add_queue(round, member)
    local queues = round.queues
    local parent = round.dice:chance(1, 2) and #queues > 0 and
      round.dice:pick(queues) or nil
    queues[#queues + 1] = assert(member.engine:queue(parent))
  end

  local function new_round(seed)
    local round = {
      seed = seed, dice = dices.new(seed), members = {}, queues = {},
      held = {}, known = setmetatable({}, { __mode = "k" }), story = {},
    }
    for i = 1, 1 + round.dice:roll(3) do
      round.members[i] = new_member(round, i)
      add_queue(round, round.members[i])
    end
    return round
  end

  local function keep(round, exchange, what)
    what.queue = exchange:queue()
    round.known[exchange] = what
    if round.dice:chance(3, 4) then
      round.held[#round.held + 1] = exchange
    end
  end

  local function check(round, exchange)
    local what = round.known[exchange]
    assert(what, "nobody submitted what was taken")
    assert(exchange:done(), "what was taken isn't done")
    local code, message = exchange:error()
    if code then
      assert(code == "canceled", ("%s: %s"):format(code, message))
      return
    end
    local method, url = exchange:request()
    assert(method == what.method, "it is another request")
    assert(not what.url or url:find(what.url, 1, true), "it is another's")
    assert(not what.sha1 or exchange:sha1() == what.sha1,
      "other bytes were read")
    if what.id then
      assert(exchange:body():find(what.id, 1, true), "another's reply")
    end
  end

  local function take(round, queue)
    local exchange = queue:take()
    if not exchange then return end
    local what = round.known[exchange]
    assert(not (what and what.taken), "it was taken twice")
    check(round, exchange)
    what.taken = true
  end

  local acts = {}

  local function options(round)
    local queues = round.queues
    return #queues > 0 and round.dice:chance(5, 6) and
      { queue = round.dice:pick(queues) } or {}
  end

  function acts.upload(round, member)
    local offset = (round.dice:roll(member.parts) - 1) * PART
    local bytes = member.bytes:sub(offset + 1, offset + PART)
    local body = round.dice:chance(2, 3) and bytes or member.file
    keep(round,
      assert(member.session:submit_upload(offset, body, options(round))), {
        method = "PUT", url = member.session.id, sha1 = core.sha1(bytes),
      })
  end

  function acts.hash(round, member)
    local times = round.dice:roll(40)
    local bytes = member.bytes:rep(times)
    local body = round.dice:chance(2, 3) and bytes or member.file
    keep(round, assert(member.engine:submit_hash(body, options(round))), {
      sha1 = core.sha1(body == bytes and bytes or member.bytes),
    })
  end

  function acts.status(round, member)
    local session = member.session
    keep(round, assert(session:submit_status(options(round))),
      { method = "GET", url = session.id, id = session.id })
  end

  function acts.list(round, member)
    keep(round, assert(member.session:submit_parts(options(round))),
      { method = "GET", url = member.session.id })
  end

  function acts.request(round, member)
    local given = options(round)
    given.url = emulator.api_url .. "/users/me"
    keep(round, assert(member.engine:submit(given)),
      { method = "GET", url = "/users/me" })
  end

  function acts.cancel(round)
    if #round.held > 0 then round.dice:pick(round.held):cancel() end
  end

  function acts.drop(round)
    if #round.held == 0 then return end
    table.remove(round.held, round.dice:roll(#round.held))
    collectgarbage(round.dice:chance(1, 2) and "collect" or "step")
  end

  function acts.take(round)
    if #round.queues > 0 then take(round, round.dice:pick(round.queues)) end
  end

  function acts.wait(round)
    if #round.queues > 0 then round.dice:pick(round.queues):wait(0.002) end
  end

  function acts.wake(round)
    if #round.queues > 0 then round.dice:pick(round.queues):wake() end
  end

  function acts.add_queue(round, member) add_queue(round, member) end

  -- By name, or by the collector.
  function acts.close_queue(round)
    if #round.queues == 0 then return end
    local queue = table.remove(round.queues, round.dice:roll(#round.queues))
    for i = #round.held, 1, -1 do
      if round.known[round.held[i]].queue == queue then
        table.remove(round.held, i)
      end
    end
    if round.dice:chance(1, 2) then queue:close() end
  end

  function acts.close_client(round, member)
    if round.dice:chance(1, 3) then
      member.is_open = false
      member.client:close()
    end
  end

  function acts.parallel(round, member)
    member.session:set_parallel(round.dice:roll(4) - 1)
  end

  function acts.limits(round)
    boxupload.limits {
      connections = round.dice:roll(4) - 1,
      bytes_per_second = round.dice:pick { 0, 100000, 10000000 },
    }
  end

  function acts.token(_, member)
    assert(member.engine:set_token(emulator.token))
  end

  function acts.back_off(_, member) member.engine:back_off(0.002) end

  local NAMES = {}
  for name in pairs(acts) do NAMES[#NAMES + 1] = name end
  table.sort(NAMES)
  -- The commonest.
  for _ = 1, 3 do
    for _, name in ipairs { "upload", "take", "drop", "hash" } do
      NAMES[#NAMES + 1] = name
    end
  end

  local function act(round)
    local open = {}
    for _, member in ipairs(round.members) do
      if member.is_open then open[#open + 1] = member end
    end
    if #open == 0 then return end
    local name = round.dice:pick(NAMES)
    round.story[#round.story + 1] = name
    acts[name](round, round.dice:pick(open))
  end

  -- All that Lua holds comes to its end.
  local function finish(round)
    boxupload.limits(NO_LIMITS)
    for _, member in ipairs(round.members) do
      if member.is_open then member.session:set_parallel(4) end
    end
    local deadline = core.now() + TIMEOUT
    for _, exchange in ipairs(round.held) do
      local what = round.known[exchange]
      while not exchange:done() do
        assert(core.now() < deadline, "it doesn't end")
        what.queue:wait(0.05)
        take(round, what.queue)
      end
      check(round, exchange)
    end
  end

  local function check_stored(member)
    local client, session = member.client, member.session
    if not member.is_open then
      client = emulator:client()
      session = assert(client:open_session(session.id))
    end
    for part, message in session:each_part() do
      assert(part, message)
      local bytes = member.bytes:sub(part.offset + 1, part.offset + part.size)
      assert(part.sha1 == core.sha1(bytes), "foreign bytes are stored")
    end
    assert(session:abort())
    client:close()
  end

  it("get what was submitted to them, and send nothing else", function()
    for seed = FIRST_SEED, FIRST_SEED + ROUNDS - 1 do
      local round = new_round(seed)
      local ok, why = pcall(function()
        for _ = 1, ACTIONS do act(round) end
        finish(round)
        for _, member in ipairs(round.members) do check_stored(member) end
      end)
      boxupload.limits(NO_LIMITS)
      for _, member in ipairs(round.members) do member.client:close() end
      assert(ok, ("seed %d: %s\n%s"):format(seed, tostring(why),
        table.concat(round.story, " ")))
    end
    collectgarbage()
    collectgarbage()
    emulator:wait_until_idle()
  end)
end)
