-- head: the first line of a journal. It says which upload the journal is of:
-- the file, what the call asked, and who began it.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"
local options = require "boxupload.util.options"
local text = require "boxupload.util.text"

local M = {}

local TYPE, VERSION = "boxupload_journal", 1
-- Bytes of a string in it. Paths are the longest.
local STRING_LIMIT = 16384
--- Bytes of a line that is believed.
M.LENGTH_LIMIT = 262144

---@class boxupload.JournalCall  what a call asks of an upload
---@field path string       the file's real path
---@field folder_id string?
---@field file_id string?
---@field file_name string?
---@field host string       of the client's upload_url, with its port
---@field if_match string?
---@field on_conflict string?

---@class boxupload.JournalHead
---@field file {path:string, size:integer, mtime:string?}
---@field call boxupload.JournalCall?  nil in those of earlier versions
---@field target table       where it goes: another than asked after a conflict
---@field user boxupload.JournalUser?  who began it, as far as it is known
---@field session table      from session:save, mostly
---@field adopted boolean?   the session wasn't created by this upload for sure
---@field if_match string?   what the commit demands
---@field attributes table?
---@field on_conflict string?
---@field created_at string

--- What a call asks.
---@param file userdata  a file object
---@param target boxupload.Target
---@param given {upload_url:string, if_match:string?, on_conflict:string?}
---@return boxupload.JournalCall
function M.call(file, target, given)
  return {
    path = file:real_path() or file.path,
    folder_id = target.folder_id, file_id = target.file_id,
    file_name = target.file_name, if_match = given.if_match,
    on_conflict = given.on_conflict,
    host = text.lower(given.upload_url:match("^%a+://([^/?#]+)")),
  }
end

--- The text of a head.
---@param head boxupload.JournalHead  gets type, version and created_at
---@return string line
function M.encode(head)
  head.type, head.version = TYPE, VERSION
  head.created_at = os.date("!%Y-%m-%dT%H:%M:%SZ")
  return json.encode_bytes(head) .. "\n"
end

-- The fields and their types, since the file may hold anything. "?" marks
-- optional fields.
local FIELDS = {
  file = { path = "string", size = "count", mtime = "string?" },
  target = { folder_id = "id?", file_id = "id?", file_name = "string?",
    version_id = "string?", original_name = "string?", number = "count?" },
  session = { id = "id", part_size = "positive", total_parts = "count",
    session_expires_at = "string?", session_endpoints = "table?" },
}
local OPTIONAL_FIELDS = {
  call = { path = "string", host = "string", folder_id = "id?",
    file_id = "id?", file_name = "string?", if_match = "header?",
    on_conflict = "string?" },
  user = { id = "string?", login = "string?", as_user = "string?" },
}

local LEAST = { count = options.whole(0), positive = options.whole(1) }

local function has_type(value, kind)
  if type(value) == "string" and #value > STRING_LIMIT then return false end
  if kind == "id" then return options.is_id(value) end
  if kind == "header" then
    return type(value) == "string" and not options.header(value)
  end
  if LEAST[kind] then
    return type(value) == "number" and not LEAST[kind](value)
  end
  return type(value) == kind
end

local function has_fields(value, fields)
  if type(value) ~= "table" then return false end
  for name, kind in pairs(fields) do
    local required, optional = kind:match("^(%l+)(%??)$")
    if not has_type(value[name], required) and
       (optional == "" or value[name] ~= nil) then
      return false
    end
  end
  return true
end

-- Exact up to 2^53: a quotient would be rounded.
local function part_count(size, part_size)
  local rest = size % part_size
  return (size - rest) / part_size + (rest > 0 and 1 or 0)
end

local function is_valid(head)
  if not has_fields(head, { type = "string", attributes = "table?",
    on_conflict = "string?", if_match = "header?", adopted = "boolean?",
    created_at = "string?" }) or
     head.type ~= TYPE then
    return false
  end
  for name, fields in pairs(FIELDS) do
    if not has_fields(head[name], fields) then return false end
  end
  for name, fields in pairs(OPTIONAL_FIELDS) do
    if head[name] ~= nil and not has_fields(head[name], fields) then
      return false
    end
  end
  local session = head.session
  return (head.target.folder_id == nil) ~= (head.target.file_id == nil) and
    session.total_parts == part_count(head.file.size, session.part_size)
