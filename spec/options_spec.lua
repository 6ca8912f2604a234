-- options: a wrong option is reported at the line that gave it.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local options = require "boxupload.util.options"

describe("options", function()
  local spec = {
    part_size = { type = "number", check = options.whole(1), default = 8 },
    name = { type = { "string", "number" } },
    id = { type = "string", check = options.id, required = true },
  }

  local function problem_of(given)
    local ok, message = pcall(options.check, spec, given, "here")
    assert.is_false(ok)
    return message
  end

  it("fills in defaults, in a new table", function()
    local given = { id = "7", name = 3 }
    local checked = options.check(spec, given, "here")
    assert.same({ id = "7", name = 3, part_size = 8 }, checked)
    assert.is_nil(given.part_size)
  end)

  it("suggests the most similar known option", function()
    assert.matches('here: unknown option "part_sise"; did you mean ' ..
      '"part_size"?', problem_of { id = "7", part_sise = 1 }, 1, true)
    assert.matches('unknown option "zzzzzzzz"; the nearest is',
      problem_of { id = "7", zzzzzzzz = 1 }, 1, true)
    assert.matches("unknown option", problem_of { "positional" }, 1, true)
  end)

  it("says what is wrong with a value", function()
    assert.matches('"part_size" must be a number, not a string',
      problem_of { id = "7", part_size = "8" }, 1, true)
    assert.matches('"part_size" must be a whole number of at least 1',
      problem_of { id = "7", part_size = 1.5 }, 1, true)
    assert.matches('"name" must be a string or number, not a boolean',
      problem_of { id = "7", name = true }, 1, true)
    assert.matches('"id" is missing', problem_of {}, 1, true)
    assert.matches('"id" isn\'t an id', problem_of { id = "../x" }, 1, true)
    assert.matches("options must be a table, not a number", problem_of(7), 1,
      true)
  end)

  it("raises at the caller's line, however deep the check is", function()
    local line = debug.getinfo(1, "l").currentline + 2
    local ok, message = pcall(function()
      local client = boxupload.new { tokn = "x" }
      return client
    end)
    assert.is_false(ok)
    assert.matches(("options_spec.lua:%d: boxupload.new: unknown option " ..
      '"tokn"; did you mean "token"?'):format(line), message, 1, true)
  end)
end)
