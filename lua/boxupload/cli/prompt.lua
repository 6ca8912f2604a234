-- prompt: asks the person at the terminal; or takes a line of stdin, where
-- there is none.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

local STDIN = 0

-- Seconds between two looks at whether somebody interrupts: reading itself
-- goes on after a signal under some Luas.
local POLL_SECONDS = 1

local function read_line()
  while M.is_interactive() and not core.readable(STDIN, POLL_SECONDS) do end
  local line = io.stdin:read("*l")
  return line and (line:gsub("%s+$", ""):gsub("^%s+", ""))
end

--- Whether there is somebody to ask.
function M.is_interactive()
  return core.isatty(STDIN)
end

--- A line of stdin; nil for an empty one, or none.
---@param question string
---@return string? answer
function M.ask(question)
  if M.is_interactive() then
    io.stderr:write(question, ": ")
    io.stderr:flush()
  end
  local answer = read_line()
  return answer ~= "" and answer or nil
end

--- The same, without showing what is typed.
---@param question string
---@return string? answer
function M.ask_secret(question)
  if not M.is_interactive() then return M.ask(question) end
  os.execute("stty -echo")
  local ok, answer = pcall(M.ask, question)
  os.execute("stty echo")
  io.stderr:write("\n")
  if not ok then error(answer, 0) end
  return answer
end

return M
