-- locale: the host may change it at any time; JSON and uploads don't mind.
-- SPDX-License-Identifier: MIT

local fixtures = require "support.fixture"
local json = require "boxupload.util.json"
local shell = require "support.shell"

-- A decimal comma, a decimal point of two bytes, and another upper case of i.
local NAMES = { "de_DE", "ps_AF", "tr_TR" }

describe("with the locale", function()
  local fixture

  setup(function()
    fixture = fixtures.open("--plain --min-size 1000 --part-size 1000")
  end)
  teardown(function() fixture:close() end)

  -- What a program prints that is run with locales of our own.
  local function run(name, program)
    local folder = fixture.dir.path .. "/locale"
    shell.output(("mkdir -p %s; test -d %s/%s.UTF-8 || " ..
      "localedef -i %s -f UTF-8 %s/%s.UTF-8 2>&1"):format(folder, folder, name,
      name, folder, name))
    local path = fixture.dir.path .. "/program.lua"
    local file = assert(io.open(path, "w"))
    file:write(("local name = %q\n"):format(name .. ".UTF-8"), program)
    file:close()
    return shell.output(("LOCPATH=%s %s %s 2>&1"):format(shell.quote(folder),
      os.getenv "LUA" or "lua", shell.quote(path)))
  end

  for _, name in ipairs(NAMES) do
    it(name .. " reads and writes numbers of JSON", function()
      local out = run(name, [[
local json = require "boxupload.util.json"
local text = '{"s":"a \\"1.5\\" \\\\","size":1.5,"n":1.048576E+7,' ..
  '"l":[1.25,-2e-3,7],"z":"\\u00001x","i":-12,"e":0.1}'
local function try()
  local value, problem = json.decode(text)
  assert(value, problem)
  assert(value.s == 'a "1.5" \\' and value.size == 1.5)
  assert(value.n == 10485760 and value.i == -12 and value.e == 0.1)
  assert(value.l[1] == 1.25 and value.l[2] == -0.002 and value.l[3] == 7)
  assert(value.z == "\0" .. "1x")
  assert(json.encode { 0.25, 1e300, -1.5e-7, 12 } ==
    "[0.25,1.0000000000000001e+300,-1.4999999999999999e-07,12]")
    assert(not json.decode '{"a":"1.5' and not json.decode '{"a":1.5')
end
try()
if not os.setlocale(name) then print "none" os.exit(0) end
try()
os.setlocale "C"
try()
print "ok"
]])
      if out == "none\n" then return pending("no locale " .. name) end
      assert.equal("ok\n", out)
    end)

    it(name .. " uploads", function()
      local small, big = fixture:file(500), fixture:file(5500)
      local emulator = fixture.emulator
      local out = run(name, ([[
local client = assert(require("boxupload").new { token = %q, api_url = %q,
  upload_url = %q, token_url = %q, simple_below = 2000 })
if not os.setlocale(name) then print "none" os.exit(0) end
for _, path in ipairs { %q, %q } do
  print(assert(client:upload(path, { folder_id = "0",
    content_modified_at = 1700000000, file_name = "%%s" })).sha1)
end
client:close()
]]):format(emulator.token, emulator.api_url, emulator.upload_url,
        emulator.token_url, small.path, big.path)
        :gsub('"%%s"', 'path:match "[^/]+$"'))
      if out == "none\n" then return pending("no locale " .. name) end
      assert.equal(small.sha1 .. "\n" .. big.sha1 .. "\n", out)
    end)
  end

  it("of any decimal point gives the same numbers", function()
    assert.same({ a = 1.5 }, json.decode '{"a":1.5}')
  end)
end)
