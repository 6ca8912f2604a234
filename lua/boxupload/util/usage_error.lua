-- usage_error: errors for wrong calls, raised at the line that made the call.
-- SPDX-License-Identifier: MIT

local M = {}

-- What the chunk names of this library's modules start with, such as
-- "@/usr/share/lua/5.4/boxupload".
local library_path = debug and
  debug.getinfo(1, "S").source:match("^(.*)[/\\]util[/\\]usage_error%.lua$")

local function is_library_frame(info)
  -- Lua 5.1 has an extra frame for each tail call.
  if info.source == "=(tail call)" then return true end
  if not library_path or
     info.source:sub(1, #library_path) ~= library_path then
    return false
  end
  local rest = info.source:sub(#library_path + 1)
  return rest == ".lua" or rest:find("^[/\\]") ~= nil
end

--- Raises at the first caller outside this library, however deep inside the
--- library the wrong call was noticed.
---@param message string
function M.raise(message)
  local level = 2
  if library_path then
    local info = debug.getinfo(level, "S")
    while info and is_library_frame(info) do
      level = level + 1
      info = debug.getinfo(level, "S")
    end
  end
  error(message, level)
end

return M
