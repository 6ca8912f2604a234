-- clean_output: whatever a server, a file or a page says, what the command
-- prints and what the library tells is harmless, valid and without secrets.
-- SPDX-License-Identifier: MIT

local cjson = require "cjson.safe"

local boxupload = require "boxupload"
local command = require "support.command"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local failure = require "boxupload.service.failure"
local files = require "support.files"
local json = require "boxupload.util.json"
local redact = require "boxupload.util.redact"
local shell = require "support.shell"
local text = require "boxupload.util.text"

local quote = shell.quote

-- What a terminal could obey, or what makes text look like other text, as it
-- is in JSON, and its bytes.
local NASTY = {
  ["\\u001b[31mred\\u001b]0;title\\u0007"] = "\27",
  ["one\\nboxupload: done\\r\\n"] = "\r",
  ["\\u0000\\u0008\\u007f"] = "\127",
  ["\\u009b31m\\u0085"] = "\194\155",
  ["\\u202emoc.exe\\u2066\\u2069\\u200f\\u200e\\u061c"] = "\226\128\174",
  ["a\\u2028b\\u2029"] = "\226\128\168",
  ["\255\192\128\237\160\128"] = "\255",
}
local UNSAFE = { "[%z\1-\9\11-\31\127]", "\194[\128-\159]", "\216\156",
  "\226\128[\142\143\168-\174]", "\226\129[\166-\169]" }

local function assert_clean(shown, what)
  assert.is_number(text.characters(shown), what)
  for _, pattern in ipairs(UNSAFE) do
    assert.is_nil(shown:find(pattern), what .. ": " .. shown)
  end
end

