-- commit: responses that are lost, late or wrong, and whether the file exists.
-- SPDX-License-Identifier: MIT

local emulators = require "support.emulator"
local files = require "support.files"

describe("a commit", function()
  local emulator, dir, client
  local serial = 0

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset { recommit = 404, commit_202 = 0, commit_retry_after = 0 }
    client = emulator:client { retry_delay = 0.01 }
  end)

  after_each(function()
    client:close()
    for _, record in ipairs(emulator:control("GET", "/sessions")) do
      emulator:control("POST", "/sessions/" .. record.id .. "/expire")
    end
  end)

  local function new_file(seed)
    serial = serial + 1
    local file_name = ("committed-%d.bin"):format(serial)
    local path, bytes, sha1 = dir:file(file_name, 3500, seed or serial)
    return {
      path = path, name = file_name, bytes = bytes, sha1 = sha1,
    }
  end

  local function upload(given, options)
    options = options or {}
    if not options.file_id then options.folder_id = "0" end
    return client:upload(given.path, options)
  end

  -- The upload succeeds and makes exactly one file.
  local function arrives(options)
    local given = new_file()
    local before = emulator:stats().files
    local file = assert(upload(given, options))
    assert.equal(given.sha1, file.sha1)
    assert.equal(3500, file.size)
    assert.equal(given.name, file.name)
    assert.is_string(file.etag)
    assert.is_true(given.bytes == emulator:bytes_of(given.name))
    assert.equal(before + 1, emulator:stats().files)
    assert.equal(3500, emulator:stats().part_bytes_received)
    assert.equal(0, emulator:open_sessions())
    return file
  end

  local function fails(kind, options)
    local file, message, err = upload(new_file(), options)
    assert.is_nil(file)
    assert.equal(kind, err.kind, message)
    return err, message
  end

  -- Answers a commit as if another client's file had the name.
  local function conflict_with(other)
    return {
      code = "item_name_in_use", message = "taken",
      context_info = { conflicts = {
        type = "file", id = other.id, etag = other.etag, sha1 = other.sha1,
      } },
    }
  end

  local LOST = {
    { action = "lose_reply", with = "reset" },
    { action = "lose_reply", with = "close" },
    { action = "done_then_reply", status = 500,
      body = { code = "internal_server_error" } },
    { action = "done_then_reply", status = 503, body = "<html>busy" },
    { action = "done_then_reply", status = 408 },
    { action = "garbage", kind = "html" },
    { action = "garbage", kind = "truncated" },
    { action = "garbage", kind = "binary" },
    { action = "garbage", kind = "empty" },
    { action = "garbage", kind = "null" },
    { action = "garbage", kind = "huge" },
    { action = "truncate", bytes = 20 },
  }

  describe("whose response is lost", function()
    it("is settled by the file that has the name", function()
      for _, fault in ipairs(LOST) do
        emulator:reset()
        fault.operation = "commit"
        emulator:faults(fault)
        arrives()
        assert.equal(2, #emulator:requests("commit"))
        assert.equal(1, #emulator:requests("preflight"))
      end
    end)

    it("is settled by the conflict that its retry reports", function()
      emulator:reset { recommit = 409 }
      emulator:faults {
        operation = "commit", action = "lose_reply", with = "reset",
      }
      for _, policy in ipairs { "fail", "rename", "replace" } do
        arrives { on_conflict = policy }
        emulator:reset()
        emulator:faults {
          operation = "commit", action = "lose_reply", with = "reset",
        }
      end
      assert.equal(0, #emulator:requests("preflight"))
    end)

    it("succeeds when its retry does", function()
      emulator:reset { recommit = 201 }
      emulator:faults {
        operation = "commit", action = "lose_reply", with = "reset",
      }
      arrives()
      assert.equal(0, #emulator:requests("preflight"))
    end)

    it("is settled after a 202 too", function()
      emulator:reset { commit_202 = 2 }
      emulator:faults {
        operation = "commit", occurrence = 3, action = "lose_reply",
      }
      arrives()
      -- The file was assembled after the 202, and the session is gone.
      emulator:reset { commit_202 = 0 }
      emulator:faults {
        operation = "commit", action = "done_then_reply", status = 202,
        headers = { ["retry-after"] = "0" },
      }
      arrives()
    end)

    it("is settled even when every response is lost", function()
      emulator:faults {
        operation = "commit", occurrence = "all", action = "lose_reply",
      }
      arrives()
      assert.equal(4, #emulator:requests("commit"))
    end)

    it("is settled by the SHA-1 when the token can't read files", function()
      emulator:faults({ operation = "commit", action = "lose_reply" }, {
        operation = "get_file", occurrence = "all", action = "reply",
        status = 403, body = { code = "insufficient_scope" },
      })
      arrives()
    end)

    it("returns the requested fields", function()
      emulator:faults { operation = "commit", action = "lose_reply" }
      local file = arrives { fields = "item_status" }
      assert.equal("active", file.item_status)
      assert.is_nil(file.path_collection)
    end)

    it("is retried when nothing was done", function()
      for _, fault in ipairs {
        { action = "reset", when = "before" },
        { action = "reset", when = "after" },
        { action = "reply", status = 500 },
        { action = "reply", status = 201, body = "<html>" },
      } do
        emulator:reset()
        fault.operation = "commit"
        emulator:faults(fault)
        arrives()
        assert.equal(2, #emulator:requests("commit"))
        assert.equal(0, #emulator:requests("preflight"))
      end
    end)

    it("is retried when the file is absent and the session exists", function()
      emulator:faults(
        { operation = "commit", action = "reply", status = 500 },
        { operation = "commit", occurrence = 2, action = "reply",
          status = 404, body = { code = "not_found" } })
      arrives()
      assert.equal(3, #emulator:requests("commit"))
    end)

    it("is found when the file appears only later", function()
      local free = { action = "reply", status = 200, body = {} }
      free.operation, free.occurrence = "preflight", { 1, 2 }
      emulator:faults({ operation = "commit", action = "lose_reply" }, free)
      arrives()
      assert.equal(3, #emulator:requests("preflight"))
    end)

    it("fails and names the session when the outcome is unknown", function()
      local free = { action = "reply", status = 200, body = {} }
      free.operation, free.occurrence = "preflight", "all"
      emulator:faults({ operation = "commit", action = "lose_reply" }, free)
      local err, message = fails("session")
      assert.equal("ambiguous_commit", err.code)
      assert.equal("absent", err.outcome)
      assert.matches("^%x+$", err.session_id)
      assert.matches(err.session_id, message, 1, true)
      assert.is_nil(err.file_id)
    end)

    it("doesn't count a file with other bytes as its own", function()
      local other = assert(upload(new_file()))
      emulator:reset()
      emulator:faults({ operation = "commit", action = "lose_reply" }, {
        operation = "preflight", action = "reply", status = 409,
        body = conflict_with(other),
      })
      local err, message = fails("session")
      assert.equal("ambiguous_commit", err.code)
      assert.equal(other.id, err.file_id)
      assert.matches(other.id, message, 1, true)
      assert.matches(err.session_id, message, 1, true)
    end)

    it("doesn't count one with another size or name, either", function()
      for operation, field in pairs {
        get_file = "size", preflight = "context_info.conflicts.name",
      } do
        emulator:reset()
        local given = new_file()
        emulator:faults({ operation = "commit", action = "lose_reply" }, {
          operation = operation, action = "set",
          fields = { [field] = field == "size" and 1 or given.name:upper() },
        })
        local file, _, err = upload(given)
        assert.is_nil(file)
        assert.equal("ambiguous_commit", err.code)
      end
    end)

    it("counts one whose name Box stored in another form", function()
      emulator:faults({ operation = "commit", action = "lose_reply" }, {
        operation = "preflight", action = "set",
        fields = { ["context_info.conflicts.name"] = "committe\204\129d" },
      })
      assert(upload(new_file()))
    end)

    it("may be one that met a taken name", function()
      local other = assert(upload(new_file()))
      emulator:reset()
      emulator:faults(
        { operation = "commit", action = "reply", status = 500 },
        { operation = "commit", occurrence = 2, action = "reply",
          status = 409, body = conflict_with(other) })
      local err = fails("conflict")
      assert.equal("item_name_in_use", err.code)
      assert.equal(other.id, err.conflict.id)
    end)

    it("fails with a session error when nothing is in doubt", function()
      emulator:faults { operation = "commit", occurrence = "all",
        action = "reply", status = 404, body = { code = "not_found" } }
      local err, message = fails("session")
      assert.equal("not_found", err.code)
      assert.matches("the upload session is there", message, 1, true)
      assert.equal(0, #emulator:requests("preflight"))
    end)
  end)

  describe("of a new version", function()
    local file, given

    before_each(function()
      given = new_file()
      file = assert(upload(given))
      emulator:reset()
    end)

    it("is settled by the version on Box", function()
      for _, fault in ipairs(LOST) do
        emulator:reset()
        fault.operation = "commit"
        emulator:faults(fault)
        local after = new_file()
        local version = assert(upload(after, { file_id = file.id }))
        assert.equal(file.id, version.id)
        assert.equal(after.sha1, version.sha1)
        assert.equal(tostring(tonumber(file.etag) + 1), version.etag)
        file = version
      end
    end)

    it("is settled when it has replaced the etag of if_match", function()
      emulator:faults({ operation = "commit", action = "lose_reply" }, {
        operation = "commit", occurrence = 2, action = "reply",
        status = 412, body = { code = "precondition_failed" },
      })
      local after = new_file()
      local version = assert(upload(after,
        { file_id = file.id, if_match = file.etag }))
      assert.equal(after.sha1, version.sha1)
    end)

    it("doesn't succeed without a new version", function()
      -- Its bytes are already there; the session ends with nothing done.
      emulator:faults(
        { operation = "commit", action = "reply", status = 500 },
        { operation = "commit", occurrence = 2, action = "disappear" })
      local err, message = fails("session")
      assert.equal("ambiguous_commit", err.code)
      local again, _, why = upload(given, { file_id = file.id })
      assert.is_truthy(again, why)
      assert.matches(err.session_id, message, 1, true)
    end)

    it("of unchanged bytes isn't assumed to have succeeded", function()
      emulator:faults(
        { operation = "commit", action = "reply", status = 500 },
        { operation = "commit", occurrence = 2, action = "disappear" })
      local version, message, err = upload(given, { file_id = file.id })
      assert.is_nil(version)
      assert.equal("ambiguous_commit", err.code)
      assert.equal(file.id, err.file_id)
      assert.matches(file.id, message, 1, true)
      assert.equal(file.etag,
        assert(upload(given, { on_conflict = "skip_identical" })).etag)
    end)

    it("has an unknown outcome when no version was known before", function()
      local unreadable = {
        operation = "get_file", action = "reply", status = 403,
        body = { code = "insufficient_scope" },
      }
      emulator:faults(
        { operation = "commit", action = "reply", status = 500 },
        { operation = "commit", occurrence = 2, action = "disappear" },
        unreadable)
      local err = fails("session", { file_id = file.id })
      assert.equal("ambiguous_commit", err.code)
      assert.equal("unknown", err.outcome)
      assert.equal(file.id, err.file_id)
    end)

    it("is settled by the bytes when no version was known before", function()
      emulator:faults({ operation = "commit", action = "lose_reply" }, {
        operation = "get_file", action = "reply", status = 403,
        body = { code = "insufficient_scope" },
      })
      local after = new_file()
      assert.equal(after.sha1,
        assert(upload(after, { file_id = file.id })).sha1)
    end)

    it("is retried when the token can't read files", function()
      emulator:faults {
        operation = "get_file", occurrence = "all", action = "reply",
        status = 404, body = { code = "not_found" },
      }
      local after = new_file()
      assert.equal(after.sha1,
        assert(upload(after, { file_id = file.id })).sha1)
    end)
  end)

  describe("that has to wait", function()
    local function set_reply(status, code)
      emulator:faults {
        operation = "commit", occurrence = { 1, 2 }, action = "reply",
        status = status, headers = { ["retry-after"] = "0" },
        body = { code = code, message = code },
      }
    end

    it("waits, then succeeds", function()
      for code, status in pairs {
        rate_limit_exceeded = 429, operation_blocked_temporary = 409,
        name_temporarily_reserved = 409, parts_mismatch = 400,
      } do
        emulator:reset()
        set_reply(status, code)
        arrives()
        assert.equal(3, #emulator:requests("commit"))
      end
    end)

    it("lists the parts when parts_mismatch persists", function()
      emulator:faults {
        operation = "commit", occurrence = { 1, 2, 3, 4, 5 },
        action = "reply", status = 400,
        headers = { ["retry-after"] = "0" },
        body = { code = "parts_mismatch" },
      }
      arrives()
      assert.equal(1, #emulator:requests("list_parts"))
    end)

    it("sends unlisted parts again", function()
      emulator:faults({
        operation = "commit", occurrence = { 1, 2, 3, 4, 5 },
        action = "reply", status = 400,
        headers = { ["retry-after"] = "0" },
        body = { code = "parts_mismatch" },
      }, {
        -- The part exists, with another id than in the commit.
        operation = "upload_part", match = { part = 1 }, action = "set",
        fields = { ["part.part_id"] = "00000000" },
      })
      arrives()
      assert.equal(6, #emulator:requests("commit"))
    end)
  end)

  describe("of a session", function()
    local session, given

    before_each(function()
      given = new_file()
      session = assert(client:create_session {
        folder_id = "0", file_name = given.name, file_size = 3500,
      })
      for offset = 0, 3499, 1000 do
        assert(session:upload(offset, given.bytes:sub(offset + 1,
          math.min(offset + 1000, 3500))))
      end
    end)

    it("is retried", function()
      emulator:reset { recommit = 201 }
      emulator:faults { operation = "commit", action = "lose_reply" }
      local file = assert(session:commit { sha1 = given.sha1 })
      assert.equal(given.name, file.name)
    end)

    it("can't be settled, since nobody knows the name", function()
      emulator:faults { operation = "commit", action = "lose_reply" }
      local file, _, err = session:commit { sha1 = given.sha1 }
      assert.is_nil(file)
      assert.equal("ambiguous_commit", err.code)
      assert.equal(session.id, err.session_id)
    end)

    it("reports a lost response when all responses are lost", function()
      emulator:faults {
        operation = "commit", occurrence = "all", action = "reset",
        when = "after",
      }
      local file, _, err = session:commit { sha1 = given.sha1 }
      assert.is_nil(file)
      assert.equal("network", err.kind)
      assert.is_true(err.retryable)
      assert.equal(4, #emulator:requests("commit"))
    end)
  end)
end)
