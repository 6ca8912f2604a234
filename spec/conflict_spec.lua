-- conflict: a taken name, wherever it is detected, and preflight.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local emulators = require "support.emulator"
local fields = require "boxupload.service.fields"
local files = require "support.files"
local item_name = require "boxupload.service.item_name"
local reply = require "boxupload.service.reply"

local SIZES = { 500, 3500 } -- in one request, and in parts

describe("a name that is taken", function()
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
    emulator:reset { session_conflict = false }
    client = emulator:client { retry_delay = 0.01 }
  end)

  after_each(function()
    client:close()
    assert.equal(0, emulator:open_sessions())
  end)

  local function new_name(extension)
    serial = serial + 1
    return ("taken-%d%s"):format(serial, extension or ".bin")
  end

  local function new_file(size, seed)
    serial = serial + 1
    return dir:file(("local-%d"):format(serial), size, seed or serial)
  end

  local function upload(path, file_name, options)
    options = options or {}
    options.file_name = file_name
    if not options.file_id then options.folder_id = "0" end
    return client:upload(path, options)
  end

  -- Puts a file on Box; returns it and its name.
  local function occupy(size, file_name)
    file_name = file_name or new_name()
    local path, _, sha1 = new_file(size)
    local file = assert(upload(path, file_name))
    emulator:reset()
    return file, file_name, path, sha1
  end

  local function make_folder(folder_name)
    return emulator:control("POST", "/folders",
      { name = folder_name, parent = { id = "0" } })
  end

  local function sent_bytes()
    return #emulator:requests("upload_file") +
      #emulator:requests("upload_version") + #emulator:requests("upload_part")
  end

  describe("by default", function()
    it("fails, and says what has the name", function()
      for _, size in ipairs(SIZES) do
        local file, file_name, _, sha1 = occupy(size)
        local refused, _, err = upload((new_file(size)), file_name)
        assert.is_nil(refused)
        assert.equal("conflict", err.kind)
        assert.equal("item_name_in_use", err.code)
        assert.same({
          type = "file", id = file.id, etag = file.etag, sha1 = sha1,
          name = file_name, version_id = file.file_version.id,
        }, err.conflict)
      end
    end)

    it("refuses an unknown policy", function()
      assert.has_error(function()
        upload("x", "x", { on_conflict = "overwrite" })
      end)
    end)
  end)

  describe('with on_conflict = "replace"', function()
    it("becomes a new version of the existing file", function()
      for _, size in ipairs(SIZES) do
        local file, file_name = occupy(size)
        local path, bytes, sha1 = new_file(size + 1)
        local version = assert(upload(path, file_name,
          { on_conflict = "replace" }))
        assert.equal(file.id, version.id)
        assert.equal(sha1, version.sha1)
        assert.equal(tostring(tonumber(file.etag) + 1), version.etag)
        assert.is_true(bytes == emulator:bytes_of(file_name))
      end
      assert.equal("0",
        emulator:requests("commit")[1].headers["if-match"])
    end)

    it("keeps the name as it is spelled on Box", function()
      local file, file_name = occupy(500, new_name(".BIN"))
      local version = assert(upload((new_file(700)), file_name:lower(),
        { on_conflict = "replace" }))
      assert.equal(file.id, version.id)
      assert.equal(file_name, version.name)
    end)

    it("replaces what is there now when the file changes meanwhile", function()
      for i, operation in ipairs { "upload_file", "create_session" } do
        local file, file_name = occupy(SIZES[i])
        emulator:faults {
          operation = operation, action = "set",
          fields = { ["context_info.conflicts.etag"] = "77" },
        }
        local path, bytes = new_file(SIZES[i])
        local version = assert(upload(path, file_name,
          { on_conflict = "replace" }))
        assert.equal(file.id, version.id)
        assert.is_true(bytes == emulator:bytes_of(file_name))
        -- What was stored is committed again, not sent again.
        assert.equal(SIZES[i] > 1000 and 4 or 0,
          #emulator:requests("upload_part"))
      end
    end)

    it("replaces only the version that if_match names", function()
      for _, size in ipairs(SIZES) do
        local file, file_name = occupy(size)
        local refused, message, err = upload((new_file(size)), file_name,
          { on_conflict = "replace", if_match = "77" })
        assert.is_nil(refused)
        assert.equal("changed", err.kind)
        assert.equal("precondition_failed", err.code)
        assert.matches("77", message, 1, true)
        assert.equal(file.sha1, core.sha1(emulator:bytes_of(file_name)))
        assert.equal(file.id, assert(upload((new_file(size)), file_name,
          { on_conflict = "replace", if_match = file.etag })).id)
      end
    end)

    it("doesn't look for another version than the one of if_match", function()
      for _, size in ipairs(SIZES) do
        local file, file_name = occupy(size)
        -- Somebody replaces it after Box has named its etag.
        emulator:faults {
          operation = size > 1000 and "commit" or "upload_version",
          action = "reply", status = 412,
          body = { code = "precondition_failed" },
        }
        local refused, _, err = upload((new_file(size)), file_name,
          { on_conflict = "replace", if_match = file.etag })
        assert.is_nil(refused)
        assert.equal(412, err.status)
        assert.equal(file.sha1, core.sha1(emulator:bytes_of(file_name)))
      end
    end)

    it("accepts a list of conflicts", function()
      local file, file_name = occupy(500)
      emulator:faults {
        operation = "upload_file", action = "reply", status = 409,
        body = { code = "item_name_in_use", context_info = { conflicts = {
          { type = "file", id = file.id, etag = file.etag,
            sha1 = file.sha1, name = file_name },
        } } },
      }
      local version = assert(upload((new_file(600)), file_name,
        { on_conflict = "replace" }))
      assert.equal(file.id, version.id)
    end)

    it("never replaces a folder", function()
      for _, policy in ipairs { "replace", "skip_identical" } do
        for _, size in ipairs(SIZES) do
          local file_name = new_name()
          local made = make_folder(file_name)
          local refused, message, err = upload((new_file(size)), file_name,
            { on_conflict = policy })
          assert.is_nil(refused)
          assert.equal("conflict", err.kind)
          assert.equal("folder", err.conflict.type)
          assert.equal(made.id, err.conflict.id)
          assert.matches("a folder has the name", message, 1, true)
        end
      end
    end)

    it("doesn't replace a file for a clash with a version's name", function()
      local other, taken = occupy(500)
      local file = occupy(500)
      for _, policy in ipairs { "replace", "skip_identical" } do
        local refused, _, err = upload((new_file(600)), taken,
          { file_id = file.id, on_conflict = policy })
        assert.is_nil(refused)
        assert.equal("item_name_in_use", err.code)
        assert.equal(other.id, err.conflict.id)
      end
    end)

    it("replaces when the name is taken just before the commit", function()
      local file_name = new_name()
      local path, bytes = new_file(4500)
      local other = emulator:client()
      local transfer = assert(client:start(path, {
        folder_id = "0", file_name = file_name, on_conflict = "replace",
      }))
      -- One step creates the session and starts parts; more might finish it.
      while not transfer.session do transfer:wait(0) end
      local file = assert(other:upload((new_file(500)),
        { folder_id = "0", file_name = file_name }))
      other:close()
      local version = assert(transfer:wait())
      local commits = emulator:requests("commit")
      assert.equal(409, commits[1].status)
      assert.equal(2, #commits)
      assert.equal(file.id, version.id)
      assert.is_true(bytes == emulator:bytes_of(file_name))
    end)
  end)

  describe('with on_conflict = "rename"', function()
    it("takes the first free number", function()
      for _, size in ipairs(SIZES) do
        local _, file_name = occupy(size)
        for number = 1, 3 do
          local path, bytes = new_file(size)
          local file = assert(upload(path, file_name,
            { on_conflict = "rename" }))
          local wanted = file_name:gsub("%.bin$", (" (%d).bin"):format(number))
          assert.equal(wanted, file.name)
          assert.is_true(bytes == emulator:bytes_of(wanted))
        end
      end
    end)

    it("avoids the name of a folder, too", function()
      local file_name = new_name("")
      make_folder(file_name)
      local file = assert(upload((new_file(500)), file_name,
        { on_conflict = "rename" }))
      assert.equal(file_name .. " (1)", file.name)
    end)

    it("gives up after a hundred names", function()
      local function refuse(operation)
        return {
          operation = operation, occurrence = "all", action = "reply",
          status = 409, body = { code = "item_name_in_use",
            context_info = { conflicts = { type = "file", id = "1" } } },
        }
      end
      emulator:faults(refuse "upload_file", refuse "preflight")
      local refused, _, err = upload((new_file(10)), new_name(),
        { on_conflict = "rename" })
      assert.is_nil(refused)
      assert.equal("item_name_in_use", err.code)
      assert.equal(1, #emulator:requests("upload_file"))
      assert.equal(100, #emulator:requests("preflight"))
      emulator:reset()
      emulator:faults(refuse "upload_file")
      refused, _, err = upload((new_file(10)), new_name(),
        { on_conflict = "rename" })
      assert.is_nil(refused)
      assert.equal("item_name_in_use", err.code)
      assert.equal(4, #emulator:requests("upload_file"))
    end)

    it("puts the number where Box accepts it", function()
      assert.equal("a (1).txt", item_name.numbered("a.txt", 1))
      assert.equal("a.tar (12).gz", item_name.numbered("a.tar.gz", 12))
      assert.equal("a (1)", item_name.numbered("a", 1))
      assert.equal(".profile (1)", item_name.numbered(".profile", 1))
      assert.equal("a. (1)", item_name.numbered("a.", 1))
      local long = ("\195\164"):rep(251) .. ".txt"
      local numbered = item_name.numbered(long, 10)
      assert.equal(("\195\164"):rep(246) .. " (10).txt", numbered)
      assert.is_nil(item_name.problem(numbered))
      local tail = "a." .. ("b"):rep(253)
      assert.equal("a." .. ("b"):rep(249) .. " (1)",
        item_name.numbered(tail, 1))
    end)
  end)

  describe('with on_conflict = "skip_identical"', function()
    it("sends nothing when the same file exists", function()
      for _, size in ipairs { 0, 500, 3500, 1000 } do
        local file, file_name, path = occupy(size)
        local same = assert(upload(path, file_name,
          { on_conflict = "skip_identical" }))
        assert.is_true(same.skipped)
        assert.equal(file.id, same.id)
        assert.equal(file.etag, same.etag)
        assert.equal(size, same.size)
        assert.equal(0, sent_bytes())
        assert.equal(1, #emulator:requests("get_file"))
      end
    end)

    it("sends the file when the name is free", function()
      for _, size in ipairs(SIZES) do
        local file = assert(upload((new_file(size)), new_name(),
          { on_conflict = "skip_identical" }))
        assert.is_nil(file.skipped)
      end
    end)

    it("fails when another file exists", function()
      for _, size in ipairs(SIZES) do
        local file, file_name = occupy(size)
        local refused, message, err = upload((new_file(size)), file_name,
          { on_conflict = "skip_identical" })
        assert.is_nil(refused)
        assert.equal("conflict", err.kind)
        assert.equal("item_name_in_use", err.code)
        assert.equal(file.id, err.conflict.id)
        assert.matches("another file has the name", message, 1, true)
        assert.equal(0, sent_bytes())
      end
    end)

    it("trusts the SHA-1 when the token can't read files", function()
      local file, file_name, path = occupy(3500)
      emulator:faults {
        operation = "get_file", occurrence = "all", action = "reply",
        status = 403, body = { code = "insufficient_scope" },
      }
      local same = assert(upload(path, file_name,
        { on_conflict = "skip_identical" }))
      assert.is_true(same.skipped)
      assert.equal(file.id, same.id)
      assert.equal(file.file_version.id, same.file_version.id)
    end)

    it("looks up a file when the conflict has no SHA-1", function()
      local _, file_name, path = occupy(3500)
      emulator:faults {
        operation = "create_session", action = "set",
        fields = { ["context_info.conflicts.sha1"] = ("x"):rep(3) },
      }
      assert.is_true(assert(upload(path, file_name,
        { on_conflict = "skip_identical" })).skipped)
    end)

    it("isn't fooled by a file with only the reported SHA-1", function()
      local _, file_name, path = occupy(3500)
      emulator:faults {
        operation = "get_file", action = "set", fields = { size = 3499 },
      }
      local refused, _, err = upload(path, file_name,
        { on_conflict = "skip_identical" })
      assert.is_nil(refused)
      assert.equal("item_name_in_use", err.code)
    end)

    it("hashes large files a slice at a time, in order", function()
      local size = 20 * 1024 * 1024 + 7
      emulator:control("POST", "/options", { part_size = 8 * 1024 * 1024 })
      local _, file_name, path = occupy(size)
      local same = assert(upload(path, file_name,
        { on_conflict = "skip_identical" }))
      emulator:control("POST", "/options", { part_size = 1000 })
      assert.is_true(same.skipped)
    end)
  end)

  describe("with preflight = true", function()
    it("asks before anything is sent", function()
      for _, size in ipairs(SIZES) do
        local file, file_name = occupy(size)
        local path = new_file(size)
        local refused, _, err = upload(path, file_name, { preflight = true })
        assert.is_nil(refused)
        assert.equal("item_name_in_use", err.code)
        assert.equal(file.id, err.conflict.id)
        assert.equal(1, #emulator:requests("preflight"))
        assert.equal(0, sent_bytes())
        assert.equal(0, #emulator:requests("create_session"))
      end
    end)

    it("follows the policy for conflicts", function()
      for _, size in ipairs(SIZES) do
        local file, file_name, path = occupy(size)
        assert.is_true(assert(upload(path, file_name,
          { preflight = true, on_conflict = "skip_identical" })).skipped)
        local renamed = assert(upload(path, file_name,
          { preflight = true, on_conflict = "rename" }))
        assert.matches(" (1).bin", renamed.name, 1, true)
        local version = assert(upload((new_file(size)), file_name,
          { preflight = true, on_conflict = "replace" }))
        assert.equal(file.id, version.id)
      end
    end)

    it("sends the size, so that a full quota shows early", function()
      emulator:faults {
        operation = "preflight", action = "reply", status = 403,
        body = { code = "storage_limit_exceeded", message = "full" },
      }
      local refused, _, err = upload((new_file(3500)), new_name(),
        { preflight = true })
      assert.is_nil(refused)
      assert.equal("quota", err.kind)
      assert.equal(0, #emulator:requests("create_session"))
    end)

    it("checks a new version, too", function()
      local file = occupy(500)
      assert(upload((new_file(600)), nil,
        { file_id = file.id, preflight = true }))
      local asked = emulator:requests("preflight")
      assert.equal(1, #asked)
      assert.equal("/2.0/files/" .. file.id .. "/content", asked[1].path)
    end)

    it("uploads to the host that the response names", function()
      client:close()
      -- Nobody listens on port 1.
      client = emulator:client {
        upload_url = "http://127.0.0.1:1/api/2.0", retries = 0,
      }
      for _, size in ipairs(SIZES) do
        local file_name = new_name()
        local path, bytes = new_file(size)
        assert.is_nil((upload(path, file_name)))
        assert(upload(path, file_name, { preflight = true }))
        assert.is_true(bytes == emulator:bytes_of(file_name))
      end
    end)

    it("ignores a response without a usable URL", function()
      for _, url in ipairs { "", "file:///x", 12 } do
        emulator:faults {
          operation = "preflight", action = "set",
          fields = { upload_url = url },
        }
        assert(upload((new_file(3500)), new_name(), { preflight = true }))
      end
    end)
  end)

  describe("by another session", function()
    it("adopts that session after a lost create response", function()
      emulator:reset { session_conflict = true }
      for _, fault in ipairs {
        { action = "lose_reply", with = "reset" },
        { action = "lose_reply", with = "close" },
        { action = "done_then_reply", status = 503 },
        { action = "garbage", kind = "html" },
      } do
        fault.operation = "create_session"
        emulator:faults(fault)
        local file_name = new_name()
        local path, bytes = new_file(3500)
        assert(upload(path, file_name))
        assert.is_true(bytes == emulator:bytes_of(file_name))
        assert.equal(0, emulator:open_sessions())
      end
    end)

    it("marks that as adopted", function()
      emulator:reset { session_conflict = true }
      local given = { folder_id = "0", file_name = new_name(),
        file_size = 3500 }
      local first = assert(client:create_session(given))
      assert.is_nil(first.adopted)
      assert(first:abort())
      emulator:faults {
        operation = "create_session", action = "lose_reply",
      }
      local second = assert(client:create_session(given))
      assert.is_true(second.adopted)
      assert(second:abort())
    end)

    it("leaves it alone without a lost response", function()
      emulator:reset { session_conflict = true }
      local file_name = new_name()
      local given = { folder_id = "0", file_name = file_name,
        file_size = 3500 }
      local first = assert(client:create_session(given))
      local second, message, err = client:create_session(given)
      assert.is_nil(second)
      assert.equal("conflict", err.kind)
      assert.equal("session_conflict", err.code)
      assert.equal(first.id, err.session_id)
      assert.matches(first.id, message, 1, true)
      assert.is_nil((upload((new_file(3500)), file_name)))
      assert(first:status())
      assert.equal(0, #emulator:requests("abort"))
      assert(first:abort())
    end)

    it("creates another session when that one has ended", function()
      local function named(session)
        return {
          operation = "create_session", occurrence = 2, action = "reply",
          status = 409, body = { code = "session_conflict",
            context_info = { session = session } },
        }
      end
      local lost = { operation = "create_session", action = "reply",
        status = 503 }
      emulator:faults(lost, named(("AB"):rep(16)))
      local path, _, sha1 = new_file(3500)
      assert.equal(sha1, assert(upload(path, new_name())).sha1)
      assert.equal(3, #emulator:requests("create_session"))
      emulator:faults(lost, named { id = ("AB"):rep(16) })
      local session = assert(client:create_session {
        folder_id = "0", file_name = new_name(), file_size = 3500,
      })
      assert.is_nil(session.adopted)
      assert(session:abort())
    end)

    it("fails when the session is for another file", function()
      emulator:reset { session_conflict = true }
      local given = { folder_id = "0", file_name = new_name(),
        file_size = 3500 }
      local first = assert(client:create_session(given))
      emulator:faults {
        operation = "get_session", action = "set",
        fields = { total_parts = 77 },
      }
      local second, _, err = client:create_session(given)
      assert.is_nil(second)
      assert.equal("conflict", err.kind)
      assert.equal("session_conflict", err.code)
      assert.equal(first.id, err.session_id)
      assert(first:abort())
    end)

    it("fails when no session is named", function()
      emulator:faults {
        operation = "create_session", occurrence = "all", action = "reply",
        status = 409, body = { code = "session_conflict" },
      }
      local refused, _, err = upload((new_file(3500)), new_name())
      assert.is_nil(refused)
      assert.equal("session_conflict", err.code)
      assert.equal(1, #emulator:requests("create_session"))
    end)

    it("is read from an object and from an id", function()
      assert.equal("AB12", reply.session_id { session = "AB12" })
      assert.equal("AB12", reply.session_id { session = { id = "AB12" } })
      for _, info in ipairs { {}, { session = {} }, { session = "../x" },
        { session = 12 } } do
        assert.is_nil(reply.session_id(info))
      end
      assert.is_nil(reply.session_id(nil))
    end)
  end)

  it("creates again after a lost response", function()
    for _, fault in ipairs {
      { action = "reset", when = "after" },
      { action = "reply", status = 500 },
      { action = "reply", status = 502, body = "<html>" },
      { action = "reply", status = 201, body = "<html>" },
    } do
      fault.operation = "create_session"
      emulator:faults(fault)
      local path, _, sha1 = new_file(3500)
      assert.equal(sha1, assert(upload(path, new_name())).sha1)
    end
  end)

  it("is never replaced by a client that keeps what it made", function()
    for _, size in ipairs(SIZES) do
      client.made = {}
      local file, name, first = occupy(size)
      assert.equal(first, client.made[file.id])
      for _, policy in ipairs { "replace", "skip_identical" } do
        local other = new_file(size)
        local _, message, err =
          upload(other, name:upper(), { on_conflict = policy })
        assert.equal("conflict", err.kind)
        assert.matches(first .. " has the name on Box", message, 1, true)
        assert.is_nil(client.made[other])
      end
      local again = assert(upload(first, name,
        { on_conflict = "skip_identical" }))
      assert.is_true(again.skipped)
      -- It is to be replaced by all others.
      client.made = nil
      assert.equal(file.id, assert(upload(new_file(size), name,
        { on_conflict = "replace" })).id)
    end
  end)

  it("is never replaced while the first is on its way", function()
    client.made = {}
    local name = new_name()
    local first, second = new_file(3500), new_file(3500)
    -- The first is on Box, but its upload doesn't know yet.
    emulator:faults { operation = "commit", occurrence = 1,
      action = "lose_reply", with = "stall" }
    local slow = client:start(first, { folder_id = "0", file_name = name })
    local deadline = core.now() + 20
    while not emulator:requests("commit")[1] or
      not emulator:requests("commit")[1].fault do
      assert(core.now() < deadline)
      slow:step()
      slow:wait(0.01)
    end
    local _, message, err = upload(second, name,
      { on_conflict = "replace" })
    assert.equal("conflict", err.kind)
    assert.matches(first .. " has the name on Box", message, 1, true)
    slow:cancel()
    slow:wait(10)
  end)

  it("requests the given fields and those that it needs", function()
    for _, size in ipairs(SIZES) do
      for _, wanted in ipairs { "item_status, parent",
        { "item_status", "parent" } } do
        emulator:reset()
        local path, _, sha1 = new_file(size)
        local file = assert(upload(path, new_name(), { fields = wanted }))
        assert.equal(sha1, file.sha1)
        assert.equal(size, file.size)
        assert.equal("active", file.item_status)
        assert.equal("0", file.parent.id)
        assert.is_string(file.file_version.id)
        assert.is_nil(file.path_collection)
        local record = emulator:requests("commit")[1] or
          emulator:requests("upload_file")[1]
        assert.equal("id,type,name,size,sha1,etag,file_version," ..
          "item_status,parent", record.query.fields)
      end
    end
    assert.equal("id,type,name,size,sha1,etag,file_version",
      fields.text { "sha1", "id" })
    for _, wrong in ipairs { "a&b", { "a b" }, { 12 } } do
      assert.has_error(function()
        upload("x", "x", { fields = wrong })
      end)
    end
  end)
end)
