-- box_url: the URLs of what has an id on Box. An id becomes part of a URL here
-- and nowhere else.
-- SPDX-License-Identifier: MIT

local options = require "boxupload.util.options"

local M = {}

--- The URL of a path in which each %s is an id. Raises for what can't be one,
--- such as "../../2.0/files/42?recursive=true": whoever took it from a reply,
--- a file or a caller should have refused it.
---@param base string  as api_url
---@param path string
---@param ... string
---@return string url
function M.of(base, path, ...)
  for _, id in ipairs { ... } do
    local problem = type(id) == "string" and options.id(id) or
      type(id) ~= "string" and "isn't a string"
    if problem then error("the id " .. problem, 0) end
  end
  return base .. path:format(...)
end

--- The URL of an upload session.
---@param base string  as upload_url
---@param id string
---@return string url
function M.session(base, id)
  return M.of(base, "/files/upload_sessions/%s", id)
end

--- Whether a URL that came with a session can be an endpoint of it: the token
--- may do more than upload, so requests for a session reach nothing else.
---@param url string
---@param id string    the session's
---@param rest string  the path below the session: "", "/commit", ...
---@return boolean
function M.is_endpoint(url, id, rest)
  local path = url:match("^https?://[^/?#]+([^?#]*)")
  if not path then return false end
  local wanted = M.session("", id) .. rest
  return path:sub(-#wanted) == wanted
end

return M
