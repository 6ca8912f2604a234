-- close_descriptors: closes all descriptors during an upload, as daemons do.
--   close_descriptors.lua FILE
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local host_client = require "host.client"
local host = _G.host

local client = host_client.new()
local transfer = assert(client:start(..., {
  folder_id = "0", file_name = "unfinished.bin",
}))
while transfer:bytes_sent() == 0 do
  transfer:step()
  transfer.queue:wait(0.001)
end
host.close_descriptors()
local began = core.now()
local ok, file, message = pcall(transfer.wait, transfer, 20)
assert(not ok or not file)
print(ok and message or file)
client:close()
assert(core.now() - began < 20, "it took too long")
-- A new client creates its own threads and descriptors.
client = host_client.new()
assert(client:upload({ content = "x" },
  { folder_id = "0", file_name = "after.bin" }))
-- Now closing the state must cope with closed descriptors.
host.close_descriptors()
