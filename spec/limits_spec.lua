-- limits: all clients of the process together keep to its limits.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local core = require "boxupload.core"
local emulators = require "support.emulator"

local PART = 65536
local NO_LIMITS = { connections = 0, bytes_per_second = 0,
  requests_per_minute = 0 }

describe("boxupload.limits", function()
  local emulator, clients
  local serial = 0

  setup(function()
    emulator = emulators.start("--plain --no-store --no-verify-file " ..
      "--min-size 1000 --part-size " .. PART)
  end)

  teardown(function()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset { latency_ms = 0 }
    -- Clients share the process's limits without knowing of each other.
    clients = { emulator:client(), emulator:client() }
  end)

  after_each(function()
    boxupload.limits(NO_LIMITS)
    for _, client in ipairs(clients) do client:close() end
    assert.equal(0, emulator:open_sessions())
  end)

  -- One transfer per client, of so many parts each.
  local function start(parts)
    local bytes = ("limited."):rep(parts * PART / 8)
    local transfers = {}
    for i, client in ipairs(clients) do
      serial = serial + 1
      transfers[i] = assert(client:start({ content = bytes },
        { folder_id = "0", file_name = ("limited-%d"):format(serial) }))
    end
    return transfers
  end

  local function step(transfers, ends)
    local running = 0
    for i, transfer in ipairs(transfers) do
      if transfer:step() == "running" then
        running = running + 1
      else
        ends[i] = ends[i] or core.now()
      end
    end
    if running > 0 then transfers[1].client.queue:wait(0.005) end
    return running > 0
  end

  -- Runs them to completion; returns the seconds that each took.
  local function run(transfers)
    local began, ends = core.now(), {}
    while step(transfers, ends) do end
    for i, transfer in ipairs(transfers) do
      assert.equal("done", transfer.state, transfer.message)
      ends[i] = ends[i] - began
    end
    return ends
  end

  local function bytes_sent(transfers)
    local sum = 0
    for _, transfer in ipairs(transfers) do
      sum = sum + transfer:bytes_sent()
    end
    return sum
  end

  -- Bytes per second over a span of time, while they run.
  local function rate_over(transfers, seconds)
    local began, before = core.now(), bytes_sent(transfers)
    while core.now() < began + seconds do
      assert.is_true(step(transfers, {}))
    end
    return (bytes_sent(transfers) - before) / (core.now() - began)
  end

  local function check_within(share, expected, value)
    assert.is_true(math.abs(value - expected) <= share * expected,
      ("%g is not within %g%% of %g"):format(value, share * 100, expected))
  end

  it("returns the limits, and keeps those that aren't given", function()
    assert.same(NO_LIMITS, boxupload.limits())
    boxupload.limits { connections = 7 }
    boxupload.limits { bytes_per_second = 2 ^ 40 }
    assert.same({ connections = 7, bytes_per_second = 2 ^ 40,
      requests_per_minute = 90.5,
    }, boxupload.limits { requests_per_minute = 90.5 })
    assert.equal(0, boxupload.limits { connections = 0 }.connections)
    boxupload.limits(NO_LIMITS)
    assert.same(NO_LIMITS, boxupload.limits {})
  end)

  it("refuses invalid limits, and then sets none", function()
    for _, case in ipairs {
      { { connection = 1 }, 'did you mean "connections"' },
      { { connections = 1.5 }, "whole number" },
      { { connections = -1 }, "whole number" },
      { { connections = 2 ^ 40 }, "must be from 0" },
      { { bytes_per_second = "1M" }, "must be a number" },
      { { bytes_per_second = -1 }, "whole number" },
      { { bytes_per_second = 0 / 0 }, "whole number" },
      { { requests_per_minute = -0.5 }, "must be from 0" },
      { { requests_per_minute = 0 / 0 }, "must be from 0" },
      { { requests_per_minute = math.huge }, "must be from 0" },
      { 5, "must be a table" },
    } do
      local ok, message = pcall(function() boxupload.limits(case[1]) end)
      assert.is_false(ok)
      assert.truthy(message:find("limits_spec.lua:%d+: boxupload.limits: "))
      assert.truthy(message:find(case[2], 1, true), message)
    end
    assert.same(NO_LIMITS, boxupload.limits())
  end)

  it("limits the bytes per second of all transfers, fairly", function()
    local rate = 4000000
    boxupload.limits { bytes_per_second = rate }
    local transfers = start(64)
    local ends = run(transfers)
    check_within(0.15, 2 * 64 * PART / rate, math.max(ends[1], ends[2]))
    check_within(0.25, ends[1], ends[2])
  end)

  it("limits the bytes of small files, too", function()
    local client = emulator:client { simple_below = 1000000 }
    clients[#clients + 1] = client
    boxupload.limits { bytes_per_second = 1000000 }
    local began = core.now()
    for i = 1, 20 do
      assert(client:start({ content = ("small"):rep(20000) },
        { folder_id = "0", file_name = "small-" .. i }))
    end
    while client:wait() > 0 do end
    check_within(0.15, 2, core.now() - began)
    assert.equal(20, #emulator:requests("upload_file"))
  end)

  it("accepts a new limit while transfers run", function()
    boxupload.limits { bytes_per_second = 2000000 }
    local transfers = start(128)
    rate_over(transfers, 0.2)
    check_within(0.15, 2000000, rate_over(transfers, 1))
    boxupload.limits { bytes_per_second = 5000000 }
    rate_over(transfers, 0.2)
    check_within(0.15, 5000000, rate_over(transfers, 0.8))
    boxupload.limits { bytes_per_second = 0 }
    local left = 2 * 128 * PART - bytes_sent(transfers)
    local began = core.now()
    run(transfers)
    assert.is_true(left / (core.now() - began) > 2 * 5000000)
  end)

  it("limits the connections of all transfers", function()
    -- Slow responses make requests overlap.
    emulator:reset { latency_ms = 20 }
    local function connections_of(limit)
      boxupload.limits { connections = limit }
      emulator:control("DELETE", "/requests")
      -- New clients, which have no idle connections from the previous run.
      for _, client in ipairs(clients) do client:close() end
      clients = { emulator:client(), emulator:client() }
      run(start(12))
      local seen, count = {}, 0
      for _, record in ipairs(emulator:requests("upload_part")) do
        if not seen[record.connection] then count = count + 1 end
        seen[record.connection] = true
      end
      return count
    end
    assert.is_true(connections_of(0) > 3)
    assert.is_true(connections_of(3) <= 3)
    assert.equal(1, connections_of(1))
  end)

  it("limits the requests per minute of all transfers", function()
    boxupload.limits { requests_per_minute = 1200 }
    local transfers = start(10)
    local ends = run(transfers)
    local requests = #emulator:requests()
    assert.equal(24, requests)
    -- The first request needs no wait.
    check_within(0.15, (requests - 1) / 20, math.max(ends[1], ends[2]))
    check_within(0.25, ends[1], ends[2])
  end)

  it("releases waiting requests when it is lifted", function()
    boxupload.limits { requests_per_minute = 6 }
    local transfers = start(10)
    local began = core.now()
    while core.now() < began + 0.1 do step(transfers, {}) end
    boxupload.limits { requests_per_minute = 0 }
    run(transfers)
    assert.is_true(core.now() - began < 2)
  end)
end)
