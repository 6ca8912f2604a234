-- unfinished: the uploads that have a journal here, found by what people type.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local journal = require "boxupload.upload.journal"
local journal_list = require "boxupload.journal_list"
local options = require "boxupload.util.options"

local M = {}

local OPERATION = "looking for the upload"
local MIN_ID_LENGTH = 8
-- Box's own ids of upload sessions have 32 digits; what is much shorter was
-- meant as the beginning of one.
local MIN_SESSION_ID_LENGTH = 20

local function journal_name(path)
  return path:match("([^/]+)%.json$")
end

-- The fewest characters by which all names differ.
local function unique_length(list)
  local length = MIN_ID_LENGTH
  for i = 2, #list do
    local a, b = list[i - 1].name, list[i].name
    while length < #a and a:sub(1, length) == b:sub(1, length) do
      length = length + 1
    end
  end
  return length
end

---@class boxupload.Unfinished  an entry of boxupload.journal.list, with
---@field id string    a short name for it
---@field name string  the journal's name

--- The unfinished uploads of this machine's user.
---@return boxupload.Unfinished[]
function M.list()
  local list = journal_list.list()
  for _, entry in ipairs(list) do entry.name = journal_name(entry.path) end
  local length = unique_length(list)
  for _, entry in ipairs(list) do entry.id = entry.name:sub(1, length) end
  return list
end

--- Journals that a process began and didn't live to put in their place; one
--- that is `in_place` too is but a second name.
---@return table[]  as of boxupload.journal.list
function M.leftovers()
  local list = {}
  for _, entry in ipairs(journal_list.leftovers()) do
    entry.id = entry.path:match("[^/]+$")
    entry.in_place = journal.exists(entry.path:match("^(.*)%.[^.]*$"))
    if entry.state ~= "running" then list[#list + 1] = entry end
  end
  return list
end

local function starts_with(text, with)
  return text ~= nil and text:sub(1, #with):lower() == with:lower()
end

local function matching_entries(list, id)
  local found = {}
  for _, entry in ipairs(list) do
    if entry.name == id or entry.session_id == id then return { entry } end
    if starts_with(entry.name, id) or starts_with(entry.session_id, id) then
      found[#found + 1] = entry
    end
  end
  return found
end

local function ambiguous_id_error(id, found)
  local names = {}
  for i, entry in ipairs(found) do
    names[i] = ("%s (%s)"):format(entry.id, entry.session_id or entry.state)
  end
  return failure.of("invalid", "ambiguous_id", OPERATION,
    ("%s is the beginning of several IDs: %s")
      :format(id, table.concat(names, ", ")), "give more of it")
end

local function unknown_id_error(id)
  return failure.of("gone", "unknown_id", OPERATION,
    "there is no unfinished upload " .. id .. " here",
    "`boxupload sessions` lists them")
end

-- The entry of an ID or of its beginning; nil alone: there is none.
local function find_entry(list, id)
  local found = id ~= "" and matching_entries(list, id) or {}
  if #found > 1 then return nil, ambiguous_id_error(id, found) end
  return found[1]
end

--- Those that the IDs name.
---@param ids string[]
---@return boxupload.Unfinished[]? list, boxupload.Error? err
function M.find(ids)
  local all, chosen, seen = M.list(), {}, {}
  for _, id in ipairs(ids) do
    local entry, err = find_entry(all, id)
    if not entry then return nil, err or unknown_id_error(id) end
    if not seen[entry] then chosen[#chosen + 1] = entry end
    seen[entry] = true
  end
  return chosen
end

--- What an ID names: an unfinished upload, or an upload session of Box that
--- this machine knows nothing of, which has a session_id only.
---@param id string
---@return table? found, boxupload.Error? err
function M.find_session(id)
  local entry, err = find_entry(M.list(), id)
  if err then return nil, err end
  if not entry and options.is_id(id) and #id >= MIN_SESSION_ID_LENGTH then
    return { id = id, session_id = id }
  end
  if not entry then return nil, unknown_id_error(id) end
  if entry.session_id then return entry end
  return nil, failure.of("invalid", entry.state .. "_journal", OPERATION,
    "the journal of " .. entry.id .. " can't be read", entry.state ==
      "newer" and "a newer version of boxupload wrote it: use that" or
      "`boxupload gc` removes broken journals")
end

return M
