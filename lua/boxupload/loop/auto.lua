-- auto: which event loop waits for the caller: by name, or found out.
-- SPDX-License-Identifier: MIT

local plain = require "boxupload.loop.plain"

local M = {}

local NAMES = {
  auto = true, plain = true, openresty = true, cqueues = true, luv = true,
  copas = true,
}

local function in_openresty()
  local ngx = rawget(_G, "ngx")
  return type(ngx) == "table" and ngx.sleep and ngx.get_phase
end

-- Within a coroutine that the program resumes itself, inside one of cqueues,
-- the program may mean its own yields: then it says which loop it wants.
local function in_cqueues()
  local cqueues = package.loaded.cqueues
  if type(cqueues) ~= "table" or not cqueues.running then return false end
  local controller, is_its_own = cqueues.running()
  return controller and is_its_own
end

local function in_coroutine()
  local thread, is_main = coroutine.running()
  return thread ~= nil and not is_main
end

-- `running` is of copas 2 and later.
local function in_copas()
  local copas = package.loaded.copas
  return type(copas) == "table" and copas.running == true and in_coroutine()
end

local function in_neovim()
  local vim = rawget(_G, "vim")
  return type(vim) == "table" and vim.schedule and (vim.uv or vim.loop)
end

local function adapter_here()
  if in_openresty() then return require "boxupload.loop.openresty" end
  if in_cqueues() then return require "boxupload.loop.cqueues" end
  if in_copas() then return require "boxupload.loop.copas" end
  if in_neovim() then return require "boxupload.loop.luv" end
  return plain
end

--- Waits by the loop that surely runs the caller, else as a script does. It
--- looks each time: one client may be used inside a loop and outside.
---@param queue userdata
---@param seconds number?
---@return "exiting"?
function M.wait(queue, seconds)
  return adapter_here().wait(queue, seconds)
end

--- Raises where that loop can't wait.
function M.check()
  local check = adapter_here().check
  if check then check() end
end

--- How much lower than the loop's the priority of threads should be, in the
--- units of nice(1).
---@param adapter table
---@return integer
function M.nice(adapter)
  if adapter == M then adapter = adapter_here() end
  return adapter.nice or 0
end

--- The adapter of a name.
---@param name string
---@return {wait: fun(queue: userdata, seconds: number?)}? adapter
---@return string? problem
function M.named(name)
  if not NAMES[name] then
    return nil, "must be the name of a loop (auto, plain, openresty, " ..
      "cqueues, luv, copas) or a table with a function wait(queue, seconds)"
  end
  if name == "auto" then return M end
  local path = "boxupload.loop." .. name
  local ok, adapter = pcall(require, path)
  if ok then return adapter end
  package.loaded[path] = nil  -- 5.1 leaves a mark there
  return nil, ('is "%s", which can\'t be loaded here: %s'):format(name,
    tostring(adapter):match("^[^\n]*"))
end

return M
