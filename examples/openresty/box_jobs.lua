-- box_jobs: uploads files of this machine in timers, and reports progress.
-- A reload of nginx interrupts them; the new workers resume.
-- SPDX-License-Identifier: MIT

local box = require "box"
local boxupload = require "boxupload"
local cjson = require "cjson.safe"

local M = {}

local ROOT = os.getenv "BOX_LOCAL_ROOT"
local KEPT = 86400   -- seconds that a job's result is kept
local LOOK = 1       -- seconds between checks for abandoned jobs
local STALE = 30     -- seconds without progress: the worker has died

local function jobs() return ngx.shared.box_jobs end

local function read(id)
  local text = jobs():get(id)
  return type(text) == "string" and cjson.decode(text) or nil
end

local function note(id, job)
  job.noted = ngx.now()
  local ok, problem = jobs():set(id, cjson.encode(job), KEPT)
  if not ok then ngx.log(ngx.WARN, "box_jobs: ", problem) end
end

local function finish(job, file, message, err)
  if file then
    job.state, job.file = "done", { id = file.id, sha1 = file.sha1 }
    job.bytes_sent = job.file_size or file.size
  elseif err.code == "worker_exiting" then
    job.state = "waiting"
  else
    job.state = "failed"
    job.error = { kind = err.kind, code = err.code, message = message }
  end
end

local function follow(id, job, transfer)
  local file, message, err
  repeat
    file, message, err = transfer:wait(0.5)
    local now = transfer:progress()
    job.bytes_sent, job.file_size, job.phase =
      now.bytes_sent, now.file_size, now.phase
    job.rate, job.eta = now.rate, now.eta
    if not file and err.code == "still_running" then note(id, job) end
  until file or err.code ~= "still_running"
  return file, message, err
end

local function run(premature, id)
  local job = read(id)
  if premature or not job then return end
  local source, message, err = boxupload.file(job.path, { below = ROOT })
  local transfer, file
  if source then
    transfer, message, err = box.client:start(source, {
      folder_id = job.folder_id, resume = true,
    })
  end
  if transfer then file, message, err = follow(id, job, transfer) end
  if source then source:close() end
  finish(job, file, message, err)
  note(id, job)
end

local function begin(id, job)
  job.state = "running"
  note(id, job)
  local ok, problem = ngx.timer.at(0, run, id)
  if ok then return true end
  job.state = "waiting"
  note(id, job)
  return nil, problem
end

local function look(premature)
  if premature or ngx.worker.exiting() then return end
  for _, id in ipairs(jobs():get_keys(0)) do
    local job = read(id)
    if job and (job.state == "waiting" or
       job.state == "running" and ngx.now() - job.noted > STALE) then
      begin(id, job)
    end
  end
end

--- Lets one worker restart jobs of workers that have exited.
function M.look_after()
  if ngx.worker.id() ~= 0 then return end
  assert(ngx.timer.every(LOOK, look))
end

local function refuse(message, kind)
  box.refuse(message, { kind = kind or "request" })
end

-- Only files below ROOT may be uploaded. boxupload.file sees to that; this
-- tells it at once.
local function is_below(path)
  return type(path) == "string" and path ~= "" and
    not ("/" .. path .. "/"):find("/%.*/") and not path:find("%z")
end

local function post()
  if not ROOT then return refuse("BOX_LOCAL_ROOT isn't set") end
  ngx.req.read_body()
  local asked = cjson.decode(ngx.req.get_body_data() or "")
  if type(asked) ~= "table" or not is_below(asked.path) or
     type(asked.folder_id) ~= "string" then
    return refuse('{"path": "below the root", "folder_id": "0"} expected')
  end
  local id = ("%d-%d"):format(ngx.worker.pid(),
    assert(jobs():incr("serial", 1, 0)))
  local ok, problem =
    begin(id, { path = asked.path, folder_id = asked.folder_id })
  if not ok then return refuse(problem, "busy") end
  ngx.header["Location"] = "/jobs/" .. id
  box.answer(202, { id = id })
end

local function get()
  local job = read(ngx.var.uri:match("^/jobs/([%d-]+)$") or "")
  if not job then return refuse("no such job", "gone") end
  box.answer(200, job)
end

--- The handler of /jobs.
function M.handle()
  local method = ngx.req.get_method()
  if method == "POST" then return post() end
  if method == "GET" then return get() end
  ngx.exit(405)
end

return M
