-- openresty: uploads in nginx with lua-nginx-module.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local json = require "boxupload.util.json"
local nginx = require "support.nginx"
local niceness = require "support.niceness"

local CONFIGURATION = [[
worker_processes 2;
env BOX_TOKEN; env BOX_API_URL; env BOX_UPLOAD_URL; env BOX_TOKEN_URL;
events { }
http {
  client_body_temp_path logs/body;
  proxy_temp_path logs/proxy;
  fastcgi_temp_path logs/fastcgi;
  uwsgi_temp_path logs/uwsgi;
  scgi_temp_path logs/scgi;
  access_log off;
  lua_code_cache CACHE;
  lua_shared_dict outcomes 1m;
  init_by_lua_block { require "support.nginx_app" }
  server {
    listen 127.0.0.1:PORT;
    location / {
      content_by_lua_block { require("support.nginx_app").handle() }
    }
    location /rewrite {
      rewrite_by_lua_block { require("support.nginx_app").handle() }
    }
    location /access {
      access_by_lua_block { require("support.nginx_app").handle() }
    }
    location /log {
      return 200 logged;
      log_by_lua_block { require("support.nginx_app").log() }
    }
  }
}
]]

describe("in nginx", function()
  local missing = nginx.missing()
  if missing then
    pending(missing)
    return
  end

  local emulator, dir, server
  local serial = 0

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset { latency_ms = 0 }
  end)

  after_each(function()
    if not server then return end
    local errors = server:stop()
    server = nil
    assert.equal("", errors)
    assert.equal(0, emulator:open_sessions())
  end)

  local function start(cache)
    server = nginx.start(CONFIGURATION:gsub("CACHE", cache or "on"),
      emulator:environment())
  end

  local function new_file(size)
    serial = serial + 1
    local name = ("served-%d.bin"):format(serial)
    local path, bytes, sha1 = dir:file(name, size, serial)
    return {
      name = name, bytes = bytes, sha1 = sha1,
      query = ("?path=%s&name=%s"):format(path, name),
    }
  end

  local function ask(path)
    local status, body = server:ask("GET", path)
    return assert(json.decode(body), body), status
  end

  local function check(file, response)
    assert.equal(file.sha1, response.sha1, response.message)
    assert.is_true(file.bytes == emulator:bytes_of(file.name))
  end

  it("uploads in content handlers, many at once", function()
    start()
    local sources, exchanges = {}, {}
    for i = 1, 8 do
      sources[i] = new_file(i * 900)
      exchanges[i] = server:begin("GET", "/upload" .. sources[i].query)
    end
    for i, file in ipairs(sources) do
      local status, body = server.finish(exchanges[i])
      assert.equal(200, status, body)
      check(file, assert(json.decode(body)))
    end
    assert.equal(2, #server:workers())
  end)

  it("lowers the priority of its threads", function()
    start()
    local response = ask("/upload" .. new_file(3500).query)
    assert.matches("^5 [5 ]*$", niceness.added(response.pid, 5))
  end)

  it("uploads in earlier phases", function()
    start()
    for _, phase in ipairs { "rewrite", "access" } do
      local file = new_file(3500)
      check(file, ask("/" .. phase .. file.query))
    end
  end)

  local function outcome_of(file)
    return nginx.await("the timer's outcome", function()
      local response, status = ask("/outcome?name=" .. file.name)
      return status == 200 and response
    end)
  end

  it("uploads in timers", function()
    start()
    local file = new_file(5500)
    ask("/timer" .. file.query)
    check(file, outcome_of(file))
  end)

  it("lets any request wait for another request's transfer", function()
    start()
    local file = new_file(5500)
    emulator:control("POST", "/options", { latency_ms = 20 })
    -- Only one of the two workers has it.
    local begun = ask("/start" .. file.query)
    local exchanges, found = {}, 0
    for i = 1, 10 do exchanges[i] = server:begin("GET", "/wait") end
    for _, each in ipairs(exchanges) do
      local _, body = server.finish(each)
      local response = assert(json.decode(body), body)
      if response.pid == begun.pid then
        check(file, response)
        found = found + 1
      end
    end
    if found == 0 then
      check(file, nginx.await("the worker that has it", function()
        local response = ask("/wait")
        return response.pid == begun.pid and response
      end))
    end
  end)

  it("signs in once for concurrent requests", function()
    start()
    emulator:faults {
      operation = "token", occurrence = "all",
      action = { stall = { when = "reply", seconds = 0.2 } },
    }
    local sources, exchanges, workers = {}, {}, {}
    for i = 1, 6 do
      sources[i] = new_file(1500)
      exchanges[i] = server:begin("GET", ("/signed%s&id=%s&secret=%s"):format(
        sources[i].query, emulator.client_id, emulator.client_secret))
    end
    for i, file in ipairs(sources) do
      local _, body = server.finish(exchanges[i])
      local response = assert(json.decode(body), body)
      check(file, response)
      workers[response.pid] = true
    end
    local count = 0
    for _ in pairs(workers) do count = count + 1 end
    assert.equal(count, #emulator:requests("token"))
  end)

  it("works without the code cache", function()
    start("off")
    for _ = 1, 3 do
      local file = new_file(3500)
      check(file, ask("/upload" .. file.query))
    end
  end)

  it("says where it can't wait", function()
    start()
    server:ask("GET", "/log")
    for phase, response in pairs {
      init = ask("/init"), log = outcome_of { name = "log" },
    } do
      assert.matches("nginx can't wait in the phase " .. phase,
        response.message)
      assert.matches("ngx.timer.at", response.message, 1, true)
    end
    assert.equal(0, #emulator:requests())
  end)

  -- Waits until some parts are stored and more are under way.
  local function await_parts()
    nginx.await("some parts", function()
      return #emulator:requests("upload_part") >= 8
    end)
  end

  local function slow_down()
    emulator:control("POST", "/options", { latency_ms = 60 })
  end

  local function speed_up()
    emulator:wait_until_idle()
    emulator:control("POST", "/options", { latency_ms = 0 })
  end

  local function check_interrupted(response)
    assert.is_nil(response.sha1)
    assert.equal("canceled", response.kind)
    assert.equal("worker_exiting", response.code)
    assert.is_true(response.resumable)
  end

  local function check_resumed(file, response)
    check(file, response)
    local stored = {}
    for _, record in ipairs(emulator:requests("upload_part")) do
      if record.status == 200 then
        assert.is_nil(stored[record.part], "a stored part was sent again")
        stored[record.part] = true
      end
    end
  end

  it("stops for a reload during an upload, which can be resumed", function()
    start()
    local file = new_file(40500)
    local journal = "&journal=" .. dir.path .. "/reload.json"
    slow_down()
    ask("/timer" .. file.query .. journal)
    await_parts()
    local workers = server:workers()
    assert.equal(2, #workers)
    server:signal("HUP")
    for _, id in ipairs(workers) do server.gone(id, 1) end
    check_interrupted(outcome_of(file))
    speed_up()
    check_resumed(file, ask("/upload" .. file.query .. journal))
  end)

  it("stops for a shutdown during an upload, which can be resumed", function()
    start()
    local file = new_file(40500)
    local journal = "&journal=" .. dir.path .. "/quit.json"
    slow_down()
    local exchange = server:begin("GET", "/upload" .. file.query .. journal)
    await_parts()
    server:quit(1)
    local _, body = server.finish(exchange)
    check_interrupted(assert(json.decode(body), body))
    speed_up()
    server:run()
    check_resumed(file, ask("/upload" .. file.query .. journal))
  end)

  it("deletes the session at a shutdown without a journal", function()
    start()
    local file = new_file(40500)
    slow_down()
    local exchange = server:begin("GET", "/upload" .. file.query)
    await_parts()
    server:quit(1)
    local _, body = server.finish(exchange)
    local response = assert(json.decode(body), body)
    assert.equal("worker_exiting", response.code)
    assert.is_false(response.resumable)
    speed_up()
  end)

  it("stops calls of a session, too", function()
    start()
    local file = new_file(3500)
    emulator:faults {
      operation = "upload_part", action = { stall = { when = "before" } },
    }
    local exchange = server:begin("GET", "/session" .. file.query)
    nginx.await("a part", function()
      return #emulator:requests("upload_part") == 1
    end)
    local began = core.now()
    server:quit(1)
    local _, body = server.finish(exchange)
    assert.is_true(core.now() - began < 3)
    local response = assert(json.decode(body), body)
    assert.equal("worker_exiting", response.code)
    assert.is_true(response.aborted)
    speed_up()
  end)
end)
