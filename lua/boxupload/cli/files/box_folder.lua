-- box_folder: finds among the entries that go to one folder on Box those that
-- have one name there, in memory that doesn't grow with their number.
-- SPDX-License-Identifier: MIT

local fold = require "boxupload.util.fold"

local M = {}

-- A bitmap finds the few names that may occur twice. Numbers hold 2^53, so
-- each takes this many bits.
local BITS_OF_NUMBER = 50
-- With 16 bits a name, one name in thirty or so is looked at for nothing.
local BITS_OF_NAME = 16

---@class boxupload.BoxFolder
---@field repeated table<string, true>?  keys of names that occur twice
---@field added table<string, boxupload.Entry[]>  the first entry of such a
--- key; of folders all
local BoxFolder = {}
BoxFolder.__index = BoxFolder

local function each_name(names, folders, visit)
  for _, name in ipairs(names) do visit(name) end
  for _, visit_names in ipairs(folders) do visit_names(visit) end
end

-- Names of one folder here are different. If all of them are as Box compares
-- them, so they are there, and nothing more needs to be known.
local function count_names(names, folders)
  local count, alike = 0, #names + #folders > 1
  each_name(names, folders, function(name)
    count = count + 1
    alike = alike or fold.key(name) ~= name
  end)
  return count, alike
end

local function new_bitmap(size)
  local words = {}
  for at = 1, math.ceil(size / BITS_OF_NUMBER) do words[at] = 0 end
  return words
end

-- Returns whether the bit was set before.
local function set_bit(words, bit)
  local at = math.floor(bit / BITS_OF_NUMBER) + 1
  local weight = 2 ^ (bit % BITS_OF_NUMBER)
  if math.floor(words[at] / weight) % 2 == 1 then return true end
  words[at] = words[at] + weight
  return false
end

-- In numbers alone: a hundred thousand digests would be garbage to collect.
-- The product isn't linear, so that numbered names spread like others.
local function hash(key, size)
  local sum = 1
  for at = 1, #key do
    sum = (sum + key:byte(at)) * (sum % 65536 + 7919) % 4294967291
  end
  return sum % size
end

-- Returns nil when no key occurs twice.
local function repeated_keys(names, folders)
  local count, alike = count_names(names, folders)
  if not alike or count < 2 then return nil end
  local size = count * BITS_OF_NAME
  local words, suspects = new_bitmap(size), {}
  each_name(names, folders, function(name)
    local bit = hash(fold.key(name), size)
    -- A folder can have grown meanwhile, but the bitmap fits any bit.
    if set_bit(words, bit) then suspects[bit] = true end
  end)
  if not next(suspects) then return nil end
  local seen, repeated = {}, {}
  each_name(names, folders, function(name)
    local key = fold.key(name)
    if not suspects[hash(key, size)] then return end
    if seen[key] then repeated[key] = true end
    seen[key] = true
  end)
  return next(repeated) and repeated or nil
end

--- Whether an entry may be one of several with one name: others needn't be
--- added.
---@param name string
---@return boolean
function BoxFolder:is_repeated(name)
  return self.repeated ~= nil and self.repeated[fold.key(name)] ~= nil
end

--- Adds an entry in the order of their upload. One that has the name of an
--- earlier entry gets its path as `same_as`. Two folders become one on Box:
--- then `merged` has those before it.
---@param entry boxupload.Entry
function BoxFolder:add(entry)
  if not entry.name or not self:is_repeated(entry.name) or
     entry.kind ~= "file" and entry.kind ~= "folder" then
    return
  end
  local key = fold.key(entry.name)
  local added = self.added[key]
  if not added then
    self.added[key] = { entry }
    return
  end
  entry.same_as = added[1].path
  if added[1].kind ~= "folder" or entry.kind ~= "folder" then return end
  entry.merged = {}
  for at, each in ipairs(added) do entry.merged[at] = each end
  added[#added + 1] = entry
end

--- What one folder on Box gets.
---@param names string[]  of single entries
---@param folders (fun(visit: fun(name: string)))[]  call `visit` for each name
--- in a folder whose contents go there, whenever they are called
---@return boxupload.BoxFolder
function M.new(names, folders)
  return setmetatable({
    repeated = repeated_keys(names, folders), added = {},
  }, BoxFolder)
end

return M
