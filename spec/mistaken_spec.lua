-- mistaken: one upload in several runs, while colleagues, other runs, proxies,
-- policies and other accounts get in its way at random. The right file comes
-- to the right place or there is a clear error, nothing of others is touched,
-- and what is stored isn't sent again.
-- MISTAKEN_ROUNDS and MISTAKEN_SEED make it try more, or others.
-- SPDX-License-Identifier: MIT

local colleagues = require "support.colleague"
local command = require "support.command"
local core = require "boxupload.core"
local dices = require "support.dice"
local fixtures = require "support.fixture"
local json = require "boxupload.util.json"
local shell = require "support.shell"
local troubles = require "support.troubles"
local witnesses = require "support.witness"

local ROUNDS = tonumber(os.getenv "MISTAKEN_ROUNDS") or 40
local FIRST_SEED = tonumber(os.getenv "MISTAKEN_SEED") or 1
local INTERPRETER = command.interpreter()

local PART = 1000
local PARALLEL = 2
local MOST_TROUBLED_RUNS, CALM_RUNS = 4, 3
-- Seconds until a run counts as hanging.
local TIMEOUT = 20
local STRANGER = "333"
local POLICIES = { "fail", "replace", "rename", "skip_identical" }
-- Errors that a run without troubles may end with, for what others did.
local HONEST = {
  session_conflict = true, item_name_in_use = true,
  precondition_failed = true, trashed = true, ambiguous_commit = true,
}

