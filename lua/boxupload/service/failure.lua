-- failure: error objects, and the classification that retries rely on.
-- SPDX-License-Identifier: MIT

local json = require "boxupload.util.json"
local redact = require "boxupload.util.redact"
local reply = require "boxupload.service.reply"
local text_of_others = require "boxupload.util.text"
local timestamp = require "boxupload.util.timestamp"

local M = {}

---@alias boxupload.Kind
---| "network"    no connection, a broken one, or a server error
---| "timeout"    it took too long
---| "auth"       the access token or the sign-in was refused
---| "denied"     the user lacks the permission
---| "conflict"   the name is taken, or the service is busy
---| "changed"    the file, here or on Box, has changed
---| "quota"      a limit on storage, file size or request rate
---| "invalid"    an invalid request or response
---| "session"    the upload session can't be used any more
---| "gone"       no such folder or file
---| "integrity"  the bytes were damaged on the way
---| "canceled"   canceled by the caller

---@class boxupload.Error
---@field kind boxupload.Kind
---@field code string?         Box's code, or the library's: "untrusted", …
---@field status integer?      of the HTTP response
---@field message string       one line: operation, problem and advice
---@field operation string     what failed: "creating the upload session", …
---@field request_id string?   for Box's support
---@field retry_after number?  seconds that the service asked to wait
---@field retryable boolean    the same call may succeed later
---@field resumable boolean    the stored parts were kept and can be resumed
---@field context_info table?  Box's details, such as the conflicting file
---@field abort_error string?  why the upload session could not be removed
---@field file table?          the file that came out wrong (kind "integrity")
---@field conflict boxupload.Conflict?  the item that has the name
---@field session_id string?   of the upload session concerned
---@field file_id string?      of the file concerned
---@field outcome string?      after a lost response: "absent", "other",
--- "unknown"
---@field missing_offsets integer[]?  of parts to send again, in bytes
local Failure = {}
Failure.__index = Failure
Failure.__tostring = function(self) return self.message end

-- Each row: kind, action, advice, and the code where the service gives none.
-- The actions:
--   retry          the request had no effect: send it again
--   retry_if_safe  the request may have taken effect: send it again where that
--                  does no harm
--   wait           the service is busy and did nothing: send it again later
--   later          the same, but the caller decides how long to wait
--   refresh        send it again with a new token
--   reconcile      list what is stored before sending more
--   replace        the upload session can't be used any more: create another
--   adopt_session  use the existing upload session that the error names
--   conflict       the name is taken: the option on_conflict decides
--   resend         stored parts are missing: send them again
--   fatal          a retry would fail the same way
local PROXY_REFUSED = { "network", "fatal",
  "check the user name and the password in the proxy's URL, " ..
  "http://user:password@host:port", "proxy_auth" }
local BY_CORE = {
  network = { "network", "retry_if_safe",
    "check the network, the proxy and the configured URLs" },
  timeout = { "timeout", "retry_if_safe",
    "the connection was too slow or too silent for connect_timeout, " ..
    "stall_timeout or reply_timeout" },
  tls = { "network", "fatal",
    "is the configured URL really an https server's, and is there a proxy " ..
    "between?" },
  certificate = { "network", "fatal",
    "check the configured URLs; if they are right, and the server or a " ..
    "proxy between has a certificate of a private authority, set ca_file" },
  certificate_date = { "network", "fatal",
    "check this machine's clock; if it is right, tell whoever runs that " ..
    "server" },
  certificate_host = { "network", "fatal",
    "another server answers: check the configured URLs, and whether the " ..
    "network wants a sign-in in a browser first" },
  ca_file = { "network", "fatal",
    "ca_file, or where that isn't given SSL_CERT_FILE, must be a PEM file " ..
    "with certificates, which can be read" },
  proxy_auth = PROXY_REFUSED,
  proxy_refused = { "network", "fatal",
    "ask whoever runs the proxy, and check the configured URLs" },
  limit = { "invalid", "retry_if_safe",
    "is the configured URL really Box's?" },
  early_reply = { "network", "retry_if_safe",
    "it can't have taken all of it: is there a proxy between?" },
  untrusted = { "invalid", "fatal",
    "configure that host in upload_url or api_url if it is meant" },
  canceled = { "canceled", "fatal" },
  changed = { "changed", "fatal",
    "upload the file again when nobody writes to it" },
  system = { "invalid", "fatal" },
  not_found = { "gone", "fatal" },
  not_readable = { "denied", "fatal" },
  symbolic_link = { "denied", "fatal" },
  memory = { "invalid", "wait", "there is no memory left" },
  descriptors = { "invalid", "wait",
    "this process may open no more files and sockets: raise its limit " ..
    "(ulimit -n), or let fewer uploads run at once" },
  crypto = { "invalid", "fatal",
    "Box needs SHA-1: check OpenSSL's configuration (OPENSSL_CONF)" },
  invalid = { "invalid", "fatal" },
  forked = { "invalid", "fatal" },
}

