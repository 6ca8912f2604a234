-- native_coroutine: Lua's own coroutines.
-- SPDX-License-Identifier: MIT

local M = {}

-- OpenResty puts others in the place of Lua's, and keeps those under these
-- names. Its own belong to one request: resumed in another, where a transfer
-- may be waited for or a token be renewed for all, they crash the worker.
for _, name in ipairs { "create", "resume", "status", "yield" } do
  M[name] = coroutine["_" .. name] or coroutine[name]
end

return M
