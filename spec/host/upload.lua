-- upload: several uploads in one Lua state, one after the other.
--   upload.lua THREAD FILE COUNT
-- SPDX-License-Identifier: MIT

local host_client = require "host.client"

local thread, path, count = ...
for i = 1, tonumber(count) do
  local client = host_client.new()
  for k = 1, 2 do
    assert(host_client.upload(client, path,
      ("thread-%d-%d-%d.bin"):format(thread, i, k)))
  end
  client:close()
end
