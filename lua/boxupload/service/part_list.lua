-- part_list: what the service says is stored in a session, page by page.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local failure = require "boxupload.service.failure"
local reply = require "boxupload.service.reply"

local M = {}

local OPERATION = "listing the stored parts"
local MAX_PAGE = 1000 -- Box's own default and limit

--- One page; offset and limit count parts.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@param offset integer?
---@param limit integer?
---@return boxupload.Part[]? list, string? message, boxupload.Error? err
function M.page(caller, session, offset, limit)
  local answer, message, err = call.perform(caller, {
    operation = OPERATION, scope = "session", idempotent = true,
    accept = { [200] = "json" },
    submit = function(queue)
      return session:submit_parts {
        offset = offset, limit = limit, queue = queue,
      }
    end,
  })
  if not answer then return nil, message, err end
  local list, problem = reply.page(answer.value)
  if list then return list end
  return failure.returns(failure.of_reply(answer.exchange, OPERATION,
    problem))
end

-- Box documents total_count as the number of expected parts, so that a short
-- page is not the last one unless it also reaches that.
local function is_last(list, offset, limit)
  if #list == 0 then return true end
  local total = list.total_count or 0
  return offset + #list >= total and #list < limit
end

local function endless(session)
  return failure.of("invalid", "invalid_reply", OPERATION,
    ("the service lists more than the session's %d parts")
      :format(session.total_parts))
end

-- A state machine over pages: next() gives a part, nil at the end, or false
-- with the error's two values.
local function walker(session, fetch)
  local list, at, offset, limit, ended = {}, 0, 0, MAX_PAGE, false
  local seen = {}
  local function turn()
    local page, message, err = fetch(offset, MAX_PAGE)
    if not page then return false, message, err end
    limit = page.limit and page.limit > 0 and page.limit or limit
    ended = is_last(page, offset, limit)
    list, at, offset = page, 0, offset + #page
    if offset <= session.total_parts then return true end
    err = endless(session)
    return false, err.message, err
  end
  return function()
    while true do
      at = at + 1
      local part = list[at]
      if not part and ended then return nil end
      if part and not seen[part.offset] then
        seen[part.offset] = true
        return part
      end
      if not part then
        local ok, message, err = turn()
        if not ok then
          list, at, ended = {}, 0, true
          return false, message, err
        end
      end
    end
  end
end

--- An iterator over all pages: each part once, however the pages overlap.
---@param session boxupload.Session
---@param fetch fun(offset:integer, limit:integer): table?, string?, table?
function M.each(session, fetch)
  return walker(session, fetch)
end

--- All stored parts in the order of the file.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@return boxupload.Part[]? parts, string? message, boxupload.Error? err
function M.all(caller, session)
  local parts = {}
  local function fetch(offset, limit)
    return M.page(caller, session, offset, limit)
  end
  -- Not a generic `for`: Lua 5.1 can't yield through one.
  local next_part = M.each(session, fetch)
  local part, message, err = next_part()
  while part do
    parts[#parts + 1] = part
    part, message, err = next_part()
  end
  if part == false then return nil, message, err end
  return parts
end

return M