local SESSION_GONE = { "session", "replace", "upload the file again" }
-- A 400, 404 or 410 without a JSON error of Box says nothing of the session,
-- and a page with 403 nothing of the token.
local NOT_FROM_BOX = { "network", "retry_if_safe",
  "this isn't Box's answer, but that of something between here and Box, " ..
  "such as a proxy" }
local FORBIDDEN_PAGE = { "denied", "fatal", NOT_FROM_BOX[3] }
local OVER_LIMIT = { "quota", "fatal" }
local BUSY = { "conflict", "wait", "try again in a while" }
local PRECONDITION_FAILED = { "changed", "fatal",
  "the version of the file on Box isn't the one that if_match names" }
local INVALID_GRANT = { "auth", "fatal",
  "sign in again: the credentials are wrong, used up, expired or " ..
  "revoked" }
local RATE_LIMITED = { "quota", "retry", "too many requests: try again later" }
local DIGEST_MISMATCH = { "integrity", "fatal",
  "the bytes arrived changed: upload the file again" }
local LOGIN_REQUIRED = { "denied", "fatal",
  "the user has to log in to Box in a browser first" }

local BY_CODE = {
  storage_limit_exceeded = { "quota", "fatal",
    "the account's storage is full" },
  file_size_limit_exceeded = { "quota", "fatal",
    "the account's plan doesn't take files of this size" },
  pending_app_folder_size_limit = OVER_LIMIT,
  upload_file_limit = OVER_LIMIT,
  rate_limit_exceeded = RATE_LIMITED,
  bad_digest = DIGEST_MISMATCH,
  digest_mismatch = DIGEST_MISMATCH,
  parts_mismatch = { "session", "later",
    "the service hasn't registered every part" },
  operation_blocked_temporary = BUSY,
  name_temporarily_reserved = BUSY,
  session_conflict = { "conflict", "adopt_session",
    "another upload of this file is open" },
  session_expired = SESSION_GONE,
  upload_failed = SESSION_GONE,
  upload_session_not_found = SESSION_GONE,
  invalid_upload_session_id = SESSION_GONE,
  trashed = { "gone", "fatal",
    "it is in the trash: restore it there, or upload to another place" },
  item_name_in_use = { "conflict", "conflict",
    "give the id of that file as file_id to upload a new version of it, " ..
    "another file_name, or on_conflict" },
  item_name_invalid = { "invalid", "fatal", "give another file_name" },
  item_name_too_long = { "invalid", "fatal", "give a shorter file_name" },
  precondition_failed = PRECONDITION_FAILED,
  sync_state_precondition_failed = PRECONDITION_FAILED,
  password_reset_required = LOGIN_REQUIRED,
  terms_of_service_required = LOGIN_REQUIRED,
  invalid_grant = INVALID_GRANT,
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
  [407] = PROXY_REFUSED,
  [408] = { "timeout", "retry_if_safe" },
  [409] = { "conflict", "fatal" },
  [410] = { "gone", "fatal" },
  [412] = PRECONDITION_FAILED,
  [413] = OVER_LIMIT,
  [429] = RATE_LIMITED,
  [507] = OVER_LIMIT,
}

