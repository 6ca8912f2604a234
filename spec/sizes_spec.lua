-- sizes: files at the limits of a single request, of a part and of 32 bits,
-- with Box's real sizes.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local emulators = require "support.emulator"
local files = require "support.files"
local shell = require "support.shell"

local MINIMUM = 20000000
local PART = 8 * 1024 * 1024

describe("a file of", function()
  local emulator, dir, client

  local function start(arguments)
    emulator = emulators.start("--plain " .. arguments)
    client = boxupload.new {
      token = emulator.token, api_url = emulator.api_url,
      upload_url = emulator.upload_url, token_url = emulator.token_url,
    }
  end

  before_each(function()
    dir = files.temp_dir()
  end)

  after_each(function()
    client:close()
    emulator:stop()
    dir:remove()
  end)

  local function check(size, parts)
    emulator:reset()
    local name = ("%d.bin"):format(size)
    local path, bytes, sha1 = dir:file(name, size, size % 97)
    local file = assert(client:upload(path, { folder_id = "0" }))
    assert.equal(sha1, file.sha1)
    assert.equal(size, file.size)
    assert.is_true(bytes == emulator:bytes_of(name))
    assert.equal(parts, #emulator:requests("upload_part"))
    os.remove(path)
  end

  it("0 bytes, 1 byte, and just below Box's minimum", function()
    start ""
    check(0, 0)
    check(1, 0)
    check(MINIMUM - 1, 0)
  end)

  it("Box's minimum", function()
    start ""
    check(MINIMUM, 3)
  end)

  it("exact multiples of a part, one byte less and one more", function()
    start ""
    check(3 * PART - 1, 3)
    check(3 * PART, 3)
    check(3 * PART + 1, 4)
  end)

  it("more than 4 GiB", function()
    start "--part-size 64M --no-store"
    local size = 4 * 1024 ^ 3 + 1
    local path = dir:write("sparse.bin", "")
    shell.output(("truncate -s %.0f %s"):format(size, shell.quote(path)))
    local file = assert(client:upload(path, { folder_id = "0" }))
    assert.equal(size, file.size)
    -- head -c 4294967297 /dev/zero | sha1sum
    assert.equal("e7d747b75f76e0e41e83b75bce4642816136304f", file.sha1)
    local last = 0
    for _, record in ipairs(emulator:requests("upload_part")) do
      local from, to, total = record.headers["content-range"]
        :match("^bytes (%d+)%-(%d+)/(%d+)$")
      assert.equal("4294967297", total)
      assert.is_true(tonumber(to) >= tonumber(from))
      last = math.max(last, tonumber(to))
    end
    assert.equal(size - 1, last)
  end)
end)
