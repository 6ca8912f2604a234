-- hosts: event loops that run coroutines, for specs of the loop adapters.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

-- Each maker returns a host: run(work, …) runs functions as coroutines of the
-- loop until all are over, sleep(seconds) is for in there, and name is that
-- of the adapter.
local makers = {}

function makers.cqueues()
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

-- Luv bears no second copy of itself in a process, and busted forgets modules
-- after each file: it is kept where that doesn't reach.
local function load_luv()
  local registry = debug.getregistry()
  package.loaded.luv = registry.boxupload_luv or package.loaded.luv
  registry.boxupload_luv = require "luv"
  return registry.boxupload_luv
end

function makers.luv()
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

-- Runs threads of copas: every version has addthread and step.
local function run_copas(copas)
  return function(...)
    local left = select("#", ...)
    local tells = copas.running ~= nil
    if tells then copas.running = true end
    for _, work in ipairs { ... } do
      copas.addthread(function()
        work()
        left = left - 1
      end)
    end
    while left > 0 do copas.step(0.005) end
    if tells then copas.running = false end
  end
end

-- Before 2 there was no sleep: a socket that can be written to gives turns.
-- Of those with the same descriptor select would tell of one only.
local function turns(copas)
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

function makers.copas()
  local copas = require "copas"
  return {
    name = "copas", run = run_copas(copas),
    sleep = copas.pause or copas.sleep or turns(copas),
  }
end

-- What copas 4 promises of threads and pauses, where it isn't installed.
local function modern_copas()
  local copas, sleeping = { running = false }, {}
  function copas.pause(seconds)
    coroutine.yield(core.now() + (seconds or 0))
  end
  local function go_on(thread)
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
      go_on(thread)
    end
  end
  return copas
end

makers["copas 4's promises"] = function()
  local copas = modern_copas()
  package.loaded.copas = copas
  package.loaded["boxupload.loop.copas"] = nil
  return {
    name = "copas", run = run_copas(copas), sleep = copas.pause,
    leave = function()
      package.loaded.copas = nil
      package.loaded["boxupload.loop.copas"] = nil
    end,
  }
end

--- The names of all.
M.names = { "cqueues", "luv", "copas", "copas 4's promises" }

local LIBRARIES = {
  cqueues = function() return require "cqueues" end,
  luv = load_luv,
  copas = function() return require "copas" end,
}

--- Why one isn't to be had; nil: it is.
function M.lacks(name)
  local load = LIBRARIES[name]
  if not load or pcall(load) then return nil end
  return ("needs %s for this Lua"):format(name)
end

--- Makes one.
function M.get(name)
  return makers[name]()
end

return M
