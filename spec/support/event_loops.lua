-- event_loops: event loops that run coroutines, for specs of the adapters.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

-- Each constructor returns a loop: run(work, …) runs functions as coroutines
-- until all have returned, sleep(seconds) pauses the calling coroutine, and
-- name is the adapter's name.
local constructors = {}

function constructors.cqueues()
  local cqueues = require "cqueues"
  return {
    name = "cqueues", sleep = cqueues.sleep,
    run = function(...)
      local loop = cqueues.new()
      for _, work in ipairs { ... } do loop:wrap(work) end
      assert(loop:loop())
    end,
  }
end

-- Luv must be loaded only once per process, but busted unloads modules after
-- each file, so luv is kept in the registry.
local function load_luv()
  local registry = debug.getregistry()
  package.loaded.luv = registry.boxupload_luv or package.loaded.luv
  registry.boxupload_luv = require "luv"
  return registry.boxupload_luv
end

function constructors.luv()
  local uv = load_luv()
  return {
    name = "luv",
    sleep = function(seconds)
      local thread, timer = coroutine.running(), uv.new_timer()
      timer:start(math.ceil(seconds * 1000), 0, function()
        timer:close()
        assert(coroutine.resume(thread))
      end)
      coroutine.yield()
    end,
    run = function(...)
      for _, work in ipairs { ... } do
        assert(coroutine.resume(coroutine.create(work)))
      end
      uv.run()
    end,
  }
end

-- Every version of copas has addthread and step.
local function run_copas(copas)
  return function(...)
    local left = select("#", ...)
    local has_running = copas.running ~= nil
    if has_running then copas.running = true end
    for _, work in ipairs { ... } do
      copas.addthread(function()
        work()
        left = left - 1
      end)
    end
    while left > 0 do copas.step(0.005) end
    if has_running then copas.running = false end
  end
end

-- Copas had no sleep before version 2: waiting on a writable socket yields
-- instead. Each call needs its own socket, since select reports only one of
-- several waiters on the same descriptor.
local function socket_sleep(copas)
  return function(seconds)
    local socket = require("socket").udp4()
    local ends_at = core.now() + seconds
    copas.send({
      getfd = function() return socket:getfd() end,
      dirty = function() return false end,
      close = function() end,
      send = function()
        if core.now() >= ends_at then return 1 end
        return nil, "timeout", 0
      end,
    }, "")
    socket:close()
  end
end

function constructors.copas()
  local copas = require "copas"
  return {
    name = "copas", run = run_copas(copas),
    sleep = copas.pause or copas.sleep or socket_sleep(copas),
  }
end

-- Does what copas 4 documents for threads and pauses; needs no copas.
local function fake_copas()
  local copas, sleeping = { running = false }, {}
  function copas.pause(seconds)
    coroutine.yield(core.now() + (seconds or 0))
  end
  local function resume(thread)
    local ok, wake_at = coroutine.resume(thread)
    assert(ok, wake_at)
    if coroutine.status(thread) ~= "dead" then sleeping[thread] = wake_at end
  end
  function copas.addthread(work) sleeping[coroutine.create(work)] = 0 end
  function copas.step()
    local due, now = {}, core.now()
    for thread, wake_at in pairs(sleeping) do
      if wake_at <= now then due[#due + 1] = thread end
    end
    for _, thread in ipairs(due) do
      sleeping[thread] = nil
      resume(thread)
    end
  end
  return copas
end

constructors["copas 4 stand-in"] = function()
  local copas = fake_copas()
  package.loaded.copas = copas
  package.loaded["boxupload.loop.copas"] = nil
  return {
    name = "copas", run = run_copas(copas), sleep = copas.pause,
    unload = function()
      package.loaded.copas = nil
      package.loaded["boxupload.loop.copas"] = nil
    end,
  }
end

--- The names that get() takes.
M.names = { "cqueues", "luv", "copas", "copas 4 stand-in" }

local LIBRARIES = {
  cqueues = function() return require "cqueues" end,
  luv = load_luv,
  copas = function() return require "copas" end,
}

--- Why a loop can't be used here; nil if it can.
function M.why_missing(name)
  local load = LIBRARIES[name]
  if not load or pcall(load) then return nil end
  return ("needs %s for this Lua"):format(name)
end

function M.get(name)
  return constructors[name]()
end

return M
