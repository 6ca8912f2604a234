-- reconcile: finds out whether a part is stored after a lost response or a
-- refusal.
-- SPDX-License-Identifier: MIT

local failure = require "boxupload.service.failure"
local part_list = require "boxupload.service.part_list"
local reply = require "boxupload.service.reply"

local M = {}

local function find_part(list, offset)
  for _, record in ipairs(list) do
    if record.offset == offset then return record end
  end
end

-- A stored part at another offset that overlaps the expected range.
local function find_overlap(list, expected)
  local last = expected.offset + expected.size
  for _, record in ipairs(list) do
    if record.offset < last and expected.offset < record.offset + record.size
    then
      return record
    end
  end
end

local function part_differs(record, problem, operation)
  local err = failure.of("session", "part_differs", operation,
    ("another part is stored there (part_id %s): %s")
      :format(record.part_id, problem), "upload the file again")
  err.action = "replace"
  return err
end

-- Lists one entry at the part's index first: without gaps before it, that is
-- the part. In a list with gaps the index may differ (Box doesn't say what
-- `offset` counts there), so the whole list is read.
local function list_candidates(caller, session, offset)
  local index = math.floor(offset / session.part_size)
  if not part_list.reaches(index) then
    return part_list.all(caller, session)
  end
  local page, message, err = part_list.page(caller, session, index, 1)
  if not page then return nil, message, err end
  local record = find_part(page, offset)
  if record then return { record } end
  return part_list.all(caller, session)
end

local function look_once(caller, session, expected, operation)
  local list, message, err = list_candidates(caller, session, expected.offset)
  if not list then return nil, message, err end
  local record = find_part(list, expected.offset)
  if not record then
    record = find_overlap(list, expected)
    if not record then return "absent" end
    return failure.returns(part_differs(record, "it overlaps", operation))
  end
  local problem = reply.difference(record, {
    size = expected.size, sha1 = record.sha1 and expected.sha1,
  })
  if problem then
    return failure.returns(part_differs(record, problem, operation))
  end
  return "stored", record
end

--- Asks Box whether the part is stored. A part that was sent once is sent
--- again only when it is known to be absent: Box refuses a second PUT over a
--- stored range (416 `range_overlaps_existing_part`), and overlaps can break
--- the whole session (410 `upload_failed`).
---
--- Returns "stored" and the part, without a SHA-1 where Box's list has none;
--- "absent", also for a part that the list doesn't reach; or nil, the message
--- and the error. That has the code "part_differs" when something else is
--- stored there, at two looks.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@param expected {offset:integer, size:integer, sha1:string}
---@param operation string  for messages
---@return "stored"|"absent"|nil outcome, boxupload.Part|string|nil record
---@return boxupload.Error? err
function M.part(caller, session, expected, operation)
  local outcome, record, err =
    look_once(caller, session, expected, operation)
  if outcome or err.code ~= "part_differs" then return outcome, record, err end
  -- A list may be wrong for a moment.
  caller.waiter:sleep(caller.client.retry_delay, err.message)
  return look_once(caller, session, expected, operation)
end

return M
