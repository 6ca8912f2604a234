-- session: the methods of an upload session that send a request and wait.
-- SPDX-License-Identifier: MIT

local abort = require "boxupload.service.abort"
local attributes = require "boxupload.upload.attributes"
local call = require "boxupload.service.call"
local commit = require "boxupload.service.commit"
local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local json = require "boxupload.util.json"
local options = require "boxupload.util.options"
local part = require "boxupload.service.part"
local part_list = require "boxupload.service.part_list"
local reply = require "boxupload.service.reply"
local source = require "boxupload.upload.source"
local text = require "boxupload.util.text"
local usage_error = require "boxupload.util.usage_error"

local M = {}

-- The fields `type` and `version` of what `save` returns.
local SAVED_TYPE, SAVED_VERSION = "boxupload_session", 1

--- The rule for the size of a session's file.
---@type boxupload.OptionRule
M.SIZE_RULE = { type = "number", check = options.whole(1) }

---@class boxupload.Session
---@field id string
---@field part_size integer       bytes; chosen by the service
---@field total_parts integer
---@field file_size integer?      bytes; nil when opened by id alone
---@field session_expires_at string?
---@field num_parts_processed integer?
---@field session_endpoints table<string, string>
local methods = core.methods.session

-- The client of each session. Not a field of the session, whose fields are
-- those of the service. In `core.kept`, for the methods of every load of this
-- module are those of every session: a host that loads its modules again goes
-- on with the sessions that it has.
local clients = core.kept.clients or setmetatable({}, { __mode = "k" })
core.kept.clients = clients

--- Sets the client that the methods of a session use.
---@param session boxupload.Session
---@param client boxupload.Client
function M.set_client(session, client)
  clients[session] = client
end

local function client_of(session)
  local client = clients[session]
  if not client then
    usage_error.raise("a session of client:create_session or " ..
      "client:open_session expected")
  end
  client:check_open()
  return client
end

-- Of bytes.
local COUNT = { type = "number", check = options.whole(0) }

local function part_length_at(session, offset)
  local problem = options.problem(offset, COUNT)
  if problem then
    usage_error.raise("session:upload: the offset " .. problem)
  end
  local ok, length = pcall(methods.part_length, session, offset)
  if not ok then usage_error.raise("session:upload: " .. tostring(length)) end
  return length
end

