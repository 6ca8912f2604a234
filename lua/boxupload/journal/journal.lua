-- journal: a file of JSON lines that lets another process resume an upload.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local heads = require "boxupload.journal.head"
local json = require "boxupload.util.json"
local options = require "boxupload.util.options"
local reply = require "boxupload.service.reply"
local text_of_others = require "boxupload.util.text"
local user_folder = require "boxupload.util.user_folder"

local M = {}

local OPERATION = "keeping a journal"
-- Seconds between two flushes of the notes to the disk. What a loss of power
-- takes of them, Box's list of parts has.
local SYNC_INTERVAL = 30
--- Bytes that are read of a journal. 10,000 parts take about 1.3 MB.
M.SIZE_LIMIT = 64 * 1024 * 1024
-- Lines after the first that are read: Box takes some 10,000 parts.
local LINE_LIMIT = 100000

---@class boxupload.Journal
---@field path string
---@field head boxupload.JournalHead?  nil when nothing in it can be used
---@field parts table<integer, boxupload.Part>  noted as stored, by offset
---@field is_foreign boolean?  it has another program's text
---@field committed string?  the whole file's hex SHA-1, once a commit was
--- about to be sent
local Journal = {}
Journal.__index = Journal

--- The default folder for journals: `boxupload` in $XDG_STATE_HOME, else in
--- ~/.local/state. Where neither variable has an absolute path there is none.
---@return string? path, string? problem
function M.folder()
  return user_folder.of("XDG_STATE_HOME", ".local/state")
end

--- The error of the code "no_state_folder": there is no such folder.
---@param operation string
---@param what string
---@return boxupload.Error
function M.no_folder_error(operation, what)
  local _, problem = M.folder()
  return failure.of("invalid", "no_state_folder", operation, what, problem)
end

local function target_key(target)
  return table.concat({ target.folder_id or "", target.file_id or "",
    target.file_name or "" }, "\n")
end

local function real_path_of(file)
  if type(file) == "string" then return core.real_path(file) end
  return file:real_path()
end

--- The default path of an upload's journal. It depends only on the file's real
--- path, the target and the server, so the same upload finds it again.
---@param file userdata|string  a file object, or its real path
---@param target boxupload.Target
---@param upload_url string
---@return string? path, string? message, boxupload.Error? err
function M.path_for(file, target, upload_url)
  local folder = M.folder()
  if not folder then
    return failure.returns(M.no_folder_error(OPERATION,
      "there is no folder for it, so an upload that is interrupted starts " ..
      "over"))
  end
  local real, text, code = real_path_of(file)
  if not real then
    return failure.returns(failure.of_core(code, text, OPERATION))
  end
  local name =
    core.sha1(real .. "\n" .. target_key(target) .. "\n" .. upload_url)
  return folder .. "/" .. name .. ".json"
end

