-- client: a connection to Box with its settings and running transfers.
-- SPDX-License-Identifier: MIT

local box_url = require "boxupload.util.box_url"
local client_options = require "boxupload.client_options"
local condition = require "boxupload.loop.condition"
local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local folder = require "boxupload.service.folder"
local loop = require "boxupload.loop.auto"
local options = require "boxupload.util.options"
local redact = require "boxupload.util.redact"
local session = require "boxupload.session"
local start = require "boxupload.start"
local target = require "boxupload.upload.target"
local token = require "boxupload.auth.token"
local upload_session = require "boxupload.service.session"
local urls = require "boxupload.util.url"
local usage_error = require "boxupload.util.usage_error"
local user = require "boxupload.service.user"
local waiter = require "boxupload.loop.waiter"

local M = {}

-- Those that libcurl looks at.
local PROXY_VARIABLES = {
  "https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY",
}

---@class boxupload.Client
---@field warnings string[]  about URLs that aren't https
local Client = {}
Client.__index = Client
Client.__tostring = function(self)
  return ("boxupload.client (%s)"):format(self.closed and "closed" or
    self.upload_url)
end

local function request_headers(given)
  local link = given.shared_link and "shared_link=" .. given.shared_link
  if link and given.shared_link_password then
    link = link .. "&shared_link_password=" .. given.shared_link_password
  end
  return { ["As-User"] = given.as_user, BoxApi = link }
end

-- Bytes, for most requests: their replies have a few hundred.
local REPLY_LIMIT = 64 * 1024

local function base64(text)
  return (core.base64url(text):gsub("[-_]", { ["-"] = "+", ["_"] = "/" }))
end

-- What the client itself sends that nobody else may see.
local function secrets_of(given)
  local secrets = redact.new()
  if given.shared_link_password then
    redact.add(secrets, given.shared_link_password, true)
  end
  if given.proxy then redact.add_proxy(secrets, given.proxy, base64) end
  for _, name in ipairs(PROXY_VARIABLES) do
    redact.add_proxy(secrets, os.getenv(name) or "", base64)
  end
  return secrets
end

local function new_engine(given, adapter, secrets)
  local stall_timeout = math.ceil(given.stall_timeout)
  local engine, text, code = core.engine {
    ca_file = given.ca_file, proxy = given.proxy,
    user_agent = given.user_agent, headers = request_headers(given),
    trusted = { given.api_url, given.upload_url, given.token_url },
    connect_timeout = given.connect_timeout,
    low_speed_limit = math.floor(given.stall_speed),
    low_speed_time = stall_timeout,
    reply_timeout = given.reply_timeout or 2 * stall_timeout,
    reply_limit = REPLY_LIMIT,
    http_version = given.http_version,
    nice = given.nice or loop.nice(adapter),
  }
  if not engine and code == "invalid" then
    usage_error.raise("boxupload.new: " .. redact.text(text, secrets))
  end
  return engine, text, code
end

local function strip_trailing_slashes(url)
  return (url:gsub("/+$", ""))
end

--- Makes a client; see boxupload.new.
---@param given table
---@return boxupload.Client? client, string? message, boxupload.Error? err
function M.new(given)
  given = client_options.check(given)
  local adapter = given.loop
  if type(adapter) == "string" then adapter = loop.named(adapter) end
  local secrets = secrets_of(given)
  local engine, text, code = new_engine(given, adapter, secrets)
  if not engine then
    return failure.returns(failure.of_core(code, text, "making a client",
      secrets))
  end
  local queue
  queue, text, code = engine:queue()
  if not queue then
    engine:close()
    return failure.returns(failure.of_core(code, text, "making a client"))
  end
  local self = setmetatable({
    engine = engine, loop = adapter, queue = queue,
    auth = given.auth or token.new(given.token),
    api_url = strip_trailing_slashes(given.api_url),
    upload_url = strip_trailing_slashes(given.upload_url),
    token_url = strip_trailing_slashes(given.token_url),
    has_own_upload_url = given.upload_url ~= client_options.UPLOAD_URL,
    parallel = given.parallel, retries = given.retries,
    as_user = given.as_user,
    warnings = urls.warnings { given.api_url, given.upload_url,
      given.token_url },
    retry_delay = given.retry_delay,
    simple_below = given.simple_below,
    on_exchange = given.on_exchange,
    -- Set by the command: what a run made is never what it replaces. Paths by
    -- the ids of the files on Box that hold them.
    made = nil,
    transfers = {},    -- running ones, oldest first
    ended_count = 0,   -- number of ended transfers
    idle_queues = {},  -- for reuse
    busy_queues = setmetatable({}, { __mode = "k" }),
    secrets = secrets,
  }, Client)
  self.condition = condition.new(self, self.queue)
  return self
end

