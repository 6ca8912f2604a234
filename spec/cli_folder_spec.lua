-- cli_folder: which files `boxupload upload` finds, and where it puts them.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local core = require "boxupload.core"
local emulators = require "support.emulator"
local files = require "support.files"
local lookup = require "boxupload.service.lookup"
local shell = require "support.shell"

local quote = shell.quote

describe("boxupload upload", function()
  local emulator, dir, environment, name

  setup(function()
    emulator = emulators.start()
    environment = emulator:environment()
  end)

  teardown(function() emulator:stop() end)

  local serial = 0

  before_each(function()
    emulator:reset { min_size = 20000000, part_size = 8000000,
      connection_rate = 0, quota = 0 }
    dir = files.temp_dir()
    serial = serial + 1
    name = "tree " .. serial
    shell.output("mkdir " .. quote(dir.path .. "/" .. name))
  end)

  after_each(function()
    dir:remove()
    assert.equal(0, emulator:open_sessions())
  end)

  local function path(below)
    return dir.path .. "/" .. name .. (below and "/" .. below or "")
  end

  local function make(below, text)
    local parent = below:match("^(.*)/")
    if parent then
      shell.output("mkdir -p " .. quote(path(parent)))
    end
    return dir:write(name .. "/" .. below, text or below)
  end

  local function run(arguments)
    return command.run("upload --folder-id 0 " .. arguments, environment)
  end

  local function on_box(below)
    return files.read(emulator.root .. "/files/" .. name .. "/" .. below)
  end

  local function events(arguments, wanted)
    local code, out, err = run(arguments .. " --json")
    assert.equal("", err)
    local found = {}
    for _, event in ipairs(command.events(out)) do
      if event.event == wanted then found[#found + 1] = event end
    end
    return found, code, out
  end

  it("creates folders, even empty ones", function()
    make("a.txt")
    make("deep/er/b.txt")
    make("sp ace/\195\164 \230\151\165\230\156\172.txt")
    make("-dash/--x")
    shell.output("mkdir " .. quote(path "empty"))
    local code, out, err = run("-r " .. quote(path()))
    assert.equal(0, code, err)
    assert.equal("a.txt", on_box "a.txt")
    assert.equal("deep/er/b.txt", on_box "deep/er/b.txt")
    assert.equal("sp ace/\195\164 \230\151\165\230\156\172.txt",
      on_box "sp ace/\195\164 \230\151\165\230\156\172.txt")
    assert.equal("-dash/--x", on_box "-dash/--x")
    assert.matches("deep/er/b.txt: file %d+", out)
    assert.equal(6, #emulator:requests "create_folder")
    assert.matches("boxupload: 4 files uploaded", err, 1, true)
    -- The second time they exist.
    local made = events("-r --on-conflict replace " .. quote(path()),
      "folder")
    assert.equal(6, #made)
    for _, event in ipairs(made) do assert.is_true(event.existing) end
  end)

  it("refuses folders without --recursive", function()
    make("a.txt")
    local code, _, err = run(quote(path()))
    assert.equal(2, code)
    assert.matches("is a folder: give --recursive", err, 1, true)
    assert.equal(0, #emulator:requests())
  end)

  it("takes a folder's contents without the folder itself", function()
    local inner = make("c-" .. serial .. "/c.txt")
    local code, _, err = run("-r " .. quote(path() .. "/."))
    assert.equal(0, code, err)
    assert.equal("c-" .. serial .. "/c.txt", files.read(emulator.root ..
      "/files/c-" .. serial .. "/c.txt"), inner)
  end)

  it("skips symbolic links and what isn't a file", function()
    make("a.txt")
    shell.output(("ln -s /etc/passwd %s; mkfifo %s; ln -s . %s"):format(
      quote(path "link"), quote(path "pipe"), quote(path "loop")))
    local skipped, code = events("-r " .. quote(path()), "skipped")
    assert.equal(0, code)
    local reasons = {}
    for _, event in ipairs(skipped) do
      reasons[event.path:match("[^/]+$")] = event.reason
    end
    assert.same({ link = "symbolic_link", loop = "symbolic_link",
      pipe = "special_file" }, reasons)
    assert.equal(1, #emulator:requests "upload_file")
    local _, _, err = run("-r --on-conflict replace " .. quote(path()))
    assert.matches("link: left out, it is a symbolic link", err, 1, true)
  end)

  it("follows a symbolic link given as an argument", function()
    make("a.txt")
    shell.output(("ln -s a.txt %s"):format(quote(path "named " .. serial)))
    assert.equal(0, (run(quote(path "named " .. serial))))
  end)

  it("checks all names before it sends anything", function()
    make("good.txt")
    make("new\nline.txt")
    make("deep/ends with a space ")
    make("deep/not utf-8 \255")
    local code, out, err = run("-r " .. quote(path()))
    assert.equal(2, code)
    assert.equal("", out)
    local lines = {}
    for line in err:gmatch("[^\n]+") do lines[#lines + 1] = line end
    table.sort(lines)
    assert.equal(3, #lines, err)
    assert.matches("ends with a space : .*it ends with a space", lines[1])
    assert.matches("not utf%-8 %?: .*it isn't UTF%-8", lines[2])
    assert.matches("new line.txt: .*a control character", lines[3])
    assert.equal(0, #emulator:requests())
  end)

  it("accepts a newline in a local folder's name", function()
    make("new\nline/ok-" .. serial .. ".txt")
    local code, _, err = run(quote(path("new\nline/ok-" .. serial ..
      ".txt")))
    assert.equal(0, code, err)
  end)

  it("continues when one folder can't be created", function()
    make("x/lost.txt")
    make("y/kept.txt")
    local _, out = run("--json -r " .. quote(path("y")) .. " --dry-run")
    assert.equal(3, #command.events(out))
    make("plain/x", "a file with the folder's name")
    make("other", "")
    local code = run(quote(path "plain/x") .. " -r " .. quote(path "y"))
    assert.equal(0, code)
    local _, err
    code, _, err = run("--on-conflict replace -r " .. quote(path "x") ..
      " " .. quote(path "y"))
    assert.equal(5, code)
    assert.matches("/x: making a folder on Box: a file has the name", err,
      1, true)
    assert.is_nil(err:find("lost.txt", 1, true))
    assert.equal("y/kept.txt",
      files.read(emulator.root .. "/files/y/kept.txt"))
  end)

  it("expands patterns that the shell left unexpanded", function()
    for _, each in ipairs { "a1.txt", "a2.txt", "b1.txt", ".a3.txt",
      "\195\164.txt", "sub/a1.txt", "br[1].txt" } do
      make(each)
    end
    local function expanded(pattern)
      local list = events("-n " .. quote(path(pattern)), "dry_run")
      local found = {}
      for _, event in ipairs(list) do
        found[#found + 1] = event.path:sub(#path() + 2)
      end
      return table.concat(found, " ")
    end
    assert.equal("a1.txt a2.txt", expanded "a*.txt")
    assert.equal("a1.txt b1.txt", expanded "[ab]1.txt")
    assert.equal("a2.txt", expanded "a[!1].txt")
    assert.equal("\195\164.txt", expanded "?.txt")
    assert.equal(".a3.txt", expanded ".a*")
    assert.equal("sub/a1.txt", expanded "s*/a?.txt")
    assert.equal("br[1].txt", expanded "br[1].txt") -- a literal name
    local code, _, err = run(quote(path "no*thing"))
    assert.equal(7, code)
    assert.matches("no*thing", err, 1, true)
  end)

  it("takes paths that start with a dash", function()
    make("-x" .. serial)
    local program = ("sh -c 'cd \"$0\" && exec \"$@\"' %s %s"):format(
      quote(path()), quote(shell.output("pwd"):match("[^\n]+") ..
        "/build/bin/boxupload"))
    local code, _, err = command.run("upload -f 0 -- -x" .. serial,
      environment, program)
    assert.equal(0, code, err)
    code, _, err = command.run("upload --on-conflict replace -f 0 ./-x" ..
      serial, environment, program)
    assert.equal(0, code, err)
  end)

  it("reads standard input to its end", function()
    local function pipe(count, arguments)
      return shell.output(("head -c %d /dev/zero | %s build/bin/boxupload " ..
        "upload -f 0 - %s --json 2>&1"):format(count, environment,
        arguments))
    end
    local out = pipe(300000, "--file-name in" .. serial)
    local done = command.events(out)
    assert.equal("summary", done[#done].event, out)
    assert.equal(0, done[#done].exit_code)
    assert.equal(("\0"):rep(300000), emulator:bytes_of("in" .. serial))
    emulator:reset { min_size = 20000000, part_size = 8000000 }
    out = pipe(20000001, "--file-name big" .. serial)
    assert.equal(3, #emulator:requests "upload_part", out)
    for _, case in ipairs {
      { "-", "give --file-name" }, { "- /etc/passwd --file-name x", "alone" },
      { "- --file-name x --resume", "read again" },
    } do
      local code, _, err = run(case[1])
      assert.equal(2, code)
      assert.matches(case[2], err, 1, true)
    end
  end)

  it("shows what it would do, and does nothing, on --dry-run", function()
    make("sub/a.txt", "12345")
    local code, out, err = command.run("upload -n -r -f 7 " ..
      quote(path()), "BOX_TOKEN=")
    assert.equal(0, code, err)
    assert.matches("/sub: would be folder 7/" .. name .. "/sub\n", out, 1,
      true)
    assert.matches("a.txt: 5 B would go to folder 7/" .. name ..
      "/sub/a.txt\n", out, 1, true)
    assert.equal(0, #emulator:requests())
  end)

  it("selects files by patterns", function()
    for _, each in ipairs { "a.txt", "b.log", "sub/c.txt", "skip/d.txt" } do
      make(each)
    end
    local code, out = run("-r --include '*.txt' --exclude skip " ..
      "--exclude 'c*' " .. quote(path()))
    assert.equal(0, code)
    assert.matches("a.txt: file", out, 1, true)
    local _, lines = out:gsub("\n", "")
    assert.equal(1, lines)
  end)

  it("doesn't upload again what Box already has", function()
    make("a.txt")
    make("sub/b.txt", "first")
    make("sub/big", ("x"):rep(100000))
    emulator:reset { min_size = 50000, part_size = 50000 }
    assert.equal(0, (run("-r --verify " .. quote(path()))))
    emulator:reset()
    local skipped, code = events("-r --verify " .. quote(path()), "skipped")
    assert.equal(0, code)
    assert.equal(3, #skipped)
    assert.equal("identical", skipped[1].reason)
    for _, sent in ipairs { "upload_file", "upload_version", "upload_part",
      "create_session" } do
      assert.equal(0, #emulator:requests(sent), sent)
    end
    make("sub/b.txt", "second")
    emulator:reset()
    assert.equal(5, (run("-r --verify " .. quote(path()))))
    local done
    done, code = events("-r --verify --on-conflict replace " ..
      quote(path()), "done")
    assert.equal(0, code)
    assert.equal(1, #done)
    assert.equal("1", done[1].file.etag)
    assert.equal("second", on_box "sub/b.txt")
  end)

  it("sends the metadata that the options give", function()
    local file = make("a" .. serial)
    local function upload(arguments)
      local done, code, out = events(quote(file) ..
        " --on-conflict replace " .. arguments, "done")
      assert.equal(0, code, out)
      local client = emulator:client()
      local found = assert(client:directly(lookup.file, done[1].file.id,
        "description,content_created_at,content_modified_at"))
      client:close()
      return found
    end
    local given = upload("--description 'so it is' --created-at " ..
      "2001-02-03T04:05:06Z --modified-at 2002-02-03T04:05:06+00:00")
    assert.equal("so it is", given.description)
    -- Box reports dates in its own time zone.
    assert.matches("^2001%-02%-02T2", given.content_created_at)
    assert.matches("^2002%-02%-02T2", given.content_modified_at)
    shell.output("touch -d 2003-02-03T12:00:00Z " .. quote(file))
    assert.matches("^2003%-02%-03T", upload("").content_modified_at)
    assert.is_nil((upload("--no-times").content_modified_at or "")
      :match("^2003"))
  end)

  it("checks before it sends, on --preflight", function()
    assert.equal(0, (run("--preflight " .. quote(make("p" .. serial)))))
    assert.equal(1, #emulator:requests "preflight")
  end)

  it("adds a number to a name that is taken", function()
    local file = quote(make("r" .. serial))
    assert.equal(0, (run(file)))
    local done = events("--on-conflict rename " .. file, "done")
    assert.equal(("r%d (1)"):format(serial), done[1].file.name)
    local skipped = events("--on-conflict skip_identical " .. file,
      "skipped")
    assert.equal("identical", skipped[1].reason)
  end)

  it("keeps to --limit-rate", function()
    local file = dir:file("rate" .. serial, 300000)
    local began = core.now()
    assert.equal(0, (run("--limit-rate 300K " .. quote(file))))
    assert.is_true(core.now() - began > 0.5)
    local code, _, err = run("--limit-rate fast " .. quote(file))
    assert.equal(2, code)
    assert.matches("--limit-rate takes bytes a second", err, 1, true)
  end)

  local function connections(operation)
    local seen, count = {}, 0
    for _, record in ipairs(emulator:requests(operation)) do
      if not seen[record.connection] then count = count + 1 end
      seen[record.connection] = true
    end
    return count
  end

  it("uses few connections for many files", function()
    shell.output(("cd %s; for i in $(seq 400); do echo $i >f$i; done")
      :format(quote(path())))
    local code, _, err = run("-r " .. quote(path()))
    assert.equal(0, code)
    assert.matches("400 files uploaded", err, 1, true)
    assert.equal(400, #emulator:requests "upload_file")
    local used = connections "upload_file"
    assert.is_true(used >= 2 and used <= 4, used)
    emulator:reset()
    assert.equal(0, (run("--transfers 1 --on-conflict replace " ..
      quote(path "f[12]?"))))
    assert.equal(1, connections "upload_file")
  end)

  it("sends at most --parallel parts at once", function()
    local file = quote((dir:file("parallel" .. serial, 20000001)))
    assert.equal(0, (run("--parallel 1 " .. file)))
    assert.equal(3, #emulator:requests "upload_part")
    assert.equal(1, connections "upload_part")
  end)

  it("prints little on --quiet", function()
    make("a.txt")
    shell.output("ln -s a.txt " .. quote(path "link"))
    local code, out, err = run("-q -r " .. quote(path()))
    assert.equal(0, code)
    assert.equal("", err)
    assert.matches("a.txt: file %d+, version 0, 5 bytes, sha1 %x+", out)
  end)

  it("stops when no upload can succeed", function()
    for i = 1, 30 do make("f" .. i) end
    local everything = "-r " .. quote(path() .. "/.")
    local function check_gives_up(code, wanted, environment_)
      emulator:reset()
      local got, _, err = command.run("upload " .. everything,
        environment_ or environment)
      assert.equal(code, got, err)
      assert.matches(wanted, err, 1, true)
      assert.matches("not uploaded", err, 1, true)
      assert.is_true(#emulator:requests() <= 10)
    end
    everything = everything .. " --folder-id 0"
    check_gives_up(3, "access token", environment .. " BOX_TOKEN=wrong")
    emulator:control("POST", "/options", { quota = 1 })
    check_gives_up(4, "storage")
    emulator:control("POST", "/options", { quota = 0 })
    emulator:faults { operation = "*", action = "reply", occurrence = "all",
      status = 503, headers = { ["retry-after"] = 400 } }
    local code, _, err = command.run("upload " .. everything, environment)
    assert.equal(8, code)
    local failed = tonumber(err:match("(%d+) failed, %d+ not uploaded"))
    assert.is_true(failed >= 8 and failed <= 12, err)
    everything = "-r --folder-id 987654321 " .. quote(path() .. "/.")
    check_gives_up(7, "check the id")
  end)

  it("refuses metadata that Box doesn't take before it sends anything",
    function()
      local file = quote(make("a" .. serial))
      for _, case in ipairs {
        { "--modified-at 1950-01-01T00:00:00Z", "in the years 1970 to 9999" },
        { "--created-at 2026-02-30T00:00:00Z", "a date that exists" },
        { "--modified-at 2026-01-01T00:00:00.5Z", "whole seconds" },
        { "--description " .. ("x"):rep(257), "257 characters" },
        { "--description $(printf 'b\\344d')", "must be" },
      } do
        local code, _, err = run(file .. " " .. case[1])
        assert.equal(2, code, case[1])
        assert.matches(case[1]:match("^%S+") .. " ", err, 1, true)
        assert.matches(case[2], err, 1, true)
      end
      assert.equal(0, #emulator:requests())
    end)

  it("leaves out the odd dates of files", function()
    local dates = { "1601-01-01", "1969-12-31T23:59:59Z", "@-1.5",
      "@300000000000", "@4611686018427387904" }
    for i, date in ipairs(dates) do
      make("odd-" .. i)
      -- Not every file system has room for these dates.
      shell.output(("touch -d %s %s 2>&1"):format(date, quote(path("odd-" ..
        i))))
    end
    local done, code, out = events("-r " .. quote(path()), "done")
    assert.equal(0, code, out)
    assert.equal(#dates, #done)
  end)

  it("keeps little of a big folder in memory", function()
    if command.is_sanitized() then
      pending("the address sanitizer keeps what was freed")
      return
    end
    shell.output(("cd %s; seq -f 'a-file-with-a-name-%%g' 2000 | xargs " ..
      "touch"):format(quote(path())))
    local function peak(times)
      local links = {}
      for i = 1, times do
        links[i] = quote(("%s/%d times %d"):format(dir.path, times, i))
        shell.output(("ln -s %s %s"):format(quote(name), links[i]))
      end
      local out = shell.output(("%s build/bin/boxupload upload -n -r -f 0 " ..
        "%s --json"):format(environment, table.concat(links, " ")))
      local last = command.events(out:match("([^\n]*\n)$"))[1]
      assert.equal("summary", last.event)
      assert.equal(2000 * times, last.files)
      return last.peak_memory
    end
    local few = peak(1)
    assert.is_true(peak(20) - few < 3 * 2 ^ 20)
  end)
end)
