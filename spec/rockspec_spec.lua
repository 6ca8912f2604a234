-- rockspec_spec: the rockspec lists the files of the tree and has its version.
-- SPDX-License-Identifier: MIT

local PATH = "rockspec/boxupload-scm-1.rockspec"

-- luacheck: read globals setfenv loadstring (of 5.1)

-- A rockspec is Lua code without globals that sets some.
local function read_rockspec()
  local file = assert(io.open(PATH))
  local text = file:read("*a")
  file:close()
  local fields = {}
  local chunk
  if setfenv then
    chunk = assert(loadstring(text, "@" .. PATH))
    setfenv(chunk, fields)
  else
    chunk = assert(load(text, "@" .. PATH, "t", fields))
  end
  chunk()
  return fields
end

local function files(folders, pattern)
  local pipe = assert(io.popen(
    ("find %s -name '%s' -type f"):format(folders, pattern)))
  local list = {}
  for line in pipe:lines() do list[#list + 1] = line end
  pipe:close()
  table.sort(list)
  return list
end

local function sorted(list)
  local copy = {}
  for _, value in ipairs(list) do copy[#copy + 1] = value end
  table.sort(copy)
  return copy
end

local function first_match(path, pattern)
  for line in io.lines(path) do
    local match = line:match(pattern)
    if match then return match end
  end
  return nil
end

describe("the rockspec", function()
  local rockspec = read_rockspec()
  local modules = rockspec.build.modules

  it("compiles every C source", function()
    assert.same(files("src/core src/binding", "*.c"),
      sorted(modules["boxupload.core"].sources))
  end)

  it("installs every Lua module by its name, except the command's", function()
    local listed, expected = {}, {}
    for name, path in pairs(modules) do
      if name ~= "boxupload.core" then listed[name] = path end
    end
    for _, path in ipairs(files("lua", "*.lua")) do
      local name = path:match("^lua/(.*)%.lua$"):gsub("/", ".")
      if path ~= rockspec.build.install.bin.boxupload then
        expected[name] = path
      end
    end
    assert.same(expected, listed)
  end)

  it("names a command that exists", function()
    local file = io.open(rockspec.build.install.bin.boxupload)
    assert.truthy(file)
    file:close()
  end)

  it("has the version of its file name", function()
    assert.equal("scm-1", rockspec.version)
  end)
end)

describe("the version", function()
  local version = first_match("src/core/version.h", '"(%d+%.%d+%.%d+)"')

  it("is that of the module", function()
    assert.equal(version, require("boxupload")._VERSION)
    assert.equal(version, require("boxupload.core")._VERSION)
  end)

  it("is the newest in the changelog", function()
    assert.equal(version,
      first_match("CHANGELOG.md", "^## .-(%d+%.%d+%.%d+)"))
  end)
end)
