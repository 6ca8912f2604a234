-- session_end: what ends an upload session and its journal, and what doesn't.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local fixtures = require "support.fixture"
local stopped_upload = require "support.stopped_upload"

local SIZE = 7300

describe("an upload that goes on", function()
  local fixture, emulator, client, given, path

  setup(function()
    fixture = fixtures.open()
    emulator = fixture.emulator
  end)

  teardown(function() fixture:close() end)

  local function new_file()
    given = fixture:file(SIZE)
    path = given.path .. ".journal"
  end

  before_each(function()
    emulator:reset {
      part_size = 1000, min_size = 1000, session_conflict = false,
      lookup_lag_requests = 0, list_lag_requests = 0,
    }
    client = fixture:client { retries = 1 }
    new_file()
  end)

  after_each(function()
    fixture:after_each()
    for _, session in ipairs(emulator:control("GET", "/sessions")) do
      emulator:control("POST", "/sessions/" .. session.id .. "/expire")
    end
  end)

  local function with_resume(options)
    local all = fixture.options(options)
    all.resume = path
    return all
  end

  local function upload(options)
    return client:upload(given.path, with_resume(options))
  end

  local function leave(options, part)
    return stopped_upload.leave(fixture, nil, given.path,
      with_resume(options), part)
  end

  local function is_there(journal_path)
    local file = io.open(journal_path)
    if file then file:close() end
    return file ~= nil
  end

  -- The upload is carried out by Box, its answer is lost, and the process
  -- stops.
  local function lose_commit(options)
    emulator:faults({
      operation = "commit", occurrence = 1, action = "done_then_reply",
      status = 202, headers = { ["retry-after"] = "30" },
    })
    local transfer = assert(client:start(given.path, with_resume(options)))
    fixture.step_until(transfer, function()
      local record = emulator:requests("commit")[1]
      return record and record.status == 202
    end)
    transfer:cancel { keep = true }
    transfer:wait()
    assert.is_true(is_there(path))
    emulator:reset()
  end

  local function put_version(file_id, bytes)
    return assert(client:upload({ content = bytes }, file_id and
      { file_id = file_id } or
      { folder_id = "0", file_name = "of " .. given.name }))
  end

  -- A new file, then a new version of one: what to give, and its name.
  local function each_target(test)
    for _, is_version in ipairs { false, true } do
      new_file()
      local file_id = is_version and put_version(nil, "old").id or nil
      test({ file_id = file_id },
        is_version and "of " .. given.name or given.name)
    end
  end

  local function nothing_was_sent()
    assert.equal(0, emulator:stats().part_bytes_received)
    assert.equal(0, fixture:count("create_session"))
    assert.equal(0, fixture:count("create_version_session"))
  end

  local function is_done(options, name)
    local file = assert(upload(options))
    assert.equal(given.sha1, file.sha1)
    assert.is_true(given.bytes == emulator:bytes_of(name))
    assert.is_false(is_there(path))
    return file
  end

  describe("after a commit that was carried out", function()
    it("finds the file", function()
      each_target(function(options, name)
        lose_commit(options)
        is_done(options, name)
        nothing_was_sent()
      end)
    end)

    it("looks again where Box shows the file late", function()
      each_target(function(options, name)
        emulator:reset { lookup_lag_requests = 2 }
        lose_commit(options)
        is_done(options, name)
        nothing_was_sent()
      end)
    end)

    it("also when the note couldn't be written", function()
      local append = core.methods.journal.append
      finally(function() core.methods.journal.append = append end)
      each_target(function(options, name)
        emulator:reset { lookup_lag_requests = 2 }
        core.methods.journal.append = function()
          return nil, "no space left on device", "system"
        end
        lose_commit(options)
        core.methods.journal.append = append
        is_done(options, name)
        nothing_was_sent()
      end)
    end)

    it("keeps the journal while nobody can tell", function()
      for _, fault in ipairs {
        { action = "reply", status = 503 },
        { action = "reply", status = 403,
          body = { code = "insufficient_scope" } },
        { action = "reply", status = 403, body = "<html>blocked" },
        { action = "reply", status = 404, body = "<html>not found" },
        { action = "garbage", kind = "html" },
        { action = "redirect", location = "https://portal.example/" },
        { action = "reset", when = "before" },
      } do
        each_target(function(options, name)
          lose_commit(options)
          fault.operation, fault.occurrence = { "preflight", "get_file" },
            "all"
          emulator:faults(fault)
          local file, message, err = upload(options)
          assert.is_nil(file)
          assert.equal("ambiguous_commit", err.code, message)
          assert.equal(path, err.journal)
          assert.is_true(is_there(path))
          nothing_was_sent()
          emulator:reset()
          is_done(options, name)
          nothing_was_sent()
        end)
      end
    end)

    it("never replaces what came after it", function()
      new_file()
      local file = put_version(nil, "old")
      local options = { file_id = file.id }
      lose_commit(options)
      put_version(file.id, "theirs")
      emulator:reset()
      for _ = 1, 2 do
        local again, message, err = upload(options)
        assert.is_nil(again)
        assert.equal("ambiguous_commit", err.code, message)
        assert.matches(file.id, message, 1, true)
        assert.matches(err.session_id, message, 1, true)
        assert.is_true(is_there(path))
      end
      nothing_was_sent()
      assert.equal("theirs", emulator:bytes_of("of " .. given.name))
    end)

    -- Moves the file that the commit made to the trash.
    local function remove_uploaded()
      local _, _, err = client:upload({ content = "x" },
        { folder_id = "0", file_name = given.name })
      emulator:trash(err.conflict.id)
      emulator:reset()
    end

    it("nor another file that has the name now", function()
      for _, policy in ipairs { "fail", "replace", "rename",
        "skip_identical" } do
        new_file()
        lose_commit { on_conflict = policy }
        remove_uploaded()
        local other = assert(client:upload({ content = "theirs" },
          { folder_id = "0", file_name = given.name }))
        local file, message, err = upload { on_conflict = policy }
        assert.is_nil(file)
        assert.equal("ambiguous_commit", err.code, message)
        assert.equal(other.id, err.file_id)
        assert.is_true(is_there(path))
        assert.equal("theirs", emulator:bytes_of(given.name))
        nothing_was_sent()
      end
    end)

    it("begins anew when the file is known to be absent", function()
      lose_commit()
      remove_uploaded()
      is_done(nil, given.name)
      assert.equal(SIZE, emulator:stats().part_bytes_received)
      assert.is_true(fixture:count("preflight") > 1)
    end)
  end)

  describe("from the beginning", function()
    local function open_ids()
      local ids = {}
      for _, session in ipairs(emulator:control("GET", "/sessions")) do
        if session.state == "open" then ids[#ids + 1] = session.id end
      end
      return ids
    end

    local changed_size = SIZE - 1000

    -- The file has changed, so that the stored parts are of no use.
    local function change()
      local name = given.path:match("[^/]+$")
      local _, bytes, sha1 = fixture.dir:file(name, changed_size, 99)
      given.bytes, given.sha1, given.size = bytes, sha1, changed_size
    end

    local function index_of(operation, after)
      for index, record in ipairs(emulator:requests()) do
        if record.operation == operation and index > (after or 0) then
          return index
        end
      end
    end

    it("ends the old session when the new one exists", function()
      local left = leave()
      change()
      is_done(nil, given.name)
      assert.is_true(index_of "create_session" < index_of "abort")
      assert.is_true(index_of "abort" < index_of "upload_part")
      assert.matches(left.session_id, emulator:requests("abort")[1].path, 1,
        true)
      assert.same({}, open_ids())
    end)

    it("keeps what there is while no new one can be had", function()
      for _, fault in ipairs {
        { action = "reply", status = 403,
          body = { code = "storage_limit_exceeded" } },
        { action = "reply", status = 403, body = "<html>blocked" },
        { action = "reply", status = 500 },
        { action = "reset", when = "before" },
        { action = "reply", status = 409, body = {
          code = "item_name_in_use", context_info = { conflicts = {
            type = "folder", id = "77" } } } },
      } do
        new_file()
        local left = leave()
        local bytes, sha1 = given.bytes, given.sha1
        change()
        fault.operation, fault.occurrence = "create_session", "all"
        emulator:faults(fault)
        local file, message, err = upload()
        assert.is_nil(file, message)
        assert.equal(path, err.journal)
        assert.is_true(left:is_unchanged())
        assert.same({ left.session_id }, open_ids())
        assert.equal(0, fixture:count("abort"))
        -- Back to the old contents: what is stored is of use again.
        emulator:reset()
        fixture.dir:write(given.path:match("[^/]+$"), bytes)
        given.sha1, given.bytes = sha1, bytes
        is_done(nil, given.name)
        assert.equal(SIZE - 3000, emulator:stats().part_bytes_received)
      end
    end)

    it("keeps what there is when the journal can't be renewed", function()
      local left = leave()
      change()
      local replace = core.methods.journal.replace
      finally(function() core.methods.journal.replace = replace end)
      core.methods.journal.replace = function()
        return nil, "no space left on device", "system"
      end
      local file = upload()
      assert.is_nil(file)
      assert.is_true(left:is_unchanged())
      assert.same({ left.session_id }, open_ids())
    end)

    it("takes another session for one that Box says is damaged", function()
      for _, operation in ipairs { "get_session", "list_parts" } do
        new_file()
        local left = leave()
        emulator:faults {
          operation = operation, occurrence = "all", action = "reply",
          status = 410, body = { code = "upload_failed" },
        }
        is_done(nil, given.name)
        assert.equal(1, fixture:count("create_session"))
        assert.matches(left.session_id, emulator:requests("abort")[1].path, 1,
          true)
        assert.same({}, open_ids())
        emulator:reset()
      end
    end)

    -- Box may refuse a second session for one name and size.
    it("isn't kept from it by its own old session", function()
      emulator:reset { session_conflict = true }
      local left = leave()
      local name = given.path:match("[^/]+$")
      local _, bytes, sha1 = fixture.dir:file(name, SIZE, 98)
      given.bytes, given.sha1 = bytes, sha1
      is_done(nil, given.name)
      assert.same({}, open_ids())
      assert.matches(left.session_id, emulator:requests("abort")[1].path, 1,
        true)
    end)

    it("sends what is stored once more when a belief was wrong", function()
      for _, part in ipairs { 0, 2 } do
        new_file()
        local left = leave()
        -- The parts are stored, but weren't noted before the power went.
        left:rewrite(function(text) return text:match("^[^\n]*\n") end)
        local at = part * 1000 + 500
        given.bytes = given.bytes:sub(1, at) .. "edited" ..
          given.bytes:sub(at + 7)
        given.sha1 = core.sha1(given.bytes)
        fixture.dir:write(given.path:match("[^/]+$"), given.bytes)
        is_done(nil, given.name)
        assert.equal(1, fixture:count("create_session"))
        assert.equal(SIZE + SIZE - 3000,
          emulator:stats().part_bytes_received)
        assert.same({}, open_ids())
      end
    end)
  end)

  it("believes stored parts that weren't noted", function()
    for kept = 0, 3 do
      new_file()
      local left = leave()
      left:rewrite(function(text)
        local lines = {}
        for line in text:gmatch("[^\n]*\n") do lines[#lines + 1] = line end
        return table.concat(lines, "", 1, 1 + kept)
      end)
      is_done(nil, given.name)
      assert.equal(SIZE - 3000, emulator:stats().part_bytes_received)
      assert.equal(0, fixture:count("create_session"))
    end
  end)
end)
