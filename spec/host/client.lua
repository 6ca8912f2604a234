-- client: creates a client for the emulator that the environment names.
-- SPDX-License-Identifier: MIT

local M = {}

function M.new()
  return assert(require("boxupload").new {
    token = os.getenv "BOX_TOKEN", api_url = os.getenv "BOX_API_URL",
    upload_url = os.getenv "BOX_UPLOAD_URL",
    token_url = os.getenv "BOX_TOKEN_URL", simple_below = 1000,
    ca_file = os.getenv "BOX_CA_FILE",
    stall_timeout = 2, retries = 2, retry_delay = 0.01,
  })
end

--- Uploads a file; returns what client:upload returns.
function M.upload(client, path, name)
  return client:upload(path, { folder_id = "0", file_name = name })
end

return M
