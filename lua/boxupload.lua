-- boxupload: big files to Box, from everything that runs Lua.
-- SPDX-License-Identifier: MIT

-- Before the others, which need it too: the loader tells of a missing symbol
-- where the module is another Lua's.
local loaded, core = pcall(require, "boxupload.core")
if not loaded then
  local jit = rawget(_G, "jit")
  error(("boxupload.core can't be loaded: it is in C, and has to be built " ..
    "for this Lua, which is %s\n%s"):format(jit and jit.version or _VERSION,
      tostring(core)), 0)
end

local auth = require "boxupload.auth"
local client = require "boxupload.client"
local journal = require "boxupload.upload.journal"
local journal_list = require "boxupload.journal_list"
local limits = require "boxupload.limits"
local source = require "boxupload.upload.source"

local M = { _VERSION = core._VERSION }

---@class boxupload.Options
---@field token string?                 an access token; or
---@field auth boxupload.Auth?          one of boxupload.auth
---@field api_url string?               "https://api.box.com/2.0"
---@field upload_url string?            "https://upload.box.com/api/2.0"
---@field token_url string?             "https://api.box.com/oauth2/token"
---@field ca_file string?               PEM file of trusted authorities
---@field proxy string?                 else as the environment says
---@field parallel integer?             parts of a file at once: 4
---@field loop string|table?            how to wait: "auto"
---@field connect_timeout number?       seconds: 30
---@field stall_timeout number?         seconds slower than stall_speed: 60
---@field stall_speed number?           bytes a second: 1
---@field retries integer?              repetitions of one request: 8
---@field retry_delay number?           seconds before the first, at most: 1
---@field simple_below integer?         less goes in one request: 20000000
---@field user_agent string?
---@field as_user string?               act for this user's id
---@field shared_link string?           for items that are shared by it
---@field shared_link_password string?
---@field http_version "1.1"|"2"|nil    "1.1", which is faster for uploads
---@field nice integer?                 threads' priority, lowered: 0 to 19
---@field on_exchange nil|fun(event: table)  hears of each exchange

---@class boxupload.SourceTable         bytes that are in no file
---@field content string?               all of them; or
---@field read nil|file*|fun():string?, string?  the next, nil at the end; or
---                                     nil and a message
---@field size integer?                 bytes that read gives, if known

---@class boxupload.UploadOptions
---@field folder_id string?             a new file there ("0" is the root); or
---@field file_id string?               a new version of that file
---@field file_name string?             the path's last piece, or a new name
---@field parallel integer?             the client's
---@field description string?
---@field content_created_at string|number|nil  RFC 3339, or seconds of 1970
---@field content_modified_at string|number|false|nil  the mtime; false: none
---@field attributes table?             any others, as Box names them
---@field fields string|string[]|nil    that Box answers with
---@field if_match string?              etag: only replace this version
---@field on_conflict "fail"|"replace"|"rename"|"skip_identical"|nil  "fail"
---@field preflight boolean?            ask before anything is sent
---@field on_change "fail"|"restart"|nil  "fail"
---@field resume boolean|string|nil     keep a journal; its path
---@field retry_budget integer?         repetitions in all: 50
---@field on_event fun(event: table)|nil  hears what happens
---@field commit_timeout number?        seconds for Box to commit: 21600
---@field spool_limit integer?          bytes kept of a source that is no
---                                     file: 50 GiB
---@field spool_folder string?          where they are: $TMPDIR, or /tmp

--- Makes a client. Raises for options that can't be meant.
---@param options boxupload.Options
---@return boxupload.Client? client, string? message, boxupload.Error? err
function M.new(options)
  return client.new(options)
end

--- Opens a file to be sent, whole or by parts: it has size and path, and is
--- remembered as it was, so that a change is noticed.
---@param path string
---@return userdata? file, string? message, boxupload.Error? err
function M.file(path)
  return source.open(path)
end

--- Makes a file without a name, in $TMPDIR or the folder: append to it what
--- comes in pieces, and send it as a part. It is gone when it is closed.
---@param folder string?
---@return userdata? file, string? message, boxupload.Error? err
function M.spool(folder)
  return source.spool(folder)
end

--- A running digest ("sha1", or "sha512"), for the commit of a session that
--- is filled by hand: update(string), hex(), base64(), count(), reset().
---@param algorithm "sha1"|"sha512"|nil
---@return userdata digest
function M.digest(algorithm)
  return core.digest(algorithm)
end

--- Limits what all clients of this process do together, from now on; those
--- that aren't given stay. Returns them all; 0 is no limit.
---@param given boxupload.Limits?
---@return boxupload.Limits
function M.limits(given)
  return limits.set(given)
end

--- The journals of unfinished uploads.
M.journal = {
  folder = journal.folder, list = journal_list.list,
  prune = journal_list.prune,
}

--- The ways to get an access token.
M.auth = auth

return M
