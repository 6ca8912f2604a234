-- commit: assembles the stored parts into a file, and verifies that file.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"
local lookup = require "boxupload.service.lookup"
local part_list = require "boxupload.service.part_list"
local retry = require "boxupload.service.retry"
local upload_session = require "boxupload.service.session"
local uploaded_file = require "boxupload.service.uploaded_file"

local M = {}

local OPERATION = "committing the upload session"
--- Default for the seconds that the service may take to assemble a file: big
--- ones take long.
M.TIMEOUT = 6 * 3600
-- Seconds. Box answers parts_mismatch for a short time after the last part.
local MISMATCH_TIMEOUT = 600
-- While the service keeps answering parts_mismatch, the stored parts are
-- listed after every so many of them, to see whether one is missing.
local LISTING_INTERVAL = 5
-- Seconds between commits, where Retry-After is missing or shorter. However
-- short that is, a service that needs long isn't asked thousands of times.
local MIN_PAUSE, MAX_PAUSE = 0.05, 10
local FIRST_PAUSE = 1

---@class boxupload.Commit
---@field sha1 string                   the whole file's, hex
---@field parts boxupload.Part[]?       nil: all that are stored
---@field attributes table
---@field if_match string?
---@field if_none_match string?
---@field wait boolean                  on 202 and parts_mismatch
---@field timeout number                seconds of waiting; 0: one commit, for
--- whose answer it waits as for any other
---@field expected table                see reply.difference
---@field target boxupload.Target?      where to look for the file when a
--- response was lost
---@field maybe_committed boolean?      it may already have been committed
---@field fields string?                from fields.text

-- A SHA-1 that Box hasn't told is left out, as it may be: if it is wrong, the
-- file's own digest shows that.
local function commit_body(parts, attributes)
  local list = {}
  for i, part in ipairs(parts) do
    list[i] = {
      part_id = part.part_id, offset = part.offset, size = part.size,
      sha1 = not part.is_believed and part.sha1 or nil,
    }
  end
  -- Box requires the parts in the order of their offsets.
  table.sort(list, function(a, b) return a.offset < b.offset end)
  return json.encode { parts = json.array(list), attributes = attributes }
end

