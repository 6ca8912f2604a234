-- emulator: it behaves as Box does where that hurts.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local json = require "boxupload.util.json"
local proxy_page = require "support.proxy_page"

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
    emulator:reset {
      list_sha1_null = true, list_lag_ms = 0, list_lag_requests = 0,
      lookup_lag_ms = 0, lookup_lag_requests = 0, location_blocked = false,
      forbidden_by_policy = false, normalize_names = false,
    }
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

  describe("lets what is stored lag:", function()
    local LATER = 3600000

    local function count_parts(session)
      local _, list = ask("GET", path_of(session, "/parts"))
      return #list.entries
    end

    local function processed(session)
      return select(2, ask("GET", path_of(session))).num_parts_processed
    end

    local function preflight(name)
      return ask("OPTIONS", "/files/content",
        { name = name, parent = { id = "0" } })
    end

    it("parts for some requests", function()
      local session = create_session()
      put_part(session, 0)
      emulator:control("POST", "/options", { list_lag_requests = 2 })
      local part = put_part(session, 2)
      assert.equal(1, count_parts(session))
      assert.equal(1, processed(session))
      assert.equal(2, count_parts(session))
      assert.equal(2, processed(session))
      -- It is there all the same.
      local _, status = put_part(session, 2)
      assert.equal(416, status)
      assert.is_string(part.part_id)
    end)

    it("parts for some time", function()
      local session = create_session()
      emulator:control("POST", "/options", { list_lag_ms = LATER })
      local parts = put_parts(session)
      assert.equal(0, count_parts(session))
      assert.equal(0, processed(session))
      assert.equal(201, (commit(session, parts)))
    end)

    it("a new file", function()
      emulator:control("POST", "/options", { lookup_lag_requests = 2 })
      local file = new_file()
      assert.equal(404, (ask("GET", "/files/" .. file.id)))
      assert.equal(200, (preflight(file.name)))
      assert.equal(200, (ask("GET", "/files/" .. file.id)))
      assert.equal(409, (preflight(file.name)))
    end)

    it("a new file, but not for who wants to take its name", function()
      emulator:control("POST", "/options", { lookup_lag_ms = LATER })
      local file = new_file()
      assert.equal(200, (preflight(file.name)))
      local status, body = ask("POST", "/files/upload_sessions",
        { folder_id = "0", file_name = file.name, file_size = #BYTES })
      assert.equal(409, status)
      assert.equal(file.id, body.context_info.conflicts.id)
      local _, list = ask("GET", "/folders/0/items?limit=1000")
      for _, entry in ipairs(list.entries) do
        assert.not_equal(file.id, entry.id)
      end
    end)

    it("a new version", function()
      local file = new_file()
      emulator:control("POST", "/options", { lookup_lag_requests = 2 })
      local session = create_session(file.id)
      local _, body = commit(session, put_parts(session))
      assert.equal("1", body.entries[1].etag)
      local _, seen = ask("GET", "/files/" .. file.id)
      assert.equal("0", seen.etag)
      assert.equal(file.file_version.id, seen.file_version.id)
      _, seen = preflight(file.name)
      assert.equal("0", seen.context_info.conflicts.etag)
      _, seen = ask("GET", "/files/" .. file.id)
      assert.equal("1", seen.etag)
    end)
  end)

  describe("refuses attributes", function()
    local BOUNDARY = "----boundary"
    local WRONG = {
      { "content_modified_at", "2026-01-02T03:04:05.678Z" },
      { "content_modified_at", "1969-12-31T23:59:59Z" },
      { "content_created_at", "1601-01-01T00:00:00Z" },
      { "content_created_at", "yesterday" },
      { "content_created_at", "2026-02-30T00:00:00Z" },
      { "content_modified_at", 1767323045 },
      { "description", ("é"):rep(257) },
      { "description", 12 },
      { "tags", "one" },
      { "shared_link", "open" },
    }

    local function check(wrong, status, body)
      local key = wrong[1]
      assert.equal(400, status, key)
      assert.equal("bad_request", body.code)
      assert.is_nil(body.message:find(key, 1, true))
      local reason = body.context_info.errors[1]
      assert.equal(key, reason.name)
      if key:find "_at$" and type(wrong[2]) == "string" then
        assert.matches("not a valid rfc 3339 formatted date", reason.message,
          1, true)
      end
    end

    it("at the commit, which can be repeated with others", function()
      local session = create_session()
      local parts = put_parts(session)
      for _, wrong in ipairs(WRONG) do
        check(wrong, commit(session, parts, { [wrong[1]] = wrong[2] }))
      end
      local status, body = commit(session, parts, {
        content_modified_at = "1970-01-01T00:00:00Z",
        description = ("é"):rep(256), tags = json.array { "one" },
      })
      assert.equal(201, status)
      assert.equal("1969-12-31T17:00:00-07:00",
        body.entries[1].content_modified_at)
    end)

    it("of a file in one request", function()
      for _, wrong in ipairs(WRONG) do
        local attributes = json.encode {
          name = new_name(), parent = { id = "0" }, [wrong[1]] = wrong[2],
        }
        local part = "--" .. BOUNDARY ..
          "\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n"
        local body = part:format("attributes") .. attributes .. "\r\n" ..
          part:format("file") .. "x\r\n--" .. BOUNDARY .. "--\r\n"
        check(wrong, ask("POST", "/files/content", body, {
          ["Content-Type"] = "multipart/form-data; boundary=" .. BOUNDARY,
        }))
      end
    end)
  end)

  it("plans by SHA-512 in hexadecimal", function()
    local session = create_session()
    local first = BYTES:sub(1, PART_SIZE)
    local digest = core.digest("sha512"):update(first)
    local function plan(sha512)
      return ask("POST", path_of(session, "/plan"), {
        parts = json.array {
          { offset = 0, size = PART_SIZE, sha512 = sha512 },
        },
      })
    end
    local status, body = plan(digest:base64())
    assert.equal(400, status)
    assert.equal("parts", body.context_info.errors[1].name)
    status, body = plan(digest:hex())
    assert.equal(200, status)
    assert.equal(1, #body.hits + #body.misses)
  end)

  it("turns names into NFC if it is asked to", function()
    local decomposed = "Ru\204\136ckC\204\167A"
    local composed = "R\195\188ck\195\135A"
    local function create(name)
      return ask("POST", "/files/upload_sessions",
        { folder_id = "0", file_name = name, file_size = #BYTES })
    end
    local _, session = create(decomposed)
    local _, body = commit(session, put_parts(session))
    assert.equal(decomposed, body.entries[1].name)
    emulator:control("POST", "/options", { normalize_names = true })
    _, session = create(decomposed)
    _, body = commit(session, put_parts(session))
    assert.equal(composed, body.entries[1].name)
    assert.equal(409, (create(decomposed)))
    assert.equal(409, (create(composed)))
  end)

  describe("forbids everything for a while", function()
    for _, each in ipairs {
      { "location_blocked", "access_from_location_blocked" },
      { "forbidden_by_policy", "forbidden_by_policy" },
    } do
      local option, code = each[1], each[2]
      it("with " .. code, function()
        local session = create_session()
        local part = put_part(session, 0)
        emulator:control("POST", "/options", { [option] = true })
        for _, path in ipairs {
          path_of(session), path_of(session, "/parts"), "/users/me",
          "/files/1",
        } do
          local status, body = ask("GET", path)
          assert.equal(403, status)
          assert.equal(code, body.code)
        end
        local _, status = put_part(session, 1)
        assert.equal(403, status)
        emulator:control("POST", "/options", { [option] = false })
        local _, list = ask("GET", path_of(session, "/parts"))
        assert.equal(part.part_id, list.entries[1].part_id)
        assert.equal(1, #list.entries)
      end)
    end
  end)

  it("answers with a proxy's pages", function()
    local session = create_session()
    for _, name in ipairs(proxy_page.names) do
      local fault = proxy_page.get(name, { operation = "get_session" })
      emulator:faults(fault)
      local status, body, text, exchange = ask("GET", path_of(session))
      assert.equal(fault.status, status)
      assert.is_nil(body)
      assert.matches("^<html>", text)
      assert.equal("text/html", exchange:header("content-type"))
      assert.equal(fault.headers.location, (exchange:header("location")))
      assert.equal(200, (ask("GET", path_of(session))))
    end
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

    it("who get tokens as the subject of a grant", function()
      local status, body = emulator:request("POST", emulator.token_url,
        ("grant_type=client_credentials&client_id=%s&client_secret=%s" ..
          "&box_subject_type=user&box_subject_id=%s"):format(
          emulator.client_id, emulator.client_secret, COLLEAGUE),
        { ["Content-Type"] = "application/x-www-form-urlencoded" })
      assert.equal(200, status)
      local _, user = ask("GET", "/users/me", nil,
        { Authorization = "Bearer " .. body.access_token })
      assert.equal(COLLEAGUE, user.id)
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
