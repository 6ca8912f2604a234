-- small_upload_faults: the single request of a small file fails.
-- SPDX-License-Identifier: MIT

local emulators = require "support.emulator"
local files = require "support.files"

describe("a simple upload", function()
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
    emulator:reset()
    client = emulator:client { retry_delay = 0.01 }
  end)

  after_each(function()
    client:close()
  end)

  local function new_file(size)
    serial = serial + 1
    local file_name = ("small-%d.bin"):format(serial)
    local path, bytes, sha1 = dir:file(file_name, size or 700, serial)
    return { path = path, name = file_name, bytes = bytes, sha1 = sha1 }
  end

  local function upload(given, options)
    options = options or {}
    if not options.file_id then options.folder_id = "0" end
    return client:upload(given.path, options)
  end

  local function arrives(options, size)
    local given = new_file(size)
    local before = emulator:stats().files
    local file = assert(upload(given, options))
    assert.equal(given.sha1, file.sha1)
    assert.equal(#given.bytes, file.size)
    assert.equal(given.name, file.name)
    assert.equal("0", file.etag)
    assert.is_true(given.bytes == emulator:bytes_of(given.name))
    assert.equal(before + 1, emulator:stats().files)
    return file
  end

  local function fails(kind, options)
    local file, message, err = upload(new_file(), options)
    assert.is_nil(file)
    assert.equal(kind, err.kind, message)
    return err, message
  end

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
    { action = "done_then_reply", status = 504, body = "<html>" },
    { action = "garbage", kind = "html" },
    { action = "garbage", kind = "truncated" },
    { action = "garbage", kind = "binary" },
    { action = "garbage", kind = "empty" },
    { action = "garbage", kind = "null" },
    { action = "garbage", kind = "huge" },
    { action = "truncate", bytes = 20 },
  }

  describe("of a new file whose response is lost", function()
    it("is settled by the file with the name, under any policy", function()
      for _, fault in ipairs(LOST) do
        for _, policy in ipairs { "fail", "rename", "replace",
          "skip_identical" } do
          emulator:reset()
          fault.operation = "upload_file"
          emulator:faults(fault)
          local file = arrives { on_conflict = policy }
          assert.is_nil(file.skipped)
          assert.equal(2, #emulator:requests("upload_file"))
          assert.equal(0, #emulator:requests("upload_version"))
        end
      end
    end)

    it("is settled for an empty file", function()
      emulator:faults { operation = "upload_file", action = "lose_reply" }
      arrives(nil, 0)
    end)

    it("is settled even when every response is lost", function()
      emulator:faults {
        operation = "upload_file", occurrence = "all", action = "lose_reply",
      }
      arrives { fields = "item_status" }
      assert.equal(1, #emulator:requests("preflight"))
    end)

    it("is settled by the SHA-1 when the token can't read files", function()
      emulator:faults({ operation = "upload_file", action = "lose_reply" }, {
        operation = "get_file", occurrence = "all", action = "reply",
        status = 403, body = { code = "insufficient_scope" },
      })
      arrives()
    end)

    it("waits while the service still processes the first request", function()
      emulator:faults(
        { operation = "upload_file", action = "lose_reply" },
        { operation = "upload_file", occurrence = { 2, 3 },
          action = "reply", status = 409,
          headers = { ["retry-after"] = "0" },
          body = { code = "name_temporarily_reserved" } })
      arrives()
      assert.equal(4, #emulator:requests("upload_file"))
    end)

    it("is retried when nothing was done", function()
      for _, fault in ipairs {
        { action = "reset", when = "before" },
        { action = "reset", when = "during" },
        { action = "reset", when = "after" },
        { action = "reply", status = 503 },
        { action = "reply", status = 201, body = "<html>" },
      } do
        emulator:reset()
        fault.operation = "upload_file"
        emulator:faults(fault)
        arrives()
        assert.equal(2, #emulator:requests("upload_file"))
      end
    end)

    it("follows the policy when another file has the name", function()
      local other = arrives()
      for _, policy in ipairs { "fail", "rename" } do
        emulator:reset()
        emulator:faults(
          { operation = "upload_file", action = "reply", status = 500 },
          { operation = "upload_file", occurrence = 2, action = "reply",
            status = 409, body = conflict_with(other) })
        local file, _, err = upload(new_file(), { on_conflict = policy })
        if policy == "fail" then
          assert.equal("item_name_in_use", err.code)
        else
          assert.matches(" (1).bin", file.name, 1, true)
        end
      end
    end)

    it("fails when the outcome stays unknown", function()
      emulator:faults {
        operation = "upload_file", occurrence = "all", action = "reply",
        status = 502,
      }
      local err = fails("network")
      assert.equal(502, err.status)
      assert.is_true(err.retryable)
      assert.equal(4, #emulator:requests("upload_file"))
    end)

    it("gives up on a server that responds with nonsense", function()
      client:close()
      client = emulator:client { retry_delay = 0.01, retries = 50 }
      emulator:faults {
        operation = "upload_file", occurrence = "all", action = "reply",
        status = 200, body = "<html>",
      }
      assert.equal("invalid_reply", fails("invalid").code)
      assert.equal(4, #emulator:requests("upload_file"))
    end)
  end)

  describe("of a new version whose response is lost", function()
    local file

    before_each(function()
      file = arrives()
      emulator:reset()
    end)

    local function check_new_version(options, requests)
      local given = new_file()
      options = options or {}
      options.file_id = file.id
      local version = assert(upload(given, options))
      assert.equal(file.id, version.id)
      assert.equal(given.sha1, version.sha1)
      assert.equal(tostring(tonumber(file.etag) + 1), version.etag)
      assert.equal(requests, #emulator:requests("upload_version"))
      file = version
    end

    it("isn't sent twice", function()
      for _, fault in ipairs(LOST) do
        emulator:reset()
        fault.operation = "upload_version"
        emulator:faults(fault)
        check_new_version(nil, 1)
      end
    end)

    it("isn't sent twice when every response is lost", function()
      emulator:faults {
        operation = "upload_version", occurrence = "all",
        action = "lose_reply",
      }
      check_new_version(nil, 1)
    end)

    it("is retried when nothing was done", function()
      emulator:faults {
        operation = "upload_version", action = "reply", status = 500,
      }
      check_new_version(nil, 2)
      emulator:reset()
      emulator:faults {
        operation = "upload_version", action = "reset", when = "during",
      }
      check_new_version({ if_match = file.etag }, 2)
    end)

    it("of unchanged bytes makes another version", function()
      emulator:faults {
        operation = "upload_version", action = "reply", status = 500,
      }
      local given = new_file()
      local first = assert(upload(given, { file_id = file.id }))
      emulator:reset()
      emulator:faults {
        operation = "upload_version", action = "lose_reply",
      }
      local second = assert(upload(given, { file_id = file.id }))
      assert.not_equal(first.file_version.id, second.file_version.id)
      assert.equal(1, #emulator:requests("upload_version"))
    end)

    local UNSEEN = {
      operation = "get_file", occurrence = "all", action = "reply",
      status = 403, body = { code = "insufficient_scope" },
    }

    it("has an unknown outcome when the token can't read files", function()
      emulator:faults(
        { operation = "upload_version", action = "lose_reply" }, UNSEEN)
      local err, message = fails("network", { file_id = file.id })
      assert.equal(1, #emulator:requests("upload_version"))
      assert.equal(file.id, err.file_id)
      assert.matches("on Box all the same", message, 1, true)
    end)

    it("is retried under the protection of the etag", function()
      emulator:faults(
        { operation = "upload_version", action = "lose_reply" }, UNSEEN)
      local err, message = fails("changed",
        { file_id = file.id, if_match = file.etag })
      assert.equal(412, err.status)
      assert.equal(2, #emulator:requests("upload_version"))
      assert.matches("on Box all the same", message, 1, true)
      -- The first request did nothing.
      emulator:faults({ operation = "upload_version", action = "reset",
        when = "after" }, UNSEEN)
      local etag = tostring(tonumber(file.etag) + 1)
      assert(upload(new_file(), { file_id = file.id, if_match = etag }))
    end)
  end)

  describe("of bytes that arrive corrupted", function()
    local function set_reply(occurrence, code, message)
      emulator:faults {
        operation = "upload_file", occurrence = occurrence, action = "reply",
        status = 400, body = { code = code, message = message },
      }
    end

    it("is retried a few times", function()
      set_reply({ 1, 2 }, "bad_digest")
      arrives()
      set_reply("all", "bad_digest")
      emulator:control("DELETE", "/requests")
      assert.equal("bad_digest", fails("integrity").code)
      assert.equal(3, #emulator:requests("upload_file"))
    end)

    it("is retried when bytes are missing", function()
      set_reply(1, "bad_request", "Stream ended unexpectedly")
      arrives()
      assert.equal(2, #emulator:requests("upload_file"))
    end)

    it("isn't retried when the file has changed", function()
      for _, message in ipairs { "bad_digest", "Stream ended unexpectedly" }
      do
        set_reply("all", message == "bad_digest" and message or "bad_request",
          message)
        emulator:control("DELETE", "/requests")
        local given = new_file()
        local transfer = assert(client:start(given.path,
          { folder_id = "0" }))
        repeat
          transfer:wait(0)
        until #emulator:requests("upload_file") > 0
        dir:write(given.name, ("x"):rep(701))
        local file, _, err = transfer:wait()
        assert.is_nil(file)
        assert.equal("changed", err.kind)
        assert.is_nil(err.status)
      end
    end)
  end)
end)
