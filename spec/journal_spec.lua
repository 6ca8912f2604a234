-- journal: an upload goes on only where its journal and the call agree.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local files = require "support.files"
local fixtures = require "support.fixture"
local journal = require "boxupload.journal.journal"
local json = require "boxupload.util.json"
local shell = require "support.shell"
local stopped_upload = require "support.stopped_upload"

local SIZE = 7300

describe("a journal", function()
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
    emulator:reset { part_size = 1000, min_size = 1000 }
    client = fixture:client()
    new_file()
  end)

  after_each(function()
    fixture:after_each()
    for _, session in ipairs(emulator:control("GET", "/sessions")) do
      emulator:control("POST", "/sessions/" .. session.id .. "/expire")
    end
  end)

  local function new_folder()
    return emulator:control("POST", "/folders",
      { name = "folder of " .. given.name, parent = { id = "0" } }).id
  end

  -- The file on Box, with as many versions as given bytes.
  local function put_file(name, ...)
    local file
    for _, bytes in ipairs { ... } do
      file = assert(client:upload({ content = bytes }, file and
        { file_id = file.id } or { folder_id = "0", file_name = name }))
    end
    return file
  end

  -- The upload stops when three parts are stored, or as many as given.
  local function leave(options, by, part, ...)
    local all = { resume = path }
    for key, value in pairs(options or {}) do all[key] = value end
    return stopped_upload.leave(fixture, by, given.path, all, part, ...)
  end

  local function upload(options, by, source)
    local all = { resume = path }
    for key, value in pairs(options or {}) do all[key] = value end
    return (by or client):upload(source or given.path, fixture.options(all))
  end

  -- The upload goes on: no new session, nothing stored sent again.
  local function goes_on(options, by, source)
    local file = assert(upload(options, by, source))
    assert.equal(given.sha1, file.sha1)
    assert.equal(0, fixture:count("create_session"))
    assert.equal(0, fixture:count("create_version_session"))
    assert.equal(SIZE - 3000, emulator:stats().part_bytes_received)
    assert.is_nil(io.open(path))
    return file
  end

  local function is_refused(left, kind, code, options, by, source)
    local file, message, err = upload(options, by, source)
    assert.is_nil(file)
    assert.equal(kind .. " " .. code,
      tostring(err.kind) .. " " .. tostring(err.code), message)
    assert.equal(path, err.journal)
    assert.is_true(left:is_unchanged())
    return err
  end

  describe("of another upload is refused, and untouched:", function()
    -- Both what the journal says and what the call says are named.
    local function disagrees(left, before, now, options, by, source)
      local err =
        is_refused(left, "conflict", "other_journal", options, by, source)
      assert.matches(before, err.message, 1, true)
      assert.matches(now, err.message, 1, true)
      assert.same({}, emulator:requests())
    end

    it("another file", function()
      local left, other = leave(), fixture:file(SIZE)
      disagrees(left, given.path, other.path, { file_name = given.name },
        client, other.path)
    end)

    it("another folder", function()
      local folder_id = new_folder()
      disagrees(leave(), "folder 0", "folder " .. folder_id,
        { folder_id = folder_id })
    end)

    it("another name", function()
      disagrees(leave(), given.name, "second.bin",
        { file_name = "second.bin" })
    end)

    it("a new version of a file, where it was a new file, and back",
      function()
        local file = put_file("versioned.bin", "old")
        disagrees(leave(), "folder 0", "file " .. file.id,
          { file_id = file.id })
        os.remove(path)
        disagrees(leave { file_id = file.id }, "file " .. file.id,
          "folder 0")
      end)

    it("another version", function()
      local one, two = put_file("one.bin", "1"), put_file("two.bin", "2")
      disagrees(leave { file_id = one.id }, "file " .. one.id,
        "file " .. two.id, { file_id = two.id })
    end)

    it("another server", function()
      local left = leave()
      local host = emulator.upload_url:match("//([^/]+)")
      local other = emulator.api_url:match("//([^/]+)")
      assert.is_true(host ~= other)
      disagrees(left, host, other, nil,
        fixture:client { upload_url = "http://" .. other .. "/api/2.0" })
    end)

    it("another if_match", function()
      local file = put_file("matched.bin", "old")
      disagrees(leave { file_id = file.id, if_match = file.etag },
        "if_match is " .. file.etag, "77",
        { file_id = file.id, if_match = "77" })
    end)

    it("another policy, once the first has led elsewhere", function()
      put_file(given.name, "old")
      for before, now in pairs { rename = "replace", replace = "rename" } do
        local left = leave { on_conflict = before }
        disagrees(left, before, now, { on_conflict = now })
        disagrees(left, before, "fail")
        os.remove(path)
      end
    end)
  end)

  describe("of the same upload is gone on with:", function()
    it("however the file is given", function()
      for _, how in ipairs {
        function() return assert(boxupload.file(given.path)) end,
        function()
          local link = given.path .. ".link"
          shell.output(("ln -s %s %s"):format(given.path, link))
          return link
        end,
      } do
        new_file()
        leave { file_name = given.name }
        local source = how()
        goes_on({ file_name = given.name }, client, source)
        if type(source) == "userdata" then source:close() end
      end
    end)

    it("one that was moved", function()
      leave()
      local moved = given.path .. ".moved"
      assert(os.rename(path, moved))
      path = moved
      goes_on()
    end)

    it("one of a policy that has led elsewhere", function()
      local old = put_file(given.name, "old")
      leave { on_conflict = "replace" }
      local file = goes_on { on_conflict = "replace" }
      assert.equal(old.id, file.id)
      leave { on_conflict = "rename" }
      file = goes_on { on_conflict = "rename" }
      assert.matches(" (1).bin", file.name, 1, true)
    end)

    it("one with another policy, while that has led nowhere", function()
      for _, policy in ipairs { "replace", "rename", "skip_identical" } do
        new_file()
        leave()
        assert.equal(given.name, goes_on({ on_conflict = policy }).name)
      end
    end)
  end)

  -- As earlier versions wrote it.
  local function make_old(left)
    left:rewrite(function(text)
      local head, rest = text:match("^([^\n]*)(.*)$")
      local value = assert(json.decode(head))
      value.call, value.user = nil, nil
      return json.encode(value) .. rest
    end)
  end

  describe("of an earlier version", function()
    it("is gone on with", function()
      make_old(leave())
      goes_on()
    end)

    it("is refused where its target is another", function()
      local left = leave()
      make_old(left)
      is_refused(left, "conflict", "other_journal", { file_name = "x.bin" })
    end)

    -- The default path proves what was asked.
    it("is gone on with after a policy led elsewhere", function()
      local folder = journal.folder
      finally(function() journal.folder = folder end)
      journal.folder = function() return fixture.dir.path end
      for _, policy in ipairs { "replace", "rename" } do
        new_file()
        put_file(given.name, "old")
        path = true
        local left = leave { on_conflict = policy }
        make_old(left)
        path = left.path
        goes_on { on_conflict = policy, resume = true }
      end
    end)
  end)

  describe("and if_match:", function()
    local file

    before_each(function() file = put_file("of " .. given.name, "0") end)

    local function somebody_makes_a_version()
      return assert(client:upload({ content = "theirs" },
        { file_id = file.id }))
    end

    local function demanded()
      local values = {}
      for _, record in ipairs(emulator:requests("commit")) do
        values[#values + 1] = record.headers["if-match"] or "none"
      end
      return table.concat(values, " ")
    end

    local function is_kept_out(options, by)
      local uploaded, message, err = upload(options, by)
      assert.is_nil(uploaded)
      assert.equal("changed precondition_failed", err.kind .. " " .. err.code,
        message)
      assert.equal("theirs", emulator:bytes_of("of " .. given.name))
    end

    it("one of the journal alone holds", function()
      leave { file_id = file.id, if_match = "0" }
      somebody_makes_a_version()
      emulator:reset()
      is_kept_out { file_id = file.id }
      assert.equal("0", demanded())
    end)

    it("one of the call alone holds", function()
      leave { file_id = file.id }
      somebody_makes_a_version()
      is_kept_out { file_id = file.id, if_match = "0" }
    end)

    it("one of both is met", function()
      leave { file_id = file.id, if_match = "0" }
      goes_on { file_id = file.id, if_match = "0" }
      assert.equal("0", demanded())
    end)

    it("holds in every later run, whoever gave it", function()
      for _, first in ipairs { true, false } do
        new_file()
        file = put_file("of " .. given.name, "0")
        leave { file_id = file.id, if_match = first and "0" or nil }
        leave({ file_id = file.id, if_match = not first and "0" or nil },
          nil, 5)
        somebody_makes_a_version()
        is_kept_out { file_id = file.id }
      end
    end)

    it("holds in a new session, and in the run after that", function()
      local left = leave { file_id = file.id, if_match = "0" }
      emulator:control("POST", "/sessions/" .. left.session_id .. "/expire")
      leave { file_id = file.id }
      somebody_makes_a_version()
      is_kept_out { file_id = file.id }
    end)

    it("holds when the name was taken", function()
      local options = {
        on_conflict = "replace", if_match = "0", file_name = file.name,
      }
      leave(options)
      somebody_makes_a_version()
      is_kept_out(options)
      os.remove(path)
      is_kept_out(options)
    end)

    it("of the policy's own is looked up again", function()
      local options = { on_conflict = "replace", file_name = file.name }
      leave(options)
      somebody_makes_a_version()
      goes_on(options)
    end)
  end)

  it("isn't put over another file that the call names", function()
    local other = fixture:file(SIZE)
    local file, message, err = client:upload(given.path,
      fixture.options { resume = other.path })
    assert.is_nil(file)
    assert.equal("not_a_journal", err.code)
    assert.matches(other.path, message, 1, true)
    assert.equal(other.bytes, files.read(other.path))
    assert.equal(0, fixture:count("create_session"))
    -- A damaged journal is one all the same.
    fixture.dir:write("damaged", '{"type":"boxupload_journal","ver')
    fixture:check(given, client:upload(given.path,
      fixture.options { resume = fixture.dir.path .. "/damaged" }))
  end)

  describe("of another user", function()
    local me, mine, theirs

    before_each(function()
      me = { token = emulator:token_of "4001" }
      mine = fixture:client(me)
      theirs = fixture:client { token = emulator:token_of "4002" }
    end)

    it("is refused, and untouched", function()
      local left = leave(nil, me)
      local err = is_refused(left, "denied", "other_user", nil, theirs)
      local who = assert(mine:user())
      assert.matches("sign in as " .. who.login, err.message, 1, true)
      for _, record in ipairs(emulator:requests()) do
        -- A stalled one of before may be noted late.
        assert.is_true(record.operation == "get_user" or
          record.fault == "stall", record.operation)
      end
      goes_on(nil, mine)
    end)

    it("by as_user, too", function()
      local left = leave(nil, { as_user = "4001" })
      is_refused(left, "denied", "other_user")
      is_refused(left, "denied", "other_user", nil,
        fixture:client { as_user = "4002" })
      -- The same user, signed in.
      goes_on(nil, mine)
    end)

    it("is asked for once a client", function()
      leave(nil, me)
      local other = fixture:client { token = emulator:token_of "4001" }
      goes_on(nil, other)
      assert.equal(1, fixture:count("get_user"))
      new_file()
      assert(upload(nil, other))
      assert.equal(1, fixture:count("get_user"))
    end)

    it("can't be told where nobody says who is signed in", function()
      for _, fault in ipairs {
        { action = "reply", status = 403,
          body = { code = "insufficient_scope" } },
        { action = "reply", status = 403, body = "<html>blocked" },
        { action = "reply", status = 503 },
        { action = "reset", when = "before" },
        { action = "garbage", kind = "html" },
      } do
        fault.operation, fault.occurrence = "get_user", "all"
        new_file()
        leave()
        emulator:faults(fault)
        goes_on(nil, fixture:client())
        new_file()
        leave(nil, nil, 3, fault)
        goes_on()
      end
    end)
  end)
end)
