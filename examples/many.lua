-- many: uploads several files at once, and shows their progress.
--   BOX_TOKEN=... lua many.lua FILE...
-- A host with its own main loop, such as a game, calls client:poll() in each
-- turn instead, which never waits.
-- SPDX-License-Identifier: MIT
local boxupload = require "boxupload"

local client = assert(boxupload.new { token = os.getenv "BOX_TOKEN" })
-- Applies to all transfers together, to leave bandwidth for others.
boxupload.limits { bytes_per_second = 50e6, connections = 6 }

local transfers, failures = {}, 0

local function fail(path, message)
  failures = failures + 1
  io.stderr:write(path, ": ", message, "\n")
end

for i = 1, #arg do
  local transfer, message = client:start(arg[i], { folder_id = "0" })
  if transfer then
    transfers[#transfers + 1] = { path = arg[i], transfer = transfer }
  else
    fail(arg[i], message)
  end
end

local function show()
  local sent, size = 0, 0
  for _, each in ipairs(transfers) do
    local now = each.transfer:progress()
    sent, size = sent + now.bytes_sent, size + now.file_size
  end
  io.stderr:write(("\r%5.1f %%"):format(100 * sent / math.max(1, size)))
end

while client:wait(0.1) > 0 do show() end
show()
io.stderr:write("\n")

for _, each in ipairs(transfers) do
  local file, message = each.transfer:result()
  if file then
    print(("%s is file %s on Box, sha1 %s")
      :format(each.path, file.id, file.sha1))
  else
    fail(each.path, message)
  end
end
client:close()
os.exit(failures == 0 and 0 or 1)
