-- scan: counts the files before an upload, and checks that Box accepts their
-- names.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local item_name = require "boxupload.service.item_name"

local M = {}

-- With --file-id the file keeps its name on Box, so there is none to check.
local function name_error(entry, args)
  if entry.kind ~= "file" and entry.kind ~= "folder" then return nil end
  local wanted = args.file_name or not args.file_id and entry.name
  if not wanted then return nil end
  local code, problem = item_name.problem(wanted)
  if not code then return nil end
  return failure.of("invalid", code, "checking the names",
    "Box doesn't take the name: " .. problem, "rename it")
end

--- Counts the entries of a walk, and reports each name that Box rejects.
---@param walk boxupload.Walk
---@param args table
---@param summary boxupload.Summary
---@param report boxupload.Report
---@return integer problems
function M.check(walk, args, summary, report)
  local problems = 0
  for entry in function() return walk:next() end do
    if entry.kind == "file" then
      summary.files = summary.files + 1
      summary.bytes = summary.bytes + entry.size
    end
    local err = name_error(entry, args)
    if err then
      problems = problems + 1
      report:fail(err, entry.path)
    end
  end
  return problems
end

return M
