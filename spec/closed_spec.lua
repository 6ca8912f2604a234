-- closed: an object of the C module that was closed, or that a finalizer has
-- freed, raises or does nothing. It never crashes.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local files = require "support.files"

local SHA1 = ("0"):rep(40)

-- By class, those that answer a closed object; all others raise. A closed
-- exchange is done and has no reply.
local HARMLESS = {
  engine = { close = true },
  queue = { close = true, wake = true, events = true, timeout = true,
    dirty = true },
  exchange = { done = true, poll = true, cancel = true, queue = true,
    status = true, body = true, header = true, error = true, reached = true,
    sha1 = true, sent = true, request = true },
  session = {},
  file = { close = true },
  digest = {},
  journal = { close = true },
  listener = { close = true },
  folder = { close = true },
  lock = { close = true },
}

describe("a closed", function()
  local dir, engine, path

  setup(function()
    dir = files.temp_dir()
    path = dir:file("file.bin", 1500, 1)
    engine = assert(core.engine {})
  end)

  teardown(function()
    engine:close()
    dir:remove()
  end)

  local function session()
    local endpoints = {}
    for _, name in ipairs {
      "upload_part", "list_parts", "status", "commit", "abort", "plan",
    } do
      endpoints[name] = "https://upload.box.com/" .. name
    end
    return assert(engine:session { id = "1", file_size = 1500,
      part_size = 1000, total_parts = 2, session_endpoints = endpoints })
  end

  local makers = {
    engine = function() return assert(core.engine {}) end,
    queue = function() return assert(engine:queue()) end,
    exchange = function() return assert(engine:submit_hash("abc", {})) end,
    session = session,
    file = function() return assert(core.file(path)) end,
    digest = function() return assert(core.digest()) end,
    journal = function()
      local name = dir.path .. "/journal"
      os.remove(name)
      return assert(core.journal_create(name, "text"))
    end,
    listener = function() return assert(core.listen(0)) end,
    folder = function() return assert(core.open_folder(dir.path)) end,
    lock = function() return assert(core.lock(dir.path .. "/lock")) end,
  }

  -- What a method may want, so that it gets as far as it can.
  local arguments = {
    {}, { 0 }, { 1, 2 }, { "text" }, { "text", {} }, { {} },
    { { sha1 = SHA1 } }, { 0, ("x"):rep(1000), {} }, { 200, "html" },
    { { url = "https://api.box.com/" } },
  }

  local function finalizer(object)
    return debug.getmetatable(object).__gc
  end

  local function check_methods(class, object)
    for name, method in pairs(core.methods[class]) do
      -- Those of the Lua layer end in one of these.
      if debug.getinfo(method, "S").what == "C" then
        for _, list in ipairs(arguments) do
          local ok, message = pcall(method, object, list[1], list[2], list[3])
          if HARMLESS[class][name] then
            assert.is_true(ok or message:find("bad argument", 1, true) == 1,
              name)
          else
            assert.is_false(ok, name)
            assert.matches("attempt to use a closed " .. class, message, 1,
              true)
          end
        end
      end
    end
    assert.equal(("boxupload.%s (closed)"):format(class), tostring(object))
  end

  for class, make in pairs(makers) do
    describe(class, function()
      it("that its finalizer has freed", function()
        local object = make()
        assert.is_nil(tostring(object):find("closed", 1, true))
        finalizer(object)(object)
        check_methods(class, object)
        finalizer(object)(object)
        check_methods(class, object)
      end)

      if core.methods[class].close then
        it("that its method has closed", function()
          local object = make()
          object:close()
          object:close()
          check_methods(class, object)
        end)
      end
    end)
  end

  it("class is made here, whatever classes there are", function()
    for class in pairs(core.methods) do
      assert.is_function(makers[class], class)
    end
  end)

  it("journal is one that was removed", function()
    local journal = makers.journal()
    assert(journal:remove())
    check_methods("journal", journal)
  end)

  it("file, digest or queue is no argument either", function()
    local file, digest, queue = makers.file(), makers.digest(), makers.queue()
    finalizer(file)(file)
    finalizer(digest)(digest)
    finalizer(queue)(queue)
    assert.has_error(function() engine:submit_hash(file, {}) end,
      "attempt to use a closed file")
    assert.has_error(function()
      engine:submit_hash("abc", { digest = digest })
    end, "attempt to use a closed digest")
    assert.has_error(function()
      session():submit_upload(0, ("x"):rep(1000), { digest = digest })
    end, "attempt to use a closed digest")
    assert.has_error(function()
      engine:submit_hash("abc", { queue = queue })
    end, "attempt to use a closed queue")
    assert.has_error(function() engine:queue(queue) end,
      "attempt to use a closed queue")
  end)

  it("client takes its sessions with it", function()
    local client = makers.engine()
    local orphan = assert(client:session { id = "1", file_size = 1500,
      part_size = 1000, total_parts = 2, session_endpoints = {} })
    client:close()
    for name, method in pairs(core.methods.session) do
      if debug.getinfo(method, "S").what == "C" and name ~= "part_length" then
        assert.has_error(function() method(orphan, 0, {}) end,
          "attempt to use a session of a closed client")
      end
    end
    assert.equal(500, orphan:part_length(1000))
  end)
end)
