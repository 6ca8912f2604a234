-- hostile_server: what a server says is input. Whatever it is, a client ends,
-- with few requests, few bytes sent, little memory, and the right error.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local core = require "boxupload.core"
local files = require "support.files"
local hostile = require "support.hostile"
local json = require "boxupload.util.json"

local reply = hostile.reply

-- Clients that run at once, each with a server.
local JOBS = 8
local MEBIBYTE = 1024 * 1024
-- Of the files to send, in bytes. One is larger than what sockets take.
local PART_SIZE = 1000
local SIZES = { small = 500, parts = 2500, huge = 32 * MEBIBYTE }

-- For all scenarios that don't name others. Seconds are those of a slow
-- machine that is busy.
local BOUNDS = {
  requests = 12, received = 20000, seconds = 20, memory = 12 * MEBIBYTE,
}

local FILE = { type = "file", id = "F1", etag = "0", name = "parts.bin" }

local function rule(method, path, text, more)
  local all = { method = method, path = path, reply = text, open = true }
  for key, value in pairs(more or {}) do all[key] = value end
  return all
end

-- Where each operation is.
local SESSION = "/upload/files/upload_sessions/S1"
local OPERATIONS = {
  create = { "POST", "/upload/files/upload_sessions " },
  part = { "PUT", SESSION },
  list = { "GET", SESSION .. "/parts" },
  status = { "GET", SESSION .. " " },
  commit = { "POST", SESSION .. "/commit" },
  abort = { "DELETE", SESSION },
  simple = { "POST", "/upload/files/content" },
  new_version = { "POST", "/upload/files/F1/" },
  preflight = { "OPTIONS", "/api/files/" },
  file = { "GET", "/api/files/" },
  folder = { "POST", "/api/folders" },
  user = { "GET", "/api/users/me" },
  token = { "POST", "/token" },
  plan = { "POST", "/plan" },
}

-- A rule for an operation, whose reply is the text and all of `more`.
local function answer(operation, text, more)
  local at = OPERATIONS[operation]
  return rule(at[1], at[2], text, more)
end

local function session(more)
  local fields = { id = "S1", type = "upload_session", part_size = PART_SIZE,
    total_parts = 3 }
  for key, value in pairs(more or {}) do fields[key] = value end
  return fields
end

local dir
local sources = {} -- path, bytes and sha1 by name

local function part_record(name, offset, size)
  return { part_id = ("P%d"):format(offset), offset = offset, size = size,
    sha1 = core.sha1(sources[name].bytes:sub(offset + 1, offset + size)) }
end

local function file_reply(name)
  local file = { sha1 = sources[name].sha1, size = SIZES[name],
    name = name .. ".bin" }
  for key, value in pairs(FILE) do file[key] = file[key] or value end
  return reply(201, { entries = { file } })
end

-- What a good server says: after the rules of a scenario these count.
local function good_rules()
  local rules = {
    answer("create", reply(201, session())),
    answer("list", reply(200, '{"entries":[],"total_count":3}')),
    answer("status", reply(200, session())),
    answer("commit", file_reply "parts"),
    answer("abort", reply(204, "")),
    answer("simple", file_reply "small"),
    answer("preflight", reply(200, "{}")),
    answer("file", reply(404, "")),
    answer("folder", reply(201, { type = "folder", id = "1" })),
    answer("user", reply(200, { id = "1", login = "a@b" })),
    answer("token", reply(200, { access_token = "abcdef", expires_in = 60 })),
  }
  for offset = 0, SIZES.parts - 1, PART_SIZE do
    local size = math.min(PART_SIZE, SIZES.parts - offset)
    rules[#rules + 1] = answer("part",
      reply(200, { part = part_record("parts", offset, size) }),
      { head = ("bytes %d-"):format(offset) })
  end
  return rules
end

-- What makes a client send each operation.
local WORKS = {
  create = { work = "upload", source = "parts" },
  part = { work = "upload", source = "parts" },
  list = { work = "list" },
  status = { work = "open" },
  commit = { work = "upload", source = "parts" },
  simple = { work = "upload", source = "small" },
  preflight = { work = "upload", source = "small",
    options = { preflight = true } },
  folder = { work = "folder" }, user = { work = "user" },
  token = { work = "token", signs_in = true },
  plan = { work = "plan" },
}

