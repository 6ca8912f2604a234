-- cli_stream: what `boxupload upload` does with pipes, standard input and
-- devices, and where nothing is there to upload.
-- SPDX-License-Identifier: MIT

local emulators = require "support.emulator"
local files = require "support.files"
local shell = require "support.shell"

local quote = shell.quote

describe("boxupload upload", function()
  local emulator, dir, environment
  local serial = 0

  setup(function()
    emulator = emulators.start()
    environment = emulator:environment()
  end)

  teardown(function() emulator:stop() end)

  before_each(function()
    emulator:reset { min_size = 20000000, part_size = 8000000 }
    dir = files.temp_dir()
    serial = serial + 1
  end)

  after_each(function() dir:remove() end)

  -- Runs it in bash, where "boxupload" is the command; returns its exit code
  -- and what it printed.
  local function bash(script)
    local text = ("boxupload() { env %s build/bin/boxupload upload -f 0 " ..
      "\"$@\" 2>&1; }; top=%s; %s; echo \"exit $?\""):format(environment,
      quote(dir.path), script)
    local out = shell.output("bash -c " .. quote(text))
    return tonumber(out:match("exit (%d+)%s*$")), out
  end

  local function named(what)
    return what .. "-" .. serial
  end

  it("reads a named pipe to its end", function()
    local pipe = dir.path .. "/" .. named "pipe"
    shell.output("mkfifo " .. quote(pipe))
    local code, out = bash(("(printf piped >%s) & boxupload %s")
      :format(quote(pipe), quote(pipe)))
    assert.equal(0, code, out)
    assert.equal("piped", emulator:bytes_of(named "pipe"))
    code, out = bash("boxupload -n " .. quote(pipe))
    assert.equal(0, code, out)
    assert.matches("what is read from it would go to", out, 1, true)
    code, out = bash("boxupload --resume " .. quote(pipe))
    assert.equal(2, code)
    assert.matches("couldn't be read again", out, 1, true)
  end)

  it("reads pipes among files", function()
    local pipe = dir.path .. "/" .. named "pipe"
    shell.output("mkfifo " .. quote(pipe))
    local before, after = dir:write(named "a", "a"), dir:write(named "b", "b")
    local code, out = bash(("(printf piped >%s) & boxupload %s %s %s")
      :format(quote(pipe), quote(before), quote(pipe), quote(after)))
    assert.equal(0, code, out)
    assert.equal("piped", emulator:bytes_of(named "pipe"))
    assert.equal("a", emulator:bytes_of(named "a"))
    assert.equal("b", emulator:bytes_of(named "b"))
  end)

  it("reads what the shell passes as /dev/fd or /dev/stdin", function()
    local code, out = bash("boxupload <(printf made) --file-name " ..
      named "made")
    assert.equal(0, code, out)
    assert.equal("made", emulator:bytes_of(named "made"))
    code, out = bash("printf in | boxupload /dev/stdin --file-name " ..
      named "in")
    assert.equal(0, code, out)
    assert.equal("in", emulator:bytes_of(named "in"))
    code, out = bash(("boxupload /dev/fd/7 --file-name %s 7<%s"):format(
      named "seven", quote(dir:write("x", "seventh"))))
    assert.equal(0, code, out)
    assert.equal("seventh", emulator:bytes_of(named "seven"))
  end)

  it("demands a name for what has none", function()
    for _, script in ipairs { "boxupload <(printf x)",
      "printf x | boxupload /dev/stdin", "printf x | boxupload -",
      "boxupload <(printf x) <(printf y)" } do
      local code, out = bash(script)
      assert.equal(2, code, out)
      assert.matches("give --file-name for", out, 1, true)
    end
    assert.equal(0, #emulator:requests())
  end)

  it("reads a stream once, however often its upload starts", function()
    local name = named "again"
    assert.equal(0, (bash("printf old | boxupload - --file-name " .. name)))
    local code, out = bash(
      "printf new | boxupload - --verify --on-conflict replace " ..
      "--file-name " .. name)
    assert.equal(0, code, out)
    assert.equal("new", emulator:bytes_of(name))
  end)

  it("refuses sockets and devices", function()
    local link = dir.path .. "/link"
    shell.output("ln -s /dev/null " .. quote(link))
    for at, path in ipairs { "/dev/zero", "/dev/null", link } do
      local name = named("beside" .. at)
      local code, out = bash(("boxupload %s %s"):format(quote(path),
        quote(dir:write(name, "beside"))))
      assert.equal(2, code, out)
      assert.matches("it is a device: name a file", out, 1, true)
      assert.equal("beside", emulator:bytes_of(name))
    end
  end)

  it("fails when all that was named is left out", function()
    shell.output(("mkdir %s/links %s/empty; ln -s x %s/links/x"):format(
      dir.path, dir.path, dir.path))
    for _, option in ipairs { "", "-n " } do
      local code, out = bash(("boxupload %s-r $top/links/."):format(option))
      assert.equal(7, code, out)
      assert.matches("nothing to upload but what is left out", out, 1, true)
      assert.matches("links/x: left out", out, 1, true)
      code, out = bash(("boxupload %s-r $top/empty/."):format(option))
      assert.equal(7, code, out)
      assert.matches("there is nothing to upload", out, 1, true)
      -- An empty folder is made.
      code, out = bash(("boxupload %s-r $top/empty"):format(option))
      assert.equal(0, code, out)
    end
  end)

  it("tells which --include matches nothing", function()
    shell.output(("mkdir %s/tree; touch %s/tree/a.txt"):format(dir.path,
      dir.path))
    local code, out = bash("boxupload -r $top/tree --include '*.jpg'")
    assert.equal(7, code, out)
    assert.matches("no file matches --include *.jpg", out, 1, true)
    assert.equal(0, #emulator:requests())
    local beside = quote(dir:write(named "beside", "x"))
    code, out = bash("boxupload -r $top/tree --include '*.jpg' " .. beside)
    assert.equal(7, code, out)
    assert.equal("x", emulator:bytes_of(named "beside"))
    code, out = bash("boxupload -r $top/tree --include '*.jpg' " ..
      "--include '*.txt' --on-conflict replace")
    assert.equal(0, code, out)
    assert.matches("no file matches --include *.jpg", out, 1, true)
    assert.is_nil(out:find("--include *.txt", 1, true))
    -- As from a shell that expanded the same pattern.
    code, out = bash("boxupload --include '*.txt' --on-conflict replace " ..
      "$top/tree/a.txt")
    assert.equal(0, code, out)
  end)

  it("doesn't take another file for a closed stream", function()
    local code, out = bash([[
      boxupload - --file-name closed.bin <&-; echo "input $?"
      head -c 100 /dev/urandom > "$top/f.bin"
      boxupload "$top/f.bin" <&-]])
    assert.equal(0, code, out)
    assert.not_matches("input 0", out, 1, true)
    assert.is_false(pcall(emulator.bytes_of, emulator, "closed.bin"))
    assert.equal(100, #emulator:bytes_of("f.bin"))
  end)

  it("doesn't store a file whose size is said to be 0 as empty", function()
    local made_up = io.open("/proc/self/stat")
    if not made_up then return pending("needs /proc") end
    made_up:close()
    local code, out = bash("boxupload /proc/self/stat")
    assert.not_equal(0, code)
    assert.matches("another size than the system says", out, 1, true)
    assert.is_false(pcall(emulator.bytes_of, emulator, "stat"))
  end)
end)
