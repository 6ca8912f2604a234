-- walk: iterates over the files and folders to upload, in constant memory.
-- SPDX-License-Identifier: MIT

local box_folder = require "boxupload.cli.files.box_folder"
local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local stream = require "boxupload.cli.files.stream"

local M = {}

local OPERATION = "opening it"

---@class boxupload.Entry
---@field kind "file"|"folder"|"skip"|"error"
---@field path string
---@field name string?             last component of the path
---@field size integer?            of a file; 0 for a stream
---@field is_stream boolean?       it is read to its end when its turn comes
---@field parent boxupload.Entry?  the folder to upload it to
---@field reason string?           why it is skipped
---@field err boxupload.Error?
---@field id string?               of a folder on Box, once it exists
---@field is_contents boolean?     upload the contents, not the folder itself
---@field failed boolean?          its contents are skipped
---@field same_as string?          path of an earlier entry of its name on Box
---@field merged boxupload.Entry[]?  folders that are one with it there
---@field folder userdata?         that it was found in; open until the walk
--- goes on

-- The core's message begins with the path, which the report adds anyway.
local function error_entry(path, parent, text, code)
  return { kind = "error", path = path, parent = parent,
    err = failure.of_core(code, text:match("^.*: ([^:]+)$") or text,
      OPERATION) }
end

local SKIPPED = {
  link = "symbolic_link", pipe = "special_file", socket = "special_file",
  device = "special_file",
}

local function new_entry(path, name, parent, kind, size, code)
  if not kind then return error_entry(path, parent, size, code) end
  if SKIPPED[kind] then
    return { kind = "skip", path = path, name = name, parent = parent,
      reason = SKIPPED[kind] }
  end
  return { kind = kind, path = path, name = name, parent = parent,
    size = kind == "file" and size or nil }
end

-- A symbolic link is followed only if the user named it.
local function named_entry(path, name, parent)
  return new_entry(path, name, parent, core.look(path, true))
end

local function path_in(folder, name)
  return folder:gsub("/*$", "/", 1) .. name
end

-- What was found in a folder is looked at and opened from that folder on: a
-- path could lead elsewhere by now, through a symbolic link put there.
local function found_entry(folder, name, parent)
  local entry = new_entry(path_in(parent.path, name), name, parent,
    folder:look(name))
  entry.folder = folder
  return entry
end

-- Opens a folder that the walk has left.
local function open_again(entry)
  if not entry.folder then return core.open_folder(entry.path) end
  local parent = open_again(entry.parent)
  local folder = parent and parent:open_folder(entry.name)
  if parent then parent:close() end
  return folder
end

local function visit_names(folder, visit)
  local name = folder and folder:next()
  while name do
    visit(name)
    name = folder:next()
  end
end

-- A folder that can't be read is reported when the walk enters it.
local function visit_again(entry, visit)
  local folder = open_again(entry)
  visit_names(folder, function(name) visit(name, folder) end)
  if folder then folder:close() end
end

local Walk = {}
Walk.__index = Walk

-- "folder/." means the contents, without creating the folder on Box.
local function is_contents(path)
  return path:find("^%.%.?/*$") or path:find("/%.%.?/*$") or
    path:find("^/+$")
end

-- What the user named can't be left out like what is found in a folder.
local function special_entry(path, parent)
  local err = failure.of("invalid", "special_file", OPERATION,
    ("it is a %s"):format((core.look(path, true)) or "special file"),
    "name a file, a folder or a pipe")
  return { kind = "error", path = path, parent = parent, err = err }
end

local function first_entry(self, path)
  if stream.is(path) then
    return { kind = "file", path = path, name = stream.name(path), size = 0,
      is_stream = true, parent = self.root }
  end
  local name = path:match("([^/]+)/*$")
  local entry = named_entry(path, name, self.root)
  if entry.kind == "skip" then return special_entry(path, self.root) end
  if entry.kind == "folder" and is_contents(path) then
    entry.id, entry.name = self.root.id, nil
    entry.is_contents = true
    entry.path = path:match("^(.*[^/])/+%.$") or path
  end
  return entry
