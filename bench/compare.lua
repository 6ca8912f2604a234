-- compare: times the bare libcurl loop and the boxupload command in turn with
-- one file, against the emulator that the environment names.
--   lua compare.lua FLOOR MEASURE BOXUPLOAD
-- Environment: BENCH_SIZE, BENCH_RUNS, BENCH_CONNECTIONS, BENCH_TITLE.
-- SPDX-License-Identifier: MIT

local core = require "boxupload.core"
local json = require "cjson"

local MIB = 1024 * 1024

local floor_program, measure_program, command = arg[1], arg[2], arg[3]
local size = tonumber(os.getenv "BENCH_SIZE" or 1024) * MIB
local runs = tonumber(os.getenv "BENCH_RUNS" or 5)
local connections = tonumber(os.getenv "BENCH_CONNECTIONS" or 4)
local work = assert(os.getenv "BOX_WORK", "run it by tools/with-emulator")
local stored = assert(os.getenv "BOX_ROOT") .. "/files"

local function write_random(path, bytes)
  local from = assert(io.open("/dev/urandom", "rb"))
  local to = assert(io.open(path, "wb"))
  while bytes > 0 do
    local chunk = from:read(math.min(bytes, MIB))
    assert(to:write(chunk))
    bytes = bytes - #chunk
  end
  from:close()
  assert(to:close())
end

local function read_json(path)
  local file = assert(io.open(path))
  local value = json.decode(file:read("*a"))
  file:close()
  return value
end

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

local engine = core.engine { ca_file = os.getenv "BOX_CA_FILE" }

-- TCP connections to the emulator so far.
local function connections_so_far()
  local exchange = assert(engine:submit {
    method = "GET", url = os.getenv "BOX_CONTROL_URL" .. "/stats",
    authorize = false,
  })
  while not exchange:poll() do exchange:queue():wait() end
  return json.decode(exchange:body()).connections
end

local function measure(words)
  local report, output = work .. "/report", work .. "/output"
  local line = { quote(measure_program), quote(report) }
  for _, word in ipairs(words) do line[#line + 1] = quote(word) end
  local before = connections_so_far()
  os.execute(table.concat(line, " ") .. " >" .. quote(output))
  local result = read_json(report)
  if result.status ~= 0 then
    os.execute("cat " .. quote(output) .. " >&2")
    error(words[1] .. " failed")
  end
  result.connections = connections_so_far() - before
  -- The next run must not wait until the disk has written this file.
  os.execute("rm -f " .. quote(stored) .. "/*")
  return result
end

local source = work .. "/source.bin"
write_random(source, size)

local contestants = {
  {
    name = "floor",
    run = function()
      return measure { floor_program, source, tostring(connections) }
    end,
  },
  {
    name = "boxupload",
    run = function(round)
      return measure {
        command, "upload", source, "--folder-id", "0", "--json",
        "--file-name", ("boxupload-%d.bin"):format(round),
        "--parallel", tostring(connections),
      }
    end,
  },
}

-- In turn, so that other load on the machine affects both; the first round
-- only warms up.
for round = 0, runs do
  for _, contestant in ipairs(contestants) do
    local result = contestant.run(round)
    if round > 0 then table.insert(contestant, result) end
  end
end

local function column(contestant, field)
  local values = {}
  for index, result in ipairs(contestant) do values[index] = result[field] end
  table.sort(values)
  local middle = math.floor((#values + 1) / 2)
  local median = (values[middle] + values[#values + 1 - middle]) / 2
  return median, values[1], values[#values]
end

print(("%s: %.0f MiB, %d connections, %d runs"):format(
  os.getenv "BENCH_TITLE" or "upload", size / MIB, connections, runs))
print("             median      min      max      rate      CPU  " ..
  "peak memory  connections")
for _, contestant in ipairs(contestants) do
  local median, least, most = column(contestant, "seconds")
  local _, _, memory = column(contestant, "peak_memory")
  local _, _, opened = column(contestant, "connections")
  print(("  %-9s %7.2f s %7.2f  %7.2f  %4.0f MB/s %6.2f s  %7.1f MiB  %11d")
    :format(contestant.name, median, least, most, size / median / 1e6,
      column(contestant, "cpu"), memory / MIB, opened))
end
print(("  ratio     %7.2f (1 is as fast as the floor)\n"):format(
  (column(contestants[2], "seconds")) / (column(contestants[1], "seconds"))))
engine:close()
