-- reconcile: what became of a part whose answer was lost or refused.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local part_list = require "boxupload.service.part_list"
local reply = require "boxupload.service.reply"

local M = {}

local function find(list, offset)
  for _, record in ipairs(list) do
    if record.offset == offset then return record end
  end
end

-- Something that is no part of ours lies over the range.
local function overlap(list, expected)
  local last = expected.offset + expected.size
  for _, record in ipairs(list) do
    if record.offset < last and expected.offset < record.offset + record.size
    then
      return record
    end
  end
end

local function damaged(record, problem, operation)
  local err = failure.of("session", "part_differs", operation,
    ("another part is stored there (part_id %s): %s")
      :format(record.part_id, problem), "upload the file again")
  err.action = "replace"
  return err
end

-- The window at the part's index first: with no gaps before it, that is
-- where it is, and one entry tells. A list with gaps is read whole.
local function look(caller, session, offset)
  local index = math.floor(offset / session.part_size)
  local page, message, err = part_list.page(caller, session, index, 1)
  if not page then return nil, message, err end
  local record = find(page, offset)
  if record then return { record } end
  return part_list.all(caller, session)
end

--- Asks the service whether the part is stored. A part once sent is not sent
--- again unless it is known to be absent: a second PUT over a stored range
--- is refused at best.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@param expected {offset:integer, size:integer, sha1:string}
---@param operation string
---@return "stored"|"absent"|nil outcome, boxupload.Part|string|nil record
---@return boxupload.Error? err
function M.part(caller, session, expected, operation)
  local list, message, err = look(caller, session, expected.offset)
  if not list then return nil, message, err end
  local record = find(list, expected.offset)
  if not record then
    record = overlap(list, expected)
    if not record then return "absent" end
    return failure.returns(damaged(record, "it overlaps", operation))
  end
  local problem = reply.difference(record, {
    size = expected.size, sha1 = record.sha1 and expected.sha1,
  })
  if problem then
    return failure.returns(damaged(record, problem, operation))
  end
  record.sha1 = expected.sha1
  return "stored", record
end

return M
