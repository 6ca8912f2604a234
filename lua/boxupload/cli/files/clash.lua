-- clash: what becomes of an entry whose name on Box an earlier one of the run
-- has: what a run made is never what it replaces.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local text = require "boxupload.util.text"

local M = {}

-- A second file goes up under another name, or is left out where the first
-- has the same bytes. Under other policies it could only replace the first.
local function may_try(entry, policy, verify)
  return entry.kind == "file" and
    (verify or policy == "rename" or policy == "skip_identical")
end

--- The error of an entry that must not be uploaded; nil for others.
---@param entry boxupload.Entry
---@param policy string?  of --on-conflict
---@param verify boolean?
---@return boxupload.Error? err
function M.error(entry, policy, verify)
  if not entry.same_as or entry.merged or
     may_try(entry, policy, verify) then
    return nil
  end
  return failure.of("conflict", "same_target", "checking the names",
    ("on Box it has the same name as %s"):format(
      text.one_line(entry.same_as)),
    entry.kind == "file" and "rename one of them, or give --on-conflict " ..
    "rename" or "rename one of them")
end

--- A remark on an entry that shares its name and may be uploaded; nil for
--- others.
---@param entry boxupload.Entry
---@return string?
function M.remark(entry)
  if not entry.same_as then return nil end
  return (entry.merged and "%s: goes into the same folder on Box as %s" or
    "%s: on Box it has the same name as %s")
    :format(text.one_line(entry.path), text.one_line(entry.same_as))
end

return M
