-- user: the user who is signed in.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local failure = require "boxupload.service.failure"
local options = require "boxupload.util.options"

local M = {}

local OPERATION = "asking who is signed in"
-- enterprise isn't in the default response, and naming any field leaves out
-- all others.
local FIELDS = "type,id,name,login,space_amount,space_used," ..
  "max_upload_size,enterprise"

---@class boxupload.User
---@field id string
---@field name string
---@field login string
---@field space_amount integer     bytes
---@field space_used integer       bytes
---@field max_upload_size integer  bytes
---@field enterprise {id:string, name:string}?

--- Fetches the user of the client's token.
---@param caller boxupload.Caller
---@return boxupload.User? user, string? message, boxupload.Error? err
function M.current(caller)
  local client = caller.client
  local response, message, err = call.perform(caller, {
    operation = OPERATION, scope = "create", idempotent = true,
    accept = { [200] = "json" },
    submit = function(queue)
      return client.engine:submit {
        method = "GET", queue = queue,
        url = client.api_url .. "/users/me?fields=" .. FIELDS,
      }
    end,
  })
  if not response then return nil, message, err end
  if options.is_id(response.value.id) then return response.value end
  return failure.returns(failure.of_reply(response.exchange, OPERATION,
    "a user without an id"))
end

local IDENTITY_TIMEOUT = 10 -- seconds

-- A token that isn't allowed to ask won't be allowed later.
local function is_final(err)
  return err.status ~= nil and err.status < 500 and err.status ~= 401 and
    err.status ~= 408 and err.status ~= 429
end

--- The id and login of the client's user. Asked once a client, and only once:
--- where Box can't be asked now, the upload must not wait for it.
---@param caller boxupload.Caller
---@return {id:string, login:string?}? user  nil: not known
function M.identity(caller)
  local client = caller.client
  if client.identity ~= nil then return client.identity or nil end
  local response, _, err = call.perform(caller, {
    operation = OPERATION, scope = "create", accept = { [200] = "json" },
    timeout = IDENTITY_TIMEOUT, without_retries = true,
    submit = function(queue)
      return client.engine:submit {
        method = "GET", queue = queue,
        url = client.api_url .. "/users/me?fields=type,id,login",
      }
    end,
  })
  if not response then
    if is_final(err) then client.identity = false end
    return nil
  end
  local id, login = response.value.id, response.value.login
  if not options.is_id(id) then return nil end
  client.identity =
    { id = id, login = type(login) == "string" and login or nil }
  return client.identity
end

return M
