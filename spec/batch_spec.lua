-- batch: an error that one file's upload raises doesn't end the others.
-- SPDX-License-Identifier: MIT

local batches = require "boxupload.cli.files.batch"
local exit_code = require "boxupload.cli.output.exit_code"
local fixtures = require "support.fixture"
local summaries = require "boxupload.cli.output.summary"
local walks = require "boxupload.cli.files.walk"

describe("a batch of uploads", function()
  local fixture

  setup(function() fixture = fixtures.open() end)
  teardown(function() fixture:close() end)

  after_each(function()
    fixture:after_each()
    assert.equal(0, fixture.emulator:open_sessions())
  end)

  local function silent_report(failures)
    return {
      print = function() end, info = function() end, event = function() end,
      fail = function(_, err, path)
        failures[#failures + 1] = { err = err, path = path }
        return exit_code.of(err)
      end,
    }
  end

  -- Uploads three files; `spoil` changes the start of the second one. Returns
  -- the summary and the reported failures.
  local function run(spoil)
    local paths, failures = {}, {}
    for i = 1, 3 do paths[i] = fixture:file(1500).path end
    local client = fixture:client()
    local start = client.start
    function client:start(path, options)
      if path == paths[2] then return spoil(self, start, path, options) end
      return start(self, path, options)
    end
    local summary = summaries.new()
    batches.new({
      client = client, summary = summary, report = silent_report(failures),
      settings = { transfers = 1, upload = {} },
      walk = walks.new(paths, "0", function() return true end),
      screen = { interval = 1, show = function() end, hide = function() end },
    }):run()
    assert.equal(2, summary.done)
    assert.equal(1, summary.failed)
    assert.equal(1, #failures)
    assert.equal(paths[2], failures[1].path)
    assert.equal("crashed", failures[1].err.code)
    assert.matches("a trap", failures[1].err.message)
    assert.equal(exit_code.FAILED, summary.code)
  end

  it("goes on when starting one raises", function()
    run(function() error("a trap") end)
  end)

  it("goes on when the upload itself raises", function()
    run(function(client, start, path, options)
      local transfer = assert(start(client, path, options))
      function transfer.target.url() error("a trap") end
      return transfer
    end)
  end)

  it("goes on when it raises in the middle", function()
    run(function(client, start, path, options)
      local transfer = assert(start(client, path, options))
      transfer.on_event = nil
      function transfer.event(_, event)
        if event.event == "part" then error("a trap") end
      end
      return transfer
    end)
  end)
end)
