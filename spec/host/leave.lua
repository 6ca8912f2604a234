-- leave: leaves its process in the middle of an upload, as programs do.
-- The environment has the way, LEAVE_BY, the file, LEAVE_FILE, and the seconds
-- until then, LEAVE_AFTER. Prints the time at which it leaves.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local host_client = require "host.client"
local host, vim = rawget(_G, "host"), rawget(_G, "vim")

local ways = {}
local transfer

function ways.exit() os.exit(0) end
function ways.close() os.exit(0, true) end
function ways.error() error("it raises") end
function ways.status() os.exit(7) end
-- Nothing: the script ends.
ways["return"] = function() end
function ways.thread() host.exit_in_thread(0) end
function ways.at_once() host.exit_at_once(0) end
-- The child has a copy of the upload, and none of its threads.
function ways.child()
  local child = host.fork()
  if child == 0 then os.exit(0) end
  assert(host.wait(child) == 0, "the child failed")
end
function ways.quit() vim.cmd "qall!" end

local client = host_client.new()
transfer = assert(client:start(os.getenv "LEAVE_FILE",
  { folder_id = "0", file_name = os.getenv "LEAVE_NAME", parallel = 4 }))
_G.left = { client, transfer } -- collected at the end, if at all
local leave_at = core.now() + tonumber(os.getenv "LEAVE_AFTER")
repeat
  transfer:step()
  transfer.queue:wait(0.002)
until core.now() >= leave_at
io.stdout:write(("left %.6f\n"):format(core.now()))
io.stdout:flush()
ways[os.getenv "LEAVE_BY"]()
