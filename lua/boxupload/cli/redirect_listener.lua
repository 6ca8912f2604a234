-- redirect_listener: receives the OAuth code that Box's sign-in page sends to
-- the redirect URI on this machine.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"

local M = {}

-- Checks the deadline this often.
local POLL_SECONDS = 1
local PATH = "/callback"

local PAGE = [[<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>boxupload</title></head>
<body style="font-family: sans-serif; margin: 4em auto; max-width: 32em">
<h1>%s</h1><p>%s</p></body></html>
]]

local function html_page(title, text)
  return PAGE:format(title, (text:gsub("[&<>]",
    { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" })))
end

local function decode_url(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

--- Parses a redirect URL, its query string, or a code on its own.
---@param text string
---@return table<string, string>
function M.parse(text)
  local query = text:match("%?([^#]*)") or text
  if not query:find("=", 1, true) then return { code = query } end
  local values = {}
  for name, value in query:gmatch("([^&=]+)=([^&]*)") do
    values[decode_url(name)] = decode_url(value)
  end
  return values
end

--- Returns the code, or the reason why there is none.
---@param values table<string, string>
---@param state string  sent with the request to sign in
---@param allow_no_state boolean?  for a code that the user pasted
---@return string? code, string? problem
function M.check_code(values, state, allow_no_state)
  if values.error then
    return nil, "Box says: " .. (values.error_description or values.error)
  end
  local is_stateless = allow_no_state and values.state == nil
  if values.state ~= state and not is_stateless then
    return nil, "the answer belongs to another sign-in (its state differs)"
  end
  if not values.code or values.code == "" then
    return nil, "there is no code in the answer"
  end
  return values.code
end

---@class boxupload.RedirectListener
local RedirectListener = {}
RedirectListener.__index = RedirectListener

--- Listens on the loopback interface only.
---@param port integer  0 picks a free port
---@return boxupload.RedirectListener? listener, string? problem
function M.open(port)
  local listener, problem = core.listen(port)
  if not listener then return nil, problem end
  return setmetatable({ listener = listener }, RedirectListener)
end

--- The redirect URI for Box.
---@return string
function RedirectListener:uri()
  return ("http://127.0.0.1:%d%s"):format(self.listener:port(), PATH)
end

function RedirectListener:close()
  self.listener:close()
end

local function handle_request(self, target, state)
  if target:match("^[^?]*") ~= PATH then
    self.listener:answer(404, html_page("Not found", "This isn't the page."))
    return nil
  end
  local code, problem = M.check_code(M.parse(target), state)
  if code then
    self.listener:answer(200, html_page("Signed in",
      "You can close this window and go back to the terminal."))
    return { code = code }
  end
  self.listener:answer(400, html_page("Not signed in", problem))
  return { problem = problem }
end

--- Waits for the browser to deliver the code.
---@param state string
---@param seconds number
---@return string? code, string? problem
function RedirectListener:wait(state, seconds)
  local deadline = core.now() + seconds
  while core.now() < deadline do
    local target, problem = self.listener:take(POLL_SECONDS)
    if problem then return nil, problem end
    local result = target and handle_request(self, target, state)
    if result then return result.code, result.problem end
  end
  return nil, ("nobody signed in within %.0f seconds"):format(seconds)
end

return M
