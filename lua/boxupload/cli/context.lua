-- context: what a command works with: its arguments, report and client.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local report = require "boxupload.cli.report"

local M = {}

---@class boxupload.Context
---@field args table              of the command line
---@field report boxupload.Report
---@field opened boxupload.Client?
local Context = {}
Context.__index = Context

--- Begins a run of a command.
---@param args table
---@return boxupload.Context
function M.new(args)
  return setmetatable({ args = args, report = report.new(args) }, Context)
end

local function environment(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

-- The options that the environment sets.
local VARIABLES = {
  token = "BOX_TOKEN", ca_file = "BOX_CA_FILE",
  api_url = "BOX_API_URL", upload_url = "BOX_UPLOAD_URL",
  token_url = "BOX_TOKEN_URL",
}

--- The client, made at the first call and closed by `close`. What doesn't fit
--- in its options is a misuse of the command: a message and no error.
---@return boxupload.Client? client, string? message, boxupload.Error? err
function Context:client()
  if self.opened then return self.opened end
  if not environment(VARIABLES.token) then
    return nil, "set BOX_TOKEN to an access token of Box"
  end
  local options = {}
  for option, name in pairs(VARIABLES) do
    options[option] = environment(name)
  end
  local ok, client, message, err = pcall(boxupload.new, options)
  if not ok then
    return nil, (tostring(client):gsub('^.*option "([%a_]+)"', VARIABLES))
  end
  self.opened = client
  return client, message, err
end

--- The client; without one the failure is reported, and its exit code
--- returned.
---@return boxupload.Client? client, integer? exit_code
function Context:need_client()
  local client, message, err = self:client()
  if client then return client end
  return nil, err and self.report:fail(err) or self.report:misuse(message)
end

--- Ends what the run has opened.
function Context:close()
  if self.opened then self.opened:close() end
  self.opened = nil
end

return M
