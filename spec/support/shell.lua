-- shell: runs shell commands.
-- SPDX-License-Identifier: MIT

local M = {}

--- The standard output of a command.
function M.output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

--- Quotes an argument.
function M.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

return M
