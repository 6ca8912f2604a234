-- doubt: answers that can't be trusted, or that tell too little, end nothing.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local files = require "support.files"
local fixtures = require "support.fixture"
local json = require "boxupload.util.json"

local SIZE, SMALL = 6500, 700
local DEAD = "http://127.0.0.1:1"
local NOT_FOUND = { code = "not_found", message = "not found" }

describe("an upload in doubt", function()
  local fixture, emulator, serial

  setup(function()
    fixture = fixtures.open()
    emulator = fixture.emulator
    serial = 0
  end)

  teardown(function()
    fixture:close()
  end)

  before_each(function()
    emulator:reset {
      list_sha1_null = true, part_size = 1000, min_size = 1000,
      lookup_lag_requests = 0, list_lag_requests = 0,
    }
  end)

  after_each(function()
    fixture:after_each()
    assert.equal(0, emulator:open_sessions())
  end)

  local function count(operation) return fixture:count(operation) end

  local function reply(operation, status, body, occurrence)
    return {
      operation = operation, action = "reply", status = status, body = body,
      occurrence = occurrence,
    }
  end

  local function new_path()
    serial = serial + 1
    return ("%s/journal-%d.json"):format(fixture.dir.path, serial)
  end

  -- An upload that was denied its last part: its file and its options, with
  -- the journal.
  local function denied()
    local given = fixture:file(SIZE)
    local options = fixture.options()
    options.resume, options.parallel = new_path(), 1
    local fault = reply("upload_part", 403, { code = "forbidden" }, "all")
    fault.match = { part = 6 }
    emulator:faults(fault)
    local file, message, err = fixture:client():upload(given.path, options)
    assert.is_nil(file)
    assert.is_true(err.resumable, message)
    emulator:reset()
    return given, options
  end

  -- Goes on with it; nothing but the last part is sent.
  local function goes_on(given, options)
    fixture:check(given, fixture:client():upload(given.path, options))
    assert.equal(1, count("upload_part"))
    assert.equal(0, count("create_session"))
    assert.equal(0, count("abort"))
  end

  describe("because of a list", function()
    it("goes on when that says once that the session is gone", function()
      for _, answer in ipairs {
        reply("list_parts", 404, NOT_FOUND),
        reply("list_parts", 410, { code = "session_expired" }),
        reply("list_parts", 404, NOT_FOUND, { 1, 2 }),
      } do
        local given, options = denied()
        emulator:faults(answer)
        goes_on(given, options)
      end
    end)

    it("looks again when another part seems to be there", function()
      emulator:faults(
        { operation = "upload_part", match = { part = 2 },
          action = "lose_reply" },
        { operation = "list_parts", action = "set",
          fields = { ["entries.0.size"] = 7 } })
      local given = fixture:file(SIZE)
      fixture:check(given, fixture:client():upload(given.path,
        fixture.options()))
      assert.equal(1, count("create_session"))
      assert.equal(SIZE, emulator:stats().part_bytes_received)
    end)

    it("looks again when that has another SHA-1", function()
      local given, options = denied()
      emulator:control("POST", "/options", { list_sha1_null = false })
      emulator:faults { operation = "list_parts", action = "set",
        fields = { ["entries.0.sha1"] = ("0"):rep(40) } }
      goes_on(given, options)
    end)

    it("sends nothing again that Box has and doesn't list yet", function()
      emulator:reset { list_lag_requests = 4 }
      emulator:faults { operation = "upload_part", match = { part = 2 },
        action = "lose_reply" }
      local given = fixture:file(SIZE)
      fixture:check(given, fixture:client():upload(given.path,
        fixture.options { parallel = 1 }))
      assert.equal(1, count("create_session"))
      -- Once to see that it is stored.
      assert.is_true(emulator:stats().part_bytes_received <= SIZE + 1000)
    end)

    it("tells a session's user so, unless that was a passing one", function()
      local client = fixture:client()
      local session = assert(client:create_session {
        folder_id = "0", file_name = "listed", file_size = SIZE })
      emulator:faults(reply("list_parts", 404, NOT_FOUND))
      assert.equal(0, #assert(session:parts()))
      assert(session:abort())
      local list, _, err = session:parts()
      assert.is_nil(list)
      assert.equal(404, err.status)
    end)
  end)

  it("takes no gateway's JSON for Box's", function()
    for _, body in ipairs {
      { code = "404", message = "Not Found" },
      { code = "NotFound", message = "no route" },
      { message = "no Route matched with those values" },
    } do
      local given, options = denied()
      emulator:faults(reply("get_session", 404, body, "all"))
      local file, message, err =
        fixture:client { retries = 1 }:upload(given.path, options)
      assert.is_nil(file)
      assert.is_true(err.resumable, message)
      emulator:reset()
      goes_on(given, options)
    end
  end)

  it("takes no page for Box's word that the session is deleted", function()
    local session = assert(fixture:client():create_session {
      folder_id = "0", file_name = "kept", file_size = SIZE })
    emulator:faults(reply("abort", 200, "<html>Sign in</html>", "all"))
    local done, _, err = session:abort()
    assert.is_nil(done)
    assert.equal("invalid_reply", err.code)
    emulator:reset()
    assert(session:abort())
  end)

  describe("because of a reply to the commit", function()
    local function commits(fields)
      emulator:reset()
      emulator:faults {
        operation = "commit", action = "set", fields = fields }
      local given = fixture:file(SIZE)
      fixture:check(given, fixture:client():upload(given.path,
        fixture.options()))
      assert.equal(SIZE, emulator:stats().part_bytes_received)
    end

    it("takes the version's SHA-1 for the file's", function()
      commits { ["entries.0.sha1"] = json.null }
      assert.equal(1, count("commit"))
    end)

    it("looks for the file when it tells no size or SHA-1", function()
      commits { ["entries.0.size"] = json.null }
      commits { ["entries.0.sha1"] = json.null,
        ["entries.0.file_version.sha1"] = json.null }
    end)

    it("keeps the session when that names another file", function()
      local given = fixture:file(SIZE)
      local options = fixture.options { resume = new_path() }
      emulator:faults(reply("commit", 201, { entries = { {
        type = "file", id = "77", size = SIZE, sha1 = given.sha1,
        parent = { id = "77" },
      } } }))
      local file, _, err = fixture:client():upload(given.path, options)
      assert.is_nil(file)
      assert.equal("wrong_file", err.code)
      assert.is_true(err.resumable)
      assert.equal(0, count("abort"))
      fixture:check(given, fixture:client():upload(given.path, options))
      assert.equal(SIZE, emulator:stats().part_bytes_received)
    end)
  end)

  describe("because of a host that can't be reached", function()
    local function arrives(size, options)
      local given = fixture:file(size)
      fixture:check(given, fixture:client { retries = 2 }:upload(given.path,
        fixture.options(options)))
    end

    it("goes on at upload_url, whichever endpoint names it", function()
      for name, path in pairs {
        upload_part = "", list_parts = "/parts", commit = "/commit",
      } do
        emulator:reset()
        emulator:faults({ operation = "create_session", action = "set",
          fields = { ["session_endpoints." .. name] =
            DEAD .. "/api/2.0/files/upload_sessions/{id}" .. path } },
          { operation = "upload_part", match = { part = 2 },
            action = "lose_reply" })
        arrives(SIZE)
        assert.equal(SIZE, emulator:stats().part_bytes_received)
      end
    end)

    it("goes on there with a session's status", function()
      emulator:faults { operation = "create_session", action = "set",
        fields = { ["session_endpoints.status"] =
          DEAD .. "/files/upload_sessions/{id}" } }
      local session = assert(fixture:client { retries = 2 }:create_session {
        folder_id = "0", file_name = "status", file_size = SIZE })
      assert(session:status())
      assert(session:abort())
    end)

    it("goes on there where a preflight check named it", function()
      for _, size in ipairs { SMALL, SIZE } do
        emulator:faults { operation = "preflight", action = "set",
          fields = { upload_url = DEAD .. "/api/2.0/files/content" } }
        arrives(size, { preflight = true })
      end
    end)

    it("doesn't leave a configured upload_url for another host", function()
      for _, size in ipairs { SMALL, SIZE } do
        emulator:faults { operation = "preflight", action = "set",
          fields = { upload_url = "https://upload.box.com/api/2.0/x" } }
        arrives(size, { preflight = true })
      end
    end)
  end)

  describe("of a small file", function()
    local function conflict_with(id)
      return {
        code = "item_name_in_use", message = "taken",
        context_info = { conflicts = { type = "file", id = id } },
      }
    end

    it("applies no policy to what may be itself", function()
      for _, policy in ipairs { "rename", "replace" } do
        local given = fixture:file(SMALL)
        emulator:faults(
          { operation = "upload_file", action = "lose_reply" },
          reply("upload_file", 409, conflict_with "123", 2),
          reply("get_file", 403, { code = "forbidden" }, "all"))
        local before = emulator:stats().files
        local file, message, err = fixture:client():upload(given.path,
          fixture.options { on_conflict = policy })
        assert.is_nil(file)
        assert.equal("unknown", err.outcome, message)
        assert.equal(before + 1, emulator:stats().files)
        assert.equal(0, count("upload_version"))
      end
    end)

    it("looks several times for its version", function()
      local first = fixture:file(SMALL)
      local client = fixture:client()
      local old = assert(client:upload(first.path, fixture.options()))
      emulator:reset { lookup_lag_requests = 2 }
      emulator:faults { operation = "upload_version", action = "lose_reply" }
      local second = fixture:file(SMALL)
      local new = assert(client:upload(second.path, { file_id = old.id }))
      assert.equal(second.sha1, new.sha1)
      assert.equal(1, count("upload_version"))
    end)
  end)

  it("sends to the name when the file to replace is in the trash", function()
    for _, size in ipairs { SMALL, SIZE } do
      local given = fixture:file(size)
      local client = fixture:client()
      local old = assert(client:upload(given.path,
        fixture.options { file_name = "trashed-" .. size }))
      emulator:trash(old.id)
      emulator:faults(reply(
        size == SMALL and "upload_file" or "create_session", 409, {
          code = "item_name_in_use", message = "taken",
          context_info = { conflicts = {
            type = "file", id = old.id, etag = old.etag } },
        }))
      given.as = "trashed-" .. size
      local file = fixture:check(given, client:upload(given.path,
        fixture.options { file_name = given.as, on_conflict = "replace" }))
      assert.not_equal(old.id, file.id)
    end
  end)

  it("counts on from the number that an earlier run came to", function()
    local given = fixture:file(SIZE)
    local other = fixture:file(SMALL)
    local client = fixture:client()
    local name, ending = given.name:match("^(.*)(%..-)$")
    assert(client:upload(other.path,
      fixture.options { file_name = given.name }))
    local options = fixture.options {
      on_conflict = "rename", resume = new_path() }
    emulator:faults(reply("upload_part", 403, { code = "forbidden" }, 7))
    local _, message, err = client:upload(given.path, options)
    assert.is_true(err.resumable, message)
    emulator:reset()
    assert(client:upload(other.path,
      fixture.options { file_name = name .. " (1)" .. ending }))
    given.as = name .. " (2)" .. ending
    fixture:check(given, client:upload(given.path, options))
  end)

  it("isn't given up by somebody who isn't known", function()
    local given, options = denied()
    local before = files.read(options.resume)
    emulator:faults(reply("get_session", 404, NOT_FOUND, "all"),
      reply("get_user", 503, nil, "all"))
    local file, message, err = fixture:client():upload(given.path, options)
    assert.is_nil(file)
    assert.equal("unknown_user", err.code, message)
    assert.equal("denied", err.kind)
    assert.is_true(before == files.read(options.resume))
    emulator:reset()
    goes_on(given, options)
  end)

  it("takes no odd endpoint from a journal", function()
    local given, options = denied()
    local text = files.read(options.resume)
    local journal = assert(io.open(options.resume, "w"))
    journal:write((text:gsub('"session":{',
      '"session":{"session_endpoints":{"status":5},', 1)))
    journal:close()
    goes_on(given, options)
  end)

  it("believes no note that can't be one", function()
    local given, options = denied()
    local text = files.read(options.resume)
    local journal = assert(io.open(options.resume, "w"))
    journal:write((text:gsub('"sha1":"%x+"', '"sha1":"zz"', 3)))
    journal:close()
    goes_on(given, options)
  end)

  it("sends no token to a host that a preflight check names", function()
    local client = boxupload.new {
      token = emulator.token, api_url = emulator.api_url,
      ca_file = emulator.ca_file, simple_below = 1000,
    }
    for _, size in ipairs { SMALL, SIZE } do
      emulator:faults { operation = "preflight", action = "set",
        fields = { upload_url = "http://localhost.evil:1/api/2.0/x" } }
      local file, _, err = client:upload(fixture:file(size).path,
        fixture.options { preflight = true })
      assert.is_nil(file)
      assert.equal("untrusted", err.code)
    end
    client:close()
  end)
end)
