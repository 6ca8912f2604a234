-- box_folder: which of many names are one name on Box.
-- SPDX-License-Identifier: MIT

local box_folder = require "boxupload.cli.files.box_folder"

describe("the names of a folder on Box", function()
  -- As many as a bitmap has collisions for.
  local COUNT = 20000

  local function numbered(format)
    local names = {}
    for i = 1, COUNT do names[i] = format:format(i) end
    return names
  end

  it("are found where two are one, and nowhere else", function()
    for _, format in ipairs { "IMG_%06d.JPG", "a-file-%d", "%d\195\132" } do
      local names = numbered(format)
      local all_apart = box_folder.new(names, {})
      assert.is_nil(all_apart.repeated)
      for _, i in ipairs { 1, 77, COUNT } do
        names[#names + 1] = format:format(i):lower()
          :gsub("\195\132", "a\204\136")
      end
      local some = box_folder.new(names, {})
      local found = 0
      for i = 1, COUNT do
        if some:is_repeated(names[i]) then found = found + 1 end
      end
      assert.equal(3, found, format)
      assert.is_true(some:is_repeated(format:format(77)))
      assert.is_false(some:is_repeated(format:format(78)))
    end
  end)

  it("take memory only for the few that are looked at", function()
    local names = numbered("IMG_%06d.JPG")
    collectgarbage()
    collectgarbage()
    local before = collectgarbage("count")
    local folder = box_folder.new(names, {})
    collectgarbage()
    assert.is_true(collectgarbage("count") - before < 64)
    assert.is_nil(folder.repeated)
  end)

  it("remember the first of each", function()
    local folder = box_folder.new({ "x", "X", "y", "Z" }, {})
    local function added(kind, path)
      local entry = { kind = kind, path = path, name = path:sub(-1) }
      folder:add(entry)
      return entry
    end
    assert.is_nil(added("skip", "1/x").same_as)
    assert.is_nil(added("folder", "2/x").same_as)
    local merged = added("folder", "3/X")
    assert.equal("2/x", merged.same_as)
    assert.equal(1, #merged.merged)
    assert.equal("2/x", merged.merged[1].path)
    assert.same({ merged.merged[1], merged }, added("folder", "4/X").merged)
    local file = added("file", "5/x")
    assert.equal("2/x", file.same_as)
    assert.is_nil(file.merged)
    assert.is_nil(added("file", "6/y").same_as)
  end)
end)