local function commit_request(client, session, given, body, deadline)
  return {
    operation = OPERATION, scope = "session", deadline = deadline,
    fall_back = function() client:fall_back(session) end,
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

local function pending_error(exchange)
  local err = failure.of("timeout", "commit_pending", OPERATION,
    "the service is still assembling the file", "commit again later")
  err.status, err.retryable = 202, true
  err.retry_after = failure.retry_after(exchange, core.time())
  return err
end

local function commit_timeout_error(err)
  if err.code ~= "commit_pending" then return err end
  return failure.of("timeout", "commit_timeout", OPERATION,
    "the service has all the parts, but the file isn't there in time (" ..
    err.message .. ")", "look on Box later, or allow a longer commit_timeout")
end

-- The steps below that recover from an error return a file; or nil and the
-- seconds until the next commit; or nil, nil and the error to return.

local function set_parts(self, parts)
  self.parts = parts
  self.request = commit_request(self.caller.client, self.session, self.given,
    commit_body(parts, self.given.attributes),
    self.given.timeout > 0 and self.deadline or nil)
end

-- Until when commits are repeated, by the code of the last error.
local function deadline_for(self, code)
  if code == "parts_mismatch" then
    self.mismatch_deadline = self.mismatch_deadline or
      math.min(self.deadline, core.now() + MISMATCH_TIMEOUT)
    return self.mismatch_deadline
  end
  return self.deadline
end

-- Offsets of the parts that the service doesn't list, or lists under another
-- part_id.
local function missing_offsets(self, listed)
  local ids, missing = {}, {}
  for _, part in ipairs(listed) do ids[part.offset] = part.part_id end
  for _, part in ipairs(self.parts) do
    if ids[part.offset] ~= part.part_id then
      missing[#missing + 1] = part.offset
    end
  end
  return missing
end

-- A part that is listed only takes time to be registered. One that isn't
-- listed is lost and has to be sent again.
local function check_listed_parts(self)
  local listed = part_list.all(self.caller, self.session)
  if not listed then return nil end
  if not self.given.parts then
    set_parts(self, listed)
    return nil
  end
  local missing = missing_offsets(self, listed)
  if #missing == 0 then return nil end
  local err = failure.of("session", "parts_missing", OPERATION,
    ("%d parts that were stored aren't listed any more"):format(#missing),
    "send them again")
  err.action, err.missing_offsets = "resend", missing
  return err
end

local function pause_before_retry(err, count)
  local floor = math.min(MAX_PAUSE, MIN_PAUSE * 1.2 ^ count)
  local backoff = math.min(MAX_PAUSE, FIRST_PAUSE * 1.5 ^ count)
  return math.max(err.retry_after or backoff, floor)
end

local function wait_or_give_up(self, err)
  if not self.given.wait then return nil, nil, err end
  if err.code == "parts_mismatch" then
    self.mismatch_count = self.mismatch_count + 1
    if self.mismatch_count % LISTING_INTERVAL == 0 then
      local missing_error = check_listed_parts(self)
      if missing_error then return nil, nil, missing_error end
    end
  end
  local pause = pause_before_retry(err, self.wait_count)
  self.wait_count = self.wait_count + 1
  if core.now() + pause > deadline_for(self, err.code) then
    return nil, nil, commit_timeout_error(err)
  end
  return nil, pause
end

local function ambiguous_error(self, err, outcome, id)
  local file_note = id and (" (the file %s is there)"):format(id) or ""
  local failed = failure.of("session", "ambiguous_commit", OPERATION,
    ("a response was lost, and nobody can tell whether the upload session " ..
    "%s became the file%s; the last answer was: %s")
      :format(self.session.id, file_note, err.message),
    "look on Box before uploading it again")
  failed.session_id, failed.file_id = self.session.id, id
  failed.outcome, failed.status = outcome, err.status
  failed.request_id = err.request_id
  return failed
end

-- Returns the outcome, the file or its id, and the session's state. The file
-- of a session that is gone may take a while to show.
local function find_outcome(self, conflict)
  local given = self.given
  local expected = { sha1 = given.sha1, size = given.expected.size }
  local how = { conflict = conflict, fields = given.fields }
  local outcome, file_or_id =
    lookup.outcome(self.caller, given.target, expected, how)
  if outcome == "done" then return outcome, file_or_id end
  local state = upload_session.state(self.caller, self.session)
  if state == "gone" and outcome ~= "other" then
    outcome, file_or_id =
      lookup.settled_outcome(self.caller, given.target, expected, how)
  end
  return outcome, file_or_id, state
end

-- Returns the delay before a commit whose response was lost is repeated; nil:
-- not again.
local function delay_after_loss(self, err)
  self.lost_count = self.lost_count + 1
  local delay = retry.delay(self.caller, err, self.lost_count, true)
  if delay and self.given.timeout > 0 and
     core.now() + delay > self.deadline then
    return nil
  end
  return delay
end

local function commit_again(self, err)
  err.action = "retry_if_safe"
  local delay = delay_after_loss(self, err)
  if delay then return nil, delay end
  return nil, nil, err
end

-- It is unknown whether the commit took effect. The session may still exist,
-- so a later call can resume.
local function lost_response_error(self, err)
  if err.code == "timeout" and core.now() >= self.deadline then
    err.code = "commit_timeout"
  end
  err.message = err.message .. " (the file may be on Box all the same)"
  return nil, nil, err
end

-- An earlier commit whose response was lost may have succeeded. Box doesn't
-- document what a second commit returns then, so the file is looked up.
local function resolve_lost_response(self, err)
  local given, response_was_lost = self.given, err.action == "retry_if_safe"
  if not given.target then
    if response_was_lost then return lost_response_error(self, err) end
    return nil, nil, ambiguous_error(self, err, "unknown")
  end
  local outcome, file_or_id, state = find_outcome(self, err.conflict)
  if outcome == "done" then return file_or_id end
  if response_was_lost and state ~= "gone" then
    return lost_response_error(self, err)
  end
  -- A 404 about a session that is alive was a passing one.
  if state == "alive" and err.action == "replace" then
    return commit_again(self, err)
  end
  if state == "alive" then return nil, nil, err end
  return nil, nil, ambiguous_error(self, err, outcome, file_or_id or
    given.target.file_id)
end

-- The first commit was refused as if the session were gone. While it is alive
-- that was a passing answer.
local function confirm_refusal(self, err)
  err = upload_session.confirm_gone(self.caller, self.session, err)
  if err.action == "retry" then return commit_again(self, err) end
  return nil, nil, err
end

-- The statuses that a repeated commit may get when an earlier one succeeded:
-- the session no longer exists, or the new file itself is in conflict.
local MAYBE_COMMITTED = {
  [404] = true, [409] = true, [410] = true, [412] = true,
}

local function recover_commit(self, err)
  if err.code == "commit_pending" then self.maybe_committed = true end
  if err.code == "commit_pending" or err.code == "parts_mismatch" then
    return wait_or_give_up(self, err)
  end
  if err.action == "retry_if_safe" then
    self.maybe_committed = true
    local delay = delay_after_loss(self, err)
    if delay then return nil, delay end
    return resolve_lost_response(self, err)
  end
  if self.maybe_committed and MAYBE_COMMITTED[err.status] then
    return resolve_lost_response(self, err)
  end
  return confirm_refusal(self, err)
end

local function commit_once(self)
  local response, message, err = call.perform(self.caller, self.request)
  if not response then return nil, message, err end
  if response.status == 202 then
    return failure.returns(pending_error(response.exchange))
  end
  return uploaded_file.check(response, OPERATION, self.given.expected)
end

--- Commits a session. Repeats the commit on 202 and parts_mismatch until
--- `timeout` seconds have passed, however often they come; with wait = false
--- they are returned as errors. A commit that is under way then is canceled,
--- and its response is lost. A commit whose response was lost is repeated
--- while there is time; after that, or when the session no longer exists, the
--- file on Box decides.
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
    deadline = core.now() + given.timeout,
    maybe_committed = given.maybe_committed,
    lost_count = 0, wait_count = 0, mismatch_count = 0,
  }
  set_parts(self, parts)
  while true do
    local file, message, err = commit_once(self)
    if file then return file end
    local delay
    file, delay, err = recover_commit(self, err)
    if file then return file end
    if not delay then return failure.returns(err) end
    caller.waiter:sleep(delay, message)
  end
end

return M
