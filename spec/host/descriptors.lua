-- descriptors: a program that closes all descriptors, as daemons do, while an
-- upload is under way.
--   descriptors.lua FILE
-- SPDX-License-Identifier: MIT

local access = require "host.access"
local core = require "boxupload.core"
local host = _G.host

local client = access.client()
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
-- The next begins with threads and descriptors of its own.
client = access.client()
assert(client:upload({ content = "x" },
  { folder_id = "0", file_name = "after.bin" }))
-- Once more, and the end of the state has to do with it.
host.close_descriptors()
