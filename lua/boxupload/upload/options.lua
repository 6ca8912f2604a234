-- options: checks the options of client:upload and client:start.
-- SPDX-License-Identifier: MIT

local attributes = require "boxupload.upload.attributes"
local commit = require "boxupload.service.commit"
local conflict = require "boxupload.upload.conflict"
local fields = require "boxupload.service.fields"
local options = require "boxupload.util.options"
local preflight = require "boxupload.upload.preflight"
local source = require "boxupload.upload.source"
local target = require "boxupload.upload.target"

local M = {}

local function check_resume(value)
  return type(value) == "string" and options.path(value) or nil
end

local UPLOAD = {
  folder_id = target.options.folder_id,
  file_id = target.options.file_id,
  file_name = target.options.file_name,
  parallel = { type = "number", check = options.whole(1, options.MOST) },
  if_match = { type = "string", check = options.header },
  commit_timeout = { type = "number", check = options.seconds,
    default = commit.TIMEOUT },
  retry_budget = { type = "number", check = options.whole(0), default = 50 },
  resume = { type = { "boolean", "string" }, default = false,
    check = check_resume },
  on_change = { type = "string", default = "fail",
    check = options.one_of("fail", "restart") },
  on_event = { type = "function" },
}
for _, rules in ipairs { attributes.options, conflict.options,
  fields.options, preflight.options, source.options } do
  for key, rule in pairs(rules) do UPLOAD[key] = rule end
end

--- Returns a checked copy with defaults filled in. Raises for an option that
--- is unknown or has a value that can't be used.
---@param given table?
---@param what string  the function's name, for the message
---@return boxupload.UploadOptions
function M.check(given, what)
  return options.check(UPLOAD, given, what)
end

return M
