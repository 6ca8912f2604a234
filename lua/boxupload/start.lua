-- start: how an upload starts: checks the call, opens the source, and makes
-- the transfer.
-- SPDX-License-Identifier: MIT

local attributes = require "boxupload.upload.attributes"
local failure = require "boxupload.service.failure"
local fields = require "boxupload.service.fields"
local journal = require "boxupload.upload.journal"
local json = require "boxupload.util.json"
local source = require "boxupload.upload.source"
local target = require "boxupload.upload.target"
local transfer = require "boxupload.transfer"
local upload_options = require "boxupload.upload.options"
local usage_error = require "boxupload.util.usage_error"

local M = {}

-- Before anything is opened or read, and where an error can still be raised
-- at the caller.
local function check_upload(from, opts, what)
  local _, problem = json.encode(attributes.build(opts))
  if problem then
    usage_error.raise(what .. ": attributes have in them " .. problem)
  end
  if opts.resume and not source.is_lasting(from) then
    usage_error.raise(what .. ": resume is for files: this source couldn't " ..
      "be read again")
  end
end

-- The file to send, and whether it is the transfer's to close. A reader may
-- have let others run, who closed the client.
local function open_source(client, from, opts, what)
  local file, message, err = source.file_of(from, opts, what)
  if not file then return nil, message, err end
  local owned = file ~= from.file
  if not client.closed then return file, owned end
  if owned then file:close() end
  return failure.returns(failure.of("canceled", "canceled", what,
    "the client was closed"))
end

-- False: no journal is wanted.
local function journal_path(client, opts, file, aim)
  if not opts.resume or type(opts.resume) == "string" then
    return opts.resume or false
  end
  return journal.path_for(file.path, aim, client.upload_url)
end

--- Starts the upload of a source. Raises for wrong options; what the world
--- does, such as a path without a file, is returned as a failure.
---@param client boxupload.Client
---@param what string  the function's name, for messages
---@param given string|userdata|boxupload.SourceTable
---@param opts boxupload.UploadOptions
---@return boxupload.Transfer? transfer, string? message, boxupload.Error? err
function M.run(client, what, given, opts)
  opts = upload_options.check(opts, what)
  local from = source.new(given, what)
  check_upload(from, opts, what)
  -- "" and "/" name no file, which opening them tells.
  if from.path and not from.name then return source.open(from.path) end
  local aim, message, err = target.new(opts, from.name, what)
  if not aim then return nil, message, err end
  local file, owned
  file, owned, err = open_source(client, from, opts, what)
  if not file then return nil, owned, err end
  local kept
  kept, message, err = journal_path(client, opts, file, aim)
  if kept == nil then
    if owned then file:close() end
    return nil, message, err
  end
  local function attributes_of(this)
    local mtime = source.is_lasting(from) and this.mtime or nil
    return attributes.build(opts, mtime)
  end
  local started = transfer.new(client, {
    file = file, owns_file = owned, target = aim,
    attributes = attributes_of(file), attributes_of = attributes_of,
    parallel = opts.parallel or client.parallel,
    if_match = opts.if_match, commit_timeout = opts.commit_timeout,
    retry_budget = opts.retry_budget, on_change = opts.on_change,
    on_event = opts.on_event, on_conflict = opts.on_conflict,
    preflight = opts.preflight,
    fields = opts.fields and fields.text(opts.fields),
    journal_path = kept or nil,
  })
  client.transfers[#client.transfers + 1] = started
  return started
end

return M
