-- client: the options of a client, and invalid input.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local command = require "support.command"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local resources = require "support.open_resources"
local shell = require "support.shell"

describe("boxupload.new", function()
  -- The message that a call raises, which must name this file.
  local function raised(options)
    local ok, message = pcall(function()
      local client = boxupload.new(options)
      return client
    end)
    assert.is_false(ok)
    assert.matches("client_spec.lua:%d+: boxupload.new: ", message)
    return message
  end

  it("requires a token, and says why it may be missing", function()
    for _, options in ipairs { {}, { token = os.getenv "NO_SUCH_TOKEN" } } do
      assert.matches("BOX_TOKEN", raised(options), 1, true)
    end
    assert.matches("token or auth, not both", raised {
      token = "x", auth = boxupload.auth.token "y",
    }, 1, true)
    assert.matches("empty or has a control character",
      raised { token = "a\r\nb" }, 1, true)
    assert.matches("must be a string", raised { token = 12 }, 1, true)
    assert.matches("must be one of boxupload.auth",
      raised { auth = {} }, 1, true)
  end)

  it("refuses invalid URLs", function()
    for _, url in ipairs {
      "box.com", "ftp://upload.box.com", "https://", "https://a b/",
      "https://user@upload.box.com/", "https://upload.box.com/?a=b", "",
    } do
      for _, name in ipairs { "api_url", "upload_url", "token_url" } do
        assert.matches(name, raised { token = "x", [name] = url }, 1, true)
      end
    end
  end)

  it("refuses invalid values", function()
    for name, value in pairs {
      parallel = 0, retries = -1, connect_timeout = 0, stall_timeout = 1e9,
      reply_timeout = 0,
      stall_speed = 0, simple_below = 0.5, http_version = "3", nice = 20,
      loop = "none", as_user = "1\n2", user_agent = "a\nb", ca_file = "",
    } do
      assert.matches('"' .. name .. '"',
        raised { token = "x", [name] = value }, 1, true)
    end
    assert.matches("shared_link_password without shared_link",
      raised { token = "x", shared_link_password = "y" }, 1, true)
  end)

  it("hides its token, and can be closed twice", function()
    local client = assert(boxupload.new { token = "very-secret" })
    assert.is_nil(tostring(client):find("very-secret", 1, true))
    assert.is_nil(tostring(client.auth):find("very-secret", 1, true))
    client:close()
    client:close()
    assert.matches("closed", tostring(client), 1, true)
    for _, method in ipairs { "upload", "start", "create_session",
      "open_session", "poll", "wait" } do
      local ok, message = pcall(function()
        local result = client[method](client, "x", { folder_id = "0" })
        return result
      end)
      assert.is_false(ok)
      assert.matches("client_spec.lua:%d+: attempt to use a closed client",
        message)
    end
  end)

  it("starts no thread, and opens one descriptor to wait with", function()
    local before = resources.count()
    local client = assert(boxupload.new { token = "x" })
    before.descriptors = before.descriptors + 1
    assert.same(before, resources.count())
    client:close()
    before.descriptors = before.descriptors - 1
    assert.same(before, resources.count())
  end)

  it("has the version of its C module", function()
    assert.equal(core._VERSION, boxupload._VERSION)
    assert.matches("^%d+%.%d+%.%d+$", boxupload._VERSION)
  end)
end)

