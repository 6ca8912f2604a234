-- planted_state: files that others have put, or could have put, where this
-- program keeps its own. Each scenario is run against the library and against
-- every command that reads such files. Nothing may hang, nothing planted may
-- reach Box, and nothing planted is deleted.
-- SPDX-License-Identifier: MIT

local auth = require("boxupload").auth
local command = require "support.command"
local core = require "boxupload.core"
local dice = require "support.dice"
local emulators = require "support.emulator"
local files = require "support.files"
local fixtures = require "support.fixture"
local journal = require "boxupload.journal.journal"
local journal_list = require "boxupload.journal_list"
local json = require "boxupload.util.json"
local shell = require "support.shell"

local SIZE = 7300
local OTHER_USER = 12345
-- Seconds: whatever takes longer hangs.
local LIMIT = 60
local PROGRAM = ("timeout %d %s"):format(LIMIT,
  os.getenv "BOXUPLOAD" or "build/bin/boxupload")
local IS_ROOT = shell.output("id -u"):match("%d+") == "0"

local quote = shell.quote

-- Runs a shell command, in which PATH_1 stands for the first path, and so on.
local function sh(command_line, ...)
  local paths = { ... }
  shell.output((command_line:gsub("PATH_(%d)", function(digit)
    return quote(paths[tonumber(digit)])
  end)))
end

local function upload_of(path, name)
  return ("upload %s --folder-id 0 --file-name %s"):format(quote(path), name)
end

