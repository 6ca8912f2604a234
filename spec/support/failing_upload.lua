-- failing_upload: a process that makes one upload while its calls fail (see
-- host/failing.c).
--   failing_upload.lua FAILING.so FILE TARGET JOURNAL
-- TARGET is the id of a file, JOURNAL a path or "". Prints what came of it:
--   file SHA1 | error KIND CODE MESSAGE | raised MESSAGE
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"

local library, path, target, journal = ...

local arm = assert(package.loadlib(library, "failing_arm"))
local disarm = assert(package.loadlib(library, "failing_disarm"))

local client
local function upload()
  local message, err
  client, message, err = boxupload.new {
    token = os.getenv "BOX_TOKEN", api_url = os.getenv "BOX_API_URL",
    upload_url = os.getenv "BOX_UPLOAD_URL",
    token_url = os.getenv "BOX_TOKEN_URL", ca_file = os.getenv "BOX_CA_FILE",
    simple_below = 1000, stall_timeout = 2, retries = 2, retry_delay = 0.01,
  }
  if not client then return nil, message, err end
  return client:upload(path, {
    file_id = target, resume = journal ~= "" and journal or nil,
  })
end

local ok, file, message, err
local closed, problem = true, nil
local cleared, problem_2 = true, nil

-- Inside one protected call: the interpreter has no memory either to report
-- what is raised outside.
local function run()
  ok, file, message, err = pcall(upload)
  if client then closed, problem = pcall(client.close, client) end
  client = nil
  cleared, problem_2 = pcall(collectgarbage)
end

arm()
local ran, problem_3 = pcall(run)
disarm()

if not ran then ok, file = false, problem_3 end
if not ok then
  print("raised", file)
elseif not file then
  print("error", tostring(err.kind), tostring(err.code), message)
else
  print("file", file.sha1)
end
if not closed then print("raised by close", problem) end
if not cleared then print("raised by the collector", problem_2) end