describe("a client", function()
  local emulator, dir, client

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
    client = emulator:client()
  end)

  after_each(function()
    client:close()
    assert.equal(0, emulator:open_sessions())
  end)

  local function fails(path, options, kind)
    options = options or { folder_id = "0" }
    local before = resources.count()
    local file, message, err = client:upload(path, options)
    assert.is_nil(file)
    assert.equal(kind or "invalid", err.kind)
    assert.equal(message, tostring(err))
    assert.same(before, resources.count())
    assert.equal(0, #emulator:requests())
    return err, message
  end

  it("uploads only readable regular files", function()
    local missing = dir.path .. "/missing.bin"
    local _, message = fails(missing, nil, "gone")
    assert.matches(missing, message, 1, true)
    assert.matches("No such file", message, 1, true)
    message = select(2, fails("", nil, "gone"))
    assert.matches("No such file", message, 1, true)
    message = select(2, fails("/"))
    assert.matches("directory", message, 1, true)
    message = select(2, fails(dir.path))
    assert.matches("directory", message, 1, true)
    message = select(2, fails("/dev/null"))
    assert.matches("not a regular file", message, 1, true)
    fails("with a zero\0byte")
    local transfer, _, err = client:start(missing, { folder_id = "0" })
    assert.is_nil(transfer)
    assert.equal("gone", err.kind)
    local file
    file, _, err = boxupload.file(missing)
    assert.is_nil(file)
    assert.equal("gone", err.kind)
  end)

  it("doesn't upload a file without permission to read it", function()
    local path = dir:file("secret.bin", 10)
    shell.output("chmod 000 " .. path)
    local readable = io.open(path)
    if readable then -- the superuser reads everything
      readable:close()
      pending("permissions don't bind this user")
      return
    end
    local err, message = fails(path, nil, "denied")
    assert.equal("not_readable", err.code)
    assert.matches("Permission denied", message, 1, true)
  end)

  it("refuses names that Box doesn't accept before it sends anything",
    function()
      local path = dir:file("plain.bin", 1500)
      for name, code in pairs {
        ["a\nb"] = "item_name_invalid", ["a/b"] = "item_name_invalid",
        [("x"):rep(256)] = "item_name_too_long", [""] = "item_name_invalid",
      } do
        local err, message =
          fails(path, { folder_id = "0", file_name = name })
        assert.equal(code, err.code)
        assert.matches("give another file_name", message, 1, true)
        local session, _, refused = client:create_session {
          folder_id = "0", file_name = name, file_size = 1500,
        }
        assert.is_nil(session)
        assert.equal(code, refused.code)
      end
      local odd = dir:write("odd\nname.bin", "x")
      assert.equal("item_name_invalid", fails(odd).code)
    end)

  it("raises for invalid calls", function()
    local path = dir:file("usage.bin", 10)
    local function raised(...)
      local arguments = { ... }
      local ok, message = pcall(function()
        local file = client:upload(arguments[1], arguments[2])
        return file
      end)
      assert.is_false(ok)
      assert.matches("client_spec.lua:%d+: client:upload: ", message)
      return message
    end
    assert.matches("give folder_id", raised(path, {}), 1, true)
    assert.matches("give folder_id", raised(path), 1, true)
    assert.matches("not both",
      raised(path, { folder_id = "0", file_id = "1" }), 1, true)
    assert.matches('did you mean "folder_id"?',
      raised(path, { foldr_id = "0" }), 1, true)
    assert.matches('"folder_id" must be a string',
      raised(path, { folder_id = 0 }), 1, true)
    assert.matches('"folder_id" isn\'t an id',
      raised(path, { folder_id = "0/../1" }), 1, true)
    assert.matches("must be a date that exists",
      raised(path, { folder_id = "0", content_modified_at = "today" }), 1,
      true)
    assert.matches("must be a date, or false",
      raised(path, { folder_id = "0", content_modified_at = true }), 1, true)
    assert.matches("file_name and folder_id are for",
      raised(path, { folder_id = "0", attributes = { name = "x" } }), 1,
      true)
    assert.matches('"attributes" contains',
      raised(path, { folder_id = "0", attributes = { x = print } }), 1, true)
    assert.matches("expected", raised(12, { folder_id = "0" }), 1, true)
    assert.matches("expected", raised(nil, { folder_id = "0" }), 1, true)
    assert.equal(0, #emulator:requests())
  end)

  it("sends the headers that its options give", function()
    local path = dir:file("headers.bin", 2500)
    client:close()
    client = emulator:client {
      as_user = "1234", shared_link = "https://app.box.com/s/abc",
      shared_link_password = "pw", user_agent = "spec/1.0",
    }
    assert(client:upload(path, { folder_id = "0" }))
    local requests = emulator:requests()
    assert.equal(5, #requests)
    for _, record in ipairs(requests) do
      assert.equal("1234", record.headers["as-user"])
      assert.equal("shared_link=https://app.box.com/s/abc&" ..
        "shared_link_password=pw", record.headers.boxapi)
      assert.equal("spec/1.0", record.headers["user-agent"])
    end
  end)

  it("fails after its retries when nobody listens", function()
    local other = emulators.start()
    local url = other.upload_url
    other:stop()
    client:close()
    client = emulator:client { upload_url = url, retries = 1 }
    local path = dir:file("nobody.bin", 2500)
    local file, message, err = client:upload(path, { folder_id = "0" })
    assert.is_nil(file)
    assert.equal("network", err.kind)
    assert.is_true(err.retryable)
    assert.matches("check the network", message, 1, true)
  end)

  -- In a separate process: this one's threads may have been started before.
  local function added_by(expected, extra)
    local script = dir:write("nice.lua", ([[
      package.path = %q
      local client = require("boxupload").new {
        token = "x", upload_url = "http://127.0.0.1:1", retries = 0, %s
      }
      assert(not client:open_session "1")
      local pid = io.open("/proc/self/stat"):read "*n"
      print(require("support.niceness").added(pid, %d))
    ]]):format(package.path, extra, expected))
    return shell.output(("%s %s"):format(command.interpreter(), script))
  end

  it("lowers the priority of its own threads only", function()
    local linux = io.open "/proc/self/stat"
    if not linux then
      pending "no /proc to look into"
      return
    end
    linux:close()
    assert.matches("^0 [0 ]*\n$", added_by(0, ""))
    assert.matches("^7 [7 ]*\n$", added_by(7, "nice = 7"))
    assert.matches("^3 [3 ]*\n$", added_by(3,
      "loop = { wait = require('boxupload.loop.plain').wait, nice = 3 }"))
  end)
end)
