-- journal: a file of JSON lines that lets another process resume an upload.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"
local options = require "boxupload.util.options"

local M = {}

local TYPE, VERSION = "boxupload_journal", 1
local OPERATION = "keeping a journal"
-- Bytes. 10,000 parts take about 1.3 MB.
local SIZE_LIMIT = 64 * 1024 * 1024

---@class boxupload.Journal
---@field path string
---@field head table  the first line: file, target, session, options
---@field sha1s table<integer, string>  hex SHA-1 of stored parts, by offset
---@field committed string?  the whole file's hex SHA-1, once a commit was
--- about to be sent
local Journal = {}
Journal.__index = Journal

--- The default folder for journals: `boxupload` in $XDG_STATE_HOME, else in
--- ~/.local/state, else in the folder for temporary files. A relative
--- $XDG_STATE_HOME is ignored, as the XDG Base Directory Specification
--- demands.
---@return string path
function M.folder()
  local state_home = os.getenv "XDG_STATE_HOME"
  local home = os.getenv "HOME"
  if not state_home or state_home:sub(1, 1) ~= "/" then
    state_home = home and home ~= "" and home .. "/.local/state" or
      os.getenv "TMPDIR" or "/tmp"
  end
  return state_home .. "/boxupload"
end

local function target_key(target)
  return table.concat({ target.folder_id or "", target.file_id or "",
    target.file_name or "" }, "\n")
end

--- The default path of an upload's journal. It depends only on the file's real
--- path, the target and the server, so the same upload finds it again.
---@param file_path string
---@param target boxupload.Target
---@param upload_url string
---@return string? path, string? message, boxupload.Error? err
function M.path_for(file_path, target, upload_url)
  local real, text, code = core.real_path(file_path)
  if not real then
    return failure.returns(failure.of_core(code, text, OPERATION))
  end
  local name =
    core.sha1(real .. "\n" .. target_key(target) .. "\n" .. upload_url)
  return M.folder() .. "/" .. name .. ".json"
end

--- The size, inode and times that identify one state of a file.
---@param file userdata  a file object
---@return table identity
function M.identity(file)
  return {
    size = file.size, device = file.device, inode = file.inode,
    mtime = file.mtime_ns, ctime = file.ctime_ns,
  }
end

local function journal_error(text, code, path)
  local err = failure.of_core(code, text, OPERATION)
  if code == "locked" then
    err = failure.of("conflict", "locked", OPERATION, text,
      "wait for the other upload to end")
  end
  err.journal = path
  return failure.returns(err)
end

--- Whether an upload failed only because its journal couldn't be opened or
--- written: it can be tried without a journal.
---@param err boxupload.Error
---@return boolean
function M.is_journal_failure(err)
  return err.operation == OPERATION and err.kind == "invalid" and
    err.code ~= "newer_journal"
end

local function new_journal(handle, path, head, sha1s, committed)
  return setmetatable({
    handle = handle, path = path, head = head, sha1s = sha1s,
    committed = committed,
  }, Journal)
end

-- An interrupt can leave an open handle without an owner. It stays locked
-- until the garbage collector closes it.
local function open_with_gc(open, ...)
  local handle, text, code = open(...)
  if code ~= "locked" then return handle, text, code end
  collectgarbage()
  return open(...)
end

--- Creates the journal of a new session, and the folder that it is in. Returns
--- an error of the code "locked" when another upload has the journal open.
---@param path string
---@param head {file:table, target:table, session:table}  gets type, version
--- and created_at
---@return boxupload.Journal? journal, string? message, boxupload.Error? err
function M.create(path, head)
  local folder = path:match("^(.*)/[^/]*$")
  local ok, text, code = true, nil, nil
  if folder and folder ~= "" then ok, text, code = core.make_folder(folder) end
  if not ok then return journal_error(text, code, path) end
  head.type, head.version, head.created_at = TYPE, VERSION,
    os.date("!%Y-%m-%dT%H:%M:%SZ")
  local handle
  handle, text, code = open_with_gc(core.journal_create, path,
    json.encode(head) .. "\n")
  if not handle then return journal_error(text, code, path) end
  return new_journal(handle, path, head, {})
end

-- Reads the lines after the first. An incomplete last line, which a crash can
-- leave, is ignored.
local function read_lines(text, from)
  local sha1s, committed = {}, nil
  for line in text:sub(from):gmatch("([^\n]*)\n") do
    local entry = json.decode(line) or {}
    if type(entry.offset) == "number" and type(entry.sha1) == "string" then
      sha1s[entry.offset] = entry.sha1
    elseif type(entry.commit) == "string" then
      committed = entry.commit
    end
  end
  return sha1s, committed
end

-- The fields of the first line and their types, since the file may hold
-- anything. "?" marks optional fields.
local HEAD_FIELDS = {
  file = { path = "string", size = "count" },
  target = { folder_id = "id?", file_id = "id?", file_name = "string?" },
  session = { id = "id", part_size = "count", total_parts = "count",
    session_expires_at = "string?" },
}

local is_count = options.whole(0)

local function has_type(value, kind)
  if kind == "id" then return options.is_id(value) end
  if kind == "count" then
    return type(value) == "number" and not is_count(value)
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

local function is_valid_head(head)
  if not has_fields(head, { type = "string", attributes = "table?",
    on_conflict = "string?" }) or head.type ~= TYPE then
    return false
  end
  for name, fields in pairs(HEAD_FIELDS) do
    if not has_fields(head[name], fields) then return false end
  end
  return (head.target.folder_id == nil) ~= (head.target.file_id == nil)
