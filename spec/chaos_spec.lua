-- chaos: uploads over a line where one request in five fails, in every way
-- that the emulator knows and an upload can survive.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local emulators = require "support.emulator"
local folder = require "support.folder"
local json = require "boxupload.json"

local SEEDS = 20
local RATE = 0.2

-- What an error reply is to any request, and what else may befall it.
local FAULTS = {
  { action = "reply", status = 500 },
  { action = "reply", status = 502, body = "<html>Bad Gateway</html>" },
  { action = "reply", status = 503, headers = { ["retry-after"] = "0" } },
  { action = "reply", status = 429, headers = { ["retry-after"] = "0" } },
  { action = "reply", status = 504, early = true },
  { action = "done_then_reply", status = 500 },
  { action = "done_then_reply", status = 503 },
  { action = "reset", when = "before" },
  { action = "reset", when = "during", bytes = 300 },
  { action = "reset", when = "after" },
  { action = "lose_reply", with = "reset" },
  { action = "lose_reply", with = "close" },
  { action = "garbage", kind = "truncated" },
  { action = "garbage", kind = "html" },
  { action = "garbage", kind = "empty" },
  { action = "truncate", bytes = 5 },
}

-- Together they befall RATE of the requests: each of those that the others
-- left alone.
local function script(seed)
  local list, left = {}, #FAULTS
  for i, fault in ipairs(FAULTS) do
    local copy = { operation = "*", occurrence = {
      random = 1 - (1 - RATE) ^ (1 / left),
    } }
    for key, value in pairs(fault) do copy[key] = value end
    list[i] = copy
  end
  return { seed = seed, faults = json.array(list) }
end

describe("one request in five failing", function()
  local emulator, place, client
  local fired = 0

  setup(function()
    emulator = emulators.start(
      "--plain --min-size 1000 --part-size 1000 --commit-retry-after 0")
    place = folder.new()
  end)

  teardown(function()
    place:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset()
    client = emulator:client {
      retries = 12, retry_delay = 0.002, stall_timeout = 5,
    }
  end)

  after_each(function()
    client:close()
  end)

  local function survives(seed, size)
    local name = ("chaos-%d-%d.bin"):format(seed, size)
    local path, bytes, sha1 = place:file(name, size, seed)
    emulator:control("PUT", "/faults", script(seed))
    local file, message = client:upload(path,
      { folder_id = "0", retry_budget = 500 })
    for _, fault in ipairs(emulator:control("GET", "/faults").faults) do
      fired = fired + fault.fired
    end
    emulator:control("DELETE", "/faults")
    local what = ("seed %d, %d bytes: %s"):format(seed, size,
      message or "wrong file")
    assert.equal(sha1, file and file.sha1, what)
    assert.equal(core.sha1(bytes), core.sha1(emulator:bytes_of(name)), what)
  end

  it("spoils no file that goes in parts", function()
    for seed = 1, SEEDS do survives(seed, 12300) end
  end)

  it("spoils no file that goes in one request", function()
    for seed = 1, SEEDS do survives(seed, 700) end
    survives(SEEDS + 1, 0)
  end)

  it("was what happened", function()
    assert.is_true(fired > 100, fired .. " faults")
  end)
end)
