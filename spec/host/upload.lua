-- upload: some uploads by one state, one after the other.
--   upload.lua THREAD FILE COUNT
-- SPDX-License-Identifier: MIT

local access = require "host.access"

local thread, path, count = ...
for i = 1, tonumber(count) do
  local client = access.client()
  for k = 1, 2 do
    assert(access.upload(client, path,
      ("thread-%d-%d-%d.bin"):format(thread, i, k)))
  end
  client:close()
end
