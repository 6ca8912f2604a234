-- reload: loads and uses the C module, which is unloaded with its state; the
-- code must stay mapped for threads that libcurl may have left running.
--   reload.lua ROUND MODULE FILE
-- SPDX-License-Identifier: MIT

local host_client = require "host.client"
local host = _G.host

local round, module, path = ...
print(round, host.is_loaded(module))
local client = host_client.new()
assert(host_client.upload(client, path, ("reloaded-%d.bin"):format(round)))
