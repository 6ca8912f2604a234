-- login: signing in with the command, its profiles, and whoami.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local command = require "support.command"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local json = require "boxupload.util.json"
local shell = require "support.shell"

local TIMEOUT = 10

describe("signing in with the command", function()
  local emulator, dir, urls, config

  before_each(function()
    emulator = emulators.start("--jwt --min-size 1000 --part-size 1000")
    dir = files.temp_dir()
    config = dir.path .. "/boxupload"
    -- The environment without the token.
    urls = emulator:environment():gsub("^BOX_TOKEN=%S+ ", "") ..
      (" XDG_CONFIG_HOME=%s BOX_CLIENT_ID=%s BOX_CLIENT_SECRET=%s"):format(
        shell.quote(dir.path), emulator.client_id, emulator.client_secret)
  end)

  after_each(function()
    dir:remove()
    emulator:stop()
  end)

  local function run(arguments, more)
    return command.run(arguments, urls .. " " .. (more or ""))
  end

  local function read(path)
    local text = files.read(path)
    return text and assert(json.decode(text))
  end

  local function mode_of(path)
    return (shell.output(("stat -c %%a %s || stat -f %%Lp %s"):format(
      shell.quote(path), shell.quote(path))):match("%d+"))
  end

  local function exists(path)
    local file = io.open(path)
    if file then file:close() end
    return file ~= nil
  end

  -- Requests a URL, as a browser does.
  local function browse(url, method, headers)
    local engine = assert(core.engine {})
    local exchange = assert(engine:submit {
      method = method or "GET", url = url, authorize = false,
      headers = headers,
    })
    exchange:queue():wait(TIMEOUT)
    assert(exchange:poll(), "no answer")
    local status, body = exchange:status(), exchange:body()
    engine:close()
    return status, body
  end

  -- Starts a login; returns its process, redirect URI and state.
  local function begin(arguments)
    local running = command.start("login --port 0 --wait 30 " ..
      (arguments or ""), urls)
    local deadline = core.now() + TIMEOUT
    local said, uri
    repeat
      assert(core.now() < deadline, running:error_output())
      said = running:error_output()
      uri = said:match("Waiting for it on (%S+)\n")
    until uri
    local state = assert(said:match("state=(%x+)"))
    assert.matches("client_id=" .. emulator.client_id, said, 1, true)
    return running, uri, state
  end

  local function finish(running, uri, state)
    local status = browse(("%s?state=%s&code=%s"):format(uri, state,
      emulator.code))
    assert.equal(200, status)
    return running:wait()
  end

  local function assert_no_secret(...)
    for _, text in ipairs { ... } do
      for _, secret in ipairs { emulator.client_secret, emulator.token,
        emulator.code } do
        assert.is_nil(text:find(secret, 1, true), text)
      end
    end
  end

  it("takes a code from the browser once, and stores the tokens", function()
    local running, uri, state = begin("--profile work")
    assert.equal(404, (browse((uri:gsub("callback", "favicon.ico")))))
    local code, out, err = finish(running, uri, state)
    assert.equal(0, code, err)
    assert.matches("Emulated User", out, 1, true)
    assert_no_secret(out, err)
    assert.equal("600", mode_of(config .. "/config.json"))
    assert.equal("600", mode_of(config .. "/work.tokens.json"))
    local saved = read(config .. "/config.json")
    assert.equal("work", saved.default)
    assert.equal("oauth", saved.profiles.work.kind)

    code, out = run("whoami --json")
    assert.equal(0, code)
    local event = command.events(out)[1]
    assert.equal("user", event.event)
    assert.equal(emulator.user_id, event.user.id)
    local path, bytes = dir:file("by profile.bin", 2500, 1)
    assert.equal(0, (run("upload -f 0 " .. shell.quote(path))))
    assert.is_true(bytes == emulator:bytes_of("by profile.bin"))

    assert.equal(0, (run("logout")))
    assert.equal(1, #emulator:requests("revoke"))
    assert.is_false(exists(config .. "/work.tokens.json"))
    local complaint
    code, out, complaint = run("whoami")
    assert.equal(3, code)
    assert.equal("", out)
    assert.matches("run boxupload login", complaint, 1, true)
  end)

  -- What only looks like the answer of Box, or comes from another page.
  local STRAY = {
    { "?state=1234&code=CODE" }, { "?code=CODE" }, { "?state=&code=CODE" },
    { "?state=STATEx&code=CODE" }, { "?state=%00STATE&code=CODE" },
    { "?STATE=STATE&code=CODE" }, { "?code=CODE#state=STATE" },
    { "?state=STATE&state=STATE&code=CODE" },
    { "?error=access_denied" }, { "?error=access_denied&state=1234" },
    { "?error=%1B%5B31m&error_description=%0Aboxupload:%20done" },
    { "?error=%3Cscript%3Ealert(1)%3C/script%3E&state=%3Cscript%3E" },
    { "" }, { "?" }, { "?state" }, { "?&&==&=" },
    { "?" .. ("a=b&"):rep(500) },
    { "/callback?state=STATE&code=CODE", 404 },
    { "x?state=STATE&code=CODE", 404 }, { "/?state=STATE&code=CODE", 404 },
    { "?state=STATE&code=CODE", 400, "POST" },
    { "?state=STATE&code=CODE", 400, "PUT" },
    { "?state=STATE&code=CODE", 400, "DELETE" },
    { "?state=STATE&code=CODE", 400, "OPTIONS" },
    { "?state=STATE&code=CODE", 400, "GET", { Host = "evil.example" } },
    { "?state=STATE&code=CODE", 400, "GET",
      { Host = "127.0.0.1.evil.example:1" } },
  }

  it("waits for its own answer, whoever else calls", function()
    local running, uri, state = begin()
    local before = running:error_output()
    for _, case in ipairs(STRAY) do
      local target = case[1]:gsub("STATE", state):gsub("CODE", emulator.code)
      local status, page = browse(uri .. target, case[3], case[4])
      assert.equal(case[2] or 400, status, target)
      assert.is_nil(page:find("script", 1, true), page)
      assert.is_nil(page:find(emulator.code, 1, true), page)
      assert.is_nil(page:find(state, 1, true), page)
      assert.is_nil(page:find("denied", 1, true), page)
    end
    assert.equal(before, running:error_output())
    local code, _, err = finish(running, uri, state)
    assert.equal(0, code, err)
    assert.is_nil(err:find("\27", 1, true))
    assert.equal(1, #emulator:requests("token"))
  end)

  it("ends with Box's own refusal, which it shows as one line", function()
    for target, shown in pairs {
      ["?error=access_denied&error_description=The+user+%3Csaid%3E+no" ..
        "&state="] = "Box says: The user <said> no",
      ["?error=access_denied&state="] = "Box says: access_denied",
      ["?error=x&error_description=a%1B%5B31mb%0D%0Ac%E2%80%AEd%C2%9Be" ..
        "%FFf%00g&state="] = "Box says: a [31mb c d e?f g",
      ["?error=x&code=y&error_description=" .. ("z"):rep(1000) ..
        "&state="] = "Box says: " .. ("z"):rep(300) .. "...\n",
      ["?code=&state="] = "there is no code in the answer",
      ["?state="] = "there is no code in the answer",
      ["?code=a%0Ab&state="] = "what the answer has isn't a code",
      ["?code=" .. ("a"):rep(2000) .. "&state="] =
        "what the answer has isn't a code",
    } do
      local running, uri, state = begin()
      local status, page = browse(uri .. target .. state)
      assert.equal(400, status)
      assert.matches("Not signed in", page, 1, true)
      assert.is_nil(page:find("said", 1, true))
      local code, _, err = running:wait()
      assert.equal(3, code)
      assert.matches(shown, err, 1, true)
      assert.is_nil(err:find("[%z\1-\9\11-\31\127-\255]"), err)
    end
  end)

  it("times out", function()
    local code, _, err = run("login --port 0 --wait 0.2")
    assert.equal(3, code)
    assert.matches("nobody signed in", err, 1, true)
    assert.is_false(exists(config .. "/config.json"))
    assert.equal(0, #emulator:requests("token"))
  end)

  it("gives the browser no secret", function()
    local version = shell.output("script --version 2>/dev/null")
    if not version:find("util-linux", 1, true) then
      pending("needs script of util-linux")
      return
    end
    local seen = dir.path .. "/seen"
    dir:write("xdg-open", ('#!/bin/sh\n(echo "argument $*"; env) >%s.part\n' ..
      "mv %s.part %s\n"):format(seen, seen, seen))
    shell.output("chmod 755 " .. shell.quote(dir.path .. "/xdg-open"))
    local program = os.getenv("BOXUPLOAD") or "build/bin/boxupload"
    local running = command.start(("-qec %s /dev/null </dev/null"):format(
      shell.quote(program .. " login --port 0 --wait 10")), urls ..
      (" PATH=%s:$PATH DISPLAY=:0 BOX_TOKEN=%s BOXUPLOAD_X=unseen-x " ..
      "BOX_SHARED_LINK_PASSWORD='unseen y' HOME=/nonexistent"):format(
      shell.quote(dir.path), emulator.token), "script")
    local deadline = core.now() + TIMEOUT
    while not exists(seen) do
      assert(core.now() < deadline, running:output())
    end
    running:signal("TERM")
    running:wait()
    local text = files.read(seen)
    assert.matches("argument https?://%S+client_id=", text)
    assert.matches("\nHOME=/nonexistent\n", text, 1, true)
    assert.is_nil(("\n" .. text):find("\nBOX"), text)
    assert.is_nil(text:find("unseen", 1, true), text)
    assert_no_secret(text)
  end)

  it("refreshes once for processes that start together", function()
    local running, uri, state = begin()
    assert.equal(0, (finish(running, uri, state)))
    local path = config .. "/default.tokens.json"
    local saved = read(path)
    saved.expires_at = 1
    local file = assert(io.open(path, "w"))
    file:write((assert(json.encode(saved))))
    file:close()
    emulator:reset { latency_ms = 300 }
    local all = {}
    for i = 1, 3 do all[i] = command.start("whoami", urls) end
    for i = 1, 3 do
      local code, _, err = all[i]:wait()
      assert.equal(0, code, err)
    end
    assert.equal(1, #emulator:requests("token"))
    assert.is_true(saved.refresh_token ~= read(path).refresh_token)
  end)

  it("exits at once on an interrupt", function()
    local running = begin()
    running:signal("INT")
    local began = core.now()
    assert.equal(130, (running:wait()))
    assert.is_true(core.now() - began < 5)
  end)

  it("takes a code, or the URL with it, from stdin", function()
    local function paste(text)
      local path = dir:write("pasted", text .. "\n")
      return run("login --no-listen <" .. shell.quote(path))
    end
    local code, _, err = paste("http://x/callback?state=9&code=9")
    assert.equal(3, code)
    assert.matches("another sign-in", err, 1, true)
    assert.equal(3, (paste("")))
    for _, text in ipairs { "\27[31m", "http://x/?code=%0A", "\255" } do
      local status, _, said = paste(text)
      assert.equal(3, status, said)
      assert.matches("what the answer has isn't a code", said, 1, true)
    end
    code, _, err = paste(emulator.code)
    assert.equal(0, code, err)
    assert.equal(0, (run("whoami")))
  end)

  it("signs in as an application", function()
    local function check_sign_in(name, arguments)
      local code, _, err = run("login --profile " .. name .. arguments)
      assert.equal(0, code, err)
      code, _, err = run("whoami --profile " .. name, "BOX_TOKEN=nonsense")
      assert.equal(0, code, err)
    end
    check_sign_in("credentials",
      " --client-credentials --user " .. emulator.user_id)
    local path = emulator.jwt_config
    check_sign_in("service", " --jwt " .. shell.quote(path) .. " --enterprise")
    local saved = read(config .. "/config.json").profiles.service
    assert.equal(path, saved.config)
    assert.is_true(saved.enterprise)
    local code = run("whoami", "BOX_TOKEN=nonsense")
    assert.equal(3, code)
  end)

  it("takes a token from stdin", function()
    local path = dir:write("token", emulator.token .. "\n")
    local code, out, err =
      run("login --token-stdin <" .. shell.quote(path))
    assert.equal(0, code, err)
    assert_no_secret(out, err)
    assert.equal(0, (run("whoami")))
  end)

  it("stores nothing from a failed sign-in", function()
    local path = dir:write("secret", "wrong\n")
    local code, _, err = run("login --client-credentials --user 1 " ..
      "--client-secret-file " .. shell.quote(path))
    assert.equal(3, code)
    assert.matches("chmod 600", err, 1, true)
    for _, arguments in ipairs {
      "--client-credentials", "--user 1", "--profile ../x",
      "--client-credentials --enterprise", "--jwt x --user 1 --enterprise 2",
      "--no-listen --client-secret-file /no/such/file",
    } do
      local status, _, said = run("login " .. arguments .. " </dev/null")
      assert.equal(2, status, arguments)
      assert.matches("^boxupload: [^\n]+\n$", said)
    end
    code, _, err = run("login --token-stdin </dev/null",
      "BOXUPLOAD_PROFILE=../x")
    assert.equal(2, code)
    assert.matches("BOXUPLOAD_PROFILE takes", err, 1, true)
    assert.is_false(exists(config .. "/config.json"))
  end)

  it("prompts on a terminal without showing the secret", function()
    local version = shell.output("script --version 2>/dev/null")
    if not version:find("util-linux", 1, true) then
      pending("needs script of util-linux")
      return
    end
    local program = os.getenv("BOXUPLOAD") or "build/bin/boxupload"
    local out = shell.output((
      "(sleep 1; echo %s; sleep 1; echo %s) | %s script -qec %s /dev/null")
      :format(emulator.client_id, emulator.client_secret,
        urls .. " BOX_CLIENT_ID= BOX_CLIENT_SECRET=", shell.quote(program ..
        " login --client-credentials --user " .. emulator.user_id)))
    assert.matches("Client ID: ", out, 1, true)
    assert.matches("Emulated User", out, 1, true)
    assert.is_nil(out:match("Client secret: .*" .. emulator.client_secret))
  end)

  it("restores the terminal's echo after an interrupt", function()
    local version = shell.output("script --version 2>/dev/null")
    if not version:find("util-linux", 1, true) then
      pending("needs script of util-linux")
      return
    end
    local fifo = dir.path .. "/keys"
    shell.output("mkfifo " .. shell.quote(fifo))
    local program = os.getenv("BOXUPLOAD") or "build/bin/boxupload"
    -- The shell survives the interrupt, to check the terminal afterwards.
    local inside = dir:write("inside.sh", "trap : INT\n" .. program ..
      " login --client-credentials --user 1 --client-id x\n" ..
      "echo code $?\nstty -a\n")
    local running = command.start(("-qec %s /dev/null <%s"):format(
      shell.quote("sh " .. inside), shell.quote(fifo)),
      urls .. " BOX_CLIENT_SECRET=", "script")
    local keys = assert(io.open(fifo, "w"))
    local deadline = core.now() + TIMEOUT
    while not running:output():find("Client secret: ", 1, true) do
      assert(core.now() < deadline, running:output())
    end
    keys:write("\003")
    keys:flush()
    while not running:output():find("iexten", 1, true) do
      assert(core.now() < deadline, running:output())
    end
    keys:close()
    local _, out = running:wait()
    assert.matches("code 130", out, 1, true)
    assert.matches("[%s;]echo[%s;]", out)
    assert.is_nil(out:find("%-echo[%s;]"))
  end)

  it("reports what is wrong with the configuration", function()
    shell.output("mkdir " .. shell.quote(config))
    for text, complaint in pairs {
      ["{"] = "config.json isn't JSON",
      ["{}"] = "isn't a configuration of boxupload",
      ['{"type":"boxupload_config","version":2,"profiles":{}}'] =
        "another version",
      ['{"type":"boxupload_config","version":1,"profiles":{"a":' ..
        '{"kind":"token","tokn":"x"}}}'] =
        'the profile "a" has the unknown key "tokn"; is "token" meant?',
      ['{"type":"boxupload_config","version":1,"profiles":{"a":' ..
        '{"kind":"oauth","client_id":"x"}}}'] = 'has no "client_secret"',
      ['{"type":"boxupload_config","version":1,"profiles":{"a":' ..
        '{"kind":"oath"}}}'] = 'has a wrong "kind"',
      ['{"type":"boxupload_config","version":1,"profiles":{"../a":' ..
        '{"kind":"token","token":"x"}}}'] = "other characters in its name",
      ['{"type":"boxupload_config","version":1,"defualt":"a",' ..
        '"profiles":{}}'] = 'the unknown key "defualt"; is "default" meant?',
      ['{"type":"boxupload_config","version":1,"default":{},' ..
        '"profiles":{}}'] = 'has a "default" that is no name',
      ['{"type":"boxupload_config","version":1,"profiles":{"a":{}}}'] =
        'has no "kind"',
    } do
      local file = assert(io.open(config .. "/config.json", "w"))
      file:write(text)
      file:close()
      local code, _, err = run("whoami")
      assert.equal(2, code)
      assert.matches(complaint, err, 1, true)
      assert.matches(config .. "/config.json", err, 1, true)
    end
    local file = assert(io.open(config .. "/config.json", "w"))
    file:write(('{"type":"boxupload_config","version":1,"default":"a",' ..
      '"profiles":{"a":{"kind":"token","token":"%s"}}}')
      :format(emulator.token))
    file:close()
    shell.output("chmod 644 " .. shell.quote(config .. "/config.json"))
    local code, _, err = run("whoami")
    assert.equal(0, code)
    assert.matches("chmod 600 " .. config, err, 1, true)
    code, _, err = run("whoami --profile b")
    assert.equal(3, code)
    assert.matches("boxupload login --profile b", err, 1, true)
  end)

  it("keeps a profile whose tokens can't be revoked, unless forced", function()
    local running, uri, state = begin()
    assert.equal(0, (finish(running, uri, state)))
    local dead = "BOX_TOKEN_URL=http://127.0.0.1:1/oauth2/token"
    local code, _, err = run("logout --retries 0", dead)
    assert.equal(8, code)
    assert.matches("--force", err, 1, true)
    assert.equal(0, (run("whoami")))
    assert.equal(0, (run("logout --retries 0 --force", dead)))
    assert.equal(2, (run("logout")))
  end)

  it("keeps a profile whose tokens can't be read, unless forced", function()
    local running, uri, state = begin()
    assert.equal(0, (finish(running, uri, state)))
    local file = assert(io.open(config .. "/default.tokens.json", "w"))
    file:write("nonsense")
    file:close()
    local code, _, err = run("logout")
    assert.equal(2, code)
    assert.matches("default.tokens.json isn't", err, 1, true)
    assert.is_true(exists(config .. "/default.tokens.json"))
    assert.equal(0, (run("logout --force")))
    assert.is_false(exists(config .. "/default.tokens.json"))
  end)

  it("keeps what another sign-in stored meanwhile", function()
    local running, uri, state = begin("--profile slow")
    assert.equal(0, (run("login --profile quick --client-credentials " ..
      "--user " .. emulator.user_id)))
    assert.equal(0, (finish(running, uri, state)))
    local saved = read(config .. "/config.json")
    assert.equal("quick", saved.default)
    assert.equal("oauth", saved.profiles.slow.kind)
    assert.equal("client_credentials", saved.profiles.quick.kind)
  end)

  it("deletes the tokens of a sign-in that another one replaces", function()
    local running, uri, state = begin()
    assert.equal(0, (finish(running, uri, state)))
    assert.is_true(exists(config .. "/default.tokens.json"))
    assert.equal(0, (run("login --client-credentials --user " ..
      emulator.user_id)))
    assert.is_false(exists(config .. "/default.tokens.json"))
    assert.equal(0, (run("whoami")))
  end)

  it("has no secret in its process arguments", function()
    local running, uri, state = begin()
    local file = io.open("/proc/" .. running:id() .. "/cmdline", "rb")
    local arguments = file and file:read("*a")
    if file then file:close() end
    assert.equal(0, (finish(running, uri, state)))
    if not arguments then pending("needs /proc") return end
    assert.matches("login", arguments, 1, true)
    assert_no_secret(arguments)
  end)

  it("says what to do when a sign-in is refused", function()
    local running, uri, state = begin("--profile work")
    assert.equal(0, (finish(running, uri, state)))
    local path = config .. "/work.tokens.json"
    local saved = read(path)
    saved.expires_at, saved.refresh_token = 1, "used-up"
    local file = assert(io.open(path, "w"))
    file:write((assert(json.encode(saved))))
    file:close()
    local advice = "boxupload login --profile work"
    local code, _, err = run("whoami")
    assert.equal(3, code)
    assert.matches(advice, err, 1, true)
    local out
    code, out = run("whoami --json")
    assert.equal(3, code)
    assert.matches(advice, command.events(out)[1].advice, 1, true)
    code, _, err = run("whoami", "BOX_TOKEN=dead")
    assert.equal(3, code)
    assert.matches("BOX_TOKEN needs", err, 1, true)
    emulator:faults({ operation = "token", action = { reply = {
      status = 400, body = { error = "unauthorized_client" } } } })
    code, _, err = run("login --enterprise --jwt " ..
      shell.quote(emulator.jwt_config))
    assert.equal(3, code)
    assert.matches("Admin Console", err, 1, true)
  end)

  it("connects to Box as the options say", function()
    local token = "BOX_TOKEN=" .. emulator.token
    assert.equal(0, (run(
      "whoami --shared-link https://app.box.com/s/x --as-user " ..
      emulator.user_id, token .. " BOX_SHARED_LINK_PASSWORD=open")))
    local headers = emulator:requests("get_user")[1].headers
    assert.equal(emulator.user_id, headers["as-user"])
    assert.matches("shared_link=https://app.box.com/s/x", headers.boxapi, 1,
      true)
    assert.matches("shared_link_password=open", headers.boxapi, 1, true)
    local code = run("whoami --retries 0 --proxy http://127.0.0.1:1", token)
    assert.equal(8, code)
    assert.equal(1, #emulator:requests("get_user"))
    emulator:faults({ operation = "get_user", occurrence = "all",
      action = { reply = { status = 503 } } })
    emulator:control("DELETE", "/requests")
    assert.equal(8, (run("whoami --retries 1", token)))
    assert.equal(2, #emulator:requests("get_user"))
    emulator:faults({ operation = "get_user", occurrence = "all",
      action = { stall = { when = "before" } } })
    local began = core.now()
    assert.equal(8, (run("whoami --retries 0 --timeout 1", token)))
    assert.is_true(core.now() - began < TIMEOUT)
  end)

  it("logs requests and responses without secrets", function()
    local log = dir.path .. "/exchanges.log"
    local token = "BOX_TOKEN=" .. emulator.token
    for _ = 1, 2 do
      local code, _, err =
        run("whoami -v --log-file " .. shell.quote(log), token)
      assert.equal(0, code)
      assert.matches("boxupload: GET https?://%S+/users/me%?%.%.%.: 200, ",
        err)
      assert_no_secret(err)
    end
    local text = files.read(log)
    assert_no_secret(text)
    assert.equal(2, select(2, text:gsub("\n", "")))
    assert.matches("^%d+%-%d+%-%d+T%d+:%d+:%d+Z GET ", text)
    assert.equal("600", mode_of(log))
  end)
end)

describe("a client", function()
  it("reports its user and each of its exchanges", function()
    local emulator = emulators.start()
    local seen = {}
    local client = emulator:client {
      on_exchange = function(event) seen[#seen + 1] = event end,
    }
    local user = assert(client:user())
    assert.equal("user@example.com", user.login)
    assert.equal(1, #seen)
    assert.equal("GET", seen[1].method)
    assert.equal(200, seen[1].status)
    assert.equal(0, seen[1].bytes_sent)
    assert.is_true(seen[1].seconds > 0)
    assert.is_nil(seen[1].error)
    client:close()
    client = assert(boxupload.new {
      token = "x", retries = 0, api_url = "http://127.0.0.1:1/2.0",
      on_exchange = function(event) seen[#seen + 1] = event end,
    })
    local none, _, err = client:user()
    assert.is_nil(none)
    assert.equal("network", err.kind)
    assert.is_string(seen[2].error)
    client:close()
    emulator:stop()
  end)
end)
