-- failure: what went wrong, in one shape, and what may be done about it.
-- SPDX-License-Identifier: MIT

local json = require "boxupload.util.json"
local redact = require "boxupload.util.redact"
local reply = require "boxupload.service.reply"
local text_of_others = require "boxupload.util.text"
local timestamp = require "boxupload.util.timestamp"

local M = {}

---@alias boxupload.Kind
---| "network"    no connection, a broken one, or a service in trouble
---| "timeout"    it took too long
---| "auth"       the access token
---| "denied"     not allowed to this user
---| "conflict"   something of that name is there, or the service is busy
---| "changed"    the file, here or on Box, isn't what it was
---| "quota"      storage, size of a file, or rate of requests
---| "invalid"    what was asked or answered makes no sense
---| "session"    the upload session can't be used any more
---| "gone"       no such folder or file
---| "integrity"  the bytes arrived as others
---| "canceled"   by the caller

---@class boxupload.Error
---@field kind boxupload.Kind
---@field code string?         Box's code, or the library's: "untrusted", …
---@field status integer?      of the HTTP reply
---@field message string       one line: where, what happened, what to do
---@field operation string     what was being done
---@field request_id string?   for Box's support
---@field retry_after number?  seconds that the service asked to wait
---@field retryable boolean    the same call may succeed later
---@field resumable boolean    what is stored was kept and can be gone on with
---@field context_info table?  Box's details, such as the conflicting file
---@field abort_error string?  why the upload session could not be removed
---@field file table?          the file that came out wrong (kind "integrity")
---@field conflict boxupload.Conflict?  what has the name
---@field session_id string?   the upload session that it is about
---@field file_id string?      the file that it is about
---@field outcome string?      of a lost answer: "absent", "other", "unknown"
---@field missing_offsets integer[]?  of parts to send again
local Failure = {}
Failure.__index = Failure
Failure.__tostring = function(self) return self.message end

-- The one classification. Each row: kind, action, advice. The actions:
--   retry      nothing was done: it can be sent again as it is
--   again      it may have been done: only what can't do harm twice goes again
--   wait       the service is busy and has done nothing: again after a while
--   later      the same, by those who know how long that may take
--   refresh    with another token
--   reconcile  ask what is stored before going on
--   replace    the upload session can't be used any more
--   adopt      the upload session that is named is ours to use
--   conflict   the name is taken: by the policy for conflicts
--   resend     parts that were stored are missing
--   fatal      a repetition would end the same way
local BY_CORE = {
  network = { "network", "again",
    "check the network, the proxy and the configured URLs" },
  timeout = { "timeout", "again",
    "the connection was too slow or too silent for connect_timeout or " ..
    "stall_timeout" },
  tls = { "network", "fatal",
    "set ca_file if the server has a certificate of a private authority" },
  limit = { "invalid", "again", "is the configured URL really Box's?" },
  untrusted = { "invalid", "fatal",
    "configure that host in upload_url or api_url if it is meant" },
  canceled = { "canceled", "fatal" },
  changed = { "changed", "fatal",
    "upload the file again when nobody writes to it" },
  system = { "invalid", "fatal" },
  not_found = { "gone", "fatal" },
  not_readable = { "denied", "fatal" },
  memory = { "invalid", "wait", "there is no memory left" },
  invalid = { "invalid", "fatal" },
  forked = { "invalid", "fatal" },
}

local GONE_SESSION = { "session", "replace", "upload the file again" }
local FULL = { "quota", "fatal" }
local BUSY = { "conflict", "wait", "try again in a while" }
local STALE = { "changed", "fatal",
  "the file on Box is another version than if_match names" }
local BAD_TOKEN = { "auth", "fatal",
  "sign in anew: what was signed in with is wrong, used up, expired or " ..
  "revoked" }
local RATE = { "quota", "retry", "too many requests: try again later" }
local DAMAGED = { "integrity", "fatal",
  "the bytes arrived changed: upload the file again" }
local BLOCKED = { "denied", "fatal",
  "the user has to log in to Box in a browser first" }