end

--- Reads the first line of a journal's text. Returns the head and where the
--- next line begins; nil when it is none; false when a newer version of
--- boxupload wrote it.
---@param content string
---@return boxupload.JournalHead|false|nil head, integer? from
function M.parse(content)
  local finish = content:find("\n", 1, true)
  local head = finish and finish <= M.LENGTH_LIMIT and
    json.decode_bytes(content:sub(1, finish - 1))
  if head and head.type == TYPE and type(head.version) == "number" and
     head.version > VERSION then
    return false
  end
  if not is_valid(head) or head.version ~= VERSION then return nil end
  return head, finish + 1
end

--- Whether a value can be what a line demands as if_match.
---@param value any
---@return boolean
function M.is_etag(value)
  return has_type(value, "header")
end

--- Whether a part can be one of the journal's session.
---@param head boxupload.JournalHead
---@param part boxupload.Part
---@return boolean
function M.has_part(head, part)
  local size, part_size = head.file.size, head.session.part_size
  return part.offset % part_size == 0 and part.offset < size and
    part.size == math.min(part_size, size - part.offset)
end

--- Whether a text is something else than a journal, even a damaged one.
---@param content string
---@return boolean
function M.is_foreign(content)
  return content ~= "" and not content:find(TYPE, 1, true)
end

--- Makes a later call's if_match part of what is asked.
---@param head boxupload.JournalHead
---@param etag string
function M.demand(head, etag)
  head.if_match = etag
  if head.call then head.call.if_match = etag end
end

local function describe_target(target)
  local name = target.file_name and
    (' as "%s"'):format(text.one_line(target.file_name, 300)) or ""
  if target.file_id then return "file " .. target.file_id .. name end
  return "folder " .. tostring(target.folder_id) .. name
end

local function same_target(a, b)
  return a.folder_id == b.folder_id and a.file_id == b.file_id and
    a.file_name == b.file_name
end

-- Each returns nil when the journal and the call agree, else what the journal
-- says and what the call says.
local differences = {}

function differences.path(head, call)
  if head.file.path ~= call.path then return head.file.path, call.path end
end

function differences.target(head, call)
  local asked = head.call or head.target
  if same_target(asked, call) then return nil end
  return describe_target(asked), describe_target(call)
end

function differences.host(head, call)
  local host = head.call and head.call.host
  if host and host ~= call.host then return host, call.host end
end

-- One of them alone holds for both.
function differences.if_match(head, call)
  local given = head.call and head.call.if_match
  if given and call.if_match and given ~= call.if_match then
    return given, call.if_match
  end
end

-- Only once the policy has led to another target does it matter which it was.
function differences.on_conflict(head, call)
  local before, now = head.on_conflict or "fail", call.on_conflict or "fail"
  if before == now or same_target(head.target, call) then return nil end
  return before, now
end

local ORDER = { "path", "target", "host", "if_match", "on_conflict" }

--- Compares a journal with a call: what is asked now counts more than what an
--- earlier run noted, so an upload goes on only where both ask the same.
---@param head boxupload.JournalHead
---@param call boxupload.JournalCall
---@param path string  the journal's
---@param operation string
---@return boxupload.Error? err  of the code "other_journal"
function M.disagreement(head, call, path, operation)
  for _, field in ipairs(ORDER) do
    local before, now = differences[field](head, call)
    if before then
      local err = failure.of("conflict", "other_journal", operation,
        ("%s is the journal of another upload: its %s is %s, and this " ..
          "call's is %s"):format(path, field, text.one_line(before, 300),
          text.one_line(now, 300)),
        "end that upload first (boxupload resume, or abort), or give " ..
        "another path as resume")
      err.journal = path
      return err
    end
  end
end

return M
