-- drop: submits requests with string bodies and drops them while they are on
-- their way: the collector must not free what a thread still reads.
--   drop.lua THREAD ROUNDS
-- SPDX-License-Identifier: MIT

local host_client = require "host.client"

local thread, rounds = ...
local PART, PARTS = 1000, 5

local client = host_client.new()
local session = assert(client:create_session {
  folder_id = "0", file_size = PARTS * PART,
  file_name = ("drop-%d.bin"):format(thread),
})
local queue = assert(client.engine:queue())
for round = 1, tonumber(rounds) do
  local body = string.char(97 + round % 26):rep(PART)
  for i = 1, PARTS do
    assert(session:submit_upload((i - 1) * PART, body, { queue = queue }))
    assert(client.engine:submit_hash(body:rep(1 + round % 7), {}))
  end
  if round % 3 == 0 then collectgarbage() end
  if round % 5 == 0 then queue:take() end
end
collectgarbage()
assert(session:abort())
client:close()
