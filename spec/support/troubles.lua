-- troubles: random faults that come and go: pages of proxies, refusals by
-- policy and broken connections.
-- SPDX-License-Identifier: MIT

local json = require "boxupload.util.json"
local proxy_page = require "support.proxy_page"

local M = {}

-- Requests of any client in the spec, but those that sign in.
local OPERATIONS = {
  "create_session", "create_version_session", "upload_part", "upload_part",
  "upload_part", "list_parts", "get_session", "commit", "commit", "abort",
  "get_file", "preflight", "get_user", "upload_file", "upload_version",
}

local REFUSALS = {
  { status = 403, code = "forbidden_by_policy" },
  { status = 403, code = "access_from_location_blocked" },
  { status = 403, code = "access_denied_insufficient_permissions" },
}

local BROKEN = {
  { action = "reset", when = "before" },
  { action = "reset", when = "during" },
  { action = "lose_reply", with = "reset" },
  { action = "lose_reply", with = "close" },
  { action = "done_then_reply", status = 503 },
  { action = "done_then_reply", status = 502, body = "<html>Oh</html>" },
  { action = "garbage", kind = "html" },
  { action = "garbage", kind = "truncated" },
  { action = "garbage", kind = "null" },
}

local function refusal(dice)
  local each = dice:pick(REFUSALS)
  return {
    action = "reply", status = each.status,
    body = { type = "error", status = each.status, code = each.code,
      message = "No", request_id = "r1" },
  }
end

local function broken(dice)
  local fault = {}
  for key, value in pairs(dice:pick(BROKEN)) do fault[key] = value end
  return fault
end

local function mismatch()
  return {
    operation = "commit", action = "reply", status = 400,
    headers = { ["retry-after"] = "0" },
    body = { type = "error", status = 400, code = "parts_mismatch",
      message = "Not yet", request_id = "r2" },
  }
end

local function occurrences(dice)
  local first, list = dice:roll(4), json.array {}
  for i = 1, dice:roll(6) do list[i] = first + i - 1 end
  return list
end

--- A fault script of up to three troubles.
---@param dice table
---@return table faults
function M.script(dice)
  local faults = json.array {}
  for i = 1, dice:roll(4) - 1 do
    local kind = dice:roll(8)
    local fault
    if kind <= 3 then
      fault = proxy_page.get(dice:pick(proxy_page.names), {})
    elseif kind == 4 then
      fault = refusal(dice)
    elseif kind == 5 then
      fault = mismatch()
    else
      fault = broken(dice)
    end
    fault.operation = fault.operation or dice:pick(OPERATIONS)
    fault.occurrence = occurrences(dice)
    faults[i] = fault
  end
  return { faults = faults }
end

return M
