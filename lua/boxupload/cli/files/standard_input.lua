-- standard_input: uploads standard input as one file.
-- SPDX-License-Identifier: MIT

local spool = require "boxupload.upload.spool"

local M = {}

--- A walk with standard input as its only entry.
---@param folder_id string?
---@param name string?
---@return boxupload.Walk
function M.walk(folder_id, name)
  local entry = {
    kind = "file", path = "-", name = name, size = 0,
    parent = { kind = "folder", id = folder_id },
  }
  return {
    next = function()
      local found = entry
      entry = nil
      return found
    end,
    close = function() end,
  }
end

--- A source that reads standard input and shows how much it has read.
---@param screen boxupload.Screen
---@return boxupload.SourceTable
function M.source(screen)
  local read, count = spool.file_reader(io.stdin), 0
  return { read = function()
    local piece, message = read()
    if piece then
      count = count + #piece
      screen:reading(count)
    end
    return piece, message
  end }
end

return M
