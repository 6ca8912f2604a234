-- fold: which names are one name on Box.
-- SPDX-License-Identifier: MIT

local fold = require "boxupload.util.fold"

describe("boxupload.util.fold", function()
  -- In escapes, so that no editor changes the form.
  local same = {
    { "A.TXT", "a.txt" },
    { "\195\169", "e\204\129", "E\204\129", "\195\137" },  -- é
    { "\226\132\171", "\195\133", "\195\165", "a\204\138" },  -- Å, Angstrom
    { "\239\172\129", "fi", "FI" },                        -- ligature
    { "stra\195\159e", "STRASSE", "STRA\225\186\158E" },   -- ß
    { "\206\163", "\207\131", "\207\130" },                -- sigmas
    { "\196\176", "i\204\135", "I\204\135" },              -- İ
    { "\239\188\161\239\188\145", "a1" },                  -- full width
    { "\234\176\129", "\225\132\128\225\133\161\225\134\168" },  -- Hangul
    { "\234\176\128", "\225\132\128\225\133\161" },
    { "\237\158\163", "\225\132\146\225\133\181\225\135\130" },
    -- Marks of different classes, in any order.
    { "a\204\135\204\163", "a\204\163\204\135", "\225\186\161\204\135" },
    -- The iota below stands after the other marks, then becomes a letter.
    { "\206\177\205\133\204\129", "\206\177\204\129\205\133",
      "\225\190\180", "\206\172\206\185" },
    { "\208\150", "\208\182" },                            -- Cyrillic
    { "\209\145", "\208\181\204\136", "\208\129" },
    { "\240\144\144\128", "\240\144\144\168" },            -- Deseret
    { "\240\157\144\128", "a" },                           -- mathematical
    { "\239\168\155", "\231\166\143" },                    -- CJK
    { "\225\142\160", "\234\173\176" },                    -- Cherokee
    { "\199\132", "\199\133", "\199\134", "d\197\190" },   -- Dž
  }

  it("takes the forms of one text for one", function()
    for _, forms in ipairs(same) do
      for _, form in ipairs(forms) do
        assert.equal(fold.key(forms[1]), fold.key(form))
        assert.equal(fold.key("x " .. forms[1] .. ".txt"),
          fold.key("X " .. form .. ".TXT"))
      end
    end
  end)

  it("keeps others apart", function()
    for at, forms in ipairs(same) do
      for other = at + 1, #same do
        assert.not_equal(fold.key(forms[1] .. at),
          fold.key(same[other][1] .. at))
      end
    end
    for _, pair in ipairs {
      { "e", "\195\169" }, { "i", "\196\177" }, { "i", "\196\176" },
      -- Marks of one class don't change places.
      { "a\204\129\204\128", "a\204\128\204\129" },
      { "\227\129\139", "\227\129\140" }, { "o", "\195\184" },
    } do
      assert.not_equal(fold.key(pair[1]), fold.key(pair[2]))
    end
  end)

  it("leaves a key as it is", function()
    for _, forms in ipairs(same) do
      local key = fold.key(forms[1])
      assert.equal(key, fold.key(key))
    end
    assert.equal("plain-1.txt", fold.key("plain-1.txt"))
    assert.equal("", fold.key(""))
  end)

  it("is no slave of the locale", function()
    local before = os.setlocale(nil, "ctype")
    for _, locale in ipairs { "C", "de_DE.ISO-8859-1", "tr_TR.UTF-8" } do
      os.setlocale(locale, "ctype")
      local key = fold.key("\195\132I")
      os.setlocale(before, "ctype")
      assert.equal("a\204\136i", key)
    end
  end)
end)
