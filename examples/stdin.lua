-- stdin: uploads the bytes of a pipe to the root folder of a Box account.
--   tar cz folder | BOX_TOKEN=... lua stdin.lua backup.tar.gz
-- Box needs to know the size before the first byte, so the pipe is first read
-- to its end, into a file without a name in $TMPDIR.
-- SPDX-License-Identifier: MIT
local boxupload = require "boxupload"

local client = assert(boxupload.new { token = os.getenv "BOX_TOKEN" })
local file, message = client:upload({ read = io.stdin }, {
  folder_id = "0", file_name = assert(arg[1], "give the file's name"),
  spool_limit = 20 * 2 ^ 30,
})
if file then
  print(("%s is file %s on Box: %.0f bytes, sha1 %s")
    :format(file.name, file.id, file.size, file.sha1))
else
  io.stderr:write(message, "\n")
end
client:close()
os.exit(file and 0 or 1)