local function check_string_length(data, length)
  if #data ~= length then
    usage_error.raise(("session:upload: the part at this offset has %.0f " ..
      "bytes, the string has %d"):format(length, #data))
  end
end

-- Returned, not raised: the file may have changed after the session was made,
-- which is no mistake of the caller.
local function file_size_error(session, file, data_offset, length)
  if data_offset and file.size >= data_offset + length or
     not data_offset and file.size == session.file_size then
    return nil
  end
  return failure.of("changed", "changed", "sending a part",
    ("%s has %.0f bytes, and the session is for a file of %.0f")
      :format(file.path, file.size, session.file_size),
    "create a session for the file as it is now")
end

local UPLOAD_OPTIONS = {
  digest = { type = "userdata" },
  sha1 = { type = "string", check = options.sha1 },
  data_offset = { type = "number", check = options.whole(0) },
}

--- Sends the part at an offset, from a string of the part's length or from a
--- file object. Options:
--- `digest`: a `boxupload.digest` to update with the part; the parts must then
--- be sent in order.
--- `sha1`: the part's SHA-1 in hex, which saves hashing it.
--- `data_offset`: in bytes, where the part begins in `data`, for a file that
--- isn't the whole file to upload.
---@param offset integer  bytes
---@param data string|userdata
---@param opts {digest:userdata?, sha1:string?, data_offset:integer?}?
---@return boxupload.Part? part, string? message, boxupload.Error? err
function methods.upload(self, offset, data, opts)
  opts = options.check(UPLOAD_OPTIONS, opts, "session:upload")
  local client = client_of(self)
  local length = part_length_at(self, offset)
  if type(data) == "string" then
    check_string_length(data, length)
    if opts.data_offset then
      usage_error.raise("session:upload: data_offset is for files")
    end
  elseif source.is_file(data) then
    local err = file_size_error(self, data, opts.data_offset, length)
    if err then return failure.returns(err) end
  else
    usage_error.raise("session:upload: data must be a string or a file " ..
      "(boxupload.file), not a " .. type(data))
  end
  opts.client, opts.while_paused = client, true
  local request = part.request(self, offset, data, opts)
  return client:directly(function(caller)
    local response, message, err = call.perform(caller, request)
    if not response then return nil, message, err end
    local stored
    stored, err = part.stored(self, offset, response.exchange,
      request.operation)
    if stored then return stored end
    return failure.returns(err)
  end)
end

local PAGE_OPTIONS = {
  offset = { type = "number", check = options.whole(0) },
  limit = { type = "number", check = options.whole(1) },
}

--- Fetches one page of the stored parts. offset and limit are in parts, not
--- bytes. The list has the fields total_count, offset and limit.
---@param opts {offset:integer?, limit:integer?}?
---@return boxupload.Part[]? list, string? message, boxupload.Error? err
function methods.parts(self, opts)
  opts = options.check(PAGE_OPTIONS, opts, "session:parts")
  return client_of(self):directly(part_list.page, self, opts.offset,
    opts.limit)
end

--- Iterates over all stored parts. If a page can't be fetched, the iterator
--- returns `false, message, err` and then ends:
---
---     for part, message, err in session:each_part() do
---       if not part then return nil, message, err end
---     end
---
--- With a loop adapter that yields on plain Lua 5.1, call the iterator in a
--- `while` loop: 5.1 can't yield inside an iterator of `for`.
---@return fun(): boxupload.Part|false|nil, string?, boxupload.Error?
function methods.each_part(self)
  local client = client_of(self)
  return part_list.each(self, function(offset, limit)
    return client:directly(part_list.page, self, offset, limit)
  end)
end

local function fetch_status(caller, session)
  local operation = "asking for the upload session"
  local response, message, err = call.perform(caller, {
    operation = operation, scope = "session", idempotent = true,
    accept = { [200] = "json" },
    fall_back = function() caller.client:fall_back(session) end,
    submit = function(queue)
      return session:submit_status { queue = queue }
    end,
  })
  if not response then return nil, message, err end
  local fields, problem = reply.session(response.value)
  if not fields then
    return failure.returns(failure.of_reply(response.exchange, operation,
      problem))
  end
  local session_fields = core.fields(session)
  session_fields.num_parts_processed = fields.num_parts_processed
  session_fields.session_expires_at = fields.session_expires_at or
    session_fields.session_expires_at
  return fields
end

--- Fetches the state of the session and updates the session's fields with it.
--- num_parts_processed lags behind the number of stored parts.
---@return table? fields, string? message, boxupload.Error? err
function methods.status(self)
  return client_of(self):directly(fetch_status, self)
end

---@class boxupload.CommitOptions
---@field sha1 string              the whole file's, in hex
---@field parts boxupload.Part[]?  all parts; nil: those that are stored
---@field attributes table?        content_modified_at and others
---@field if_match string?         etag
---@field if_none_match string?
---@field wait boolean?            wait for the file: true
---@field timeout number?          seconds of waiting: 21600

local COMMIT_OPTIONS = {
  sha1 = { type = "string", check = options.sha1, required = true },
  parts = { type = "table" },
  attributes = attributes.commit_option,
  if_match = { type = "string", check = options.header },
  if_none_match = { type = "string", check = options.header },
  wait = { type = "boolean", default = true },
  timeout = { type = "number", check = options.seconds,
    default = commit.TIMEOUT },
}

local function check_parts(parts)
  local checked = {}
  for i, given in ipairs(parts) do
    local record, problem = reply.part(given)
    if not record then
      usage_error.raise(("session:commit: parts[%d] is %s"):format(i, problem))
    end
    checked[i] = record
  end
  if #checked == 0 then usage_error.raise("session:commit: no parts") end
  return checked
end

--- Creates the file from `parts`, or from all stored parts. With
--- `wait = false` a commit that isn't finished returns an error with the code
--- "commit_pending" and retry_after.
---@param opts boxupload.CommitOptions
---@return table? file, string? message, boxupload.Error? err
function methods.commit(self, opts)
  opts = options.check(COMMIT_OPTIONS, opts, "session:commit")
  opts.attributes = attributes.to_send(attributes.of_caller(opts))
  opts.parts = opts.parts and check_parts(opts.parts)
  opts.sha1 = text.lower(opts.sha1)
  opts.expected = { sha1 = opts.sha1, size = self.file_size }
  return client_of(self):directly(commit.run, self, opts)
end

--- Deletes the session and the parts stored in it. A session that no longer
--- exists is no error.
---@return boolean? done, string? message, boxupload.Error? err
function methods.abort(self)
  return client_of(self):directly(abort.session, self)
end

-- A plan has up to five for each of some 11,000 parts.
local MAX_PLAN_VALUES = 100000

local function fetch_plan(caller, session, body)
  local operation = "planning the upload"
  local response, message, err = call.perform(caller, {
    operation = operation, scope = "session", idempotent = true,
    accept = { [200] = "json", [201] = "json" },
    most_values = MAX_PLAN_VALUES,
    fall_back = function() caller.client:fall_back(session) end,
    submit = function(queue)
      return session:submit_plan { body = body, queue = queue }
    end,
  })
  if not response then return nil, message, err end
  local value = response.value
  if type(value.hits) == "table" and type(value.misses) == "table" then
    return { hits = value.hits, misses = value.misses }
  end
  return failure.returns(failure.of_reply(response.exchange, operation,
    "a plan without hits and misses"))
end

local function check_plan(parts)
  for i, given in ipairs(parts) do
    if type(given) ~= "table" then
      usage_error.raise(("session:plan: parts[%d] isn't a table"):format(i))
    end
    for _, name in ipairs { "offset", "size" } do
      local problem = given[name] ~= nil and
        options.problem(given[name], COUNT)
      if problem then
        usage_error.raise(("session:plan: parts[%d].%s %s")
          :format(i, name, problem))
      end
    end
  end
end

--- Asks which parts the service already has. Those are the `hits`: they have a
--- part_id for the commit and need not be sent. Only newer servers support it.
--- offset and size are in bytes, sha512 is in hex.
---@param parts {offset:integer, size:integer, sha512:string}[]
---@return {hits:table[], misses:table[]}? plan
---@return string? message, boxupload.Error? err
function methods.plan(self, parts)
  if type(parts) ~= "table" or parts[1] == nil then
    usage_error.raise("session:plan: a list of parts expected")
  end
  check_plan(parts)
  local body, problem = json.encode { parts = parts }
  if not body then
    usage_error.raise("session:plan: the parts contain " .. problem)
  end
  return client_of(self):directly(fetch_plan, self, body)
end

--- Returns what client:open_session needs to open the session again, as plain
--- data without tokens or secrets.
---@return table saved
function methods.save(self)
  local endpoints = {}
  for name, url in pairs(self.session_endpoints) do endpoints[name] = url end
  return {
    type = SAVED_TYPE, version = SAVED_VERSION, id = self.id,
    part_size = self.part_size, total_parts = self.total_parts,
    file_size = self.file_size, session_expires_at = self.session_expires_at,
    session_endpoints = endpoints,
  }
end

-- What was stored as JSON by others may have digits as text.
local function saved_size_problem(size)
  if type(size) == "string" and size:find("^%d+$") then
    size = tonumber(size)
  end
  return size ~= nil and options.problem(size, M.SIZE_RULE)
end

--- Raises for what isn't a table that `save` returned.
---@param saved table
---@param function_name string  for the error message
function M.check_saved(saved, function_name)
  if saved.type ~= SAVED_TYPE then
    usage_error.raise(function_name ..
      ": this isn't what session:save returned")
  end
  if saved.version ~= SAVED_VERSION then
    usage_error.raise(("%s: saved by another version of boxupload (%s)")
      :format(function_name, tostring(saved.version)))
  end
  if type(saved.session_endpoints) ~= "table" then
    usage_error.raise(function_name ..
      ": the saved session has no session_endpoints")
  end
  local problem = saved_size_problem(saved.file_size)
  if problem then
    usage_error.raise(function_name .. ": the saved file_size " .. problem)
  end
end

--- Raises for what can't be a session's id.
---@param id any
---@param function_name string  for the error message
function M.check_id(id, function_name)
  local problem = type(id) == "string" and options.id(id) or
    type(id) ~= "string" and "isn't a string"
  if problem then
    usage_error.raise(function_name .. ": the session's id " .. problem)
  end
end

return M
