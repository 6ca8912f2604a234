-- box: uploads the bodies of requests to Box while they arrive.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local cjson = require "cjson.safe"

local M = {}

local CHUNKED_FROM = 20000000    -- bytes: Box's minimum for sessions
local PARALLEL = 3               -- parts of one body sent at once
local BODIES = 32                -- at once in each worker
-- Small, since LuaJIT's collector counts objects rather than bytes.
local CHUNK = 16 * 1024
local READ_TIMEOUT = 60          -- seconds without a byte from the client
local TICK = 0.5                 -- seconds between checks for an exit
local ATTEMPTS = 3
local COMMIT_TIMEOUT = 600       -- seconds

-- For uploads of more than an hour, replace the token by an object of
-- boxupload.auth, which renews it. Each worker has its own copy of the client,
-- which is created before the workers: threads start with the first request.
M.client = assert(boxupload.new {
  token = os.getenv "BOX_TOKEN",
  api_url = os.getenv "BOX_API_URL",
  upload_url = os.getenv "BOX_UPLOAD_URL",
  ca_file = os.getenv "BOX_CA_FILE",
  loop = "openresty",
})

local client = M.client
local receiving = 0

-- "auth" is a failure between this server and Box, not the caller's.
local STATUS = {
  network = 502, timeout = 504, auth = 502, denied = 403, conflict = 409,
  changed = 409, quota = 507, invalid = 502, session = 502, gone = 404,
  integrity = 502, canceled = 503, body = 400, busy = 503, request = 400,
}

--- Responds with a value as JSON.
function M.answer(status, value)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  ngx.say(cjson.encode(value))
end

--- Responds with an error of the library.
function M.refuse(message, err)
  ngx.log(ngx.WARN, "box: ", message)
  -- Otherwise nginx would take the rest of the body for a request.
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

-- The part, if Box stored it although its response was lost: it must not be
-- sent again. The digest of the whole file shows if its bytes are wrong.
local function find_part(session, offset)
  for part in session:each_part() do
    if part and part.offset == offset and
       part.size == session:part_length(offset) then
      return part
    end
  end
end

-- Sends one part, in a light thread of its own.
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

-- Waits for the oldest part being sent. Not for any of them: after a call of
-- ngx.thread.wait with several threads, the others would later wake this
-- thread from whatever it waits for then.
local function collect(body)
  local ok, part, message, err =
    ngx.thread.wait(table.remove(body.threads, 1))
  if not ok then error(part, 0) end
  if not part then return nil, message, err end
  body.parts[#body.parts + 1] = part
  return true
end

-- The next bytes of the body, at least one.
local function receive(socket, most)
  local deadline = ngx.now() + READ_TIMEOUT
  while not ngx.worker.exiting() do
    local chunk, problem = socket:receiveany(most)
    if chunk then return chunk end
    if problem ~= "timeout" or ngx.now() >= deadline then
      return failure("body", "the body can't be read: " .. problem)
    end
  end
  return failure("canceled", "the worker is about to exit: send it again")
end

-- The next part of the body, in a file without a name, so that memory holds
-- one chunk only.
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

-- After these, the file may exist on Box, so the session is kept.
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

-- Sends a body of known length to Box part by part.
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
  -- Parts that are still being sent would keep the session busy.
  while #body.threads > 0 do collect(body) end
  session:abort()
  return nil, message, err
end

-- Lets nginx read the whole body, to a file if it is large.
local function whole(target)
  ngx.req.read_body()
  local path = ngx.req.get_body_file()
  return client:upload(path or { content = ngx.req.get_body_data() or "" }, {
    folder_id = target.folder_id, file_name = target.file_name,
    content_modified_at = false,
  })
end

-- Nil for HTTP/2 and for bodies of unknown length.
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
