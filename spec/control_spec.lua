-- control: pause, resume, cancel, events, and cleaning up.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local journal = require "boxupload.journal.journal"
local shell = require "support.shell"

local SIZE = 20500
local MAX_CANCEL_TIME = 0.05 -- seconds that a cancel may take

describe("a transfer", function()
  local emulator, dir, client, path, sha1
  local serial = 0

  setup(function()
    emulator = emulators.start("--plain --min-size 1000 --part-size 1000")
    dir = files.temp_dir()
    path, sha1 = dir:file("source.bin", SIZE, 5), nil
    sha1 = core.sha1(files.read(path))
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset { latency_ms = 0 }
    client = emulator:client { retry_delay = 0.01 }
  end)

  after_each(function()
    client:close()
  end)

  local function start(options)
    serial = serial + 1
    options = options or {}
    options.folder_id = "0"
    options.file_name = ("controlled-%d.bin"):format(serial)
    return assert(client:start(path, options))
  end

  local function step_until(transfer, test)
    local deadline = core.now() + 20
    while not test(transfer:progress()) do
      assert(core.now() < deadline, "it doesn't come to that")
      transfer:step()
      client.queue:wait(0.005)
    end
  end

  local function step_for(transfer, seconds)
    local deadline = core.now() + seconds
    while core.now() < deadline do
      transfer:step()
      client.queue:wait(0.005)
    end
  end

  it("starts no part while it is paused, and continues afterwards", function()
    emulator:control("POST", "/options", { latency_ms = 5 })
    local transfer = start { parallel = 2 }
    step_until(transfer, function(now) return now.parts >= 3 end)
    transfer:pause()
    transfer:pause()
    -- Parts already on the network are still completed.
    step_until(transfer, function(now) return now.waiting_for == "paused" end)
    step_for(transfer, 0.1)
    local parts = transfer:progress().parts
    local sent = #emulator:requests("upload_part")
    step_for(transfer, 0.1)
    assert.equal(parts, transfer:progress().parts)
    assert.equal(sent, #emulator:requests("upload_part"))
    assert.equal("running", transfer:progress().state)
    transfer:resume()
    local file = assert(transfer:wait(20))
    assert.equal(sha1, file.sha1)
    assert.equal(21, #emulator:requests("upload_part"))
  end)

  it("can be paused before it starts", function()
    local transfer = start()
    transfer:pause()
    step_for(transfer, 0.1)
    assert.equal(0, #emulator:requests("upload_part"))
    transfer:resume()
    assert.equal(sha1, assert(transfer:wait(20)).sha1)
  end)

  describe("when cancelled", function()
    local function check_cancel(transfer, options)
      local began = core.now()
      transfer:cancel(options)
      local seconds = core.now() - began
      assert.is_true(seconds < MAX_CANCEL_TIME, ("%f s"):format(seconds))
      local file, _, err = transfer:wait(20)
      assert.is_nil(file)
      assert.equal("canceled", err.kind)
      return err
    end

    it("returns at once while a part stalls", function()
      emulator:faults {
        operation = "upload_part", occurrence = "all", action = "stall",
        when = "during",
      }
      local transfer = start()
      step_until(transfer, function(now) return now.bytes_sent > 0 end)
      check_cancel(transfer)
      assert.equal(0, emulator:open_sessions())
    end)

    it("returns at once while it waits for a retry", function()
      emulator:faults {
        operation = "upload_part", occurrence = "all", action = "reply",
        status = 503, headers = { ["retry-after"] = "100" },
      }
      local transfer = start()
      step_until(transfer, function(now) return now.waiting_for end)
      assert.is_true(transfer:progress().waiting_until > core.time() + 50)
      check_cancel(transfer)
      assert.equal(0, emulator:open_sessions())
    end)

    it("returns at once while it hashes", function()
      local big = dir:write("big.bin", "")
      shell.output("truncate -s 2G " .. shell.quote(big))
      emulator:control("POST", "/options", { part_size = 2 ^ 30 })
      local transfer = assert(client:start(big,
        { folder_id = "0", file_name = "hashed.bin" }))
      step_until(transfer, function(now) return now.phase == "uploading" end)
      step_for(transfer, 0.05)
      check_cancel(transfer)
      emulator:control("POST", "/options", { part_size = 1000 })
      assert.equal(0, emulator:open_sessions())
    end)

    for _, phase in ipairs { "creating", "committing" } do
      it("returns at once while it is " .. phase, function()
        emulator:faults {
          operation = phase == "creating" and "create_session" or "commit",
          action = "stall", when = "reply", seconds = 0.5,
        }
        local heard
        local transfer = start { on_event = function(event)
          heard = event.event
        end }
        step_until(transfer, function(now) return now.phase == phase end)
        if phase == "creating" then
          step_until(transfer, function()
            return emulator:open_sessions() == 1
          end)
        end
        local err = check_cancel(transfer)
        assert.is_nil(err.abort_error)
        assert.equal("canceled", heard)
      end)
    end

    it("reports it before the start, too", function()
      local heard
      local transfer = start { on_event = function(event)
        heard = event.event
      end }
      check_cancel(transfer)
      assert.equal("canceled", heard)
    end)

    it("keeps the session if asked, and says how to resume", function()
      emulator:control("POST", "/options", { latency_ms = 5 })
      local kept = dir.path .. "/kept.json"
      local transfer = start { resume = kept, parallel = 2 }
      step_until(transfer, function(now) return now.parts >= 3 end)
      local err = check_cancel(transfer, { keep = true })
      assert.is_true(err.resumable)
      assert.equal(kept, err.journal)
      assert.equal(1, emulator:open_sessions())
      serial = serial - 1
      local parts = #emulator:requests("upload_part")
      local file = assert(start({ resume = kept }):wait(20))
      assert.equal(sha1, file.sha1)
      assert.equal(0, emulator:open_sessions())
      -- Only parts that were cut off on the network were sent twice.
      assert.is_true(#emulator:requests("upload_part") <= 21 + 2, parts)
      assert.is_false(journal.exists(kept))
    end)
  end)

  it("reports events in order, from within step()", function()
    emulator:faults {
      operation = "upload_part", occurrence = 5, action = "reply",
      status = 500,
    }
    local main, names, parts = coroutine.running(), {}, 0
    local transfer = start { on_event = function(event)
      assert.equal(main, (coroutine.running()))
      if event.event == "part" then parts = parts + 1 end
      if names[#names] ~= event.event then
        names[#names + 1] = event.event
      end
    end }
    assert(transfer:wait(20))
    assert.equal(21, parts)
    assert.equal("session", names[1])
    assert.equal("commit", names[#names - 1])
    assert.equal("done", names[#names])
    assert.matches("retry", table.concat(names, " "), 1, true)
    assert.equal(1, transfer:progress().retries)
  end)

  it("keeps stored parts on a failure only if a journal names them", function()
    for _, resume in ipairs { false, dir.path .. "/failed.json" } do
      emulator:faults {
        operation = "upload_part", occurrence = { 7, 8, 9, 10, 11, 12 },
        action = "reply", status = 403,
        body = { code = "access_denied_insufficient_permissions" },
      }
      local _, _, err = start({ resume = resume or nil }):wait(20)
      assert.equal("denied", err.kind)
      assert.equal(resume and true or false, err.resumable)
      assert.equal(resume and resume or nil, err.journal)
      assert.equal(resume and 1 or 0, emulator:open_sessions())
    end
    emulator:faults()
    serial = serial - 1
    local file = assert(start({ resume = dir.path .. "/failed.json" })
      :wait(20))
    assert.equal(sha1, file.sha1)
    assert.equal(0, emulator:open_sessions())
  end)

  it("keeps a journal whose cost doesn't grow with the file", function()
    local kept = dir:write("cost.json", "")
    os.remove(kept)
    local identity = { size = 2e7, device = "1", inode = "1", path = "x" }
    local made = assert(journal.create(kept, {
      file = identity, target = { folder_id = "0" },
      session = { id = "A", part_size = 1000, total_parts = 20000 },
    }))
    local function append(from, to)
      local began = core.now()
      for i = from, to do
        assert(made:part { part_id = "ABCD1234", offset = i * 1000,
          size = 1000, sha1 = sha1 })
      end
      return core.now() - began
    end
    append(1, 100)
    local early = append(101, 2100)
    append(2101, 10000)
    local late = append(10001, 12000)
    made:close()
    assert.is_true(late < 5 * early + 0.1, ("%f, %f"):format(early, late))
    made = assert(journal.open(kept))
    local count = 0
    for _ in pairs(made.parts) do count = count + 1 end
    assert.equal(12000, count)
    made:remove()
  end)
end)