--- Raises if the client is closed.
function Client:check_open()
  if self.closed then usage_error.raise("attempt to use a closed client") end
end

--- Returns the default URL of a session, which works even where its endpoints
--- name others.
---@param id string
---@return string url
function Client:session_url(id)
  return box_url.session(self.upload_url, id)
end

--- Makes a session's requests go to upload_url, which has every session,
--- because the host of its endpoints can't be reached.
---@param unreachable boxupload.Session
function Client:fall_back(unreachable)
  upload_session.use_base_url(unreachable, self.upload_url)
end

--- Makes the methods of a session use this client.
---@param adopted boxupload.Session
function Client:adopt(adopted)
  session.set_client(adopted, self)
end

--- Removes a secret from errors and events from now on.
---@param value string
function Client:hide(value)
  redact.add(self.secrets, value)
end

--- Returns the current token, and makes the engine send it.
---@param caller boxupload.Caller
---@return string? token, boxupload.Error? err
function Client:authorize(caller)
  local value, _, err = self.auth:token(caller)
  if not value then return nil, err end
  if value == self.engine_token or self.closed then return value end
  local ok, text, code = self.engine:set_token(value)
  if not ok then
    return nil, failure.of_core(code, text, "setting the access token")
  end
  self.engine_token = value
  self:hide(value)
  return value
end

local function fetch_access_token(caller)
  local value, message, err = caller.client.auth:token(caller)
  if value then caller.client:hide(value) end
  return value, message, err
end

--- Returns a valid access token, for requests made by other programs or to
--- check the sign-in.
---@return string? token, string? message, boxupload.Error? err
function Client:access_token()
  return self:directly(fetch_access_token)
end

--- Makes a queue.
---@param parent userdata?  a queue that tells of this one too
---@return userdata? queue, string? message, boxupload.Error? err
function Client:new_queue(parent)
  local queue, text, code = self.engine:queue(parent)
  if queue then return queue end
  return failure.returns(failure.of_core(code, text, "preparing to wait"))
end

--- Returns a queue to wait for. Queues are reused, as each has a descriptor.
---@return userdata? queue, string? message, boxupload.Error? err
function Client:borrow_queue()
  local queue, message, err = table.remove(self.idle_queues)
  if not queue then queue, message, err = self:new_queue() end
  if not queue then return nil, message, err end
  self.busy_queues[queue] = true
  return queue
end

