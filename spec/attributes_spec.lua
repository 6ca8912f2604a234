-- attributes: what Box would refuse is refused before anything is sent, and
-- what a file has is left out instead.
-- SPDX-License-Identifier: MIT

local attributes = require "boxupload.upload.attributes"
local command = require "support.command"
local fixtures = require "support.fixture"
local shell = require "support.shell"

local NAN = 0 / 0
local SIZE = 5500

describe("the attributes of an upload", function()
  local fixture, emulator, client

  setup(function()
    fixture = fixtures.open()
    emulator = fixture.emulator
  end)

  teardown(function()
    fixture:close()
  end)

  before_each(function()
    emulator:reset { min_size = 1000, part_size = 1000 }
    client = fixture:client()
  end)

  after_each(function()
    fixture:after_each()
    assert.equal(0, emulator:open_sessions())
  end)

  -- The message that a call raises at this file.
  local function raised(call, ...)
    local ok, message = pcall(call, ...)
    assert.is_false(ok)
    assert.matches("attributes_spec.lua:%d+: ", message)
    return message
  end

  local function upload_raises(options)
    return raised(function()
      local file = client:upload("no such file", fixture.options(options))
      return file
    end)
  end

  local function check_refused(expected, options)
    assert.matches(expected, upload_raises(options), 1, true)
    assert.equal(0, #emulator:requests())
  end

  local endless = {}
  endless.endless = endless

  local BAD_DATES = {
    "today", "2017-02-30T00:00:00Z", "1969-12-31T23:59:59Z",
    "2026-01-01T00:00:00.5Z", "9999-12-31T23:59:59-01:00", true, {}, -1,
    2 ^ 62, NAN, 1 / 0, rawget(math, "maxinteger") or 2 ^ 63,
  }

  for _, name in ipairs { "content_modified_at", "content_created_at" } do
    it("must have a " .. name .. " that Box takes", function()
      for _, value in ipairs(BAD_DATES) do
        check_refused(('option "%s" must '):format(name), { [name] = value })
        check_refused('option "attributes" is wrong: ' .. name .. " must ",
          { attributes = { [name] = value } })
      end
    end)
  end

  it("have a description of up to 256 characters", function()
    for _, value in ipairs { ("x"):rep(257), ("\195\164"):rep(257), 12,
      "b\228d", {} } do
      check_refused('option "description" ', { description = value })
      check_refused('option "attributes" is wrong: description ',
        { attributes = { description = value } })
    end
    local given = fixture:file(1500)
    local longest = ("\195\164"):rep(256)
    local file = fixture:check(given, client:upload(given.path,
      fixture.options { description = longest }))
    assert.equal(longest, file.description)
  end)

  it("must be what JSON can have", function()
    for _, value in ipairs { print, NAN, endless, { 1, nil, 3 },
      { "x", y = 1 }, "b\228d", { ["b\228d"] = 1 } } do
      check_refused('option "attributes" contains ',
        { attributes = { tags = value } })
    end
    local deepest = {}
    for _ = 1, 62 do deepest = { x = deepest } end
    local given = fixture:file(1500)
    fixture:check(given, client:upload(given.path, fixture.options {
      attributes = deepest, resume = fixture.dir.path .. "/journal",
    }))
    emulator:reset()
    check_refused('option "attributes" contains tables too deep',
      { attributes = { x = deepest } })
    for _, wrong in ipairs { { "x" }, { [1.5] = 1 }, { [true] = 1 } } do
      check_refused('option "attributes" must have names for keys',
        { attributes = wrong })
    end
    check_refused('must be a table', { attributes = "x" })
  end)

  it("are refused by a commit, too", function()
    local session = assert(client:create_session {
      folder_id = "0", file_name = "judged.bin", file_size = 2000,
    })
    local before = #emulator:requests()
    for _, case in ipairs {
      { "content_modified_at", "1950-01-01T00:00:00Z" },
      { "content_created_at", 2 ^ 62 }, { "description", 1 },
      { "name", "a/b" }, { "name", 7 },
    } do
      local message = raised(function()
        local file = session:commit {
          sha1 = ("0"):rep(40), attributes = { [case[1]] = case[2] },
        }
        return file
      end)
      assert.matches('"attributes" is wrong: ' .. case[1], message, 1, true)
    end
    assert.equal(before, #emulator:requests())
    assert(session:abort())
  end)

  it("may give dates as numbers, and false for none", function()
    for _, size in ipairs { 500, 1500 } do
      local given = fixture:file(size)
      local file = fixture:check(given, client:upload(given.path,
        fixture.options { attributes = {
          content_created_at = 86400, content_modified_at = false,
        } }))
      assert.matches("^1970%-01%-0[12]T", file.content_created_at)
    end
  end)

  it("are those of the call, whatever the caller does later", function()
    local given = fixture:file(1500)
    local mine = { description = "early" }
    local transfer = assert(client:start(given.path,
      fixture.options { attributes = mine }))
    mine.description = print
    assert.equal("early", fixture:check(given, transfer:wait()).description)
  end)

  -- Makes Box refuse an attribute at the first commit.
  local function refuse(name, message)
    emulator:faults { operation = "commit", action = "reply", status = 400,
      body = {
        type = "error", status = 400, code = "bad_request",
        message = "Bad Request", context_info = { errors = { {
          reason = "invalid_parameter", name = name, message = message,
        } } },
      },
    }
  end

  local function check_nothing_twice()
    assert.equal(SIZE, emulator:stats().part_bytes_received)
    assert.equal(1, fixture:count("create_session"))
    assert.equal(0, fixture:count("abort"))
  end

  for name, mended in pairs {
    content_modified_at = false, content_created_at = 5, description = "fine",
  } do
    it("are mended by another call when Box refuses them: " .. name,
      function()
        local given = fixture:file(SIZE)
        local options = fixture.options {
          resume = fixture.dir.path .. "/journal",
        }
        refuse(name, "not a good one")
        local file, message, err = client:upload(given.path, options)
        assert.is_nil(file)
        assert.equal("invalid", err.kind)
        assert.equal("bad_request", err.code)
        assert.is_true(err.resumable)
        assert.matches("give another " .. name, message, 1, true)
        options[name] = mended
        fixture:check(given, client:upload(given.path, options))
        check_nothing_twice()
      end)
  end

  it("are named when Box refuses a small file because of them", function()
    local given = fixture:file(500)
    emulator:faults { operation = "upload_file", action = "reply",
      status = 400, body = {
        message = "'now' is not a valid rfc 3339 formatted date",
      } }
    local file, message = client:upload(given.path, fixture.options())
    assert.is_nil(file)
    assert.matches("content_modified_at = false", message, 1, true)
    fixture:check(given, client:upload(given.path,
      fixture.options { content_modified_at = false }))
  end)

  local function run(arguments)
    return command.run(arguments, emulator:environment() ..
      " XDG_STATE_HOME=" .. fixture.dir.path .. "/state")
  end

  it("are mended by boxupload resume", function()
    emulator:reset { min_size = 20000000, part_size = 8000000 }
    local given = fixture:file(20000001)
    refuse("attributes", "not a valid rfc 3339 formatted date")
    local code, _, problem = run("upload -f 0 --created-at " ..
      "2001-01-01T00:00:00Z " .. given.path)
    assert.equal(9, code, problem)
    for _, option in ipairs { "--modified-at", "--created-at" } do
      assert.matches("give another " .. option .. ", or --no-times", problem,
        1, true)
    end
    refuse("content_modified_at", "not a valid rfc 3339 formatted date")
    assert.equal(9, (run("resume --all")))
    assert.equal(2, (run("resume --all --modified-at 1950-01-01T00:00:00Z")))
    local out
    code, out, problem = run("resume --all --no-times --json")
    assert.equal(0, code, problem)
    assert.is_nil(out:find('_at":"200[01]%-'))
    assert.equal(20000001, emulator:stats().part_bytes_received)
  end)

  it("are mended by boxupload commit", function()
    emulator:reset { min_size = 20000000, part_size = 8000000 }
    local given = fixture:file(20000001)
    refuse("description", "No, thanks")
    local code, _, problem = run("upload -f 0 --description early " ..
      given.path)
    assert.equal(9, code, problem)
    assert.matches("give another --description [", problem, 1, true)
    local session = emulator:control("GET", "/sessions")
    local id = session[#session].id
    code, _, problem = run(("commit --description late --created-at " ..
      "2001-01-01T00:00:00Z --json %s %s"):format(id, given.path))
    assert.equal(0, code, problem)
    assert.equal(0, (run("resume --all")))
  end)

  it("of a journal that Box would refuse are an error, with a way out",
    function()
      emulator:reset { min_size = 20000000, part_size = 8000000 }
      local given = fixture:file(20000001)
      refuse("description", "No, thanks")
      local marked = "2001-01-01T00:00:00Z"
      assert.equal(9, (run("upload -f 0 --created-at " .. marked .. " " ..
        given.path)))
      shell.output(("sed -i s/%s/1901-01-01T00:00:00Z/ %s/state/boxupload/" ..
        "*.json"):format(marked, fixture.dir.path))
      local code, _, problem = run("resume --all")
      assert.equal(2, code)
      assert.matches("content_created_at must be in the years", problem:gsub(
        "%-%-created%-at", "content_created_at"), 1, true)
      code, _, problem = run("resume --all --created-at " .. marked)
      assert.equal(0, code, problem)
    end)

  local function build(mtime_ns, given)
    return attributes.to_send(attributes.of_caller(given or {}),
      { mtime_ns = mtime_ns })
  end

  it("have a file's date only where Box takes it", function()
    for mtime, text in pairs {
      ["0.000000000"] = "1970-01-01T00:00:00Z",
      ["1491613088.999999999"] = "2017-04-08T00:58:08Z",
      ["253402300799.999999999"] = "9999-12-31T23:59:59Z",
    } do
      assert.equal(text, build(mtime).content_modified_at)
    end
    for _, mtime in ipairs { "-1.500000000", "-11644473600.000000000",
      "253402300800.000000000", "4611686018427387904.000000000",
      "9223372036854775807.999999999", "-9223372036854775808.000000000" } do
      assert.is_nil(build(mtime).content_modified_at)
    end
  end)

  it("have no date of the file when the caller wants none", function()
    for _, given in ipairs { { content_modified_at = false },
      { attributes = { content_modified_at = false } } } do
      assert.is_nil(build("5.000000000", given).content_modified_at)
      -- A journal must remember that.
      assert.is_false(attributes.of_caller(given).content_modified_at)
    end
  end)

  it("never hinder the upload of a file with an odd date", function()
    for _, date in ipairs { "1930-06-01", "@-1.5", "@15032385535",
      "1969-12-31T23:59:59.9Z" } do
      for _, size in ipairs { 500, 1500 } do
        local given = fixture:file(size)
        shell.output(("touch -d '%s' %s"):format(date, given.path))
        fixture:check(given, client:upload(given.path, fixture.options()))
      end
    end
  end)
end)
