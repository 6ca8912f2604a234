-- redirect_listener: receives the OAuth code that Box's sign-in page sends to
-- the redirect URI on this machine.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local text = require "boxupload.util.text"

local M = {}

-- Checks the deadline this often.
local POLL_SECONDS = 1
local PATH = "/callback"

-- In bytes. Box's codes have 32.
local MAX_CODE = 1024
local MAX_REASON = 300

-- Nothing of a request is in a page.
local PAGE = [[<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>boxupload</title></head>
<body style="font-family: sans-serif; margin: 4em auto; max-width: 32em">
<h1>%s</h1><p>%s</p></body></html>
]]
local NOT_FOUND = PAGE:format("Not found", "This isn't the page.")
local NOT_THIS = PAGE:format("Not signed in",
  "This belongs to another sign-in. The one in the terminal still waits.")
local REFUSED = PAGE:format("Not signed in",
  "You can close this window. The terminal says why.")
local SIGNED_IN = PAGE:format("Signed in",
  "You can close this window and go back to the terminal.")

local function decode_url(encoded)
  return (encoded:gsub("+", " "):gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

--- Parses a redirect URL, its query string, or a code on its own. What is
--- there twice is nothing (RFC 6749, section 3.1).
---@param answer string
---@return table<string, string>
function M.parse(answer)
  local query = answer:match("%?([^#]*)") or answer
  if not query:find("=", 1, true) then return { code = query } end
  local values = {}
  for encoded, value in query:gmatch("([^&=]+)=([^&]*)") do
    local name = decode_url(encoded)
    values[name] = values[name] and "" or decode_url(value)
  end
  return values
end

--- Returns the code, or the reason why there is none.
---@param values table<string, string>
---@param state string  sent with the request to sign in
---@param allow_no_state boolean?  for a code that the user pasted
---@return string? code, string? problem
function M.check_code(values, state, allow_no_state)
  local is_stateless = allow_no_state and values.state == nil
  if values.state ~= state and not is_stateless then
    return nil, "the answer belongs to another sign-in (its state differs)"
  end
  if values.error then
    return nil, "Box says: " .. text.one_line(values.error_description or
      values.error, MAX_REASON)
  end
  if not values.code or values.code == "" then
    return nil, "there is no code in the answer"
  end
  if #values.code > MAX_CODE or values.code:find("[^\33-\126]") then
    return nil, "what the answer has isn't a code"
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

-- Only who knows the state ends the wait: any web page can call this port.
local function handle_request(self, target, state)
  if target:match("^[^?]*") ~= PATH then
    self.listener:answer(404, NOT_FOUND)
    return nil
  end
  local values = M.parse(target)
  if values.state ~= state then
    self.listener:answer(400, NOT_THIS)
    return nil
  end
  local code, problem = M.check_code(values, state)
  self.listener:answer(code and 200 or 400, code and SIGNED_IN or REFUSED)
  return { code = code, problem = problem }
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
