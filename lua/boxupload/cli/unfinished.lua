-- unfinished: finds the uploads that have a journal on this machine, by ID.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local attributes = require "boxupload.upload.attributes"
local failure = require "boxupload.service.failure"
local journal = require "boxupload.journal.journal"
local journal_list = require "boxupload.journal_list"
local options = require "boxupload.util.options"
local text = require "boxupload.util.text"

local M = {}

local OPERATION = "looking for the upload"
local MIN_ID_LENGTH = 8
-- Box's session ids have 32 digits, so a much shorter ID must be a prefix.
local MIN_SESSION_ID_LENGTH = 20

local function journal_name(path)
  return path:match("([^/]+)%.json$")
end

-- The shortest prefix length that tells all names apart; the list is sorted.
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

---@class boxupload.Unfinished  an entry of boxupload.journal.list, plus:
---@field id string    short unique prefix of the name
---@field name string  file name of the journal, without .json

--- The user's unfinished uploads on this machine; an error where there is no
--- folder for their journals.
---@return boxupload.Unfinished[]? list, boxupload.Error? err
function M.list()
  if not journal.folder() then
    return nil, journal.no_folder_error(OPERATION,
      "there is no folder with the journals of uploads")
  end
  local list = journal_list.list()
  for _, entry in ipairs(list) do entry.name = journal_name(entry.path) end
  local length = unique_length(list)
  for _, entry in ipairs(list) do
    entry.id = text.one_line(entry.name:sub(1, length))
  end
  return list
end

--- Temporary journal files of processes that crashed before renaming them.
--- If the final file exists (`in_place`), the two are the same journal.
---@return table[]  like boxupload.journal.list
function M.leftovers()
  local list = {}
  for _, entry in ipairs(journal_list.leftovers()) do
    entry.id = text.one_line(entry.path:match("[^/]+$"))
    entry.in_place = journal.exists(entry.path:match("^(.*)%.[^.]*$"))
    if entry.state ~= "running" then list[#list + 1] = entry end
  end
  return list
end

local function starts_with(whole, prefix)
  return whole ~= nil and
    text.lower(whole:sub(1, #prefix)) == text.lower(prefix)
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

-- The entry with an ID or its prefix; nil without an error if there is none.
local function find_entry(list, id)
  local found = id ~= "" and matching_entries(list, id) or {}
  if #found > 1 then return nil, ambiguous_id_error(id, found) end
  return found[1]
end

--- The uploads with these IDs, each once.
---@param ids string[]
---@return boxupload.Unfinished[]? list, boxupload.Error? err
function M.find(ids)
  local chosen, seen = {}, {}
  local all, problem = M.list()
  if not all then return nil, problem end
  for _, id in ipairs(ids) do
    local entry, err = find_entry(all, id)
    if not entry then return nil, err or unknown_id_error(id) end
    if not seen[entry] then chosen[#chosen + 1] = entry end
    seen[entry] = true
  end
  return chosen
end

--- Why the journal of an "unreadable" entry isn't used.
---@param entry boxupload.Unfinished
---@param operation string
---@return boxupload.Error
function M.unreadable_error(entry, operation)
  local err = failure.of("invalid", entry.code, operation,
    entry.problem or "its journal can't be read")
  err.journal = entry.path
  return err
end

--- The options of client:start that become attributes: those of the journal,
--- except where the command line gives others.
---@param entry table  see find_session
---@param args table   parsed command line
---@param operation string  for the error
---@return table? given, boxupload.Error? err
function M.attributes(entry, args, operation)
  local given = argument.given_attributes(args)
  local saved = {}
  for key, value in pairs(entry.attributes or {}) do
    if given[key] == nil then saved[key] = value end
  end
  local problem = options.problem(saved, attributes.options.attributes)
  if problem then
    return nil, failure.of("invalid", "broken_journal", operation,
      "what the journal has as attributes " .. problem, "give another " ..
      "--description, --created-at or --modified-at")
  end
  given.attributes = saved
  return given
end

--- The unfinished upload with an ID. For a Box session id without a journal on
--- this machine, returns a table with only `id` and `session_id`.
---@param id string
---@return table? found, boxupload.Error? err
function M.find_session(id)
  local list, problem = M.list()
  local entry, err = find_entry(list or {}, id)
  if err then return nil, err end
  if not entry and options.is_id(id) and #id >= MIN_SESSION_ID_LENGTH then
    return { id = id, session_id = id }
  end
  if not entry then return nil, problem or unknown_id_error(id) end
  if entry.session_id then return entry end
  if entry.state == "unreadable" then
    return nil, M.unreadable_error(entry, OPERATION)
  end
  return nil, failure.of("invalid", entry.state .. "_journal", OPERATION,
    "the journal of " .. entry.id .. " can't be read", entry.state ==
      "newer" and "a newer version of boxupload wrote it: use that" or
      "`boxupload gc` removes broken journals")
end

return M
