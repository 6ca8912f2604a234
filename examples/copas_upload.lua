-- copas_upload: uploads several files at once, each in a thread of copas.
--   BOX_TOKEN=... lua copas_upload.lua FILE...
-- SPDX-License-Identifier: MIT
local boxupload = require "boxupload"
local copas = require "copas"

-- Copas 4 is found automatically; older versions don't say whether they run.
local client = assert(boxupload.new {
  token = os.getenv "BOX_TOKEN", loop = "copas",
})
local running, failures = #arg, 0

for i = 1, #arg do
  copas.addthread(function()
    -- Blocks only this thread.
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

-- A server would call copas.loop(), which never returns before copas 2.
local turns = 0
while running > 0 do
  copas.step(0.1)
  turns = turns + 1
end
io.stderr:write(turns, " turns of the loop\n")
client:close()
os.exit(failures == 0 and 0 or 1)
