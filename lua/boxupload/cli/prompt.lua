-- prompt: asks the user at the terminal; otherwise reads a line from stdin.
-- SPDX-License-Identifier: MIT

local console = require "boxupload.cli.output.console"
local core = require "boxupload.core"

local M = {}

local STDIN = 0

-- Wakes up this often so that an interrupt is noticed: some Luas continue a
-- blocking read after a signal.
local POLL_SECONDS = 1

local function read_line()
  while M.is_interactive() and not core.readable(STDIN, POLL_SECONDS) do end
  local line = io.stdin:read("*l")
  return line and (line:gsub("%s+$", ""):gsub("^%s+", ""))
end

--- Whether stdin is a terminal.
function M.is_interactive()
  return core.isatty(STDIN)
end

--- Reads a line; nil if it is empty or at the end of stdin.
---@param question string
---@return string? answer
function M.ask(question)
  if M.is_interactive() then console.ask(question) end
  local answer = read_line()
  return answer ~= "" and answer or nil
end

--- Like `ask`, without echoing the input.
---@param question string
---@return string? answer
function M.ask_secret(question)
  if not M.is_interactive() then return M.ask(question) end
  os.execute("stty -echo")
  local ok, answer = pcall(M.ask, question)
  os.execute("stty echo")
  console.end_line()
  if not ok then error(answer, 0) end
  return answer
end

return M
