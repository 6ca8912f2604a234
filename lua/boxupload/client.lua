-- client: one way to reach Box, with its settings, and what runs on it.
-- SPDX-License-Identifier: MIT

local client_options = require "boxupload.client_options"
local condition = require "boxupload.loop.condition"
local core = require "boxupload.core"
local failure = require "boxupload.service.failure"
local folder = require "boxupload.service.folder"
local loop = require "boxupload.loop.auto"
local options = require "boxupload.util.options"
local session = require "boxupload.session"
local start = require "boxupload.start"
local target = require "boxupload.upload.target"
local token = require "boxupload.auth.token"
local upload_session = require "boxupload.service.session"
local usage_error = require "boxupload.util.usage_error"
local user = require "boxupload.service.user"
local waiter = require "boxupload.loop.waiter"

local M = {}

-- What errors are kept clean of: the secrets of the client's sign-in, and
-- tokens, of which late answers may still name old ones.
local SECRETS_KEPT = 32
-- Shorter ones would hide pieces of ordinary words.
local SECRET_LEAST = 4

---@class boxupload.Client
local Client = {}
Client.__index = Client
Client.__tostring = function(self)
  return ("boxupload.client (%s)"):format(self.closed and "closed" or
    self.upload_url)
end

local function headers_of(given)
  local link = given.shared_link and "shared_link=" .. given.shared_link
  if link and given.shared_link_password then
    link = link .. "&shared_link_password=" .. given.shared_link_password
  end
  return { ["As-User"] = given.as_user, BoxApi = link }
end

local function new_engine(given, adapter)
  local engine, text, code = core.engine {
    ca_file = given.ca_file, proxy = given.proxy,
    user_agent = given.user_agent, headers = headers_of(given),
    trusted = { given.api_url, given.upload_url, given.token_url },
    connect_timeout = given.connect_timeout,
    low_speed_limit = math.floor(given.stall_speed),
    low_speed_time = math.ceil(given.stall_timeout),
    http_version = given.http_version,
    nice = given.nice or loop.nice(adapter),
  }
  if not engine and code == "invalid" then
    usage_error.raise("boxupload.new: " .. text)
  end
  return engine, text, code
end

local function without_slash(url)
  return (url:gsub("/+$", ""))
end

--- Makes a client; see boxupload.new.
---@param given table
---@return boxupload.Client? client, string? message, boxupload.Error? err
function M.new(given)
  given = client_options.check(given)
  local adapter = given.loop
  if type(adapter) == "string" then adapter = loop.named(adapter) end
  local engine, text, code = new_engine(given, adapter)
  if not engine then
    return failure.returns(failure.of_core(code, text, "making a client"))
  end
  local self = setmetatable({
    engine = engine, loop = adapter, queue = engine:queue(),
    auth = given.auth or token.new(given.token),
    api_url = without_slash(given.api_url),
    upload_url = without_slash(given.upload_url),
    token_url = without_slash(given.token_url),
    parallel = given.parallel, retries = given.retries,
    retry_delay = given.retry_delay,
    simple_below = given.simple_below,
    on_exchange = given.on_exchange,
    transfers = {},    -- those that run, oldest first
    ended = 0,         -- how many don't any more
    idle_queues = {},  -- of calls that are over
    busy_queues = setmetatable({}, { __mode = "k" }),
    secrets = {},
  }, Client)
  self.condition = condition.new(self, self.queue)
  return self
end

--- Raises when the client was closed.
function Client:check_open()
  if self.closed then usage_error.raise("attempt to use a closed client") end
end

--- The URL that every session has, whatever its endpoints say.
---@param id string
function Client:session_url(id)
  return self.upload_url .. "/files/upload_sessions/" .. id
end

--- Makes the methods of a session wait with this client.
---@param adopted boxupload.Session
function Client:adopt(adopted)
  session.set_client(adopted, self)
end

