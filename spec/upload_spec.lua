-- upload: whole files are uploaded and compared.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local resources = require "support.open_resources"
local shell = require "support.shell"
local timestamp = require "boxupload.util.timestamp"

local MONTHS = {
  "Jan", "Feb", "Mar", "Apr", "May", "Jun",
  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
}

-- Seconds since 1970 of a date with a numeric offset, as Box returns it.
local function seconds_of(date)
  local year, month, day, time, sign, hours, minutes = date:match(
    "^(%d+)-(%d+)-(%d+)T([%d:]+)([+-])(%d+):(%d+)$")
  local seconds = timestamp.parse_http(("Any, %s %s %s %s GMT")
    :format(day, MONTHS[tonumber(month)], year, time))
  local offset = hours * 3600 + minutes * 60
  return sign == "-" and seconds + offset or seconds - offset
end

describe("client:upload", function()
  local emulator, dir, client
  local serial = 0

  setup(function()
    emulator = emulators.start("--tls --min-size 1000 --part-size 1000")
    dir = files.temp_dir()
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset { commit_202 = 0, parts_mismatch = 0 }
    client = emulator:client()
  end)

  after_each(function()
    client:close()
    assert.equal(0, emulator:open_sessions())
  end)

  local function new_file(size)
    serial = serial + 1
    return dir:file(("file-%d.bin"):format(serial), size, serial)
  end

  -- Uploads a new file of this size and compares everything.
  local function check_upload(size, options)
    local path, bytes, sha1 = new_file(size)
    options = options or {}
    options.folder_id = "0"
    local file, message = client:upload(path, options)
    assert.is_truthy(file, message)
    local name = options.file_name or path:match("[^/]+$")
    assert.equal(sha1, file.sha1)
    assert.equal(size, file.size)
    assert.equal(name, file.name)
    assert.equal("file", file.type)
    assert.is_string(file.id)
    assert.is_true(bytes == emulator:bytes_of(name))
    return file, path
  end

  it("sends files in parts, whatever the last part's size", function()
    for _, size in ipairs { 1000, 1001, 1999, 2000, 10000, 10001, 12345 } do
      check_upload(size)
    end
    assert.equal(0, #emulator:requests("upload_file"))
    assert.equal(7, #emulator:requests("commit"))
  end)

  it("sends small and empty files in one request", function()
    for _, size in ipairs { 0, 1, 999 } do check_upload(size) end
    assert.equal(0, #emulator:requests("create_session"))
    for _, record in ipairs(emulator:requests("upload_file")) do
      assert.equal(40, #record.headers["content-md5"])
    end
  end)

  it("sends each part once, four at a time, on four connections", function()
    check_upload(40000)
    local connections, parts = {}, {}
    for _, record in ipairs(emulator:requests("upload_part")) do
      connections[record.connection] = true
      parts[record.part] = (parts[record.part] or 0) + 1
    end
    local count = 0
    for _ in pairs(connections) do count = count + 1 end
    assert.is_true(count <= 4, "connections: " .. count)
    for index = 0, 39 do assert.equal(1, parts[index]) end
    assert.equal(40000, emulator:stats().part_bytes_received)
  end)

  it("uses one connection with parallel = 1", function()
    check_upload(8000, { parallel = 1 })
    local before
    for _, record in ipairs(emulator:requests("upload_part")) do
      assert.equal(before or record.connection, record.connection)
      before = record.connection
    end
  end)

  it("uploads a new version, and renames it if asked", function()
    local file = check_upload(5000)
    local path, bytes, sha1 = new_file(6000)
    local version = assert(client:upload(path, {
      file_id = file.id, if_match = file.etag,
    }))
    assert.equal(file.id, version.id)
    assert.not_equal(file.etag, version.etag)
    assert.equal(sha1, version.sha1)
    assert.equal(file.name, version.name)
    assert.is_true(bytes == emulator:bytes_of(file.name))
    version = assert(client:upload(path, {
      file_id = file.id, file_name = "renamed.bin",
    }))
    assert.equal("renamed.bin", version.name)
  end)

  it("uploads a small new version", function()
    local file = check_upload(500)
    local path, _, sha1 = new_file(600)
    local version = assert(client:upload(path, {
      file_id = file.id, if_match = file.etag,
    }))
    assert.equal(file.id, version.id)
    assert.equal(sha1, version.sha1)
    local refused, _, err = client:upload(path, {
      file_id = file.id, if_match = file.etag,
    })
    assert.is_nil(refused)
    assert.equal("changed", err.kind)
    assert.equal(412, err.status)
  end)

  it("refuses to replace a version that if_match doesn't name", function()
    local file = check_upload(5000)
    local path = new_file(5000)
    local refused, _, err = client:upload(path, {
      file_id = file.id, if_match = "77",
    })
    assert.is_nil(refused)
    assert.equal("changed", err.kind)
    assert.equal(412, err.status)
  end)

  it("sends the modification date and other metadata to Box",
    function()
      local file, path = check_upload(1500)
      local source = assert(boxupload.file(path))
      assert.equal(math.floor(source.mtime),
        seconds_of(file.content_modified_at))
      source:close()
      for _, size in ipairs { 500, 1500 } do
        file = check_upload(size, {
          description = "of a spec",
          content_created_at = 86400,
          content_modified_at = "2001-02-03T04:05:06Z",
          file_name = ("told-%d.bin"):format(size),
        })
        assert.equal("of a spec", file.description)
        assert.equal(86400, seconds_of(file.content_created_at))
        assert.equal(981173106, seconds_of(file.content_modified_at))
      end
      file = check_upload(1500, { attributes = { description = "free" } })
      assert.equal("free", file.description)
    end)

  it("accepts a file object, and leaves it open", function()
    local path, _, sha1 = new_file(3000)
    local source = assert(boxupload.file(path))
    local file = assert(client:upload(source, { folder_id = "0" }))
    assert.equal(sha1, file.sha1)
    assert.is_true(source:check())
    source:close()
  end)

  it("follows a change of the service's minimum size", function()
    emulator:control("POST", "/options", { min_size = 5000 })
    check_upload(3000)
    check_upload(2000)
    assert.equal(1, #emulator:requests("create_session"))
    assert.equal(2, #emulator:requests("upload_file"))
    emulator:control("POST", "/options", { min_size = 1000 })
  end)

  it("waits after 202 and parts_mismatch", function()
    emulator:control("POST", "/options",
      { commit_202 = 4, commit_retry_after = 0, parts_mismatch = 1 })
    check_upload(2500)
    assert.equal(6, #emulator:requests("commit"))
  end)

  it("waits a second after a 202 without Retry-After", function()
    emulator:faults { operation = "commit", action = "reply", status = 202 }
    local began = core.now()
    check_upload(2500)
    assert.is_true(core.now() - began >= 1)
  end)

  it("gives up on a commit that takes longer than commit_timeout", function()
    emulator:control("POST", "/options",
      { commit_202 = 1000, commit_retry_after = 0 })
    local path = new_file(2500)
    local file, _, err = client:upload(path,
      { folder_id = "0", commit_timeout = 0.5 })
    assert.is_nil(file)
    assert.equal("timeout", err.kind)
    assert.equal("commit_timeout", err.code)
  end)

  it("sends a part again after a rate-limit response", function()
    emulator:faults {
      operation = "upload_part", occurrence = { 2, 3 }, action = "reply",
      status = 429, headers = { ["retry-after"] = "0" },
      body = { code = "rate_limit_exceeded", message = "slow down" },
    }
    check_upload(6000)
    assert.equal(8, #emulator:requests("upload_part"))
  end)

  it("waits for a busy folder", function()
    emulator:faults {
      operation = "create_session", action = "reply", status = 409,
      headers = { ["retry-after"] = "0" },
      body = { code = "operation_blocked_temporary", message = "busy" },
    }
    check_upload(2000)
  end)

  it("leaves no thread and no descriptor behind", function()
    client:close()
    local before = resources.count()
    local other = emulator:client()
    local path = new_file(9000)
    assert(other:upload(path, { folder_id = "0" }))
    other:close()
    assert.same(before, resources.count())
  end)

  it("fails when the folder doesn't exist", function()
    for _, size in ipairs { 500, 5000 } do
      local path = new_file(size)
      local file, message, err = client:upload(path, { folder_id = "404404" })
      assert.is_nil(file)
      assert.equal("gone", err.kind)
      assert.equal(404, err.status)
      assert.equal(message, tostring(err))
      assert.matches("check the id", message, 1, true)
      assert.is_string(err.request_id)
    end
  end)

  it("fails when the name is taken, and names that file", function()
    for _, size in ipairs { 700, 7000 } do
      local file, path = check_upload(size)
      local second, message, err = client:upload(path, { folder_id = "0" })
      assert.is_nil(second)
      assert.equal("conflict", err.kind)
      assert.equal("item_name_in_use", err.code)
      assert.equal(file.id, err.context_info.conflicts.id)
      assert.matches("file_id", message, 1, true)
      assert.is_false(err.retryable)
    end
  end)

  it("fails when the token is invalid", function()
    local other = emulator:client { token = "not-a-token" }
    for _, size in ipairs { 500, 5000 } do
      local path = new_file(size)
      local file, message, err = other:upload(path, { folder_id = "0" })
      assert.is_nil(file)
      assert.equal("auth", err.kind)
      assert.equal(401, err.status)
      assert.matches("token", message, 1, true)
      assert.is_nil(message:find("not-a-token", 1, true))
    end
    other:close()
  end)

  it("fails when the server's certificate isn't trusted", function()
    local other = boxupload.new {
      token = emulator.token, upload_url = emulator.upload_url,
    }
    local path = new_file(500)
    local file, message, err = other:upload(path, { folder_id = "0" })
    assert.is_nil(file)
    assert.equal("network", err.kind)
    assert.equal("certificate", err.code)
    assert.is_false(err.retryable)
    assert.matches("ca_file", message, 1, true)
    other:close()
    assert.equal(0, #emulator:requests())
  end)

  it("fails at once when ca_file can't be used", function()
    local files_of_authorities = {
      dir.path .. "/missing.pem", dir.path, dir:write("empty.pem", ""),
      dir:write("text.pem", "no certificate"), dir.path .. "/pipe.pem",
    }
    shell.output("mkfifo " .. dir.path .. "/pipe.pem")
    local path = new_file(500)
    for _, ca_file in ipairs(files_of_authorities) do
      local other = emulator:client { ca_file = ca_file, retry_delay = 60 }
      local file, message, err = other:upload(path, { folder_id = "0" })
      assert.is_nil(file)
      assert.equal("ca_file", err.code, message)
      assert.equal("network", err.kind)
      assert.is_false(err.retryable)
      other:close()
    end
  end)
end)