describe("an upload that others get in the way of", function()
  local fixture, emulator, other_folder

  setup(function()
    fixture = fixtures.open("--plain --min-size 1000 --part-size 1000 " ..
      "--commit-retry-after 0 --seed 1")
    emulator = fixture.emulator
    other_folder = emulator:control("POST", "/folders",
      { name = "other", parent = { id = "0" } }).id
  end)

  teardown(function()
    fixture:close()
  end)

  local function new_client(more)
    local all = { retries = 2, retry_delay = 0.001, parallel = PARALLEL }
    for key, value in pairs(more or {}) do all[key] = value end
    return fixture:client(all)
  end

  local function copy(options, more)
    local all = {}
    for key, value in pairs(options) do all[key] = value end
    for key, value in pairs(more or {}) do all[key] = value end
    return all
  end

  -- Each round has a folder, a file and a colleague of its own.
  local function new_round(seed)
    local dice = dices.new(seed)
    local given = fixture:file(dice:chance(1, 4) and dice:roll(999) or
      2000 + dice:roll(6000), seed)
    local round = {
      seed = seed, dice = dice, given = given, story = {}, runs = 0,
      folder_id = emulator:control("POST", "/folders",
        { name = "round " .. seed, parent = { id = "0" } }).id,
      journal = ("%s/%d.journal"):format(fixture.dir.path, seed),
    }
    round.options = {
      folder_id = round.folder_id, file_name = "a.bin",
      on_conflict = dice:pick(POLICIES),
      resume = dice:chance(4, 5) and round.journal or nil,
    }
    return round
  end

  local function note(round, text, ...)
    round.story[#round.story + 1] = text:format(...)
  end

  local function set_lags(round)
    local dice = round.dice
    emulator:control("POST", "/options", {
      list_sha1_null = dice:chance(4, 5), session_conflict = dice:chance(1, 2),
      list_lag_requests = dice:roll(3) - 1,
      lookup_lag_requests = dice:roll(3) - 1, commit_202 = dice:roll(3) - 1,
    })
  end

  -- Somebody may have been there before: the file to make a version of, or
  -- one that has the name.
  local function prepare(round)
    local dice, options = round.dice, round.options
    local place = { folder_id = round.folder_id, name = "a.bin",
      size = round.given.size }
    round.colleague = colleagues.new(emulator, place)
    if dice:chance(1, 2) then round.colleague:act("take_name") end
    local there = round.colleague:file_there()
    if there and dice:chance(1, 2) then
      options.folder_id, options.file_name = nil, nil
      options.file_id, place.file_id = there.id, there.id
    end
    if there and dice:chance(1, 2) then options.if_match = "0" end
    round.asked = {
      folder_id = round.folder_id, name = "a.bin", file_id = options.file_id,
      policy = options.on_conflict, if_match = options.if_match,
      contents = { [round.given.sha1] = true },
    }
    round.witness = witnesses.new(emulator, round.asked, round.colleague)
    note(round, "%d bytes, %s", round.given.size, json.encode(options))
  end

  -- What happens in a run: at which event, and what.
  local function plan_run(round)
    local dice, plan = round.dice, { acts = {} }
    if dice:chance(1, 2) then
      local act = dice:pick(colleagues.acts)
      plan.acts[dice:roll(10)] = act
    end
    local way = dice:roll(6)
    plan.way = ({ "keep", "close", "cancel", "kill" })[way]
    plan.at = dice:roll(9)
    return plan
  end

  local interrupts = {}
  function interrupts.keep(transfer) transfer:cancel { keep = true } end
  function interrupts.cancel(transfer) transfer:cancel() end
  function interrupts.close(_, client) client:close() end

  local function act(round, name)
    note(round, "  the colleague: %s", name)
    round.acted = true
    if name == "trash" then round.may_repeat = true end
    round.colleague:act(name)
  end

  -- Runs the upload in this process.
  local function run_here(round, options, plan)
    local client, count = new_client(), 0
    local due, interrupt = {}, nil
    options = copy(options, { on_event = function(event)
      count = count + 1
      note(round, "  %s %s", event.event,
        tostring(event.offset or event.reason or event.session_id or
        event.message or ""))
      if plan.acts[count] then due[#due + 1] = plan.acts[count] end
      if count == plan.at then interrupt = interrupts[plan.way] end
    end })
    local transfer, message, err = client:start(round.given.path, options)
    if not transfer then return nil, message, err end
    local deadline = core.now() + TIMEOUT
    while transfer:step() == "running" do
      assert(core.now() < deadline, "it hangs")
      while due[1] do act(round, table.remove(due, 1)) end
      if interrupt then
        note(round, "  interrupted: %s", plan.way)
        interrupt(transfer, client)
        interrupt = nil
      elseif transfer:step() == "running" then
        transfer.queue:wait(0.002)
      end
      if client.closed then break end
    end
    local file
    file, message, err = transfer:result()
    client:close()
    return file, message, err
  end

  -- Runs it in a process that kills itself after some writes of its journal.
  local function run_apart(round, options, plan)
    local access = fixture.dir:write("access.json", json.encode {
      token = emulator.token, api_url = emulator.api_url,
      upload_url = emulator.upload_url, token_url = emulator.token_url,
      options = options, retries = 2, retry_delay = 0.001,
    })
    local text = shell.output(("%s spec/support/crashing_upload.lua " ..
      "%s %s a.bin write %d 2>&1"):format(INTERPRETER, shell.quote(access),
      shell.quote(round.given.path), plan.at))
    local result = json.decode(text)
    assert(result or text:find("^Killed%s*$"), text)
    if not result then return nil, "killed", { kind = "killed" } end
    return result.file, result.message, result
  end

  local function check_error(message, err)
    assert(type(message) == "string" and not message:find "\n",
      "the message isn't one line")
    assert(err and err.kind and err.code ~= "crashed", message)
  end

  local function check_world(round)
    round.witness:check_files(round.may_repeat)
    round.witness:check_sessions()
  end

  local function journal_text(round)
    local handle = io.open(round.journal, "rb")
    if not handle then return nil end
    local text = handle:read("*a")
    handle:close()
    return text
  end

  -- A run that left no journal, but the file perhaps, was told so. The next
  -- one then uploads it once more.
  local function note_failure(round, plan, message, err)
    check_error(message, err)
    local has_journal = journal_text(round) ~= nil
    if plan.way == "close" or plan.way == "kill" then
      round.was_interrupted = true
    end
    if not has_journal and (err.kind == "canceled" or
       err.code == "ambiguous_commit" or
       message:find "may be on Box all the same") then
      round.may_repeat = true
    end
    if has_journal or not round.options.resume then return end
    if plan.way == "cancel" and err.kind == "canceled" then
      round.starts_anew = true
    end
    -- Only what others did to the target, or an edit, makes stored parts
    -- useless.
    assert(round.acted or round.edited or round.starts_anew or
      round.witness:received() == 0, "what is stored was thrown away")
  end

  local function run_once(round, plan)
    local apart = plan.way == "kill" and round.options.resume
    note(round, "run %d: %s at %d", round.runs + 1, tostring(plan.way),
      plan.at or 0)
    round.runs = round.runs + 1
    local file, message, err = (apart and run_apart or run_here)(round,
      round.options, plan)
    note(round, "  -> %s", file and "done" or tostring(message))
    emulator:wait_until_idle()
    if file then
      round.witness:check_done(file, round.given.sha1)
    else
      note_failure(round, plan, message, err)
    end
    check_world(round)
    return file, err
  end

  -- Between two runs the source may be edited, or only look as if.
  local function change_source(round)
    local dice, given = round.dice, round.given
    local way = dice:roll(10)
    if way == 1 then
      note(round, "the source is edited")
      given.path, given.bytes, given.sha1 =
        fixture.dir:file(given.name, given.size, round.seed + 5000)
      round.asked.contents[given.sha1], round.edited = true, true
    elseif way == 2 then
      note(round, "the source is touched")
      shell.output("touch -d '2001-01-01' " .. given.path)
    elseif way == 3 then
      note(round, "the source is replaced by a copy")
      shell.output(("cp %s %s.new && mv %s.new %s"):format(given.path,
        given.path, given.path, given.path))
    end
  end

  local MISTAKES = {
    function() return { token = emulator:token_of(STRANGER) } end,
    function() return { as_user = STRANGER } end,
    function()
      return {}, { folder_id = other_folder, file_name = "a.bin" }
    end,
    function(round)
      return {}, { folder_id = round.folder_id, file_name = "b.bin" }
    end,
    function(round)
      local path = round.given.path .. ".copy"
      shell.output(("cp %s %s"):format(round.given.path, path))
      return {}, { folder_id = round.options.folder_id,
        file_id = round.options.file_id, file_name = round.options.file_name },
        path
    end,
    function(round)
      if not round.options.if_match then return nil end
      return {}, copy(round.options, { if_match = "77" })
    end,
  }

  -- A call with another upload's journal is an error that touches nothing.
  local function mistake(round)
    local before = journal_text(round)
    if not before or before == "" then return end
    local number = round.dice:roll(#MISTAKES)
    local unknown_user = round.dice:chance(1, 3)
    emulator:control("DELETE", "/faults")
    local more, place, path = MISTAKES[number](round)
    if not more then return end
    note(round, "mistake %d", number)
    if unknown_user then
      emulator:faults { operation = "get_user", action = "reply", status = 403,
        body = { code = "access_denied_insufficient_permissions" },
        occurrence = "all" }
    end
    local world = round.witness:fingerprint()
    local options = place and copy(place, { resume = round.journal,
      on_conflict = round.options.on_conflict }) or copy(round.options)
    local client = new_client(more)
    local file, message, err = client:upload(path or round.given.path, options)
    client:close()
    assert(not file, "a call with another upload's journal succeeded")
    check_error(message, err)
    note(round, "  -> %s", message)
    if number > 2 then
      assert(err.code == "other_journal", message)
    elseif not unknown_user then
      assert(err.kind == "denied", message)
    end
    assert(world == round.witness:fingerprint(), "something on Box changed")
    assert(before == journal_text(round), "the journal changed")
  end

  local function check_received(round)
    local bytes, faults = round.witness:received()
    local size = round.given.size
    local most = size + (round.runs - 1) * PARALLEL * PART + faults * PART
    if round.edited or round.acted or round.starts_anew or
       not round.options.resume then
      return
    end
    assert(bytes <= most, ("%d bytes received for %d, %d at most")
      :format(bytes, size, most))
  end

  local function count_lost_requests()
    local count = 0
    for _, record in ipairs(emulator:requests()) do
      local operation = record.operation or ""
      if record.fault and (operation == "abort" or
         operation:find "^create_.*session$") then
        count = count + 1
      end
    end
    return count
  end

  -- After an interrupted run, or a lost answer, a session may be nobody's.
  local function check_rest(round, file)
    local open, text = #round.witness:open_sessions(), journal_text(round)
    if file then assert(not text, "the journal is still there") end
    if round.was_interrupted or text then return end
    assert(open <= count_lost_requests(),
      ("%d sessions are open and nobody's"):format(open))
  end

  local function calm_runs(round)
    emulator:control("DELETE", "/faults")
    local file, err
    for _ = 1, CALM_RUNS do
      file, err = run_once(round, { acts = {} })
      if file then return file end
    end
    assert(HONEST[err.code], "nothing explains the last error")
    assert(round.acted or round.was_interrupted or
      round.witness.old[round.asked.file_id or ""] or
      err.code ~= "session_conflict" or count_lost_requests() > 0,
      "nobody did what the last error says")
  end

  local function play(round)
    set_lags(round)
    prepare(round)
    local file
    for _ = 1, round.dice:roll(MOST_TROUBLED_RUNS) do
      if round.dice:chance(1, 5) then
        act(round, round.dice:pick(colleagues.acts))
      end
      emulator:control("PUT", "/faults", troubles.script(round.dice))
      file = run_once(round, plan_run(round))
      if file then break end
      change_source(round)
      if round.dice:chance(1, 2) then mistake(round) end
      check_world(round)
    end
    file = file or calm_runs(round)
    check_rest(round, file)
    check_received(round)
    return file ~= nil
  end

  after_each(function()
    fixture:after_each()
  end)

  it("is the right file in the right place, or an error", function()
    local done, problems = 0, {}
    for seed = FIRST_SEED, FIRST_SEED + ROUNDS - 1 do
      emulator:reset()
      local round = new_round(seed)
      local ok, result = pcall(play, round)
      if ok and result then done = done + 1 end
      if not ok then
        problems[#problems + 1] = ("MISTAKEN_SEED=%d: %s\n%s"):format(seed,
          tostring(result), table.concat(round.story, "\n"))
      end
      fixture:after_each()
    end
    assert(#problems == 0, table.concat(problems, "\n\n"))
    -- Most of them do arrive.
    assert.is_true(done > ROUNDS / 2)
  end)
end)