--- Takes a borrowed queue back, which must be empty.
---@param queue userdata
function Client:return_queue(queue)
  self.busy_queues[queue] = nil
  if self.closed then return queue:close() end
  self.idle_queues[#self.idle_queues + 1] = queue
end

--- Raises where the loop adapter can't wait.
function Client:check_wait()
  if self.loop.check then self.loop.check() end
end

--- Fetches the user who is signed in, with the storage limits.
---@return boxupload.User? user, string? message, boxupload.Error? err
function Client:user()
  return self:directly(user.current)
end

--- Runs work(caller, …) with a caller that waits with the loop adapter, and
--- returns its results.
---@param work fun(caller: boxupload.Caller, ...): any, string?, table?
function Client:directly(work, ...)
  self:check_open()
  self:check_wait()
  local queue, message, err = self:borrow_queue()
  if not queue then return nil, message, err end
  local caller = { client = self, waiter = waiter.direct(queue, self) }
  local value
  value, message, err = work(caller, ...)
  self:return_queue(queue)
  if not err then return value, message end
  redact.fields(err, self.secrets)
  return value, err.message, err
end

---@class boxupload.NewSession
---@field folder_id string?
---@field file_id string?
---@field file_name string?
---@field file_size integer  bytes

local CREATE_OPTIONS = {
  folder_id = target.options.folder_id,
  file_id = target.options.file_id,
  file_name = target.options.file_name,
  file_size = { type = "number", check = options.whole(0), required = true },
}

--- Creates an upload session for a new file (`folder_id`, `file_name`) or for
--- a new version of one (`file_id`; a `file_name` renames it).
---@param opts boxupload.NewSession
---@return boxupload.Session? session, string? message, boxupload.Error? err
function Client:create_session(opts)
  local function_name = "client:create_session"
  self:check_open()
  opts = options.check(CREATE_OPTIONS, opts, function_name)
  local upload_target, message, err = target.new(opts, nil, function_name)
  if not upload_target then return nil, message, err end
  return self:directly(upload_session.create, upload_target, opts.file_size)
end

local OPEN_OPTIONS = { file_size = session.SIZE_RULE }

--- Opens an existing session by what session:save returned, or by its id
--- alone. Fails if the service no longer has it. Sending parts requires the
--- file's size, which the service doesn't return: with an id, also give
--- `file_size` in bytes.
---@param id_or_saved string|table
---@param opts {file_size:integer?}?
---@return boxupload.Session? session, string? message, boxupload.Error? err
function Client:open_session(id_or_saved, opts)
  local function_name = "client:open_session"
  self:check_open()
  opts = options.check(OPEN_OPTIONS, opts, function_name)
  local saved = { id = id_or_saved, file_size = opts.file_size }
  if type(id_or_saved) == "table" then
    saved = id_or_saved
    session.check_saved(saved, function_name)
  end
  session.check_id(saved.id, function_name)
  return self:directly(upload_session.open, saved)
end

--- Creates a folder on Box, or finds the one that already has the name: then
--- its field `existing` is true.
---@param opts boxupload.NewFolder
---@return table? folder, string? message, boxupload.Error? err
function Client:make_folder(opts)
  self:check_open()
  opts = options.check(folder.options, opts, "client:make_folder")
  return self:directly(folder.make, opts)
end

--- Starts an upload and returns at once: step it, wait for it, or poll the
--- client. Problems that are found at once, such as a missing file, are
--- returned here. A source that isn't a file is first read to its end, in this
--- coroutine.
---@param source_of_bytes string|userdata|boxupload.SourceTable
---@param opts boxupload.UploadOptions
---@return boxupload.Transfer? transfer, string? message, boxupload.Error? err
function Client:start(source_of_bytes, opts)
  self:check_open()
  return start.run(self, "client:start", source_of_bytes, opts)
end

--- Uploads a file and waits. Returns Box's file object, after comparing its
--- sha1, size and name with what was sent.
---@param source_of_bytes string|userdata|boxupload.SourceTable
---@param opts boxupload.UploadOptions
---@return table? file, string? message, boxupload.Error? err
function Client:upload(source_of_bytes, opts)
  self:check_open()
  self:check_wait()
  local started, message, err =
    start.run(self, "client:upload", source_of_bytes, opts)
  if not started then return nil, message, err end
  return started:wait()
end

-- Works on a copy: transfers that end are removed from the list.
local function call_each_transfer(self, method)
  local snapshot = {}
  for i, each in ipairs(self.transfers) do snapshot[i] = each end
  for _, each in ipairs(snapshot) do each[method](each) end
end

--- Steps every transfer of the client, for hosts such as games that do so once
--- per frame.
---@return integer running  number of running transfers
function Client:poll()
  self:check_open()
  call_each_transfer(self, "step")
  return #self.transfers
end

--- Steps every transfer of the client until one of them ends or the time is
--- over.
---@param seconds number?  nil: without a limit
---@return integer running  number of running transfers
function Client:wait(seconds)
  self:check_open()
  seconds = options.check_wait(seconds, "client:wait")
  self:check_wait()
  local deadline = seconds and core.now() + seconds
  local ended_count = self.ended_count
  while self:poll() > 0 and self.ended_count == ended_count do
    local now = core.now()
    if deadline and now >= deadline then break end
    local timeout, step_timeout = deadline and deadline - now, self:timeout()
    if not timeout or step_timeout and step_timeout < timeout then
      timeout = step_timeout
    end
    local reason, message, err = self.condition:wait(timeout)
    if self.closed then return 0 end
    if err then return nil, message, err end
    if reason == "exiting" then call_each_transfer(self, "leave") end
  end
  self.condition:leave()
  return #self.transfers
end

--- Removes an ended transfer from the list.
---@param ended boxupload.Transfer
function Client:forget(ended)
  self.ended_count = self.ended_count + 1
  for i, each in ipairs(self.transfers) do
    if each == ended then
      table.remove(self.transfers, i)
      return
    end
  end
end

--- Returns the descriptor that is readable while a transfer has something to
--- do. cqueues.poll calls pollfd, events and timeout, LuaSocket's select getfd
--- and dirty.
function Client:pollfd() return self.queue:pollfd() end
function Client:getfd() return self.queue:getfd() end
function Client:events() return self.queue:events() end
function Client:dirty() return self.queue:dirty() end

--- Returns the seconds after which a transfer must be polled, whether or not
--- the descriptor is readable.
---@return number? seconds  nil: no transfer must
function Client:timeout()
  local first
  for _, each in ipairs(self.transfers) do
    local step_at = each.needs_step and 0 or each.step_at
    if step_at and (not first or step_at < first) then first = step_at end
  end
  return first and math.max(0, first - core.now())
end

--- Ends all transfers without sending anything more. To have their upload
--- sessions aborted, cancel the transfers and wait for them first.
function Client:close()
  while self.transfers[1] do self.transfers[1]:abandon() end
  self.closed = true
  if self.auth.client_closed then self.auth:client_closed(self) end
  self.condition:close()
  for _, queue in ipairs(self.idle_queues) do queue:close() end
  self.idle_queues = {}
  -- Coroutines that wait for them notice that the client is closed.
  for queue in pairs(self.busy_queues) do queue:wake() end
  self.engine:close()
end
Client.__close = Client.close

return M
