-- architecture: who may use whom. It reads every `require` and `#include` of
-- the tree and fails for one that points to a higher room, for a cycle, for a
-- room with too many files and for a function that is too long.
-- SPDX-License-Identifier: MIT

local MOST_FILES = 15
local MOST_COMMANDS = 20 -- one file a command, all alike
local MOST_LINES_OF_SOURCE = 450
local MOST_LINES_OF_FUNCTION = 60

-- From the lowest to the highest: a module may require what is in its own
-- room and in rooms on a lower level. Rooms on one level don't know each
-- other. A room's files don't include those of the rooms within it.
local LUA_ROOMS = {
  { "lua/boxupload/util" },
  { "lua/boxupload/loop" },
  { "lua/boxupload/service" },
  { "lua/boxupload/journal" },
  { "lua/boxupload/auth", "lua/boxupload/upload" },
  { "lua/boxupload", most = 12 },
  { "lua" },
  { "lua/boxupload/cli/output" },
  { "lua/boxupload/cli/files" },
  { "lua/boxupload/cli" },
  { "lua/boxupload/cli/doctor" },
  { "lua/boxupload/cli/command", most = MOST_COMMANDS },
}
-- It starts the commands, so it stands above its room.
local LUA_TOP = "lua/boxupload/cli/main.lua"

local C_ROOMS = {
  { "src/core", most = 34 },
  { "src/binding", most = 20 },
}

local EMULATOR = "spec/emulator"
local EMULATOR_ROOMS = {
  { EMULATOR .. "/base" },
  { EMULATOR .. "/config" },
  { EMULATOR .. "/store" },
  { EMULATOR .. "/faults" },
  { EMULATOR .. "/http" },
  { EMULATOR .. "/uploads" },
  { EMULATOR .. "/operations" },
  { EMULATOR },
}

