-- box_url: a request for an upload session reaches nothing else on Box,
-- whatever ids and URLs replies, journals and callers bring.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.service.abort"
local box_url = require "boxupload.util.box_url"
local fixtures = require "support.fixture"
local stopped_upload = require "support.stopped_upload"

local SIZE = 3500

-- What isn't an id, with the paths that it would lead to.
local NO_IDS = {
  "", ".", "..", "/", "../42", "../../2.0/files/42",
  "../../2.0/files/42?recursive=true", "42?recursive=true", "42#", "42/commit",
  "42%2f..", "42\0", "42\r\nX: y", " 42", "42 ", "\255", "42\\..",
  "http://x", "@x", ":80", ("1"):rep(300),
}

-- Paths that aren't a session's own.
local NO_ENDPOINTS = {
  "", "/", "/files/42", "/files/42?recursive=true",
  "/files/upload_sessions/", "/files/upload_sessions/0",
  "/files/upload_sessions/{id}/../../42",
  "/files/upload_sessions/{id}/../../42?recursive=true",
  "/files/42?x=/files/upload_sessions/{id}",
  "/files/42#/files/upload_sessions/{id}",
  "/files/upload_sessions/{id}/", "/files/upload_sessions/{id}/elsewhere",
  "/files/upload_sessions/{id}%2f..", "/files/upload_sessions/0{id}",
}

local PATHS = {
  upload_part = "", list_parts = "/parts", status = "", commit = "/commit",
  abort = "", plan = "/plan",
}

describe("an id", function()
  it("becomes part of a URL only when it is one", function()
    assert.equal("https://a/files/4_2-Z",
      box_url.of("https://a", "/files/%s", "4_2-Z"))
    assert.equal("https://a/files/upload_sessions/F9",
      box_url.session("https://a", "F9"))
    for _, id in ipairs(NO_IDS) do
      assert.has_error(function() box_url.of("https://a", "/x/%s", id) end)
      assert.has_error(function() box_url.session("https://a", id) end)
    end
    for _, id in ipairs { 42, true, {} } do
      assert.has_error(function() box_url.of("https://a", "/x/%s", id) end)
    end
  end)
end)

describe("an endpoint", function()
  it("is one of the session's own", function()
    local base = "https://upload.box.com/api/2.0/files/upload_sessions/F9"
    assert.is_true(box_url.is_endpoint(base, "F9", ""))
    assert.is_true(box_url.is_endpoint(base .. "/parts", "F9", "/parts"))
    assert.is_true(box_url.is_endpoint(base .. "/commit?a=b", "F9", "/commit"))
    assert.is_false(box_url.is_endpoint(base, "F9", "/parts"))
    assert.is_false(box_url.is_endpoint(base, "F90", ""))
    assert.is_false(box_url.is_endpoint("/files/upload_sessions/F9", "F9", ""))
    assert.is_false(box_url.is_endpoint("ftp://x/files/upload_sessions/F9",
      "F9", ""))
    for _, path in ipairs(NO_ENDPOINTS) do
      local url = "https://upload.box.com" .. path:gsub("{id}", "F9")
      assert.is_false(box_url.is_endpoint(url, "F9", ""), url)
    end
  end)
end)

describe("requests for an upload session", function()
  local fixture, emulator, client, given

  setup(function()
    fixture = fixtures.open()
    emulator = fixture.emulator
  end)

  teardown(function() fixture:close() end)

  before_each(function()
    emulator:reset { part_size = 1000, min_size = 1000 }
    client = fixture:client { retries = 2 }
    -- As with Box's own upload_url: the endpoints in replies count.
    client.has_own_upload_url = false
    given = fixture:file(SIZE)
  end)

  after_each(function() fixture:after_each() end)

  -- Every request so far was for the user, a new session or an existing one.
  local function reached_sessions_only()
    for _, record in ipairs(emulator:requests()) do
      local path = record.path:gsub("%?.*$", "")
      assert.is_truthy(path:find("/users/me$") or
        path:find("^/api/2%.0/files/upload_sessions$") or
        path:find("^/api/2%.0/files/upload_sessions/%x+$") or
        path:find("^/api/2%.0/files/upload_sessions/%x+/%l+$"),
        record.method .. " " .. record.path)
    end
  end

  it("stay with it, whatever endpoints a reply names", function()
    local base = emulator.session_url:match("^%a+://[^/]+") .. "/api/2.0"
    for _, path in ipairs(NO_ENDPOINTS) do
      local fields = {}
      for name in pairs(PATHS) do
        fields["session_endpoints." .. name] = base .. path
      end
      emulator:reset()
      emulator:faults {
        operation = "create_session", action = "set", fields = fields,
      }
      local session = assert(client:create_session {
        folder_id = "0", file_name = given.name, file_size = SIZE,
      })
      for offset = 0, SIZE - 1, 1000 do
        assert(session:upload(offset, given.bytes:sub(offset + 1,
          math.min(offset + 1000, SIZE))))
      end
      assert.equal(4, #assert(session:parts()))
      assert(session:status())
      assert(session:abort())
      reached_sessions_only()
    end
  end)

  it("stay with it when a saved session names others", function()
    local session = assert(client:create_session {
      folder_id = "0", file_name = given.name, file_size = SIZE,
    })
    local base = emulator.session_url:match("^%a+://[^/]+") .. "/api/2.0"
    for _, path in ipairs(NO_ENDPOINTS) do
      local saved = session:save()
      for name in pairs(PATHS) do
        saved.session_endpoints[name] = base .. path:gsub("{id}", session.id)
      end
      assert.equal(session.id, assert(client:open_session(saved)).id)
    end
    reached_sessions_only()
    assert(session:abort())
  end)

  it("aren't sent for what isn't an id", function()
    for _, id in ipairs(NO_IDS) do
      assert.has_error(function() client:open_session(id) end)
      assert.has_error(function() client:directly(abort.by_id, id) end)
      assert.has_error(function() client:upload(given.path,
        { folder_id = id }) end)
      assert.has_error(function() client:upload(given.path,
        { file_id = id }) end)
    end
    assert.equal(0, #emulator:requests())
  end)

  it("stay with it when a journal names others", function()
    local base = emulator.session_url:match("^%a+://[^/]+") .. "/api/2.0"
    local path = given.path .. ".journal"
    local left = stopped_upload.leave(fixture, nil, given.path,
      { resume = path }, 2)
    left:rewrite(function(text)
      return (text:gsub('"session":{',
        function() return ('"session":{"session_endpoints":{"status":' ..
          '"%s/files/42"},'):format(base) end, 1))
    end)
    fixture:check(given,
      client:upload(given.path, fixture.options { resume = path }))
    reached_sessions_only()
  end)

  it("aren't sent for a journal whose id isn't one", function()
    for _, id in ipairs(NO_IDS) do
      given = fixture:file(SIZE)
      local path = given.path .. ".journal"
      local left = stopped_upload.leave(fixture, nil, given.path,
        { resume = path }, 2)
      left:rewrite(function(text)
        local escaped = id:gsub('[%c\\"\128-\255]', function(c)
          return ("\\u%04x"):format(c:byte())
        end)
        return (text:gsub('("session":{.-"id":)"%w+"',
          function(before) return before .. '"' .. escaped .. '"' end, 1))
      end)
      emulator:reset()
      local file = client:upload(given.path, fixture.options { resume = path })
      reached_sessions_only()
      if file then fixture:check(given, file) end
      assert(client:directly(abort.by_id, left.session_id))
    end
  end)
end)
