-- commit: makes a file of the stored parts, and sees that it is the right one.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"
local lookup = require "boxupload.service.lookup"
local part_list = require "boxupload.service.part_list"
local retry = require "boxupload.service.retry"
local uploaded_file = require "boxupload.service.uploaded_file"

local M = {}

local OPERATION = "committing the upload session"
--- Seconds that the service may take for a big file: it is given hours.
M.TIMEOUT = 6 * 3600
-- A part that was just stored may not be registered yet, but not for long.
local MISMATCH_TIMEOUT = 600
-- After so many parts_mismatch in a row the list is asked what is missing.
local MISMATCHES = 5
-- Pauses where the service asks for none, or for less.
local SHORTEST, LONGEST = 0.05, 10
local FIRST = 1
-- A file that was being put together may take a while to be seen.
local LOOKS = 3

---@class boxupload.Commit
---@field sha1 string                   the whole file's, hex
---@field parts boxupload.Part[]?       nil: all that are stored
---@field attributes table
---@field if_match string?
---@field if_none_match string?
---@field wait boolean                  through 202 and parts_mismatch
---@field timeout number                seconds for that
---@field expected table                what the file must be: see verify
---@field target boxupload.Target?      where to look when an answer is lost
---@field doubtful boolean?             it may have been committed before
---@field fields string?                of fields.text

local function body_of(parts, attributes)
  local list = {}
  for i, part in ipairs(parts) do list[i] = part end
  -- Box demands the order of the file.
  table.sort(list, function(a, b) return a.offset < b.offset end)
  return json.encode { parts = json.array(list), attributes = attributes }
end

local function request_of(session, given, body)
  return {
    operation = OPERATION, scope = "session",
    accept = { [200] = "json", [201] = "json", [202] = "empty" },
    submit = function(queue)
      return session:submit_commit {
        sha1 = given.sha1, body = body, if_match = given.if_match,
        if_none_match = given.if_none_match, fields = given.fields,
        queue = queue,
      }
    end,
  }
end

local function pending(exchange)
  local err = failure.of("timeout", "commit_pending", OPERATION,
    "the service is still putting the file together", "commit again later")
  err.status, err.retryable = 202, true
  err.retry_after = failure.retry_after(exchange, core.time())
  return err
end

local function late(err)
  if err.code ~= "commit_pending" then return err end
  return failure.of("timeout", "commit_timeout", OPERATION,
    "the service has all the parts, but the file isn't there in time (" ..
    err.message .. ")", "look on Box later, or allow a longer commit_timeout")
end

-- The steps below give a file; or the seconds until the next commit; or
-- neither, and the error that ends it.

local function set_parts(self, parts)
  self.parts = parts
  self.request = request_of(self.session, self.given,
    body_of(parts, self.given.attributes))
end

-- Until when a commit that isn't through may be tried, by why it isn't.
local function limit_of(self, code)
  if code == "parts_mismatch" then
    self.mismatch_limit = self.mismatch_limit or
      math.min(self.limit, core.now() + MISMATCH_TIMEOUT)
    return self.mismatch_limit
  end
  return self.limit
end

