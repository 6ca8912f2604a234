-- json: encoding and decoding give the same results on every Lua.
-- SPDX-License-Identifier: MIT

local cjson = require "cjson.safe"
local dices = require "support.dice"
local json = require "boxupload.util.json"
local texts = require "boxupload.util.text"

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

  it("keeps lists whole", function()
    for _, encoded in ipairs {
      '{"a":[null,1]}', '{"a":[1,null]}', '{"a":[null]}', '{"a":[null,null]}',
      '{"a":[]}', '{"a":[[],{},[[]]]}', '{"a":{"b":[]}}',
      '{"a":[[null],null,{"b":[null,{}]}]}', '{"1":[{"2":1}]}',
      '{"\\u0000[":[],"a":"\\u0000["}', '{"a":["\\u0000","\\u00005"],"b":[]}',
      '{"a":"[]","b":"\\"[ ]","c":[]}',
    } do
      assert.equal(encoded, json.encode(assert(json.decode(encoded))))
    end
    local list = json.decode '{"a":[ \r\n\t]}'.a
    assert.equal("[]", json.encode(list))
    list = json.decode '{"a":[null,"b"]}'.a
    assert.equal(cjson.null, list[1])
    assert.equal("b", list[2])
  end)

  it("refuses numbers that are too large", function()
    for _, number in ipairs { "1e400", "-1e400", "1e309", "9e999999999",
      ("9"):rep(400) } do
      for _, shape in ipairs { '{"a":%s}', '{"a":[%s]}', '{"a":[[],%s]}',
        '{"a":{"b":[1,{"c":%s}]}}' } do
        local value, problem = json.decode(shape:format(number))
        assert.is_nil(value)
        assert.is_string(problem)
      end
    end
    assert.equal(1e308, json.decode '{"a":1e308}'.a)
    assert.equal(0, json.decode '{"a":1e-400}'.a)
  end)

  it("makes text of what others send, and keeps this machine's bytes",
    function()
      local bytes = "\228\237\160\128\195\164\255"
      local mark = "\239\191\189"
      local value = json.decode('{"a":["' .. bytes .. '"],"' .. bytes ..
        '":1}')
      local valid = mark:rep(4) .. "\195\164" .. mark
      assert.equal(valid, value.a[1])
      assert.equal(1, value[valid])
      value = json.decode_bytes('{"a":["' .. bytes .. '"],"' .. bytes ..
        '":1}')
      assert.equal(bytes, value.a[1])
      assert.equal(1, value[bytes])
      assert.equal('{"a":["' .. bytes .. '"],"' .. bytes .. '":1}',
        json.encode_bytes(value))
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
      '{"a":-NaN}', '{"a":Infinity}', '{"a":-Infinity}', '{"a":inf}',
      '{"a":[nan]}', '{"a":0x1p4}', '{"a":+1}', "{1:2}", "{[]:2}",
      '{"a":[],1:2}', '{"a":[\v]}', '{"a":[,]}', '{"a":[]"b"}',
      '{"a":\\"x"}', '{"a":"\\ud800"}', '{"a":tru}',
      ("{"):rep(200), ('{"a":'):rep(200) .. "1" ..
        ("}"):rep(200),
    } do
      local value, problem = json.decode(text)
      assert.is_nil(value, text)
      assert.is_string(problem)
    end
  end)

  -- Random JSON without null fields, as `encode` writes it.
  local function random_string(dice)
    local pieces = {}
    for i = 1, dice:roll(5) - 1 do
      pieces[i] = dice:pick { "a", "1", "/", '\\"', "\\\\", "\\u0000", "\\n",
        "\\u007f", "\195\164", "\226\128\174", "\240\159\152\128", "[]", "e",
        "\\u001b" }
    end
    return '"' .. table.concat(pieces) .. '"'
  end

  local function random_json(dice, depth)
    local kind = dice:roll(depth > 6 and 4 or 6)
    if kind == 1 then return random_string(dice) end
    if kind == 2 then
      return dice:pick { "0", "-1", "0.5", "1e+300", "9007199254740992",
        "-2.5e-10", "12345678901234" }
    end
    if kind == 3 then return dice:pick { "true", "false" } end
    if kind == 4 then return dice:pick { "[]", "{}" } end
    local items, keys = {}, {}
    for i = 1, dice:roll(4) do
      items[i] = kind == 5 and dice:chance(1, 4) and "null" or
        random_json(dice, depth + 1)
      keys[i] = random_string(dice)
    end
    if kind == 5 then return "[" .. table.concat(items, ",") .. "]" end
    table.sort(keys)
    local fields, seen = {}, {}
    for i, key in ipairs(keys) do
      if not seen[key] then fields[#fields + 1] = key .. ":" .. items[i] end
      seen[key] = true
    end
    return "{" .. table.concat(fields, ",") .. "}"
  end

  local SEED = tonumber(os.getenv "JSON_SEED") or 1
  local ROUNDS = tonumber(os.getenv "JSON_ROUNDS") or 1000

  it("encodes all that it decodes, unchanged", function()
    local dice = dices.new(SEED)
    for round = 1, ROUNDS do
      local encoded = '{"a":' .. random_json(dice, 0) .. "}"
      local what = ("JSON_SEED=%d, round %d: %s"):format(SEED, round, encoded)
      local value, problem = json.decode(encoded)
      assert.is_table(value, what .. ": " .. tostring(problem))
      local again
      again, problem = json.encode(value)
      assert.is_string(again, what .. ": " .. tostring(problem))
      -- The order of keys is that of their bytes, not of their escapes.
      assert.same(value, json.decode(again), what)
      assert.equal(again, json.encode(json.decode(again)), what)
      assert.equal(#encoded, #again, what .. "\n" .. again)
      assert.equal(encoded:find("null", 1, true) ~= nil,
        again:find("null", 1, true) ~= nil, what)
    end
  end)

  it("encodes whatever it decodes of damaged JSON", function()
    local dice = dices.new(SEED)
    local decoded = 0
    for round = 1, ROUNDS do
      local encoded = '{"a":' .. random_json(dice, 0) .. ',"b":[null,"x"]}'
      local at = dice:roll(#encoded)
      local with = dice:pick { "\255", "\237\160\128", "\0", "null", "[]",
        "1e999", "{", "]", ",", "\\", "\194", "NaN", "" }
      encoded = encoded:sub(1, at - 1) .. with .. encoded:sub(at + 1)
      local what = ("JSON_SEED=%d, round %d: %s"):format(SEED, round, encoded)
      local value = json.decode(encoded)
      if value then
        decoded = decoded + 1
        local again, problem = json.encode { event = "done", file = value }
        assert.is_string(again, what .. ": " .. tostring(problem))
        assert.is_number(texts.characters(again), what)
        assert.is_table(cjson.decode(again), what)
      end
    end
    assert.is_true(decoded > ROUNDS / 20)
  end)

  it("encodes what it decodes at its greatest depth", function()
    for _, pair in ipairs { { '{"a":', "}" }, { '{"a":[', "]}" } } do
      local deepest
      for depth = 1, 200 do
        deepest = json.decode(pair[1]:rep(depth) .. "1" ..
          pair[2]:rep(depth)) or deepest
      end
      assert.is_string(json.encode { event = { file = deepest } })
    end
  end)

  it("decodes only so many values", function()
    local function objects(count)
      return '{"a":[' .. ("{},"):rep(count - 1) .. "{}]}"
    end
    assert.equal(9000, #assert(json.decode(objects(9000))).a)
    for text, most in pairs {
      [objects(21000)] = false, [objects(10)] = 10,
      ['{"a":[' .. ("0,"):rep(21000) .. "0]}"] = false,
    } do
      local value, problem = json.decode(text, most or nil)
      assert.is_nil(value)
      assert.matches("too many values", problem, 1, true)
    end
    assert.truthy(json.decode(objects(21000), 100000))
  end)

  it("leaves the settings of other users of cjson alone", function()
    assert.truthy(cjson.decode("[NaN]"))
  end)
end)
