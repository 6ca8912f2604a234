-- auto: finds the adapter for an event loop, by name or automatically.
-- SPDX-License-Identifier: MIT

local plain = require "boxupload.loop.plain"

local M = {}

local LOOP_NAMES = {
  auto = true, plain = true, openresty = true, cqueues = true, luv = true,
  copas = true,
}

local function in_openresty()
  local ngx = rawget(_G, "ngx")
  return type(ngx) == "table" and ngx.sleep and ngx.get_phase
end

-- False inside a coroutine that the program itself resumes from one of
-- cqueues: the program may expect only its own yields there. To use cqueues
-- from such a coroutine it must name the loop.
local function in_cqueues()
  local cqueues = package.loaded.cqueues
  if type(cqueues) ~= "table" or not cqueues.running then return false end
  local controller, is_cqueues_coroutine = cqueues.running()
  return controller and is_cqueues_coroutine
end

local function in_coroutine()
  local thread, is_main = coroutine.running()
  return thread ~= nil and not is_main
end

-- copas has `running` from version 2 on.
local function in_copas()
  local copas = package.loaded.copas
  return type(copas) == "table" and copas.running == true and in_coroutine()
end

local function in_neovim()
  local vim = rawget(_G, "vim")
  return type(vim) == "table" and vim.schedule and (vim.uv or vim.loop)
end

local function detect_adapter()
  if in_openresty() then return require "boxupload.loop.openresty" end
  if in_cqueues() then return require "boxupload.loop.cqueues" end
  if in_copas() then return require "boxupload.loop.copas" end
  if in_neovim() then return require "boxupload.loop.luv" end
  return plain
end

--- Waits with the loop that certainly runs the caller, or as a plain script
--- does. The loop is detected at each call, since the same client may be used
--- inside and outside of a loop.
---@param queue userdata
---@param seconds number?  nil: without a limit
---@return "exiting"?  when the host is about to exit
function M.wait(queue, seconds)
  return detect_adapter().wait(queue, seconds)
end

--- Raises where the detected loop can't wait.
function M.check()
  local check = detect_adapter().check
  if check then check() end
end

--- Returns by how much the adapter wants the priority of the engine's threads
--- lowered.
---@param adapter table
---@return integer  an increment as of nice(1); 0: none
function M.nice(adapter)
  if adapter == M then adapter = detect_adapter() end
  return adapter.nice or 0
end

--- Returns the adapter with this name.
---@param name string
---@return {wait: fun(queue: userdata, seconds: number?)}? adapter
---@return string? problem
function M.named(name)
  if not LOOP_NAMES[name] then
    return nil, "must be the name of a loop (auto, plain, openresty, " ..
      "cqueues, luv, copas) or a table with a function wait(queue, seconds)"
  end
  if name == "auto" then return M end
  local path = "boxupload.loop." .. name
  local ok, adapter = pcall(require, path)
  if ok then return adapter end
  package.loaded[path] = nil  -- Lua 5.1 keeps a sentinel there
  return nil, ('is "%s", which can\'t be loaded here: %s'):format(name,
    tostring(adapter):match("^[^\n]*"))
end

return M
