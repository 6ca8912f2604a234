-- fork: forks before, during and after uploads.
--   fork.lua FILE
-- SPDX-License-Identifier: MIT

local host_client = require "host.client"
local host = _G.host

local path = ...

-- Runs work() in a child process, and closes the child's Lua state, too.
local function in_child(work)
  local child = host.fork()
  if child == 0 then
    local ok, problem = pcall(work)
    if not ok then io.stderr:write(tostring(problem), "\n") end
    os.exit(ok and 0 or 1, true)
  end
  local code, signal = host.wait(child)
  assert(code == 0, ("the child ended with %s"):format(
    tostring(code or "signal " .. tostring(signal))))
end

local function works(name)
  local client = host_client.new()
  assert(host_client.upload(client, path, name))
  client:close()
end

require "boxupload"
in_child(function() works "before.bin" end)

local client = host_client.new()
in_child(function()
  assert(host_client.upload(client, path, "unused.bin"))
end)
assert(host_client.upload(client, path, "parent.bin"))
local transfer = assert(client:start(path,
  { folder_id = "0", file_name = "under-way.bin" }))
transfer:step()
local session = assert(client:create_session {
  folder_id = "0", file_name = "session.bin", file_size = 5300 })
local digest = require("boxupload").digest()
local hashing = assert(client.engine:submit_hash(("x"):rep(50000000),
  { digest = digest }))

-- Threads of the parent may hold the locks of what it made.
local function is_refused(...)
  local result, message, code = ...
  assert(result == nil and code == "forked", message)
end

in_child(function()
  is_refused(client.engine:set_token("other"))
  is_refused(client.engine:back_off(1))
  is_refused(client.engine:submit_hash("x", {}))
  is_refused(session:set_parallel(2))
  is_refused(hashing:queue():wait(0))
  is_refused(hashing:queue():pollfd())
  is_refused(client.queue:wait(0))
  hashing:cancel()
  assert(not hashing:poll() and not client.queue:take())
  for _, name in ipairs { "hex", "count", "reset", "update" } do
    local ok, message = pcall(digest[name], digest, "x")
    assert(not ok and message:find("fork", 1, true), message)
  end
end)
while not hashing:poll() do hashing:queue():wait() end
assert(hashing:sha1() == digest:hex())
assert(session:abort())

in_child(function()
  local file, message, err = host_client.upload(client, path, "inherited.bin")
  assert(not file and err.code == "forked", message)
  assert(message:find("made before a fork", 1, true), message)
  print(message)
  works "child.bin"
  client:close()
  works "child-2.bin"
end)
-- This child doesn't close the inherited client.
in_child(function() works "child-3.bin" end)

assert(transfer:wait())
assert(host_client.upload(client, path, "parent-2.bin"))
