-- journal: what another process needs to go on with an upload.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"

local M = {}

local TYPE, VERSION = "boxupload_journal", 1
local OPERATION = "keeping a journal"
-- 10,000 parts take some 1.3 MB.
local LIMIT = 64 * 1024 * 1024

---@class boxupload.Journal
---@field path string
---@field head table  what the first line says
---@field sha1s table<integer, string>  digests of stored parts, by offset
---@field committed string?  the SHA-1 of the whole, once a commit was sent
local Journal = {}
Journal.__index = Journal

--- Where journals are when nobody says another place: $XDG_STATE_HOME, else
--- ~/.local/state, else the folder for temporary files.
---@return string
function M.folder()
  local state = os.getenv "XDG_STATE_HOME"
  local home = os.getenv "HOME"
  if not state or state:sub(1, 1) ~= "/" then
    state = home and home ~= "" and home .. "/.local/state" or
      os.getenv "TMPDIR" or "/tmp"
  end
  return state .. "/boxupload"
end

local function key_of(target)
  return table.concat({ target.folder_id or "", target.file_id or "",
    target.file_name or "" }, "\n")
end

--- The journal's path for a file and where it is to go: the same upload
--- finds it again.
---@param file_path string
---@param target boxupload.Target
---@param upload_url string
---@return string? path, string? message, boxupload.Error? err
function M.path_for(file_path, target, upload_url)
  local real, text, code = core.real_path(file_path)
  if not real then
    return failure.returns(failure.of_core(code, text, OPERATION))
  end
  local name = core.sha1(real .. "\n" .. key_of(target) .. "\n" .. upload_url)
  return M.folder() .. "/" .. name .. ".json"
end

--- What tells one state of a file from another.
---@param file userdata
---@return table
function M.identity(file)
  return {
    size = file.size, device = file.device, inode = file.inode,
    mtime = file.mtime_ns, ctime = file.ctime_ns,
  }
end

local function failed(text, code, path)
  local err = failure.of_core(code, text, OPERATION)
  if code == "locked" then
    err = failure.of("conflict", "locked", OPERATION, text,
      "wait for the other upload to end")
  end
  err.journal = path
  return failure.returns(err)
end

--- Whether a failure is that no journal could be kept, and nothing else.
---@param err boxupload.Error
---@return boolean
function M.is_unkept(err)
  return err.operation == OPERATION and err.kind == "invalid" and
    err.code ~= "newer_journal"
end

local function opened(handle, path, head, sha1s, committed)
  return setmetatable({
    handle = handle, path = path, head = head, sha1s = sha1s,
    committed = committed,
  }, Journal)
end

-- A handle that an interrupt took from its owner is locked until it is
-- collected.
local function lock(open, ...)
  local handle, text, code = open(...)
  if code ~= "locked" then return handle, text, code end
  collectgarbage()
  return open(...)
end

--- Makes a journal for a session that was just created.
---@param path string
---@param head {file:table, target:table, session:table}
---@return boxupload.Journal? journal, string? message, boxupload.Error? err
function M.create(path, head)
  local folder = path:match("^(.*)/[^/]*$")
  local ok, text, code = true, nil, nil
  if folder and folder ~= "" then ok, text, code = core.make_folder(folder) end
  if not ok then return failed(text, code, path) end
  head.type, head.version, head.created_at = TYPE, VERSION,
    os.date("!%Y-%m-%dT%H:%M:%SZ")
  local handle
  handle, text, code = lock(core.journal_create, path,
    json.encode(head) .. "\n")
  if not handle then return failed(text, code, path) end
  return opened(handle, path, head, {})
end

-- A crash may have cut the last line short.
local function read_notes(text, from)
  local sha1s, committed = {}, nil
  for line in text:sub(from):gmatch("([^\n]*)\n") do
    local note = json.decode(line) or {}
    if type(note.offset) == "number" and type(note.sha1) == "string" then
      sha1s[note.offset] = note.sha1
    elseif type(note.commit) == "string" then
      committed = note.commit
    end
  end
  return sha1s, committed
end

-- What is in a file may be anything: each field and its type. A "?" is for
-- what needn't be there.
local FIELDS = {
  file = { path = "string", size = "number" },
  target = { folder_id = "string?", file_id = "string?",
    file_name = "string?" },
  session = { id = "string", part_size = "number", total_parts = "number",
    session_expires_at = "string?" },
}

local function has(value, fields)
  if type(value) ~= "table" then return false end
  for name, kind in pairs(fields) do
    local given = type(value[name])
    if given ~= kind and given .. "?" ~= kind and
       not (given == "nil" and kind:find("?", 1, true)) then
      return false
    end
  end
  return true
end

