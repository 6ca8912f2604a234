-- nginx: starts nginx with the Lua module for a spec, and inspects it.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local files = require "support.files"
local shell = require "support.shell"

local M = {}

local PROGRAM = "build/nginx/nginx"
local TIMEOUT = 10
local PORTS, LOWEST = 12000, 20000 -- below the ephemeral ports

-- Alerts that aren't a problem.
local EXPECTED = { "lua_code_cache is off" }

local Nginx = {}
Nginx.__index = Nginx

--- Why nginx can't run here; nil if it can.
---@return string?
function M.missing()
  if not rawget(_G, "jit") then return "needs LUA=luajit" end
  local file = io.open(PROGRAM)
  if not file then return "needs nginx with Lua: run tools/nginx" end
  file:close()
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then return "" end
  local text = file:read("*a")
  file:close()
  return text
end

--- Calls test until it returns a true value; raises if that takes too long.
---@param what string  what is waited for
---@param test fun(): any
---@param seconds number?
function M.await(what, test, seconds)
  local deadline = core.now() + (seconds or TIMEOUT)
  local value = test()
  while not value do
    assert(core.now() < deadline, "not in time: " .. what)
    os.execute("sleep 0.005")
    value = test()
  end
  return value
end

-- Started by root, nginx would run its workers as another user.
local function preamble(path)
  local is_root = shell.output("id -u"):match("%d+") == "0"
  return ([[
daemon off;
pid %s/nginx.pid;
error_log %s/error.log info;
%s
]]):format(path, path, is_root and "user root;" or "")
end

local function is_alive(id)
  local status = read(("/proc/%d/status"):format(id))
  return status ~= "" and not status:find("State:%s*Z")
end

-- The shell kills nginx when this process ends, even by a crash.
local function launch(self)
  local path = self.dir.path
  os.remove(path .. "/error.log")
  self.pipe = assert(io.popen(([[
    %s LUA_PATH=%s LUA_CPATH=%s %s -p %s/ -c nginx.conf -e %s/error.log \
      >%s/output 2>&1 & id=$!
    cat; kill $id 2>/dev/null; wait $id]]):format(self.environment,
    shell.quote(package.path), shell.quote(package.cpath), PROGRAM, path,
    path, path), "w"))
end

local function has_started(self)
  local log = read(self.dir.path .. "/error.log")
  if log:find("start worker process %d") then return "started" end
  if log:find("still could not bind", 1, true) then return "clash" end
  assert(not log:find("[emerg]", 1, true) or log:find("bind()", 1, true), log)
  local output = read(self.dir.path .. "/output")
  assert(not output:find("[emerg]", 1, true) or
    output:find("bind()", 1, true), output)
end

--- Starts it in a temporary folder. PORT in the configuration is replaced by
--- a free port; the environment is in shell syntax.
---@param configuration string
---@param environment string
function M.start(configuration, environment)
  local self = setmetatable({
    dir = files.temp_dir(), environment = environment,
    configuration = configuration,
  }, Nginx)
  os.execute("mkdir " .. self.dir.path .. "/logs")
  self:run()
  return self
end

--- Runs it; can be called again after `quit`.
function Nginx:run()
  local outcome
  repeat
    local port = LOWEST + tonumber(core.random(4), 16) % PORTS
    self.url = ("http://127.0.0.1:%d"):format(port)
    self.dir:write("nginx.conf", preamble(self.dir.path) ..
      self.configuration:gsub("PORT", tostring(port)))
    launch(self)
    outcome = M.await("nginx", function() return has_started(self) end)
    if outcome == "clash" then self.pipe:close() end
  until outcome == "started"
  self.id = tonumber(read(self.dir.path .. "/nginx.pid"):match("%d+"))
end

--- The processes of its workers.
function Nginx:workers()
  local ids = {}
  local text = read(("/proc/%d/task/%d/children"):format(self.id, self.id))
  for id in text:gmatch("%d+") do ids[#ids + 1] = tonumber(id) end
  return ids
end

function Nginx:signal(name)
  os.execute(("kill -%s %d"):format(name, self.id))
end

--- Waits until the process has ended.
---@param id integer
---@param seconds number
function Nginx.gone(id, seconds)
  M.await(("process %d's end"):format(id), function()
    return not is_alive(id)
  end, seconds)
end

--- Peak of the resident memory of a process, in bytes.
function Nginx.peak_memory(id)
  local status = read(("/proc/%d/status"):format(id))
  return tonumber(status:match("VmHWM:%s*(%d+)")) * 1024
end

--- Starts a request; `finish` waits for the response.
---@param method string
---@param path string
---@param options {body:string|userdata|nil, headers:table?}?
function Nginx:begin(method, path, options)
  options = options or {}
  self.engine = self.engine or core.engine { low_speed_time = TIMEOUT }
  return assert(self.engine:submit {
    method = method, url = self.url .. path, authorize = false,
    body = options.body, headers = options.headers,
  })
end

--- The status and body of the response; 0 and the error if there is none.
function Nginx.finish(exchange)
  local queue = exchange:queue()
  local deadline = core.now() + 3 * TIMEOUT
  while not exchange:poll() do
    assert(core.now() < deadline, "no response from nginx")
    queue:wait(deadline - core.now())
  end
  local code, text = exchange:error()
  if code then return 0, text end
  return exchange:status(), exchange:body()
end

--- Makes a request; returns the status and body.
function Nginx:ask(method, path, options)
  return self.finish(self:begin(method, path, options))
end

--- Unexpected alerts and errors in the log.
function Nginx:errors()
  local found = {}
  for line in read(self.dir.path .. "/error.log"):gmatch("[^\n]+") do
    local bad = line:find("%[alert%]") or line:find("%[error%]") or
      line:find("%[crit%]") or line:find("%[emerg%]") or
      line:find("exited on signal", 1, true)
    for _, text in ipairs(EXPECTED) do
      if line:find(text, 1, true) then bad = false end
    end
    if bad then found[#found + 1] = line end
  end
  return table.concat(found, "\n")
end

--- Shuts it down gracefully, within the given seconds.
function Nginx:quit(seconds)
  self:signal("QUIT")
  self.gone(self.id, seconds)
  self.pipe:close()
  self.pipe = nil
end

--- Stops it; returns the errors in its log.
function Nginx:stop()
  if self.pipe then self.pipe:close() end
  if self.engine then self.engine:close() end
  local errors = self:errors()
  self.dir:remove()
  return errors
end

return M
