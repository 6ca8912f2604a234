-- server: an upload fails cleanly, whatever the service responds.
-- SPDX-License-Identifier: MIT

local cjson = require "cjson.safe"

local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local resources = require "support.open_resources"

local HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"

describe("an upload to a server that misbehaves", function()
  local emulator, dir, big, small, before

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
    big = dir:file("big.bin", 6500, 1)
    small = dir:file("small.bin", 500, 2)
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset()
    before = resources.count()
  end)

  after_each(function()
    assert.same(before, resources.count())
    assert.equal(0, emulator:open_sessions())
  end)

  -- Uploads with a separate client, and expects this kind of failure.
  local function fails(path, kind, options)
    local count = emulator:stats().files
    local client = emulator:client(options or { retries = 0 })
    local file, message, err = client:upload(path,
      { folder_id = "0", commit_timeout = 0.2 })
    client:close()
    emulator:wait_until_idle()
    assert.is_nil(file)
    assert.equal(count, emulator:stats().files)
    assert.is_string(message)
    assert.is_nil(message:find("[%c]"), message)
    assert.equal(message, err.message)
    assert.equal(kind, err.kind, message)
    assert.is_boolean(err.retryable)
    assert.is_false(err.resumable)
    assert.equal(kind == "auth", err.abort_error ~= nil)
    return err, message
  end

  local function set_reply(operation, body, status, headers)
    emulator:faults {
      operation = operation, action = "reply", status = status or 200,
      body = body, headers = headers,
    }
  end

  local function change_reply(operation, fields)
    emulator:faults { operation = operation, action = "set", fields = fields }
  end

  describe("when it creates the session", function()
    it("responds with something other than a JSON object", function()
      for _, body in ipairs {
        HTML, "", "null", "[]", '{"id":', "\1\2", cjson.null,
      } do
        set_reply("create_session", body, 201)
        local err, message = fails(big, "invalid")
        assert.equal("invalid_reply", err.code)
        assert.equal(201, err.status)
        assert.matches("creating the upload session", message, 1, true)
        assert.matches("configured URL", message, 1, true)
      end
    end)

    it("responds with half of it: the session is deleted", function()
      emulator:faults {
        operation = "create_session", action = "garbage", kind = "truncated",
      }
      fails(big, "invalid")
      assert.equal(1, #emulator:requests("abort"))
    end)

    it("responds with a part size that doesn't fit the file", function()
      for _, fields in ipairs {
        { part_size = 0 }, { part_size = -1 }, { part_size = "many" },
        { part_size = cjson.null }, { part_size = 2 ^ 50 },
        { part_size = 1e300 }, { part_size = 0.5 }, { total_parts = 6 },
        { total_parts = 8 }, { total_parts = 0 }, { total_parts = cjson.null },
      } do
        change_reply("create_session", fields)
        local err = fails(big, "invalid")
        assert.equal("invalid_reply", err.code)
      end
      assert.equal(11, #emulator:requests("abort"))
    end)

    it("accepts a part larger than memory as one part", function()
      change_reply("create_session", { part_size = 2 ^ 50, total_parts = 1 })
      fails(big, "conflict") -- since the emulator has another part size
      assert.equal(1, #emulator:requests("upload_part"))
      assert.equal(1, #emulator:requests("abort"))
    end)

    it("responds with a session without a usable id", function()
      set_reply("create_session", { part_size = 1000, total_parts = 7 }, 201)
      fails(big, "invalid")
      set_reply("create_session",
        { id = "../x", part_size = 1000, total_parts = 7 }, 201)
      fails(big, "invalid")
      assert.equal(0, #emulator:requests("abort"))
    end)

    it("responds with endpoints that aren't URLs", function()
      for _, fields in ipairs {
        { ["session_endpoints.upload_part"] = 12 },
        { ["session_endpoints.commit"] = "file:///etc/passwd" },
        { ["session_endpoints.abort"] = "/relative" },
        { session_endpoints = "none" },
      } do
        change_reply("create_session", fields)
        fails(big, "invalid")
      end
      assert.equal(4, #emulator:requests("abort"))
    end)

    it("redirects", function()
      for _, status in ipairs { 301, 302, 307, 308 } do
        emulator:faults {
          operation = "create_session", action = "redirect",
          status = status, location = "https://elsewhere.example/",
        }
        local err, message = fails(big, "invalid")
        assert.equal(status, err.status)
        assert.matches("redirects aren't followed", message, 1, true)
        assert.matches("https://elsewhere.example/", message, 1, true)
      end
    end)

    it("responds with errors, as JSON and as a proxy's HTML", function()
      set_reply("create_session",
        { code = "storage_limit_exceeded", message = "full" }, 403)
      assert.equal("storage_limit_exceeded", fails(big, "quota").code)
      set_reply("create_session",
        { code = "access_denied_insufficient_permissions" }, 403)
      fails(big, "denied")
      set_reply("create_session", HTML, 502)
      assert.is_true(fails(big, "network").retryable)
      set_reply("create_session",
        { code = "rate_limit_exceeded" }, 429, { ["retry-after"] = "100" })
      local err = fails(big, "quota")
      assert.equal(100, err.retry_after)
      assert.is_true(err.retryable)
    end)

    it("asks for a longer wait than the client allows", function()
      set_reply("create_session",
        { code = "rate_limit_exceeded" }, 429, { ["retry-after"] = "86400" })
      local began = core.now()
      local err = fails(big, "quota", { retries = 5 })
      assert.equal(86400, err.retry_after)
      assert.is_true(core.now() - began < 5)
    end)
  end)

  describe("when it takes a part", function()
    it("says that it stored something else", function()
      for _, fields in ipairs {
        { ["part.sha1"] = ("0"):rep(40) }, { ["part.offset"] = 2001 },
        { ["part.size"] = 999 }, { ["part.sha1"] = cjson.null },
      } do
        change_reply("upload_part", fields)
        local err, message = fails(big, "integrity")
        assert.equal("wrong_part", err.code)
        assert.matches("sending part %d of 7", message)
      end
      assert.equal(4, #emulator:requests("abort"))
    end)

    it("responds with something incomprehensible", function()
      change_reply("upload_part", { ["part.part_id"] = cjson.null })
      fails(big, "invalid")
      for _, kind in ipairs { "html", "truncated", "binary", "empty", "null" }
      do
        emulator:faults {
          operation = "upload_part", occurrence = 3, action = "garbage",
          kind = kind,
        }
        fails(big, "invalid")
      end
    end)

    it("responds without the `part` wrapper, which is accepted", function()
      emulator:faults {
        operation = "upload_part", occurrence = "all",
        action = "done_then_reply", status = 200,
        body = { part_id = "ABCD1234", offset = 0, size = 6500,
          sha1 = core.sha1(files.read(big)) },
      }
      emulator:control("POST", "/options", { part_size = 10000 })
      -- The commit then fails, since the part_id is made up.
      fails(big, "session")
      emulator:control("POST", "/options", { part_size = 1000 })
      assert.equal(1, #emulator:requests("commit"))
    end)

    it("fails, resets and loses its response", function()
      for _, fault in ipairs {
        { action = "reply", status = 500, body = HTML },
        { action = "reply", status = 503 },
        { action = "reset", when = "during", bytes = 100 },
        { action = "lose_reply", with = "reset" },
        { action = "lose_reply", with = "close" },
      } do
        fault.operation, fault.occurrence = "upload_part", 2
        emulator:faults(fault)
        assert.is_true(fails(big, "network").retryable)
      end
    end)

    it("deletes every session", function()
      emulator:faults {
        operation = "upload_part", occurrence = "all", action = "disappear",
      }
      assert.equal(404, fails(big, "session").status)
    end)

    it("stops reading", function()
      emulator:faults {
        operation = "upload_part", occurrence = 2, action = "stall",
        when = "during",
      }
      local began = core.now()
      local _, message =
        fails(big, "timeout", { retries = 0, stall_timeout = 1 })
      assert.matches("stall_timeout", message, 1, true)
      assert.is_true(core.now() - began < 10)
    end)

    it("refuses the token", function()
      emulator:faults {
        operation = "upload_part", occurrence = 2, action = "reply",
        status = 401,
        headers = { ["www-authenticate"] = 'Bearer error="invalid_token"' },
      }
      local err = fails(big, "auth")
      assert.equal(0, #emulator:requests("abort"))
      emulator:control("POST", "/sessions/" .. err.session_id .. "/expire")
    end)
  end)

  describe("when it answers the commit", function()
    it("has made another file, and the caller learns which", function()
      for field, wrong in pairs {
        sha1 = ("1"):rep(40), size = 6499,
      } do
        change_reply("commit", { ["entries.0." .. field] = wrong })
        local client = emulator:client()
        local file, message, err = client:upload(big,
          { folder_id = "0", file_name = field })
        client:close()
        assert.is_nil(file)
        assert.equal("integrity", err.kind)
        assert.equal("wrong_file", err.code)
        assert.matches(("its %s is %s"):format(field, wrong), message, 1,
          true)
        assert.is_string(err.file.id)
      end
      change_reply("commit", { ["entries.0.parent.id"] = "77" })
      local client = emulator:client()
      local misplaced, problem, why = client:upload(big,
        { folder_id = "0", file_name = "misplaced" })
      assert.is_nil(misplaced)
      assert.equal("wrong_file", why.code)
      assert.matches("it is in folder 77 and should be in 0", problem, 1, true)
      local version = assert(client:upload(big,
        { folder_id = "0", file_name = "version" }))
      change_reply("commit", { ["entries.0.id"] = "77" })
      misplaced, problem, why = client:upload(big, { file_id = version.id })
      client:close()
      assert.is_nil(misplaced)
      assert.equal("wrong_file", why.code)
      assert.matches("its id is 77 and should be " .. version.id, problem, 1,
        true)
    end)

    it("has stored the name in another form, and says so", function()
      for _, path in ipairs { big, small } do
        change_reply(path == big and "commit" or "upload_file",
          { ["entries.0.name"] = "other.bin" })
        local warnings = {}
        local client = emulator:client()
        local file = assert(client:upload(path, {
          folder_id = "0", file_name = path == big and "b" or "s",
          on_event = function(event)
            if event.event == "warning" then
              warnings[#warnings + 1] = event
            end
          end,
        }))
        client:close()
        assert.equal("other.bin", file.name)
        assert.equal(1, #warnings)
        assert.equal("name_changed", warnings[1].code)
        assert.matches("other.bin", warnings[1].message, 1, true)
      end
    end)

    it("responds with something incomprehensible, or an error", function()
      set_reply("commit", HTML, 201)
      fails(big, "invalid")
      set_reply("commit", { entries = cjson.null, total_count = 0 }, 201)
      fails(big, "invalid")
      set_reply("commit", { code = "internal_server_error" }, 500)
      fails(big, "network")
      set_reply("commit", { code = "item_name_in_use" }, 409)
      fails(big, "conflict")
      set_reply("commit", "", 304)
      fails(big, "invalid")
    end)
  end)

  describe("with one request for the file", function()
    it("responds with something incomprehensible, or an error", function()
      set_reply("upload_file", HTML, 201)
      fails(small, "invalid")
      set_reply("upload_file", { entries = {}, total_count = 0 }, 201)
      fails(small, "invalid")
      set_reply("upload_file", { code = "bad_digest" }, 400)
      fails(small, "integrity")
      emulator:faults {
        operation = "upload_file", action = "reset", when = "after",
      }
      fails(small, "network")
      emulator:faults {
        operation = "upload_file", action = "redirect",
        location = "https://elsewhere.example/",
      }
      fails(small, "invalid")
    end)
  end)
end)
