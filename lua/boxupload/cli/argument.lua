-- argument: what the commands' options have in common, and how values are
-- read.
-- SPDX-License-Identifier: MIT

local options = require "boxupload.options"

local M = {}

--- For argparse's convert: an id of Box.
---@param option string  for the message
function M.id(option)
  return function(value)
    if options.is_id(value) then return value end
    return nil, option .. " takes an id: digits, as in the URL of the item"
  end
end

--- For argparse's convert: a whole number of at least 1.
---@param option string  for the message
function M.count(option)
  return function(value)
    local number = tonumber(value)
    if number and number >= 1 and number == math.floor(number) then
      return number
    end
    return nil, option .. " takes a whole number of at least 1"
  end
end

--- The options of every command that reports something.
---@param command table  of argparse
function M.report(command)
  command:flag("--json", "Print one JSON object a line, for programs.")
  command:flag("-q --quiet", "Show results and errors only.")
end

--- The options of every command that talks to Box.
---@param command table  of argparse
function M.client(command)
  M.report(command)
end

return M
