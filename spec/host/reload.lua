-- reload: the C module is loaded, used and unloaded with its state, and the
-- threads that libcurl may have left still find their code.
--   reload.lua ROUND MODULE FILE
-- SPDX-License-Identifier: MIT

local access = require "host.access"
local host = _G.host

local round, module, path = ...
print(round, host.is_loaded(module))
local client = access.client()
assert(access.upload(client, path, ("reloaded-%d.bin"):format(round)))
