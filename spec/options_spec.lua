-- options: a wrong option is reported at the line that gave it.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local core = require "boxupload.core"
local files = require "support.files"
local options = require "boxupload.util.options"

describe("options", function()
  local spec = {
    part_size = { type = "number", check = options.whole(1), default = 8 },
    name = { type = { "string", "number" } },
    id = { type = "string", check = options.id, required = true },
  }

  local function problem_of(given)
    local ok, message = pcall(options.check, spec, given, "here")
    assert.is_false(ok)
    return message
  end

  it("fills in defaults, in a new table", function()
    local given = { id = "7", name = 3 }
    local checked = options.check(spec, given, "here")
    assert.same({ id = "7", name = 3, part_size = 8 }, checked)
    assert.is_nil(given.part_size)
  end)

  it("suggests the most similar known option", function()
    assert.matches('here: unknown option "part_sise"; did you mean ' ..
      '"part_size"?', problem_of { id = "7", part_sise = 1 }, 1, true)
    assert.matches('unknown option "zzzzzzzz"; the nearest is',
      problem_of { id = "7", zzzzzzzz = 1 }, 1, true)
    assert.matches("unknown option", problem_of { "positional" }, 1, true)
  end)

  it("says what is wrong with a value", function()
    assert.matches('"part_size" must be a number, not a string',
      problem_of { id = "7", part_size = "8" }, 1, true)
    assert.matches('"part_size" must be a whole number of at least 1',
      problem_of { id = "7", part_size = 1.5 }, 1, true)
    assert.matches('"name" must be a string or number, not a boolean',
      problem_of { id = "7", name = true }, 1, true)
    assert.matches('"id" is missing', problem_of {}, 1, true)
    assert.matches('"id" isn\'t an id', problem_of { id = "../x" }, 1, true)
    assert.matches("options must be a table, not a number", problem_of(7), 1,
      true)
  end)

  it("raises at the caller's line, however deep the check is", function()
    local line = debug.getinfo(1, "l").currentline + 2
    local ok, message = pcall(function()
      local client = boxupload.new { tokn = "x" }
      return client
    end)
    assert.is_false(ok)
    assert.matches(("options_spec.lua:%d: boxupload.new: unknown option " ..
      '"tokn"; did you mean "token"?'):format(line), message, 1, true)
  end)

  -- What a call raises, by this file's line and in its own words.
  local function assert_misuse(label, call, ...)
    local ok, message = pcall(call, ...)
    assert.is_false(ok, label .. " is accepted")
    message = tostring(message)
    assert.matches("^[^\n]*options_spec.lua:%d+: ", message, label)
    return message
  end

  local function read_nothing() return nil end

  describe("of numbers", function()
    local NAN = 0 / 0
    local VALUES = {
      nan = NAN, inf = math.huge, ["-inf"] = -math.huge, ["-1"] = -1,
      ["2^31"] = 2 ^ 31, ["2^32"] = 2 ^ 32, ["2^53+2"] = 2 ^ 53 + 2,
      ["1.5"] = 1.5, text = "1",
    }
    local client, session

    setup(function()
      client = boxupload.new { token = "x" }
      session = assert(client.engine:session {
        id = "1", file_size = 10, part_size = 5, total_parts = 2,
        session_endpoints = {},
      })
      client:adopt(session)
    end)

    teardown(function()
      boxupload.limits { connections = 0, bytes_per_second = 0,
        requests_per_minute = 0 }
      client:close()
    end)

    local function new(name)
      return function(value)
        local made = boxupload.new { token = "x", [name] = value }
        made:close()
      end
    end

    -- Nothing is uploaded: there is no such file.
    local function upload(name)
      return function(value)
        assert(not client:start("/no/such/file",
          { folder_id = "0", [name] = value }))
      end
    end

    local function limits(name)
      return function(value) boxupload.limits { [name] = value } end
    end

    local big = { ["2^31"] = true, ["2^32"] = true }
    local seconds = { ["1.5"] = true }
    local wait = { inf = true, ["2^31"] = true, ["2^32"] = true,
      ["2^53+2"] = true, ["1.5"] = true }
    -- The call, and which of the values it takes; or nil, and which of them it
    -- doesn't take, where others are sent.
    local ROWS = {
      parallel = { new "parallel", {} },
      connect_timeout = { new "connect_timeout", seconds },
      stall_timeout = { new "stall_timeout", seconds },
      stall_speed = { new "stall_speed", { ["1.5"] = true } },
      retries = { new "retries", big },
      retry_delay = { new "retry_delay", seconds },
      simple_below = { new "simple_below", big },
      nice = { new "nice", {} },
      ["loop.nice"] = { function(value)
        new "loop" { wait = read_nothing, nice = value }
      end, {} },
      ["parallel of an upload"] = { upload "parallel", {} },
      commit_timeout = { upload "commit_timeout", seconds },
      retry_budget = { upload "retry_budget", big },
      spool_limit = { upload "spool_limit", big },
      ["size"] = { function(value)
        assert(not client:start({ read = read_nothing, size = value },
          { folder_id = "0", file_name = "x", spool_limit = 1 }))
      end, big },
      ["file_size of a new session"] = { function(value)
        client:create_session { folder_id = "0", file_name = "x",
          file_size = value }
      end },
      ["file_size of an old session"] = { function(value)
        client:open_session("1", { file_size = value })
      end },
      ["saved file_size"] = { function(value)
        client:open_session { type = "boxupload_session", version = 1,
          id = "1", session_endpoints = {}, file_size = value }
      end, nil, { "nan", "inf", "-inf", "-1", "2^53+2", "1.5" } },
      ["offset of a part"] = { function(value)
        session:upload(value, "12345")
      end, {} },
      data_offset = { function(value)
        session:upload(0, "12345", { data_offset = value })
      end },
      ["offset of parts"] = { function(value)
        session:parts { offset = value }
      end },
      ["limit of parts"] = { function(value)
        session:parts { limit = value }
      end },
      ["timeout of a commit"] = { function(value)
        session:commit { sha1 = ("0"):rep(40), timeout = value }
      end },
      ["offset of a plan"] = { function(value)
        session:plan { { offset = value, size = 5, sha512 = "x" } }
      end },
      ["size of a plan"] = { function(value)
        session:plan { { offset = 0, size = value, sha512 = "x" } }
      end },
      set_parallel = { function(value) session:set_parallel(value) end,
        { text = true } },
      part_length = { function(value) session:part_length(value) end, {} },
      connections = { limits "connections", {} },
      bytes_per_second = { limits "bytes_per_second", big },
      requests_per_minute = { limits "requests_per_minute", seconds },
      ["client:wait"] = { function(value) client:wait(value) end, wait },
      renew_before = { function(value)
        boxupload.auth.callback(read_nothing, { renew_before = value })
      end, seconds },
      listen = { function(value)
        local listener = core.listen(value) -- others may have the port
        if listener then listener:close() end
      end, { text = true } },
      hold = { function(value) client.engine:back_off(value) end,
        { ["1.5"] = true, text = true } },
    }
    local REFUSED_EVERYWHERE = { "nan", "inf", "-inf", "-1", "2^53+2", "text" }

    for label, row in pairs(ROWS) do
      it("takes no wrong number: " .. label, function()
        local call, accepted = row[1], row[2]
        if not accepted then
          for _, name in ipairs(row[3] or REFUSED_EVERYWHERE) do
            assert_misuse(label .. " = " .. name, call, VALUES[name])
          end
          return
        end
        for name, value in pairs(VALUES) do
          if accepted[name] then
            local ok, message = pcall(call, value)
            assert.is_true(ok, label .. " = " .. name .. ": " ..
              tostring(message))
          else
            assert_misuse(label .. " = " .. name, call, value)
          end
        end
      end)
    end

    it("waits without a limit where the limit is beyond any clock",
      function()
        local queue = assert(client:new_queue())
        assert.has_error(function() queue:wait(NAN) end)
        queue:wake()
        assert.is_true(queue:wait(math.huge))
        queue:close()
        assert.is_nil(options.check_wait(2 ^ 31, "here"))
        assert.equal(2 ^ 31 - 1, options.check_wait(2 ^ 31 - 1, "here"))
      end)
  end)

  -- C reads a string up to its first zero byte: of "a\0b", "a".
  describe("with a zero byte", function()
    local dir

    setup(function()
      dir = files.temp_dir()
      dir:write("file", "some bytes")
    end)

    teardown(function() dir:remove() end)

    local function zero(path) return dir.path .. path .. "\0/../other" end

    it("raise", function()
      local here = "http://127.0.0.1\0.evil.example/"
      for name, value in pairs {
        ca_file = zero "/file", proxy = here, api_url = here,
        upload_url = here, token_url = here, user_agent = "a\0b",
        token = "a\0b", as_user = "1\0", shared_link = "a\0b",
        http_version = "1.1\0",
      } do
        local given = { token = "x" }
        given[name] = value
        local message = assert_misuse(name, function()
          boxupload.new(given)
        end)
        assert.matches('option "' .. name .. '"', message, 1, true)
      end
      local client = boxupload.new { token = "x" }
      for name, value in pairs {
        resume = zero "/file", spool_folder = zero "", folder_id = "0\0",
        file_name = "a\0b", if_match = "a\0b", fields = "id\0",
      } do
        local options_of_upload = { folder_id = "0" }
        options_of_upload[name] = value
        local ok, file = pcall(client.start, client, dir.path .. "/file",
          options_of_upload)
        assert.is_true(not ok or not file, name)
      end
      assert_misuse("spool", function() boxupload.spool(zero "") end)
      assert_misuse("below", function()
        boxupload.file("file", { below = zero "" })
      end)
      assert_misuse("file_store", function()
        boxupload.auth.file_store(zero "/file")
      end)
      assert_misuse("jwt", function()
        boxupload.auth.jwt { config = zero "/file", enterprise = true }
      end)
      assert.has_error(function()
        core.engine { headers = {}, trusted = { here } }
      end)
      client:close()
    end)

    it("are an error of a path from anywhere", function()
      local folder = assert(core.open_folder(dir.path))
      for name, call in pairs {
        file = function() return core.file(zero "/file") end,
        below = function() return core.file("file", zero "") end,
        ["file below"] = function() return core.file("file\0", dir.path) end,
        look = function() return core.look(zero "/file") end,
        open_folder = function() return core.open_folder(zero "") end,
        list_folder = function() return core.list_folder(zero "") end,
        make_folder = function() return core.make_folder(zero "/new") end,
        replace_file = function()
          return core.replace_file(zero "/new", "x")
        end,
        is_private = function() return core.is_private(zero "/file") end,
        real_path = function() return core.real_path(zero "/file") end,
        journal_create = function()
          return core.journal_create(zero "/new", "x")
        end,
        journal_open = function()
          return core.journal_open(zero "/file", 9)
        end,
        lock = function() return core.lock(zero "/new") end,
        spool = function() return core.spool(zero "") end,
        ["folder:look"] = function() return folder:look("file\0") end,
        ["folder:open_file"] = function()
          return folder:open_file("file\0")
        end,
        ["folder:open_folder"] = function()
          return folder:open_folder("file\0")
        end,
      } do
        local value, message, code = call()
        assert.is_nil(value, name)
        assert.equal("invalid", code, name)
        assert.matches("zero byte", message, 1, true)
      end
      folder:close()
      assert.is_nil(core.look(dir.path .. "/new"))
      local file, _, err = boxupload.file(zero "/file")
      assert.is_nil(file)
      assert.equal("invalid", err.kind)
    end)

    it("are refused in a request", function()
      local engine = core.engine {}
      for name, value in pairs {
        url = "http://127.0.0.1\0.example/", method = "GET\0X",
        headers = { ["X-A\0B"] = "x" }, attributes = "{}\0",
      } do
        local given = { url = "http://127.0.0.1/", authorize = false,
          body = "x" }
        given[name] = value
        local ok, exchange = pcall(engine.submit, engine, given)
        assert.is_true(not ok or exchange == nil, name)
      end
      local ok = pcall(engine.submit, engine,
        { url = "http://127.0.0.1/", ["method\0x"] = "PUT" })
      assert.is_false(ok)
      engine:close()
    end)
  end)
end)
