-- auth_spec: tokens that expire during uploads, and ways to get new ones.
-- SPDX-License-Identifier: MIT

local auth = require("boxupload").auth
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local json = require "boxupload.util.json"
local shell = require "support.shell"

describe("boxupload.auth", function()
  local emulator, dir, client

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
  end)

  teardown(function()
    emulator:stop()
    dir:remove()
  end)

  before_each(function()
    emulator:reset { token_ttl = 3600, latency_ms = 0 }
  end)

  after_each(function()
    if client then client:close() end
    client = nil
    emulator:wait_until_idle()
  end)

  local function connect(how, options)
    local all = { auth = how, retry_delay = 0.01 }
    for key, value in pairs(options or {}) do all[key] = value end
    client = emulator:client(all)
    return client
  end

  local function with_client(fields)
    fields.client_id = emulator.client_id
    fields.client_secret = fields.client_secret or emulator.client_secret
    return fields
  end

  local function credentials(fields)
    fields = fields or {}
    fields.user = fields.user or emulator.user_id
    return auth.client_credentials(with_client(fields))
  end

  local function new_tokens()
    return emulator:control("POST", "/tokens", {})
  end

  local function token_requests()
    return #emulator:requests("token")
  end

  local function upload(name, size)
    local path, _, sha1 = dir:file(name, size)
    local file, message, err =
      client:upload(path, { folder_id = "0", parallel = 8 })
    if file then assert.equal(sha1, file.sha1) end
    return file, message, err
  end

  local function assert_absent(secret, ...)
    for _, text in ipairs { ... } do
      assert.is_nil(text:find(secret, 1, true))
    end
  end

  it("requests one token for many parts", function()
    connect(credentials())
    assert(upload("once", 20000))
    assert.equal(1, token_requests())
    assert(client:access_token())
    assert.equal(1, token_requests())
  end)

  it("requests one token for concurrent transfers", function()
    emulator:reset { latency_ms = 30 }
    connect(credentials())
    local transfers = {}
    for i = 1, 4 do
      local path = dir:file("together" .. i, 4000)
      transfers[i] = assert(client:start(path, { folder_id = "0" }))
    end
    for _, each in ipairs(transfers) do assert(each:wait()) end
    assert.equal(1, token_requests())
  end)

  it("outlasts tokens that live for two seconds", function()
    emulator:reset { token_ttl = 2, latency_ms = 250 }
    connect(credentials(), { retries = 5 })
    local began = core.now()
    assert(upload("long", 80000))
    local seconds = core.now() - began
    assert.is_true(seconds > 2)
    -- The emulator's clock has whole seconds: a token lives 1 to 2 of them.
    assert.is_true(token_requests() >= 2)
    assert.is_true(token_requests() <= 1 + math.ceil(seconds))
  end)

  it("renews tokens while connections break", function()
    emulator:reset { token_ttl = 2, latency_ms = 250 }
    emulator:faults({ operation = "upload_part", action = "reset",
      when = "during", occurrence = { 2, 9, 21, 33, 47 } })
    connect(credentials(), { retries = 5 })
    local began = core.now()
    assert(upload("long and broken", 80000))
    assert.is_true(token_requests() >= 2)
    assert.is_true(token_requests() <= 1 + math.ceil(core.now() - began))
  end)

  it("requests one new token when one expires under many parts", function()
    connect(credentials())
    emulator:faults({ operation = "upload_part", occurrence = 5,
      action = "expire_token" })
    assert(upload("dies", 30000))
    assert.equal(2, token_requests())
  end)

  it("fails when the new token is refused, too", function()
    connect(credentials())
    emulator:faults({ operation = "create_session", occurrence = "all",
      action = "expire_token" })
    local file, _, err = upload("refused", 5000)
    assert.is_nil(file)
    assert.equal("auth", err.kind)
    assert.equal(401, err.status)
    assert.equal(2, token_requests())
  end)

  it("renews at most every ten seconds because of refusals", function()
    connect(credentials())
    assert(client:access_token())
    local began = core.now()
    for i = 1, 6 do
      emulator:faults { operation = "upload_part", action = "reply",
        status = 401 }
      assert(upload("now and then " .. i, 3000))
    end
    assert.is_true(token_requests() <= 2 + (core.now() - began) / 10)
  end)

  it("keeps using a valid token when an early renewal fails", function()
    emulator:reset { token_ttl = 4 }
    connect(credentials(), { retries = 0 })
    local before = assert(client:access_token())
    client.auth.renew_at = core.now()
    emulator:faults({ operation = "token", occurrence = "all",
      action = { reply = { status = 503 } } })
    assert.equal(before, client:access_token())
    assert.equal(2, token_requests())
    assert.equal(before, client:access_token())
    assert.equal(2, token_requests())
  end)

  it("gets a token when another client was closed while renewing", function()
    local how = credentials()
    local other = emulator:client { auth = how }
    local path = dir:file("closed", 3000)
    local transfer = assert(other:start(path, { folder_id = "0" }))
    emulator:faults({ operation = "token", occurrence = 1,
      action = { stall = { when = "before" } } })
    transfer:step()
    -- If the other client's request was never sent, this client's stalls.
    connect(how, { stall_timeout = 1 })
    other:close()
    assert(client:access_token())
  end)

  it("sends As-User and shared links, but not in token requests", function()
    connect(credentials { user = emulator.user_id }, {
      as_user = emulator.user_id, shared_link = "https://app.box.com/s/x",
      shared_link_password = "pass word",
    })
    assert(upload("as_user", 5000))
    local seen = 0
    for _, record in ipairs(emulator:requests()) do
      local signing = record.operation == "token"
      assert.equal(not signing and emulator.user_id or nil,
        record.headers["as-user"])
      assert.equal(not signing and
        "shared_link=https://app.box.com/s/x&shared_link_password=pass word"
        or nil, record.headers.boxapi)
      seen = seen + 1
    end
    assert.is_true(seen > 5)
  end)

  describe("failing", function()
    local function fails(kind, how, options)
      connect(how or credentials(), options or { retries = 1 })
      local value, message, err = client:access_token()
      assert.is_nil(value)
      assert.equal(kind, err.kind)
      assert_absent(emulator.client_secret, message, tostring(err),
        tostring(client.auth))
      return err
    end

    it("reports a wrong client secret", function()
      local err = fails("auth", credentials { client_secret = "wrong-one" })
      assert.equal("invalid_client", err.code)
      assert.equal(1, token_requests())
      assert_absent("wrong-one", err.message)
    end)

    it("reports an unreachable token endpoint", function()
      fails("network", nil, { retries = 1,
        token_url = "http://127.0.0.1:1/oauth2/token" })
      client:close()
      emulator:faults({ operation = "token", occurrence = "all",
        action = "reset" })
      fails("network")
      assert.equal(2, token_requests())
    end)

    it("reports HTML, whatever the status", function()
      emulator:faults({ operation = "token", occurrence = "all",
        action = { garbage = { kind = "html" } } })
      assert.equal("invalid_reply", fails("auth").code)
      client:close()
      for _, status in ipairs { 200, 302, 401, 403, 404 } do
        emulator:faults({ operation = "token", occurrence = "all",
          action = { reply = { status = status, body = "<html></html>" } } })
        fails("auth")
        client:close()
      end
    end)

    it("hides a secret that the service repeats", function()
      emulator:faults({ operation = "token", action = { reply = {
        status = 400, body = { error = "invalid_grant", error_description =
          "no such " .. emulator.client_secret } } } })
      assert.matches("[hidden]", fails("auth").message, 1, true)
    end)

    it("retries what is safe to retry", function()
      connect(credentials())
      emulator:faults({ operation = "token", occurrence = { 1, 2 },
        action = { reply = { status = 503 } } })
      assert(client:access_token())
      assert.equal(3, token_requests())
    end)
  end)

  describe("callback", function()
    it("takes tokens from a function and passes it the refused one", function()
      local calls = {}
      connect(auth.callback(function(refused)
        calls[#calls + 1] = refused or "none"
        local new = new_tokens()
        return new.access_token or new.token, 3600
      end))
      emulator:faults({ operation = "upload_part", occurrence = 2,
        action = "expire_token" })
      assert(upload("callback", 9000))
      assert.equal(2, #calls)
      assert.equal("none", calls[1])
      assert.equal(64, #calls[2])
    end)

    it("may give the refused token again, since 401s pass", function()
      local value = new_tokens().access_token
      connect(auth.callback(function() return value end))
      emulator:faults { operation = "upload_part", action = "reply",
        status = 401, occurrence = { 2, 3, 4 } }
      assert(upload("the same", 5000))
      emulator:faults { operation = "create_session", action = "reply",
        status = 401, occurrence = "all" }
      local file, _, err = upload("the same for ever", 5000)
      assert.is_nil(file)
      assert.equal(401, err.status)
      assert.is_true(#emulator:requests("create_session") <= 8)
    end)

    it("reports what a function can't return", function()
      for _, get in ipairs {
        function() return nil, "the purse is empty" end,
        function() return 12 end, function() return "a\nb" end,
        function() return "token", -1 end,
      } do
        connect(auth.callback(get))
        local value, _, err = client:access_token()
        assert.is_nil(value)
        assert.equal("auth", err.kind)
        client:close()
      end
    end)
  end)

  describe("refresh", function()
    local function refresh(fields)
      return auth.refresh(with_client(fields))
    end

    it("stores the tokens before it uses them", function()
      local stored, order = {}, {}
      connect(refresh {
        refresh_token = emulator.refresh_token,
        store = function(saved)
          stored[#stored + 1] = saved.refresh_token
          order[#order + 1] = #emulator:requests("create_session")
        end,
      })
      assert(upload("stored", 5000))
      emulator:control("DELETE", "/tokens")
      assert(upload("stored2", 5000))
      -- The second session took two requests: the first had the dead token.
      assert.same({ 0, 2 }, order)
      assert.is_true(stored[1] ~= stored[2])
    end)

    it("keeps tokens that couldn't be stored, and tries again", function()
      local broken = true
      connect(refresh {
        refresh_token = new_tokens().refresh_token,
        store = function()
          if broken then error("disk full") end
        end,
      })
      local value, message, err = client:access_token()
      assert.is_nil(value)
      assert.equal("store_failed", err.code)
      assert.matches("disk full", message, 1, true)
      broken = false
      assert(client:access_token())
      assert.equal(1, token_requests())
    end)

    it("shares a private file with other processes", function()
      local path = dir.path .. "/deeper/tokens.json"
      local first = refresh {
        refresh_token = new_tokens().refresh_token,
        store = auth.file_store(path),
      }
      connect(first)
      local token = assert(client:access_token())
      assert.is_true(core.is_private(path))
      assert.same({ "tokens.json" }, core.list_folder(dir.path .. "/deeper"))
      client:close()
      -- Another process gets the token from the file, and then refreshes it.
      connect(refresh { store = auth.file_store(path) })
      assert.equal(token, client:access_token())
      assert.equal(1, token_requests())
      emulator:control("DELETE", "/tokens")
      local newer
      assert(upload("shared", 5000))
      newer = assert(client:access_token())
      assert.equal(2, token_requests())
      client:close()
      -- The first has the old token and finds the newer one in the file.
      connect(first)
      assert(upload("shared2", 5000))
      assert.equal(newer, client:access_token())
      assert.equal(2, token_requests())
    end)

    it("reads the store again when its token is refused", function()
      local good = new_tokens().refresh_token
      local reads = 0
      connect(refresh { store = {
        read = function()
          reads = reads + 1
          return { refresh_token = reads == 1 and "used-up" or good }
        end,
        write = function() return true end,
      } })
      assert(client:access_token())
      assert.equal(2, reads)
      assert.equal(2, token_requests())
    end)

    it("stores tokens that arrived before its client was closed", function()
      local stored = {}
      connect(refresh {
        refresh_token = new_tokens().refresh_token,
        store = function(saved) stored[#stored + 1] = saved end,
      })
      local transfer = assert(client:start(dir:file("left", 3000),
        { folder_id = "0" }))
      local deadline = core.now() + 10
      while not client.auth.renewal do
        assert(core.now() < deadline, "no token request was made")
        transfer:step()
      end
      local renewal = client.auth.renewal
      -- The response has arrived, but nobody has looked at it.
      renewal.queue:wait(10)
      assert.same({}, stored)
      client:close()
      assert.equal(1, #stored)
      connect(client.auth)
      assert.equal(stored[1].access_token, (assert(client:access_token())))
      assert.equal(1, token_requests())
    end)

    it("reports a refusal without the token", function()
      connect(refresh { refresh_token = "not-a-token" })
      local value, message, err = client:access_token()
      assert.is_nil(value)
      assert.equal("auth", err.kind)
      assert.equal("invalid_grant", err.code)
      assert_absent("not-a-token", message, tostring(client.auth))
      assert.equal(1, token_requests())
    end)

    it("warns about a store that others can read", function()
      local path = dir:write("open.json", "{}")
      shell.output("chmod 644 " .. path)
      local how = refresh { store = auth.file_store(path) }
      assert.matches("chmod 600", how.warnings[1], 1, true)
      connect(how)
      local value, _, err = client:access_token()
      assert.is_nil(value)
      assert.equal("store_failed", err.code)
      shell.output("chmod 600 " .. path)
      assert.same({}, auth.file_store(path).warnings)
    end)
  end)

  it("exchanges a code, then refreshes", function()
    local saved
    connect(auth.code(with_client {
      code = emulator.code, store = function(new) saved = new end,
    }))
    local token = assert(client:access_token())
    assert.equal(token, saved.access_token)
    emulator:control("DELETE", "/tokens")
    assert(upload("code", 5000))
    assert.is_true(client:access_token() ~= token)
    assert.equal("https://account.box.com/api/oauth2/authorize?" ..
      "client_id=a&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F&" ..
      "response_type=code&state=s%26t", auth.authorize_url {
        client_id = "a", redirect_uri = "http://127.0.0.1:1/", state = "s&t",
      })
  end)

  it("downscopes tokens, and renews the ones they come from", function()
    local above = credentials()
    connect(auth.downscope {
      auth = above, scope = { "base_upload" }, folder_id = "0",
    })
    assert(upload("lesser", 5000))
    assert.equal(2, token_requests())
    emulator:control("DELETE", "/tokens")
    assert(upload("lesser2", 5000))
    -- The downscoped token is refused, then its parent; then both are renewed.
    assert.equal(5, token_requests())
  end)

  it("revokes", function()
    local one = new_tokens()
    connect(credentials())
    local order = with_client { client = client, token = one.refresh_token }
    assert.is_true(auth.revoke(order))
    local ok, message, err = auth.revoke(order)
    assert.is_nil(ok)
    assert.equal("auth", err.kind)
    assert_absent(one.refresh_token, message)
  end)

  it("raises for invalid arguments", function()
    local function raised(name, ...)
      local arguments = { ... }
      local ok, message = pcall(function()
        local how = auth[name](arguments[1], arguments[2])
        return how
      end)
      assert.is_false(ok)
      assert.matches("auth_spec.lua:%d+: auth." .. name .. ": ", message)
      return message
    end
    local function client_fields()
      return { client_id = "i", client_secret = "s" }
    end
    raised("client_credentials", client_fields())
    raised("refresh", client_fields())
    raised("code", client_fields())
    raised("callback", "x")
    raised("jwt", { config = {}, user = "1" })
    raised("jwt", { config = "x" })
    raised("jwt", { config = "x", user = "1", enterprise = true })
    raised("downscope", { scope = "x" })
    raised("file_store", "")
    raised("revoke", client_fields())
    local misspelt = client_fields()
    misspelt.users = "1"
    assert.matches('did you mean "user"',
      raised("client_credentials", misspelt), 1, true)
  end)

  it("shows no secret", function()
    for _, how in ipairs {
      credentials(), auth.refresh(with_client { refresh_token = "sesame" }),
      auth.callback(function() end),
    } do
      assert_absent("sesame", tostring(how))
      assert.matches("hidden", tostring(how), 1, true)
    end
    assert.is_nil((json.encode(tostring(credentials()))):find(
      emulator.client_secret, 1, true))
  end)
end)
