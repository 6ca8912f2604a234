-- crashing_upload: a process that makes one resumable upload and kills itself
-- at a given point.
--   crashing_upload.lua ACCESS.json FILE NAME [write N | time SECONDS]
-- SPDX-License-Identifier: MIT

local json = require "boxupload.util.json"

local boxupload = require "boxupload"
local core = require "boxupload.core"

local access_path, path, name, what, number = (...), select(2, ...)
local access = assert(json.decode(assert(io.open(access_path)):read("*a")))
number = tonumber(number)

-- The shell's parent is this process.
local function die()
  os.execute("kill -9 $PPID")
end

local writes = 0
local function count(result, ...)
  writes = writes + 1
  if what == "write" and writes == number then die() end
  return result, ...
end

local create, append = core.journal_create, core.methods.journal.append
core.journal_create = function(...) return count(create(...)) end
core.methods.journal.append = function(...) return count(append(...)) end

local client = boxupload.new {
  token = access.token, api_url = access.api_url,
  upload_url = access.upload_url, token_url = access.token_url,
  ca_file = access.ca_file, simple_below = 1000,
  retries = access.retries, retry_delay = access.retry_delay or 0.01,
}
local options = {
  folder_id = "0", file_name = name, resume = true, parallel = 3,
  on_conflict = access.on_conflict,
}
if access.options then options = access.options end
local transfer = assert(client:start(path, options))
local began = core.now()
local death = what == "time" and began + number
while transfer:step() == "running" do
  transfer.queue:wait(0.0005)
  if death and core.now() >= death then die() end
end
local file, message, err = transfer:result()
client:close()
print(json.encode {
  file = file, message = message, kind = err and err.kind,
  code = err and err.code, writes = writes,
  seconds = core.now() - began,
})
