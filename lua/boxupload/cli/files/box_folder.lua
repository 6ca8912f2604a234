-- box_folder: finds among the entries that go to one folder on Box those that
-- have one name there, in memory that doesn't grow with their number.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local fold = require "boxupload.util.fold"

local M = {}

-- A bitmap finds the few names that may occur twice. Numbers hold 2^53, so
-- each takes this many bits.
local BITS_OF_NUMBER = 50
-- With 16 bits a name, one name in thirty or so is looked at for nothing.
local BITS_OF_NAME = 16

---@class boxupload.BoxFolder
---@field repeated table<string, true>?  keys of names that occur twice
---@field first table<string, boxupload.Entry>  the first entry of such a key
local BoxFolder = {}
BoxFolder.__index = BoxFolder

-- A folder that can't be read is reported when the walk enters it.
local function each_name(names, paths, visit)
  for _, name in ipairs(names) do visit(name) end
  for _, path in ipairs(paths) do
    local reader = core.open_folder(path)
    local name = reader and reader:next()
    while name do
      visit(name)
      name = reader:next()
    end
    if reader then reader:close() end
  end
end

-- Names of one folder here are different. If all of them are as Box compares
-- them, so they are there, and nothing more needs to be known.
local function count_names(names, paths)
  local count, alike = 0, #names + #paths > 1
  each_name(names, paths, function(name)
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
local function repeated_keys(names, paths)
  local count, alike = count_names(names, paths)
  if not alike or count < 2 then return nil end
  local size = count * BITS_OF_NAME
  local words, suspects = new_bitmap(size), {}
  each_name(names, paths, function(name)
    local bit = hash(fold.key(name), size)
    -- A folder can have grown meanwhile, but the bitmap fits any bit.
    if set_bit(words, bit) then suspects[bit] = true end
  end)
  if not next(suspects) then return nil end
  local seen, repeated = {}, {}
  each_name(names, paths, function(name)
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
--- then `merged` has the paths of those before it.
---@param entry boxupload.Entry
function BoxFolder:add(entry)
  if not entry.name or not self:is_repeated(entry.name) or
     entry.kind ~= "file" and entry.kind ~= "folder" then
    return
  end
  local key = fold.key(entry.name)
  local first = self.first[key]
  if not first then
    self.first[key] = { path = entry.path, kind = entry.kind, entry.path }
    return
  end
  entry.same_as = first.path
  if first.kind ~= "folder" or entry.kind ~= "folder" then return end
  entry.merged = {}
  for at, path in ipairs(first) do entry.merged[at] = path end
  first[#first + 1] = entry.path
end

--- What one folder on Box gets.
---@param names string[]  of single entries
---@param paths string[]  of folders whose contents go there
---@return boxupload.BoxFolder
function M.new(names, paths)
  return setmetatable({
    repeated = repeated_keys(names, paths), first = {},
  }, BoxFolder)
end

return M
