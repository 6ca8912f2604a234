-- Uploads files from a LÖVE program without delaying a frame: the one named on
-- the command line, and those that are dropped on the window.
--   BOX_TOKEN=... love examples/love movie.mkv [FOLDER_ID]
-- Space pauses and resumes, Escape cancels.
-- SPDX-License-Identifier: MIT

local boxupload = require "boxupload"

local BACKGROUND = { 0.09, 0.10, 0.13 }
local TRACK = { 0.18, 0.20, 0.25 }
local TEXT, FAINT = { 0.93, 0.94, 0.96 }, { 0.58, 0.62, 0.70 }
local HINT = { 0.38, 0.42, 0.50 }
local COLORS = {
  running = { 0.16, 0.55, 0.96 }, paused = { 0.93, 0.69, 0.21 },
  done = { 0.24, 0.73, 0.46 }, failed = { 0.90, 0.34, 0.34 },
  canceled = { 0.58, 0.62, 0.70 },
}
local MARGIN, BAR = 40, 22

local client, transfer, name, problem, folder_id
local paused = false
local large, small

local function start(path)
  if transfer and transfer.state == "running" then return end
  name, paused, problem = path:match("[^/\\]+$") or path, false, nil
  transfer, problem = client:start(path, { folder_id = folder_id })
end

function love.load(arguments)
  client = assert(boxupload.new {
    token = os.getenv "BOX_TOKEN",
    api_url = os.getenv "BOX_API_URL", upload_url = os.getenv "BOX_UPLOAD_URL",
    token_url = os.getenv "BOX_TOKEN_URL", ca_file = os.getenv "BOX_CA_FILE",
  })
  large, small = love.graphics.newFont(22), love.graphics.newFont(14)
  love.graphics.setBackgroundColor(BACKGROUND)
  folder_id = arguments[2] or "0"
  if arguments[1] then start(arguments[1]) end
end

function love.filedropped(file)
  start(file:getFilename())
end

-- Polling never waits: it takes a fraction of a millisecond.
function love.update()
  client:poll()
end

function love.keypressed(key)
  if not transfer or transfer.state ~= "running" then
    if key == "escape" then love.event.quit() end
  elseif key == "space" then
    paused = not paused
    if paused then transfer:pause() else transfer:resume() end
  elseif key == "escape" then
    transfer:cancel()
  end
end

function love.quit()
  client:close()
end

local function bytes(count)
  local units = { "B", "KiB", "MiB", "GiB", "TiB" }
  local unit = 1
  while count >= 1024 and unit < #units do
    count, unit = count / 1024, unit + 1
  end
  return (unit == 1 and "%d %s" or "%.1f %s"):format(count, units[unit])
end

local function duration(seconds)
  if seconds < 60 then return ("%d s"):format(math.ceil(seconds)) end
  return ("%d:%02d min"):format(seconds / 60, seconds % 60)
end

-- The state of the upload, in one line.
local function status(now)
  if now.state == "done" then return "Uploaded, and its SHA-1 is right" end
  if now.state == "canceled" then return "Canceled" end
  if now.state == "failed" then return "Failed" end
  if paused then return "Paused" end
  if now.phase ~= "uploading" then return now.phase .. " ..." end
  local line = now.rate and bytes(now.rate) .. "/s" or ""
  if now.eta then line = line .. ", " .. duration(now.eta) .. " left" end
  return line
end

local function text(line, font, color, y, align)
  love.graphics.setFont(font)
  love.graphics.setColor(color)
  love.graphics.printf(line, MARGIN, y,
    love.graphics.getWidth() - 2 * MARGIN, align or "left")
end

local function bar(part, color, y)
  local width = love.graphics.getWidth() - 2 * MARGIN
  love.graphics.setColor(TRACK)
  love.graphics.rectangle("fill", MARGIN, y, width, BAR, BAR / 2)
  if part <= 0 then return end
  love.graphics.setColor(color)
  love.graphics.rectangle("fill", MARGIN, y, math.max(BAR, part * width), BAR,
    BAR / 2)
end

-- Cuts a long name off where the percentage begins.
local function title(line, part)
  local percent = ("%d %%"):format(100 * part)
  local width = love.graphics.getWidth() - 2 * MARGIN
  love.graphics.setScissor(MARGIN, 0, width - large:getWidth(percent) - 20,
    love.graphics.getHeight())
  love.graphics.setFont(large)
  love.graphics.setColor(TEXT)
  love.graphics.print(line, MARGIN, 48)
  love.graphics.setScissor()
  text(percent, large, TEXT, 48, "right")
end

local function draw_transfer()
  local now = transfer:progress()
  local part = now.file_size > 0 and now.bytes_sent / now.file_size or 0
  local color = COLORS[paused and now.state == "running" and "paused" or
    now.state]
  title(name, part)
  bar(part, color, 92)
  text(("%s of %s"):format(bytes(now.bytes_sent), bytes(now.file_size)),
    small, FAINT, 128)
  text(status(now), small, now.state == "running" and FAINT or color, 128,
    "right")
  if now.state == "running" then
    text(paused and "Space: go on    Escape: cancel" or
      "Space: pause    Escape: cancel", small, HINT, 190)
  elseif now.state == "failed" then
    text(select(2, transfer:result()), small, FAINT, 160)
  end
end

function love.draw()
  if transfer then return draw_transfer() end
  text("Drop a file here to upload it to Box", large, TEXT, 92, "center")
  if problem then text(problem, small, COLORS.failed, 140, "center") end
end
