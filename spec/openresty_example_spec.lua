-- openresty_example: examples/openresty, run as its README.md says.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local emulators = require "support.emulator"
local files = require "support.files"
local json = require "boxupload.util.json"
local nginx = require "support.nginx"
local shell = require "support.shell"

local MIB = 1024 * 1024
local EXAMPLE = "examples/openresty"
local LARGE = 200 * MIB
-- How much a worker's memory may grow: by connection buffers and hashes, and
-- body chunks that LuaJIT hasn't collected yet.
local GROWTH = 32 * MIB

describe("the example for OpenResty", function()
  local missing = nginx.missing()
  if missing then
    pending(missing)
    return
  end

  local emulator, dir, server

  setup(function()
    emulator = emulators.start("--plain --part-size 8M")
    dir = files.temp_dir()
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  -- The example's configuration; changed are only the port, the number of
  -- workers, and the paths of nginx and Lua files.
  local function start()
    local text = files.read(EXAMPLE .. "/nginx.conf")
    for what, with in pairs {
      ["127%.0%.0%.1:8080"] = "127.0.0.1:PORT",
      ["worker_processes auto"] = "worker_processes 1",
      ["daemon off;"] = "", ["pid [^;]+;"] = "",
      ["error_log [^;]+;"] = "",
      ["%${prefix}"] = shell.output("pwd"):match("[^\n]+") .. "/" ..
        EXAMPLE .. "/",
    } do
      local count
      text, count = text:gsub(what, with)
      assert.equal(1, count, what)
    end
    server = nginx.start(text, ("%s BOX_LOCAL_ROOT=%s XDG_STATE_HOME=%s")
      :format(emulator:environment(), dir.path, dir.path))
  end

  before_each(function()
    emulator:reset { latency_ms = 0, connection_rate = 0 }
    start()
  end)

  after_each(function()
    local errors = server:stop()
    assert.equal("", errors)
    assert.equal(0, emulator:open_sessions())
  end)

  -- Writes a file in pieces, to save memory; returns its path and SHA-1.
  local function new_file(name, size)
    local piece, digest = files.bytes(MIB, size), boxupload.digest()
    local path = dir.path .. "/" .. name
    local file = assert(io.open(path, "wb"))
    local left = size
    while left > 0 do
      local chunk = piece:sub(1, left)
      digest:update(chunk)
      file:write(chunk)
      left = left - #chunk
    end
    file:close()
    return path, digest:hex()
  end

  local function put(name, body, headers)
    local status, text = server:ask("PUT", "/files/0/" .. name,
      { body = body, headers = headers })
    return status, json.decode(text) or text
  end

  it("streams a large body to Box in little memory", function()
    local path, sha1 = new_file("large", LARGE)
    local id = server:workers()[1]
    -- A new worker still has to load its libraries.
    assert.equal(201, (put("first.bin", "x")))
    local before = server.peak_memory(id)
    local status, file = put("large.bin", assert(boxupload.file(path)))
    local growth = server.peak_memory(id) - before
    assert.equal(201, status, file)
    assert.equal(sha1, file.sha1)
    assert.equal(LARGE, file.size)
    assert.is_true(growth < GROWTH, ("it grew by %.1f MiB")
      :format(growth / MIB))
    -- nginx has stored nothing of the body.
    assert.equal("", shell.output("ls " .. server.dir.path ..
      "/logs/body"))
  end)

  it("accepts small bodies, and bodies of unknown length", function()
    local path, sha1 = new_file("unknown", 21 * MIB)
    local status, file = put("unknown.bin", assert(boxupload.file(path)),
      { ["Transfer-Encoding"] = "chunked" })
    assert.equal(201, status, file)
    assert.equal(sha1, file.sha1)
    for size, name in pairs { [0] = "empty", [5] = "small",
                              [300000] = "medium" } do
      path, sha1 = new_file(name, size)
      status, file = put(name .. ".bin", assert(boxupload.file(path)))
      assert.equal(201, status, file)
      assert.equal(sha1, file.sha1)
      assert.equal(size, file.size)
    end
  end)

  it("sends a part again when its response was lost", function()
    local path, sha1 = new_file("lost", 30 * MIB)
    emulator:faults(
      { operation = "upload_part", match = { part = 1 },
        action = "lose_reply" },
      { operation = "upload_part", match = { part = 2 }, action = "reset" })
    local status, file = put("lost.bin", assert(boxupload.file(path)))
    assert.equal(201, status, file)
    assert.equal(sha1, file.sha1)
  end)

  it("responds with the error", function()
    local path = new_file("twice", 20 * MIB)
    assert.equal(201, (put("twice.bin", assert(boxupload.file(path)))))
    local status, response = put("twice.bin", assert(boxupload.file(path)))
    assert.equal(409, status)
    assert.equal("conflict", response.error.kind)
    assert.equal("item_name_in_use", response.error.code)
    emulator:faults { operation = "upload_file",
      action = { reply = { status = 403 } } }
    status, response = put("denied.bin", "x")
    assert.equal(403, status)
    assert.equal("denied", response.error.kind)
    assert.equal(405, (server:ask("GET", "/files/0/twice.bin")))
  end)

  it("leaves nothing behind when the client disconnects", function()
    emulator:control("POST", "/options", { connection_rate = 4 * MIB })
    local path = new_file("gone", 60 * MIB)
    local exchange = server:begin("PUT", "/files/0/gone.bin",
      { body = assert(boxupload.file(path)) })
    nginx.await("some parts", function()
      return #emulator:requests("upload_part") >= 2 and
        exchange:sent() > 20 * MIB
    end)
    exchange:cancel()
    server.finish(exchange)
    emulator:control("POST", "/options", { connection_rate = 0 })
    nginx.await("the session's end", function()
      return #emulator:requests("abort") == 1 and
        emulator:open_sessions() == 0
    end)
    -- The worker still works.
    assert.equal(201, (put("after.bin", "x")))
  end)

  -- A client that stops sending in the middle and then only listens.
  local function stall(name, path, bytes)
    local script = dir:write("stall.sh", ([[
      exec 3<>/dev/tcp/%s
      printf 'PUT /files/0/%s HTTP/1.1\r\nHost: x\r\n' >&3
      printf 'Content-Length: %.0f\r\n\r\n' >&3
      cat %s >&3
      cat <&3]]):format((server.url:match("//(.*)"):gsub(":", "/")), name,
        2 * bytes, path))
    return assert(io.popen("bash " .. script))
  end

  it("drops a stalled body when nginx is reloaded", function()
    local path = new_file("stalled", 20 * MIB)
    local pipe = stall("stalled.bin", path, 20 * MIB)
    nginx.await("some parts", function()
      return #emulator:requests("upload_part") >= 2
    end)
    local worker = server:workers()[1]
    server:signal("HUP")
    server.gone(worker, 2)
    local text = pipe:read("*a")
    pipe:close()
    assert.matches("^HTTP/1.1 503", text)
    assert.matches('"kind":"canceled"', text, 1, true)
    assert.equal(1, #emulator:requests("abort"))
  end)

  local function job_of(id)
    local status, text = server:ask("GET", "/jobs/" .. id)
    assert.equal(200, status, text)
    return assert(json.decode(text))
  end

  local function post(path)
    local status, text = server:ask("POST", "/jobs",
      { body = ('{"path":"%s","folder_id":"0"}'):format(path) })
    return status, assert(json.decode(text), text)
  end

  it("uploads local files, and continues across a reload", function()
    emulator:control("POST", "/options", { connection_rate = 4 * MIB })
    local _, sha1 = new_file("job.bin", 40 * MIB)
    local status, response = post("job.bin")
    assert.equal(202, status)
    nginx.await("progress", function()
      local job = job_of(response.id)
      return job.state == "running" and (job.bytes_sent or 0) > 0
    end)
    local worker = server:workers()[1]
    server:signal("HUP")
    server.gone(worker, 1)
    emulator:control("POST", "/options", { connection_rate = 0 })
    local job = nginx.await("the job's end", function()
      local now = job_of(response.id)
      return now.state == "done" and now
    end)
    assert.equal(sha1, job.file.sha1)
    assert.equal(40 * MIB, job.bytes_sent)
    assert.equal(1, #emulator:requests("create_session"))
  end)

  it("refuses jobs for files elsewhere", function()
    for _, path in ipairs { "../x", "/etc/passwd", "a/../../x", "a//b", "",
                            "." } do
      local status = post(path)
      assert.equal(400, status, path)
    end
    local function error_of(path)
      local _, response = post(path)
      return nginx.await("the job's end", function()
        local now = job_of(response.id)
        return now.state == "failed" and now
      end).error
    end
    assert.matches("No such file", error_of("missing").message)
    local elsewhere = files.temp_dir()
    elsewhere:write("secret", "not below the root")
    shell.output(("ln -s %s/secret %s/link; ln -s %s %s/folder"):format(
      elsewhere.path, dir.path, elsewhere.path, dir.path))
    for _, path in ipairs { "link", "folder/secret" } do
      assert.equal("symbolic_link", error_of(path).code)
    end
    elsewhere:remove()
    assert.equal(0, #emulator:requests "upload_file")
    assert.equal(404, (server:ask("GET", "/jobs/1-1")))
    assert.equal(405, (server:ask("DELETE", "/jobs/1-1")))
  end)
end)
