-- part_list: lists the stored parts of a session, page by page.
-- SPDX-License-Identifier: MIT

local call = require "boxupload.service.call"
local failure = require "boxupload.service.failure"
local reply = require "boxupload.service.reply"
local retry = require "boxupload.service.retry"
local upload_session = require "boxupload.service.session"

local M = {}

local OPERATION = "listing the stored parts"
local MAX_PAGE = reply.MAX_PAGE
-- Box refuses greater offsets, so the list ends a page after this one, however
-- many parts are stored.
local MAX_OFFSET = 10000
-- Also of a service whose pages are shorter than what was asked for.
local MAX_PAGES = 128
-- In a row. Parts that are stored meanwhile can shift some onto the next page.
local MAX_PAGES_WITHOUT_NEW = 2

-- Sends the request again while Box answers as if the session were gone, and
-- has it all the same.
local function perform(caller, session, request)
  local attempt = 0
  while true do
    local response, message, err = call.perform(caller, request)
    if response then return response end
    if err.action ~= "replace" then return nil, message, err end
    err = upload_session.confirm_gone(caller, session, err)
    attempt = attempt + 1
    local delay = err.action == "retry" and
      retry.delay(caller, err, attempt, true)
    if not delay then return failure.returns(err) end
    caller.waiter:sleep(delay, err.message)
  end
end

--- Fetches one page of the list.
---@param caller boxupload.Caller
---@param session boxupload.Session
---@param offset integer?  in parts, not bytes
---@param limit integer?   in parts
---@return boxupload.Part[]? list, string? message, boxupload.Error? err
function M.page(caller, session, offset, limit)
  local response, message, err = perform(caller, session, {
    operation = OPERATION, scope = "session", idempotent = true,
    accept = { [200] = "json" },
    fall_back = function() caller.client:fall_back(session) end,
    submit = function(queue)
      return session:submit_parts {
        offset = offset, limit = limit, queue = queue,
      }
    end,
  })
  if not response then return nil, message, err end
  local list, problem = reply.page(response.value)
  if list then return list end
  return failure.returns(failure.of_reply(response.exchange, OPERATION,
    problem))
end

-- Box documents total_count as the number of expected parts, so it may never
-- be reached. Where it is, a short page is the last one; otherwise only an
-- empty page is.
local function is_last(list, offset, limit)
  if #list == 0 then return true end
  local total = list.total_count or 0
  return offset + #list >= total and #list < limit
end

--- Whether Box lists the part at an index, provided that all before it are
--- stored.
---@param index integer  from 0
---@return boolean
function M.reaches(index)
  return index <= MAX_OFFSET
end

--- An error for a part that Box's list doesn't reach.
---@param operation string
---@return boxupload.Error
function M.unlisted_error(operation)
  return failure.of("session", "parts_unlisted", operation,
    ("Box doesn't list parts beyond the %dth, so nobody can tell which of " ..
      "them are stored"):format(MAX_OFFSET + MAX_PAGE),
    "abort the upload session and upload the file again")
end

-- Returns what is wrong with one more page, or nil.
local function page_problem(session, page, offset, pages, pages_without_new)
  if offset + #page > session.total_parts then
    return ("the service lists more than the session's %.0f parts")
      :format(session.total_parts)
  end
  if pages_without_new > MAX_PAGES_WITHOUT_NEW then
    return "the service lists the same parts again and again"
  end
  if pages > MAX_PAGES then
    return "the service lists too few parts a page"
  end
end

--- Iterates over the parts of all pages. Each part comes once, even when pages
--- overlap. After an error: false, message and err, and then the end. The code
--- "parts_unlisted" means that there may be more parts than Box lists.
---@param session boxupload.Session
---@param fetch fun(offset:integer, limit:integer): table?, string?, table?
function M.each(session, fetch)
  local list, index, offset, limit, was_last = {}, 0, 0, MAX_PAGE, false
  local seen, pages, pages_without_new = {}, 0, 0
  local function has_new(page)
    for _, part in ipairs(page) do
      if not seen[part.offset] then return true end
    end
    return false
  end
  local function fetch_next_page()
    if not M.reaches(offset) then
      list, index, was_last = {}, 0, true
      if offset >= session.total_parts then return true end
      return failure.returns(M.unlisted_error(OPERATION))
    end
    local page, message, err = fetch(offset, MAX_PAGE)
    if not page then return false, message, err end
    limit = page.limit and page.limit > 0 and page.limit or limit
    local is_new = has_new(page)
    was_last = is_last(page, offset, limit) or not is_new and #page < limit
    pages, pages_without_new = pages + 1, is_new and 0 or pages_without_new + 1
    local problem =
      page_problem(session, page, offset, pages, pages_without_new)
    if problem then
      return failure.returns(failure.of("invalid", "invalid_reply", OPERATION,
        problem))
    end
    list, index, offset = page, 0, offset + #page
    return true
  end
  return function()
    while true do
      index = index + 1
      local part = list[index]
      if not part and was_last then return nil end
      if part and not seen[part.offset] then
        seen[part.offset] = true
        return part
      end
      if not part then
        local ok, message, err = fetch_next_page()
        if not ok then
          list, index, was_last = {}, 0, true
          return false, message, err
        end
      end
    end
  end
end

--- Fetches all stored parts that Box lists, in its order. The field
--- `is_incomplete` says that there may be more.
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
  if part ~= false then return parts end
  if err.code ~= "parts_unlisted" then return nil, message, err end
  parts.is_incomplete = true
  return parts
end

return M