local function is_usable(head)
  if not has(head, { type = "string", attributes = "table?",
    on_conflict = "string?" }) or head.type ~= TYPE then
    return false
  end
  for name, fields in pairs(FIELDS) do
    if not has(head[name], fields) then return false end
  end
  return (head.target.folder_id == nil) ~= (head.target.file_id == nil)
end

-- Returns head, sha1s and committed; or nil where nothing in it can be used,
-- or false where a newer version wrote it.
local function parse(text)
  local line = text:match("^([^\n]*)\n")
  local head = line and json.decode(line)
  if head and head.type == TYPE and type(head.version) == "number" and
     head.version > VERSION then
    return false
  end
  if not is_usable(head) or head.version ~= VERSION then return nil end
  return head, read_notes(text, #line + 2)
end

--- Opens what an earlier run left. Nil alone: there is none, or there was
--- one in which nothing could be used, and it was removed.
---@param path string
---@return boxupload.Journal? journal, string? message, boxupload.Error? err
function M.open(path)
  local handle, text, code = lock(core.journal_open, path, LIMIT)
  if handle == false then return nil end
  if not handle then return failed(text, code, path) end
  local head, sha1s, committed = parse(text)
  if head then return opened(handle, path, head, sha1s, committed) end
  if head == false then
    handle:close()
    local err = failure.of("invalid", "newer_journal", OPERATION,
      ("a newer version of boxupload wrote %s"):format(path),
      "go on with that version, or remove the file to start over")
    err.journal = path
    return failure.returns(err)
  end
  handle:remove()
  return nil
end

local function note(self, value)
  local ok, text, code = self.handle:append(json.encode(value) .. "\n")
  if ok then return true end
  return failed(text, code, self.path)
end

--- Whether an earlier run left something there.
---@param path string
---@return boolean
function M.exists(path)
  local file = io.open(path, "r")
  if file then file:close() end
  return file ~= nil
end

--- Notes a stored part. The digest is what counts: a list may leave it out.
---@param part boxupload.Part
---@return boolean? ok, string? message, boxupload.Error? err
function Journal:part(part)
  return note(self, {
    part_id = part.part_id, offset = part.offset, size = part.size,
    sha1 = part.sha1,
  })
end

--- Notes that the whole is about to be committed: from then on it may be a
--- file, and its session gone for that reason.
---@param sha1 string  of the whole file
---@return boolean? ok, string? message, boxupload.Error? err
function Journal:commit(sha1)
  return note(self, { commit = sha1 })
end

--- Whether a later run will find it as it is.
---@return boolean
function Journal:is_open()
  return self.handle ~= nil
end

--- The upload is over, or can't be gone on with.
function Journal:remove()
  local handle = self.handle
  self.handle = nil
  if handle then handle:remove() end
end

--- Lets go of it, for a later run.
function Journal:close()
  local handle = self.handle
  self.handle = nil
  if not handle then return end
  handle:sync()
  handle:close()
end

-- What the process that has it open has written so far.
local function read_locked(path)
  local file = io.open(path, "rb")
  if not file then return "" end
  local text = file:read(LIMIT)
  file:close()
  return text or ""
end

-- How many parts are noted, and how many bytes they have.
local function count(head, sha1s)
  local parts, bytes = 0, 0
  for offset in pairs(sha1s) do
    parts = parts + 1
    bytes = bytes + math.max(0,
      math.min(head.session.part_size, head.file.size - offset))
  end
  return parts, bytes
end

--- What a journal says, without changing it; nil: there is none. Its state is
--- "running" (an upload has it open), "stopped", "broken" or "newer" (written
--- by a newer version).
---@param path string
---@return table? entry
function M.describe(path)
  local handle, text, code = core.journal_open(path, LIMIT)
  if handle == false then return nil end
  local entry = { path = path, state = "stopped" }
  if handle then
    handle:close()
  elseif code == "locked" then
    entry.state, entry.problem, text = "running", text, read_locked(path)
  else
    entry.state, entry.problem = "broken", text
    return entry
  end
  local head, sha1s = parse(text)
  if not head then
    if handle then entry.state = head == false and "newer" or "broken" end
    return entry
  end
  entry.parts, entry.bytes_stored = count(head, sha1s)
  entry.file, entry.file_size = head.file.path, head.file.size
  entry.target, entry.attributes = head.target, head.attributes
  entry.on_conflict = head.on_conflict
  entry.total_parts = head.session.total_parts
  entry.session_id = head.session.id
  entry.session_expires_at = head.session.session_expires_at
  entry.created_at = head.created_at
  return entry
end

--- Removes a journal, unless an upload has it open.
---@param path string
---@return boolean? ok, string? message, boxupload.Error? err
function M.remove(path)
  local handle, text, code = core.journal_open(path, LIMIT)
  if handle == nil then return failed(text, code, path) end
  if not handle then return true end
  local ok
  ok, text, code = handle:remove()
  if ok then return true end
  return failed(text, code, path)
end

return M
