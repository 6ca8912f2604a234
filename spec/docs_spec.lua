-- docs: docs/api.md and docs/auth.md cover every function, option, field, kind
-- and event; their examples, and those of docs/loops.md, are valid Lua.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local core = require "boxupload.core"
local files = require "support.files"
local options = require "boxupload.util.options"
local shell = require "support.shell"
local source = require "boxupload.upload.source"

-- luacheck: read globals loadstring (of 5.1)
local compile = loadstring or load

-- Methods that only the library itself calls.
local INTERNAL = {
  ["client:adopt"] = true, ["client:authorize"] = true,
  ["client:check_open"] = true,
  ["client:check_wait"] = true,
  ["client:directly"] = true, ["client:forget"] = true,
  ["client:session_url"] = true, ["client:fall_back"] = true,
  ["client:new_queue"] = true,
  ["client:borrow_queue"] = true, ["client:return_queue"] = true,
  ["client:hide"] = true, ["session:set_endpoints"] = true,
  ["transfer:abandon"] = true,
  ["transfer:event"] = true,
}
local INTERNAL_CLASSES = {
  engine = true, folder = true, journal = true, listener = true, lock = true,
}

-- Functions that take another function's options.
local SAME_OPTIONS = { ["client:start"] = "client:upload" }

local text = files.read("docs/api.md") .. files.read("docs/auth.md")
local loops = files.read("docs/loops.md")

-- The text below each heading of up to three #, until the next one.
local sections = {}
do
  local name
  for line in text:gmatch("([^\n]*)\n") do
    local heading = line:match("^##?#? ([^\n]+)$")
    if heading then
      name = heading:match("^([%w_.:]+)%(") or heading
      sections[name] = ""
    else
      sections[name] = sections[name] .. line .. "\n"
    end
  end
end

local function is_function_name(name)
  return name:find("^[%a_]+[.:][%w_.]+$") ~= nil
end