--- Keeps a secret out of errors and events from now on.
---@param value string
function Client:hide(value)
  if #value < SECRET_LEAST then return end
  local secrets = self.secrets
  for index, known in ipairs(secrets) do
    if known == value then
      table.remove(secrets, index)
      break
    end
  end
  table.insert(secrets, 1, value)
  secrets[SECRETS_KEPT + 1] = nil
end

--- Sees that the engine carries the current token, and returns it.
---@param caller boxupload.Caller
---@return string? token, boxupload.Error? err
function Client:authorize(caller)
  local value, _, err = self.auth:token(caller)
  if not value then return nil, err end
  if value == self.carried or self.closed then return value end
  local ok, text, code = self.engine:set_token(value)
  if not ok then
    return nil, failure.of_core(code, text, "setting the access token")
  end
  self.carried = value
  self:hide(value)
  return value
end

local function access_token(caller)
  local value, message, err = caller.client.auth:token(caller)
  if value then caller.client:hide(value) end
  return value, message, err
end

--- An access token that works now: for requests that other programs make,
--- and to see that signing in works.
---@return string? token, string? message, boxupload.Error? err
function Client:access_token()
  return self:directly(access_token)
end

--- A queue for one who waits; its descriptor is made once and used again.
function Client:borrow_queue()
  local queue = table.remove(self.idle_queues) or self.engine:queue()
  self.busy_queues[queue] = true
  return queue
end

