-- leave: begins an upload and leaves it to the end of the state, each round
-- at another point.
--   leave.lua ROUND FILE
-- SPDX-License-Identifier: MIT

local access = require "host.access"
local core = require "boxupload.core"

local round, path = ...
local client = access.client()
local transfer = assert(client:start(path, {
  folder_id = "0", file_name = ("left-%d.bin"):format(round),
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
  assert(core.now() < deadline, "it doesn't come to that")
  assert(transfer:step() == "running", "it is over")
  transfer.queue:wait(0.001)
end
-- The end of the state is what collects these.
_G.left = { client, transfer }
