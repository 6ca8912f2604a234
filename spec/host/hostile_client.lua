-- hostile_client: does one thing against a server, and prints as JSON what
-- came of it: kind, code, message and more of the error, the seconds that it
-- took, and by how many bytes the process's memory has grown at most.
--   HOSTILE_PORT=PORT hostile_client.lua FILE
-- FILE has JSON: work (a name below), path of the file to send, client and
-- options, and whether the client signs in for its tokens.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local core = require "boxupload.core"
local json = require "boxupload.util.json"

local input = assert(io.open(..., "r"))
local given = assert(json.decode(input:read("*a")))
input:close()
local url = "http://127.0.0.1:" .. os.getenv "HOSTILE_PORT"

local works = {}

function works.upload(client)
  return client:upload(given.path, given.options)
end

function works.resumable(client)
  given.options.resume = true
  return client:upload(given.path, given.options)
end

function works.open(client)
  return client:open_session("S1", { file_size = given.file_size })
end

function works.list(client)
  local session = assert(works.open(client))
  local count = 0
  for part, message, err in session:each_part() do
    if not part then return nil, message, err end
    count = count + 1
  end
  return { count = count }
end

function works.plan(client)
  local session = assert(works.open(client))
  local plan = url .. "/plan"
  assert(session:set_endpoints { plan = plan, status = plan })
  return session:plan { { offset = 0, size = 1, sha512 = ("0"):rep(128) } }
end

function works.folder(client)
  return client:make_folder { parent_id = "0", name = "x" }
end

function works.user(client) return client:user() end

function works.token(client) return client:access_token() end

local function new_client()
  local options = {
    token = "t", api_url = url .. "/api", loop = "plain",
    upload_url = url .. "/upload", token_url = url .. "/token",
    retries = 0, retry_delay = 0.01, connect_timeout = 10, stall_timeout = 10,
    simple_below = 1000,
  }
  for key, value in pairs(given.client or {}) do options[key] = value end
  if given.signs_in then
    options.token = nil
    options.auth = boxupload.auth.client_credentials {
      client_id = "i", client_secret = "secret", enterprise = "1",
    }
  end
  return assert(boxupload.new(options))
end

local client = new_client()
given.options = given.options or {}
given.options.folder_id = not given.options.file_id and "0" or nil
local memory, began = core.peak_memory(), core.now()
local done, message, err = works[given.work](client)
print(assert(json.encode {
  is_done = done and true or false, message = message,
  kind = err and err.kind, code = err and err.code,
  retry_after = err and err.retry_after, request_id = err and err.request_id,
  session_id = err and err.session_id, seconds = core.now() - began,
  memory = core.peak_memory() - memory,
}))
client:close()
