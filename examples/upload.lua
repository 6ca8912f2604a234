-- upload: uploads a file to the root folder of a Box account.
--   BOX_TOKEN=... lua upload.lua FILE
-- Get a developer token at https://app.box.com/developers/console.
-- SPDX-License-Identifier: MIT
local boxupload = require "boxupload"

local client = assert(boxupload.new { token = os.getenv "BOX_TOKEN" })
local file, message = client:upload(arg[1], { folder_id = "0" })
if file then
  print(("%s is file %s on Box, sha1 %s"):format(arg[1], file.id, file.sha1))
else
  io.stderr:write(message, "\n")
end
client:close()
os.exit(file and 0 or 1)