local function find(root, pattern)
  local pipe = assert(io.popen(
    ("find %s -name '%s' -type f"):format(root, pattern)))
  local list = {}
  for path in pipe:lines() do list[#list + 1] = path end
  pipe:close()
  table.sort(list)
  return list
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function folder_of(path)
  return path:match("^(.*)/[^/]*$")
end

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

-- Level and greatest number of files of each room.
local function levels_of(rooms)
  local levels, most = {}, {}
  for level, row in ipairs(rooms) do
    for _, room in ipairs(row) do
      levels[room], most[room] = level, row.most or MOST_FILES
    end
  end
  return levels, most
end

local function requires(path)
  local found = {}
  local text = read(path):gsub("%-%-[^\n]*", "")
  for name in text:gmatch("require%s*%(?%s*[\"']([%w_.]+)[\"']") do
    found[#found + 1] = name
  end
  for name in text:gmatch("pcall%(%s*require%s*,%s*[\"']([%w_.]+)[\"']") do
    found[#found + 1] = name
  end
  local list = {}
  for _, name in ipairs(found) do
    local file = "lua/" .. name:gsub("%.", "/") .. ".lua"
    if exists(file) then list[#list + 1] = file end
  end
  return list
end

-- An include is relative to the file's folder, or to a folder of `roots`.
local function includes(path, roots)
  local list = {}
  for name in read(path):gmatch('#%s*include%s*"([^"]+)"') do
    local places = { folder_of(path) }
    for _, root in ipairs(roots) do places[#places + 1] = root end
    local file
    for _, place in ipairs(places) do
      local candidate = place .. "/" .. name
      while candidate:find("/[^/.]+/%.%./") do
        candidate = candidate:gsub("/[^/.]+/%.%./", "/", 1)
      end
      if not file and exists(candidate) then file = candidate end
    end
    list[#list + 1] = file or error(path .. " includes " .. name ..
      ", which isn't there")
  end
  return list
end

-- The uses that point to a higher room, or to another one on the same level.
local function upward(uses, levels, top)
  local wrong = {}
  for path, list in pairs(uses) do
    local room = folder_of(path)
    local level = path == top and math.huge or levels[room]
    if not level then wrong[#wrong + 1] = path .. " is in no known room" end
    for _, used in ipairs(list) do
      local other = folder_of(used)
      local theirs = used == top and math.huge or levels[other]
      if level and theirs and other ~= room and theirs >= level or
         level and used == top then
        wrong[#wrong + 1] = path .. " uses " .. used
      end
    end
  end
  table.sort(wrong)
  return wrong
end

-- A header and its source are one node.
local function module_of(path)
  return (path:gsub("%.[ch]$", ""))
end

local function merged(uses)
  local graph = {}
  for path, list in pairs(uses) do
    local node = module_of(path)
    graph[node] = graph[node] or {}
    for _, used in ipairs(list) do
      if module_of(used) ~= node then
        table.insert(graph[node], module_of(used))
      end
    end
  end
  return graph
end

local function cycles(graph)
  local found, state, trail = {}, {}, {}
  local function visit(node)
    if state[node] == "done" then return end
    trail[#trail + 1] = node
    if state[node] == "open" then
      local first = 1
      while trail[first] ~= node do first = first + 1 end
      found[#found + 1] = table.concat(trail, " -> ", first)
    else
      state[node] = "open"
      for _, used in ipairs(graph[node] or {}) do visit(used) end
      state[node] = "done"
    end
    trail[#trail] = nil
  end
  local nodes = {}
  for node in pairs(graph) do nodes[#nodes + 1] = node end
  table.sort(nodes)
  for _, node in ipairs(nodes) do visit(node) end
  return found
end

-- Rooms with more files of a pattern than they may have.
local function crowded(rooms, root, pattern)
  local _, most = levels_of(rooms)
  local count, wrong = {}, {}
  for _, path in ipairs(find(root, pattern)) do
    local room = folder_of(path)
    count[room] = (count[room] or 0) + 1
  end
  for room, number in pairs(count) do
    if number > (most[room] or 0) then
      wrong[#wrong + 1] = ("%s: %d files, of %d at most")
        :format(room, number, most[room] or 0)
    end
  end
  return wrong
end

-- A function begins with "{" in the first column and ends with "}" there.
local function long_functions(text, path)
  local wrong, number, from = {}, 0, nil
  for line in text:gmatch("([^\n]*)\n") do
    number = number + 1
    if line:find("^{") then from = number end
    if line:find("^}") and from then
      if number - from - 1 > MOST_LINES_OF_FUNCTION then
        wrong[#wrong + 1] = ("%s:%d: %d lines"):format(path, from,
          number - from - 1)
      end
      from = nil
    end
  end
  return wrong
end

local function sources(root)
  local list = find(root, "*.c")
  for _, path in ipairs(find(root, "*.h")) do list[#list + 1] = path end
  return list
end

local function uses_of(list, get, ...)
  local uses = {}
  for _, path in ipairs(list) do uses[path] = get(path, ...) end
  return uses
end

describe("the architecture of the Lua modules", function()
  local uses = uses_of(find("lua", "*.lua"), requires)

  it("has arrows that point down only", function()
    assert.same({}, upward(uses, levels_of(LUA_ROOMS), LUA_TOP))
  end)

  it("has no cycle", function()
    assert.same({}, cycles(uses))
  end)

  it("has no crowded room", function()
    assert.same({}, crowded(LUA_ROOMS, "lua", "*.lua"))
  end)
end)

describe("the architecture of the C sources", function()
  local uses = uses_of(sources("src"), includes, {})

  it("has arrows that point down only", function()
    assert.same({}, upward(uses, levels_of(C_ROOMS)))
  end)

  it("has no cycle", function()
    assert.same({}, cycles(merged(uses)))
  end)

  it("keeps Lua out of the core", function()
    for _, path in ipairs(sources("src/core")) do
      for name in read(path):gmatch("#%s*include%s*[<\"]([%w_/]+)") do
        assert.is_nil(name:find("lua") or name:find("^lauxlib"), path)
      end
    end
  end)

  -- Else it depends on who compiles it how long a file may be.
  it("includes the platform's choices first", function()
    local wrong = {}
    for _, path in ipairs(find("src", "*.c")) do
      local first = read(path):match('#%s*include%s*[<"]([^>"]+)')
      if first == "binding.h" then
        first = read("src/binding/binding.h"):match('#%s*include%s*"([^"]+)"')
      end
      if first ~= "platform.h" and first ~= "../core/platform.h" then
        wrong[#wrong + 1] = path
      end
    end
    assert.same({}, wrong)
  end)

  it("has no crowded room and no long file", function()
    local wrong = crowded(C_ROOMS, "src", "*.c")
    for _, path in ipairs(sources("src")) do
      local _, lines = read(path):gsub("\n", "")
      if lines > MOST_LINES_OF_SOURCE then wrong[#wrong + 1] = path end
    end
    assert.same({}, wrong)
  end)

  it("has no long function", function()
    local wrong = {}
    for _, root in ipairs { "src", "spec", "bench" } do
      for _, path in ipairs(find(root, "*.c")) do
        for _, each in ipairs(long_functions(read(path), path)) do
          wrong[#wrong + 1] = each
        end
      end
    end
    assert.same({}, wrong)
  end)
end)

describe("the architecture of the emulator", function()
  local uses = uses_of(sources(EMULATOR), includes, { EMULATOR })

  it("has arrows that point down only", function()
    assert.same({}, upward(uses, levels_of(EMULATOR_ROOMS)))
  end)

  it("has no cycle", function()
    assert.same({}, cycles(merged(uses)))
  end)

  it("has no crowded room", function()
    assert.same({}, crowded(EMULATOR_ROOMS, EMULATOR, "*.c"))
  end)
end)

-- The checks themselves, on trees that are wrong.
describe("the check of the architecture", function()
  local levels = levels_of { { "a" }, { "b", "c" } }

  it("sees an arrow that points up", function()
    assert.same({ "a/x uses b/y" }, upward({ ["a/x"] = { "b/y" } }, levels))
  end)

  it("sees an arrow between rooms of one level", function()
    assert.same({ "b/x uses c/y" }, upward({ ["b/x"] = { "c/y" } }, levels))
  end)

  it("lets an arrow down, and one within a room", function()
    assert.same({}, upward({ ["b/x"] = { "a/y", "b/z" } }, levels))
  end)

  it("sees a file in no known room, and a use of the top", function()
    assert.same({ "d/x is in no known room" }, upward({ ["d/x"] = {} },
      levels))
    assert.same({ "b/x uses b/main" },
      upward({ ["b/x"] = { "b/main" } }, levels, "b/main"))
  end)

  it("sees a cycle", function()
    assert.same({ "a -> b -> c -> a" },
      cycles { a = { "b" }, b = { "c" }, c = { "a" } })
    assert.same({}, cycles { a = { "b", "c" }, b = { "c" }, c = {} })
  end)

  it("sees a long function", function()
    local body = ("  x();\n"):rep(MOST_LINES_OF_FUNCTION)
    assert.same({}, long_functions("int f(void)\n{\n" .. body .. "}\n", "f"))
    assert.same({ "f:2: 61 lines" },
      long_functions("int f(void)\n{\n  y();\n" .. body .. "}\n", "f"))
  end)
end)