local BY_CODE = {
  storage_limit_exceeded = { "quota", "fatal",
    "the account's storage is full" },
  file_size_limit_exceeded = { "quota", "fatal",
    "the account's plan doesn't take files of this size" },
  pending_app_folder_size_limit = FULL,
  upload_file_limit = FULL,
  rate_limit_exceeded = RATE,
  bad_digest = DAMAGED,
  digest_mismatch = DAMAGED,
  parts_mismatch = { "session", "later",
    "the service hasn't registered every part" },
  operation_blocked_temporary = BUSY,
  name_temporarily_reserved = BUSY,
  session_conflict = { "conflict", "adopt",
    "another upload of this file is open" },
  session_expired = GONE_SESSION,
  upload_failed = GONE_SESSION,
  upload_session_not_found = GONE_SESSION,
  invalid_upload_session_id = GONE_SESSION,
  item_name_in_use = { "conflict", "conflict",
    "give the id of that file as file_id to upload a new version of it, " ..
    "another file_name, or on_conflict" },
  item_name_invalid = { "invalid", "fatal", "give another file_name" },
  item_name_too_long = { "invalid", "fatal", "give a shorter file_name" },
  precondition_failed = STALE,
  sync_state_precondition_failed = STALE,
  password_reset_required = BLOCKED,
  terms_of_service_required = BLOCKED,
  invalid_grant = BAD_TOKEN,
  invalid_client = { "auth", "fatal",
    "check the application's client id and secret" },
  unauthorized_client = { "auth", "fatal",
    "the application must be allowed to sign in this way, and an " ..
    "administrator must have authorized it in Box's Admin Console" },
}

local BY_STATUS = {
  [401] = { "auth", "refresh",
    "the access token is wrong, expired or revoked: get a new one" },
  [403] = { "denied", "fatal",
    "check the rights and the scopes of the token's user" },
  [404] = { "gone", "fatal",
    "check the id; it may be there and not be visible to the token's user" },
  [408] = { "timeout", "again" },
  [409] = { "conflict", "fatal" },
  [410] = { "gone", "fatal" },
  [412] = STALE,
  [413] = FULL,
  [429] = RATE,
  [507] = FULL,
}

-- The same status means something else for a request to an upload session,
-- and for one that sends a part to it.
local BY_SCOPE = {
  session = { [404] = GONE_SESSION, [410] = GONE_SESSION },
}
BY_SCOPE.part = {
  [404] = GONE_SESSION,
  [410] = GONE_SESSION,
  [409] = { "conflict", "reconcile" },
  [412] = { "conflict", "reconcile" },
  [416] = { "conflict", "reconcile" },
}

-- Box tells by a code what is in the way. Without it the answer was spoilt.
local UNTOLD = { "conflict", "wait",
  "the service didn't tell what is in the way: try again" }

-- Box tells by its text alone that a body was shorter than announced. It has
-- kept nothing of it.
local CUT_SHORT = { "network", "retry" }

local REDIRECT = { "invalid", "fatal",
  "redirects aren't followed, for the token would go along: check the " ..
  "configured URLs" }
local OTHER = {
  [3] = REDIRECT,
  [4] = { "invalid", "fatal" },
  [5] = { "network", "again", "the service has trouble: try again later" },
}
local NO_HTTP = { "invalid", "fatal", "is the configured URL really Box's?" }

local RETRYABLE = { retry = true, again = true, wait = true, later = true }
local MAX_TEXT = 600

local function one_line(text)
  return text_of_others.one_line(text, MAX_TEXT)
end

--- Makes an error object of its fields; `action` is for the retry policy.
---@param fields table
---@return boxupload.Error
function M.new(fields)
  fields.retryable = RETRYABLE[fields.action] or false
  fields.resumable = fields.resumable or false
  return setmetatable(fields, Failure)
end

--- The three values that a failing function returns.
---@param err boxupload.Error
---@return nil, string, boxupload.Error
function M.returns(err)
  return nil, err.message, err
end

local function sentence(operation, what, advice)
  local text = ("%s: %s"):format(operation, one_line(what))
  return advice and text .. ": " .. advice or text
end

--- A failure that the library itself sees.
---@param kind string
---@param code string?
---@param operation string
---@param what string      what happened
---@param advice string?   what to do
---@return boxupload.Error
function M.of(kind, code, operation, what, advice)
  return M.new {
    kind = kind, code = code, operation = operation, action = "fatal",
    message = sentence(operation, what, advice),
  }
