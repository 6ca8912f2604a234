-- session: a chunked upload by hand, which lists the stored parts.
--   BOX_TOKEN=... lua session.lua FILE       (20 MB or more)
-- SPDX-License-Identifier: MIT
local boxupload = require "boxupload"

local client = assert(boxupload.new { token = os.getenv "BOX_TOKEN" })

-- The parts go in order, since each updates the digest of the whole file.
local function send(session, source)
  local whole = boxupload.digest()
  for offset = 0, source.size - 1, session.part_size do
    local part, message =
      session:upload(offset, source, { digest = whole })
    if not part then return nil, message end
  end
  return whole:hex()
end

local function show_parts(session)
  for part, message in session:each_part() do
    if not part then return nil, message end
    print(("part %s: %.0f bytes from %.0f, sha1 %s")
      :format(part.part_id, part.size, part.offset, part.sha1 or "untold"))
  end
  return true
end

local function upload(path)
  local source, message = boxupload.file(path)
  if not source then return nil, message end
  local session
  session, message = client:create_session {
    folder_id = "0", file_name = path:match("[^/]+$"),
    file_size = source.size,
  }
  if not session then return nil, message end
  local sha1, file, listed
  sha1, message = send(session, source)
  if sha1 then listed, message = show_parts(session) end
  if listed then
    -- The file must not have changed meanwhile.
    listed, message = source:check()
  end
  if listed then file, message = session:commit { sha1 = sha1 } end
  if not file then session:abort() end
  return file, message
end

local file, message = upload(arg[1])
if file then
  print(("%s is file %s on Box, sha1 %s"):format(arg[1], file.id, file.sha1))
else
  io.stderr:write(message, "\n")
end
client:close()
os.exit(file and 0 or 1)
