-- source: strings and readers are uploaded like files.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local resources = require "support.open_resources"
local shell = require "support.shell"

local IN_COROUTINE_51 = _VERSION == "Lua 5.1" and not rawget(_G, "jit")

describe("a source that isn't a file", function()
  local emulator, dir, client

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset()
    client = emulator:client()
  end)

  after_each(function()
    client:close()
    assert.equal(0, emulator:open_sessions())
  end)

  -- A reader that returns the bytes in pieces of this size.
  local function reader_of(bytes, size)
    local at = 1
    return function()
      if at > #bytes then return nil end
      local piece = bytes:sub(at, at + size - 1)
      at = at + size
      return piece
    end
  end

  local function check_upload(name, source, bytes)
    local file, message = client:upload(source,
      { folder_id = "0", file_name = name })
    assert.is_truthy(file, message)
    assert.equal(core.sha1(bytes), file.sha1)
    assert.equal(#bytes, file.size)
    assert.is_true(bytes == emulator:bytes_of(name))
  end

  -- Returns the error; nothing may be sent or left open.
  local function check_failure(source, options)
    options = options or {}
    options.folder_id, options.file_name = "0", "never.bin"
    local before = resources.count()
    local file, message, err = client:upload(source, options)
    assert.is_nil(file)
    assert.equal(message, err.message)
    assert.same(before, resources.count())
    assert.equal(0, #emulator:requests())
    return err
  end

  -- Expects an error with a position, which error_matches would strip.
  local function check_usage_error(pattern, call, ...)
    local ok, text = pcall(call, ...)
    assert.is_false(ok)
    assert.truthy(text:find("source_spec.lua:%d+: " .. pattern), text)
  end

  it("can be a string", function()
    for _, size in ipairs { 0, 1, 999, 1000, 5432 } do
      local bytes = files.bytes(size, size)
      check_upload(("string-%d"):format(size), { content = bytes }, bytes)
    end
  end)

  it("can be a string with every byte", function()
    local all = {}
    for byte = 0, 255 do all[#all + 1] = string.char(byte) end
    local bytes = table.concat(all):rep(9)
    check_upload("every-byte", { content = bytes }, bytes)
  end)

  it("can be a reader of known or unknown size", function()
    for _, size in ipairs { 0, 1, 999, 1000, 7777, 700000 } do
      local bytes = files.bytes(size, size)
      local piece = size > 100000 and 4321 or 77
      check_upload(("unknown-%d"):format(size),
        { read = reader_of(bytes, piece) }, bytes)
      check_upload(("known-%d"):format(size),
        { read = reader_of(bytes, piece), size = size }, bytes)
    end
  end)

  it("may return empty strings, which don't end it", function()
    local pieces = { "", "one ", "", "", "two", "" }
    local at = 0
    check_upload("empty-pieces", { read = function()
      at = at + 1
      return pieces[at]
    end }, "one two")
  end)

  it("can be an open file of io, even a pipe", function()
    local path, bytes = dir:file("by-handle.bin", 300001, 3)
    local handle = assert(io.open(path, "rb"))
    check_upload("by-handle", { read = handle }, bytes)
    handle:close()
    local pipe = assert(io.popen("cat " .. shell.quote(path)))
    check_upload("by-pipe", { read = pipe, size = 300001 }, bytes)
    pipe:close()
  end)

  it("makes a new version without a file name", function()
    local made = assert(client:upload({ content = "old" },
      { folder_id = "0", file_name = "version" }))
    local file = assert(client:upload({ content = "newer" },
      { file_id = made.id }))
    assert.equal(made.id, file.id)
    assert.equal("version", file.name)
    assert.equal("newer", emulator:bytes_of("version"))
  end)

  it("has only the dates that the options give", function()
    local file = assert(client:upload({ content = "dated" }, {
      folder_id = "0", file_name = "dated",
      content_modified_at = 1700000000,
    }))
    assert.truthy(file.content_modified_at:find("^2023%-11%-1[45]T"))
    file = assert(client:upload({ content = "undated" },
      { folder_id = "0", file_name = "undated" }))
    assert.falsy((file.content_modified_at or ""):find("^19"))
  end)

  it("is read inside client:start and sent by the steps", function()
    local count = 0
    local transfer = assert(client:start({ read = function()
      count = count + 1
      return count <= 5 and ("x"):rep(1000) or nil
    end }, { folder_id = "0", file_name = "started" }))
    assert.equal(6, count)
    assert.equal(5000, transfer:progress().file_size)
    assert.equal(0, #emulator:requests())
    assert.equal(5000, assert(transfer:wait()).size)
  end)

  it("can be a reader that yields", function()
    local co = coroutine.create(function()
      return client:upload({ read = function()
        return coroutine.yield("next")
      end }, { folder_id = "0", file_name = "yielded" })
    end)
    local ok, value = coroutine.resume(co)
    for _ = 1, 4 do
      assert.is_true(ok, value)
      assert.equal("next", value)
      ok, value = coroutine.resume(co, ("y"):rep(700))
    end
    local message
    ok, value, message = coroutine.resume(co, nil)
    assert.is_true(ok, value)
    assert.is_truthy(value, message)
    assert.equal(("y"):rep(2800), emulator:bytes_of("yielded"))
  end)

  it("is closed with its client", function()
    local before = resources.count()
    local other = emulator:client()
    local read = 0
    local file, _, err = other:upload({ read = function()
      read = read + 1
      if read == 2 then other:close() end
      return read <= 2 and "bytes" or nil
    end }, { folder_id = "0", file_name = "never.bin" })
    assert.is_nil(file)
    assert.equal("canceled", err.kind)
    assert.same(before, resources.count())
  end)

  it("is refused when it has more or fewer bytes than announced", function()
    for size, word in pairs { [99] = "more", [101] = "fewer" } do
      local err = check_failure {
        read = reader_of(("z"):rep(100), 7), size = size,
      }
      assert.equal("changed", err.kind)
      assert.equal("changed", err.code)
      assert.truthy(err.message:find(word, 1, true), err.message)
    end
  end)

  it("is refused beyond spool_limit, before reading if possible",
    function()
      local err = check_failure({ read = function() return "endless" end },
        { spool_limit = 1000 })
      assert.equal("quota", err.kind)
      assert.equal("spool_limit", err.code)
      assert.truthy(err.message:find("1000 bytes", 1, true))
      err = check_failure({
        read = function() error("it was read") end, size = 1001,
      }, { spool_limit = 1000 })
      assert.equal("spool_limit", err.code)
      err = check_failure({ content = ("c"):rep(1001) },
        { spool_limit = 1000 })
      assert.equal("spool_limit", err.code)
      assert(client:upload({ content = ("c"):rep(1000) },
        { folder_id = "0", file_name = "at-limit", spool_limit = 1000 }))
    end)

  it("that can't be read is a failure", function()
    local first = true
    local err = check_failure { read = function()
      if not first then return nil, "the tape broke", 5 end
      first = false
      return "some"
    end }
    assert.equal("invalid", err.kind)
    assert.equal("read_failed", err.code)
    assert.truthy(err.message:find("the tape broke", 1, true))

    local handle = assert(io.open(dir.path))
    check_failure { read = handle }
    handle:close()
  end)

  it("that raises makes client:start raise, and is closed", function()
    local value = { "anything" }
    for _, body in ipairs {
      function(start) return pcall(start) end,
      function(start) return coroutine.resume(coroutine.create(start)) end,
    } do
      local before = resources.count()
      local ok, raised = body(function()
        client:start({ read = function() error(value) end },
          { folder_id = "0", file_name = "never.bin" })
      end)
      assert.is_false(ok)
      assert.equal(value, raised)
      if IN_COROUTINE_51 then collectgarbage() end
      assert.same(before, resources.count())
    end
    assert.equal(0, client:poll())
  end)

  it("that doesn't return a string is a usage error", function()
    for _, value in ipairs { 12, true, {} } do
      check_usage_error("client:upload: .*a string, or nil at its end, " ..
        "not a " .. type(value), function()
          client:upload({ read = function() return value end },
            { folder_id = "0", file_name = "never.bin" })
        end)
    end
  end)

  it("is checked before it is read", function()
    local function read() error("it was read") end
    local name = { folder_id = "0", file_name = "never.bin" }
    local closed = assert(io.tmpfile())
    closed:close()
    for _, case in ipairs {
      { {}, name, "give content" },
      { { content = "a", read = read }, name, "give content" },
      { { content = "a", size = 1 }, name, "size is for read" },
      { { contents = "a" }, name, 'did you mean "content"' },
      { { read = read, size = 1.5 }, name, "whole number" },
      { { read = read, size = -1 }, name, "whole number" },
      { { read = "text" }, name, "must be a function" },
      { { read = closed }, name, "an open file" },
      { 12, name, "a path, a file" },
      { { read = read }, { folder_id = "0" }, 'file_name" is missing' },
      { { read = read }, { file_name = "x" }, "folder_id" },
      { { read = read }, { folder_id = "0", file_name = "x",
        resume = true }, "resume is for files" },
      { { read = read }, { folder_id = "0", file_name = "x",
        attributes = { bad = print } }, "attributes" },
      { { read = read }, { folder_id = "0", file_name = "x",
        spool_folder = "" }, "must not be empty" },
    } do
      check_usage_error("client:start.*" .. case[3]:gsub("%p", "%%%0"),
        function() client:start(case[1], case[2]) end)
    end
    local started, _, err = client:start({ read = read },
      { folder_id = "0", file_name = "a/b" })
    assert.is_nil(started)
    assert.equal("invalid", err.kind)
  end)

  it("can't be spooled to a folder that doesn't exist", function()
    local err = check_failure({ content = "x" },
      { spool_folder = dir.path .. "/missing" })
    assert.equal("invalid", err.kind)
    assert.truthy(err.message:find("No such file", 1, true), err.message)
    assert.truthy(err.message:find("spool_folder", 1, true))
  end)

  it("leaves no file in its spool folder, full or not", function()
    local spools = dir.path .. "/spools"
    shell.output("mkdir " .. shell.quote(spools))
    local function entries() return shell.output("ls -A " .. spools) end
    local seen
    assert(client:upload({ read = function()
      local piece = not seen and "spooled" or nil
      seen = seen or entries()
      return piece
    end }, { folder_id = "0", file_name = "s", spool_folder = spools }))
    assert.equal("", seen)
    assert.equal("", entries())

    -- A write beyond a file-size limit fails as on a full disk.
    local script = dir:write("full.lua", ([[
      local client = require "boxupload".new { token = "t" }
      local file, message, err = client:upload(
        { read = function() return ("x"):rep(100000) end },
        { folder_id = "0", file_name = "x", spool_folder = %q })
      io.write(tostring(file), " ", err.kind, " ", message)
      client:close()
    ]]):format(spools))
    local said = shell.output(("trap '' XFSZ; ulimit -f 1000; %s %s 2>&1")
      :format(command.interpreter(), shell.quote(script)))
    assert.truthy(said:find("^nil invalid .*spooling"), said)
    assert.truthy(said:find("spool_folder with room", 1, true), said)
    assert.equal("", entries())
  end)
end)

describe("a large source that isn't a file", function()
  it("is spooled in little memory", function()
    local emulator = emulators.start(
      "--plain --no-store --no-verify-file --part-size 8M")
    local dir = files.temp_dir()
    local script = dir:write("large.lua", ([[
      local boxupload = require "boxupload"
      local core = require "boxupload.core"
      local client = boxupload.new {
        token = %q, api_url = %q, upload_url = %q, token_url = %q,
      }
      local left = 16 * 96
      local before = core.peak_memory()
      local file, message = client:upload({ read = function()
        left = left - 1
        return left >= 0 and (string.char(left %% 256):rep(2 ^ 16)) or nil
      end }, { folder_id = "0", file_name = "large" })
      io.write(file and file.size or message, " ",
        core.peak_memory() - before)
      client:close()
    ]]):format(emulator.token, emulator.api_url, emulator.upload_url,
      emulator.token_url))
    local said = shell.output(("%s %s 2>&1"):format(
      command.interpreter(), script))
    emulator:stop()
    dir:remove()
    local size, growth = said:match("^(%d+)%S* (%d+)")
    assert.equal(96 * 2 ^ 20, tonumber(size), said)
    assert.is_true(tonumber(growth) < 32 * 2 ^ 20, said)
  end)
end)
