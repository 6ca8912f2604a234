-- boxupload: uploads big files to Box from everything that runs Lua.
-- SPDX-License-Identifier: MIT

-- First, since the modules below need it too. When the core was built for
-- another Lua, the loader only reports a missing symbol.
local loaded, core = pcall(require, "boxupload.core")
if not loaded then
  local jit = rawget(_G, "jit")
  error(("boxupload.core can't be loaded: it is in C, and has to be built " ..
    "for this Lua, which is %s\n%s"):format(jit and jit.version or _VERSION,
      tostring(core)), 0)
end

local auth = require "boxupload.auth"
local client = require "boxupload.client"
local journal = require "boxupload.journal.journal"
local journal_list = require "boxupload.journal_list"
local file_hash = require "boxupload.upload.file_hash"
local limits = require "boxupload.limits"
local source = require "boxupload.upload.source"

local M = { _VERSION = core._VERSION }

---@class boxupload.Options
---@field token string?                 an access token; or
---@field auth boxupload.Auth?          made by a function of boxupload.auth
---@field api_url string?               "https://api.box.com/2.0"
---@field upload_url string?            "https://upload.box.com/api/2.0"
---@field token_url string?             "https://api.box.com/oauth2/token"
---@field ca_file string?               PEM file of trusted authorities
---@field proxy string?                 URL; default: from the environment
---@field parallel integer?             parts of a file sent at once: 4
---@field loop string|table?            the event loop's adapter: "auto"
---@field connect_timeout number?       seconds: 30
---@field stall_timeout number?         seconds below stall_speed: 60
---@field reply_timeout number?         seconds for a reply: 2 * stall_timeout
---@field stall_speed number?           bytes a second: 1
---@field retries integer?              of one request: 8
---@field retry_delay number?           seconds before the first retry, at
---                                     most: 1
---@field simple_below integer?         bytes; smaller files are sent in one
---                                     request: 20000000
---@field user_agent string?
---@field as_user string?               id of the user to act for
---@field shared_link string?           URL, to access items shared by it
---@field shared_link_password string?
---@field http_version "1.1"|"2"|nil    "1.1", which is faster for uploads
---@field nice integer?                 lowers the threads' priority: 0 to 19
---@field on_exchange nil|fun(event: table)  called after each exchange

---@class boxupload.SourceTable         bytes that aren't in a file
---@field content string?               all of them; or
---@field read nil|file*|fun():string?, string?  returns the next bytes, nil at
---                                     the end, or nil and a message
---@field size integer?                 total bytes of read, if known

---@class boxupload.UploadOptions
---@field folder_id string?             for a new file ("0" is the root); or
---@field file_id string?               for a new version of that file
---@field file_name string?             default: the last part of the path
---@field parallel integer?             default: the client's
---@field description string?
---@field content_created_at string|number|false|nil  RFC 3339, or seconds
---                                     since 1970; false: none
---@field content_modified_at string|number|false|nil  default: the file's
---                                     mtime; false: none
---@field attributes table?             others, by Box's names for them
---@field fields string|string[]|nil    of the file that is returned
---@field if_match string?              etag: replace only this version
---@field on_conflict "fail"|"replace"|"rename"|"skip_identical"|nil  "fail"
---@field preflight boolean?            check first if Box accepts the file
---@field on_change "fail"|"restart"|nil  "fail"
---@field resume boolean|string|nil     keep a journal; a string: its path
---@field retry_budget integer?         retries of all requests together: 50
---@field on_event fun(event: table)|nil  receives the events
---@field commit_timeout number?        seconds for Box to commit: 21600
---@field spool_limit integer?          bytes stored on disk of a source that
---                                     isn't a file: 50 GiB
---@field spool_folder string?          where: $TMPDIR, or /tmp

--- Makes a client. Raises for invalid options.
---@param options boxupload.Options
---@return boxupload.Client? client, string? message, boxupload.Error? err
function M.new(options)
  return client.new(options)
end

--- Opens a file to send, whole or in parts. The object has the fields `size`,
--- in bytes, and `path`. It records the file's state, so that later changes
--- are detected. With `below`, the path is inside that folder: it must not
--- have ".." in it, and no symbolic link on it is followed.
---@param path string
---@param options {below:string?}?
---@return userdata? file, string? message, boxupload.Error? err
function M.file(path, options)
  return source.file(path, options)
end

--- Makes an unnamed temporary file: append data as it arrives, and send the
--- file as a part. Closing it deletes it.
---@param folder string?  default: $TMPDIR, or /tmp
---@return userdata? file, string? message, boxupload.Error? err
function M.spool(folder)
  return source.spool(folder)
end

--- Makes a running digest, for committing a session whose parts you send
--- yourself. Methods: update(string), hex(), base64(), count(), reset().
---@param algorithm "sha1"|"sha512"|nil  default: "sha1"
---@return userdata? digest, string? message, boxupload.Error? err
function M.digest(algorithm)
  return file_hash.digest(algorithm)
end

--- Sets limits for all clients of this process together, from now on. Those
--- that aren't given stay as they are. Returns all limits; 0 means no limit.
---@param given boxupload.Limits?
---@return boxupload.Limits
function M.limits(given)
  return limits.set(given)
end

--- Finds and deletes the journals of unfinished uploads.
M.journal = {
  folder = journal.folder, list = journal_list.list,
  prune = journal_list.prune,
}

--- The ways to get an access token.
M.auth = auth

return M
