-- security: a token is sent only where it belongs.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local command = require "support.command"
local emulators = require "support.emulator"
local files = require "support.files"
local redact = require "boxupload.util.redact"

describe("the access token", function()
  local emulator, dir, client, path

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
    path = dir:file("secret.bin", 3500, 1)
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset()
    client = emulator:client { retries = 0 }
    -- As with Box's own upload_url: the endpoints in responses count.
    client.has_own_upload_url = false
  end)

  after_each(function()
    client:close()
    emulator:wait_until_idle()
    assert.equal(0, emulator:open_sessions())
  end)

  -- The same server by another name, which must not get the token.
  local function other_host(path_there)
    return emulator.session_url:gsub("127%.0%.0%.1", "localhost") ..
      path_there
  end

  local PATHS = {
    upload_part = "", list_parts = "/parts", status = "", commit = "/commit",
    abort = "", plan = "/plan", log_event = "/log",
  }

  -- The session's own paths, on the other host.
  local function all_endpoints()
    local fields = {}
    for name, rest in pairs(PATHS) do
      fields["session_endpoints." .. name] =
        other_host("/files/upload_sessions/{id}" .. rest)
    end
    return fields
  end

  it("isn't sent to a host that a response names", function()
    emulator:faults {
      operation = "create_session", action = "set",
      fields = all_endpoints(),
    }
    local file, message, err = client:upload(path, { folder_id = "0" })
    assert.is_nil(file)
    assert.equal("untrusted", err.code)
    assert.equal("invalid", err.kind)
    assert.matches("localhost", message, 1, true)
    assert.is_nil(err.abort_error)
    for _, record in ipairs(emulator:requests()) do
      assert.matches("^127%.0%.0%.1:", record.headers.host)
    end
    assert.equal(0, #emulator:requests("upload_part"))
    assert.equal(1, #emulator:requests("abort"))
  end)

  it("isn't sent to such a host by any operation of a session", function()
    emulator:faults {
      operation = "create_session", action = "set",
      fields = all_endpoints(),
    }
    local session = assert(client:create_session {
      folder_id = "0", file_name = "x", file_size = 3500,
    })
    local bytes = files.bytes(1000)
    local results = {
      { session:upload(0, bytes) }, { session:parts() },
      { session:status() }, { session:plan { { offset = 0 } } },
      { session:commit {
        sha1 = ("0"):rep(40),
        parts = { { part_id = "A", offset = 0, size = 3500 } },
      } },
    }
    for _, result in ipairs(results) do
      assert.is_nil(result[1])
      assert.equal("untrusted", result[3].code)
    end
    assert.equal(1, #emulator:requests())
    assert.is_true(session:abort())
  end)

  it("isn't sent to a host that a saved session names", function()
    local session = assert(client:create_session {
      folder_id = "0", file_name = "x", file_size = 3500,
    })
    local saved = session:save()
    saved.session_endpoints.status =
      other_host("/files/upload_sessions/" .. session.id)
    local found, _, err = client:open_session(saved)
    assert.is_nil(found)
    assert.equal("untrusted", err.code)
    assert.equal(1, #emulator:requests())
    assert(session:abort())
  end)

  it("goes to the configured upload_url rather than to another host",
    function()
      client.has_own_upload_url = true
      emulator:faults {
        operation = "create_session", action = "set",
        fields = all_endpoints(),
      }
      assert(client:upload(path,
        { folder_id = "0", file_name = "configured.bin" }))
      for _, record in ipairs(emulator:requests()) do
        assert.matches("^127%.0%.0%.1:", record.headers.host)
      end
    end)

  it("isn't sent along a redirect", function()
    for _, operation in ipairs { "create_session", "upload_part", "commit" } do
      emulator:reset()
      emulator:faults {
        operation = operation, action = "redirect", status = 307,
        location = other_host("/stolen"),
      }
      local file, _, err = client:upload(path, { folder_id = "0" })
      assert.is_nil(file)
      assert.equal(307, err.status)
      for _, record in ipairs(emulator:requests()) do
        assert.is_nil(record.path:find("stolen", 1, true))
      end
    end
  end)

  it("isn't in an error, even when the service repeats it", function()
    emulator:faults {
      operation = "create_session", action = "reply", status = 400,
      body = {
        code = "bad_request",
        message = "Bearer " .. emulator.token .. " is no good, " ..
          emulator.token,
        context_info = { errors = { { message = emulator.token } } },
      },
    }
    local file, message, err = client:upload(path, { folder_id = "0" })
    assert.is_nil(file)
    assert.is_nil(message:find(emulator.token, 1, true))
    assert.is_nil(tostring(err):find(emulator.token, 1, true))
    assert.equal("[hidden]", err.context_info.errors[1].message)
  end)
end)

describe("what goes out in the clear", function()
  local function warnings(options)
    options.token = "x"
    local client = boxupload.new(options)
    client:close()
    return client.warnings
  end

  it("is warned of, for each host once", function()
    assert.same({}, warnings {})
    local all = warnings {
      api_url = "http://box.example/2.0",
      upload_url = "http://box.example/api/2.0/",
      token_url = "http://box.example:8080/oauth2/token",
    }
    assert.equal(2, #all)
    assert.matches("^http://box.example isn't encrypted: ", all[1])
    assert.matches("^http://box.example:8080 isn't encrypted: ", all[2])
  end)

  it("is what leaves this machine", function()
    for host, is_loopback in pairs {
      ["localhost"] = true, ["LocalHost:8080"] = true, ["127.0.0.1"] = true,
      ["127.255.0.3:1"] = true, ["[::1]"] = true, ["[::1]:8080"] = true,
      ["127.0.0.1.example.org"] = false, ["127.example.org"] = false,
      ["localhost.example.org"] = false, ["128.0.0.1"] = false,
      ["127.0.0.256"] = false, ["127.0.1"] = false, ["[::2]"] = false,
      ["[::1].example.org"] = false, ["0.0.0.0"] = false,
      ["10.0.0.1:127"] = false,
    } do
      for _, name in ipairs { "api_url", "upload_url", "token_url" } do
        local ok, found = pcall(warnings, { [name] = "http://" .. host ..
          "/x" })
        if ok then assert.equal(is_loopback and 0 or 1, #found, host) end
        assert.is_true(ok or not is_loopback, host)
        assert.same({}, warnings { [name] = "https://box.example/x" })
      end
    end
  end)

  it("is warned of once by the command", function()
    local dir = files.temp_dir()
    local one, two = dir:file("one", 10), dir:file("two", 10)
    local url = "http://box.example/2.0"
    for _, arguments in ipairs {
      ("upload -f 0 --retries 0 %s %s"):format(one, two),
      "whoami --retries 0",
      "login --retries 0 --token-stdin <" .. dir:write("token", "a-token"),
    } do
      local _, out, err = command.run(arguments ..
        " --proxy http://127.0.0.1:1", ("BOX_TOKEN=x BOX_API_URL=%s " ..
        "BOX_UPLOAD_URL=%s BOX_TOKEN_URL=%s"):format(url, url, url))
      assert.equal("", out)
      local _, count = err:gsub("boxupload: warning: http://box.example " ..
        "isn't encrypted", "")
      assert.equal(1, count, err)
    end
    dir:remove()
  end)
end)

describe("redact", function()
  it('hides secrets, and what follows "Bearer"', function()
    assert.equal("a [hidden] b [hidden]", redact.text("a x.y b x.y",
      { "x.y" }))
    assert.equal("Authorization: Bearer [hidden], and more",
      redact.text("Authorization: Bearer abc!def, and more", {}))
    assert.equal("nothing", redact.text("nothing", { "x" }))
    assert.same({ a = { "[hidden]", 1 } },
      redact.value({ a = { "x", 1 } }, { "x" }))
  end)
end)