end

-- Returns head, sha1s and committed; nil when the text is no journal; false
-- when a newer version of boxupload wrote it.
local function parse_journal(text)
  local line = text:match("^([^\n]*)\n")
  local head = line and json.decode(line)
  if head and head.type == TYPE and type(head.version) == "number" and
     head.version > VERSION then
    return false
  end
  if not is_valid_head(head) or head.version ~= VERSION then return nil end
  return head, read_lines(text, #line + 2)
end

--- Opens and locks the journal of an earlier run. Returns nil alone when there
--- is none; one that can't be parsed is deleted and counts as none. Errors
--- have the code "locked" when another upload has it open, "newer_journal"
--- when a newer version of boxupload wrote it, or one of the system's.
---@param path string
---@return boxupload.Journal? journal, string? message, boxupload.Error? err
function M.open(path)
  local handle, text, code = open_with_gc(core.journal_open, path, SIZE_LIMIT)
  if handle == false then return nil end
  if not handle then return journal_error(text, code, path) end
  local head, sha1s, committed = parse_journal(text)
  if head then return new_journal(handle, path, head, sha1s, committed) end
  if head == false then
    handle:close()
    local err = failure.of("invalid", "newer_journal", OPERATION,
      ("a newer version of boxupload wrote %s"):format(path),
      "use that version, or remove the file to start over")
    err.journal = path
    return failure.returns(err)
  end
  handle:remove()
  return nil
end

local function append_line(self, value)
  local ok, text, code = self.handle:append(json.encode(value) .. "\n")
  if ok then return true end
  return journal_error(text, code, self.path)
end

--- Whether there is a file at a journal's path.
---@param path string
---@return boolean exists
function M.exists(path)
  local file = io.open(path, "r")
  if file then file:close() end
  return file ~= nil
end

--- Records a stored part. Its SHA-1 is needed to resume: Box's list of parts
--- may have none (`sha1` can be null there).
---@param part boxupload.Part
---@return boolean? ok, string? message, boxupload.Error? err
function Journal:part(part)
  return append_line(self, {
    part_id = part.part_id, offset = part.offset, size = part.size,
    sha1 = part.sha1,
  })
end

--- Records that a commit is about to be sent. From then on a missing session
--- can mean that the file is complete on Box.
---@param sha1 string  the whole file's, in hex
---@return boolean? ok, string? message, boxupload.Error? err
function Journal:commit(sha1)
  return append_line(self, { commit = sha1 })
end

--- Whether the journal has been neither closed nor deleted.
---@return boolean
function Journal:is_open()
  return self.handle ~= nil
end

--- Deletes the journal: the upload is complete or can't be resumed.
function Journal:remove()
  local handle = self.handle
  self.handle = nil
  if handle then handle:remove() end
end

--- Flushes the journal to the disk and unlocks it, for a later run.
function Journal:close()
  local handle = self.handle
  self.handle = nil
  if not handle then return end
  handle:sync()
  handle:close()
end

-- Reads a journal that another process has open and may still be writing.
local function read_unlocked(path)
  local file = io.open(path, "rb")
  if not file then return "" end
  local text = file:read(SIZE_LIMIT)
  file:close()
  return text or ""
end

-- Returns the number of recorded parts and of their bytes.
local function count_stored(head, sha1s)
  local parts, bytes = 0, 0
  for offset in pairs(sha1s) do
    parts = parts + 1
    bytes = bytes + math.max(0,
      math.min(head.session.part_size, head.file.size - offset))
  end
  return parts, bytes
end

--- Describes a journal without changing it; nil when there is none. The
--- `state` is "running" (an upload has it open), "stopped", "broken" (it can't
--- be read or parsed) or "newer" (written by a newer version). `problem` says
--- why the file can't be opened.
---@param path string
---@return table? entry
function M.describe(path)
  local handle, text, code = core.journal_open(path, SIZE_LIMIT)
  if handle == false then return nil end
  local entry = { path = path, state = "stopped" }
  if handle then
    handle:close()
  elseif code == "locked" then
    entry.state, entry.problem, text = "running", text, read_unlocked(path)
  else
    entry.state, entry.problem = "broken", text
    return entry
  end
  local head, sha1s = parse_journal(text)
  if not head then
    if handle then entry.state = head == false and "newer" or "broken" end
    return entry
  end
  entry.parts, entry.bytes_stored = count_stored(head, sha1s)
  entry.file, entry.file_size = head.file.path, head.file.size
  entry.target, entry.attributes = head.target, head.attributes
  entry.on_conflict = head.on_conflict
  entry.total_parts = head.session.total_parts
  entry.session_id = head.session.id
  entry.session_expires_at = head.session.session_expires_at
  entry.created_at = head.created_at
  return entry
end

--- Deletes a journal, unless an upload has it open: that is an error of the
--- code "locked". Succeeds when there is none.
---@param path string
---@return boolean? ok, string? message, boxupload.Error? err
function M.remove(path)
  local handle, text, code = core.journal_open(path, SIZE_LIMIT)
  if handle == nil then return journal_error(text, code, path) end
  if not handle then return true end
  local ok
  ok, text, code = handle:remove()
  if ok then return true end
  return journal_error(text, code, path)
end

return M
