-- exit: the process may end at any moment of an upload, in any way.
-- EXIT_ROUNDS is how often each way is tried, EXIT_SEED where it begins.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local dice = require "support.dice"
local fixtures = require "support.fixture"
local shell = require "support.shell"

local ROUNDS = tonumber(os.getenv "EXIT_ROUNDS") or 5
local SEED = tonumber(os.getenv "EXIT_SEED") or 1

-- Each ends the process, whose status is then as given.
local WAYS = {
  { "os.exit(0)", 0 },
  { "os.exit(3, true)", 3 },
  { "error 'at the top'", 1 },
  { "return", 0 },
}

describe("a process that ends during uploads", function()
  local fixture, given

  setup(function()
    -- OpenSSL's cleanup is what threads can't survive.
    fixture = fixtures.open("--tls --min-size 1000 --part-size 1000000 " ..
      "--no-store --no-verify-file")
    given = fixture:file(30000000)
  end)
  teardown(function() fixture:close() end)

  local function program(way, seconds, name)
    local emulator = fixture.emulator
    local path = fixture.dir.path .. "/program.lua"
    local file = assert(io.open(path, "w"))
    file:write(([[
local core = require "boxupload.core"
local client = assert(require("boxupload").new { token = %q, api_url = %q,
  upload_url = %q, token_url = %q, ca_file = %q, simple_below = 1,
  parallel = 8 })
local transfer =
  assert(client:start(%q, { folder_id = "0", file_name = %q }))
local ends = core.now() + %s
while core.now() < ends do transfer:wait(0.005) end
]]):format(emulator.token, emulator.api_url, emulator.upload_url,
      emulator.token_url, emulator.ca_file, given.path, name,
      tostring(seconds)), way, "\n")
    file:close()
    return path
  end

  for i, way in ipairs(WAYS) do
    it("with " .. way[1] .. " has its status, and no crash", function()
      local chance = dice.new(SEED + i)
      for round = 1, ROUNDS do
        local seconds = chance:roll(250) / 1000
        local path = program(way[1], seconds, ("exit-%d-%d"):format(i, round))
        local code, out, err = command.run(shell.quote(path), nil,
          "timeout 20 " .. (os.getenv "LUA" or "lua"))
        assert.equal(way[2], code, ("seed %d, after %g s: %s%s")
          :format(SEED, seconds, out, err))
      end
    end)
  end
end)