-- Statuses with a different meaning for requests to an upload session, and for
-- the request that sends a part.
local BY_SCOPE = {
  session = { [404] = SESSION_GONE, [410] = SESSION_GONE },
}
BY_SCOPE.part = {
  [404] = SESSION_GONE,
  [410] = SESSION_GONE,
  [409] = { "conflict", "reconcile" },
  [412] = { "conflict", "reconcile" },
  [416] = { "conflict", "reconcile" },
}

-- Box's own 409 has a code that names the conflict. One without may come from
-- a proxy, or was truncated.
local CONFLICT_WITHOUT_CODE = { "conflict", "wait",
  "the service didn't say what the conflict is: try again" }

-- Box reports a body shorter than Content-Length only by its message text
-- (box-python-sdk#896). It discards such a body.
local TRUNCATED_BODY = { "network", "retry" }

local REDIRECT = { "invalid", "fatal",
  "redirects aren't followed, for the token would go along: check the " ..
  "configured URLs" }
local BY_STATUS_CLASS = {
  [3] = REDIRECT,
  [4] = { "invalid", "fatal" },
  [5] = { "network", "retry_if_safe",
    "the service has trouble: try again later" },
}
local UNEXPECTED_STATUS = { "invalid", "fatal",
  "is the configured URL really Box's?" }

-- What the caller can do when Box refuses an attribute of the file.
local ADVICE_ON_ATTRIBUTE = { description = "give another description" }
for _, name in ipairs { "content_created_at", "content_modified_at" } do
  ADVICE_ON_ATTRIBUTE[name] = ("give another %s, or none: %s = false"):format(
    name, name)
end
for _, name in ipairs { "tags", "shared_link", "collections", "lock" } do
  ADVICE_ON_ATTRIBUTE[name] = ("give other %s in attributes"):format(name)
end

local RETRYABLE =
  { retry = true, retry_if_safe = true, wait = true, later = true }
local MAX_TEXT = 600
-- Seconds: a year.
local MAX_RETRY_AFTER = 366 * 86400
local MAX_PARAMETERS = 8
local MAX_CODE = 64 -- bytes

local function one_line(text)
  return text_of_others.one_line(text, MAX_TEXT)
end

--- Makes an error object from its fields; `action` is one of those above.
---@param fields table
---@param secrets string[]?  removed from what others said
---@return boxupload.Error
function M.new(fields, secrets)
  redact.fields(fields, secrets or {})
  fields.retryable = RETRYABLE[fields.action] or false
  fields.resumable = fields.resumable or false
  return setmetatable(fields, Failure)
end

--- Returns the three values that a function returns on failure.
---@param err boxupload.Error
---@return nil, string, boxupload.Error
function M.returns(err)
  return nil, err.message, err
end

local function format_message(operation, what, advice)
  local text = ("%s: %s"):format(operation, one_line(what))
  return advice and text .. ": " .. text_of_others.one_line(advice) or text
end

--- Makes an error that the library itself detected.
---@param kind boxupload.Kind
---@param code string?
---@param operation string
---@param what string      what happened
---@param advice string?   what to do
---@return boxupload.Error
function M.of(kind, code, operation, what, advice)
  return M.new {
    kind = kind, code = code, operation = operation, action = "fatal",
    message = format_message(operation, what, advice),
  }
end

-- What the core says of the source, or of the caller, before the request has
-- left whole: that can't have had an effect.
local INCOMPLETE = {
  canceled = true, changed = true, touched = true, system = true,
}

--- Makes an error from a code and a message of the core.
---@param code string
---@param text string
---@param operation string
---@param secrets string[]?
---@param has_left boolean?  bytes of the request have left, so that it may
--- have taken effect, whatever the error is
---@return boxupload.Error
function M.of_core(code, text, operation, secrets, has_left)
  local row = BY_CORE[code] or BY_CORE.invalid
  local action = row[2]
  if has_left == false and action == "retry_if_safe" then
    action = "retry"
  elseif has_left and not INCOMPLETE[code] then
    action = "retry_if_safe"
  end
  return M.new({
    kind = row[1], action = action, code = code, operation = operation,
    message = format_message(operation, redact.text(text, secrets), row[3]),
  }, secrets)
end

--- Returns the seconds of a Retry-After header, in either form of RFC 9110,
--- section 10.2.3. A date is compared with the response's own Date, since the
--- local clock may be wrong.
---@param exchange userdata
---@param now number  seconds since 1970
---@return number? seconds
function M.retry_after(exchange, now)
  local value = exchange:header("Retry-After")
  if not value then return nil end
  if value:find("^%d+$") then
    return math.min(tonumber(value), MAX_RETRY_AFTER)
  end
  local at = timestamp.parse_http(value)
  if not at then return nil end
  local date = exchange:header("Date")
  return math.max(0, at - (date and timestamp.parse_http(date) or now))
end

local function nonempty(value)
  return type(value) == "string" and value ~= "" and value or nil
end

-- What Box calls an error, as it writes its own codes.
local function plain_code(value, secrets)
  value = nonempty(value)
  value = value and redact.text(value, secrets)
  return value and #value <= MAX_CODE and value:find("^[A-Za-z%d_.-]+$") and
    value or nil
end

--- The id of a request, for Box's support.
---@param exchange userdata
---@param body table?        decoded
---@param secrets string[]?
---@return string?
function M.request_id(exchange, body, secrets)
  body = body or {}
  for _, value in ipairs { nonempty(body.request_id) or false,
    nonempty(body["request-id"]) or false,
    exchange:header("box-request-id") or false } do
    value = value and redact.request_id(value, secrets or {})
    if value then return value end
  end
end

-- Box's list of the parameters that it refuses, as { name, message }; each may
-- be empty. Names may be paths, such as "attributes.description".
local function refused_parameters(info)
  local list = {}
  local errors = type(info) == "table" and info.errors
  for i, each in ipairs(type(errors) == "table" and errors or {}) do
    if i > MAX_PARAMETERS then break end
    each = type(each) == "table" and each or {}
    list[i] = {
      name = (nonempty(each.name) or ""):match("[%w_]*$"),
      message = nonempty(each.message) or "",
    }
  end
  return list
end

-- Box's message, and what it says about each parameter.
local function whole_message(message, parameters)
  local whole = nonempty(message) or ""
  for _, each in ipairs(parameters) do
    if not whole:find(each.message, 1, true) then
      whole = ("%s%s%s: %s"):format(whole, whole == "" and "" or "; ",
        each.name, each.message)
    end
  end
  return nonempty(whole)
end

-- Reads the errors of Box's API, of its upload servers, which have fewer
-- fields, and of OAuth. A proxy's HTML page has none of these, and Box's own
-- error has a code, and the status of the response if any.
local function read_error_body(exchange, secrets)
  local body = json.decode(exchange:body() or "") or {}
  local info = body.context_info
  local parameters = refused_parameters(info)
  return {
    code = plain_code(body.code, secrets) or plain_code(body.error, secrets),
    text = whole_message(body.message, parameters) or
      nonempty(body.error_description),
    parameters = parameters,
    is_page = (exchange:body() or ""):find("^[ \t\r\n]*<") ~= nil,
    -- The upload servers leave out the status.
    is_from_box =
      (nonempty(body.code) or ""):find("^[a-z][a-z%d_]*$") ~= nil and
      (body.status == nil or body.status == exchange:status()),
    request_id = M.request_id(exchange, body, secrets),
    context_info = type(info) == "table" and info or nil,
  }
end

local function find_code_row(code, status, scope)
  local row = BY_CODE[code]
  -- A part has no etag: 412 means that its range is already stored.
  if row == PRECONDITION_FAILED and scope == "part" then return nil end
  if not row and status < 500 and code:find("digest") then
    return DIGEST_MISMATCH
  end
  return row
end

-- Returns the row of a 400 because of attributes: of those that Box names,
-- else of those that its message is about.
local function find_attribute_row(details)
  local advice, seen = {}, {}
  local function note(name)
    if ADVICE_ON_ATTRIBUTE[name] and not seen[name] then
      seen[name] = true
      advice[#advice + 1] = ADVICE_ON_ATTRIBUTE[name]
    end
  end
  for _, each in ipairs(details.parameters) do note(each.name) end
  local message = text_of_others.lower(details.text or "")
  for name in message:gmatch("content_[a-z]+_at") do note(name) end
  -- cyberduck#12625
  if not advice[1] and message:find("rfc ?3339") then
    note("content_modified_at")
    note("content_created_at")
  end
  return advice[1] and { "invalid", "fatal", table.concat(advice, "; ") }
end

local function find_row(status, details, scope)
  if status == 400 and (details.text or ""):find("^Stream ended unexp") then
    return TRUNCATED_BODY
  end
  local scoped = BY_SCOPE[scope]
  if scoped and not details.is_from_box and (status == 400 and
     not details.text or scoped[status] == SESSION_GONE) then
    return NOT_FROM_BOX
  end
  if status == 403 and details.is_page then return FORBIDDEN_PAGE end
  if status == 409 and not details.code and scope ~= "part" then
    return CONFLICT_WITHOUT_CODE
  end
  return details.code and find_code_row(details.code, status, scope) or
    status == 400 and find_attribute_row(details) or
    scoped and scoped[status] or BY_STATUS[status] or
    BY_STATUS_CLASS[math.floor(status / 100)] or UNEXPECTED_STATUS
end

local function describe_response(status, details, location)
  local what = ("the service answered %d"):format(status)
  if location then what = what .. " (a redirect to " .. location .. ")" end
  if details.code then what = what .. " " .. details.code end
  if details.text then what = what .. " (" .. details.text .. ")" end
  return what
end

--- Makes an error from a response with an unexpected HTTP status.
---@param exchange userdata
---@param operation string
---@param scope string  "create", "session" (also for a commit) or "part"
---@param context {secrets:string[], now:number}  now: seconds since 1970
---@return boxupload.Error
function M.of_status(exchange, operation, scope, context)
  local status = exchange:status()
  local details = read_error_body(exchange, context.secrets)
  local row = find_row(status, details, scope)
  local location = status >= 300 and status < 400 and
    exchange:header("Location")
  local what = redact.text(describe_response(status, details, location),
    context.secrets)
  local info = details.context_info
  return M.new({
    kind = row[1], action = row[2], operation = operation, status = status,
    code = details.code or row[4],
    request_id = details.request_id,
    retry_after = M.retry_after(exchange, context.now),
    context_info = info,
    conflict = row[2] == "conflict" and reply.conflict(info) or nil,
    message = format_message(operation, what, row[3]),
  }, context.secrets)
end

--- Makes an error for a response with an accepted status and an invalid body.
---@param exchange userdata
---@param operation string
---@param problem string
---@return boxupload.Error
function M.of_reply(exchange, operation, problem)
  return M.new {
    kind = "invalid", code = "invalid_reply", action = "retry_if_safe",
    operation = operation, status = exchange:status(),
    request_id = M.request_id(exchange),
    message = format_message(operation,
      "the service's answer can't be used: " .. problem,
      "is the configured URL really Box's, with no proxy between?"),
  }
end

return M
