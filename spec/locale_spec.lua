-- locale: the host's locale changes nothing that is read, written or sent.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local files = require "support.files"
local fixture = require "support.fixture"
local shell = require "support.shell"

-- A decimal comma; another script; another small i, and letters that aren't
-- ASCII's.
local LOCALES = { "de_DE UTF-8", "fa_IR UTF-8", "tr_TR ISO-8859-9" }

local SCRIPT = [[
  local first = require(arg[1])
  assert(os.setlocale(arg[2]))
  local boxupload, core = require "boxupload", require "boxupload.core"
  local json = require "boxupload.util.json"
  local text = '{"list":[1.25,2],"n":1.048576e+7,"size":3,' ..
    '"s":"a \\"1.5\\" \\\\","z":"\\u00001x","i":-12,"e":-2e-3}'
  local value = assert(json.decode(text))
  assert(value.list[1] == 5 / 4 and value.list[2] == 2)
  assert(value.n == 10485760 and value.size == 3 and value.i == -12)
  assert(value.s == 'a "1.5" \\' and value.z == "\0" .. "1x")
  value = assert(json.decode '{"a":[],"b":"\\u000015","c":[null,2.5]}')
  assert(json.encode(value) == '{"a":[],"b":"\\u000015","c":[null,2.5]}')
  assert(not json.decode '{"a":[1e400]}' and not json.decode '{1:2}')
  value = assert(json.decode(text))
  assert(value.e == -2 / 1000 and not json.decode '{"a":1.5')
  assert(not json.decode '{"a":"1.5' and not json.decode '{"a":[1,')
  assert(json.encode { a = 1 / 4 } == '{"a":0.25}')
  assert(require("boxupload.util.text").lower "FILE-I" == "file-i")
  assert(require("boxupload.util.decimal").parse "1.5" == 3 / 2)
  local client = boxupload.new { token = os.getenv "BOX_TOKEN",
    api_url = os.getenv "BOX_API_URL", ca_file = os.getenv "BOX_CA_FILE",
    upload_url = os.getenv "BOX_UPLOAD_URL", simple_below = 1000,
    retries = 0 }
  for i = 3, #arg do
    assert(client:upload(arg[i], { folder_id = "0",
      file_name = arg[i]:match "[^/]+$" .. arg[1] .. arg[2],
      content_modified_at = 1700000000.5 }))
  end
  client:close()
  print "right"
]]

describe("locale", function()
  local uploads, dir
  local made = {}

  setup(function()
    uploads, dir = fixture.open(), files.temp_dir()
    for _, each in ipairs(LOCALES) do
      local name, charmap = each:match "(%S+) (%S+)"
      local path = ("%s/%s.%s"):format(dir.path, name, charmap)
      shell.output(("localedef -i %s -f %s %s 2>/dev/null"):format(name,
        charmap, path))
      local file = io.open(path .. "/LC_NUMERIC", "rb")
      if file then
        file:close()
        made[each] = name .. "." .. charmap
      end
    end
  end)

  teardown(function()
    dir:remove()
    uploads:close()
  end)

  for _, each in ipairs(LOCALES) do
    for _, first in ipairs { "boxupload", "string" } do
      it(("changes nothing: %s, set after require of %s"):format(each, first),
        function()
          if not made[each] then return pending "no localedef" end
          local path = dir:write("script.lua", SCRIPT)
          local code, out, err = command.run(
            ("%s %s %s %s %s"):format(path, first, made[each],
              uploads:file(2500).path, uploads:file(300).path),
            uploads.emulator:environment() .. " LOCPATH=" .. dir.path,
            command.interpreter())
          assert.equal("right\n", out, err)
          assert.equal(0, code)
        end)
    end
  end
end)