end

--- A code and a message of the core.
---@param code string
---@param text string
---@param operation string
---@param secrets string[]?
---@return boxupload.Error
function M.of_core(code, text, operation, secrets)
  local row = BY_CORE[code] or BY_CORE.invalid
  return M.new {
    kind = row[1], action = row[2], code = code, operation = operation,
    message = sentence(operation, redact.text(text, secrets or {}), row[3]),
  }
end

--- Seconds of a Retry-After, in either form of RFC 9110, section 10.2.3. A
--- date counts from the reply's own date, for clocks differ.
---@param exchange userdata
---@param now number  seconds since 1970
---@return number? seconds
function M.retry_after(exchange, now)
  local value = exchange:header("Retry-After")
  if not value then return nil end
  if value:find("^%d+$") then return tonumber(value) end
  local at = timestamp.parse_http(value)
  if not at then return nil end
  local date = exchange:header("Date")
  return math.max(0, at - (date and timestamp.parse_http(date) or now))
end

local function text_of(value)
  return type(value) == "string" and value ~= "" and value or nil
end

-- Box's errors, those of its upload servers (fewer fields) and OAuth's; a
-- proxy's HTML has none of them.
local function read_body(exchange)
  local body = json.decode(exchange:body() or "") or {}
  local info = body.context_info
  return {
    code = text_of(body.code) or text_of(body.error),
    text = text_of(body.message) or text_of(body.error_description),
    request_id = text_of(body.request_id) or text_of(body["request-id"]) or
      exchange:header("box-request-id"),
    context_info = type(info) == "table" and info or nil,
  }
end

local function row_of_code(code, status, scope)
  local row = BY_CODE[code]
  -- A part has no etag: something is stored in its place.
  if row == STALE and scope == "part" then return nil end
  if not row and status < 500 and code:find("digest") then return DAMAGED end
  return row
end

local function row_of(status, said, scope)
  if status == 400 and (said.text or ""):find("^Stream ended unexp") then
    return CUT_SHORT
  end
  local scoped = BY_SCOPE[scope]
  if status == 409 and not said.code and scope ~= "part" then return UNTOLD end
  return said.code and row_of_code(said.code, status, scope) or
    scoped and scoped[status] or BY_STATUS[status] or
    OTHER[math.floor(status / 100)] or NO_HTTP
end

local function describe(status, said, location)
  local what = ("the service answered %d"):format(status)
  if location then what = what .. " (a redirect to " .. location .. ")" end
  if said.code then what = what .. " " .. said.code end
  if said.text then what = what .. " (" .. said.text .. ")" end
  return what
end

--- What an HTTP status other than the expected ones means.
---@param exchange userdata
---@param operation string
---@param scope string  "create", "session", "part", "commit" → "session", …
---@param context {secrets:string[], now:number}
---@return boxupload.Error
function M.of_status(exchange, operation, scope, context)
  local status = exchange:status()
  local said = read_body(exchange)
  local row = row_of(status, said, scope)
  local location = status >= 300 and status < 400 and
    exchange:header("Location")
  local what = redact.text(describe(status, said, location), context.secrets)
  local info = redact.value(said.context_info, context.secrets)
  return M.new {
    kind = row[1], action = row[2], operation = operation, status = status,
    code = said.code and one_line(said.code),
    request_id = said.request_id,
    retry_after = M.retry_after(exchange, context.now),
    context_info = info,
    conflict = row[2] == "conflict" and reply.conflict(info) or nil,
    message = sentence(operation, what, row[3]),
  }
end

--- An answer of the right status that can't be understood.
---@param exchange userdata
---@param operation string
---@param problem string
---@return boxupload.Error
function M.of_reply(exchange, operation, problem)
  return M.new {
    kind = "invalid", code = "invalid_reply", action = "again",
    operation = operation, status = exchange:status(),
    request_id = exchange:header("box-request-id"),
    message = sentence(operation, "the service's answer can't be used: " ..
      problem, "is the configured URL really Box's, with no proxy between?"),
  }
end

return M
