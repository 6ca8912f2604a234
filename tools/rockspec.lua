-- rockspec: writes the list of C sources and Lua modules into a rockspec,
-- since LuaRocks needs one. A spec fails when the list is out of date.
--   lua rockspec.lua FILE
-- SPDX-License-Identifier: MIT

local path = assert(arg[1], "which rockspec?")
local COMMAND = "lua/boxupload/cli/main.lua"

local function find(folder, pattern)
  local pipe = assert(io.popen(
    ("LC_ALL=C find %s -name '%s' -type f"):format(folder, pattern)))
  local list = {}
  for line in pipe:lines() do list[#list + 1] = line end
  pipe:close()
  table.sort(list)
  return list
end

local sources, modules = {}, {}
for _, folder in ipairs { "src/core", "src/binding" } do
  for _, file in ipairs(find(folder, "*.c")) do
    sources[#sources + 1] = ('        "%s",\n'):format(file)
  end
end
local COLUMNS = 79

local function module_line(name, file)
  local line = ('    ["%s"] = "%s",'):format(name, file)
  if #line > COLUMNS then line = line:gsub(" = ", " =\n        ") end
  return line .. "\n"
end

for _, file in ipairs(find("lua", "*.lua")) do
  local name = file:match("^lua/(.*)%.lua$"):gsub("/", ".")
  if file ~= COMMAND then
    modules[#modules + 1] = module_line(name, file)
  end
end

-- Replaces the text between two patterns.
local function put(text, before, list, after)
  local _, from = text:find(before)
  local to = from and text:find(after, from + 1)
  assert(to, "the rockspec has another form")
  return text:sub(1, from) .. table.concat(list) .. text:sub(to)
end

local file = assert(io.open(path))
local text = file:read("*a")
file:close()
text = put(text, "sources = {\n", sources, "      },\n")
text = put(text, "libdirs = [^\n]*\n    },\n", modules, "  },\n  install")
file = assert(io.open(path, "w"))
assert(file:write(text))
assert(file:close())
