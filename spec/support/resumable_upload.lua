-- resumable_upload: a process that makes one resumable upload, as a user's
-- script would.
--   resumable_upload.lua FILE NAME
-- The environment is that of emulator:environment.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"

local path, name = ...
local client = assert(boxupload.new {
  token = os.getenv "BOX_TOKEN", api_url = os.getenv "BOX_API_URL",
  upload_url = os.getenv "BOX_UPLOAD_URL",
  token_url = os.getenv "BOX_TOKEN_URL", simple_below = 1000,
})
local file = assert(client:upload(path, {
  folder_id = "0", file_name = name, resume = true,
}))
print(file.sha1)
