-- retry: every response that Box is known to give, and how an upload reacts.
-- SPDX-License-Identifier: MIT

local clock = require "support.clock"
local core = require "boxupload.core"
local fixtures = require "support.fixture"
local journals = require "boxupload.journal.journal"
local plain = require "boxupload.loop.plain"
local shell = require "support.shell"

local PART = 1000
local SIZE = 6500
local PARTS = 7

describe("an upload", function()
  local fixture, emulator

  setup(function()
    fixture = fixtures.open()
    emulator = fixture.emulator
  end)

  teardown(function()
    fixture:close()
  end)

  before_each(function()
    emulator:reset {
      commit_202 = 0, commit_retry_after = 0, parts_mismatch = 0,
      list_sha1_null = true, session_conflict = false,
      part_size = PART, min_size = 1000,
    }
  end)

  after_each(function()
    fixture:after_each()
    assert.equal(0, emulator:open_sessions())
  end)

  -- A fault that responds as Box does; `more` has operation, occurrence, …
  local function reply(status, code, more)
    local fault = {
      action = "reply", status = status,
      body = code and { code = code, message = code } or "",
    }
    for key, value in pairs(more or {}) do fault[key] = value end
    return fault
  end

  -- The upload succeeds and makes one file. Returns the file, the event log,
  -- and how long it took.
  local function arrives(options, size, client_options)
    local given = fixture:file(size or SIZE)
    local log, on_event = fixtures.event_log()
    options = fixture.options(options)
    options.on_event = on_event
    local client = fixture:client(client_options)
    local before, began = emulator:stats(), core.now()
    local file, message = client:upload(given.path, options)
    fixture:check(given, file, message)
    local after = emulator:stats()
    assert.equal(before.files + 1, after.files)
    assert.equal(0, after.sessions_open)
    return file, log, core.now() - began
  end

  local function fails(kind, options, size, client_options)
    local given = fixture:file(size or SIZE)
    local files = emulator:stats().files
    local client = fixture:client(client_options)
    local file, message, err = client:upload(given.path,
      fixture.options(options))
    assert.is_nil(file)
    assert.equal(kind, err.kind, message)
    assert.is_false(err.resumable)
    assert.is_nil(err.abort_error)
    assert.equal(files, emulator:stats().files)
    -- A session isn't aborted because of a token.
    if kind == "auth" and err.session_id then
      emulator:control("POST", "/sessions/" .. err.session_id .. "/expire")
    end
    return err
  end

  local function count(operation) return fixture:count(operation) end

  -- Every byte of a part arrived once, and every part got a response.
  local function check_nothing_twice()
    assert.equal(SIZE, emulator:stats().part_bytes_received)
  end

  describe("fails when the session can't be created:", function()
    for _, case in ipairs {
      { 400, "missing_destination", "invalid" },
      { 400, "invalid_folder_id", "invalid" },
      { 400, "missing_file_name", "invalid" },
      { 400, "missing_file_size", "invalid" },
      { 400, "invalid_file_size", "invalid" },
      { 400, "item_name_invalid", "invalid" },
      { 400, "item_name_too_long", "invalid" },
      { 400, "request_size_mismatch", "invalid" },
      { 400, "invalid_json", "invalid" },
      { 400, "bad_request", "invalid" },
      { 400, "invalid_request_parameters", "invalid" },
      { 400, "password_reset_required", "denied" },
      { 400, "terms_of_service_required", "denied" },
      { 403, "storage_limit_exceeded", "quota" },
      { 403, "file_size_limit_exceeded", "quota" },
      { 403, "pending_app_folder_size_limit", "quota" },
      { 403, "upload_file_limit", "quota" },
      { 403, "access_denied_insufficient_permissions", "denied" },
      { 403, "insufficient_scope", "denied" },
      { 403, "access_denied_item_locked", "denied" },
      { 403, "access_from_location_blocked", "denied" },
      { 403, "forbidden_by_policy", "denied" },
      { 403, "user_email_confirmation_required", "denied" },
      { 403, "incorrect_shared_item_password", "denied" },
      { 404, "invalid_parameter", "gone" },
      { 404, "not_found", "gone" },
      { 404, "trashed", "gone" },
      { 405, "method_not_allowed", "invalid" },
      { 409, "item_name_in_use", "conflict" },
      { 409, "conflict", "conflict" },
      { 411, "length_required", "invalid" },
      { 412, "precondition_failed", "changed" },
      { 412, "sync_state_precondition_failed", "changed" },
      { 413, "request_entity_too_large", "quota" },
      { 507, "insufficient_storage", "quota" },
    } do
      local status, code, kind = case[1], case[2], case[3]
      it(("%d %s is %s"):format(status, code, kind), function()
        emulator:faults(reply(status, code, {
          operation = "create_session", occurrence = "all",
        }))
        local err = fails(kind)
        assert.equal(code, err.code)
        assert.equal(status, err.status)
        assert.is_false(err.retryable)
        assert.equal(1, count("create_session"))
        assert.equal(0, count("upload_part"))
      end)
    end
  end)

  describe("fails, and its session is deleted, when the response to a part is",
    function()
      for _, case in ipairs {
        { 400, "bad_request", "invalid" },
        { 400, "request_size_mismatch", "invalid" },
        { 403, "forbidden", "denied" },
        { 403, "storage_limit_exceeded", "quota" },
        { 405, "method_not_allowed", "invalid" },
        { 411, "length_required", "invalid" },
        { 413, "request_entity_too_large", "quota" },
        { 507, "insufficient_storage", "quota" },
      } do
        local status, code, kind = case[1], case[2], case[3]
        it(("%d %s: %s"):format(status, code, kind), function()
          emulator:faults(reply(status, code, {
            operation = "upload_part", match = { part = 2 },
            occurrence = "all",
          }))
          local err = fails(kind)
          assert.equal(code, err.code)
          assert.matches("sending part 3 of 7", err.message, 1, true)
          assert.equal(1, count("abort"))
          assert.equal(0, count("commit"))
          for _, record in ipairs(emulator:requests("upload_part")) do
            assert.is_true(record.part ~= 2 or record.status == status)
          end
        end)
      end
    end)

  describe("fails when the response to the commit is", function()
    for _, case in ipairs {
      { 400, "digest_mismatch", "integrity" },
      { 400, "bad_request", "invalid" },
      { 403, "storage_limit_exceeded", "quota" },
      { 409, "item_name_in_use", "conflict" },
      { 409, "conflict", "conflict" },
      { 412, "precondition_failed", "changed" },
      { 412, "sync_state_precondition_failed", "changed" },
      { 413, "request_entity_too_large", "quota" },
      { 507, "insufficient_storage", "quota" },
    } do
      local status, code, kind = case[1], case[2], case[3]
      it(("%d %s: %s"):format(status, code, kind), function()
        emulator:faults(reply(status, code, {
          operation = "commit", occurrence = "all",
        }))
        assert.equal(code, fails(kind).code)
        assert.equal(1, count("commit"))
        assert.equal(1, count("abort"))
      end)
    end
  end)

  describe("fails when the response to the simple upload is", function()
    for _, case in ipairs {
      { 400, "metadata_after_file_contents", "invalid" },
      { 400, "item_name_invalid", "invalid" },
      { 403, "file_size_limit_exceeded", "quota" },
      { 404, "not_found", "gone" },
      { 409, "item_name_in_use", "conflict" },
      { 412, "precondition_failed", "changed" },
      { 507, "insufficient_storage", "quota" },
    } do
      local status, code, kind = case[1], case[2], case[3]
      it(("%d %s: %s"):format(status, code, kind), function()
        emulator:faults(reply(status, code, {
          operation = "upload_file", occurrence = "all",
        }))
        assert.equal(code, fails(kind, nil, 500).code)
        assert.equal(1, count("upload_file"))
      end)
    end
  end)

  it("falls back to the simple upload: 400 file_size_too_small", function()
    emulator:control("POST", "/options", { min_size = 10000 })
    arrives()
    assert.equal(1, count("create_session"))
    assert.equal(1, count("upload_file"))
  end)

  describe("retries what wasn't done:", function()
    it("429 rate_limit_exceeded of a part, without a list request", function()
      emulator:faults(reply(429, "rate_limit_exceeded", {
        operation = "upload_part", match = { part = 3 },
      }))
      local _, log = arrives()
      assert.equal(PARTS + 1, count("upload_part"))
      assert.equal(0, count("list_parts"))
      assert.equal("quota", log.named("retry")[1].kind)
    end)

    for _, operation in ipairs { "create_session", "commit", "upload_file" } do
      it("429 rate_limit_exceeded of " .. operation, function()
        emulator:faults(reply(429, "rate_limit_exceeded", {
          operation = operation, occurrence = { 1, 2 },
        }))
        arrives(nil, operation == "upload_file" and 500)
        assert.equal(3, count(operation))
      end)

      for _, code in ipairs { "name_temporarily_reserved",
        "operation_blocked_temporary" } do
        it(("409 %s of %s"):format(code, operation), function()
          emulator:faults(reply(409, code, {
            operation = operation, occurrence = { 1, 2, 3 },
          }))
          arrives(nil, operation == "upload_file" and 500)
          assert.equal(4, count(operation))
        end)
      end
    end

    it("400 Stream ended unexpectedly of a part", function()
      emulator:faults {
        operation = "upload_part", match = { part = 1 }, action = "reply",
        status = 400, body = { message = "Stream ended unexpectedly" },
      }
      arrives()
      assert.equal(PARTS + 1, count("upload_part"))
      assert.equal(0, count("list_parts"))
    end)

    it("400 bad_digest of a small file, a few times", function()
      emulator:faults(reply(400, "bad_digest", {
        operation = "upload_file", occurrence = { 1, 2 },
      }))
      arrives(nil, 500)
      assert.equal(3, count("upload_file"))
      emulator:reset()
      emulator:faults(reply(400, "bad_digest", {
        operation = "upload_file", occurrence = "all",
      }))
      assert.equal("bad_digest", fails("integrity", nil, 500).code)
      assert.equal(3, count("upload_file"))
    end)

    for _, status in ipairs { 400, 412 } do
      it(status .. " of a part's digest, read again, a few times", function()
        emulator:faults(reply(status, "bad_digest", {
          operation = "upload_part", match = { part = 4 },
          occurrence = { 1, 2 },
        }))
        arrives()
        assert.equal(PARTS + 2, count("upload_part"))
        emulator:reset()
        emulator:faults(reply(status, "digest_mismatch", {
          operation = "upload_part", match = { part = 4 },
          occurrence = "all",
        }))
        fails("integrity")
        assert.is_true(count("upload_part") <= PARTS + 2)
        assert.equal(1, count("abort"))
      end)
    end
  end)

  describe("lists what is stored before it sends a part again:", function()
    local AMBIGUOUS = {
      { 408 }, { 409, "conflict" }, { 412, "precondition_failed" },
      { 416, "range_overlaps_existing_part" },
      { 500, "internal_server_error" }, { 502, "bad_gateway" },
      { 503, "unavailable" }, { 504 }, { 509 },
    }
    for _, case in ipairs(AMBIGUOUS) do
      local status, code = case[1], case[2]
      it(("%d %s, and it is absent"):format(status, code or ""), function()
        emulator:faults(reply(status, code, {
          operation = "upload_part", match = { part = 3 },
        }))
        arrives()
        assert.equal(PARTS + 1, count("upload_part"))
        assert.is_true(count("list_parts") >= 1)
      end)

      it(("%d %s, and it is stored"):format(status, code or ""), function()
        emulator:faults(reply(status, code, {
          operation = "upload_part", match = { part = 3 },
          action = "done_then_reply",
        }))
        arrives()
        assert.equal(PARTS, count("upload_part"))
        check_nothing_twice()
      end)
    end

    it("a 504 with a proxy's HTML page, and the part is stored", function()
      emulator:faults {
        operation = "upload_part", match = { part = 0 },
        action = "done_then_reply", status = 504,
        body = "<html><h1>504 Gateway Time-out</h1></html>",
      }
      arrives()
      check_nothing_twice()
    end)

    it("every response is lost, and all parts are stored", function()
      emulator:faults {
        operation = "upload_part", occurrence = "all",
        action = "lose_reply", with = "reset",
      }
      arrives()
      assert.equal(PARTS, count("upload_part"))
      check_nothing_twice()
    end)

    it("the list has gaps", function()
      local faults = {}
      for _, index in ipairs { 1, 3, 4 } do
        faults[#faults + 1] = {
          operation = "upload_part", match = { part = index },
          action = index == 3 and "lose_reply" or "reset",
        }
      end
      emulator:faults(faults[1], faults[2], faults[3])
      arrives { parallel = 7 }
      assert.equal(PARTS + 2, count("upload_part"))
    end)

    it("the list has no SHA-1", function()
      emulator:control("POST", "/options", { list_sha1_null = true })
      emulator:faults({
        operation = "upload_part", match = { part = 2 },
        action = "lose_reply",
      }, {
        operation = "upload_part", match = { part = 5 }, action = "reset",
        when = "after",
      })
      arrives()
      assert.equal(PARTS + 1, count("upload_part"))
    end)

    it("the list lags, and the part is refused once more", function()
      emulator:faults({
        operation = "upload_part", match = { part = 2 },
        action = "lose_reply",
      }, {
        operation = "list_parts", occurrence = { 1, 2 }, action = "reply",
        status = 200, body = '{"entries":[],"total_count":7,"offset":0,' ..
          '"limit":1000}',
      })
      local _, log = arrives()
      assert.equal(PARTS + 1, count("upload_part"))
      assert.equal(416, log.named("retry")[2].status)
    end)

    it("the list itself fails a few times", function()
      emulator:faults({
        operation = "upload_part", match = { part = 2 },
        action = "lose_reply",
      }, reply(503, "unavailable", {
        operation = "list_parts", occurrence = { 1, 2 },
      }))
      arrives()
      check_nothing_twice()
    end)
  end)

  describe("asks for the session before it is given up:", function()
    -- What a part, a list or a commit is answered once.
    for _, case in ipairs {
      { 404, "not_found" }, { 404, "upload_session_not_found" }, { 404 },
      { 410, "session_expired" }, { 410 },
      { 404, html = "<html>Not found</html>" },
      { 410, html = "<html>Gone</html>" },
    } do
      local status, code = case[1], case[2]
      local what = ("%d %s"):format(status, code or case.html or "")
      for _, operation in ipairs { "upload_part", "commit" } do
        it(what .. " of " .. operation .. " passes", function()
          local fault = reply(status, code, { operation = operation })
          fault.body = case.html or fault.body
          emulator:faults(fault)
          local _, log = arrives()
          assert.equal(1, count("create_session"))
          assert.equal(0, #log.named("restart"))
          assert.is_true(count(operation) <=
            (operation == "commit" and 2 or PARTS + 1))
        end)
      end

      it(what .. " of a list passes", function()
        local fault = reply(status, code, { operation = "list_parts" })
        fault.body = case.html or fault.body
        emulator:faults({
          operation = "upload_part", match = { part = 2 },
          action = "lose_reply",
        }, fault)
        arrives()
        assert.equal(1, count("create_session"))
        check_nothing_twice()
      end)
    end

    for _, operation in ipairs { "upload_part", "commit", "list_parts" } do
      it("one that is gone is replaced: " .. operation, function()
        emulator:faults({ operation = operation, action = "disappear" },
          operation == "list_parts" and {
            operation = "upload_part", match = { part = 2 },
            action = "lose_reply",
          } or nil)
        local _, log = arrives()
        assert.equal(2, count("create_session"))
        assert.equal(1, #log.named("restart"))
        -- Two looks.
        assert.equal(2, count("get_session"))
      end)
    end

    it("one that can't be asked for is kept", function()
      local path = fixture.dir.path .. "/kept.json"
      for _, blocked in ipairs {
        reply(403, "access_from_location_blocked"), reply(503),
        { action = "reply", status = 200, body = "<html>Log in</html>" },
        { action = "reply", status = 404, body = "<html>?</html>" },
        { action = "reply", status = 302,
          headers = { location = "http://127.0.0.1:9/login" } },
      } do
        local given = fixture:file(SIZE)
        blocked.operation, blocked.occurrence = "get_session", "all"
        emulator:faults(blocked, reply(404, "not_found", {
          operation = "upload_part", match = { part = 5 },
          occurrence = "all",
        }))
        local options = fixture.options { resume = path }
        local file, message, err =
          fixture:client { retries = 2 }:upload(given.path, options)
        assert.is_nil(file)
        assert.is_true(err.resumable, message)
        assert.equal(0, count("abort"))
        emulator:reset()
        fixture:check(given, fixture:client():upload(given.path, options))
        assert.equal(0, count("create_session"))
      end
    end)
  end)

  describe("starts over with one new session:", function()
    for _, case in ipairs {
      { 410, "upload_failed" }, { 400, "invalid_upload_session_id" },
    } do
      local status, code = case[1], case[2]
      for _, operation in ipairs { "upload_part", "commit" } do
        it(("%d %s of %s"):format(status, code or "", operation), function()
          emulator:faults(reply(status, code, { operation = operation }))
          local _, log = arrives()
          assert.equal(2, count("create_session"))
          assert.equal(1, #log.named("restart"))
        end)

        it(("not two: %d %s of %s"):format(status, code or "", operation),
          function()
            emulator:faults(reply(status, code, {
              operation = operation, occurrence = "all",
            }))
            local err = fails("session")
            assert.equal(status, err.status)
            assert.equal(2, count("create_session"))
          end)
      end
    end

    it("another part is stored over a part's range", function()
      emulator:faults({
        operation = "upload_part", match = { part = 2 },
        action = "lose_reply",
      }, {
        operation = "list_parts", occurrence = { 1, 2 }, action = "reply",
        status = 200, body = {
          entries = { { part_id = "ABCD", offset = 2000, size = 1000,
            sha1 = ("0"):rep(40) } },
          total_count = 7, offset = 2, limit = 1,
        },
      })
      arrives()
      assert.equal(2, count("create_session"))
      assert.equal(1, count("abort"))
    end)

    it("a part is always refused, and never listed", function()
      emulator:faults(reply(416, "range_overlaps_existing_part", {
        operation = "upload_part", match = { part = 2 },
        occurrence = { 1, 2, 3, 4 },
      }))
      arrives(nil, nil, { retries = 3 })
      assert.equal(2, count("create_session"))
    end)
  end)

  describe("renews the token:", function()
    local function renewing() return fixtures.renewing_auth(emulator) end

    local function check_renewed_once(auth, size)
      arrives(nil, size, { auth = auth })
      assert.equal(1, auth.renewals)
    end

    for _, operation in ipairs { "create_session", "upload_part", "commit",
      "upload_file" } do
      it("401 of " .. operation, function()
        emulator:faults {
          operation = operation, action = "expire_token",
        }
        check_renewed_once(renewing(), operation == "upload_file" and 500)
      end)
    end

    it("401 of all parts at once, only once", function()
      emulator:faults {
        operation = "upload_part", match = { part = 3 },
        action = "expire_token",
      }
      check_renewed_once(renewing())
      check_nothing_twice()
    end)

    -- Box refuses every token until the call fails. Nothing is aborted: the
    -- session is good. Returns how often it refused.
    local function is_refused_for_good(operation, auth, given)
      emulator:faults(reply(401, nil, {
        operation = operation, occurrence = "all",
      }))
      local client, before = fixture:client { auth = auth }, count(operation)
      local file, message, err = client:upload(fixture:file(SIZE).path,
        fixture.options(given or { parallel = 1 }))
      assert.is_nil(file)
      assert.equal("auth", err.kind, message)
      assert.equal(401, err.status)
      assert.equal(0, count("abort"))
      return count(operation) - before, err
    end

    after_each(function()
      for _, session in ipairs(emulator:control("GET", "/sessions")) do
        if session.state == "open" then
          emulator:control("POST", "/sessions/" .. session.id .. "/expire")
        end
      end
    end)

    it("again after pauses, when new tokens are refused, too", function()
      for _, operation in ipairs { "upload_part", "create_session" } do
        local auth = renewing()
        local times, err = is_refused_for_good(operation, auth)
        -- Three parts are in the part uploader.
        assert.is_true(times >= 6 and times <= 18, times)
        assert.is_true(auth.renewals > 1 and auth.renewals <= times)
        if operation == "upload_part" then
          assert.matches("a token that Box accepts", err.abort_error)
          assert.is_string(err.session_id)
        end
      end
    end)

    it("not when there is no other, but tries once more", function()
      local times = is_refused_for_good("upload_part")
      assert.is_true(times >= 2 and times <= 6, times)
      assert.equal(2, (is_refused_for_good("create_session")))
    end)

    it("and keeps what can be resumed", function()
      local journal = fixture.dir.path .. "/journal"
      local _, err = is_refused_for_good("upload_part", nil,
        { resume = journal })
      assert.is_true(err.resumable)
      assert.is_nil(err.abort_error)
      emulator:faults()
      assert(journals.remove(journal))
    end)

    for _, operation in ipairs { "create_session", "upload_part", "commit",
      "upload_file" } do
      local size = operation == "upload_file" and 500 or SIZE

      it("outlasts one 401 to a fixed token: " .. operation, function()
        emulator:faults(reply(401, nil, { operation = operation }))
        arrives(nil, size)
        if size == SIZE then check_nothing_twice() end
        assert.equal(0, count("abort"))
      end)

      it("outlasts five 401s in a row: " .. operation, function()
        emulator:faults(reply(401, nil, {
          operation = operation, occurrence = { 1, 2, 3, 4, 5 },
        }))
        local _, log = arrives({ parallel = 1 }, size, { auth = renewing() })
        if size == SIZE then check_nothing_twice() end
        assert.equal(0, count("abort"))
        for _, event in ipairs(log.named "retry") do
          assert.equal(401, event.status)
        end
        assert.is_true(#log.named "retry" >= 1)
      end)
    end

    it("with a pause before each try after the first", function()
      emulator:faults(reply(401, nil, {
        operation = "create_session", occurrence = { 1, 2, 3, 4 },
      }))
      local _, log = arrives(nil, nil, { auth = renewing() })
      local pauses = log.named "retry"
      assert.equal(3, #pauses)
      for _, event in ipairs(pauses) do
        assert.is_true(event.delay >= 0.005)
      end
    end)
  end)

  describe("adopts the session that a 409 session_conflict names:", function()
    before_each(function()
      -- Stored parts are compared by the SHA-1 that the list gives.
      emulator:control("POST", "/options",
        { session_conflict = true, list_sha1_null = false })
    end)

    it("its own session, whose create response was lost", function()
      emulator:faults {
        operation = "create_session", action = "lose_reply",
      }
      arrives()
      assert.equal(2, count("create_session"))
      check_nothing_twice()
    end)

    -- Another machine uploads the same file: equal bytes or others, with
    -- something stored already or not.
    local function other_session(given)
      return assert(fixture:client():create_session {
        folder_id = "0", file_name = given.name, file_size = SIZE,
      })
    end

    local function check_left_alone(session, file, message, err)
      assert.is_nil(file)
      assert.equal("conflict", err.kind, message)
      assert.equal("session_conflict", err.code)
      assert.equal(session.id, err.session_id)
      assert.matches(session.id, message, 1, true)
      assert.equal(0, count("abort"))
      assert(session:status())
      assert(session:abort())
      emulator:control("DELETE", "/requests")
    end

    it("but no other's, whatever is stored in it", function()
      for _, null in ipairs { false, true } do
        emulator:control("POST", "/options", { list_sha1_null = null })
        for _, stored in ipairs { "none", "same", "other" } do
          local given = fixture:file(SIZE)
          local session = other_session(given)
          if stored == "same" then
            assert(session:upload(2000, given.bytes:sub(2001, 3000)))
          elseif stored == "other" then
            assert(session:upload(2000, ("x"):rep(PART)))
          end
          check_left_alone(session,
            fixture:client():upload(given.path, fixture.options()))
        end
      end
    end)

    it("but no other's after requests that were only refused", function()
      local given = fixture:file(SIZE)
      local session = other_session(given)
      emulator:faults(reply(429, "rate_limit_exceeded", {
        operation = "create_session", occurrence = { 1, 2 },
        headers = { ["retry-after"] = "0" },
      }))
      check_left_alone(session, fixture:client { retries = 1 }
        :upload(given.path, fixture.options()))
    end)

    it("but not one with parts in it, after a lost response", function()
      local given = fixture:file(SIZE)
      local session = other_session(given)
      assert(session:upload(2000, given.bytes:sub(2001, 3000)))
      emulator:faults(reply(503, nil, { operation = "create_session" }))
      check_left_alone(session,
        fixture:client():upload(given.path, fixture.options()))
    end)

    it("and stops at the first part that another sends to it", function()
      local given = fixture:file(SIZE)
      local session = other_session(given)
      emulator:faults(reply(503, nil, { operation = "create_session" }))
      local transfer = assert(fixture:client():start(given.path,
        fixture.options { parallel = 1 }))
      fixture.step_until(transfer, function() return transfer.session end)
      assert(session:upload(6000, given.bytes:sub(6001)))
      check_left_alone(session, transfer:wait())
    end)
  end)

  describe("waits for the commit:", function()
    it("after more than fifteen responses of 202", function()
      emulator:control("POST", "/options", { commit_202 = 18 })
      clock.speed_up(40, function(loop)
        arrives(nil, nil, { loop = loop })
      end)
      assert.equal(19, count("commit"))
    end)

    it("as long as a 202 asks for", function()
      emulator:control("POST", "/options",
        { commit_202 = 1, commit_retry_after = 1 })
      local _, _, seconds = arrives()
      assert.is_true(seconds >= 1)
    end)

    it("after parts_mismatch", function()
      emulator:control("POST", "/options", { parts_mismatch = 3 })
      clock.speed_up(20, function(loop)
        arrives(nil, nil, { loop = loop })
      end)
      assert.equal(4, count("commit"))
      assert.equal(PARTS, count("upload_part"))
    end)

    it("after a 500, without losing the stored parts", function()
      emulator:faults(reply(500, "internal_server_error", {
        operation = "commit", occurrence = { 1, 2 },
      }))
      arrives()
      assert.equal(1, count("create_session"))
      check_nothing_twice()
    end)
  end)

  describe("waits as long as Retry-After says:", function()
    local function check_delay(value, least, most)
      emulator:faults(reply(429, "rate_limit_exceeded", {
        operation = "upload_part", match = { part = 1 },
        headers = { ["retry-after"] = value },
      }))
      local _, log, seconds = arrives()
      local delay = log.named("retry")[1].delay
      assert.is_true(delay >= least and delay <= most, delay)
      assert.is_true(seconds >= least)
    end

    it("in seconds", function() check_delay("1", 1, 1) end)

    it("until a date", function()
      local at = math.floor(core.time()) + 2
      check_delay(os.date("!%a, %d %b %Y %H:%M:%S GMT", at), 1, 2)
    end)

    it("not at all for a date in the past", function()
      check_delay("Sun, 06 Nov 1994 08:49:37 GMT", 0, 0.01)
    end)

    it("while the whole client sends no request", function()
      emulator:faults(reply(429, "rate_limit_exceeded", {
        operation = "upload_part", match = { part = 1 },
        headers = { ["retry-after"] = "1" },
      }))
      local client = fixture:client()
      local log, on_event = fixtures.event_log()
      local options = fixture.options { on_event = on_event }
      local one, two = fixture:file(SIZE), fixture:file(SIZE)
      local first = assert(client:start(one.path, options))
      fixture.step_until(first, function() return log.named("retry")[1] end)
      local other, on_other = fixtures.event_log()
      local second = assert(client:start(two.path,
        fixture.options { on_event = on_other }))
      fixture:check(two, second:wait())
      fixture:check(one, first:wait())
      local waited = other.named("session")[1].time -
        log.named("retry")[1].time
      assert.is_true(waited > 0.9, waited)
    end)
  end)

  describe("gives up", function()
    it("after `retries` retries of a request", function()
      emulator:faults(reply(503, "unavailable", {
        operation = "upload_part", match = { part = 2 }, occurrence = "all",
      }))
      local err = fails("network", nil, nil, { retries = 2 })
      assert.is_true(err.retryable)
      local tries = 0
      for _, record in ipairs(emulator:requests("upload_part")) do
        tries = tries + (record.part == 2 and 1 or 0)
      end
      assert.equal(3, tries)
    end)

    it("after `retry_budget` retries of all requests together", function()
      emulator:faults(reply(503, "unavailable", {
        operation = "upload_part", occurrence = "all",
      }))
      local log, on_event = fixtures.event_log()
      fails("network", { retry_budget = 5, parallel = 4,
        on_event = on_event })
      assert.equal(5, #log.named("retry"))
      -- A part that fails makes room on the network for one of the two that
      -- are hashed ahead, before the budget is used up or after.
      assert.is_true(count("upload_part") <= 4 + 2 + 5)
    end)

    it("and reports the first failure of many", function()
      emulator:faults(
        reply(403, "storage_limit_exceeded",
          { operation = "upload_part", match = { part = 1 } }),
        { operation = "upload_part", match = { part = 2 },
          action = "stall", when = "after" },
        { operation = "upload_part", match = { part = 3 },
          action = "stall", when = "before" })
      local began = core.now()
      assert.equal("storage_limit_exceeded", fails("quota").code)
      assert.is_true(core.now() - began < 5)
    end)
  end)

  describe("over a bad connection", function()
    for _, fault in ipairs {
      { action = "reset", when = "before" },
      { action = "reset", when = "during" },
      { action = "reset", when = "after" },
      { action = "lose_reply", with = "reset" },
      { action = "lose_reply", with = "close" },
      { action = "truncate", bytes = 10 },
    } do
      local how = fault.when or fault.with or "the response"
      it(("sends the whole body again: %s %s"):format(fault.action, how),
        function()
          fault.operation, fault.match = "upload_part", { part = 2 }
          emulator:faults(fault)
          local _, log = arrives()
          -- While no byte of the body has been sent, libcurl may repeat the
          -- request by itself.
          assert.is_true(#log.named("retry") == 1 or
            fault.when == "before" and count("upload_part") == PARTS + 1)
          fault.operation, fault.match = "upload_file", nil
          emulator:faults(fault)
          arrives(nil, 700)
          emulator:faults(fault)
          arrives(nil, 0)
        end)
    end

    local STALLS = {
      { action = "stall", when = "before" },
      { action = "stall", when = "during" },
      { action = "stall", when = "after" },
      { action = "lose_reply", with = "stall" },
    }

    -- libcurl averages the speed over some seconds, so a limit of one byte per
    -- second would take long to detect a stall.
    local QUICK_STALL = { stall_speed = 1e6 }

    it("detects parts that stall, and sends them again", function()
      for i, fault in ipairs(STALLS) do
        fault.operation, fault.match = "upload_part", { part = i - 1 }
      end
      emulator:faults(STALLS[1], STALLS[2], STALLS[3], STALLS[4])
      local _, log, seconds = arrives({ parallel = 4 }, nil, QUICK_STALL)
      assert.equal(4, #log.named("retry"))
      for _, event in ipairs(log.named("retry")) do
        assert.equal("timeout", event.kind)
      end
      assert.equal(PARTS + 3, count("upload_part"))
      assert.is_true(seconds >= 1)
    end)

    it("detects small files that stall, and sends them again", function()
      for i, fault in ipairs(STALLS) do
        fault.operation, fault.match = "upload_file", nil
        fault.occurrence = i
      end
      emulator:faults(STALLS[1], STALLS[2], STALLS[3], STALLS[4])
      local client = fixture:client(QUICK_STALL)
      local log, on_event = fixtures.event_log()
      local files, transfers = {}, {}
      for i = 1, 4 do
        files[i] = fixture:file(i * 200)
        transfers[i] = client:start(files[i].path,
          fixture.options { on_event = on_event })
      end
      while client:poll() > 0 do
        plain.wait(client.queue, client:timeout())
      end
      for i = 1, 4 do fixture:check(files[i], transfers[i]:result()) end
      assert.equal(4, #log.named("retry"))
    end)

    it("reconnects after the server closed an idle connection", function()
      local other = fixtures.open("--plain --min-size 1000 " ..
        "--part-size 1000 --idle-timeout 1")
      local client = other:client()
      for _ = 1, 2 do
        local given = other:file(3500)
        local log, on_event = fixtures.event_log()
        other:check(given, client:upload(given.path,
          other.options { on_event = on_event, parallel = 1 }))
        assert.equal(0, #log.named("retry"))
        other.emulator:wait_until_idle()
        -- The newest libcurl looks at a connection once a second at most:
        -- https://github.com/curl/curl/pull/22169
        shell.output("sleep 1.1")
      end
      other:after_each()
      other:close()
    end)

    it("doesn't time out on a slow connection", function()
      local size = 40 * 2 ^ 20
      emulator:control("POST", "/options", { part_size = size })
      emulator:faults {
        operation = "upload_part", action = "slow",
        bytes_per_s = 16 * 2 ^ 20,
      }
      local path = fixture.dir.path .. "/slow.bin"
      shell.output(("truncate -s %d %s"):format(size, path))
      local log, on_event = fixtures.event_log()
      local file, message = fixture:client():upload(path, {
        folder_id = "0", on_event = on_event, parallel = 1,
      })
      assert.is_truthy(file, message)
      assert.equal(size, file.size)
      assert.equal(0, #log.named("retry"))
    end)
  end)

  it("puts no file name into a header, whatever it contains", function()
    for _, size in ipairs { 500, SIZE } do
      local given = fixture:file(size)
      given.as = ('a "quoted" %d; name=x, ü.bin'):format(size)
      fixture:check(given, fixture:client():upload(given.path,
        fixture.options { file_name = given.as }))
    end
  end)

  it("sends exact multiples of the part size without an empty part",
    function()
      arrives(nil, 4 * PART)
      assert.equal(4, count("upload_part"))
    end)
end)
