-- closed: what methods do with an object that was closed or finalized.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local core = require "boxupload.core"
local files = require "support.files"

-- luacheck: read globals unpack (of 5.1)
local unpack = rawget(table, "unpack") or unpack

-- Methods that a closed object still answers, by class. All others raise.
local HARMLESS = {
  engine = { close = true },
  queue = { close = true, wake = true, events = true, timeout = true,
    dirty = true },
  exchange = { done = true, poll = true, cancel = true, queue = true,
    status = true, body = true, header = true, error = true, reached = true,
    sha1 = true, sent = true, request = true },
  session = { part_length = true, save = true },
  file = { close = true }, digest = {}, journal = { close = true },
  listener = { close = true }, folder = { close = true },
}

describe("a closed object", function()
  local dir, engine, makers

  local function new_session()
    return assert(engine:session {
      id = "1", part_size = 10, total_parts = 1, file_size = 10,
      session_endpoints = {},
    })
  end

  setup(function()
    dir = files.temp_dir()
    engine = assert(core.engine { trusted = { "http://127.0.0.1:1" } })
    makers = {
      engine = function() return assert(core.engine {}) end,
      queue = function() return engine:queue() end,
      exchange = function()
        return assert(engine:submit_hash("abc", {}))
      end,
      session = new_session,
      file = function() return assert(core.spool(dir.path)) end,
      digest = function() return core.digest() end,
      journal = function()
        return assert(core.journal_create(dir.path .. "/" .. core.random(8),
          "{}\n"))
      end,
      listener = function() return assert(core.listen(0)) end,
      folder = function() return assert(core.open_folder(dir.path)) end,
    }
  end)

  teardown(function()
    engine:close()
    dir:remove()
  end)

  -- As a host may that finalizes in an order of its own, and twice.
  local function finalize(object)
    local gc = getmetatable(object).__gc
    gc(object)
    gc(object)
    return object
  end

  -- Each set of arguments gets past the checks of some method.
  local function arguments()
    return {
      {}, { 0 }, { "x" }, { {} }, { 0, ("x"):rep(10), {} },
      { { sha1 = ("0"):rep(40) } }, { { url = "http://127.0.0.1:1" } },
      { "abc", {} }, { 200, "<p>" },
    }
  end

  it("is known for every class", function()
    for class in pairs(core.methods) do
      assert.is_function(makers[class], class)
      assert.is_table(HARMLESS[class], class)
    end
    for class in pairs(makers) do
      assert.is_table(core.methods[class], class)
    end
  end)

  it("raises in every method that needs an open one", function()
    for class, methods in pairs(core.methods) do
      for name, method in pairs(methods) do
        local object = finalize(makers[class]())
        for _, each in ipairs(arguments()) do
          local ok, text = pcall(method, object, unpack(each))
          if not HARMLESS[class][name] then
            assert.is_false(ok, class .. ":" .. name)
          end
          if not ok then assert.is_string(text, class .. ":" .. name) end
        end
      end
    end
  end)

  it("says that it is closed", function()
    for class, make in pairs(makers) do
      local object = make()
      assert.is_nil(tostring(object):find("closed", 1, true), class)
      assert.truthy(tostring(finalize(object)):find("closed", 1, true),
        class)
      local close = core.methods[class].close
      if close then
        local text = ("attempt to use a closed %s"):format(class)
        local other = make()
        close(other)
        close(other)
        local raised = false
        for name, method in pairs(core.methods[class]) do
          if not HARMLESS[class][name] then
            local _, message = pcall(method, other, 1, "x")
            raised = raised or message:find(text, 1, true) ~= nil
          end
        end
        assert.is_true(raised, text)
      end
    end
  end)

  it("has no fields", function()
    for _, class in ipairs { "file", "session" } do
      local object = finalize(makers[class]())
      for _, field in ipairs { "size", "path", "id", "mtime" } do
        local ok, value = pcall(function() return object[field] end)
        assert.is_true(not ok or value == nil or field == "id")
      end
    end
  end)

  it("isn't taken in place of an open one", function()
    local digest = finalize(core.digest())
    assert.error_matches(function()
      engine:submit_hash("abc", { digest = digest })
    end, "closed digest")
    assert.error_matches(function()
      new_session():submit_upload(0, ("x"):rep(10), { digest = digest })
    end, "closed digest")
    local file = finalize(makers.file())
    assert.error_matches(function()
      engine:submit_hash(file, {})
    end, "closed file")
    local queue = finalize(engine:queue())
    assert.error_matches(function() engine:queue(queue) end, "closed queue")
    assert.error_matches(function()
      engine:submit_hash("abc", { queue = queue })
    end, "closed queue")
  end)

  it("makes the methods of its session raise, too", function()
    local client = assert(boxupload.new { token = "t" })
    local session = assert(client.engine:session {
      id = "1", part_size = 10, total_parts = 1, file_size = 10,
      session_endpoints = {},
    })
    client:close()
    assert.error_matches(function() session:set_parallel(1) end, "closed")
    assert.error_matches(function() session:submit_status {} end, "closed")
  end)
end)
