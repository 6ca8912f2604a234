-- start: starts an upload: checks the call, opens the source and makes the
-- transfer.
-- SPDX-License-Identifier: MIT

local attributes = require "boxupload.upload.attributes"
local failure = require "boxupload.service.failure"
local file_hash = require "boxupload.upload.file_hash"
local fields = require "boxupload.service.fields"
local heads = require "boxupload.journal.head"
local journal = require "boxupload.journal.journal"
local source = require "boxupload.upload.source"
local target = require "boxupload.upload.target"
local transfer = require "boxupload.transfer"
local upload_options = require "boxupload.upload.options"
local usage_error = require "boxupload.util.usage_error"

local M = {}

-- Runs before anything is opened or read, so that errors can be raised at the
-- caller.
local function check_resume(byte_source, opts, function_name)
  if opts.resume and not source.can_reopen(byte_source) then
    usage_error.raise(function_name ..
      ": resume is for files: this source couldn't be read again")
  end
end

-- Returns the file, and whether the transfer has to close it. While a reader
-- function yields, another coroutine may close the client.
local function open_source(client, byte_source, opts, function_name)
  local file, message, err = source.to_file(byte_source, opts, function_name)
  if not file then return nil, message, err end
  local owns_file = file ~= byte_source.file
  if not client.closed then return file, owns_file end
  if owns_file then file:close() end
  return failure.returns(failure.of("canceled", "canceled", function_name,
    "the client was closed"))
end

-- Returns false when no journal is wanted, or, with the reason, when there is
-- no folder for it: an upload without one is better than none.
local function choose_journal_path(client, opts, file, upload_target)
  if not opts.resume or type(opts.resume) == "string" then
    return opts.resume or false
  end
  local path, message, err =
    journal.path_for(file, upload_target, client.upload_url)
  if err and err.code == "no_state_folder" then return false, message end
  return path, message, err
end

--- Starts the upload of a source. Raises for invalid options; other problems,
--- such as a missing file, are returned.
---@param client boxupload.Client
---@param function_name string  for error messages
---@param given string|userdata|boxupload.SourceTable
---@param opts boxupload.UploadOptions
---@return boxupload.Transfer? transfer, string? message, boxupload.Error? err
function M.run(client, function_name, given, opts)
  opts = upload_options.check(opts, function_name)
  local byte_source = source.new(given, function_name)
  check_resume(byte_source, opts, function_name)
  -- "" and "/" don't name a file: opening them returns the right error.
  if byte_source.path and not byte_source.name then
    return source.open(byte_source.path)
  end
  local digest, message, err = file_hash.digest()
  if not digest then return nil, message, err end
  local upload_target
  upload_target, message, err =
    target.new(opts, byte_source.name, function_name)
  if not upload_target then return nil, message, err end
  local file, owns_file
  file, owns_file, err = open_source(client, byte_source, opts, function_name)
  if not file then return nil, owns_file, err end
  local journal_path
  journal_path, message, err =
    choose_journal_path(client, opts, file, upload_target)
  if journal_path == nil then
    if owns_file then file:close() end
    return nil, message, err
  end
  local call = journal_path and heads.call(file, upload_target, {
    upload_url = client.upload_url, if_match = opts.if_match,
    on_conflict = opts.on_conflict,
  })
  local of_caller = attributes.of_caller(opts)
  local function attributes_of(current_file)
    return attributes.to_send(of_caller,
      source.can_reopen(byte_source) and current_file or nil)
  end
  local started
  started, message, err = transfer.new(client, {
    file = file, owns_file = owns_file,
    target = upload_target, asked_target = upload_target,
    given_attributes = of_caller,
    attributes = attributes_of(file), attributes_of = attributes_of,
    parallel = opts.parallel or client.parallel,
    if_match = opts.if_match, given_if_match = opts.if_match,
    call = call or nil, commit_timeout = opts.commit_timeout,
    retry_budget = opts.retry_budget, on_change = opts.on_change,
    on_event = opts.on_event, on_conflict = opts.on_conflict,
    preflight = opts.preflight,
    fields = opts.fields and fields.text(opts.fields),
    journal_path = journal_path or nil, without_journal = message,
    has_named_journal = type(opts.resume) == "string",
  })
  if not started then
    if owns_file then file:close() end
    return nil, message, err
  end
  client.transfers[#client.transfers + 1] = started
  return started
end

return M
