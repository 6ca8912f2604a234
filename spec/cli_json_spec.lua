-- cli_json: the output of `boxupload upload --json`, as docs/cli.md has it.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local emulators = require "support.emulator"
local files = require "support.files"
local json = require "boxupload.util.json"
local shell = require "support.shell"

-- Fields whose values differ between runs.
local VOLATILE = {
  seconds = true, rate = true, peak_memory = true, request_id = true,
  delay = true, file = true, folder_id = true, eta = true, phase = true,
}

describe("boxupload upload --json", function()
  local emulator, dir

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset { min_size = 20000000, part_size = 8000000 }
  end)

  local function masked(event)
    for key in pairs(event) do
      if VOLATILE[key] then event[key] = "~" end
    end
    event.path = event.path and event.path:gsub("^.*/json", "json")
    if event.event == "retry" then event.message = "~" end
    return (assert(json.encode(event)))
  end

  -- Without progress events, whose number depends on the time.
  local function golden(arguments)
    local code, out, err = command.run("upload --json " .. arguments,
      emulator:environment())
    assert.equal("", err)
    local lines = {}
    for _, event in ipairs(command.events(out)) do
      assert.equal(1, event.schema)
      if event.event ~= "progress" then
        lines[#lines + 1] = masked(event)
      end
    end
    return table.concat(lines, "\n"), code
  end

  local function check(wanted, got)
    assert.equal((wanted:gsub("\n +", ""):gsub("\n$", "")), got)
  end

  it("keeps its schema", function()
    shell.output(("cd %s; mkdir json; printf abc >json/a; ln -s a json/l")
      :format(shell.quote(dir.path)))
    local tree = shell.quote(dir.path .. "/json")
    local got, code = golden("-n -r -f 7 " .. tree)
    assert.equal(0, code)
    assert.is_truthy(got:find('{"action":"make_folder","event":"dry_run",' ..
      '"path":"json","schema":1,"target":"folder 7/json"}', 1, true))
    assert.is_truthy(got:find('{"action":"upload","event":"dry_run",' ..
      '"file_size":3,"path":"json/a","schema":1,' ..
      '"target":"folder 7/json/a"}', 1, true))

    shell.output("rm " .. shell.quote(dir.path .. "/json/l"))
    emulator:faults({ operation = "upload_file", action = "reply",
      status = 503, headers = { ["retry-after"] = 0 } })
    got, code = golden("-r -f 0 " .. tree)
    assert.equal(0, code)
    check([[
{"event":"folder","existing":false,"folder_id":"~","path":"json","schema":1}
{"event":"start","file_name":"a","file_size":3,"folder_id":"~",
  "path":"json/a","schema":1}
{"attempt":1,"delay":"~","event":"retry","kind":"network","message":"~",
  "operation":"uploading the file","path":"json/a","schema":1,"status":503}
{"event":"done","file":"~","path":"json/a","peak_memory":"~","rate":"~",
  "schema":1,"seconds":"~"}
{"bytes":3,"bytes_sent":3,"done":1,"event":"summary","exit_code":0,
  "failed":0,"files":1,"folders_made":1,"ignored":0,"left":0,
  "peak_memory":"~","schema":1,"seconds":"~","skipped":0}
]], got)

    shell.output("ln -s a " .. shell.quote(dir.path .. "/json/l"))
    got, code = golden("--verify -r -f 0 " .. tree)
    assert.equal(0, code)
    for _, wanted in ipairs {
      '{"event":"skipped","file":"~","path":"json/a","reason":"identical",' ..
        '"schema":1}',
      '{"event":"skipped","path":"json/l","reason":"symbolic_link",' ..
        '"schema":1}',
      '"done":0,"event":"summary","exit_code":0,"failed":0,"files":1,' ..
        '"folders_made":0,"ignored":1,"left":0,"peak_memory":"~",' ..
        '"schema":1,"seconds":"~","skipped":1}',
    } do
      assert.is_truthy(got:find(wanted, 1, true), got)
    end

    got, code = golden("-f 0 --file-name json " .. tree .. "/a")
    assert.equal(5, code)
    assert.is_truthy(got:find('{"code":"item_name_in_use","event":"error",' ..
      '"exit_code":5,"kind":"conflict","message":', 1, true))
    assert.is_truthy(got:find('"path":"json/a","request_id":"~",' ..
      '"resumable":false,"retryable":false,"schema":1,"status":409}', 1,
      true))
    assert.is_truthy(got:find('"done":0,"event":"summary","exit_code":5,' ..
      '"failed":1,"files":1', 1, true))
  end)

  it("reports progress", function()
    local path = dir:file("progress", 20000001)
    local _, out = command.run("upload --json -f 0 " .. shell.quote(path),
      emulator:environment())
    local event = command.events(out)[2]
    event.bytes_sent = 0
    event.path = "p"
    assert.equal('{"bytes_resumed":0,"bytes_sent":0,"bytes_stored":0,' ..
      '"event":"progress",' ..
      '"file_size":20000001,"parts":0,"path":"p","phase":"starting",' ..
      '"retries":0,"schema":1,"state":"running"}', json.encode(event))
  end)

  it("prints paths unchanged", function()
    shell.output(("mkdir -p %s"):format(
      shell.quote(dir.path .. "/new\nline")))
    local path = dir:write("new\nline/\195\164\"", "x")
    local got = golden("-n -f 0 " .. shell.quote(path))
    local event = command.events(got)[1]
    assert.equal(path, event.path)
  end)
end)