-- Offsets of the parts that the service doesn't list as they were stored.
local function missing_of(self, listed)
  local ids, missing = {}, {}
  for _, part in ipairs(listed) do ids[part.offset] = part.part_id end
  for _, part in ipairs(self.parts) do
    if ids[part.offset] ~= part.part_id then
      missing[#missing + 1] = part.offset
    end
  end
  return missing
end

-- A part that it lists is only slow to be registered. One that it doesn't
-- list will never be.
local function look_for_parts(self)
  local listed = part_list.all(self.caller, self.session)
  if not listed then return nil end
  if not self.given.parts then
    set_parts(self, listed)
    return nil
  end
  local missing = missing_of(self, listed)
  if #missing == 0 then return nil end
  local err = failure.of("session", "parts_missing", OPERATION,
    ("%d parts that were stored aren't listed any more"):format(#missing),
    "send them again")
  err.action, err.missing_offsets = "resend", missing
  return err
end

local function pause_after(err, count)
  local floor = math.min(FIRST, SHORTEST * 2 ^ count)
  local own = math.min(LONGEST, FIRST * 1.5 ^ count)
  return math.max(err.retry_after or own, floor)
end

local function wait(self, err)
  if not self.given.wait then return nil, nil, err end
  self.count = err.code == self.waited_for and self.count + 1 or 0
  self.waited_for = err.code
  if err.code == "parts_mismatch" and self.count % MISMATCHES ==
     MISMATCHES - 1 then
    local gone = look_for_parts(self)
    if gone then return nil, nil, gone end
  end
  local pause = pause_after(err, self.count)
  if core.now() + pause > limit_of(self, err.code) then
    return nil, nil, late(err)
  end
  return nil, pause
end

local function ambiguous(self, err, outcome, id)
  local there = id and (" (the file %s is there)"):format(id) or ""
  local unsure = failure.of("session", "ambiguous_commit", OPERATION,
    ("an answer was lost, and it can't be told whether the upload session " ..
    "%s became the file%s; the last answer was: %s")
      :format(self.session.id, there, err.message),
    "look on Box before uploading it again")
  unsure.session_id, unsure.file_id = self.session.id, id
  unsure.outcome, unsure.status = outcome, err.status
  unsure.request_id = err.request_id
  return unsure
end

-- Whether the session can still be committed; nil: that can't be told.
local function is_alive(self)
  local answer, _, err = call.perform(self.caller, {
    operation = "asking for the upload session", scope = "session",
    idempotent = true, accept = { [200] = "empty" },
    submit = function(queue)
      return self.session:submit_status { queue = queue }
    end,
  })
  if answer then return true end
  if err.status == 404 or err.status == 410 then return false end
  return nil
end

-- What is on Box, and whether the session lives.
local function look(self, conflict)
  local client, given = self.caller.client, self.given
  local outcome, found, alive
  for count = 1, LOOKS do
    outcome, found = lookup.outcome(self.caller, given.target,
      { sha1 = given.sha1, size = given.expected.size },
      { conflict = conflict, fields = given.fields })
    if outcome == "done" then return outcome, found end
    alive = is_alive(self)
    if alive ~= false or outcome ~= "absent" or count == LOOKS then break end
    self.caller.waiter:sleep(client.retry_delay * 2 ^ (count - 1),
      "looking for the file on Box")
  end
  return outcome, found, alive
end

local function again(self, err)
  self.lost = self.lost + 1
  err.action = "again"
  local delay = retry.delay(self.caller, err, self.lost, true)
  if delay then return nil, delay end
  return nil, nil, err
end

-- Nothing is known to have come of it, and who calls again may go on.
local function unheard(err)
  err.message = err.message .. " (the file may be on Box nevertheless)"
  return nil, nil, err
end

-- It was perhaps committed by a request whose answer was lost.
local function settle(self, err)
  local given, lost = self.given, err.action == "again"
  if not given.target then
    if lost then return unheard(err) end
    return nil, nil, ambiguous(self, err, "unknown")
  end
  local outcome, found, alive = look(self, err.conflict)
  if outcome == "done" then return found end
  if lost and alive ~= false then return unheard(err) end
  if alive and (err.conflict or err.status == 412) then
    return nil, nil, err
  end
  if alive and outcome == "absent" then return again(self, err) end
  return nil, nil, ambiguous(self, err, outcome, found or
    given.target.file_id)
end

-- The answers of a session that may be a file already, and of a file that
-- may be the one.
local SETTLED = { [404] = true, [409] = true, [410] = true, [412] = true }

local function recover(self, err)
  if err.code == "commit_pending" then self.doubtful = true end
  if err.code == "commit_pending" or err.code == "parts_mismatch" then
    return wait(self, err)
  end
  if err.action == "again" then
    self.doubtful, self.lost = true, self.lost + 1
    local delay = retry.delay(self.caller, err, self.lost, true)
    if delay then return nil, delay end
    return settle(self, err)
  end
  if self.doubtful and SETTLED[err.status] then return settle(self, err) end
  return nil, nil, err
end

local function once(self)
  local answer, message, err = call.perform(self.caller, self.request)
  if not answer then return nil, message, err end
  if answer.status == 202 then
    return failure.returns(pending(answer.exchange))
  end
  return uploaded_file.check(answer, OPERATION, self.given.expected)
end

--- Commits. Waits through 202 and parts_mismatch by elapsed time, since how
--- often they come says nothing; with wait = false they are returned. A
--- commit whose answer was lost is repeated, and settled by what is on Box
--- where the session is gone by then.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@param given boxupload.Commit
---@return table? file, string? message, boxupload.Error? err
function M.run(caller, session, given)
  local parts = given.parts
  if not parts then
    local message, err
    parts, message, err = part_list.all(caller, session)
    if not parts then return nil, message, err end
  end
  local self = {
    caller = caller, session = session, given = given,
    limit = core.now() + given.timeout, doubtful = given.doubtful,
    lost = 0, count = 0,
  }
  set_parts(self, parts)
  while true do
    local file, message, err = once(self)
    if file then return file end
    local delay
    file, delay, err = recover(self, err)
    if file then return file end
    if not delay then return failure.returns(err) end
    caller.waiter:sleep(delay, message)
  end
end

return M
