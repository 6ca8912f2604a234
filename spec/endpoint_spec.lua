-- endpoint: the host in a session's endpoints, or of a preflight check, can't
-- be reached, and upload_url can.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local fixtures = require "support.fixture"
local stopped_upload = require "support.stopped_upload"

local SIZE = 3500
local PATHS = {
  upload_part = "", list_parts = "/parts", status = "", commit = "/commit",
  abort = "", plan = "/plan",
}

describe("an endpoint that can't be reached", function()
  local fixture, emulator, client, given, dead

  setup(function()
    fixture = fixtures.open()
    emulator = fixture.emulator
    -- A port that nobody listens on: that of an emulator that has stopped.
    local other = fixtures.open()
    dead = other.emulator.session_url:match("^%a+://[^/]+")
    other:close()
  end)

  teardown(function() fixture:close() end)

  before_each(function()
    emulator:reset { part_size = 1000, min_size = 1000 }
    client = fixture:client()
    given = fixture:file(SIZE)
  end)

  after_each(function()
    fixture:after_each()
    for _, session in ipairs(emulator:control("GET", "/sessions")) do
      emulator:control("POST", "/sessions/" .. session.id .. "/expire")
    end
  end)

  -- Makes replies name the dead port for these endpoints.
  local function kill(operation, names)
    local fields = {}
    for _, name in ipairs(names) do
      fields["session_endpoints." .. name] =
        dead .. "/files/upload_sessions/{id}" .. PATHS[name]
    end
    emulator:faults {
      operation = operation, occurrence = "all", action = "set",
      fields = fields,
    }
  end

  local ALL = {}
  for name in pairs(PATHS) do ALL[#ALL + 1] = name end

  it("is no obstacle from the start", function()
    kill("create_session", ALL)
    fixture:check(given, client:upload(given.path, fixture.options()))
    assert.equal(SIZE, emulator:stats().part_bytes_received)
  end)

  for _, name in ipairs(ALL) do
    it("is no obstacle to " .. name .. " alone", function()
      kill("create_session", { name })
      fixture:check(given, client:upload(given.path, fixture.options()))
      assert.equal(SIZE, emulator:stats().part_bytes_received)
    end)
  end

  it("is no obstacle when an upload goes on", function()
    local path = given.path .. ".journal"
    local left = stopped_upload.leave(fixture, nil, given.path,
      { resume = path }, 2)
    left:rewrite(function(text)
      local changed, count = text:gsub('"status":"%a+:\\?/\\?/[^/\\]+',
        function() return '"status":"' .. dead end)
      assert.equal(1, count)
      return changed
    end)
    kill("get_session", ALL)
    fixture:check(given,
      client:upload(given.path, fixture.options { resume = path }))
    assert.equal(SIZE - 2000, emulator:stats().part_bytes_received)
  end)

  it("is no obstacle to a cancel", function()
    kill("create_session", ALL)
    local transfer = assert(client:start(given.path, fixture.options()))
    fixture.step_until(transfer, function() return transfer.session end)
    transfer:cancel()
    transfer:wait()
    assert.equal(0, emulator:open_sessions())
  end)

  describe("is no obstacle to a session's", function()
    local session

    before_each(function()
      kill("create_session", ALL)
      session = assert(client:create_session {
        folder_id = "0", file_name = given.name, file_size = SIZE,
      })
    end)

    it("upload, parts and commit", function()
      for offset = 0, SIZE - 1, 1000 do
        assert(session:upload(offset,
          given.bytes:sub(offset + 1, math.min(offset + 1000, SIZE))))
      end
      assert.equal(4, #assert(session:parts()))
      fixture:check(given, session:commit { sha1 = given.sha1 })
    end)

    it("status", function() assert(session:status()) end)

    it("list of parts", function() assert(session:parts()) end)

    it("plan", function()
      local plan = assert(session:plan {
        { offset = 0, size = 1000, sha512 = core.digest("sha512"):hex() },
      })
      assert.equal(1, #plan.misses)
    end)

    it("abort", function()
      assert(session:abort())
      assert.equal(0, emulator:open_sessions())
    end)
  end)

  describe("is no obstacle when a preflight check named it:", function()
    before_each(function()
      emulator:faults {
        operation = "preflight", action = "set",
        fields = { upload_url = dead .. "/api/2.0/files/content" },
      }
    end)

    it("a file in parts", function()
      fixture:check(given,
        client:upload(given.path, fixture.options { preflight = true }))
    end)

    it("a small file", function()
      given = fixture:file(500)
      fixture:check(given,
        client:upload(given.path, fixture.options { preflight = true }))
    end)
  end)
end)
