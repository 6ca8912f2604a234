-- scan: a first look at all that is to be uploaded: how much it is, and
-- whether Box takes the names.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.failure"
local name = require "boxupload.name"

local M = {}

-- A new version keeps the name that the file has on Box.
local function problem_of(entry, args)
  if entry.kind ~= "file" and entry.kind ~= "folder" then return nil end
  local wanted = args.file_name or not args.file_id and entry.name
  if not wanted then return nil end
  local code, problem = name.problem(wanted)
  if not code then return nil end
  return failure.of("invalid", code, "checking the names",
    "Box doesn't take the name: " .. problem, "rename it")
end

--- Counts what a walk finds, and reports each name that Box wouldn't take.
---@param walk boxupload.Walk
---@param args table
---@param tally boxupload.Tally
---@param report boxupload.Report
---@return integer problems
function M.run(walk, args, tally, report)
  local problems = 0
  for entry in function() return walk:next() end do
    if entry.kind == "file" then
      tally.files, tally.bytes = tally.files + 1, tally.bytes + entry.size
    end
    local err = problem_of(entry, args)
    if err then
      problems = problems + 1
      report:fail(err, entry.path)
    end
  end
  return problems
end

return M