--- Takes a borrowed queue back, empty.
function Client:return_queue(queue)
  self.busy_queues[queue] = nil
  if self.closed then return queue:close() end
  self.idle_queues[#self.idle_queues + 1] = queue
end

--- Raises where the loop adapter can't wait.
function Client:check_wait()
  if self.loop.check then self.loop.check() end
end

--- Who is signed in, and how much that user may store.
---@return boxupload.User? user, string? message, boxupload.Error? err
function Client:user()
  return self:directly(user.current)
end

--- Runs work(caller, …) with a caller that waits by the loop adapter.
function Client:directly(work, ...)
  self:check_open()
  self:check_wait()
  local queue = self:borrow_queue()
  local caller = { client = self, waiter = waiter.direct(queue, self) }
  local value, message, err = work(caller, ...)
  self:return_queue(queue)
  return value, message, err
end

---@class boxupload.NewSession
---@field folder_id string?
---@field file_id string?
---@field file_name string?
---@field file_size integer  bytes

local CREATE = {
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
  local what = "client:create_session"
  self:check_open()
  opts = options.check(CREATE, opts, what)
  local aim, message, err = target.new(opts, nil, what)
  if not aim then return nil, message, err end
  return self:directly(upload_session.create, aim, opts.file_size)
end

local function from_saved(saved, what)
  if saved.type ~= session.SAVED_TYPE then
    usage_error.raise(what .. ": this isn't what session:save returned")
  end
  if saved.version ~= session.SAVED_VERSION then
    usage_error.raise(("%s: saved by another version of boxupload (%s)")
      :format(what, tostring(saved.version)))
  end
  if type(saved.session_endpoints) ~= "table" then
    usage_error.raise(what .. ": the saved session has no session_endpoints")
  end
  return saved
end

local OPEN = { file_size = { type = "number", check = options.whole(1) } }

--- Finds a session again: by what session:save returned, or by its id alone.
--- The service is asked whether it lives. It doesn't tell the file's size,
--- which parts can't be sent without: with an id give `file_size`.
---@param id_or_saved string|table
---@param opts {file_size:integer?}?
---@return boxupload.Session? session, string? message, boxupload.Error? err
function Client:open_session(id_or_saved, opts)
  local what = "client:open_session"
  self:check_open()
  opts = options.check(OPEN, opts, what)
  local saved = { id = id_or_saved, file_size = opts.file_size }
  if type(id_or_saved) == "table" then
    saved = from_saved(id_or_saved, what)
  end
  local problem = type(saved.id) == "string" and options.id(saved.id) or
    type(saved.id) ~= "string" and "isn't a string"
  if problem then
    usage_error.raise(what .. ": the session's id " .. problem)
  end
  return self:directly(upload_session.open, saved)
end

--- Makes a folder on Box, or finds the one that has the name already: then
--- its field `existing` is true.
---@param opts boxupload.NewFolder
---@return table? folder, string? message, boxupload.Error? err
function Client:make_folder(opts)
  self:check_open()
  opts = options.check(folder.options, opts, "client:make_folder")
  return self:directly(folder.make, opts)
end

--- Starts an upload and returns at once: step it, wait for it, or poll the
--- client. What can be seen at once, such as a path where no file is, is
--- returned as a failure here. A source that is no file is read to its end
--- first, in this coroutine.
---@param source_of_bytes string|userdata|boxupload.SourceTable
---@param opts boxupload.UploadOptions
---@return boxupload.Transfer? transfer, string? message, boxupload.Error? err
function Client:start(source_of_bytes, opts)
  self:check_open()
  return start.run(self, "client:start", source_of_bytes, opts)
end

--- Uploads a file and waits: the file object that Box has, with its sha1,
--- size and name compared with what was sent.
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

-- Those that end leave the list.
local function each_transfer(self, method)
  local all = {}
  for i, each in ipairs(self.transfers) do all[i] = each end
  for _, each in ipairs(all) do each[method](each) end
end

--- Steps every transfer of the client, for hosts that have frames.
---@return integer running  how many aren't over
function Client:poll()
  self:check_open()
  each_transfer(self, "step")
  return #self.transfers
end

--- Steps every transfer of the client until one more of them is over, or for
--- so many seconds.
---@param seconds number?
---@return integer running  how many aren't over
function Client:wait(seconds)
  self:check_open()
  seconds = options.check_wait(seconds, "client:wait")
  self:check_wait()
  local deadline = seconds and core.now() + seconds
  local ended = self.ended
  while self:poll() > 0 and self.ended == ended do
    local now = core.now()
    if deadline and now >= deadline then break end
    local left, due = deadline and deadline - now, self:timeout()
    if not left or due and due < left then left = due end
    local told = self.condition:wait(left)
    if self.closed then return 0 end
    if told == "exiting" then each_transfer(self, "leave") end
  end
  self.condition:leave()
  return #self.transfers
end

--- A transfer is over.
---@param ended boxupload.Transfer
function Client:forget(ended)
  self.ended = self.ended + 1
  for i, each in ipairs(self.transfers) do
    if each == ended then
      table.remove(self.transfers, i)
      return
    end
  end
end

--- The descriptor that is readable while a transfer has something to do.
function Client:pollfd() return self.queue:pollfd() end
function Client:getfd() return self.queue:getfd() end
function Client:events() return self.queue:events() end
function Client:dirty() return self.queue:dirty() end

--- Seconds until a transfer wants to be polled whatever the descriptor says;
--- nil: none does.
---@return number?
function Client:timeout()
  local first
  for _, each in ipairs(self.transfers) do
    local at = each.unseen and 0 or each.until_time
    if at and (not first or at < first) then first = at end
  end
  return first and math.max(0, first - core.now())
end

--- Ends all that runs, without a word to the service: cancel transfers and
--- wait for them first where their sessions shouldn't be left behind.
function Client:close()
  while self.transfers[1] do self.transfers[1]:abandon() end
  self.closed = true
  if self.auth.client_closed then self.auth:client_closed(self) end
  self.condition:close()
  for _, queue in ipairs(self.idle_queues) do queue:close() end
  self.idle_queues = {}
  -- Coroutines that wait shall see it.
  for queue in pairs(self.busy_queues) do queue:wake() end
  self.engine:close()
end
Client.__close = Client.close

return M
