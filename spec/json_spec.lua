-- json: encoding and decoding give the same results on every Lua.
-- SPDX-License-Identifier: MIT

local cjson = require "cjson.safe"
local json = require "boxupload.util.json"

describe("json", function()
  it("encodes whole numbers exactly up to 2^53", function()
    assert.equal('{"file_size":9007199254740992}',
      json.encode { file_size = 2 ^ 53 })
    assert.equal('{"file_size":123456789012345}',
      json.encode { file_size = 123456789012345 })
    assert.equal("[0.5,-3]", json.encode { 0.5, -3 })
    local largest = rawget(math, "maxinteger")
    if largest then
      assert.equal("[9223372036854775807]", json.encode { largest })
    end
  end)

  it("knows the lists of OpenResty's cjson", function()
    for _, name in ipairs { "array_mt", "empty_array_mt" } do
      if cjson[name] then
        assert.equal('{"a":[]}',
          json.encode { a = setmetatable({}, cjson[name]) })
      end
    end
    if cjson.empty_array then
      assert.equal('{"a":[]}', json.encode { a = cjson.empty_array })
    end
  end)

  it("writes strings that aren't UTF-8 only for files of this machine",
    function()
      for _, bytes in ipairs {
        "b\228d", "\195", "\237\160\128", "\192\128",
      } do
        for _, value in ipairs { bytes, { a = bytes }, { [bytes] = 1 },
          { { bytes } } } do
          local encoded, problem = json.encode(value)
          assert.is_nil(encoded)
          assert.equal("text that isn't UTF-8", problem)
          assert.is_string(json.encode_bytes(value))
        end
      end
      assert.equal('{"a":"b\195\164d"}', json.encode { a = "b\195\164d" })
    end)

  it("refuses what is neither a list nor an object", function()
    for _, value in ipairs { { "a", x = "b" }, { [2] = "b" },
      { "a", [3] = "c" }, { [1.5] = 1 }, { print }, { a = 0 / 0 },
      { a = 1 / 0 }, { a = coroutine.create(function() end) },
      { a = io.stdout } } do
      local text, problem = json.encode(value)
      assert.is_nil(text)
      assert.is_string(problem)
    end
    local loop = {}
    loop.loop = loop
    assert.is_nil((json.encode(loop)))
  end)

  it("encodes lists, even empty ones, and objects with sorted keys", function()
    assert.equal('{"parts":[]}', json.encode { parts = json.array {} })
    assert.equal('{"attributes":{}}', json.encode { attributes = {} })
    assert.equal('{"a":1,"b":[true,false],"c":null}',
      json.encode { c = cjson.null, b = { true, false }, a = 1 })
  end)

  it("leaves slashes unescaped and escapes what it must", function()
    assert.equal([["a/b\\/\"\u0001"]], json.encode('a/b\\/"\1'))
  end)

  it("refuses values that JSON lacks", function()
    for _, value in ipairs {
      { function() end }, { 0 / 0 }, { math.huge }, { [1.5] = true },
      { "a", x = "b" }, { "a", nil, "c" }, { "a", [1000] = "b" },
      { [2] = "b" },
    } do
      local text, problem = json.encode(value)
      assert.is_nil(text)
      assert.is_string(problem)
    end
    local endless = {}
    endless.endless = endless
    assert.is_nil((json.encode(endless)))
  end)

  it("refuses tables that aren't what they hold", function()
    for _, metatable in ipairs {
      { __index = { hidden = 1 } }, { __index = function() return 1 end },
      { __pairs = function() return next, {} end }, { __metatable = "secret" },
    } do
      local text, problem = json.encode { a = setmetatable({}, metatable) }
      assert.is_nil(text)
      assert.is_string(problem)
    end
  end)

  it("encodes what cjson calls an empty list", function()
    for _, list in ipairs {
      cjson.empty_array or json.array {},
      setmetatable({}, cjson.array_mt or cjson.empty_array_mt or
        getmetatable(json.array {})),
    } do
      assert.equal('{"a":[]}', json.encode { a = list })
    end
  end)

  it("writes fractions as short as they are exact", function()
    assert.equal('[0.1,1.0000000000000002,-2.5e-10]',
      json.encode { 0.1, 1 + 2 ^ -52, -2.5e-10 })
  end)

  it("decodes escapes and surrogates", function()
    local value = json.decode(
      [[{"a":"\"\\\/\b\n\u0041\u00e4\u20ac\ud83d\ude00"}]])
    assert.equal("\"\\/\b\nA\195\164\226\130\172\240\159\152\128",
      value.a)
  end)

  it("leaves a string a string, whatever it begins with", function()
    assert.same({ a = "\0" .. "15", b = "15" },
      json.decode '{"a":"\\u000015","b":"15"}')
  end)

  it("decodes null as nil, however deeply nested", function()
    local value = json.decode '{"a":null,"b":{"c":null,"d":1}}'
    assert.same({ b = { d = 1 } }, value)
  end)

  it("decodes whole numbers as integers, also with an exponent", function()
    local value = json.decode '{"size":8388608,"quota":1.0e+15,"part":0.5}'
    assert.equal("8388608", ("%d"):format(value.size))
    assert.equal(1e15, value.quota)
    assert.equal(0.5, value.part)
    if rawget(math, "type") then
      assert.equal("integer", rawget(math, "type")(value.size))
      assert.equal("integer", rawget(math, "type")(value.quota))
    end
  end)

  it("refuses everything but an object", function()
    for _, text in ipairs {
      "", "null", "[]", '"text"', "12", "<html></html>", '{"a":', "{]",
      '{"a":NaN}', '{"a":0x10}', '{"a":1,}', '{"a":[1,]}', '{"a":1}x', '{a:1}',
      '{"a":"\\x"}', '{"a":"\\ud800"}', '{"a":tru}',
      ("{"):rep(200), ('{"a":'):rep(200) .. "1" ..
        ("}"):rep(200),
    } do
      local value, problem = json.decode(text)
      assert.is_nil(value, text)
      assert.is_string(problem)
    end
  end)

  it("leaves the settings of other users of cjson alone", function()
    assert.truthy(cjson.decode("[NaN]"))
  end)
end)
