-- folder: a folder on Box, found or made.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local failure = require "boxupload.service.failure"
local item_name = require "boxupload.service.item_name"
local json = require "boxupload.util.json"
local options = require "boxupload.util.options"
local text = require "boxupload.util.text"

local M = {}

local OPERATION = "making a folder on Box"
local TAKEN = "item_name_in_use"

---@class boxupload.NewFolder
---@field parent_id string  the folder to make it in; "0" is the root
---@field name string

M.options = {
  parent_id = { type = "string", check = options.id, required = true },
  name = { type = "string", required = true },
}

-- Sent twice it does no more than sent once: the second finds the first.
local function create(caller, given)
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

local function refuse_name(given, code, problem)
  return failure.returns(failure.of("invalid", code, OPERATION,
    ('Box doesn\'t take the name "%s": %s')
      :format(text.one_line(given.name, 300), problem), "give another name"))
end

-- What has the name already is what is wanted, if it is a folder.
local function existing(given, message, err)
  local found = err.conflict
  if err.code ~= TAKEN or not found then return nil, message, err end
  if found.type == "folder" then
    return { type = "folder", id = found.id, etag = found.etag,
      name = found.name or given.name, existing = true }
  end
  local refused = failure.of("conflict", TAKEN, OPERATION,
    ("a %s has the name (id %s)"):format(found.type:gsub("_", " "), found.id),
    "give another name")
  refused.status, refused.request_id = err.status, err.request_id
  refused.conflict = found
  return failure.returns(refused)
end

--- Makes a folder, or finds the one that has the name; that one is marked
--- `existing`.
---@param caller boxupload.Caller
---@param given boxupload.NewFolder  checked
---@return table? folder, string? message, boxupload.Error? err
function M.make(caller, given)
  local code, problem = item_name.problem(given.name)
  if code then return refuse_name(given, code, problem) end
  local answer, message, err = create(caller, given)
  if not answer then return existing(given, message, err) end
  local folder = answer.value
  if options.is_id(folder.id) then return folder end
  return failure.returns(failure.of_reply(answer.exchange, OPERATION,
    "no folder object with an id"))
end

return M