end

-- What the paths that the user named put into the target folder.
local function root_contents(self)
  local names, folders = {}, {}
  for _, path in ipairs(self.paths) do
    if is_contents(path) then
      folders[#folders + 1] = function(visit)
        visit_again({ path = path }, visit)
      end
    else
      names[#names + 1] = path:match("([^/]+)/*$")
    end
  end
  return box_folder.new(names, folders)
end

-- Adds what the walk has found in folders that are one with this on Box.
local function add_merged(self, contents, merged)
  if not contents.repeated then return end
  for _, earlier in ipairs(merged) do
    visit_again(earlier, function(name, folder)
      if not contents:is_repeated(name) then return end
      local entry = found_entry(folder, name, earlier)
      if self.filter(entry) then contents:add(entry) end
    end)
  end
end

local function contents_of(self, entry, reader)
  if entry.is_contents then return self.root_contents end
  local merged, folders = entry.merged or {}, {}
  for at, earlier in ipairs(merged) do
    folders[at] = function(visit) visit_again(earlier, visit) end
  end
  folders[#folders + 1] = function(visit)
    visit_names(reader, visit)
    reader:rewind()
  end
  local contents = box_folder.new({}, folders)
  add_merged(self, contents, merged)
  return contents
end

local function open_folder(entry)
  if entry.folder then return entry.folder:open_folder(entry.name) end
  return core.open_folder(entry.path)
end

local function enter_folder(self)
  local entry = self.entered
  self.entered = nil
  if entry.failed then return nil end
  local reader, text, code = open_folder(entry)
  if reader then
    self.stack[#self.stack + 1] = { reader = reader, entry = entry,
      contents = contents_of(self, entry, reader) }
    return nil
  end
  entry.failed = true
  return error_entry(entry.path, entry, text, code)
end

local function leave_folder(self)
  self.stack[#self.stack].reader:close()
  self.stack[#self.stack] = nil
end

local function next_in_folder(self)
  local top = self.stack[#self.stack]
  local folder = top.entry
  local name, text = top.reader:next()
  if not name or folder.failed then
    leave_folder(self)
    return text and error_entry(folder.path, folder, text, "system") or nil
  end
  local entry = found_entry(top.reader, name, folder)
  if not self.filter(entry) then return nil end
  top.contents:add(entry)
  return entry
end

local function next_entry(self)
  if self.entered then return enter_folder(self) end
  if self.stack[1] then return next_in_folder(self) end
  self.root_contents = self.root_contents or root_contents(self)
  self.index = self.index + 1
  local path = self.paths[self.index]
  local entry = path and first_entry(self, path)
  if entry then self.root_contents:add(entry) end
  return entry
end

--- The next entry, or nil at the end. A folder comes before its contents.
---@return boxupload.Entry?
function Walk:next()
  repeat
    local entry = next_entry(self)
    if entry and entry.kind == "folder" then
      self.entered = entry
      -- A file has its name.
      entry.failed = entry.same_as ~= nil and not entry.merged
      if entry.is_contents then entry = nil end
    end
    if entry then return entry end
  until not self.entered and not self.stack[1] and
    self.index >= #self.paths
  return nil
end

--- Closes the folders that are open, to end the walk early.
function Walk:close()
  while self.stack[1] do leave_folder(self) end
end

--- Creates a walk.
---@param paths string[]
---@param folder_id string  the folder on Box to upload to
---@param filter fun(entry: boxupload.Entry): boolean
function M.new(paths, folder_id, filter)
  return setmetatable({
    paths = paths, index = 0, filter = filter, stack = {},
    root = { kind = "folder", id = folder_id },
  }, Walk)
end

return M
