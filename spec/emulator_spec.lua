-- emulator: it behaves as Box does where that hurts.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"

local COLLEAGUE = "222"
local PART_SIZE = 1000
local BYTES = files.bytes(2500, 1)

describe("the emulator", function()
  local emulator
  local serial = 0

  setup(function()
    emulator = emulators.start()
  end)

  teardown(function()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset { list_sha1_null = true }
  end)

  local function digest_header(bytes)
    return "sha=" .. core.digest("sha1"):update(bytes):base64()
  end

  -- A request for `path`, which is below api_url or upload_url.
  local function ask(method, path, value, headers)
    local all = { Authorization = "Bearer " .. emulator.token }
    for name, text in pairs(headers or {}) do all[name] = text end
    local upload = path:find "upload_sessions" or
      method == "POST" and path:find "/content$"
    local base = upload and emulator.upload_url or emulator.api_url
    return emulator:request(method, base .. path, value, all)
  end

  local function as(user)
    return { Authorization = "Bearer " .. emulator:token_of(user) }
  end

  local function new_name()
    serial = serial + 1
    return ("emulator-%d.bin"):format(serial)
  end

  -- A session for BYTES: a new file, or a new version of a file.
  local function create_session(file_id, headers)
    local status, session = ask("POST",
      "/files/" .. (file_id and file_id .. "/" or "") .. "upload_sessions",
      file_id and { file_size = #BYTES } or
        { folder_id = "0", file_name = new_name(), file_size = #BYTES },
      headers)
    return session, status
  end

  local function path_of(session, tail)
    return "/files/upload_sessions/" .. session.id .. (tail or "")
  end

  local function put_part(session, index, headers)
    local first = index * PART_SIZE
    local bytes = BYTES:sub(first + 1, first + PART_SIZE)
    local all = {
      ["Content-Type"] = "application/octet-stream",
      ["Content-Range"] = ("bytes %d-%d/%d"):format(first,
        first + #bytes - 1, #BYTES),
      Digest = digest_header(bytes),
    }
    for name, text in pairs(headers or {}) do all[name] = text end
    local status, body = ask("PUT", path_of(session), bytes, all)
    return body and body.part, status
  end

  local function put_parts(session)
    local parts = {}
    for index = 0, 2 do
      parts[index + 1] = assert(put_part(session, index))
    end
    return parts
  end

  local function commit(session, parts, attributes, headers)
    local all = { Digest = digest_header(BYTES) }
    for name, text in pairs(headers or {}) do all[name] = text end
    return ask("POST", path_of(session, "/commit"),
      { parts = parts, attributes = attributes }, all)
  end

  local function new_file()
    local session = create_session()
    local status, body = commit(session, put_parts(session))
    assert.equal(201, status)
    return body.entries[1]
  end

  describe("lists parts", function()
    it("without their SHA-1, unless it is asked for them", function()
      local session = create_session()
      local part = put_part(session, 0)
      assert.equal(core.sha1(BYTES:sub(1, PART_SIZE)), part.sha1)
      local _, list, text = ask("GET", path_of(session, "/parts"))
      assert.matches('"sha1": *null', text)
      assert.equal(part.part_id, list.entries[1].part_id)
      emulator:control("POST", "/options", { list_sha1_null = false })
      _, list = ask("GET", path_of(session, "/parts"))
      assert.equal(part.sha1, list.entries[1].sha1)
    end)

    it("up to an offset of 10000", function()
      local session = create_session()
      local status, list = ask("GET", path_of(session, "/parts?offset=10000"))
      assert.equal(200, status)
      assert.equal(0, #list.entries)
      status, list = ask("GET", path_of(session, "/parts?offset=10001"))
      assert.equal(400, status)
      assert.equal("invalid_offset", list.code)
    end)
  end)

  describe("has several users", function()
    it("each with an id, a name and a login", function()
      local _, first = ask("GET", "/users/me")
      local _, second = ask("GET", "/users/me", nil, as(COLLEAGUE))
      local _, third = ask("GET", "/users/me", nil, { ["As-User"] = "333" })
      assert.equal(emulator.user_id, first.id)
      assert.equal(COLLEAGUE, second.id)
      assert.equal("333", third.id)
      assert.is_string(first.login)
      assert.is_string(second.name)
      assert.not_equal(first.login, second.login)
      assert.not_equal(second.name, third.name)
    end)

    it("of which only the administrator may act for others", function()
      local headers = as(COLLEAGUE)
      headers["As-User"] = "333"
      local status, body = ask("GET", "/users/me", nil, headers)
      assert.equal(403, status)
      assert.equal("access_denied_insufficient_permissions", body.code)
    end)

    it("who can't use each other's upload sessions", function()
      local session = create_session()
      local part = put_part(session, 0)
      for _, headers in ipairs {
        as(COLLEAGUE), { ["As-User"] = COLLEAGUE },
      } do
        local function refused(status, body)
          assert.equal(403, status)
          assert.equal("forbidden", body.code)
        end
        refused(ask("GET", path_of(session), nil, headers))
        refused(ask("GET", path_of(session, "/parts"), nil, headers))
        refused(ask("DELETE", path_of(session), nil, headers))
        refused(commit(session, { part }, nil, headers))
        local _, status = put_part(session, 1, headers)
        assert.equal(403, status)
      end
      assert.equal(200, (ask("GET", path_of(session))))
      for _, each in ipairs(emulator:control("GET", "/sessions")) do
        if each.id == session.id then
          assert.equal(emulator.user_id, each.user)
          assert.equal("open", each.state)
        end
      end
    end)

    it("who are named in the files that they upload", function()
      local file = new_file()
      assert.equal(emulator.user_id, file.created_by.id)
      local colleague = as(COLLEAGUE)
      local session = create_session(file.id, colleague)
      local parts = {}
      for index = 0, 2 do
        parts[index + 1] = assert(put_part(session, index, colleague))
      end
      local _, body = commit(session, parts, nil, colleague)
      file = body.entries[1]
      assert.equal(emulator.user_id, file.created_by.id)
      assert.equal(COLLEAGUE, file.modified_by.id)
    end)
  end)

  describe("has a trash", function()
    local function trashed(status, body)
      assert.equal(404, status)
      assert.equal("trashed", body.code)
    end

    it("whose files take no new version until they are restored", function()
      local file = new_file()
      local session = create_session(file.id)
      local parts = put_parts(session)
      emulator:trash(file.id)
      trashed(ask("GET", "/files/" .. file.id))
      trashed(ask("GET", "/files/" .. file.id .. "/content"))
      trashed(ask("DELETE", "/files/" .. file.id))
      trashed(ask("OPTIONS", "/files/" .. file.id .. "/content", {}))
      local refusal, status = create_session(file.id)
      trashed(status, refusal)
      trashed(commit(session, parts))
      -- The session is still there, with its parts.
      local _, list = ask("GET", path_of(session, "/parts"))
      assert.equal(3, #list.entries)
      assert.equal(file.name, emulator:restore(file.id).name)
      local _, body = commit(session, parts)
      assert.equal(file.id, body.entries[1].id)
      assert.equal("1", body.entries[1].etag)
      assert.equal(BYTES, emulator:bytes_of(file.name))
    end)

    it("to which deleted files go", function()
      local file = new_file()
      local count = emulator:stats().files
      assert.equal(204, (ask("DELETE", "/files/" .. file.id)))
      assert.equal(count - 1, emulator:stats().files)
      local status, body = ask("GET", "/files/" .. file.id .. "/trash")
      assert.equal(200, status)
      assert.equal("trashed", body.item_status)
      status = ask("POST", "/files/" .. file.id, { name = file.name .. "2" })
      assert.equal(201, status)
      assert.equal(BYTES, emulator:bytes_of(file.name .. "2"))
      assert.equal(count, emulator:stats().files)
      emulator:trash(file.id)
      assert.equal(204, (ask("DELETE", "/files/" .. file.id .. "/trash")))
      status, body = ask("GET", "/files/" .. file.id)
      assert.equal(404, status)
      assert.equal("not_found", body.code)
    end)

    it("whose files' names are free", function()
      local file = new_file()
      emulator:trash(file.id)
      local status, body = ask("POST", "/files/upload_sessions",
        { folder_id = "0", file_name = file.name, file_size = #BYTES })
      assert.equal(201, status)
      assert.equal(201, (commit(body, put_parts(body))))
      status, body = ask("POST", "/files/" .. file.id, {})
      assert.equal(409, status)
      assert.equal("item_name_in_use", body.code)
    end)
  end)
end)
