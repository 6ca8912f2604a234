-- nginx_app: the Lua code that nginx runs for openresty_spec.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local cjson = require "cjson.safe"

local M = {}

local function new_client(auth)
  return assert(boxupload.new {
    token = not auth and os.getenv "BOX_TOKEN" or nil, auth = auth,
    api_url = os.getenv "BOX_API_URL", upload_url = os.getenv "BOX_UPLOAD_URL",
    token_url = os.getenv "BOX_TOKEN_URL",
    loop = not auth and "openresty" or nil, -- the other detects it
    simple_below = 1000, retry_delay = 0.01,
  })
end

-- Created in the master process and used in the workers.
local client = new_client()

local function result_of(file, message, err)
  return {
    sha1 = file and file.sha1, message = message, kind = err and err.kind,
    code = err and err.code, resumable = err and err.resumable,
    pid = ngx.worker.pid(),
  }
end

local function options(arguments)
  return {
    folder_id = "0", file_name = arguments.name, resume = arguments.journal,
  }
end

local function upload(arguments, by)
  return result_of((by or client):upload(arguments.path, options(arguments)))
end

local function keep(name, result)
  assert(ngx.shared.outcomes:set(name, cjson.encode(result)))
end

-- The error of an upload in a phase that can't wait.
local function failing_upload()
  local ok, message = pcall(client.upload, client, "/etc/passwd",
    { folder_id = "0" })
  return { ok = ok, message = tostring(message) }
end

local at_start = ngx.get_phase() == "init" and failing_upload() or nil
local handlers, started, signed = {}, nil, nil

function handlers.upload(arguments) return upload(arguments) end
handlers.rewrite, handlers.access = handlers.upload, handlers.upload
function handlers.init() return at_start end

function handlers.timer(arguments)
  assert(ngx.timer.at(0, function()
    keep(arguments.name, upload(arguments))
  end))
  return {}
end

function handlers.outcome(arguments)
  local text = ngx.shared.outcomes:get(arguments.name)
  if not text then ngx.status = 404 end
  return text and cjson.decode(text) or {}
end

function handlers.start(arguments)
  started = assert(client:start(arguments.path, options(arguments)))
  started:step()
  return { pid = ngx.worker.pid() }
end

function handlers.wait()
  if not started then return {} end
  return result_of(started:wait())
end

function handlers.signed(arguments)
  signed = signed or new_client(boxupload.auth.client_credentials {
    client_id = arguments.id, client_secret = arguments.secret, user = "1",
  })
  return upload(arguments, signed)
end

function handlers.session(arguments)
  local source = assert(boxupload.file(arguments.path))
  local session = assert(client:create_session {
    folder_id = "0", file_name = arguments.name, file_size = source.size,
  })
  local result = result_of(session:upload(0, source))
  result.aborted = session:abort()
  return result
end

--- Calls the handler that the path names.
function M.handle()
  local handler = handlers[ngx.var.uri:sub(2)]
  local result = handler(ngx.req.get_uri_args())
  ngx.say(cjson.encode(result))
  return ngx.exit(ngx.HTTP_OK)
end

--- Runs in the log phase, after a request.
function M.log() keep("log", failing_upload()) end

return M
