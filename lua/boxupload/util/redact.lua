-- redact: removes tokens and other secrets from what is told or logged.
--
-- A list of secrets holds the texts to remove, the longest first: each secret
-- as it is, and as it looks in URLs, forms and JSON.
-- SPDX-License-Identifier: MIT

local M = {}

local HIDDEN = "[hidden]"
-- In bytes. Shorter secrets would hide parts of ordinary words.
local MIN_LENGTH = 4
-- In bytes. What is as long as this is removed from data, too: a shorter one
-- may be a part of a file's name by chance. A password that lasts is one that
-- somebody chose, perhaps after the files.
local CERTAIN_LENGTH = { recent = 8, lasting = 16 }
local MAX_REQUEST_ID = 128 -- bytes
-- How many secrets that change are kept: recent tokens, since a late response
-- may still contain an old one, and what signs in.
local MOST_RECENT = 32

local function percent_encoded(value, format)
  return (value:gsub("[^A-Za-z%d%-%._~]", function(c)
    return format:format(c:byte())
  end))
end

local JSON_ESCAPES = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f",
  ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}

-- The ways in which a server may write a secret.
local function forms_of(value)
  local upper = percent_encoded(value, "%%%02X")
  local lower = percent_encoded(value, "%%%02x")
  local escaped = value:gsub('[%c"\\]', function(c)
    return JSON_ESCAPES[c] or ("\\u%04x"):format(c:byte())
  end)
  return { value, upper, lower, (upper:gsub("%%20", "+")),
    (lower:gsub("%%20", "+")), escaped, (escaped:gsub("/", "\\/")) }
end

local function longest_first(a, b)
  return #a > #b or #a == #b and a < b
end

local function rebuild(secrets)
  for i = #secrets, 1, -1 do secrets[i] = nil end
  local seen, certain = {}, {}
  for _, kind in ipairs { "recent", "lasting" } do
    for _, value in ipairs(secrets[kind]) do
      local is_certain = #value >= CERTAIN_LENGTH[kind]
      for _, form in ipairs(forms_of(value)) do
        if not seen[form] then
          secrets[#secrets + 1] = form
          certain[#certain + 1] = is_certain and form or nil
        end
        seen[form] = true
      end
    end
  end
  table.sort(secrets, longest_first)
  table.sort(certain, longest_first)
  secrets.certain = certain
end

---@class boxupload.Secrets  a list of all forms, and:
---@field recent string[]   secrets that others follow: tokens, what signs in
---@field lasting string[]  passwords
---@field certain string[]  the forms of those that are removed from data

--- An empty list of secrets.
---@return boxupload.Secrets
function M.new()
  return { recent = {}, lasting = {}, certain = {} }
end

local function remove(list, value)
  for i, known in ipairs(list) do
    if known == value then return table.remove(list, i) end
  end
end

--- Adds a secret.
---@param secrets boxupload.Secrets
---@param value string
---@param is_lasting boolean?  kept however many others come
function M.add(secrets, value, is_lasting)
  if #value < MIN_LENGTH then return end
  local list = is_lasting and secrets.lasting or secrets.recent
  local was_known = remove(list, value)
  table.insert(list, 1, value)
  if was_known then return end
  secrets.recent[MOST_RECENT + 1] = nil
  rebuild(secrets)
end

-- A URL's user and password, decoded.
local function decode_percent(text)
  return (text:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

--- Adds what a proxy's URL has of a password.
---@param secrets boxupload.Secrets
---@param proxy string
---@param base64 fun(text: string): string
function M.add_proxy(secrets, proxy, base64)
  local user_info = proxy:gsub("^%a[%w+.-]*://", ""):match("^(.*)@")
  local password = user_info and user_info:match(":(.*)$")
  if not password then return end
  M.add(secrets, password, true)
  M.add(secrets, decode_percent(password), true)
  M.add(secrets, base64(decode_percent(user_info)), true)
end

local function replace_all(text, secret)
  local pieces, position = {}, 1
  local first, last = text:find(secret, 1, true)
  if not first then return text end
  while first do
    pieces[#pieces + 1] = text:sub(position, first - 1)
    position = last + 1
    first, last = text:find(secret, position, true)
  end
  pieces[#pieces + 1] = text:sub(position)
  return table.concat(pieces, HIDDEN)
end

local function remove_secrets(text, secrets)
  for _, secret in ipairs(secrets) do text = replace_all(text, secret) end
  return text
end

--- Returns the text without the secrets, and without what looks like one: a
--- bearer token, another authorization, or a URL's user and password.
---@param text string
---@param secrets string[]?
---@return string
function M.text(text, secrets)
  text = remove_secrets(text, secrets or {})
  text = text:gsub("([Aa]uthorization:%s*%a+%s+)[^%s\"',;]+", "%1" .. HIDDEN)
  text = text:gsub("(://)[^/%s]*@", "%1" .. HIDDEN .. "@")
  return (text:gsub("([Bb][Ee][Aa][Rr][Ee][Rr]%s+)[^%s\"',;]+",
    "%1" .. HIDDEN))
end

--- Returns data, such as a line with a file's name, without the secrets that
--- are too long to be there by chance.
---@param text string
---@param secrets boxupload.Secrets
---@return string
function M.data(text, secrets)
  return remove_secrets(text, secrets.certain or {})
end

-- A table that is only what it holds.
local function is_plain(value)
  local metatable = getmetatable(value)
  return metatable == nil or type(metatable) == "table" and
    metatable.__index == nil and metatable.__tostring == nil
end

--- Does so for every string and key in a decoded response. Returns a copy
--- where there is something to hide.
---@param value any
---@param secrets string[]
---@param clean nil|fun(text: string, secrets: string[]): string  M.text, which
--- is the default, or M.data
function M.value(value, secrets, clean)
  clean = clean or M.text
  if type(value) == "string" then return clean(value, secrets) end
  if type(value) ~= "table" or not is_plain(value) then return value end
  local copy, is_other = setmetatable({}, getmetatable(value)), false
  for key, item in pairs(value) do
    local new_key = type(key) == "string" and clean(key, secrets) or key
    local new_item = M.value(item, secrets, clean)
    is_other = is_other or new_key ~= key or new_item ~= item
    copy[new_key] = new_item
  end
  return is_other and copy or value
end

--- Returns the id of a request; nil for what can't be one.
---@param value any
---@param secrets string[]
---@return string?
function M.request_id(value, secrets)
  if type(value) ~= "string" or value == "" or #value > MAX_REQUEST_ID or
     value:find("[^\32-\126]") then
    return nil
  end
  return M.text(value, secrets)
end

-- The fields of errors and events that tell what happened. The others are
-- data, such as ids and paths.
local TOLD = {
  message = true, code = true, operation = true, abort_error = true,
  context_info = true, reason = true, error = true, url = true,
}

--- Removes the secrets from an error's or an event's fields: the one way by
--- which errors and events leave the library.
---@generic T: table
---@param fields T
---@param secrets string[]
---@return T fields
function M.fields(fields, secrets)
  fields.request_id = M.request_id(fields.request_id, secrets)
  for key, value in pairs(fields) do
    fields[key] = M.value(value, secrets, TOLD[key] and M.text or M.data)
  end
  return fields
end

return M
