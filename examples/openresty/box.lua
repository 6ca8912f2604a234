-- box: puts the bodies of requests on Box, while they arrive.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local cjson = require "cjson.safe"

local M = {}

local CHUNKED_FROM = 20000000    -- bytes: Box takes no sessions below
local PARALLEL = 3               -- parts of one body on the network
local BODIES = 32                -- at once in one worker
local CHUNK = 16 * 1024        -- LuaJIT collects by pieces, not by bytes
local READ_TIMEOUT = 60          -- seconds without a byte from the client
local TICK = 0.5                 -- seconds between looks at the worker's state
local ATTEMPTS = 3
local COMMIT_TIMEOUT = 600       -- seconds

-- In place of the token, one of boxupload.auth renews itself. The client is
-- every worker's own, though it is made before they are: threads start with
-- the first request.
M.client = assert(boxupload.new {
  token = os.getenv "BOX_TOKEN",
  api_url = os.getenv "BOX_API_URL",
  upload_url = os.getenv "BOX_UPLOAD_URL",
  ca_file = os.getenv "BOX_CA_FILE",
  loop = "openresty",
})

local client = M.client
local receiving = 0

-- "auth" is this server's trouble with Box, not the caller's with us.
local STATUS = {
  network = 502, timeout = 504, auth = 502, denied = 403, conflict = 409,
  changed = 409, quota = 507, invalid = 502, session = 502, gone = 404,
  integrity = 502, canceled = 503, body = 400, busy = 503, request = 400,
}

--- Answers with a file object of Box, or with an error.
function M.answer(status, value)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  ngx.say(cjson.encode(value))
end

--- Answers with an error as the library returns them.
function M.refuse(message, err)
  ngx.log(ngx.WARN, "box: ", message)
  -- What is left of the body shall not be taken for a request.
  ngx.header["Connection"] = "close"
  ngx.header["Retry-After"] = err.retry_after
  M.answer(err.status == 429 and 503 or STATUS[err.kind] or 500, { error = {
    kind = err.kind, code = err.code, message = message,
    request_id = err.request_id, retryable = err.retryable or false,
  } })
end

local function failure(kind, message)
  return nil, message, { kind = kind, retryable = kind == "busy" }
end

-- Whether Box has the part after all: then it mustn't be sent again. That it
-- is the right one the digest of the whole will show.
local function find_part(session, offset)
  for part in session:each_part() do
    if part and part.offset == offset and
       part.size == session:part_length(offset) then
      return part
    end
  end
end

-- One part, in a light thread of its own.
local function send(session, offset, spool)
  local part, message, err
  for attempt = 1, ATTEMPTS do
    if attempt > 1 then ngx.sleep(attempt - 1) end
    part, message, err = session:upload(offset, spool, { data_offset = 0 })
    if part or not err.retryable or ngx.worker.exiting() then break end
    part = find_part(session, offset)
    if part then break end
  end
  spool:close()
  return part, message, err
end

-- Waits for the first of the parts on their way. Not for any of them: where
-- ngx.thread.wait had several, the others wake this thread from whatever else
-- it waits for later.
local function collect(body)
  local ok, part, message, err =
    ngx.thread.wait(table.remove(body.threads, 1))
  if not ok then error(part, 0) end
  if not part then return nil, message, err end
  body.parts[#body.parts + 1] = part
  return true
end

-- What has come of the body, if only a byte.
local function receive(socket, most)
  local deadline = ngx.now() + READ_TIMEOUT
  while not ngx.worker.exiting() do
    local chunk, problem = socket:receiveany(most)
    if chunk then return chunk end
    if problem ~= "timeout" or ngx.now() >= deadline then
      return failure("body", "the body can't be read: " .. problem)
    end
  end
  return failure("canceled", "the worker is about to end: send it again")
end

-- The next part of the body, in a file without a name: memory is for one
-- chunk only.
local function receive_part(body, length)
  local spool, message, err = boxupload.spool()
  if not spool then return nil, message, err end
  local left = length
  while left > 0 do
    local chunk
    chunk, message, err = receive(body.socket, math.min(CHUNK, left))
    if chunk then
      local ok, text = spool:append(chunk)
      if not ok then message, err = select(2, failure("busy", text)) end
    end
    if err then
      spool:close()
      return nil, message, err
    end
    body.digest:update(chunk)
    left = left - #chunk
  end
  return spool
end

local function receive_parts(body)
  local session = body.session
  for offset = 0, session.file_size - 1, session.part_size do
    local ok, message, err = true, nil, nil
    if #body.threads == PARALLEL then ok, message, err = collect(body) end
    if not ok then return nil, message, err end
    local spool
    spool, message, err = receive_part(body, session:part_length(offset))
    if not spool then return nil, message, err end
    body.threads[#body.threads + 1] =
      ngx.thread.spawn(send, session, offset, spool)
  end
  while #body.threads > 0 do
    local ok, message, err = collect(body)
    if not ok then return nil, message, err end
  end
  return true
end

-- These leave open whether the file is there.
local OPEN = {
  ambiguous_commit = true, commit_timeout = true, worker_exiting = true,
}

local function commit(body)
  local file, message, err = body.session:commit {
    sha1 = body.digest:hex(), parts = body.parts, timeout = COMMIT_TIMEOUT,
  }
  if not file and not OPEN[err.code] then body.session:abort() end
  return file, message, err
end

-- A body whose length is known goes on to Box part by part.
local function stream(socket, target, size)
  local session, message, err = client:create_session {
    folder_id = target.folder_id, file_name = target.file_name,
    file_size = size,
  }
  if not session then return nil, message, err end
  local body = {
    socket = socket, session = session, digest = boxupload.digest(),
    threads = {}, parts = {},
  }
  local ok
  ok, message, err = receive_parts(body)
  if ok then return commit(body) end
  -- What is on its way would keep the session busy.
  while #body.threads > 0 do collect(body) end
  session:abort()
  return nil, message, err
end

-- nginx reads the body, to a file where it is large.
local function whole(target)
  ngx.req.read_body()
  local path = ngx.req.get_body_file()
  return client:upload(path or { content = ngx.req.get_body_data() or "" }, {
    folder_id = target.folder_id, file_name = target.file_name,
    content_modified_at = false,
  })
end

-- Nil: there is none, as for HTTP/2 and bodies in chunks of unknown length.
local function body_socket()
  local ok, socket = pcall(ngx.req.socket)
  if not ok or not socket then return nil end
  socket:settimeout(TICK * 1000)
  return socket
end

local function upload()
  local target = {
    folder_id = ngx.var.folder_id, file_name = ngx.var.file_name,
  }
  local size = tonumber(ngx.var.http_content_length)
  local socket = size and size >= CHUNKED_FROM and body_socket()
  if socket then return stream(socket, target, size) end
  return whole(target)
end

--- The handler of PUT /files/FOLDER_ID/NAME.
function M.receive()
  if ngx.req.get_method() ~= "PUT" then return ngx.exit(405) end
  if receiving >= BODIES then
    return M.refuse(select(2, failure("busy", "too many uploads")))
  end
  receiving = receiving + 1
  local ok, file, message, err = pcall(upload)
  receiving = receiving - 1
  if not ok then error(file, 0) end
  if not file then return M.refuse(message, err) end
  M.answer(201, file)
end

return M
