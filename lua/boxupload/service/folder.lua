-- folder: creates a folder on Box, or finds the existing one.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local failure = require "boxupload.service.failure"
local item_name = require "boxupload.service.item_name"
local json = require "boxupload.util.json"
local options = require "boxupload.util.options"
local text = require "boxupload.util.text"

local M = {}

local OPERATION = "making a folder on Box"
local NAME_IN_USE = "item_name_in_use"

---@class boxupload.NewFolder
---@field parent_id string  the id of the parent folder; "0" is the root
---@field name string

M.options = {
  parent_id = { type = "string", check = options.id, required = true },
  name = { type = "string", required = true },
}

-- Idempotent: a second request finds the folder that the first one made.
local function create_folder(caller, given)
  local client = caller.client
  return call.perform(caller, {
    operation = OPERATION, scope = "create", idempotent = true,
    accept = { [200] = "json", [201] = "json" },
    submit = function(queue)
      return client.engine:submit {
        method = "POST", url = client.api_url .. "/folders",
        headers = { ["Content-Type"] = "application/json" },
        body = json.encode { name = given.name,
          parent = { id = given.parent_id } },
        queue = queue,
      }
    end,
  })
end

local function invalid_name_error(given, code, problem)
  return failure.returns(failure.of("invalid", code, OPERATION,
    ('Box doesn\'t take the name "%s": %s')
      :format(text.one_line(given.name, 300), problem), "give another name"))
end

-- A folder that already has the name is the wanted one.
local function existing_folder(given, message, err)
  local conflict = err.conflict
  if err.code ~= NAME_IN_USE or not conflict then return nil, message, err end
  if conflict.type == "folder" then
    return { type = "folder", id = conflict.id, etag = conflict.etag,
      name = conflict.name or given.name, existing = true }
  end
  local conflict_error = failure.of("conflict", NAME_IN_USE, OPERATION,
    ("a %s has the name (id %s)")
      :format(conflict.type:gsub("_", " "), conflict.id),
    "give another name")
  conflict_error.status, conflict_error.request_id = err.status, err.request_id
  conflict_error.conflict = conflict
  return failure.returns(conflict_error)
end

--- Creates a folder, or finds the one that has the name: then its field
--- `existing` is true.
---@param caller boxupload.Caller
---@param given boxupload.NewFolder  checked options
---@return table? folder, string? message, boxupload.Error? err
function M.make(caller, given)
  local code, problem = item_name.problem(given.name)
  if code then return invalid_name_error(given, code, problem) end
  local response, message, err = create_folder(caller, given)
  if not response then return existing_folder(given, message, err) end
  local folder = response.value
  if options.is_id(folder.id) then return folder end
  return failure.returns(failure.of_reply(response.exchange, OPERATION,
    "no folder object with an id"))
end

return M
