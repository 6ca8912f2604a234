-- watch: uploads of files that change meanwhile.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local shell = require "support.shell"

local SIZE, PART = 20500, 1000

describe("a file that changes during its upload", function()
  local emulator, dir, client, path
  local serial = 0

  setup(function()
    emulator = emulators.start("--plain --min-size 1000 --part-size 1000")
  end)

  teardown(function()
    emulator:stop()
  end)

  before_each(function()
    dir = files.temp_dir()
    serial = serial + 1
    path = dir:file("source.bin", SIZE, serial)
    emulator:reset()
    client = emulator:client { retry_delay = 0.01 }
  end)

  after_each(function()
    client:close()
    dir:remove()
    emulator:wait_until_idle()
    assert.equal(0, emulator:open_sessions())
  end)

  local function write_at(offset, bytes)
    local file = assert(io.open(path, "r+b"))
    file:seek("set", offset)
    file:write(bytes)
    file:close()
  end

  local function run(command)
    shell.output(command:gsub("PATH", path))
  end

  local function overwrite() write_at(PART, "changed") end

  -- Into a part that was read already.
  local CHANGES = {
    truncated = function() run "truncate -s 9000 PATH" end,
    grown = function() run "printf x >>PATH" end,
    overwritten = overwrite,
    ["overwritten and its date set back"] = function()
      run "touch -r PATH PATH.date"
      overwrite()
      run "touch -r PATH.date PATH"
    end,
    replaced = function()
      dir:file("other.bin", SIZE, serial + 100)
      run(("mv %s/other.bin PATH"):format(dir.path))
    end,
    ["replaced by one of the same date"] = function()
      dir:file("other.bin", SIZE, serial + 100)
      run(("touch -r PATH %s/other.bin"):format(dir.path))
      run(("mv %s/other.bin PATH"):format(dir.path))
    end,
  }

  -- Its bytes stay, or become the new ones before they were read.
  local NO_CHANGES = {
    chmod = function() run "chmod 640 PATH" end,
    ["another name"] = function() run "ln PATH PATH.link" end,
    touched = function() run "touch -d 2001-01-01 PATH" end,
    renamed = function() run "mv PATH PATH.moved" end,
    ["renamed and back"] = function()
      run "mv PATH PATH.moved; mv PATH.moved PATH"
    end,
    removed = function() os.remove(path) end,
    ["written again"] = function()
      write_at(0, files.bytes(SIZE, serial):sub(1, 3 * PART))
    end,
    ["restored from a copy"] = function()
      run "cp -p PATH PATH.copy; mv PATH.copy PATH"
    end,
  }

  -- Uploads, and changes the file when any three parts are stored.
  local function upload(change, options, times)
    options.folder_id = "0"
    options.file_name = ("watched-%d.bin"):format(serial)
    local stored = 0
    options.on_event = function(event)
      if event.event == "session" then stored = 0 end
      if event.event == "part" then stored = stored + 1 end
      if event.event == "part" and stored == 3 and times > 0 then
        times = times - 1
        change()
      end
    end
    return client:upload(path, options)
  end

  local function is_absent()
    local file = io.open(("%s/files/watched-%d.bin"):format(emulator.root,
      serial))
    if file then file:close() end
    return file == nil
  end

  for name, change in pairs(CHANGES) do
    it("is reported: " .. name, function()
      local file, message, err = upload(change, {}, 1)
      assert.is_nil(file)
      assert.equal("changed", err.kind, message)
      assert.matches("source.bin", message, 1, true)
      assert.is_false(err.resumable)
      assert.is_true(is_absent())
    end)
  end

  for name, change in pairs(NO_CHANGES) do
    it("isn't, when its bytes aren't: " .. name, function()
      local bytes = files.bytes(SIZE, serial)
      local file, message = upload(change, {}, 1)
      assert.equal(core.sha1(bytes), file and file.sha1, message)
      assert.equal(1, #emulator:requests("create_session"))
      assert.equal(21, #emulator:requests("upload_part"))
    end)
  end

  for name, change in pairs(CHANGES) do
    it("is uploaded with its new contents if wanted: " .. name, function()
      local file, message = upload(change, { on_change = "restart" }, 1)
      local now = files.read(path)
      assert.equal(core.sha1(now), file and file.sha1, message)
      assert.is_true(now == emulator:bytes_of(
        ("watched-%d.bin"):format(serial)))
    end)
  end

  it("gets its new date when it is uploaded", function()
    local file = assert(upload(function()
      CHANGES.overwritten()
      NO_CHANGES.touched()
    end, { on_change = "restart" }, 1))
    assert.matches("^200[01]%-", file.content_modified_at)
  end)

  it("leaves no session behind", function()
    for _, on_change in ipairs { "fail", "restart" } do
      upload(CHANGES.grown, { on_change = on_change }, 1)
      assert.equal(0, emulator:open_sessions())
    end
  end)

  -- Sends a small file twice, and changes it in between.
  local function upload_small(change)
    path = dir:file("small.bin", 700, 1)
    emulator:faults {
      operation = "upload_file", action = "reply", status = 503,
      headers = { ["retry-after"] = "0" },
    }
    return client:upload(path, {
      folder_id = "0", file_name = ("watched-%d.bin"):format(serial),
      on_event = function(event)
        if event.event == "retry" then change() end
      end,
    })
  end

  local SMALL_CHANGES = {
    grown = CHANGES.grown,
    truncated = function() run "truncate -s 600 PATH" end,
    overwritten = function() write_at(0, "changed") end,
    replaced = function()
      dir:file("other.bin", 700, 2)
      run(("mv %s/other.bin PATH"):format(dir.path))
    end,
    ["replaced by one of the same date"] = function()
      dir:file("other.bin", 700, 2)
      run(("touch -r PATH %s/other.bin"):format(dir.path))
      run(("mv %s/other.bin PATH"):format(dir.path))
    end,
  }

  for name, change in pairs(SMALL_CHANGES) do
    it("is reported when it is small, and not sent again: " .. name,
      function()
        local file, message, err = upload_small(change)
        assert.is_nil(file)
        assert.equal("changed", err.kind, message)
        assert.equal(1, #emulator:requests("upload_file"))
        assert.is_true(is_absent())
      end)
  end

  for _, name in ipairs { "chmod", "another name", "touched", "renamed",
    "renamed and back", "removed", "restored from a copy" } do
    it("isn't, when its bytes aren't and it is small: " .. name, function()
      local file, message = upload_small(NO_CHANGES[name])
      assert.equal(core.sha1(files.bytes(700, 1)), file and file.sha1,
        message)
    end)
  end

  it("again and again makes the upload give up", function()
    local file, _, err = upload(CHANGES.grown, { on_change = "restart" }, 99)
    assert.is_nil(file)
    assert.equal("changed", err.kind)
    assert.equal(4, #emulator:requests("create_session"))
    assert.is_true(is_absent())
  end)

  it("near the end never gives mixed contents on Box", function()
    local changed = false
    local file, message, err = client:upload(path, {
      folder_id = "0", file_name = "late.bin",
      on_event = function(event)
        if event.event == "part" and event.offset == 20 * PART and
           not changed then
          changed = true
          overwrite()
        end
      end,
    })
    -- The last part may be stored after the last check of the file: then Box
    -- has the old contents.
    if file then
      assert.equal(core.sha1(files.bytes(SIZE, serial)), file.sha1)
    else
      assert.equal("changed", err.kind, message)
    end
  end)
end)
