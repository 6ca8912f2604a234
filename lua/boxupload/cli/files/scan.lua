-- scan: counts the files before an upload, checks that Box accepts their
-- names and keeps them apart, and that there is something to upload.
-- SPDX-License-Identifier: MIT

local clash = require "boxupload.cli.files.clash"
local exit_code = require "boxupload.cli.output.exit_code"
local failure = require "boxupload.service.failure"
local glob = require "boxupload.cli.files.glob"
local item_name = require "boxupload.service.item_name"
local text = require "boxupload.util.text"

local M = {}

local OPERATION = "looking for files"

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

-- The patterns of --include, and which of them have matched a file.
local function new_patterns(args)
  local patterns = {}
  for at, pattern in ipairs(args.include) do
    patterns[at] = { text = pattern, fits = glob.matcher(pattern) }
  end
  return patterns
end

-- A file that was named is uploaded in any case. A pattern that fits it was
-- fulfilled nevertheless, as that of a shell which expanded it twice.
local function note_match(patterns, entry)
  if entry.kind ~= "file" or not entry.name then return end
  for _, each in ipairs(patterns) do
    each.matched = each.matched or each.fits(entry.name)
  end
end

-- Returns whether none of the patterns has matched.
local function report_unmatched(patterns, report)
  local matched = 0
  for _, each in ipairs(patterns) do
    if each.matched then
      matched = matched + 1
    else
      report:info(("no file matches --include %s")
        :format(text.one_line(each.text)))
    end
  end
  return patterns[1] ~= nil and matched == 0
end

local function nothing_found(what, advice)
  return failure.of("gone", "nothing_found", OPERATION, what, advice)
end

-- What was asked for and can't be done, though no single file is to blame.
-- Also returns whether the run is pointless.
local function find_nothing(counts, files, patterns, report)
  if report_unmatched(patterns, report) then
    return nothing_found("no file matches what --include names",
      "check the pattern, or leave it out"), files == 0
  end
  if files > 0 or counts.error then return nil end
  if counts.skip then
    return nothing_found("there is nothing to upload but what is left out",
      "name links and pipes themselves to have them uploaded"), false
  end
  if not counts.folder then
    return nothing_found("there is nothing to upload"), true
  end
end

local function check_clash(entry, args, summary, report)
  local err = clash.error(entry, args.on_conflict, args.verify)
  if err then
    summary.code =
      exit_code.worse(summary.code, report:fail(err, entry.path))
  elseif entry.same_as then
    report:info(clash.remark(entry))
  end
end

--- Counts the entries of a walk, and reports each name that Box rejects or
--- that two of them share, and when nothing is there that was asked for.
--- Returns an exit code where the upload can't begin.
---@param walk boxupload.Walk
---@param args table
---@param summary boxupload.Summary
---@param report boxupload.Report
---@return integer? exit_code
function M.check(walk, args, summary, report)
  local problems, counts, patterns = 0, {}, new_patterns(args)
  for entry in function() return walk:next() end do
    counts[entry.kind] = true
    if entry.kind == "file" then
      summary.files = summary.files + 1
      summary.bytes = summary.bytes + entry.size
    end
    note_match(patterns, entry)
    local err = name_error(entry, args)
    if err then
      problems = problems + 1
      report:fail(err, entry.path)
    end
    check_clash(entry, args, summary, report)
  end
  if problems > 0 then return exit_code.USAGE end
  local err, is_pointless =
    find_nothing(counts, summary.files, patterns, report)
  if not err then return nil end
  summary.code = exit_code.worse(summary.code, report:fail(err))
  return is_pointless and summary.code or nil
end

return M
