-- jwt_spec: signatures, and signing in with them.
-- SPDX-License-Identifier: MIT

local auth = require("boxupload").auth
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local json = require "boxupload.util.json"
local shell = require "support.shell"

describe("auth.jwt", function()
  local emulator, dir, client
  local time, random = core.time, core.random

  setup(function()
    emulator = emulators.start("--plain --jwt --min-size 1000 " ..
      "--part-size 1000")
    dir = files.temp_dir()
  end)

  teardown(function()
    emulator:stop()
    dir:remove()
  end)

  before_each(function() emulator:reset() end)

  after_each(function()
    core.time, core.random = time, random
    if client then client:close() end
    client = nil
  end)

  local function config()
    local given = emulator.jwt_config
    return type(given) == "table" and given or
      assert(json.decode(files.read(given)))
  end

  local function copy(value)
    if type(value) ~= "table" then return value end
    local all = {}
    for key, item in pairs(value) do all[key] = copy(item) end
    return all
  end

  -- Signs in with the changed config.
  local function sign_in(change, options)
    local mine = copy(config())
    if change then change(mine.boxAppSettings, mine) end
    local all = { config = mine, enterprise = true }
    for key, value in pairs(options or {}) do all[key] = value end
    if client then client:close() end
    client = emulator:client { auth = auth.jwt(all), retry_delay = 0.001 }
    local token, message, err = client:access_token()
    if err then
      for _, secret in ipairs { mine.boxAppSettings.clientSecret,
        mine.boxAppSettings.appAuth.passphrase } do
        assert.is_nil(message:find(secret, 1, true))
      end
    end
    return token, message, err
  end

  local function fails(change, options)
    local token, message, err = sign_in(change, options)
    assert.is_nil(token)
    assert.equal("auth", err.kind)
    return message, err
  end

  local function token_requests()
    return #emulator:requests("token")
  end

  it("signs in with each algorithm, and uploads", function()
    for _, algorithm in ipairs { "RS256", "RS384", "RS512" } do
      assert(sign_in(nil, { algorithm = algorithm }))
    end
    assert.equal(3, token_requests())
    local path, _, sha1 = dir:file("jwt", 5000)
    local file = assert(client:upload(path, { folder_id = "0" }))
    assert.equal(sha1, file.sha1)
  end)

  it("signs in as the enterprise or as a user", function()
    assert(sign_in(nil, { enterprise = config().enterpriseID }))
    local mine = { config = config(), user = emulator.user_id }
    client:close()
    client = emulator:client { auth = auth.jwt(mine) }
    assert(client:access_token())
  end)

  it("reads config.json, and warns when others can read it, too", function()
    local path = dir:write("config.json", json.encode(config()))
    shell.output("chmod 640 " .. path)
    local how = auth.jwt { config = path, enterprise = true }
    assert.matches("chmod 600 " .. path, how.warnings[1], 1, true)
    client = emulator:client { auth = how }
    assert(client:access_token())
    shell.output("chmod 600 " .. path)
    assert.same({}, auth.jwt { config = path, user = "1" }.warnings)
  end)

  it("reports what is wrong with config.json", function()
    local broken = copy(config())
    broken.boxAppSettings.appAuth.privateKey = nil
    for text, expected in pairs {
      ["no json"] = "isn't JSON", ["{}"] = "there is no boxAppSettings",
      [json.encode(broken)] = "appAuth.privateKey",
    } do
      local path = dir:write("bad.json", text)
      assert.matches(expected, (fails(nil, { config = path })), 1, true)
    end
    assert.matches("there is no file",
      (fails(nil, { config = dir.path .. "/none.json" })), 1, true)
    assert.equal(0, token_requests())
  end)

  it("reports a wrong or missing passphrase and a damaged key", function()
    for _, case in ipairs {
      { function(app) app.appAuth.passphrase = "not-it" end,
        "passphrase" },
      { function(app) app.appAuth.passphrase = nil end,
        "give its passphrase", true },
      { function(app) app.appAuth.passphrase = "two\0words" end,
        "zero byte" },
      { function(app) app.appAuth.privateKey = "no PEM" end,
        "isn't a PEM text" },
      { function(app)
        local key = app.appAuth.privateKey
        app.appAuth.privateKey = key:sub(1, 700) .. "!!" .. key:sub(703)
      end, "damaged" },
      { function(app)
        local key = app.appAuth.privateKey
        app.appAuth.privateKey = key:sub(1, 700) .. key:sub(765)
      end, "damaged" },
    } do
      local change = case[1]
      if case[3] then
        local mine = copy(config())
        change(mine.boxAppSettings)
        client = emulator:client {
          auth = auth.jwt { config = mine, enterprise = true },
        }
        local _, message, err = client:access_token()
        assert.equal("auth", err.kind)
        assert.matches(case[2], message, 1, true)
      else
        local message, err = fails(change)
        assert.equal("bad_key", err.code)
        assert.matches(case[2], message, 1, true)
      end
    end
    assert.equal(0, token_requests())
  end)

  it("reports another application's key without a retry", function()
    local pem = shell.output("openssl genpkey -quiet -algorithm RSA " ..
      "-pkeyopt rsa_keygen_bits:2048 2>/dev/null || openssl genrsa 2048 " ..
      "2>/dev/null")
    local message = fails(function(app) app.appAuth.privateKey = pem end)
    assert.matches("signature", message, 1, true)
    assert.equal(1, token_requests())
  end)

  it("corrects a clock that is an hour off, either way", function()
    for _, off in ipairs { 3600, -3600 } do
      emulator:reset()
      core.time = function() return time() + off end
      assert(sign_in())
      assert.equal(2, token_requests())
      -- The next token request has the right time immediately.
      client.auth:refused(client.auth.value, false)
      assert(client:access_token())
      assert.equal(3, token_requests())
    end
  end)

  it("replaces a jti that was used before, up to five times", function()
    local left = 2
    core.random = function(count)
      if count == 32 and left > 0 then
        left = left - 1
        return ("5ee"):rep(20)
      end
      return random(count)
    end
    assert(sign_in())
    left = 1
    emulator:reset()
    assert(sign_in())
    assert.equal(2, token_requests())
    emulator:reset()
    left = 100
    local message, err = fails()
    assert.equal("invalid_grant", err.code)
    assert.matches("jti", message, 1, true)
    assert.equal(5, token_requests())
  end)

  it("uses the audience that Box expects", function()
    assert.matches("aud",
      (fails(nil, { audience = "https://other.example/" })), 1, true)
  end)

  describe("a signature", function()
    local function verify(bits, passphrase, algorithm, digest)
      local quoted = shell.quote(dir.path)
      shell.output(("cd %s && openssl genrsa -out plain.pem %d " ..
        "2>/dev/null && openssl rsa -in plain.pem -pubout " ..
        "-out public.pem 2>/dev/null")
        :format(quoted, bits))
      if passphrase then
        shell.output(("cd %s && openssl pkcs8 -topk8 -v2 aes-256-cbc -in " ..
          "plain.pem -out key.pem -passout pass:%s 2>/dev/null")
          :format(quoted, passphrase))
      end
      local data = "header.claims"
      local text = assert(core.sign {
        algorithm = algorithm, data = data, passphrase = passphrase,
        key = files.read(dir.path ..
          (passphrase and "/key.pem" or "/plain.pem")),
      })
      assert.is_nil(text:find("[^%w_-]"))
      local base64 = text:gsub("-", "+"):gsub("_", "/")
      base64 = base64 .. ("="):rep(-#base64 % 4)
      dir:write("data", data)
      dir:write("base64", base64)
      return shell.output(("cd %s && openssl base64 -d -A -in base64 -out " ..
        "sig && openssl dgst -%s -verify public.pem -signature sig data 2>&1")
        :format(quoted, digest))
    end

    it("is accepted by the openssl command", function()
      assert.matches("Verified OK", verify(2048, nil, "RS256", "sha256"))
      assert.matches("Verified OK", verify(3072, "sesame", "RS384", "sha384"))
      assert.matches("Verified OK", verify(2048, "sesame", "RS512", "sha512"))
      assert.is_nil(verify(2048, nil, "RS256", "sha512"):find("OK"))
    end)

    it("doesn't verify with other keys", function()
      local path = shell.quote(dir.path)
      shell.output(("cd %s && openssl ecparam -name prime256v1 -genkey " ..
        "-noout -out ec.pem 2>/dev/null"):format(path))
      local signature, message, code = core.sign {
        key = files.read(dir.path .. "/ec.pem"), data = "x",
      }
      assert.is_nil(signature)
      assert.equal("invalid", code)
      assert.matches("isn't an RSA key", message, 1, true)
      assert.has_error(function() core.sign { data = "x" } end)
      assert.has_error(function()
        core.sign { key = "x", data = "x", algorithm = "none" }
      end)
    end)

    it("needs a key of 2048 bits", function()
      for _, bits in ipairs { 512, 1024, 2040 } do
        shell.output(("cd %s && openssl genrsa -out short.pem %d 2>/dev/null")
          :format(shell.quote(dir.path), bits))
        local key = files.read(dir.path .. "/short.pem")
        local message, err = fails(function(app)
          app.appAuth.privateKey = key
        end)
        assert.equal("bad_key", err.code)
        assert.matches(("has %d bits"):format(bits), message, 1, true)
      end
      assert.equal(0, token_requests())
    end)

    it("is in base64url", function()
      for text, expected in pairs {
        [""] = "", f = "Zg", fo = "Zm8", foo = "Zm9v", foob = "Zm9vYg",
      } do
        assert.equal(expected, core.base64url(text))
      end
      assert.equal("_--_", core.base64url("\255\239\191"))
    end)
  end)
end)
