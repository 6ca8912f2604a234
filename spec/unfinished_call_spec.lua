-- unfinished_call: the commands for unfinished uploads keep to what the upload
-- was begun with, and by whom.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local fixtures = require "support.fixture"
local shell = require "support.shell"
local stopped_upload = require "support.stopped_upload"

local SIZE = 7300
local ID = ("ab"):rep(20)

describe("the commands for unfinished uploads", function()
  local fixture, emulator, me, client, given, path, environment, state

  setup(function()
    fixture = fixtures.open()
    emulator = fixture.emulator
  end)

  teardown(function() fixture:close() end)

  before_each(function()
    emulator:reset { part_size = 1000, min_size = 1000 }
    me = { token = emulator:token_of "4001" }
    client = fixture:client(me)
    given = fixture:file(SIZE)
    state = given.path .. ".state"
    path = ("%s/boxupload/%s.json"):format(state, ID)
    environment = emulator:environment() .. " XDG_STATE_HOME=" ..
      shell.quote(state)
  end)

  after_each(function()
    fixture:after_each()
    for _, session in ipairs(emulator:control("GET", "/sessions")) do
      emulator:control("POST", "/sessions/" .. session.id .. "/expire")
    end
  end)

  local function leave(options, part)
    local all = fixture.options(options)
    all.resume = path
    return stopped_upload.leave(fixture, me, given.path, all, part)
  end

  local function run(arguments, user)
    return command.run(arguments, ("%s BOX_TOKEN=%s"):format(environment,
      emulator:token_of(user or "4001")))
  end

  local function is_there()
    local file = io.open(path)
    if file then file:close() end
    return file ~= nil
  end

  local function put_file()
    return assert(client:upload({ content = "old" },
      { folder_id = "0", file_name = "of " .. given.name }))
  end

  local function put_version(file_id)
    return assert(client:upload({ content = "theirs" },
      { file_id = file_id }))
  end

  describe("leave another user's upload alone:", function()
    for _, arguments in ipairs { "resume", "resume --all", "abort ab",
      "abort --all", "commit ab FILE", "status ab", "parts ab", "gc" } do
      it("boxupload " .. arguments, function()
        local left = leave()
        arguments = arguments:gsub("FILE", given.path)
        local code, _, err = run(arguments, "4002")
        assert.equal(4, code, err)
        assert.matches("sign in as %S+", err)
        assert.is_true(left:is_unchanged())
        for _, record in ipairs(emulator:requests()) do
          assert.equal("get_user", record.operation)
        end
        assert.equal(1, emulator:open_sessions())
      end)
    end

    it("boxupload gc, where a process crashed before its journal", function()
      leave()
      assert(os.rename(path, path .. ".Ab12Cd"))
      local code, _, err = run("gc", "4002")
      assert.equal(4, code, err)
      assert.equal(1, emulator:open_sessions())
      assert.equal(0, (run "gc"))
      assert.equal(0, emulator:open_sessions())
    end)
  end)

  it("leave a session alone that may be another upload's", function()
    local left = leave()
    left:rewrite(function(text)
      return (text:gsub("{", '{"adopted":true,', 1))
    end)
    assert(os.rename(path, path .. ".Ab12Cd"))
    assert.equal(0, (run "gc"))
    assert.equal(1, emulator:open_sessions())
    assert.equal(0, fixture:count("abort"))
  end)

  describe("keep an if_match:", function()
    it("boxupload resume", function()
      for _, is_gone in ipairs { false, true } do
        os.remove(path)
        given = fixture:file(SIZE)
        local file = put_file()
        local left = leave { file_id = file.id, if_match = file.etag }
        put_version(file.id)
        if is_gone then
          emulator:control("POST", ("/sessions/%s/expire")
            :format(left.session_id))
        end
        local code, _, err = run "resume"
        assert.equal(6, code, err)
        assert.equal("theirs", emulator:bytes_of("of " .. given.name))
        assert.is_true(is_there())
      end
    end)

    -- All parts are stored.
    local function leave_complete(options)
      local left = leave(options, 7)
      local session = assert(client:open_session(left.session_id,
        { file_size = SIZE }))
      assert(session:upload(7000, given.bytes:sub(7001)))
      emulator:reset()
    end

    it("boxupload commit", function()
      local file = put_file()
      leave_complete { file_id = file.id, if_match = file.etag }
      put_version(file.id)
      local code, _, err = run("commit ab " .. given.path)
      assert.equal(6, code, err)
      code, _, err = run("commit --if-match 1 ab " .. given.path)
      assert.equal(5, code, err)
      assert.matches("if_match 0", err, 1, true)
      assert.matches("is 1", err, 1, true)
      assert.equal(1, fixture:count("commit"))
      assert.equal("theirs", emulator:bytes_of("of " .. given.name))
      assert.is_true(is_there())
    end)

    it("boxupload commit with an etag of its own", function()
      local file = put_file()
      leave_complete { file_id = file.id }
      put_version(file.id)
      local code, _, err = run("commit --if-match 0 ab " .. given.path)
      assert.equal(6, code, err)
      code, _, err = run("commit --if-match 1 ab " .. given.path)
      assert.equal(0, code, err)
      assert.is_true(given.bytes == emulator:bytes_of("of " .. given.name))
      assert.is_false(is_there())
    end)

    it("boxupload commit notes what it commits", function()
      leave_complete()
      emulator:faults({
        operation = "commit", occurrence = "all", action = "lose_reply",
      }, {
        operation = "preflight", occurrence = "all", action = "reply",
        status = 503,
      })
      assert.is_true((run("commit --retries 0 ab " .. given.path)) ~= 0)
      assert.is_true(is_there())
      emulator:reset { lookup_lag_requests = 0 }
      local code, out, err = run "resume"
      assert.equal(0, code, err)
      assert.matches(given.sha1, out, 1, true)
      assert.equal(0, emulator:stats().part_bytes_received)
      assert.is_false(is_there())
    end)
  end)
end)
