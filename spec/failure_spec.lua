-- failure: every response has its kind, and a message that helps.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"

describe("failure", function()
  -- A finished exchange with this response.
  local function exchange(status, body, headers)
    local lower = {}
    for name, value in pairs(headers or {}) do lower[name:lower()] = value end
    if type(body) == "table" then body = json.encode(body) end
    return {
      status = function() return status end,
      body = function() return body or "" end,
      header = function(_, name) return lower[name:lower()] end,
    }
  end

  local function failure_of(status, body, scope, headers)
    return failure.of_status(exchange(status, body, headers), "trying",
      scope or "create", { secrets = {}, now = 784111777 })
  end

  local function code(value) return { code = value } end

  it("knows the kind of every response", function()
    for _, case in ipairs {
      { "invalid", 400, code "missing_destination" },
      { "invalid", 400, code "item_name_too_long" },
      { "invalid", 400, code "file_size_too_small" },
      { "integrity", 400, code "bad_digest" },
      { "integrity", 400, code "digest_mismatch" },
      { "integrity", 400, code "some_digest_trouble", "part" },
      { "session", 400, code "parts_mismatch" },
      { "session", 400, code "invalid_upload_session_id" },
      { "auth", 400, { error = "invalid_grant" } },
      { "auth", 401, "" },
      { "denied", 403, code "forbidden_by_policy" },
      { "denied", 403, "" }, { "denied", 403, "<html>blocked</html>" },
      { "quota", 403, code "storage_limit_exceeded" },
      { "quota", 403, code "file_size_limit_exceeded" },
      { "gone", 404, code "invalid_parameter" },
      { "session", 404, code "not_found", "session" },
      { "session", 404, code "not_found", "part" },
      { "invalid", 405, "" },
      { "network", 407, "" }, { "timeout", 408, "" },
      { "conflict", 409, code "item_name_in_use" },
      { "conflict", 409, code "operation_blocked_temporary" },
      { "conflict", 409, code "name_temporarily_reserved" },
      { "conflict", 409, code "session_conflict" },
      { "session", 410, code "session_expired" },
      { "session", 410, { code = "upload_failed", status = 410 }, "part" },
      -- Not Box's own word about the session.
      { "network", 410, "", "part" }, { "network", 404, "", "session" },
      { "network", 404, "<html>not found</html>", "session" },
      { "network", 404, { message = "no route matched" }, "part" },
      { "network", 404, { code = "not_found", status = 502 }, "part" },
      { "network", 400, "<html>bad request</html>", "session" },
      { "gone", 404, code "trashed", "session" },
      { "invalid", 411, code "length_required" },
      { "changed", 412, code "precondition_failed" },
      { "conflict", 412, "", "part" },
      { "quota", 413, code "request_entity_too_large" },
      { "conflict", 416, code "range_overlaps_existing_part", "part" },
      { "quota", 429, code "rate_limit_exceeded" },
      { "network", 500, code "internal_server_error" },
      { "network", 502, "<html>bad gateway</html>" },
      { "network", 503, "" }, { "network", 504, "" }, { "network", 509, "" },
      { "quota", 507, "" },
      { "invalid", 302, "" }, { "invalid", 304, "" },
      { "invalid", 204, "" }, { "invalid", 999, "" },
    } do
      local err = failure_of(case[2], case[3], case[4])
      assert.equal(case[1], err.kind, case[2] .. " " .. err.message)
      assert.equal(case[2], err.status)
      assert.matches("^trying: the service answered " .. case[2],
        err.message)
    end
  end)

  it("names the option that mends a refused attribute", function()
    local function refused(name, message)
      return {
        code = "bad_request", message = "Bad Request", context_info = {
          errors = { { reason = "invalid_parameter", name = name,
            message = message or "no good" } },
        },
      }
    end
    local modified = "give another content_modified_at, or none: " ..
      "content_modified_at = false"
    local created = "give another content_created_at, or none: " ..
      "content_created_at = false"
    for _, case in ipairs {
      { modified, refused "content_modified_at" },
      { modified, refused "attributes.content_modified_at" },
      { created, refused "content_created_at" },
      { "give another description", refused "description" },
      { "give other tags in attributes", refused "tags" },
      { modified, { message = "'content_modified_at' is out of range" } },
      { modified .. "; " .. created,
        { message = "Value is not a valid RFC 3339 formatted date" } },
      { modified .. "; " .. created,
        refused("attributes", "not a valid rfc3339 date") },
    } do
      for _, scope in ipairs { "session", "create" } do
        local err = failure_of(400, case[2], scope)
        assert.equal("invalid", err.kind)
        assert.equal(case[2].code, err.code)
        assert.is_false(err.retryable)
        assert.equal(": " .. case[1], err.message:sub(-#case[1] - 2))
      end
    end
    assert.matches("(Bad Request; tags: no good)",
      failure_of(400, refused "tags").message, 1, true)
    for _, body in ipairs {
      refused "parent", { message = "description" }, { context_info = {
        errors = { 1, { name = 1 }, {} } } }, { context_info = {
        errors = "content_modified_at" } },
      { code = "item_name_invalid", message = "content_modified_at" },
    } do
      assert.is_nil(failure_of(400, body).message:find("content_[%w_]+ ="))
    end
    assert.is_nil(failure_of(403, refused "tags").message:find("give other"))
  end)

  it("knows what may be retried", function()
    for _, case in ipairs {
      { true, 429 }, { true, 500 }, { true, 503 }, { true, 408 },
      { true, 409, code "operation_blocked_temporary" },
      { false, 507 }, { false, 400 }, { false, 401 }, { false, 403 },
      { false, 404 }, { false, 409, code "item_name_in_use" },
    } do
      assert.equal(case[1], failure_of(case[2], case[3]).retryable, case[2])
    end
  end)

  it("keeps Box's details for its support", function()
    local err = failure_of(409, {
      code = "item_name_in_use", message = "taken", request_id = "abc",
      context_info = { conflicts = { id = "7" } },
    })
    assert.equal("abc", err.request_id)
    assert.equal("7", err.context_info.conflicts.id)
    assert.matches("taken", err.message, 1, true)
    assert.equal("old", failure_of(400, { ["request-id"] = "old" }).request_id)
    assert.equal("xyz", failure_of(502, "<html>", nil,
      { ["BOX-REQUEST-ID"] = "xyz" }).request_id)
    assert.equal(err.message, tostring(err))
  end)

  it("reads Retry-After in both forms", function()
    local function asked(headers)
      return failure_of(429, "", nil, headers).retry_after
    end
    assert.equal(100, asked { ["Retry-After"] = "100" })
    assert.equal(5,
      asked { ["Retry-After"] = "Sun, 06 Nov 1994 08:49:42 GMT" })
    assert.equal(7, asked {
      ["Retry-After"] = "Sun, 06 Nov 1994 09:00:07 GMT",
      Date = "Sun, 06 Nov 1994 09:00:00 GMT",
    })
    assert.equal(0,
      asked { ["Retry-After"] = "Sun, 06 Nov 1994 08:00:00 GMT" })
    assert.is_nil(asked { ["Retry-After"] = "soon" })
    assert.is_nil(asked {})
  end)

  it("has a printable message of one line", function()
    local err = failure_of(400, {
      code = "x\ny", message = "a\r\nb\27[31m" .. ("z"):rep(5000),
    })
    assert.is_nil(err.message:find("%c"))
    assert.is_true(#err.message < 1000)
    assert.is_nil(err.code)
    err = failure_of(400, '{"code":7,"message":{"a":1},"context_info":"x"}')
    assert.is_nil(err.code)
    assert.is_nil(err.context_info)
  end)

  it("returns nil, a message and an object", function()
    local made = failure.of("invalid", "code", "trying", "it went wrong",
      "do it better")
    local value, message, err = failure.returns(made)
    assert.is_nil(value)
    assert.equal("trying: it went wrong: do it better", message)
    assert.equal(made, err)
    assert.equal("timeout", failure.of_core("timeout", "slow", "x").kind)
    assert.equal("canceled", failure.of_core("canceled", "no", "x").kind)
    assert.equal("changed", failure.of_core("changed", "no", "x").kind)
    assert.equal("invalid", failure.of_core("unheard_of", "no", "x").kind)
  end)

  it("advises another ca_file only where no authority is known", function()
    local function advice(of)
      return failure.of_core(of, "it failed", "trying").message
    end
    assert.matches("private authority, set ca_file", advice "certificate", 1,
      true)
    assert.matches("this machine's clock", advice "certificate_date", 1, true)
    assert.matches("check the configured URLs", advice "certificate_host", 1,
      true)
    for _, of in ipairs { "certificate_date", "certificate_host", "tls" } do
      assert.is_nil(advice(of):find("ca_file", 1, true), of)
    end
  end)

  it("says by whether bytes left if a request may have had an effect",
    function()
      for _, name in ipairs { "network", "timeout", "tls", "certificate",
        "ca_file", "limit", "memory", "descriptors", "crypto", "proxy_auth",
        "invalid", "unheard_of" } do
        local left = failure.of_core(name, "x", "x", nil, true)
        assert.equal("retry_if_safe", left.action, name)
        local stayed = failure.of_core(name, "x", "x", nil, false)
        assert.not_equal("retry_if_safe", stayed.action, name)
      end
      -- The body didn't leave whole, or the caller wants no more.
      for _, name in ipairs { "canceled", "changed", "system" } do
        assert.equal("fatal",
          failure.of_core(name, "x", "x", nil, true).action, name)
      end
    end)
end)
