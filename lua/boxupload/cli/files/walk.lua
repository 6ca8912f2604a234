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
---@field merged string[]?         paths of folders that are one with it there

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

-- Follows a symbolic link only if the user named it: one found in a folder may
-- lead anywhere.
local function entry_of(path, name, parent, follow)
  local kind, size, code = core.look(path, follow)
  if not kind then return error_entry(path, parent, size, code) end
  if SKIPPED[kind] then
    return { kind = "skip", path = path, name = name, parent = parent,
      reason = SKIPPED[kind] }
  end
  return { kind = kind, path = path, name = name, parent = parent,
    size = kind == "file" and size or nil }
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
  local entry = entry_of(path, name, self.root, true)
  if entry.kind == "skip" then return special_entry(path, self.root) end
  if entry.kind == "folder" and is_contents(path) then
    entry.id, entry.name = self.root.id, nil
    entry.is_contents = true
    entry.path = path:match("^(.*[^/])/+%.$") or path
  end
  return entry
end

local function path_in(folder, name)
  return folder:gsub("/*$", "/", 1) .. name
end

-- What the paths that the user named put into the target folder.
local function root_contents(self)
  local names, folders = {}, {}
  for _, path in ipairs(self.paths) do
    if is_contents(path) then
      folders[#folders + 1] = path
    else
      names[#names + 1] = path:match("([^/]+)/*$")
    end
  end
  return box_folder.new(names, folders)
end

-- Adds what the walk has found in folders that are one with this on Box.
local function add_merged(self, contents, merged)
  for _, path in ipairs(merged) do
    local reader = contents.repeated and core.open_folder(path)
    local name = reader and reader:next()
    while name do
      if contents:is_repeated(name) then
        local entry = entry_of(path_in(path, name), name, nil, false)
        if self.filter(entry) then contents:add(entry) end
      end
      name = reader:next()
    end
    if reader then reader:close() end
  end
end

local function contents_of(self, entry)
  if entry.is_contents then return self.root_contents end
  local merged = entry.merged or {}
  local paths = {}
  for at, path in ipairs(merged) do paths[at] = path end
  paths[#paths + 1] = entry.path
  local contents = box_folder.new({}, paths)
  add_merged(self, contents, merged)
  return contents
end

local function enter_folder(self)
  local entry = self.entered
  self.entered = nil
  if entry.failed then return nil end
  local reader, text = core.open_folder(entry.path)
  if reader then
    self.stack[#self.stack + 1] = { reader = reader, entry = entry,
      contents = contents_of(self, entry) }
    return nil
  end
  entry.failed = true
  local _, _, code = core.look(entry.path .. "/.", true)
  return error_entry(entry.path, entry, text, code or "not_readable")
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
  local entry = entry_of(path_in(folder.path, name), name, folder, false)
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
