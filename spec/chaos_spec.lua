-- chaos: one request in five fails, in every way that an upload can recover
-- from, and the right file is on Box each time.
-- SPDX-License-Identifier: MIT

local fixtures = require "support.fixture"
local json = require "boxupload.util.json"

local SEEDS = 20
local PROBABILITY = 0.2
-- Every so many seeds, requests hang too, which takes a second to detect.
local HANGS_EVERY = 5

local HTML = "<html><body><h1>504 Gateway Time-out</h1></body></html>"

-- Faults of any request. One that matches many requests is more likely to
-- occur, so each fault gets its share of the probability.
local ANYWHERE = {
  { action = "reset", when = "before" },
  { action = "reset", when = "during" },
  { action = "reset", when = "after" },
  { action = "lose_reply", with = "reset" },
  { action = "lose_reply", with = "close" },
  { action = "truncate", bytes = 30 },
  { action = "reply", status = 408 },
  { action = "reply", status = 429, headers = { ["retry-after"] = "0" },
    body = { code = "rate_limit_exceeded", message = "slow down" } },
  { action = "reply", status = 500,
    body = { code = "internal_server_error", message = "oh" } },
  { action = "reply", status = 502, body = HTML, early = true },
  { action = "reply", status = 503, headers = { ["retry-after"] = "0" } },
  { action = "reply", status = 509 },
  { action = "done_then_reply", status = 500,
    body = { code = "internal_server_error", message = "oh" } },
  { action = "done_then_reply", status = 503 },
  { action = "done_then_reply", status = 504, body = HTML },
  { action = "stall", when = "before", seconds = 0.02 },
  { action = "stall", when = "during", seconds = 0.02 },
  { action = "stall", when = "reply", seconds = 0.02 },
  { action = "slow", bytes_per_s = 20000 },
  { action = "garbage", kind = "html" },
  { action = "garbage", kind = "truncated" },
  { action = "garbage", kind = "binary" },
  { action = "garbage", kind = "empty" },
  { action = "garbage", kind = "null" },
}

-- Faults of part uploads only.
local OF_PARTS = {
  { action = "reply", status = 400,
    body = { message = "Stream ended unexpectedly" } },
  { action = "reply", status = 409,
    body = { code = "conflict", message = "a part is there" } },
  { action = "reply", status = 412,
    body = { code = "precondition_failed", message = "no" } },
}

-- Faults that occur at most once per script.
local AT_MOST_ONCE = {
  { operation = "*", action = "garbage", kind = "huge" },
  { operation = "upload_part", action = "disappear" },
  { operation = { "upload_part", "upload_file", "commit", "list_parts" },
    action = "expire_token" },
}
local HANGS = {
  { operation = "*", action = "stall", when = "before" },
  { operation = "*", action = "stall", when = "after" },
  { operation = "*", action = "lose_reply", with = "stall" },
}

local function with(fault, more)
  local made = {}
  for key, value in pairs(fault) do made[key] = value end
  for key, value in pairs(more) do made[key] = made[key] or value end
  return made
end

local function script(seed)
  local faults = json.array {}
  local share = PROBABILITY / (#ANYWHERE + #OF_PARTS / 2)
  local function add(list, more)
    for _, fault in ipairs(list) do
      faults[#faults + 1] = with(fault, more)
    end
  end
  local often = { random = share }
  local once = { occurrence = { random = share * 2 }, times = 1 }
  add(AT_MOST_ONCE, once)
  if seed % HANGS_EVERY == 0 then add(HANGS, once) end
  add(ANYWHERE, { operation = "*", occurrence = often })
  add(OF_PARTS, { operation = "upload_part", occurrence = often })
  return { seed = seed, faults = faults }
end

describe("with one request in five failing", function()
  local fixture, emulator

  setup(function()
    fixture = fixtures.open("--plain --min-size 1000 --part-size 1000 " ..
      "--session-conflict --commit-202 1 --commit-retry-after 0 " ..
      "--list-lag-requests 1 --lookup-lag-requests 1 --seed 1")
    emulator = fixture.emulator
  end)

  teardown(function()
    fixture:close()
  end)

  after_each(function()
    emulator:reset()
    fixture:after_each()
  end)

  local function upload(seed, client, size, how)
    local given = fixture:file(size, seed)
    local log, on_event = fixtures.event_log()
    local options = fixture.options(how)
    options.on_event, options.retry_budget = on_event, 1000
    local file, message = client:upload(given.path, options)
    local ok, problem = pcall(fixture.check, fixture, given, file, message)
    if not ok then
      error(("seed %d, %d bytes, after %d retries: %s")
        :format(seed, size, #log.named("retry"), tostring(problem)), 0)
    end
    return #log.named("retry")
  end

  local function chaos(seed, sizes, how)
    local files = emulator:stats().files
    local client = fixture:client {
      retries = 40, retry_delay = 0.001, stall_speed = 1e6,
      auth = fixtures.renewing_auth(emulator),
    }
    emulator:control("PUT", "/faults", script(seed))
    local retries = 0
    for _, size in ipairs(sizes) do
      retries = retries + upload(seed, client, size, how)
    end
    emulator:control("DELETE", "/faults")
    local stats = emulator:stats()
    assert(stats.files == files + #sizes,
      ("seed %d: %d files came of %d"):format(seed, stats.files - files,
        #sizes))
    assert(stats.sessions_open == 0,
      ("seed %d: %d sessions remain"):format(seed, stats.sessions_open))
    return retries
  end

  it("files arrive in parts", function()
    local retries = 0
    for seed = 1, SEEDS do
      retries = retries + chaos(seed, { 25300 }, { parallel = 4 })
    end
    -- Make sure that faults did occur.
    assert.is_true(retries > SEEDS)
  end)

  it("small files arrive", function()
    local retries = 0
    for seed = 1, SEEDS do
      retries = retries + chaos(seed, { 1, 10, 500, 999 })
    end
    assert.is_true(retries > SEEDS / 2)
  end)

  it("files arrive with a journal, which is deleted afterwards", function()
    local path = fixture.dir.path .. "/chaos.json"
    for seed = SEEDS + 1, SEEDS + 5 do
      chaos(seed, { 12000 }, { resume = path })
      assert.is_nil((io.open(path)))
    end
  end)
end)