-- Answers that nothing can be made of, and the kind and code of the error.
local OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
local EVIL = {
  ["8 MiB of small values"] = { "invalid", "limit",
    { reply = OK .. "\r\n" .. '{"a":[{}', again = (",{}"):rep(1000),
      count = 2700, last = "]}" } },
  ["many values"] = { "invalid", "invalid_reply",
    { reply = OK .. "\r\n" .. '{"a":[{}' .. (",{}"):rep(21000) .. "]}" } },
  ["deep values"] = { "invalid", "invalid_reply",
    { reply = OK .. "\r\n" .. ('{"a":'):rep(5000) .. ("}"):rep(5000) } },
  ["an endless string"] = { "invalid", "limit",
    { reply = OK .. '\r\n{"id":"', again = ("x"):rep(1000) } },
  ["a body that drips"] = { "timeout", "timeout",
    { reply = OK .. "\r\n{", again = " ", pause = 0.05 } },
  ["a head that drips"] = { "timeout", "timeout",
    { reply = OK .. "X-Long: ", again = "x", pause = 0.05 } },
  ["chunks that drip"] = { "timeout", "timeout",
    { reply = OK .. "Transfer-Encoding: chunked\r\n\r\n",
      again = "1\r\n \r\n", pause = 0.05 } },
  ["a trailer that drips"] = { "timeout", "timeout",
    { reply = OK .. "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
      again = "X: y\r\n", pause = 0.05 } },
  ["1xx that drip"] = { "timeout", "timeout",
    { again = "HTTP/1.1 100 Continue\r\n\r\n", pause = 0.05 } },
  ["a flood of 1xx"] = { "invalid", "limit",
    { again = ("HTTP/1.1 102 Processing\r\nX: y\r\n\r\n"):rep(100) } },
  ["an endless head"] = { "invalid", "limit",
    { reply = OK, again = ("X-Y: 0123456789\r\n"):rep(100) } },
  ["no HTTP"] = { "network", "network", { reply = "SSH-2.0-x\r\n" } },
  ["half of what it announced"] = { "network", "network",
    { reply = OK .. 'Content-Length: 100\r\n\r\n{"id":' } },
  ["other types"] = { "invalid", "invalid_reply",
    { reply = OK .. '\r\n{"id":{},"entries":7,"part":[],"part_size":[],' ..
      '"access_token":[1],"total_parts":true}' } },
  ["text after the JSON"] = { "invalid", "invalid_reply",
    { reply = OK .. '\r\n{"id":"1"} {"id":"1"}' } },
  ["an endless page"] = { "invalid", "invalid_reply",
    { reply = OK .. "\r\n<html>", again = ("x"):rep(1000) } },
  ["a refusal with an endless page"] = { "denied", nil,
    { reply = "HTTP/1.1 403 Forbidden\r\n\r\n<html>",
      again = ("x"):rep(1000) } },
}

-- These say nothing about a request to which any JSON object is an answer.
local ANY_OBJECT = { preflight = true }
-- At the token's endpoint, all but a few failures are one of the sign-in.
local KEPT = { network = true, timeout = true }

local scenarios = {}