local function add_functions(list, prefix, functions)
  for name, value in pairs(functions) do
    if type(value) == "function" and not name:find("^__") and
       not INTERNAL[prefix .. name] then
      list[#list + 1] = prefix .. name
    elseif type(value) == "table" and not name:find("^__") then
      add_functions(list, prefix .. name .. ".", value)
    end
  end
end

local function method_tables()
  local client = assert(boxupload.new { token = "t" })
  local transfer = assert(client:start({ content = "" },
    { folder_id = "0", file_name = "x" }))
  local tables = {
    client = getmetatable(client).__index,
    transfer = getmetatable(transfer).__index,
  }
  client:close()
  for class, methods in pairs(core.methods) do
    if not INTERNAL_CLASSES[class] then tables[class] = methods end
  end
  return tables
end

-- All public functions, as a caller writes them.
local function public_functions()
  local list = {}
  add_functions(list, "boxupload.", boxupload)
  for class, methods in pairs(method_tables()) do
    add_functions(list, class .. ":", methods)
  end
  table.sort(list)
  return list
end

-- Calls functions until they check their options, and records the specs of
-- these.
local function option_specs()
  local tables = method_tables()
  local found, check = {}, options.check
  options.check = function(spec, _, what)
    found[what] = spec
    error("seen", 0)
  end
  pcall(boxupload.new)
  pcall(boxupload.limits)
  pcall(source.new, {}, "client:upload")
  local selves = {
    client = setmetatable({ transfers = {}, check_open = function() end,
      check_wait = function() end },
      { __index = tables.client }),
    transfer = { state = "done" }, session = {},
  }
  for class, self in pairs(selves) do
    for _, method in pairs(tables[class]) do
      if type(method) == "function" then pcall(method, self) end
    end
  end
  options.check = check
  return found
end

-- The fields of an annotated class.
local function annotated(path, class)
  local fields, inside = {}, false
  for line in files.read(path):gmatch("[^\n]+") do
    if line:find("^%-%-%-@class ") then
      inside = line:find("^%-%-%-@class " .. class:gsub("%.", "%%.") ..
        "%f[^%w_.]") ~= nil
    end
    local name = inside and line:match("^%-%-%-@field ([%w_]+)")
    if name then fields[#fields + 1] = name end
  end
  assert(#fields > 0, class)
  return fields
end

local function library()
  local sources = {}
  for path in shell.output("find lua -name '*.lua'"):gmatch("[^\n]+") do
    if not path:find("/cli/") then sources[path] = files.read(path) end
  end
  return sources
end

local function check_named(name, section)
  assert.truthy(sections[section]:find("`" .. name .. "`", 1, true),
    ("%s is not named under %s"):format(name, section))
end

local function default_text(value)
  if type(value) == "number" then return ("%.0f"):format(value) end
  if type(value) == "boolean" then return tostring(value) end
  return type(value) == "string" and value or nil
end

describe("the reference in docs", function()
  it("has a heading for every public function, and no other", function()
    local known = {}
    for _, name in ipairs(public_functions()) do
      known[name] = true
      assert.truthy(sections[name], "no heading for " .. name)
    end
    for name in pairs(sections) do
      assert.is_true(not is_function_name(name) or known[name] == true,
        "a heading for what is not there: " .. name)
    end
  end)

  it("has an example and mentions errors for each", function()
    for name, section in pairs(sections) do
      if is_function_name(name) then
        assert.truthy(section:find("```lua\n", 1, true),
          "no example for " .. name)
        assert.truthy(section:find("%f[%w]Errors:") or
          section:find("%f[%w]Raises"), "no word on errors for " .. name)
      end
    end
  end)

  it("has examples that are valid Lua", function()
    local count = 0
    for code in (text .. loops):gmatch("```lua\n(.-)```") do
      local ok, problem = compile(code)
      assert.truthy(ok, ("%s in\n%s"):format(tostring(problem), code))
      count = count + 1
    end
    assert.is_true(count > 50)
  end)

  it("has a row for every option, with its default", function()
    local count = 0
    for what, spec in pairs(option_specs()) do
      local section = sections[SAME_OPTIONS[what] or what:match("^[^']+")]
      assert.truthy(section, what)
      for name, rule in pairs(spec) do
        local row = section:match("\n(| `" .. name .. "` |[^\n]*)") or
          section:match("[^\n]*[{, ]" .. name .. " = [^\n]*")
        assert.truthy(row, ("no row for %s of %s"):format(name, what))
        local default = default_text(rule.default)
        assert.truthy(not default or row:find(default, 1, true),
          ("not the default of %s of %s: %s"):format(name, what,
            default or ""))
        count = count + 1
      end
    end
    assert.is_true(count > 60, "options: " .. count)
  end)

  it("lists every kind of error and each field of one", function()
    local failures = files.read("lua/boxupload/service/failure.lua")
    local kinds = {}
    for kind in failures:gmatch('\n%-%-%-| "(%w+)"') do
      kinds[kind] = true
      assert.truthy(sections.Errors:find("\n| `" .. kind .. "` |", 1, true),
        "no row for the kind " .. kind)
    end
    for _, field in ipairs(annotated("lua/boxupload/service/failure.lua",
      "boxupload.Error")) do
      check_named(field, "Errors")
    end
    for path, code in pairs(library()) do
      for kind, name in code:gmatch('failure%.of%("(%w+)", "?([%w_]+"?)') do
        assert.is_true(kinds[kind], path .. ": the kind " .. kind)
        name = name:match('^([%w_]+)"$')
        if name then check_named(name, "Errors") end
      end
    end
  end)

  it("lists every field of the progress", function()
    for _, field in ipairs(annotated("lua/boxupload/transfer.lua",
      "boxupload.Progress")) do
      check_named(field, "Progress")
    end
  end)

  it("lists every event and every phase", function()
    for _, code in pairs(library()) do
      for name in code:gmatch('event = "([%w_]+)"') do
        check_named(name, "Events")
      end
      for name in code:gmatch('phase = "([%w_]+)"') do
        check_named('"' .. name .. '"', "Progress")
      end
    end
  end)

  it("has no broken links", function()
    for _, page in ipairs { text, loops } do
      local anchors = {}
      for heading in page:gmatch("\n#+ ([^\n]+)") do
        anchors[heading:lower():gsub("[^%w_%- ]", ""):gsub(" ", "-")] = true
      end
      for anchor in page:gmatch("%]%(#([^)]+)%)") do
        assert.is_true(anchors[anchor], "no heading for #" .. anchor)
      end
    end
  end)
end)

describe("the annotations", function()
  local function check_class(class, spec)
    local fields = {}
    for _, name in ipairs(annotated("lua/boxupload.lua", class)) do
      fields[name] = true
      assert.truthy(spec[name], ("%s has no option %s"):format(class, name))
    end
    for name in pairs(spec) do
      assert.is_true(fields[name], ("%s has no field %s")
        :format(class, name))
    end
  end

  it("list every option of a client and of an upload", function()
    local specs = option_specs()
    check_class("boxupload.Options", specs["boxupload.new"])
    check_class("boxupload.UploadOptions", specs["client:upload"])
    check_class("boxupload.SourceTable", specs["client:upload's source"])
  end)
end)
