-- commit: makes a file of the stored parts, and sees that it is the right one.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.call"
local core = require "boxupload.core"
local failure = require "boxupload.failure"
local json = require "boxupload.json"
local part_list = require "boxupload.part_list"
local verify = require "boxupload.verify"

local M = {}

local OPERATION = "committing the upload session"
--- Seconds that the service may take for a big file: it is given hours.
M.TIMEOUT = 6 * 3600
-- A part that was just stored may not be registered yet, but not for long.
local MISMATCH_TIMEOUT = 600
-- Pauses where the service asks for none, or for less.
local SHORTEST, LONGEST = 0.05, 10
local FIRST = 1

---@class boxupload.Commit
---@field sha1 string                   the whole file's, hex
---@field parts boxupload.Part[]?       nil: all that are stored
---@field attributes table
---@field if_match string?
---@field if_none_match string?
---@field wait boolean                  through 202 and parts_mismatch
---@field timeout number                seconds for that
---@field expected table                what the file must be: see verify

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
        if_none_match = given.if_none_match, queue = queue,
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

-- Until when a commit that isn't through may be tried, by why it isn't.
local function patience(given)
  local limits = { commit_pending = core.now() + given.timeout }
  return function(err)
    if err.code == "parts_mismatch" and not limits.parts_mismatch then
      limits.parts_mismatch = math.min(limits.commit_pending,
        core.now() + MISMATCH_TIMEOUT)
    end
    return limits[err.code]
  end
end

local function late(err)
  if err.code ~= "commit_pending" then return failure.returns(err) end
  return failure.returns(failure.of("timeout", "commit_timeout", OPERATION,
    "the service has all the parts, but the file isn't there in time (" ..
    err.message .. ")", "look on Box later, or allow a longer commit_timeout"))
end

local function once(caller, request)
  local answer, message, err = call.perform(caller, request)
  if answer and answer.status == 202 then
    err = pending(answer.exchange)
    return nil, err.message, err
  end
  return answer, message, err
end

local function pause_after(err, count)
  local floor = math.min(FIRST, SHORTEST * 2 ^ count)
  local own = math.min(LONGEST, FIRST * 1.5 ^ count)
  return math.max(err.retry_after or own, floor)
end

--- Commits. Waits through 202 and parts_mismatch by elapsed time, since how
--- often they come says nothing; with wait = false they are returned.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@param given boxupload.Commit
---@return table? file, string? message, boxupload.Error? err
function M.run(caller, session, given)
  local parts, message, err = given.parts, nil, nil
  if not parts then parts, message, err = part_list.all(caller, session) end
  if not parts then return nil, message, err end
  local request = request_of(session, given, body_of(parts, given.attributes))
  local limit_of = patience(given)
  local count, before = 0, nil
  while true do
    local answer
    answer, message, err = once(caller, request)
    if answer then return verify.file(answer, OPERATION, given.expected) end
    local limit = limit_of(err)
    if not limit or not given.wait then return nil, message, err end
    count = err.code == before and count + 1 or 0
    before = err.code
    local pause = pause_after(err, count)
    if core.now() + pause > limit then return late(err) end
    caller.waiter:sleep(pause, err.message)
  end
end

return M