local function scenario(name, fields)
  fields.name = name
  scenarios[#scenarios + 1] = fields
end

for operation, work in pairs(WORKS) do
  for name, evil in pairs(EVIL) do
    if not (name == "other types" and ANY_OBJECT[operation]) then
      local kind = evil[1]
      if operation == "token" and not KEPT[kind] then kind = "auth" end
      local more = { open = false }
      for key, value in pairs(evil[3]) do more[key] = value end
      scenario(("%s is answered by %s"):format(operation, name), {
        work = work.work, source = work.source, options = work.options,
        signs_in = work.signs_in,
        memory = operation == "plan" and 24 * MEBIBYTE or nil,
        client = { reply_timeout = more.pause and 0.3 }, kind = kind,
        code = evil[2],
        rules = { answer(operation, more.reply or "", more) },
      })
    end
  end
end

-- A look at what has the name fails; what is told is that it is taken.
for name, evil in pairs(EVIL) do
  local more = { open = false }
  for key, value in pairs(evil[3]) do more[key] = value end
  scenario(("the file that has the name is answered by %s"):format(name), {
    work = "upload", source = "small", kind = "conflict",
    code = "item_name_in_use", options = { on_conflict = "skip_identical" },
    client = { reply_timeout = more.pause and 1 },
    rules = {
      answer("preflight", reply(409, { code = "item_name_in_use",
        status = 409, context_info = { conflicts =
          { type = "file", id = "F1" } } })),
      answer("file", more.reply or "", more),
    },
  })
end

-- Numbers.

for _, number in ipairs {
  "0", "-1", "1e400", "-1e400", "1.5", "1e-3", "9007199254740994", "1e17",
  '"1e3"', '"0x3E8"', '" 1000"', '"99999999999999999999999"', "null", "true",
  "[1000]", "{}", "NaN", "Infinity", "-Infinity", "0x3E8", "nan", "1000.0.0",
} do
  local text = json.encode(session())
  for _, field in ipairs { "part_size", "total_parts" } do
    local bad = text:gsub('("' .. field .. '":)%d+', "%1" ..
      number:gsub("%%", "%%%%"))
    for _, operation in ipairs { "create", "status" } do
      -- Without the file's size nobody can tell how many parts it has.
      if operation == "create" or field == "part_size" then
        scenario(("%s tells a %s of %s"):format(operation, field, number), {
          work = WORKS[operation].work, source = WORKS[operation].source,
          kind = "invalid", code = "invalid_reply",
          rules = { answer(operation, reply(200, bad)) },
        })
      end
    end
  end
end

-- Lengths.

local function long_part(length)
  return function()
    local record = part_record("parts", 0, PART_SIZE)
    record.part_id = ("P"):rep(length)
    return { answer("part", reply(200, { part = record })) }
  end
end

scenario("a part_id is long", {
  work = "resumable", source = "parts", rules = long_part(300),
  kind = "invalid", code = "invalid_reply",
})
scenario("a part_id has more than the reply may", {
  work = "resumable", source = "parts", rules = long_part(MEBIBYTE),
  kind = "invalid", code = "limit",
})
scenario("a session's id is long", {
  work = "upload", source = "parts", kind = "invalid", code = "invalid_reply",
  rules = { answer("create", reply(201, session { id = ("S"):rep(300) })) },
})
scenario("a request_id, a code and a message are long", {
  work = "upload", source = "parts", kind = "invalid",
  rules = { answer("create", reply(400, {
    code = ("c"):rep(9000), message = ("m"):rep(9000),
    request_id = ("r"):rep(9000), status = 400,
  })) },
})

-- Lists.

local function page(parts, more)
  local fields = { entries = json.array(parts), total_count = 3 }
  for key, value in pairs(more or {}) do fields[key] = value end
  return reply(200, fields)
end

local FIRST = { part_id = "P0", offset = 0, size = PART_SIZE }

local function list_scenario(name, text, more)
  local fields = {
    work = "list", kind = "invalid", code = "invalid_reply",
    rules = { answer("status", reply(200, session { total_parts = 10000 })),
      answer("list", text) },
  }
  for key, value in pairs(more or {}) do fields[key] = value end
  scenario(name, fields)
end

list_scenario("the same page comes again and again",
  page({ FIRST }, { total_count = 10000 }), { is_done = true, requests = 3 })
list_scenario("the same page comes, with a limit of 1",
  page({ FIRST }, { limit = 1, offset = 0 }))
list_scenario("the same page comes, with a limit of 0",
  page({ FIRST, FIRST }, { limit = 0, total_count = 1e15 }),
  { is_done = true, requests = 3 })
list_scenario("pages are empty, and many parts are announced",
  page({}, { total_count = 1e15 }), { is_done = true })
list_scenario("a page has more parts than were asked for", (function()
  local parts = {}
  for i = 1, 1001 do
    parts[i] = { part_id = "P", offset = i * PART_SIZE, size = PART_SIZE }
  end
  return page(parts)
end)())
for _, value in ipairs { "{}", "[]", '""', "0", "null", '{"a":[0]}' } do
  local count = math.floor(500000 / (#value + 1))
  list_scenario(("a page of 500,000 bytes has %s in it"):format(value),
    reply(200, '{"entries":[],"x":[' .. (value .. ","):rep(count) .. "0]}"))
end
list_scenario("a part's numbers aren't any",
  page { { part_id = "P0", offset = -1, size = 1.5 } })

do -- As when a part is stored between two pages.
  local third = { part_id = "P2", offset = 2 * PART_SIZE, size = 500 }
  scenario("a part is shifted to the next page", {
    work = "list", is_done = true, requests = 3,
    rules = { answer("list", page { FIRST, third }, { times = 1 }),
      answer("list", page { third }) },
  })
end

do
  local rules = {
    answer("status", reply(200, session { total_parts = 10000 })),
  }
  for i = 0, 59 do
    rules[i + 2] = answer("list", page({
      { part_id = "P", offset = i * PART_SIZE, size = PART_SIZE },
    }, { total_count = 10000, limit = 1 }), { times = 1 })
  end
  rules[#rules + 1] =
    answer("list", page({ FIRST }, { total_count = 10000, limit = 1 }))
  scenario("each page has one part, and then none that is new", {
    work = "list", kind = "invalid", code = "invalid_reply", rules = rules,
    requests = 70,
  })
end

-- Too early.

scenario("a huge part is stored before it has arrived", {
  work = "upload", source = "huge", kind = "network", code = "early_reply",
  client = { retries = 1 }, received = 100,
  rules = function()
    local size = SIZES.huge
    return {
      answer("create", reply(201, session { part_size = size,
        total_parts = 1 })),
      answer("part", reply(200, { part = part_record("huge", 0, size) }),
        { early = true }),
    }
  end,
})
scenario("a huge file is stored before it has arrived", {
  work = "upload", source = "huge", kind = "network", code = "early_reply",
  client = { simple_below = 2 * SIZES.huge, retries = 1 }, received = 100,
  rules = function()
    return { answer("simple", file_reply "huge", { early = true }) }
  end,
})
scenario("a huge file isn't read, and 1xx drip", {
  work = "upload", source = "huge", kind = "timeout", code = "timeout",
  client = { simple_below = 2 * SIZES.huge, reply_timeout = 0.3 },
  rules = { answer("simple", "", { early = true, pause = 0.05,
    again = "HTTP/1.1 100 Continue\r\n\r\n" }) },
})

-- For ever.

local TOO_SMALL = reply(400, { code = "file_size_too_small", status = 400 })
local TAKEN = reply(409, {
  code = "item_name_in_use", status = 409,
  context_info = { conflicts = FILE },
})

local function for_ever(name, rules, more)
  local fields = { work = "upload", source = "parts", rules = rules,
    client = { retries = 3 } }
  for key, value in pairs(more or {}) do fields[key] = value end
  scenario(name .. ", for ever", fields)
end

for_ever("the file is too small for everything",
  { answer("create", TOO_SMALL), answer("simple", TOO_SMALL) },
  { kind = "invalid", code = "file_size_too_small", requests = 3 })
for_ever("the file is too small for a session, and its name is taken",
  { answer("create", TOO_SMALL), answer("simple", TAKEN),
    answer("new_version", TOO_SMALL) },
  { kind = "invalid", options = { on_conflict = "replace" } })
for _, source in ipairs { "small", "parts" } do
  for _, policy in ipairs { "fail", "replace", "skip_identical" } do
    for_ever(("the name of %s is taken, with %s"):format(source, policy),
      { answer("create", TAKEN), answer("simple", TAKEN),
        answer("new_version", TAKEN) },
      { source = source, kind = "conflict", code = "item_name_in_use",
        options = { on_conflict = policy } })
  end
  for_ever(("every name of %s is taken"):format(source),
    { answer("create", TAKEN), answer("simple", TAKEN),
      answer("preflight", TAKEN) },
    { source = source, kind = "conflict", code = "item_name_in_use",
      options = { on_conflict = "rename" }, requests = 105 })
  for_ever(("every name of %s is free, and taken"):format(source),
    { answer("create", TAKEN), answer("simple", TAKEN) },
    { source = source, kind = "conflict", code = "item_name_in_use",
      options = { on_conflict = "rename" } })
end
for_ever("the name is taken at the commit",
  { answer("commit", TAKEN) },
  { kind = "conflict", options = { on_conflict = "rename" }, requests = 40,
    received = 40000 })
for_ever("another session is open",
  { answer("create", reply(409, { code = "session_conflict", status = 409,
    context_info = { session = { id = "S1" } } })) },
  { kind = "conflict", code = "session_conflict" })
for_ever("the session is gone after its creation",
  { answer("part", reply(404, { code = "not_found", status = 404 })),
    answer("status", reply(404, { code = "not_found", status = 404 })) },
  { kind = "session", requests = 30 })
for_ever("a part is stored, and isn't listed",
  { answer("part", reply(416, { code = "range_overlaps_existing_part",
    status = 416 })) },
  { kind = "conflict", requests = 120, received = 40000 })
for_ever("a part is listed with other bytes",
  { answer("part", reply(500, "")), answer("list", page({
    { part_id = "P0", offset = 0, size = PART_SIZE, sha1 = ("0"):rep(40) },
  }, { total_count = 1 })) },
  { kind = "session", code = "part_differs", requests = 40,
    received = 40000 })
for_ever("the digest is refused",
  { answer("part", reply(400, { code = "bad_digest", status = 400 })) },
  { kind = "integrity", received = 40000 })
for_ever("a token is refused",
  { answer("part", reply(401, "")) },
  { kind = "auth", received = 40000, requests = 20 })
for_ever("a token is refused, and its renewals",
  { answer("part", reply(401, "")) },
  { kind = "auth", received = 60000, requests = 60, signs_in = true })
for_ever("a token is granted for a moment",
  { answer("token", reply(200, { access_token = "abcdef",
    expires_in = 1e-9 })) },
  { is_done = true, signs_in = true, requests = 20 })
for_ever("the part is refused, and what aborts drips",
  { answer("part", reply(400, { code = "bad_request", status = 400 })),
    answer("abort", OK, { again = "x", pause = 0.05, open = false }) },
  { kind = "invalid", client = { retries = 3, reply_timeout = 1 } })
for _, status in ipairs { 429, 503, 500, 408 } do
  for_ever(("a part gets %d and Retry-After: 0"):format(status),
    { answer("part", reply(status, "", "Retry-After: 0\r\n")) },
    { received = 40000, requests = 60 })
end
for_ever("a pause of 1e400 seconds is wanted",
  { answer("create", reply(429, "", "Retry-After: " .. ("9"):rep(500) ..
    "\r\n")) }, { kind = "quota", requests = 1 })
local PENDING = reply(202, "", "Retry-After: 0\r\n")
local MISMATCH = reply(400, { code = "parts_mismatch", status = 400 },
  "Retry-After: 0\r\n")
for_ever("the commit gets 202", { answer("commit", PENDING) },
  { kind = "timeout", code = "commit_timeout", requests = 25,
    options = { commit_timeout = 1 } })
do
  local rules = {}
  for i = 1, 40 do
    rules[i] =
      answer("commit", i % 2 == 0 and PENDING or MISMATCH, { times = 1 })
  end
  rules[41] = answer("commit", PENDING)
  for_ever("the commit gets 202 and parts_mismatch in turn", rules,
    { requests = 40, options = { commit_timeout = 1 } })
end
for_ever("parts are missing",
  { answer("commit", MISMATCH) },
  { kind = "session", code = "parts_missing", requests = 60,
    received = 40000 })
for_ever("the commit's answer drips",
  { answer("commit", OK .. "\r\n{", { again = " ", pause = 0.05,
    open = false }) },
  { kind = "timeout", code = "commit_timeout", seconds = 10,
    client = { retries = 3, stall_timeout = 30, retry_delay = 0.01 },
    options = { commit_timeout = 0.5 } })

do -- From the commit on.
  local rules = {}
  for i, name in ipairs { "commit", "preflight", "status", "list", "abort" } do
    rules[i] = answer(name, OK .. "\r\n{",
      { again = " ", pause = 0.05, open = false })
  end
  for_ever("every answer drips", rules, {
    kind = "timeout", code = "commit_timeout", requests = 20,
    client = { retries = 1, reply_timeout = 1 },
    options = { commit_timeout = 0.5 },
  })
end

do -- Whoever looks finds another version.
  local rules = { answer("simple", reply(412, { status = 412,
    code = "precondition_failed" })), answer("create", reply(201, session())),
    answer("commit", reply(412, { status = 412,
      code = "precondition_failed" })) }
  for i = 1, 40 do
    rules[#rules + 1] = answer("file", reply(200, { type = "file", id = "F1",
      etag = tostring(i), sha1 = ("0"):rep(40), size = 1 }), { times = 1 })
  end
  for _, source in ipairs { "small", "parts" } do
    local all = { answer(source == "small" and "simple" or "create", TAKEN,
      { times = 1 }),
      rule("POST", "/upload/files/F1/upload_sessions",
        reply(201, session())),
      rule("POST", "/upload/files/F1/content", reply(412, { status = 412,
        code = "precondition_failed" })) }
    for _, each in ipairs(rules) do all[#all + 1] = each end
    for_ever(("the version of %s is another"):format(source), all,
      { source = source, kind = "changed", requests = 30, received = 30000,
        options = { on_conflict = "replace" } })
  end
end

-- Running.

local function start(each)
  local rules = each.rules
  if type(rules) == "function" then rules = rules() end
  local all = {}
  for _, list in ipairs { rules, good_rules() } do
    for _, one in ipairs(list) do all[#all + 1] = one end
  end
  each.running = hostile.start(dir, all, {
    work = each.work, path = each.source and sources[each.source].path,
    client = each.client, options = each.options, signs_in = each.signs_in,
  })
end

local function finish(each)
  local ok, result = pcall(each.running.wait, each.running)
  each.running = nil
  return ok and result, not ok and result
end

-- Starts those that come next, too, so that several run at once.
local function run(index)
  for i = index, math.min(index + JOBS - 1, #scenarios) do
    local each = scenarios[i]
    if not each.is_started then
      each.is_started = true
      start(each)
    end
  end
  return assert(finish(scenarios[index]))
end

local function assert_bound(each, result, field)
  local most = each[field] or BOUNDS[field]
  assert(result[field] <= most, ("%s: %s, and not more than %s"):format(field,
    tostring(result[field]), tostring(most)))
end

describe("a hostile server:", function()
  setup(function()
    dir = files.temp_dir()
    for name, size in pairs(SIZES) do
      local path, bytes, sha1 = dir:file(name .. ".bin", size)
      sources[name] = { path = path, bytes = bytes, sha1 = sha1 }
    end
  end)

  teardown(function()
    for _, each in ipairs(scenarios) do
      if each.running then finish(each) end
    end
    dir:remove()
    sources = {}
  end)

  it("one that isn't gets every file", function()
    for _, source in ipairs { "small", "parts" } do
      local each = { work = "upload", source = source, rules = {} }
      start(each)
      local result = assert(finish(each))
      assert(result.is_done, result.message)
    end
  end)

  table.sort(scenarios, function(a, b) return a.name < b.name end)
  for index, each in ipairs(scenarios) do
    it(each.name, function()
      local result = run(index)
      assert.equal(each.is_done or false, result.is_done, result.message)
      if not each.is_done then
        assert.equal(each.kind or result.kind, result.kind, result.message)
        assert.equal(each.code or result.code, result.code, result.message)
        assert.is_true(#result.message <= 2000)
        for _, field in ipairs { "code", "request_id", "session_id" } do
          assert.is_true(#(result[field] or "") <= 700)
        end
      end
      for _, field in ipairs { "requests", "received", "seconds" } do
        assert_bound(each, result, field)
      end
      if not command.is_sanitized() then
        assert_bound(each, result, "memory")
      end
    end)
  end
end)