-- Each line is JSON for any reader, and clean.
local function assert_events(out, what)
  assert_clean(out, what)
  local events = {}
  for line in out:gmatch("[^\n]+") do
    local event = cjson.decode(line)
    assert.is_table(event, what .. ": " .. line)
    assert.equal(1, event.schema)
    events[#events + 1] = event
  end
  assert.is_truthy(events[1], what)
  return events
end

local function assert_without(shown, secrets, what)
  for _, secret in ipairs(secrets) do
    assert.is_nil(shown:find(secret, 1, true), what .. ": " .. shown)
  end
end

-- All strings in a value, its keys too.
local function all_text(value)
  if type(value) ~= "table" then return tostring(value) end
  local pieces = {}
  for key, item in pairs(value) do
    pieces[#pieces + 1] = tostring(key)
    pieces[#pieces + 1] = all_text(item)
  end
  return table.concat(pieces, "\n")
end

describe("the command's sources", function()
  it("write to the standard streams in one place only", function()
    for path in shell.output("find lua -name '*.lua'"):gmatch("%S+") do
      local source = files.read(path):gsub("%-%-[^\n]*", "")
      if not path:find("cli/output/console.lua", 1, true) then
        for _, pattern in ipairs { "io%.stdout", "io%.stderr", "io%.write",
          "io%.output", "%f[%w_.:]print%s*[%(\"']" } do
          assert.is_nil(source:find(pattern), path .. ": " .. pattern)
        end
      end
    end
  end)
end)

describe("redact", function()
  local FORMS = {
    ["0123456789abcdef"] = {},
    ["four"] = {},
    ["a+b/c=="] = { "a%2Bb%2Fc%3D%3D", "a%2bb%2fc%3d%3d", "a+b\\/c==" },
    ["p w+\195\164"] = { "p%20w%2B%C3%A4", "p%20w%2b%c3%a4", "p+w%2B%C3%A4",
      "p+w%2b%c3%a4" },
    ['q"\\\n\1/'] = { "q%22%5C%0A%01%2F", 'q\\"\\\\\\n\\u0001/',
      'q\\"\\\\\\n\\u0001\\/' },
  }

  it("knows a secret in all its forms", function()
    for secret, forms in pairs(FORMS) do
      local secrets = redact.new()
      redact.add(secrets, secret)
      forms[#forms + 1] = secret
      for _, form in ipairs(forms) do
        assert.equal("<[hidden]>[hidden]",
          redact.text("<" .. form .. ">" .. form, secrets))
      end
    end
  end)

  it("hides the longer one of two secrets, and keeps those that last",
    function()
      local secrets = redact.new()
      redact.add(secrets, "abcdefgh")
      redact.add(secrets, "abcd")
      redact.add(secrets, "forever", true)
      assert.equal("[hidden] [hidden]",
        redact.text("abcdefgh abcd", secrets))
      for i = 1, 100 do
        redact.add(secrets, ("token %d"):format(i))
        redact.add(secrets, "again and again")
      end
      assert.equal("[hidden] [hidden]", redact.text("forever token 100",
        secrets))
      assert.equal("[hidden]", redact.text("again and again", secrets))
      assert.equal("token 1.", redact.text("token 1.", secrets))
      assert.is_true(#secrets < 200)
      redact.add(secrets, "abc")
      assert.equal("abc", redact.text("abc", secrets))
    end)

  it("leaves data what may be there by chance", function()
    local secrets = redact.new()
    redact.add(secrets, "tokenword")
    redact.add(secrets, "token")
    redact.add(secrets, "password", true)
    redact.add(secrets, "a very long password", true)
    assert.equal("[hidden] token password [hidden] Bearer x", redact.data(
      "tokenword token password a very long password Bearer x", secrets))
    local fields = redact.fields({ message = "token", path = "token",
      file = { name = "password", etag = "tokenword", tags = json.array {} } },
      secrets)
    assert.equal("[hidden]", fields.message)
    assert.equal("token", fields.path)
    assert.equal('{"etag":"[hidden]","name":"password","tags":[]}',
      json.encode(fields.file))
  end)

  it("hides what looks like a secret", function()
    for given, wanted in pairs {
      ["http://user:p@ss@host:1/a"] = "http://[hidden]@host:1/a",
      ["http://host/a@b and c"] = "http://host/a@b and c",
      ["Proxy-Authorization: Basic dTpw, x"] =
        "Proxy-Authorization: Basic [hidden], x",
      ["authorization: Bearer abc"] = "authorization: Bearer [hidden]",
    } do
      assert.equal(wanted, redact.text(given))
    end
  end)
end)

describe("an error", function()
  local SECRET = "s3cr3t/token+of=32.characters-long"
  local SHORT = "pass word"
  local FORMS = { SECRET, SHORT, "pass%20word", "pass+word",
    "s3cr3t%2Ftoken%2Bof%3D32.characters-long",
    "s3cr3t%2ftoken%2bof%3d32.characters-long" }

  local function exchange(status, body, headers)
    return {
      status = function() return status end,
      body = function() return body end,
      header = function(_, name) return headers[name:lower()] end,
    }
  end

  local SHAPES = {
    { '{"code":"%s","message":"m"}' }, { '{"error":"%s"}' },
    { '{"code":"c","message":"%s"}' },
    { '{"error":"e","error_description":"%s"}' },
    { '{"code":"c","request_id":"%s"}' }, { '{"request-id":"%s"}' },
    { '{"code":"c","context_info":{"errors":[{"name":"%s"}]}}' },
    { '{"code":"c","context_info":{"errors":[{"message":"%s"}]}}' },
    { '{"code":"c","context_info":{"%s":1}}' },
    { '{"code":"c","context_info":{"a":["%s",null,[{"b":"%s"}]]}}' },
    { '{"code":"c","context_info":{"a":' .. ("["):rep(40) .. '"%s"' ..
      ("]"):rep(40) .. "}}" },
    { '{"code":"item_name_in_use","context_info":{"conflicts":{"id":"1",' ..
      '"name":"%s","type":"%s","etag":"%s"}}}' },
    { "{}", "box-request-id" }, { "{}", "location" }, { "{}", "retry-after" },
    { "not JSON: %s" },
  }

  local function secrets_of()
    local secrets = redact.new()
    redact.add(secrets, SECRET)
    redact.add(secrets, SHORT, true)
    return secrets
  end

  local function each(values, check)
    for _, value in ipairs(values) do
      for _, shape in ipairs(SHAPES) do
        for _, status in ipairs { 400, 401, 302, 409, 503 } do
          local headers = {}
          if shape[2] then headers[shape[2]] = value end
          local body = shape[1]:gsub("%%s", (value:gsub("%%", "%%%%")))
          local what = ("%d %s %s"):format(status, body, shape[2] or "")
          check(failure.of_status(exchange(status, body, headers), "trying",
            "create", { secrets = secrets_of(), now = 0 }), what)
        end
      end
    end
  end

  it("has no secret that the server repeats", function()
    each(FORMS, function(err, what)
      local conflict = err.conflict
      err.conflict = nil -- data, in which short ones may stay
      assert_without(all_text(err), FORMS, what)
      assert_without(all_text(conflict), { SECRET, FORMS[5], FORMS[6] }, what)
      assert_without(tostring(err), FORMS, what)
    end)
  end)

  it("has one clean line, and a plain code and request id", function()
    local values = { ("x"):rep(5000), "a b", "", "\195\164" }
    for value in pairs(NASTY) do values[#values + 1] = value end
    each(values, function(err, what)
      assert_clean(err.message, what)
      assert.is_nil(err.message:find("\n", 1, true), what)
      assert.is_true(#err.message < 1500, what)
      for _, field in ipairs { "code", "request_id" } do
        if err[field] then
          assert.matches("^[\32-\126]+$", err[field])
          assert.is_true(#err[field] <= 128)
        end
      end
      assert.is_true(err.code == nil or err.code:find("^[%w_.-]+$") ~= nil)
    end)
  end)

  it("keeps the codes and ids that Box gives", function()
    local err = failure.of_status(exchange(400,
      '{"code":"a_code-1.x","request_id":"0a1b.2-3_4"}', {}), "trying",
      "create", { secrets = {}, now = 0 })
    assert.equal("a_code-1.x", err.code)
    assert.equal("0a1b.2-3_4", err.request_id)
    assert.matches("a_code-1.x", err.message, 1, true)
  end)

  it("leaves a client without what the client sends", function()
    local client = assert(boxupload.new {
      token = "tokentokentoken", shared_link = "https://app.box.com/s/x",
      shared_link_password = "link word",
      proxy = "http://user:p%40ss+w%2Ford@127.0.0.1:1",
    })
    assert(client:access_token())
    for _, secret in ipairs { "tokentokentoken", "link word", "link%20word",
      "p%40ss+w%2Ford", "p@ss+w/ord", "p%40ss%2Bw%2Ford",
      "dXNlcjpwQHNzK3cvb3Jk" } do
      local function told(field)
        local function work()
          local err = failure.of("invalid", "code", "trying", "it")
          err[field] = field == "context_info" and { [secret] = { secret } } or
            "<" .. secret .. ">"
          return failure.returns(err)
        end
        local value, message, err = client:directly(work)
        assert.is_nil(value)
        assert.equal(err.message, message)
        assert_without(all_text(err), { secret }, field)
      end
      for _, field in ipairs { "message", "code", "request_id", "operation",
        "abort_error", "context_info" } do
        told(field)
      end
    end
    assert_without(tostring(client), { "tokentokentoken", "p%40ss" }, "")
    client:close()
  end)
end)

describe("the command", function()
  local TOKEN = "0123456789abcdef0123456789abcdef"
  local dir

  setup(function() dir = files.temp_dir() end)
  teardown(function() dir:remove() end)

  -- Runs the command against a server that answers each GET with a body, the
  -- one of the first pattern that the path matches.
  local function against(bodies, arguments, more)
    local listener = assert(core.listen(0))
    local url = "http://127.0.0.1:" .. listener:port()
    local running = command.start(arguments, ("BOX_TOKEN=%s " ..
      "BOX_API_URL=%s/2.0 BOX_UPLOAD_URL=%s/2.0 BOX_TOKEN_URL=%s/token %s")
      :format(TOKEN, url, url, url, more or ""))
    local deadline = core.now() + 30
    repeat
      assert(core.now() < deadline, "it doesn't end")
      local target = listener:take(0.01)
      for _, row in ipairs(target and bodies or {}) do
        if target:find(row[1]) then
          listener:answer(row[3] or 200, row[2])
          break
        end
      end
    until running:has_ended()
    listener:close()
    return running:wait()
  end

  local SESSION = ("ab"):rep(16)
  local function filled(body, value)
    return (body:gsub("%%s", (value:gsub("%%", "%%%%"))))
  end
  local function user(value)
    return { "/users/me", filled('{"type":"user","id":"5","name":"%s",' ..
      '"login":"%s","enterprise":{"id":"%s","name":"%s"},"tags":[null,1],' ..
      '"%s":[],"space_amount":1e300,"space_used":5}', value) }
  end
  local function session(value)
    return { "/upload_sessions/%w+$", filled('{"id":"' .. SESSION ..
      '","part_size":1000,"total_parts":2,"num_parts_processed":1,' ..
      '"session_expires_at":"%s","x":[null,"%s"]}', value) }
  end
  local function parts(value)
    return { "/parts", filled('{"entries":[{"part_id":"P","offset":0,' ..
      '"size":1000,"sha1":null,"%s":"%s"}],"total_count":1}', value) }
  end
  local function refusal(value)
    return { "/users/me", filled('{"code":"%s","message":"%s",' ..
      '"request_id":"%s","context_info":{"%s":"%s"}}', value), 403 }
  end

  local function log()
    local path = dir.path .. "/log"
    local said = files.read(path) or ""
    os.remove(path)
    return said
  end

  local CASES = {
    { "whoami", 0, user }, { "whoami", 4, refusal }, { "doctor", nil, user },
    { "doctor", nil, refusal }, { "status " .. SESSION, 0, session },
    { "parts " .. SESSION, 0, session, parts },
    { "abort " .. SESSION, nil, session },
  }

  for value in pairs(NASTY) do
    it("shows " .. ("%q"):format(text.one_line(value)) .. " harmlessly",
      function()
        for _, case in ipairs(CASES) do
          local bodies = {}
          for i = 3, #case do
            table.insert(bodies, 1, case[i](value))
          end
          local logged = ("%s -v --retries 0 --log-file %s"):format(case[1],
            quote(dir.path .. "/log"))
          local code, out, err = against(bodies, logged)
          assert.equal(case[2] or code, code, err)
          assert_clean(out, case[1])
          assert_clean(err, case[1])
          assert_clean(log(), case[1])
          for line in err:gmatch("[^\n]+") do
            assert.matches("^boxupload: ", line)
          end
          code, out, err = against(bodies, case[1] .. " --json --retries 0")
          assert.equal(case[2] or code, code, err)
          assert.equal("", err)
          assert_events(out, case[1])
        end
      end)
  end

  it("tells programs what Box said", function()
    local _, out = against({ user "a\\u001b\\u202e\\u007f\\u009b\255" },
      "whoami --json")
    local event = assert_events(out, "whoami")[1]
    local said = "a\27\226\128\174\127\194\155\239\191\189"
    assert.equal(said, event.user.name)
    assert.equal(cjson.null, event.user.tags[1])
    assert.matches('"a\\u001b\\u202e\\u007f\\u009b\239\191\189":[]', out, 1,
      true)
  end)

  local ODD = { "null", "7", "-1e300", '"x"', "[null,1]", "{}", "true" }
  local OBJECTS = {
    { "whoami", "/users/me", { id = '"1"', name = '"n"', login = '"l"',
      enterprise = '{"id":"2"}', space_amount = "5", space_used = "1",
      max_upload_size = "5" } },
    { "status " .. SESSION, "/upload_sessions/%w+$", {
      id = '"' .. SESSION .. '"', part_size = "1000", total_parts = "2",
      num_parts_processed = "1", session_expires_at = '"soon"',
      session_endpoints = "{}" } },
    { "parts " .. SESSION, "/parts", { entries = "[]", total_count = "0",
      offset = "0", limit = "10" } },
  }

  it("has no bug that a field of a wrong type brings out", function()
    for _, object in ipairs(OBJECTS) do
      for odd_field in pairs(object[3]) do
        for _, odd in ipairs(ODD) do
          local fields = {}
          for field, value in pairs(object[3]) do
            fields[#fields + 1] = ('"%s":%s'):format(field,
              field == odd_field and odd or value)
          end
          local body = "{" .. table.concat(fields, ",") .. "}"
          local code, out, err = against({ { object[2], body },
            session("soon") }, object[1] .. " --retries 0")
          assert.is_true(code ~= 1, body .. out .. err)
        end
      end
    end
  end)

  it("survives an answer with a number that is too large", function()
    for _, number in ipairs { "1e400", "-1e400", "NaN", "Infinity" } do
      local body = ('{"id":"1","name":"n","x":[null,%s]}'):format(number)
      local code, out, err = against({ { "/users", body } },
        "whoami --json --retries 0")
      assert.equal("", err)
      assert.is_true(code ~= 0 and code ~= 1, out)
      assert.equal("invalid_reply", assert_events(out, number)[1].code)
    end
  end)

  it("prints no token that a server repeats", function()
    for _, case in ipairs(CASES) do
      local bodies = {}
      for i = 3, #case do table.insert(bodies, 1, case[i](TOKEN)) end
      for _, mode in ipairs { "", "--json", "-v" } do
        local arguments = ("%s %s --retries 0 --log-file %s"):format(case[1],
          mode, quote(dir.path .. "/log"))
        local code, out, err = against(bodies, arguments)
        assert.equal(case[2] or code, code, err)
        assert_without(out .. err .. log(), { TOKEN }, arguments)
      end
    end
  end)

  it("prints no password of a proxy or of a URL", function()
    for _, arguments in ipairs {
      "whoami --proxy 'nonsense://user:pa55word@127.0.0.1:1'",
      "whoami --proxy 'http://user:pa55word@127.0.0.1:1'",
      "whoami --proxy 'user:pa55word@127.0.0.1:1'",
      "whoami --proxy 'http://user:pa55word@[::1'",
      "doctor --proxy 'nonsense://user:pa55word@127.0.0.1:1'",
    } do
      for _, mode in ipairs { "", " --json", " -v" } do
        local _, out, err = against({}, arguments .. mode .. " --retries 0")
        assert_without(out .. err, { "pa55word" }, arguments)
      end
    end
    for _, variable in ipairs {
      "https_proxy=http://u:pa55@word/x@127.0.0.1:1",
      "all_proxy=u:pa55@127.0.0.1:1", "BOX_API_URL=https://u:pa55word@host",
    } do
      local _, out, err = against({ user "x" }, "doctor -v --retries 0",
        variable)
      assert_without(out .. err, { "pa55" }, variable)
    end
  end)

  it("shows wrong arguments harmlessly", function()
    for _, arguments in ipairs { "'\27[31m'", "whoami '--\27]0;x\7'",
      "whoami '\194\155'", "upload -f 0 '/\27[31m/\226\128\174'",
      "whoami --profile '\27[31m'", "status '\27[31m'", "whoami '\255'",
      "verify '\27[1m' 1", "hash '\27[1m'", "login --jwt '\27[1m' --user 1" }
    do
      local code, out, err = command.run(arguments .. " </dev/null",
        "BOX_TOKEN=x BOX_API_URL=http://127.0.0.1:1")
      assert.is_true(code ~= 0, arguments)
      assert.equal("", out)
      assert.matches("^boxupload: [^\n]*\n", err)
      assert_clean(err, arguments)
    end
  end)
end)

describe("a finished upload", function()
  local emulator, dir, path

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
    path = dir:write("upload\27[31m\226\128\174.bin", "abc")
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  before_each(function() emulator:reset() end)

  local SHA1 = "a9993e364706816aba3e25717850c26c9cd0d89d"
  local count = 0

  local function upload(mode, more)
    count = count + 1
    return command.run(("upload %s -f 0 --file-name f%d %s"):format(mode,
      count, quote(path)), emulator:environment() .. " " .. (more or ""))
  end

  -- What Box's file object has besides what is checked.
  local EXTRAS = { '"tags":[null,1]', '"tags":[null]', '"tags":[[],{},[null]]',
    '"x":{"1":[null,{"2":null}]}', '"etag":null', '"etag":{"a":[]}',
    '"etag":[null]', '"etag":12', '"etag":"\\u001b[31m\\u202e\\n"',
    '"x":"\\u0000"', '"\\u0000[":[]', '"x":1e300',
    '"x":' .. ("["):rep(40) .. ("]"):rep(40), '"":""',
    '"file_version":{"id":"\\u009b","sha1":null}', '"file_version":[null]',
    '"file_version":7', '"name":null', '"name":7', '"name":[null,1]',
    '"name":{"a":1}', '"name":"\\u001b\\u202e"', '"name":"­"',
    '"type":[null]', '"parent":[null]', '"path_collection":{"entries":[null]}',
    '"size":"3"', '"sha1":"A9993E364706816ABA3E25717850C26C9CD0D89D"' }

  it("is reported, whatever else the answer has", function()
    for _, extra in ipairs(EXTRAS) do
      for _, mode in ipairs { "--json", "-v", "-q" } do
        emulator:faults {
          operation = "upload_file", action = "done_then_reply", status = 201,
          body = ('{"entries":[{"type":"file","id":"12%d","size":3,' ..
            '"sha1":"%s","name":"f%d",%s}]}'):format(count + 1, SHA1,
            count + 1, extra),
        }
        local code, out, err = upload(mode)
        assert.equal(0, code, extra .. out .. err)
        assert_clean(err, extra)
        if mode == "--json" then
          local events = assert_events(out, extra)
          assert.equal("done", events[#events - 1].event, out)
          assert.equal("12" .. count, events[#events - 1].file.id)
          assert.equal(path, events[#events - 1].path)
        else
          assert_clean(out, extra)
          assert.matches("file 12" .. count, out, 1, true)
        end
      end
    end
  end)

  it("is done in parts, whatever else the answer has", function()
    local client = emulator:client { retries = 0 }
    local big, _, sha1 = dir:file("big", 2500, 7)
    for i, extra in ipairs(EXTRAS) do
      if not extra:find("sha1", 1, true) and
         not extra:find("size", 1, true) then
        local name = "big" .. i
        emulator:faults {
          operation = "commit", action = "done_then_reply", status = 201,
          body = ('{"entries":[{"type":"file","id":"12","size":2500,' ..
            '"sha1":"%s","name":"%s",%s}]}'):format(sha1, name, extra),
        }
        local file, message = client:upload(big, { folder_id = "0",
          file_name = name })
        assert.is_table(file, extra .. tostring(message))
        assert.is_string((json.encode(file)), extra)
      end
    end
    client:close()
  end)

  it("is proved when its answer can't be read", function()
    for _, extra in ipairs {
      '"x":1e400', '"x":-1e400', '"x":NaN', '"id":"../1"', '"id":[null]',
      '"x":' .. ("["):rep(60) .. ("]"):rep(60),
    } do
      emulator:faults {
        operation = "upload_file", action = "done_then_reply", status = 201,
        body = ('{"entries":[{"id":"1","size":3,"sha1":"%s",%s}]}')
          :format(SHA1, extra),
      }
      local code, out, err = upload "--json"
      assert.equal(0, code, extra .. out .. err)
      local events = assert_events(out, extra)
      assert.equal("done", events[#events - 1].event)
    end
  end)

  it("has no secret of the server's in its events", function()
    local secrets = { emulator.token, "a long password of a link" }
    for _, secret in ipairs(secrets) do
      for _, mode in ipairs { "--json", "-v", "" } do
        emulator:faults({
          operation = "upload_file", action = "reply", status = 503,
          headers = { ["retry-after"] = "0", ["box-request-id"] = secret },
          body = { code = secret, message = "<" .. secret .. ">",
            request_id = secret },
        }, {
          operation = "upload_file", action = "set", occurrence = 2,
          fields = { ["entries.0.etag"] = secret,
            ["entries.0.description"] = secret },
        })
        local log = dir.path .. "/log"
        local code, out, err = upload(mode .. " --log-file " .. quote(log) ..
          " --shared-link https://app.box.com/s/x",
          "BOX_SHARED_LINK_PASSWORD=" .. quote(secrets[2]))
        assert.equal(0, code, out .. err)
        assert_without(out .. err .. files.read(log), secrets, mode)
        assert.matches("[hidden]", out, 1, true)
        os.remove(log)
      end
    end
  end)

  it("tells a program no secret that the server repeats", function()
    local told = {}
    local client = emulator:client {
      retries = 1, retry_delay = 0, shared_link_password = "pass word",
      shared_link = "https://app.box.com/s/x",
      on_exchange = function(event) told[#told + 1] = event end,
    }
    local secrets = { emulator.token, "pass word" }
    for _, secret in ipairs(secrets) do
      emulator:faults {
        operation = "upload_file", action = "reply", status = 503,
        occurrence = "all",
        headers = { ["retry-after"] = "0", ["box-request-id"] = secret },
        body = { code = secret, message = secret, request_id = secret,
          context_info = { [secret] = secret } },
      }
      count = count + 1
      local transfer = assert(client:start(path, {
        folder_id = "0", file_name = "f" .. count,
        on_event = function(event) told[#told + 1] = event end,
      }))
      repeat
        told[#told + 1] = transfer:progress()
        local file, message, err = transfer:wait(0.01)
        assert.is_nil(file)
        told[#told + 1] = { message = message, err = err,
          shown = tostring(err) }
      until transfer.state ~= "running"
    end
    assert.is_true(#told >= 8)
    assert_without(all_text(told), secrets, "told")
    client:close()
    emulator:faults()
  end)
end)

describe("a sign-in", function()
  it("shows no secret that the server repeats", function()
    local emulator = emulators.start "--jwt --plain"
    local dir = files.temp_dir()
    local environment = emulator:environment():gsub("^BOX_TOKEN=%S+ ", "") ..
      (" XDG_CONFIG_HOME=%s BOX_CLIENT_ID=%s BOX_CLIENT_SECRET=%s"):format(
        quote(dir.path), emulator.client_id, emulator.client_secret)
    local code_file = dir:write("code", emulator.code .. "\n")
    for _, secret in ipairs { emulator.client_secret, emulator.code } do
      for _, arguments in ipairs {
        "login --no-listen <" .. quote(code_file),
        "login --no-listen -v --json <" .. quote(code_file),
      } do
        emulator:faults {
          operation = "token", action = "reply", occurrence = "all",
          status = 400, headers = { ["box-request-id"] = secret },
          body = { error = secret,
            error_description = "<" .. secret .. ">\27" },
        }
        local code, out, err = command.run(arguments, environment)
        assert.is_true(code ~= 0 and code ~= 1, err)
        assert_clean(out .. err, arguments)
        assert_without(out .. err, { emulator.client_secret, emulator.code },
          arguments)
      end
    end
    dir:remove()
    emulator:stop()
  end)
end)
