-- luv_upload: uploads several files at once, each in a coroutine that libuv's
-- loop resumes, while a timer of the same loop keeps firing.
--   BOX_TOKEN=... lua luv_upload.lua FILE...
-- SPDX-License-Identifier: MIT
local boxupload = require "boxupload"
local uv = require "luv"

-- The client can't find out whether a program runs luv's loop.
local client = assert(boxupload.new {
  token = os.getenv "BOX_TOKEN", loop = "luv",
})
local running, failures = #arg, 0

local ticks, timer = 0, uv.new_timer()
timer:start(10, 10, function() ticks = ticks + 1 end)

local function upload(path)
  local file, message = client:upload(path, { folder_id = "0" })
  if file then
    print(("%s is file %s on Box, sha1 %s"):format(path, file.id, file.sha1))
  else
    failures = failures + 1
    io.stderr:write(path, ": ", message, "\n")
  end
  running = running - 1
  if running == 0 then timer:close() end
end

for i = 1, #arg do coroutine.wrap(upload)(arg[i]) end
uv.run()

io.stderr:write(ticks, " ticks meanwhile\n")
client:close()
os.exit(failures == 0 and 0 or 1)