--- What of a file tells one state of it from another at first sight. Its
--- bytes decide: neither the inode nor the ctime, which a chmod, a hard link,
--- a restored backup or a reboot change as well.
---@param file userdata  a file object
---@return {path:string, size:integer, mtime:string}
function M.identity(file)
  return {
    -- A process that resumes may run in another folder.
    path = file:real_path() or file.path, size = file.size,
    mtime = file.mtime_ns,
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

local function new_journal(handle, path, head, parts, committed)
  return setmetatable({
    handle = handle, path = path, head = head, parts = parts,
    committed = committed, sync_at = core.now() + SYNC_INTERVAL,
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
---@param head boxupload.JournalHead
---@return boxupload.Journal? journal, string? message, boxupload.Error? err
function M.create(path, head)
  local folder = path:match("^(.*)/[^/]*$")
  local ok, text, code = true, nil, nil
  if folder and folder ~= "" then ok, text, code = core.make_folder(folder) end
  if not ok then return journal_error(text, code, path) end
  local handle
  handle, text, code = open_with_gc(core.journal_create, path,
    heads.encode(head))
  if not handle then return journal_error(text, code, path) end
  return new_journal(handle, path, head, {})
end

local function is_sha1(value)
  return type(value) == "string" and not options.sha1(value)
end

-- Takes a line into the parts and the head. Returns the SHA-1 that it says was
-- committed, if it does.
local function read_line(line, head, parts)
  local entry = #line <= heads.LENGTH_LIMIT and
    json.decode_bytes(line) or {}
  local part = reply.part(entry)
  if part and part.sha1 then
    if heads.has_part(head, part) then parts[part.offset] = part end
  elseif is_sha1(entry.commit) then
    return text_of_others.lower(entry.commit)
  elseif heads.is_etag(entry.if_match) then
    heads.demand(head, entry.if_match)
  end
end

-- Reads the lines after the first, the demands among them into the head. An
-- incomplete last line, which a crash can leave, is ignored. Returns nil when
-- there are too many.
local function read_lines(text, from, head)
  local parts, committed, count = {}, nil, 0
  for line in text:sub(from):gmatch("([^\n]*)\n") do
    count = count + 1
    if count > LINE_LIMIT then return nil end
    committed = read_line(line, head, parts) or committed
  end
  return parts, committed
end

--- Reads a journal's text. Returns the head, the noted parts by offset, and
--- the SHA-1 of a noted commit; nil when the text is no journal; false when a
--- newer version of boxupload wrote it. What it says is proved by others: a
--- part by its SHA-1, a commit by the file's.
---@param text string
---@return boxupload.JournalHead|false|nil head
---@return table<integer, boxupload.Part>? parts, string? committed
function M.parse(text)
  local head, from = heads.parse(text)
  if not head then return head end
  local parts, committed = read_lines(text, from, head)
  if not parts then return nil end
  return head, parts, committed
end

local function newer_journal_error(path)
  local err = failure.of("invalid", "newer_journal", OPERATION,
    ("a newer version of boxupload wrote %s"):format(path),
    "use that version, or remove the file to start over")
  err.journal = path
  return failure.returns(err)
end

--- Opens and locks the journal of an earlier run. Returns nil alone when there
--- is none. One in which nothing can be used has no head: `renew` gives it
--- one. Errors have the code "locked" when another upload has it open,
--- "newer_journal" when a newer version of boxupload wrote it, "unsafe_state"
--- when others may have written it, or one of the system's.
---@param path string
---@return boxupload.Journal? journal, string? message, boxupload.Error? err
function M.open(path)
  local handle, text, code =
    open_with_gc(core.journal_open, path, M.SIZE_LIMIT)
  if handle == false then return nil end
  if not handle then return journal_error(text, code, path) end
  local head, parts, committed = M.parse(text)
  if head ~= false then
    local opened = new_journal(handle, path, head, parts or {}, committed)
    opened.is_foreign = heads.is_foreign(text)
    return opened
  end
  handle:close()
  return newer_journal_error(path)
end

local function append_line(self, value, sync_now)
  local ok, text, code = self.handle:append(json.encode_bytes(value) .. "\n")
  local now = core.now()
  if ok and (sync_now or now >= self.sync_at) then
    self.sync_at = now + SYNC_INTERVAL
    ok, text, code = self.handle:sync()
  end
  if ok then return true end
  return journal_error(text, code, self.path)
end

--- Tells once that a note couldn't be written. The upload goes on: a later run
--- then asks Box.
---@param transfer boxupload.Transfer
---@param ok boolean?  and the rest: what the method that notes returned
---@param message string?
---@param err boxupload.Error?
function M.tell_of_note(transfer, ok, message, err)
  if ok or transfer.told_of_note then return end
  transfer.told_of_note = true
  transfer:event {
    event = "warning", code = err.code, message = message,
    journal = err.journal,
  }
end

--- Tells once that the upload has no journal, because there is no folder for
--- it.
---@param transfer boxupload.Transfer
function M.tell_of_no_folder(transfer)
  local message = transfer.without_journal
  if not message then return end
  transfer.without_journal = nil
  transfer:event {
    event = "warning", code = "no_state_folder", message = message,
  }
end

--- Whether something is at a journal's path, or may be.
---@param path string
---@return boolean exists
function M.exists(path)
  local _, _, code = core.look(path, false)
  return code ~= "not_found"
end

--- Records a stored part. Box's list of parts may have no SHA-1 (`sha1` can be
--- null there), and doesn't reach beyond some 11,000 parts.
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
  return append_line(self, { commit = sha1 }, true)
end

--- Records the if_match of a later call, which holds from then on.
---@param etag string
---@return boolean? ok, string? message, boxupload.Error? err
function Journal:demand(etag)
  heads.demand(self.head, etag)
  return append_line(self, { if_match = etag })
end

--- Makes it the journal of another session, in one step: the old text stays
--- until the new one is on the disk.
---@param head boxupload.JournalHead
---@return boolean? ok, string? message, boxupload.Error? err
function Journal:renew(head)
  local ok, text, code = self.handle:replace(heads.encode(head))
  if not ok then return journal_error(text, code, self.path) end
  self.head, self.parts, self.committed = head, {}, nil
  return true
end

--- Whether it is the journal of this session.
---@param session boxupload.Session
---@return boolean
function Journal:describes(session)
  return self.head ~= nil and self.head.session.id == session.id
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

--- Deletes a journal, unless an upload has it open: that is an error of the
--- code "locked". Succeeds when there is none.
---@param path string
---@return boolean? ok, string? message, boxupload.Error? err
function M.remove(path)
  local handle, text, code = core.journal_open(path)
  if handle == nil then return journal_error(text, code, path) end
  if not handle then return true end
  local ok
  ok, text, code = handle:remove()
  if ok then return true end
  return journal_error(text, code, path)
end

return M
