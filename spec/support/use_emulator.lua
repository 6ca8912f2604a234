-- use_emulator: loaded before an example, it connects its clients to the
-- emulator that the environment names, and makes them upload small files in
-- parts.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"

local new = boxupload.new
boxupload.new = function(options)
  for option, name in pairs {
    api_url = "BOX_API_URL", upload_url = "BOX_UPLOAD_URL",
    token_url = "BOX_TOKEN_URL", ca_file = "BOX_CA_FILE",
  } do
    local value = os.getenv(name)
    options[option] = value ~= "" and value or nil
  end
  options.simple_below = 1000
  return new(options)
end
