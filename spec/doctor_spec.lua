-- doctor: what `boxupload doctor` finds out about a machine and its connection
-- to Box.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local emulators = require "support.emulator"
local files = require "support.files"
local probe = require "boxupload.cli.doctor.probe"
local shell = require "support.shell"

describe("boxupload doctor", function()
  local emulator, secure, dir

  setup(function()
    emulator = emulators.start()
    secure = emulators.start("--tls")
    dir = files.temp_dir()
  end)

  teardown(function()
    dir:remove()
    secure:stop()
    emulator:stop()
  end)

  before_each(function() emulator:reset() end)

  local function run(target, more)
    local code, out, err = command.run("doctor --json",
      target:environment() .. (more or ""))
    local found = {}
    for _, event in ipairs(command.events(out)) do
      assert.equal("check", event.event)
      found[event.check] = event
    end
    assert.equal("", err)
    return code, found
  end

  it("finds no problem when there is none", function()
    for _, of in ipairs { emulator, secure } do
      local code, found = run(of)
      assert.equal(0, code)
      for _, name in ipairs { "boxupload", "Lua", "libcurl", "OpenSSL",
        "cjson", "argparse", "state folder", "proxies", "profiles", "api",
        "upload", "token", "sign-in" } do
        assert.equal("ok", found[name] and found[name].status, name)
      end
    end
    local code, out = command.run("doctor", emulator:environment())
    assert.equal(0, code)
    assert.matches("\nok    api: http://[^\n]* answers\n", out)
    code, out = command.run("doctor --quiet", emulator:environment())
    assert.equal(0, code)
    assert.equal("", out)
  end)

  it("finds an unreachable host", function()
    local code, found = run(emulator,
      " BOX_UPLOAD_URL=http://127.0.0.1:1/api/2.0")
    assert.equal(8, code)
    assert.equal("ok", found.api.status)
    assert.equal("fail", found.upload.status)
    assert.equal("network", found.upload.code)
    assert.is_string(found.upload.advice)
    local _, out = command.run("doctor", emulator:environment() ..
      " BOX_UPLOAD_URL=http://127.0.0.1:1/api/2.0")
    assert.matches("\nFAIL  upload: ", out, 1, true)
  end)

  it("finds an untrusted certificate", function()
    local code, found = run(secure, " BOX_CA_FILE=")
    assert.equal(1, code)
    assert.equal("fail", found.api.status)
    assert.equal("certificate", found.api.code)
    assert.matches("BOX_CA_FILE", found.api.advice, 1, true)
    code, found = run(secure, " BOX_CA_FILE=/no/such/file")
    assert.equal(2, code)
    assert.equal("fail", found["CA file"].status)
    shell.output("mkfifo " .. dir.path .. "/pipe.pem")
    code, found = run(secure, " BOX_CA_FILE=" .. dir.path .. "/pipe.pem")
    assert.equal(2, code)
    assert.equal("fail", found["CA file"].status)
  end)

  it("takes the authorities of SSL_CERT_FILE where none are named", function()
    local ca_file = shell.quote(secure.ca_file)
    local code, found = run(secure, " BOX_CA_FILE= SSL_CERT_FILE=" .. ca_file)
    assert.equal(0, code)
    assert.equal("ok", found.api.status)
    assert.equal("ok", found["CA file"].status)
    assert.equal(0, (run(secure, " SSL_CERT_FILE=/no/such/file")))
    code, found = run(secure, " BOX_CA_FILE= SSL_CERT_FILE=/no/such/file")
    assert.equal(2, code)
    assert.equal("fail", found["CA file"].status)
    assert.matches("/no/such/file", found["CA file"].message, 1, true)
    assert.equal("ca_file", found.api.code)
    code, found = run(secure, " BOX_CA_FILE= SSL_CERT_FILE=")
    assert.equal(1, code)
    assert.equal("certificate", found.api.code)
  end)

  -- Of a host that can't be reached for this reason.
  local function finding_of(error_code)
    local found
    local exchange = {
      queue = function() return {} end, poll = function() return true end,
      error = function() return error_code, "it failed" end,
    }
    probe.hosts({
      engine = { submit = function() return exchange end },
      api_url = "https://api.box.example/2.0",
      upload_url = "https://upload.box.example/api/2.0",
      token_url = "https://api.box.example/oauth2/token",
    }, function(finding) found = finding end)
    return found
  end

  it("blames the authorities only for what they don't vouch for", function()
    assert.matches("BOX_CA_FILE", finding_of("certificate").advice, 1, true)
    assert.matches("BOX_CA_FILE", finding_of("ca_file").advice, 1, true)
    local date = finding_of "certificate_date"
    assert.matches("this machine's clock", date.advice, 1, true)
    local host = finding_of "certificate_host"
    assert.matches("another server answers", host.advice, 1, true)
    for _, finding in ipairs { date, host } do
      assert.is_nil(finding.advice:find("CA_FILE", 1, true))
    end
  end)

  it("finds a wrong clock", function()
    local function date(offset)
      return os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + offset)
    end
    for offset, status in pairs { [3600] = "fail", [-3600] = "fail",
      [120] = "warn" } do
      emulator:faults { operation = "*", occurrence = "all",
        action = { reply = { status = 404,
          headers = { date = date(offset) } } } }
      local _, found = run(emulator)
      local clock = found["api clock"]
      assert.equal(status, clock and clock.status, tostring(offset))
      assert.matches(offset > 0 and "behind" or "ahead", clock.message, 1,
        true)
    end
  end)

  it("finds a missing or refused token", function()
    local code, found = run(emulator, " BOX_TOKEN=")
    assert.equal(3, code)
    assert.equal("fail", found["sign-in"].status)
    assert.equal("ok", found.api.status)
    code, found = run(emulator, " BOX_TOKEN=wrong")
    assert.equal(3, code)
    assert.equal("fail", found["sign-in"].status)
  end)

  it("finds a state folder that it can't write to", function()
    local file = dir:write("a_file", "")
    local code, found = run(emulator, " XDG_STATE_HOME=" .. file)
    assert.equal(1, code)
    assert.equal("fail", found["state folder"].status)
    assert.matches("XDG_STATE_HOME", found["state folder"].advice, 1, true)
  end)

  it("finds a service outage", function()
    emulator:faults { operation = "*", occurrence = "all",
      action = { reply = { status = 503 } } }
    local code, found = run(emulator)
    assert.equal(8, code)
    assert.equal("fail", found.api.status)
    assert.equal("fail", found.upload.status)
  end)

  it("finds who lets nothing through", function()
    emulator:faults { operation = "*", occurrence = "all",
      action = { reply = { status = 403, body = "<html>Blocked</html>" } } }
    local code, found = run(emulator)
    assert.equal(4, code)
    assert.equal("fail", found.api.status)
    assert.matches("web filter", found.upload.advice, 1, true)
  end)

  it("shows proxies without their passwords", function()
    local _, found = run(emulator,
      " https_proxy=http://me:secret@proxy.example:3128 no_proxy=127.0.0.1")
    assert.matches("proxy.example:3128", found.proxies.message, 1, true)
    assert.is_nil(found.proxies.message:find("secret", 1, true))
  end)

  it("finds profiles that others can read, or that are broken", function()
    local path = dir:write("config.json", '{"type":"boxupload_config",' ..
      '"version":1,"profiles":{"work":{"kind":"token","token":"t"}}}')
    local config = dir.path .. "/config/boxupload"
    shell.output(("mkdir -p %s && mv %s %s && chmod 644 %s/config.json")
      :format(config, path, config, config))
    local home = " XDG_CONFIG_HOME=" .. dir.path .. "/config"
    local code, found = run(emulator, home)
    assert.equal(0, code)
    assert.equal("warn", found.profiles.status)
    shell.output("chmod 600 " .. config .. "/config.json")
    code, found = run(emulator, home)
    assert.equal(0, code)
    assert.equal("ok", found.profiles.status)
    assert.matches("work in ", found.profiles.message, 1, true)
    shell.output("echo garbage > " .. config .. "/config.json")
    code, found = run(emulator, home)
    assert.equal(2, code)
    assert.equal("fail", found.profiles.status)
  end)

  it("leaves no files behind", function()
    local state = dir.path .. "/state"
    run(emulator, " XDG_STATE_HOME=" .. state)
    assert.equal("", shell.output("find " .. state .. " -type f"))
    assert.equal(0, emulator:open_sessions())
  end)
end)

describe("the command without its dependencies", function()
  it("says what to install", function()
    local dir = files.temp_dir()
    dir:write("cjson.lua", "error('gone')")
    dir:write("argparse.lua", "error('gone')")
    local code, out, err = command.run("doctor", ("LUA_PATH='%s/?.lua;;'")
      :format(dir.path))
    local shown = code == 1
    -- The command's own folder is searched first, then those of the system.
    dir:remove()
    assert.is_true(shown)
    assert.equal("", out)
    assert.matches("lua-cjson", err, 1, true)
    assert.matches("lua-argparse", err, 1, true)
  end)

  it("says which are too old", function()
    local dir = files.temp_dir()
    dir:write("argparse.lua", [[
      local Parser = {}
      function Parser:argument() return {} end
      return function() return Parser end]])
    local code, out, err = command.run("doctor", ("LUA_PATH='%s/?.lua;;'")
      :format(dir.path))
    dir:remove()
    assert.equal(1, code)
    assert.equal("", out)
    assert.matches("argparse is too old; 0.7 or newer is needed: install",
      err, 1, true)
  end)
end)
