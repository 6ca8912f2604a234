-- usage_error: errors for wrong calls, raised at the line that made the call.
-- SPDX-License-Identifier: MIT

local M = {}

-- "@/usr/share/lua/5.4/boxupload": where this library's chunks come from.
local home = debug and
  debug.getinfo(1, "S").source:match("^(.*)[/\\]util[/\\]usage_error%.lua$")

local function is_ours(info)
  -- 5.1 counts a frame for each tail call.
  if info.source == "=(tail call)" then return true end
  if not home or info.source:sub(1, #home) ~= home then return false end
  local rest = info.source:sub(#home + 1)
  return rest == ".lua" or rest:find("^[/\\]") ~= nil
end

--- Raises at the first caller that isn't this library, however deep inside
--- of it the mistake was seen.
---@param message string
function M.raise(message)
  local level = 2
  if home then
    local info = debug.getinfo(level, "S")
    while info and is_ours(info) do
      level = level + 1
      info = debug.getinfo(level, "S")
    end
  end
  error(message, level)
end

return M
