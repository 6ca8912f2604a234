-- love_probe: runs a LÖVE example and measures how long its frames and its
-- calls of client:poll() take:
--   love FOLDER EXAMPLE REPORT FILE
-- FOLDER contains this file as main.lua, and the example's conf.lua.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"
local json = require "boxupload.util.json"

local polls, frames = {}, {}
local client, example, report_path

local new = boxupload.new
boxupload.new = function(options)
  client = assert(new(options))
  local poll = client.poll
  client.poll = function(self)
    local began = love.timer.getTime()
    local running = poll(self)
    polls[#polls + 1] = love.timer.getTime() - began
    return running
  end
  return client
end

local pending_screenshots = 0
local function take_screenshot(name)
  pending_screenshots = pending_screenshots + 1
  love.graphics.captureScreenshot(function(image)
    local file = assert(io.open(report_path .. "." .. name .. ".png", "wb"))
    file:write(image:encode("png"):getString())
    file:close()
    pending_screenshots = pending_screenshots - 1
  end)
end

local function finish(transfer)
  local file, message = transfer:result()
  local report = assert(io.open(report_path, "w"))
  report:write(json.encode {
    polls = json.array(polls), frames = json.array(frames), file = file,
    message = message,
  })
  report:close()
  love.event.quit()
end

local load_example, update, transfer, taken, over

function love.load(arguments)
  example, report_path = arguments[1], arguments[2]
  local own = love.load
  assert(loadfile(example .. "/main.lua"))()
  load_example, update = love.load, love.update
  love.load = own
  load_example { arguments[3] }
  transfer = assert(client.transfers[1])
  love.update = function(dt)
    frames[#frames + 1] = dt
    update(dt)
    local now = transfer:progress()
    if not taken and now.bytes_sent > 0.6 * now.file_size then
      taken = true
      take_screenshot "running"
    elseif now.state ~= "running" and not over then
      over = true
      take_screenshot "over"
    elseif over and pending_screenshots == 0 then
      finish(transfer)
    end
  end
end
