-- demo: uploads 256 MiB of random bytes to the Box emulator with the
-- boxupload command, and compares the checksums. `make demo` runs it.
-- SPDX-License-Identifier: MIT

local json = require "cjson"
local progress = require "boxupload.cli.output.progress"

local MIB = 1024 * 1024
local SIZE = 256 * MIB

local work = assert(os.getenv "BOX_WORK", "run it by `make demo`")
local source = work .. "/random.bin"
local stored = os.getenv "BOX_ROOT" .. "/files/random.bin"

local function write_random(path, size)
  local from = assert(io.open("/dev/urandom", "rb"))
  local to = assert(io.open(path, "wb"))
  for _ = 1, size / MIB do assert(to:write(from:read(MIB))) end
  from:close()
  assert(to:close())
end

-- With an independent program.
local function sha1sum(path)
  local command = "{ sha1sum '%s' || shasum '%s'; } 2>/dev/null"
  local pipe = assert(io.popen(command:format(path, path)))
  local line = pipe:read("*l")
  pipe:close()
  return line and line:match("^%x+")
end

-- Runs the command, which prints one JSON object per line, and draws a bar.
local function upload(path)
  local pipe = assert(io.popen(
    ("build/bin/boxupload upload '%s' --folder-id 0 --json"):format(path)))
  local screen = progress.new {}
  local name = path:match("[^/]+$")
  local done
  for line in pipe:lines() do
    local event = json.decode(line)
    if event.event == "progress" then
      screen:show { { path = path, name = name, progress = event } }
    elseif event.event == "done" then
      done = event
    elseif event.event == "error" then
      screen:hide()
      io.stderr:write(event.message, "\n")
    end
  end
  pipe:close()
  screen:hide()
  return done
end

local function show(name, format, ...)
  print(("%-8s %s"):format(name, format:format(...)))
end

-- Prints the fields of a file object, except nested ones.
local function show_file(file)
  local names = {}
  for name, value in pairs(file) do
    if type(value) ~= "table" then names[#names + 1] = name end
  end
  table.sort(names)
  for index, name in ipairs(names) do
    local value = file[name]
    show(index == 1 and "file" or "", "%-20s %s", name,
      type(value) == "number" and ("%.0f"):format(value) or tostring(value))
  end
end

print(("%d MiB of random bytes to a Box emulator at %s"):format(
  SIZE / MIB, os.getenv "BOX_UPLOAD_URL"))
write_random(source, SIZE)
local done = upload(source)
if not done then
  print("the upload failed")
  os.exit(1)
end
local here, there = sha1sum(source), sha1sum(stored)
show_file(done.file)
show("rate", "%.0f MB/s: %.2f seconds", done.rate / 1e6, done.seconds)
show("memory", "%.1f MiB at most", done.peak_memory / MIB)
show("sha1", "%s (Box's answer)", done.file.sha1)
show("", "%s (sha1sum of the file here)", here)
show("", "%s (sha1sum of the file there)", there)
if here ~= there or here ~= done.file.sha1 then
  print("they are not the same")
  os.exit(1)
end
print("they are the same")
