-- remote_folder: folders on Box, created or found.
-- SPDX-License-Identifier: MIT

local fixtures = require "support.fixture"

describe("client:make_folder", function()
  local fixture, client

  setup(function() fixture = fixtures.open() end)
  teardown(function() fixture:close() end)

  before_each(function()
    fixture.emulator:reset()
    client = fixture:client()
  end)

  after_each(function() fixture:after_each() end)

  it("creates a folder that takes files", function()
    local folder = assert(client:make_folder { parent_id = "0", name = "a" })
    assert.equal("folder", folder.type)
    assert.equal("a", folder.name)
    assert.is_nil(folder.existing)
    local inner = assert(client:make_folder { parent_id = folder.id,
      name = "\195\164 b" })
    local given = fixture:file(100)
    assert(client:upload(given.path, { folder_id = inner.id }))
    assert.equal(given.bytes,
      fixture.emulator:bytes_of("a/\195\164 b/" .. given.name))
  end)

  it("finds the folder that has the name", function()
    local made = assert(client:make_folder { parent_id = "0", name = "b" })
    local found = assert(client:make_folder { parent_id = "0", name = "b" })
    assert.equal(made.id, found.id)
    assert.equal("b", found.name)
    assert.is_true(found.existing)
  end)

  it("finds the folder that it created when the response was lost", function()
    fixture.emulator:faults { operation = "create_folder",
      action = "lose_reply" }
    local found = assert(client:make_folder { parent_id = "0", name = "c" })
    assert.is_true(found.existing)
    assert.equal(2, fixture:count "create_folder")
  end)

  it("doesn't take a file for a folder", function()
    local given = fixture:file(100)
    assert(client:upload(given.path, { folder_id = "0", file_name = "d" }))
    local folder, message, err =
      client:make_folder { parent_id = "0", name = "d" }
    assert.is_nil(folder)
    assert.equal("conflict", err.kind)
    assert.equal("item_name_in_use", err.code)
    assert.is_string(err.request_id)
    assert.matches("a file has the name", message, 1, true)
  end)

  it("fails for invalid names and missing folders", function()
    local _, message, err =
      client:make_folder { parent_id = "0", name = "a/b" }
    assert.equal("invalid", err.kind)
    assert.matches("slash", message, 1, true)
    assert.equal(0, fixture:count "create_folder")
    _, _, err = client:make_folder { parent_id = "987654321", name = "e" }
    assert.equal("gone", err.kind)
    assert.has_error(function() client:make_folder { name = "e" } end)
    assert.has_error(function()
      client:make_folder { parent_id = "0", nmae = "e" }
    end)
  end)
end)
