-- abandon: starts an upload that is still running when the Lua state is
-- closed, each round at another point.
--   abandon.lua ROUND FILE
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local host_client = require "host.client"

local round, path = ...
local client = host_client.new()
local transfer = assert(client:start(path, {
  folder_id = "0", file_name = ("abandoned-%d.bin"):format(round),
}))

local POINTS = {
  function() return true end,
  function() return transfer:step() and true end,
  function() return transfer:progress().phase == "uploading" end,
  function() return transfer:bytes_sent() > 0 end,
  function() return transfer:progress().parts > 0 end,
}
local reached = POINTS[round % #POINTS + 1]
local deadline = core.now() + 10
while not reached() do
  assert(core.now() < deadline, "the point isn't reached in time")
  assert(transfer:step() == "running", "the transfer has ended")
  transfer.queue:wait(0.001)
end
-- Collected only when the state is closed.
_G.abandoned = { client, transfer }
