-- session: the operations of an upload session, one by one.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local upload_session = require "boxupload.service.session"

describe("session", function()
  local emulator, dir, client, session
  local serial = 0

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  local function create(size, options)
    serial = serial + 1
    options = options or
      { folder_id = "0", file_name = ("session-%d"):format(serial) }
    options.file_size = size
    return assert(client:create_session(options))
  end

  before_each(function()
    emulator:reset {
      commit_202 = 0, commit_retry_after = 0, list_sha1_null = false,
    }
    client = emulator:client()
    session = create(2500)
  end)

  after_each(function()
    if session then assert(session:abort()) end
    client:close()
    assert.equal(0, emulator:open_sessions())
  end)

  local function send_all(bytes)
    local parts = {}
    for offset = 0, #bytes - 1, session.part_size do
      parts[#parts + 1] = assert(session:upload(offset,
        bytes:sub(offset + 1, offset + session.part_length(session, offset))))
    end
    return parts
  end

  it("has the fields that the service returned", function()
    assert.is_string(session.id)
    assert.equal(1000, session.part_size)
    assert.equal(3, session.total_parts)
    assert.equal(2500, session.file_size)
    assert.equal(0, session.num_parts_processed)
    assert.is_string(session.session_expires_at)
    assert.is_string(session.session_endpoints.upload_part)
    assert.is_nil(session.nothing)
    assert.matches(session.id, tostring(session), 1, true)
  end)

  it("uploads strings, and commits lists to a file", function()
    local bytes = files.bytes(2500, 1)
    local parts = send_all(bytes)
    assert.same({ offset = 1000, size = 1000, part_id = parts[2].part_id,
      sha1 = core.sha1(bytes:sub(1001, 2000)) }, parts[2])
    local page = assert(session:parts())
    assert.equal(3, #page)
    for i, part in ipairs(page) do assert.same(parts[i], part) end
    local file = assert(session:commit {
      sha1 = core.sha1(bytes), parts = parts,
      attributes = { description = "by hand" },
    })
    assert.equal(core.sha1(bytes), file.sha1)
    assert.equal(2500, file.size)
    assert.equal("by hand", file.description)
    assert.is_true(bytes == emulator:bytes_of(file.name))
    session = nil
  end)

  it("commits the listed parts when none are given, in any order",
    function()
      emulator:control("POST", "/options", { list_sha1_null = true })
      local bytes = files.bytes(2500, 2)
      for _, offset in ipairs { 2000, 0, 1000 } do
        assert(session:upload(offset, bytes:sub(offset + 1,
          offset + session:part_length(offset))))
      end
      local file = assert(session:commit { sha1 = core.sha1(bytes):upper() })
      assert.equal(core.sha1(bytes), file.sha1)
      session = nil
    end)

  it("uploads the parts of a file and updates a running digest", function()
    local path, bytes, sha1 = dir:file("parts.bin", 2500, 3)
    local source = assert(boxupload.file(path))
    local digest = boxupload.digest()
    for offset = 0, 2000, 1000 do
      local part = assert(session:upload(offset, source, { digest = digest }))
      assert.equal(core.sha1(bytes:sub(offset + 1, offset + part.size)),
        part.sha1)
    end
    assert.equal(sha1, digest:hex())
    local file = assert(session:commit { sha1 = digest:hex() })
    assert.equal(sha1, file.sha1)
    source:close()
    session = nil
  end)

  it("uploads parts that are spooled one by one", function()
    local bytes, parts = files.bytes(2500, 17), {}
    local whole = boxupload.digest()
    for offset = 0, 2499, 1000 do
      local spool = assert(boxupload.spool(dir.path))
      assert(spool:append("before"))
      assert(spool:append(bytes:sub(offset + 1, offset + 300)))
      local short, _, err = session:upload(offset, spool, { data_offset = 6 })
      assert.is_nil(short)
      assert.equal("changed", err.kind)
      assert(spool:append(bytes:sub(offset + 301, offset + 1000)))
      parts[#parts + 1] = assert(session:upload(offset, spool,
        { data_offset = 6, digest = whole }))
      spool:close()
    end
    local file = assert(session:commit { sha1 = whole:hex(), parts = parts })
    session = nil
    assert.equal(core.sha1(bytes), file.sha1)
    assert.is_true(bytes == emulator:bytes_of(file.name))
    local none, _, err = boxupload.spool(dir.path .. "/missing")
    assert.is_nil(none)
    assert.equal("invalid", err.kind)
    assert.has_error(function() boxupload.spool(1) end,
      "boxupload.spool: a folder expected")
  end)

  it("updates the digest once even when a part is sent again", function()
    emulator:faults {
      operation = "upload_part", action = "reply", status = 429,
      headers = { ["retry-after"] = "0" },
    }
    local path, bytes = dir:file("again.bin", 2500, 4)
    local source = assert(boxupload.file(path))
    local digest = boxupload.digest()
    assert(session:upload(0, source, { digest = digest }))
    assert.equal(1000, digest:count())
    assert.equal(core.sha1(bytes:sub(1, 1000)), digest:hex())
    source:close()
  end)

  it("iterates over all pages", function()
    session:abort()
    session = create(7300)
    local parts = send_all(files.bytes(7300, 5))
    local page = assert(session:parts { offset = 2, limit = 3 })
    assert.equal(3, #page)
    assert.same(parts[3], page[1])
    assert.equal(8, page.total_count)
    local walked = {}
    for part in session:each_part() do walked[#walked + 1] = part end
    assert.same(parts, walked)
  end)

  it("iterates over pages that are shorter than requested", function()
    local parts = send_all(files.bytes(2500, 6))
    emulator:faults {
      operation = "list_parts", action = "reply", status = 200, body = {
        entries = { parts[1], parts[2] }, offset = 0, limit = 2,
        total_count = 3,
      },
    }
    local walked = {}
    for part in session:each_part() do walked[#walked + 1] = part end
    assert.same(parts, walked)
  end)

  it("stops at a list that never ends", function()
    local parts = send_all(files.bytes(2500, 7))
    emulator:faults {
      operation = "list_parts", occurrence = "all", action = "reply",
      status = 200, body = {
        entries = { parts[1], parts[2] }, limit = 2, total_count = 99,
      },
    }
    local seen, failure = 0, nil
    for part, _, err in session:each_part() do
      if part then seen = seen + 1 else failure = err end
    end
    assert.equal(2, seen)
    assert.equal("invalid", failure.kind)
  end)

  it("returns a failure as the last step of an iteration", function()
    emulator:faults {
      operation = "list_parts", occurrence = "all", action = "reply",
      status = 403, body = { code = "forbidden", message = "not yours" },
    }
    local turns = 0
    for part, message, err in session:each_part() do
      turns = turns + 1
      assert.is_false(part)
      assert.equal("denied", err.kind)
      assert.matches("listing the stored parts", message, 1, true)
    end
    assert.equal(1, turns)
  end)

  it("returns its status", function()
    send_all(files.bytes(2500, 8))
    local fields = assert(session:status())
    assert.equal(session.id, fields.id)
    assert.equal(3, fields.total_parts)
    assert.equal(3, fields.num_parts_processed)
    assert.equal(3, session.num_parts_processed)
  end)

  it("can be opened by its id alone", function()
    local bytes = files.bytes(2500, 9)
    local found = assert(client:open_session(session.id))
    assert.equal(3, found.total_parts)
    assert.is_nil(found.file_size)
    assert.has_error(function() found:upload(0, bytes:sub(1, 1000)) end)
    found = assert(client:open_session(session.id, { file_size = 2500 }))
    assert(found:upload(0, bytes:sub(1, 1000)))
    assert.equal(1, #assert(found:parts()))
  end)

  it("can be saved, and opened by another client", function()
    local bytes = files.bytes(2500, 10)
    assert(session:upload(0, bytes:sub(1, 1000)))
    local saved = session:save()
    assert.is_nil(tostring(saved.token):find(emulator.token, 1, true))
    local other = emulator:client()
    local found = assert(other:open_session(saved))
    assert.same(saved, found:save())
    assert(found:upload(1000, bytes:sub(1001, 2000)))
    assert(found:upload(2000, bytes:sub(2001)))
    assert(found:commit { sha1 = core.sha1(bytes) })
    other:close()
    session = nil
  end)

  it("refuses a saved session that differs from Box's", function()
    local saved = session:save()
    saved.part_size = 999
    local found, _, err = client:open_session(saved)
    assert.is_nil(found)
    assert.equal("session", err.kind)
    saved = session:save()
    saved.file_size = 3999
    found, _, err = client:open_session(saved)
    assert.is_nil(found)
    assert.equal("invalid", err.kind)
  end)

  it("is gone after an abort, and can be aborted again", function()
    assert.is_true(session:abort())
    assert.is_true(session:abort())
    local part, _, err = session:upload(0, files.bytes(1000))
    assert.is_nil(part)
    assert.equal("session", err.kind)
    assert.equal(404, err.status)
    local found
    found, _, err = client:open_session(session.id)
    assert.is_nil(found)
    assert.equal("session", err.kind)
    session = nil
  end)

  it("reports that it has expired", function()
    emulator:control("POST", "/sessions/" .. session.id .. "/expire")
    local part, _, err = session:upload(0, files.bytes(1000))
    assert.is_nil(part)
    assert.equal("session", err.kind)
    session = nil
  end)

  it("returns a 202 when it isn't to wait", function()
    emulator:control("POST", "/options",
      { commit_202 = 1, commit_retry_after = 7 })
    local bytes = files.bytes(2500, 11)
    send_all(bytes)
    local file, _, err =
      session:commit { sha1 = core.sha1(bytes), wait = false }
    assert.is_nil(file)
    assert.equal(202, err.status)
    assert.equal("commit_pending", err.code)
    assert.equal(7, err.retry_after)
    assert.is_true(err.retryable)
    assert(session:commit { sha1 = core.sha1(bytes), wait = false })
    session = nil
  end)

  it("refuses a commit with a wrong digest, and stays open",
    function()
      local bytes = files.bytes(2500, 12)
      send_all(bytes)
      local file, _, err = session:commit { sha1 = ("0"):rep(40) }
      assert.is_nil(file)
      assert.equal("integrity", err.kind)
      assert.equal("digest_mismatch", err.code)
      assert(session:commit { sha1 = core.sha1(bytes) })
      session = nil
    end)

  it("commits a new version only over the intended one", function()
    local bytes = files.bytes(2500, 13)
    send_all(bytes)
    local file = assert(session:commit { sha1 = core.sha1(bytes) })
    session = create(2500, { file_id = file.id })
    bytes = files.bytes(2500, 14)
    send_all(bytes)
    local wrong, _, err =
      session:commit { sha1 = core.sha1(bytes), if_match = "99" }
    assert.is_nil(wrong)
    assert.equal("changed", err.kind)
    assert.equal(412, err.status)
    local version =
      assert(session:commit { sha1 = core.sha1(bytes), if_match = file.etag })
    assert.equal(file.id, version.id)
    session = nil
  end)

  it("sends if_none_match", function()
    local bytes = files.bytes(2500, 15)
    send_all(bytes)
    assert(session:commit { sha1 = core.sha1(bytes), if_none_match = "12" })
    assert.equal("12",
      emulator:requests("commit")[1].headers["if-none-match"])
    session = nil
  end)

  it("plans parts, and commits those that Box had already", function()
    local bytes = files.bytes(2500, 16)
    send_all(bytes)
    local file = assert(session:commit { sha1 = core.sha1(bytes) })
    session = create(2500, { file_id = file.id })
    local wanted = {}
    for offset = 0, 2000, 1000 do
      local size = session:part_length(offset)
      local piece = bytes:sub(offset + 1, offset + size)
      wanted[#wanted + 1] = {
        offset = offset, size = size,
        sha512 = core.digest("sha512"):update(piece):hex(),
      }
    end
    local plan = assert(session:plan(wanted))
    assert.equal(3, #plan.hits)
    assert.equal(0, #plan.misses)
    local version =
      assert(session:commit { sha1 = core.sha1(bytes), parts = plan.hits })
    assert.equal(file.id, version.id)
    session = nil
  end)

  it("raises for invalid arguments", function()
    local function raises(message, work)
      local ok, problem = pcall(work)
      assert.is_false(ok)
      assert.matches(message, problem, 1, true)
      assert.matches("session_spec.lua:", problem, 1, true)
    end
    raises("no part begins at offset 7", function()
      local part = session:upload(7, "x")
      return part
    end)
    raises("has 1000 bytes, the string has 1", function()
      local part = session:upload(0, "x")
      return part
    end)
    raises("must be a string or a file", function()
      local part = session:upload(0, 12)
      return part
    end)
    raises('did you mean "limit"?', function()
      local list = session:parts { limits = 1 }
      return list
    end)
    raises('option "sha1" is missing', function()
      local file = session:commit {}
      return file
    end)
    raises("isn't a SHA-1", function()
      local file = session:commit { sha1 = "abc" }
      return file
    end)
    raises("parts[1] is a part without a part_id", function()
      local file = session:commit { sha1 = ("0"):rep(40), parts = { {} } }
      return file
    end)
    raises("parts[1] is a part whose part_id isn't plain text", function()
      local file = session:commit { sha1 = ("0"):rep(40),
        parts = { { part_id = "\195", offset = 0, size = 1 } } }
      return file
    end)
    raises('"attributes" contains a function', function()
      local file = session:commit {
        sha1 = ("0"):rep(40), attributes = { x = print },
      }
      return file
    end)
    raises("isn't what session:save returned", function()
      local found = client:open_session { id = "x" }
      return found
    end)
    raises("isn't an id", function()
      local found = client:open_session "../../etc"
      return found
    end)
    raises("give folder_id or file_id, not both", function()
      local made = client:create_session {
        folder_id = "0", file_id = "1", file_name = "x", file_size = 1,
      }
      return made
    end)
    raises('option "file_name" is missing', function()
      local made = client:create_session { folder_id = "0", file_size = 1 }
      return made
    end)
    raises('option "file_size" is missing', function()
      local made = client:create_session { folder_id = "0", file_name = "x" }
      return made
    end)
  end)

  it("uploads parts also when it is paused", function()
    local bytes = files.bytes(2500, 23)
    session:set_parallel(0)
    local waiting = assert(session:submit_upload(2000, bytes:sub(2001)))
    for offset = 0, 1000, 1000 do
      assert(session:upload(offset, bytes:sub(offset + 1, offset + 1000)))
    end
    assert.is_false(waiting:poll())
    session:set_parallel(1)
    while not waiting:poll() do waiting:queue():wait() end
    assert.equal(200, waiting:status())
    assert(session:commit { sha1 = core.sha1(bytes) })
    session = nil
  end)

  it("can be pointed at another host", function()
    local dead = "http://127.0.0.1:1"
    local had_plan = session.session_endpoints.plan ~= nil
    assert(upload_session.use_base_url(session, dead))
    assert.matches(dead, session.session_endpoints.commit, 1, true)
    assert.equal(had_plan, session.session_endpoints.plan ~= nil)
    local exchange = assert(session:submit_status {})
    assert(upload_session.use_base_url(session, client.upload_url))
    while not exchange:poll() do exchange:queue():wait() end
    -- It was submitted before.
    assert.matches(dead, select(2, exchange:request()), 1, true)
    local bytes = files.bytes(2500, 19)
    assert.equal(3, #send_all(bytes))
    assert.equal(3, #assert(session:parts()))
    assert(session:status())
    local saved = session:save()
    assert.matches(client.upload_url, saved.session_endpoints.abort, 1, true)
    assert(session:commit { sha1 = core.sha1(bytes) })
    session = nil
  end)

  it("doesn't send parts of a file of another size", function()
    local path = dir:file("other.bin", 2400, 17)
    local source = assert(boxupload.file(path))
    local part, _, err = session:upload(0, source)
    assert.is_nil(part)
    assert.equal("changed", err.kind)
    source:close()
  end)
end)
