-- upload_arguments: the arguments of `boxupload upload`.
-- SPDX-License-Identifier: MIT

local argument = require "boxupload.cli.argument"
local decimal = require "boxupload.util.decimal"
local glob = require "boxupload.cli.files.glob"
local options = require "boxupload.util.options"
local stream = require "boxupload.cli.files.stream"
local text = require "boxupload.util.text"

local M = {}

local UNITS = { [""] = 1, K = 2 ^ 10, M = 2 ^ 20, G = 2 ^ 30 }
UNITS.k, UNITS.m, UNITS.g = UNITS.K, UNITS.M, UNITS.G

local function rate(value)
  local number, unit = value:match("^(%d+%.?%d*)([KMGkmg]?)$")
  number = number and math.floor(decimal.parse(number) * UNITS[unit])
  if number and number >= 1 and number <= 2 ^ 53 then return number end
  return nil, "--limit-rate takes bytes a second, such as 500K, 10M or 1.5G"
end

local function define_target(command)
  command:option("-f --folder-id",
    "The folder to put them in; 0 is the root.")
    :argname("<id>"):convert(argument.id "--folder-id")
  command:option("--file-id", "The file to upload a new version of.")
    :argname("<id>"):convert(argument.id "--file-id")
  command:option("--file-name", "The name on Box; the file's own if not set.")
    :argname("<name>")
  command:option("--on-conflict",
    "What to do when a name is taken: fail (default), replace, rename, " ..
    "skip_identical.")
    :choices { "fail", "replace", "rename", "skip_identical" }
end

local function define_selection(command)
  command:flag("-r --recursive", "Upload folders with everything in them.")
  command:option("--include", "In folders, take only files whose names match.")
    :argname("<pattern>"):count("*")
  command:option("--exclude", "Skip files and folders whose names match.")
    :argname("<pattern>"):count("*")
  command:flag("--verify",
    "Skip files that are already on Box with the same SHA-1.")
  command:flag("--preflight", "Ask Box to accept each file before sending it.")
  command:flag("-n --dry-run", "Only show what would be uploaded.")
end

local function define_transfers(command)
  command:option("--transfers", "Files at once; 4 if not set.", "4")
    :argname("<n>"):convert(argument.positive_integer "--transfers")
    :show_default(false)
  command:option("--parallel", "Parts of a file at once; 4 if not set.")
    :argname("<n>")
    :convert(argument.positive_integer("--parallel", options.MOST))
  command:option("--limit-rate", "Total bytes a second, such as 10M.")
    :argname("<rate>"):convert(rate)
  command:mutex(
    command:flag("--resume", "Fail if no journal can be kept."),
    command:flag("--no-resume",
      "Keep no journal: the upload can't be resumed."))
end

--- Adds the command's arguments.
---@param command table  of argparse
function M.define(command)
  command:argument("paths", "Files, folders and pipes; - is standard input.")
    :args("+"):argname("<path>")
  define_target(command)
  define_selection(command)
  define_transfers(command)
  argument.add_attribute_options(command)
  argument.add_client_options(command)
end

local function target_problem(args)
  if not args.folder_id and not args.file_id then
    return "give --folder-id (0 is the root folder), or --file-id for a " ..
      "new version of a file"
  end
  if args.folder_id and args.file_id then
    return "give --folder-id or --file-id, not both"
  end
  if #args.paths > 1 and (args.file_id or args.file_name) then
    return "--file-id and --file-name are for one file"
  end
end

local function stream_problem(path, args)
  local is_input = stream.is_standard_input(path)
  if is_input and #args.paths > 1 then
    return "- (standard input) must be used alone"
  end
  local what = is_input and "standard input" or text.one_line(path)
  if not stream.name(path) and not args.file_name and not args.file_id then
    return "give --file-name for " .. what
  end
  if args.resume then
    return ("--resume is for files: %s couldn't be read again"):format(what)
  end
end

local function streams_problem(args)
  for _, path in ipairs(args.paths) do
    local problem = stream.is(path) and stream_problem(path, args)
    if problem then return problem end
  end
end

--- Returns why the arguments are invalid, or nil.
---@param args table
---@return string?
function M.problem(args)
  local problem = streams_problem(args) or target_problem(args)
  if problem then return problem end
  if args.verify and args.file_id then
    return "--verify is for --folder-id"
  end
end

local function matchers(patterns)
  local all = {}
  for i, pattern in ipairs(patterns) do all[i] = glob.matcher(pattern) end
  return all
end

local function fits_one(name, all)
  for _, fits in ipairs(all) do
    if fits(name) then return true end
  end
  return false
end

--- Returns a filter for the entries found in folders: true uploads them.
---@param args table
---@return fun(entry: boxupload.Entry): boolean
function M.filter(args)
  local include, exclude = matchers(args.include), matchers(args.exclude)
  return function(entry)
    if entry.name and fits_one(entry.name, exclude) then return false end
    return entry.kind ~= "file" or not include[1] or
      fits_one(entry.name, include)
  end
end

return M
