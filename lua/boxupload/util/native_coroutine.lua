-- native_coroutine: the coroutine functions of Lua itself.
-- SPDX-License-Identifier: MIT

local M = {}

-- OpenResty replaces Lua's coroutine functions and keeps the originals under
-- these names. Its coroutines belong to one request: the worker crashes when
-- another request resumes one, which happens when several requests wait for
-- the same transfer or the same token.
for _, name in ipairs { "create", "resume", "status", "yield" } do
  M[name] = coroutine["_" .. name] or coroutine[name]
end

return M
