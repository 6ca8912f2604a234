-- name: which file names are refused before anything is sent.
-- SPDX-License-Identifier: MIT

local item_name = require "boxupload.service.item_name"
local text = require "boxupload.util.text"

describe("name", function()
  local function code_of(value)
    return (item_name.problem(value))
  end

  it("accepts what Box accepts", function()
    for _, value in ipairs {
      "a", " leading.txt", "a.b.c", "...", "-", 'say "hi".txt', "a:b?*<>|",
      "\195\188ber \230\151\165\230\156\172.txt", ("x"):rep(255),
      ("\195\188"):rep(255),
    } do
      assert.is_nil(code_of(value), value)
    end
  end)

  it("refuses what Box refuses", function()
    for _, value in ipairs {
      "", ".", "..", "a/b", "a\\b", "tab\there", "line\n", "zero\0byte",
      "delete\127", "trailing ", "\255\254", "cut\195", "\237\160\128",
      "\192\175", "\244\144\128\128",
    } do
      assert.equal("item_name_invalid", code_of(value))
    end
    assert.equal("item_name_too_long", code_of(("x"):rep(256)))
    assert.equal("item_name_too_long", code_of(("\195\188"):rep(256)))
  end)
end)

describe("text", function()
  it("counts characters", function()
    assert.equal(0, text.characters(""))
    assert.equal(4, text.characters("a\195\188\226\130\172\240\157\132\158"))
    assert.is_nil(text.characters("a\195"))
  end)

  it("turns it into one line, and bytes into printable text", function()
    assert.equal("a b c", text.one_line("a\n\tb\27c"))
    assert.equal("??x", text.one_line("\255\254x"))
  end)

  it("cuts between characters", function()
    assert.equal("a...", text.one_line("a\195\188b", 2))
    assert.equal("a\195\188b", text.one_line("a\195\188b", 4))
  end)
end)
