-- conflict: applies the conflict policy when an item on Box has the name.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local file_hash = require "boxupload.upload.file_hash"
local lookup = require "boxupload.service.lookup"
local options = require "boxupload.util.options"
local text = require "boxupload.util.text"

local M = {}

-- Numbered names to ask for: each costs a request.
local MAX_NUMBER = 100

--- The option that names the policy.
M.options = {
  on_conflict = { type = "string", default = "fail",
    check = options.one_of("fail", "replace", "rename", "skip_identical") },
}

-- The same conflict as an error with another message and advice.
local function restate(err, what, advice)
  local restated =
    failure.of("conflict", err.code, err.operation, what, advice)
  for _, field in ipairs { "status", "request_id", "context_info",
    "conflict" } do
    restated[field] = err[field]
  end
  return failure.returns(restated)
end

-- Only a file can be replaced or compared, and only when the upload creates a
-- file: when a new version renames its file, the conflict is with another file
-- that has nothing to do with it.
local function check_replaceable(target, err)
  local found = err.conflict
  if target.file_id then return nil, err.message, err end
  if found.type == "file" then return true end
  return restate(err, ("a %s has the name (id %s), and it isn't replaced")
    :format(found.type:gsub("_", " "), found.id),
    "give another file_name, or folder_id")
end

-- The caller's if_match names the only version that may be replaced.
local function other_version_error(err, given)
  local found = err.conflict
  local changed = failure.of("changed", "precondition_failed", err.operation,
    ("the file %s has the etag %s, and if_match is %s")
      :format(found.id, found.etag, given),
    "look at what was changed on Box, and give its etag to replace it")
  changed.file_id, changed.request_id = found.id, err.request_id
  changed.conflict = found
  return changed
end

-- Where the client keeps apart what it made: the path of another file that
-- this client put there, or is putting there now, under the same name.
local function holder_of(transfer, found)
  local client = transfer.client
  if not client.made then return nil end
  if client.made[found.id] then return client.made[found.id] end
  for _, other in ipairs(client.transfers) do
    local target = other.target
    local is_there = target.file_id == found.id or found.name and
      target.folder_id == transfer.target.folder_id and
      target.file_name == found.name
    if other ~= transfer and is_there then return other.file.path end
  end
end

local function held_error(err, holder)
  return restate(err, ("%s has the name on Box (id %s)")
    :format(text.one_line(holder), err.conflict.id),
    "give another file_name, or rename one of them")
end

local policies = {}

function policies.fail(_, err)
  return nil, err.message, err
end

function policies.replace(transfer, err)
  local holder = holder_of(transfer, err.conflict)
  if holder then return held_error(err, holder) end
  local ok, message, why = check_replaceable(transfer.target, err)
  if not ok then return nil, message, why end
  local given, etag = transfer.given_if_match, err.conflict.etag
  if given and etag and given ~= etag then
    return failure.returns(other_version_error(err, given))
  end
  return {
    target = transfer.target:replacing(err.conflict),
    if_match = given or etag,
  }
end

function policies.rename(transfer, err)
  local target = transfer.target
  if not target.file_name then return nil, err.message, err end
  while (target.number or 0) < MAX_NUMBER do
    target = target:renamed()
    -- So as not to send the whole file just to get a 409. Any other problem is
    -- the upload's to meet.
    local _, _, refusal =
      lookup.preflight(transfer, target, transfer.file.size)
    if not (refusal and refusal.conflict) then return { target = target } end
  end
  return restate(err, ("%d names like it are taken too"):format(MAX_NUMBER),
    "give another file_name")
end

function policies.skip_identical(transfer, err)
  local ok, message, why = check_replaceable(transfer.target, err)
  if not ok then return nil, message, why end
  local sha1
  sha1, message, why = file_hash.sha1(transfer, transfer.file)
  if not sha1 then return nil, message, why end
  local file = lookup.same_bytes(transfer, err.conflict,
    { sha1 = sha1, size = transfer.file.size }, transfer.fields)
  local holder = not file and holder_of(transfer, err.conflict)
  if holder then return held_error(err, holder) end
  if not file then
    return restate(err, ("another file has the name (id %s)")
      :format(err.conflict.id), "give its id as file_id to upload a new " ..
      "version of it, or another file_name")
  end
  file.skipped = true
  return { file = file }
end

--- Applies the transfer's conflict policy. The outcome has a `target` to
--- upload to instead, with the etag for `if_match` when that is a file to
--- replace; or the identical `file` on Box, marked `skipped`. Otherwise
--- returns an error of the kind "conflict".
---@param transfer boxupload.Transfer
---@param err boxupload.Error  the one with `conflict`
---@return {target:boxupload.Target?, if_match:string?, file:table?}? outcome
---@return string? message, boxupload.Error? err
function M.resolve(transfer, err)
  if not err.conflict then return nil, err.message, err end
  return policies[transfer.on_conflict or "fail"](transfer, err)
end

return M