describe("planted state", function()
  local emulator, dir, state, folder, environment, client, secret
  local default_folder = journal.folder

  setup(function() emulator = emulators.start() end)
  teardown(function() emulator:stop() end)

  before_each(function()
    emulator:reset { min_size = 1000, part_size = 1000, connection_rate = 0 }
    dir = files.temp_dir()
    state = dir.path .. "/state"
    folder = state .. "/boxupload"
    assert(core.make_folder(folder))
    journal.folder = function() return folder end
    environment = emulator:environment() .. " XDG_STATE_HOME=" .. quote(state)
    secret = dir:file("secret.bin", SIZE, 1)
    client = emulator:client { retry_delay = 0.01 }
  end)

  after_each(function()
    journal.folder = default_folder
    client:close()
    for _, session in ipairs(emulator:sessions()) do
      if session.state == "open" then
        emulator:control("POST", "/sessions/" .. session.id .. "/expire")
      end
    end
    dir:remove()
  end)

  local function run(arguments, more)
    return command.run(arguments, environment .. " " .. (more or ""), PROGRAM)
  end

  local serial = 0

  local function new_name()
    serial = serial + 1
    return ("planted-%d.bin"):format(serial)
  end

  -- A journal as another user would write it: the victim's file goes where
  -- they say.
  local function text_of(fields)
    local value = {
      type = "boxupload_journal", version = 1,
      created_at = "2026-01-01T00:00:00Z",
      file = { path = secret, size = SIZE },
      target = { folder_id = "0", file_name = "theirs.bin" },
      session = { id = ("F"):rep(32), part_size = 1000, total_parts = 8 },
    }
    for key, field in pairs(fields or {}) do value[key] = field end
    return json.encode(value) .. "\n"
  end

  local function put(path, text)
    sh("rm -rf PATH_1", path)
    assert(core.replace_file(path, text))
  end

  -- Where the journal of an upload to the root folder is by default.
  local function path_for(file_path, name)
    return assert(journal.path_for(file_path,
      { folder_id = "0", file_name = name }, emulator.upload_url))
  end

  local function is_there(path) return core.look(path, false) ~= nil end

  local function sent(operation)
    local list = {}
    for _, record in ipairs(emulator:requests(operation)) do
      list[#list + 1] = record.operation
    end
    return table.concat(list, " ")
  end

  -- What is planted at a path that is to be a private file with this text.
  local plants = {
    { name = "a file that the group can write to",
      plant = function(path) sh("chmod 620 PATH_1", path) end },
    { name = "a file that everybody can write to",
      plant = function(path) sh("chmod 602 PATH_1", path) end },
    { name = "a link to such a text",
      plant = function(path)
        sh("mv PATH_1 PATH_2; ln -s PATH_2 PATH_1", path,
          dir.path .. "/elsewhere")
      end },
    { name = "a link to nothing",
      plant = function(path)
        sh("rm PATH_1; ln -s /no/such PATH_1", path)
      end },
    { name = "a pipe",
      plant = function(path) sh("rm PATH_1; mkfifo PATH_1", path) end },
    { name = "a link to a device",
      plant = function(path)
        sh("rm PATH_1; ln -s /dev/zero PATH_1", path)
      end },
    { name = "a folder",
      plant = function(path) sh("rm PATH_1; mkdir PATH_1", path) end },
    { name = "a folder around it that the group can write to",
      plant = function(path)
        sh("chmod 772 PATH_1", path:match("^(.*)/"))
      end },
    { name = "a folder above that everybody can write to",
      plant = function(path)
        sh("chmod 703 PATH_1", path:match("^(.*)/[^/]*/"))
      end },
    { name = "a link to a folder that everybody can write to",
      plant = function(path)
        local around = path:match("^(.*)/")
        sh("mv PATH_1 PATH_2; chmod 777 PATH_2; ln -s PATH_2 PATH_1", around,
          dir.path .. "/around")
      end },
    { name = "another user's file", is_for_root = true,
      plant = function(path)
        sh("chown " .. OTHER_USER .. " PATH_1", path)
      end },
    { name = "another user's folder around it", is_for_root = true,
      plant = function(path)
        sh("chown " .. OTHER_USER .. " PATH_1", path:match("^(.*)/"))
      end },
    { name = "another user's folder above", is_for_root = true,
      plant = function(path)
        sh("chown " .. OTHER_USER .. " PATH_1", path:match("^(.*)/[^/]*/"))
      end },
  }

  local function each_plant(what, test)
    for _, scene in ipairs(plants) do
      it(("%s: %s"):format(what, scene.name), function()
        if scene.is_for_root and not IS_ROOT then
          return pending("only root can give files away")
        end
        test(scene)
      end)
    end
  end

  local name_of_journal = ("ab"):rep(20)

  each_plant("is not gone on with", function(scene)
    local path = folder .. "/" .. name_of_journal .. ".json"
    put(path, text_of())
    scene.plant(path)
    for _, each in ipairs {
      { "sessions", 0 }, { "resume", 0 }, { "resume --all", 0 },
      { "resume abababab", 1 }, { "abort --all", 0 },
      { "abort abababab", 1 }, { "gc --dry-run", 1 }, { "gc", 1 },
      { "status abababab", 1 }, { "parts abababab", 1 },
      { "commit abababab " .. quote(secret), 1 },
    } do
      local code, out, err = run(each[1])
      assert.equal(each[2], code, each[1] .. ": " .. err)
      assert.matches("chmod go-w", scene.name:find "can write to" and
        out .. err or "chmod go-w", 1, true)
      assert.is_true(is_there(path), each[1])
    end
    local _, out = run "sessions --json"
    local entry = command.events(out)[1]
    assert.equal("unreadable", entry.state)
    assert.is_string(entry.problem)
    entry = journal_list.list(folder)[1]
    assert.equal("unreadable", entry.state)
    assert.equal("unsafe_state", entry.code)
    assert.is_nil(entry.session_id)
    assert.same({}, journal_list.prune(folder))
    assert.is_true(is_there(path))
    assert.equal("", sent())
  end)

  each_plant("doesn't lead an upload elsewhere", function(scene)
    local name = new_name()
    local path = path_for(secret, name)
    put(path, text_of { target = { folder_id = "0", file_name = name } })
    scene.plant(path)
    local file, message, err = client:upload(secret,
      { folder_id = "0", file_name = name, resume = path })
    assert.is_nil(file)
    assert.equal("unsafe_state", err.code, message)
    assert.equal("invalid", err.kind)
    assert.equal(path, err.journal)
    assert.matches(dir.path, message, 1, true)
    assert.equal("", sent "create_session" .. sent "upload_part" ..
      sent "commit")
    local arguments = upload_of(secret, name)
    local code, _, problem = run(arguments .. " --resume")
    assert.equal(1, code, problem)
    assert.equal("", sent "create_session")
    -- An upload without a journal is better than none.
    code, _, problem = run(arguments)
    assert.equal(0, code, problem)
    assert.matches("no journal can be kept", problem, 1, true)
    assert.is_true(files.read(secret) == emulator:bytes_of(name))
    assert.is_true(is_there(path))
  end)

  -- Profiles and stores of tokens.
  each_plant("is no profile", function(scene)
    local path = dir.path .. "/config/boxupload/config.json"
    assert(core.make_folder(dir.path .. "/config/boxupload"))
    put(path, json.encode { type = "boxupload_config", version = 1,
      default = "a", profiles = { a = {
        kind = "token", token = emulator.token } } } .. "\n")
    local config = "BOX_TOKEN= XDG_CONFIG_HOME=" ..
      quote(dir.path .. "/config")
    assert.equal(0, (run("whoami", config)))
    emulator:reset()
    scene.plant(path)
    local code, out, err = run("whoami", config)
    assert.equal(2, code, err)
    assert.equal("", out)
    assert.matches(dir.path, err, 1, true)
    assert.equal("", sent())
    local _, found = run("doctor --json", config)
    for _, event in ipairs(command.events(found)) do
      if event.check == "profiles" then assert.equal("fail", event.status) end
    end
  end)

  each_plant("is no store of tokens", function(scene)
    local path = dir.path .. "/tokens/inner/tokens.json"
    assert(core.make_folder(dir.path .. "/tokens/inner"))
    local store = auth.file_store(path)
    assert(store:write { refresh_token = "theirs" })
    assert.equal("theirs", assert(store:read()).refresh_token)
    scene.plant(path)
    local saved, problem = auth.file_store(path):read()
    assert.is_nil(saved)
    assert.matches(dir.path, problem, 1, true)
    local other = emulator:client { auth = auth.refresh {
      client_id = "id", client_secret = "secret", store = store } }
    local token, _, err = other:access_token()
    other:close()
    assert.is_nil(token)
    assert.equal("store_failed", err.code)
    assert.equal("", sent())
  end)

  -- What the user names may be a link, in any folder.
  local named = {
    ["a link to such a text"] = true,
    ["a folder around it that the group can write to"] = true,
    ["a folder above that everybody can write to"] = true,
    ["a link to a folder that everybody can write to"] = true,
    ["another user's folder around it"] = true,
    ["another user's folder above"] = true,
  }

  each_plant("is no secret, unless it is the user's", function(scene)
    assert(core.make_folder(dir.path .. "/secrets/inner"))
    local path = dir.path .. "/secrets/inner/config.json"
    put(path, "{}")
    scene.plant(path)
    local how = auth.jwt { config = path, enterprise = "1" }
    local other = emulator:client { auth = how }
    local token, message, err = other:access_token()
    other:close()
    assert.is_nil(token)
    assert.equal(named[scene.name] and "bad_config" or "no_config", err.code,
      message)
    local _, _, problem = run("login --client-credentials --user 1 " ..
      "--profile planted --client-id x --client-secret-file " ..
      quote(path), "XDG_CONFIG_HOME=" .. quote(dir.path .. "/config"))
    if not named[scene.name] then
      assert.matches(path, problem, 1, true)
      assert.equal("", sent())
    end
  end)

  each_plant("is no lock, and no log of exchanges", function(scene)
    local lock = state .. "/boxupload-locks/targets.lock"
    assert(core.make_folder(state .. "/boxupload-locks"))
    put(lock, "")
    scene.plant(lock)
    assert.is_nil((core.lock(lock)))
    local code, _, err = run(upload_of(secret, new_name()))
    assert.equal(0, code, err)
  end)

  it("is no log where it is a link or no file", function()
    local target = dir:write("target", "mine")
    for _, made in ipairs {
      "ln -s PATH_2 PATH_1", "mkfifo PATH_1", "mkdir PATH_1",
      "ln -s /dev/null PATH_1",
    } do
      local log = dir.path .. "/log"
      sh("rm -rf PATH_1; " .. made, log, target)
      local code, _, err = run("whoami --log-file " .. quote(log))
      assert.equal(2, code, err)
      assert.matches("the log file can't be written: " .. log, err, 1, true)
      assert.equal("mine", files.read(target))
    end
    assert.equal("", sent())
    local log = dir.path .. "/new.log"
    assert.equal(0, (run("whoami --log-file " .. quote(log))))
    assert.equal(0, (run("whoami --log-file " .. quote(log))))
    assert.matches("whoami.*\n.*whoami", (files.read(log)
      :gsub("asking [^\n]*", "whoami")))
    assert.is_true(core.is_private(log))
  end)

  it("is believed where only the user can write, under /tmp too", function()
    local path = folder .. "/" .. name_of_journal .. ".json"
    put(path, text_of())
    sh("chmod 1777 PATH_1 PATH_2; chmod 644 PATH_3", state, folder, path)
    local entry = journal_list.list(folder)[1]
    assert.equal("stopped", entry.state, entry.problem)
    assert.equal(secret, entry.file)
  end)

  -- Journals that are the user's own, and in which nothing can be used.
  local function session(fields)
    local value = { id = ("F"):rep(32), part_size = 1000, total_parts = 8 }
    for key, field in pairs(fields) do value[key] = field end
    return text_of { session = value }
  end

  local function broken_texts()
    local good = text_of()
    local function with(pattern, replacement)
      local text, count = good:gsub(pattern, replacement)
      assert(count == 1, pattern)
      return text
    end
    return {
      ["garbage"] = "garbage", ["an empty one"] = "",
      ["zero bytes"] = ("\0"):rep(4096),
      ["a list"] = "[]\n", ["no line end"] = good:sub(1, -2),
      ["deep nesting"] = ("["):rep(100000) .. "\n",
      ["deep objects"] = ('{"type":'):rep(50000) .. "\n",
      ["a part_size of 0"] = session { part_size = 0 },
      ["a part_size of -1"] = session { part_size = -1 },
      ["half a byte"] = session { part_size = 0.5 },
      ["an infinite part_size"] =
        with('"part_size":1000', '"part_size":1e400'),
      ["a part_size that isn't exact"] =
        with('"part_size":1000', '"part_size":9007199254740994'),
      ["a number as text"] = session { part_size = "1000" },
      ["too few parts"] = session { total_parts = 7 },
      ["too many parts"] = session { total_parts = 10000000000 },
      ["no parts"] = session { total_parts = 0 },
      ["an infinity of parts"] =
        with('"total_parts":8', '"total_parts":1e999'),
      ["no file_size"] = text_of { file = { path = secret } },
      ["a negative file_size"] =
        text_of { file = { path = secret, size = -1 } },
      ["an infinite file_size"] = with('"size":7300', '"size":1e400'),
      ["another file_size"] =
        text_of { file = { path = secret, size = 9000 } },
      ["a file that isn't text"] =
        text_of { file = { path = { secret }, size = SIZE } },
      ["no target"] = with('"target":{[^}]*},?', ""),
      ["two targets"] =
        text_of { target = { folder_id = "0", file_id = "1" } },
      ["a target with a path"] = text_of { target = {
        folder_id = "../../2.0/files/42", file_name = "x" } },
      ["a session with a path"] =
        session { id = "../../2.0/files/42?recursive=true" },
      ["a long text"] = text_of { created_at = ("x"):rep(20000) },
      ["a date that isn't text"] = text_of { created_at = { 1 } },
      ["a long line"] = text_of { attributes = { x = ("x"):rep(300000) } },
      ["many lines"] = good .. ("\n"):rep(200000),
      ["attributes that aren't a table"] = text_of { attributes = "x" },
      ["a user that isn't text"] = text_of { user = { id = 1 } },
      ["an if_match with a line end"] = text_of { if_match = "1\r\nX: y" },
      ["an if_match that isn't text"] = text_of { if_match = { 1 } },
      ["nulls"] = with('"path":"[^"]*"', '"path":null'),
    }
  end

  local function sorted_names(list)
    local names = {}
    for name in pairs(list) do names[#names + 1] = name end
    table.sort(names)
    return names
  end

  -- An upload that stopped after three parts.
  local function leave_upload()
    local name = new_name()
    local path = dir:file(name, SIZE, serial)
    emulator:faults { operation = "upload_part", match = { part = 4 },
      occurrence = "all", action = "reset" }
    local _, _, err = client:upload(path, {
      folder_id = "0", file_name = name, resume = true, parallel = 1,
      retry_budget = 1,
    })
    assert.is_true(err.resumable, tostring(err))
    emulator:faults()
    return { path = path, name = name, journal = err.journal }
  end

  local function plant_all()
    local count = 0
    local function next_path()
      count = count + 1
      return ("%s/%s%02d.json"):format(folder, ("0"):rep(38), count)
    end
    local texts = broken_texts()
    for _, name in ipairs(sorted_names(texts)) do
      put(next_path(), texts[name])
    end
    local broken = count
    local huge = next_path()
    put(huge, "x")
    local file = assert(io.open(huge, "r+b"))
    file:seek("set", journal.SIZE_LIMIT + 1)
    file:write("x")
    file:close()
    for _, scene in ipairs(plants) do
      if not scene.name:find("folder") and
         (IS_ROOT or not scene.is_for_root) then
        local path = next_path()
        put(path, text_of())
        scene.plant(path)
        sh("rm -f PATH_1", dir.path .. "/elsewhere")
      end
    end
    sh("mkdir PATH_1", next_path())
    put(folder .. "/.json", "no name") -- is nobody's journal
    put(folder .. "/.json.abcdef", "no name")
    count = count + 1
    put(folder .. "/\27[31m\n" .. ("x"):rep(200) .. ".json", "an odd name")
    broken = broken + 1
    if not IS_ROOT then
      local path = next_path()
      put(path, text_of())
      sh("chmod 0 PATH_1", path)
    end
    return count, broken + 1
  end

  it("is told by what is broken in it", function()
    local texts = broken_texts()
    local path = folder .. "/" .. name_of_journal .. ".json"
    for _, name in ipairs(sorted_names(texts)) do
      put(path, texts[name])
      local entry = journal_list.list(folder)[1]
      assert.equal("broken", entry.state, name)
      assert.is_nil(entry.session_id, name)
    end
  end)

  it("never keeps a command from the others", function()
    local count, broken = plant_all()
    local left = leave_upload()
    local code, out, err = run "sessions --json"
    assert.equal(0, code, err)
    local states = {}
    for _, event in ipairs(command.events(out)) do
      states[event.state] = (states[event.state] or 0) + 1
    end
    assert.same({ broken = broken, stopped = 1,
      unreadable = count - broken }, states)
    code, out = run "sessions"
    assert.equal(0, code)
    assert.is_nil(out:find "\27")
    code, out, err = run "resume --all"
    assert.equal(0, code, err)
    assert.matches(left.path, out, 1, true)
    assert.is_true(files.read(left.path) == emulator:bytes_of(left.name))
    left = leave_upload()
    code, out, err = run "resume"
    assert.equal(0, code, err)
    assert.matches(left.path, out, 1, true)
    assert.is_true(files.read(left.path) == emulator:bytes_of(left.name))
    leave_upload()
    code, out, err = run "abort --all"
    assert.equal(0, code, err)
    assert.equal(1, select(2, out:gsub("is removed", "")))
    assert.equal(0, emulator:open_sessions())
    local expired = leave_upload()
    emulator:control("POST", ("/sessions/%s/expire"):format(
      journal_list.list(folder)[count + 1].session_id))
    code, out, err = run "gc"
    assert.equal(1, code, err) -- for the unreadable ones, which stay
    assert.equal(broken + 1, select(2, out:gsub(": removed", "")))
    assert.is_false(is_there(expired.journal))
    assert.equal(count - broken, #journal_list.list(folder))
  end)

  it("starts an upload over where its own journal is broken", function()
    local texts = broken_texts()
    for _, name in ipairs(sorted_names(texts)) do
      local file_name = new_name()
      put(path_for(secret, file_name), texts[name])
      local file, message = client:upload(secret,
        { folder_id = "0", file_name = file_name, resume = true })
      assert(file, name .. ": " .. tostring(message))
      assert.is_true(files.read(secret) == emulator:bytes_of(file_name), name)
    end
  end)

  -- Random damage to a real journal: whatever becomes of it, listing and
  -- going on don't raise.
  it("raises nothing, however it is damaged", function()
    local left = leave_upload()
    local text = files.read(left.journal)
    local seed = tonumber(os.getenv "PLANTED_SEED") or 1
    local roll = dice.new(seed)
    for round = 1, 300 do
      local damaged = text
      for _ = 1, roll:roll(3) do
        local at = roll:roll(#damaged)
        local piece = roll:pick { "", "0", '"', "{", "}", "null", "1e400",
          "-1", "[[", "\0", "\n", damaged:sub(at, at + 20) }
        damaged = damaged:sub(1, at - 1) .. piece ..
          damaged:sub(at + (roll:chance(1, 4) and 0 or roll:roll(30)))
      end
      put(left.journal, damaged)
      local ok, problem = pcall(journal_list.list, folder)
      assert(ok, ("seed %d, round %d: %s\n%s"):format(seed, round,
        tostring(problem), damaged))
    end
  end)

  describe("a noted commit", function()
    -- Somebody's file of the same name and size is on Box, and the journal
    -- says that it was committed. Its session is gone.
    local function plant_commit(name, noted)
      local theirs, _, sha1 = dir:file("theirs.bin", SIZE, 99)
      assert(client:upload(theirs, { folder_id = "0", file_name = name }))
      local file = assert(core.file(secret))
      put(path_for(secret, name), text_of {
        file = { path = secret, size = SIZE, mtime = file.mtime_ns },
        target = { folder_id = "0", file_name = name },
      } .. json.encode { commit = noted or sha1 } .. "\n")
      file:close()
      emulator:reset()
    end

    it("isn't believed unseen by the library", function()
      local name = new_name()
      plant_commit(name)
      local file, _, err = client:upload(secret,
        { folder_id = "0", file_name = name, resume = true })
      assert.is_nil(file)
      assert.equal("conflict", err.kind)
      name = new_name()
      plant_commit(name)
      file = assert(client:upload(secret, { folder_id = "0", file_name = name,
        resume = true, on_conflict = "replace" }))
      assert.equal(core.sha1(files.read(secret)), file.sha1)
      assert.is_true(files.read(secret) == emulator:bytes_of(name))
    end)

    it("isn't believed unseen by the commands", function()
      local name = new_name()
      plant_commit(name)
      local upload = upload_of(secret, name)
      local code, out = run(upload)
      assert.equal(5, code)
      assert.equal("", out)
      plant_commit(new_name())
      code, out = run "resume --all"
      assert.equal(5, code)
      assert.equal("", out)
      name = new_name()
      plant_commit(name)
      code = run(upload_of(secret, name) .. " --on-conflict replace")
      assert.equal(0, code)
      assert.is_true(files.read(secret) == emulator:bytes_of(name))
    end)

    it("doesn't count when it is no SHA-1", function()
      local path = folder .. "/" .. name_of_journal .. ".json"
      for _, noted in ipairs { "x", ("g"):rep(40), true, { 1 } } do
        put(path, text_of() .. json.encode { commit = noted } .. "\n")
        assert.is_false(journal_list.list(folder)[1].committed)
      end
    end)
  end)

  it("notes of parts count only for this file and session", function()
    local path = folder .. "/" .. name_of_journal .. ".json"
    local function count_of(part)
      part.part_id, part.sha1 = part.part_id or "A", part.sha1 or
        ("a"):rep(40)
      put(path, text_of() .. json.encode(part) .. "\n")
      return journal_list.list(folder)[1].parts
    end
    assert.equal(1, count_of { offset = 0, size = 1000 })
    assert.equal(1, count_of { offset = 7000, size = 300 })
    for _, part in ipairs {
      { offset = 0, size = 999 }, { offset = 500, size = 1000 },
      { offset = 7000, size = 1000 }, { offset = 8000, size = 1000 },
      { offset = -1000, size = 1000 }, { offset = 0, size = 0 },
      { offset = 0.5, size = 1000 },
    } do
      assert.equal(0, count_of(part), json.encode(part))
    end
    -- One with another SHA-1 than the file has there is found out.
    local name = new_name()
    put(path_for(secret, name), text_of {
      target = { folder_id = "0", file_name = name },
    } .. json.encode { part_id = "A", offset = 0, size = 1000,
      sha1 = ("a"):rep(40) } .. "\n")
    local file = assert(client:upload(secret,
      { folder_id = "0", file_name = name, resume = true }))
    assert.equal(core.sha1(files.read(secret)), file.sha1)
  end)

  describe("without a folder of the user's own", function()
    local nowhere = {
      "XDG_STATE_HOME= HOME=", "XDG_STATE_HOME=relative HOME=",
      "XDG_STATE_HOME= HOME=relative", "XDG_STATE_HOME=./x HOME=.",
    }

    it("the command uploads, and says once what to set", function()
      for _, names in ipairs(nowhere) do
        local one, two = new_name(), new_name()
        dir:file(one, SIZE, 1)
        dir:file(two, SIZE, 2)
        local temporary = dir.path .. "/tmp"
        sh("rm -rf PATH_1; mkdir PATH_1", temporary)
        local arguments = ("upload %s %s --folder-id 0"):format(
          quote(dir.path .. "/" .. one), quote(dir.path .. "/" .. two))
        local more = names .. " TMPDIR=" .. quote(temporary)
        local code, _, err = run(arguments, more)
        assert.equal(0, code, err)
        assert.equal(1, select(2, err:gsub("set XDG_STATE_HOME or HOME", "")),
          err)
        assert.is_true(emulator:bytes_of(two) ==
          files.read(dir.path .. "/" .. two))
        assert.same({}, core.list_folder(temporary))
        assert.is_false(is_there "relative")
        local out
        code, out = run(arguments .. " --json --on-conflict replace", more)
        assert.equal(0, code)
        local warnings = 0
        for _, event in ipairs(command.events(out)) do
          if event.code == "no_state_folder" then warnings = warnings + 1 end
        end
        assert.equal(1, warnings)
        emulator:reset()
        code, _, err = run(arguments .. " --resume", more)
        assert.equal(1, code)
        assert.matches("set XDG_STATE_HOME or HOME", err, 1, true)
        assert.equal("", sent "create_session")
        code, _, err = run(arguments ..
          " --no-resume --on-conflict replace", more)
        assert.equal(0, code)
        assert.is_nil(err:find("XDG_STATE_HOME", 1, true))
      end
    end)

    it("the commands for unfinished uploads say so", function()
      for _, names in ipairs(nowhere) do
        for _, arguments in ipairs { "sessions", "resume", "resume --all",
          "resume x", "abort --all", "abort abababab", "gc" } do
          local code, out, err = run(arguments, names)
          assert.equal(1, code, arguments .. ": " .. err)
          assert.equal("", out)
          assert.matches("set XDG_STATE_HOME or HOME", err, 1, true)
        end
        local _, out = run("doctor --json", names)
        local found
        for _, event in ipairs(command.events(out)) do
          if event.check == "state folder" then found = event end
        end
        assert.equal("fail", found.status)
        assert.matches("XDG_STATE_HOME", found.advice, 1, true)
      end
      assert.equal("", sent "abort")
    end)

    it("there are no profiles", function()
      for _, names in ipairs { "HOME= XDG_CONFIG_HOME=",
        "HOME=relative XDG_CONFIG_HOME=relative" } do
        local code, _, err = run("whoami", "BOX_TOKEN= " .. names)
        assert.equal(2, code, err)
        assert.matches("set XDG_CONFIG_HOME or HOME", err, 1, true)
        code, _, err = run("login --token-stdin <" .. quote(secret), names)
        assert.equal(2, code, err)
        assert.is_false(is_there "relative")
      end
    end)

    it("the library goes on without a journal, and says so once", function()
      journal.folder = function() return nil, "set X" end
      assert.same({}, journal_list.list())
      assert.same({}, journal_list.prune())
      local log, on_event = fixtures.event_log()
      local name = new_name()
      local file = assert(client:upload(secret, { folder_id = "0",
        file_name = name, resume = true, on_event = on_event }))
      assert.equal(name, file.name)
      local warnings = log.named "warning"
      assert.equal(1, #warnings)
      assert.equal("no_state_folder", warnings[1].code)
      assert.matches("set X", warnings[1].message, 1, true)
      -- A small file needs none.
      log, on_event = fixtures.event_log()
      assert(client:upload(dir:file(new_name(), 10, 1), { folder_id = "0",
        resume = true, on_event = on_event }))
      assert.equal(0, #log.named "warning")
    end)
  end)
end)
