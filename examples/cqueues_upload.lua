-- cqueues_upload: uploads several files at once, each in a coroutine of
-- cqueues, while another coroutine of the same thread continues to work.
--   BOX_TOKEN=... lua cqueues_upload.lua FILE...
-- SPDX-License-Identifier: MIT
local boxupload = require "boxupload"
local cqueues = require "cqueues"

local client = assert(boxupload.new { token = os.getenv "BOX_TOKEN" })
local loop = cqueues.new()
local running, failures = #arg, 0

for i = 1, #arg do
  loop:wrap(function()
    -- Blocks only this coroutine.
    local file, message = client:upload(arg[i], { folder_id = "0" })
    if file then
      print(("%s is file %s on Box, sha1 %s")
        :format(arg[i], file.id, file.sha1))
    else
      failures = failures + 1
      io.stderr:write(arg[i], ": ", message, "\n")
    end
    running = running - 1
  end)
end

loop:wrap(function()
  local ticks = 0
  while running > 0 do
    cqueues.sleep(0.01)
    ticks = ticks + 1
  end
  io.stderr:write(ticks, " ticks meanwhile\n")
end)

assert(loop:loop())
client:close()
os.exit(failures == 0 and 0 or 1)
