-- reload: a host that loads the modules again goes on with what it has.
-- SPDX-License-Identifier: MIT

local files = require "support.files"
local fixture = require "support.fixture"

describe("a reload of the modules", function()
  local uploads, before

  setup(function() uploads = fixture.open() end)

  teardown(function() uploads:close() end)

  before_each(function()
    uploads.emulator:reset { list_sha1_null = false }
    before = {}
    for name, module in pairs(package.loaded) do
      if name:find "^boxupload" then before[name] = module end
    end
  end)

  after_each(function()
    uploads:after_each()
    for name in pairs(package.loaded) do
      if name:find "^boxupload" then package.loaded[name] = nil end
    end
    for name, module in pairs(before) do package.loaded[name] = module end
  end)

  for what, pattern in pairs {
    ["all"] = "^boxupload", ["the C module alone"] = "^boxupload%.core$",
    ["the Lua modules alone"] = "^boxupload",
    ["the sessions' alone"] = "^boxupload%.session$",
  } do
    it("keeps sessions and transfers usable: " .. what, function()
      local bytes = files.bytes(2500, 7)
      local client = uploads:client()
      local session = assert(client:create_session {
        folder_id = "0", file_name = "reload-" .. what, file_size = #bytes })
      local file = uploads:file(3500)
      local transfer = client:start(file.path, { folder_id = "0",
        file_name = "reloaded-" .. what })
      assert(session:upload(0, bytes:sub(1, 1000)))
      for name in pairs(before) do
        if name:find(pattern) and not (what == "the Lua modules alone" and
           name == "boxupload.core") then
          package.loaded[name] = nil
        end
      end
      require "boxupload"
      assert(session:upload(1000, bytes:sub(1001, 2000)))
      assert.equal(2, #assert(session:parts()))
      assert(session:abort())
      assert.equal(file.sha1, assert(transfer:wait(20)).sha1)
    end)
  end
end)
