-- cli_exit_code: the exit codes of `boxupload upload`, for scripts.
-- SPDX-License-Identifier: MIT

local command = require "support.command"
local emulators = require "support.emulator"
local exit_code = require "boxupload.cli.output.exit_code"
local files = require "support.files"
local shell = require "support.shell"

local quote = shell.quote

describe("the exit code of boxupload upload", function()
  local emulator, dir, environment
  local serial = 0

  setup(function()
    emulator = emulators.start()
    dir = files.temp_dir()
    environment = emulator:environment() ..
      " XDG_STATE_HOME=" .. quote(dir.path .. "/state")
  end)

  teardown(function()
    dir:remove()
    emulator:stop()
  end)

  before_each(function()
    emulator:reset { min_size = 20000000, part_size = 8000000, quota = 0,
      max_file_size = 0 }
  end)

  after_each(function()
    assert.equal(0, emulator:open_sessions())
  end)

  local function new_file(size)
    serial = serial + 1
    return quote((dir:file(("code%d"):format(serial), size or 3, serial)))
  end

  local function check_exit_code(wanted, arguments, more)
    local code, out, err = command.run("upload -f 0 " .. arguments,
      environment .. (more or ""))
    assert.equal(wanted, code, err)
    if wanted ~= 0 then
      assert.equal("", out)
      assert.matches("^boxupload: [^\n]+\n", err)
    end
    return err
  end

  local function set_reply(status, body)
    emulator:faults({ operation = "*", action = "reply", occurrence = "all",
      status = status, headers = { ["retry-after"] = 400 }, body = body })
  end

  it("is 0 when everything was uploaded", function()
    check_exit_code(0, new_file())
  end)

  it("is 1 for a local failure", function()
    local file = new_file(20000001)
    local nowhere = " XDG_STATE_HOME=/dev/null/state"
    local err = check_exit_code(1, "--resume " .. file, nowhere)
    assert.matches("keeping a journal", err, 1, true)
  end)

  it("is 1 when output was lost, of every command", function()
    if shell.output("ls /dev/full 2>/dev/null") == "" then
      pending("needs /dev/full")
      return
    end
    for _, arguments in ipairs {
      "upload -f 0 " .. new_file(), "upload --json -f 0 " .. new_file(),
      "hash " .. new_file(), "whoami", "whoami --json", "manual",
      "completion bash",
    } do
      local told = shell.output(("%s build/bin/boxupload %s " ..
        "2>&1 >/dev/full; echo $?"):format(environment, arguments))
      assert.matches("boxupload: standard output: [^\n]*\n1\n$", told)
    end
  end)

  it("is 2 for invalid arguments", function()
    check_exit_code(2, "--nonsense")
    set_reply(400, { code = "bad_request", message = "no" })
    check_exit_code(2, new_file())
  end)

  it("is 3 when signing in fails", function()
    check_exit_code(3, new_file(), " BOX_TOKEN=wrong")
  end)

  it("is 4 when permission or quota is lacking", function()
    set_reply(403, { code = "access_denied_insufficient_permissions" })
    local err = check_exit_code(4, new_file())
    assert.matches("check the rights", err, 1, true)
    emulator:reset { quota = 1 }
    check_exit_code(4, new_file())
    emulator:reset { quota = 0, max_file_size = 1 }
    check_exit_code(4, new_file())
  end)

  it("is 4 for a file that can't be read", function()
    if shell.output("id -u"):match("^0") then
      pending("needs another user than root, who reads everything")
      return
    end
    local file = new_file()
    shell.output("chmod 0 " .. file)
    check_exit_code(4, file)
  end)

  it("is 5 when the name is taken", function()
    local file = new_file()
    check_exit_code(0, file)
    local err = check_exit_code(5, file)
    assert.matches("--file-id", err, 1, true)
    assert.matches("%[request id %w+%]", err)
  end)

  it("is 6 when the content differs", function()
    set_reply(412, { code = "precondition_failed" })
    check_exit_code(6, new_file())
  end)

  it("is 7 when something isn't found", function()
    check_exit_code(7, "/no/such/file")
    local code = command.run("upload -f 987654321 " .. new_file(),
      environment)
    assert.equal(7, code)
  end)

  it("is 8 when a later try may succeed", function()
    set_reply(503)
    check_exit_code(8, new_file())
    set_reply(429)
    check_exit_code(8, new_file())
    check_exit_code(8, "--retries 0 " .. new_file(),
      " BOX_UPLOAD_URL=http://127.0.0.1:1")
  end)

  it("is 2 when the CA file can't be used", function()
    check_exit_code(2, new_file(), " BOX_CA_FILE=/dev/null " ..
      "BOX_UPLOAD_URL=https://127.0.0.1:" ..
      emulator.upload_url:match(":(%d+)"))
  end)

  it("is 3, after one attempt, when a proxy wants another password",
    function()
      set_reply(407)
      local err = check_exit_code(3, "--transfers 1 " .. new_file() ..
        " " .. new_file())
      assert.matches("password", err, 1, true)
      assert.equal(1, #emulator:requests())
    end)

  -- The emulator stands for a proxy: it makes no tunnels.
  it("is 4, after one attempt, when a proxy doesn't let through", function()
    local err = check_exit_code(4, "--transfers 1 " .. new_file() .. " " ..
      new_file(), " BOX_UPLOAD_URL=https://upload.box.com/api/2.0 " ..
      "https_proxy=" .. emulator.upload_url:match("^http://[^/]+"))
    assert.matches("ask whoever runs the proxy", err, 1, true)
    assert.is_nil(err:find("may be on Box", 1, true))
    assert.equal(1, #emulator:requests())
  end)

  it("is 9 when stored parts were kept", function()
    local file = new_file(20000001)
    emulator:faults({ operation = "upload_part", match = { part = 2 },
      action = "reply", occurrence = "all", status = 503,
      headers = { ["retry-after"] = 400 } })
    -- One part at a time, so that two are stored when the third fails.
    local err = check_exit_code(9, file .. " --parallel 1")
    assert.matches("boxupload resume", err, 1, true)
    assert.equal(1, emulator:open_sessions())
    emulator:reset()
    check_exit_code(0, file)
    assert.is_true(#emulator:requests "upload_part" < 3)
  end)

  it("is the most severe code of all files", function()
    local taken = new_file()
    check_exit_code(0, taken)
    local code, out = command.run("upload -f 0 /no/such " .. taken .. " " ..
      new_file(), environment)
    assert.equal(5, code)
    assert.matches("3 bytes", out, 1, true)
    assert.equal(3, exit_code.worse(8, 3))
    assert.equal(130, exit_code.worse(130, 3))
    assert.equal(9, exit_code.worse(0, 9))
  end)
end)
