-- proxy_page: faults whose answer isn't Box's: pages of proxies, web filters
-- and hotel networks.
-- SPDX-License-Identifier: MIT

local M = {}

local PAGES = {
  blocked = { status = 403, body = "<html>Blocked by policy</html>" },
  not_found = { status = 404, body = "<html>404 Not Found</html>" },
  gone = { status = 410, body = "<html>410 Gone</html>" },
  bad_gateway = { status = 502, body = "<html>502 Bad Gateway</html>" },
  sign_in = { status = 200, body = "<html>Please sign in</html>" },
  redirect = {
    status = 302, body = "<html>Moved</html>",
    location = "https://login.example/",
  },
}

--- The names that get() takes.
M.names = {
  "blocked", "not_found", "gone", "bad_gateway", "sign_in", "redirect",
}

--- A fault for emulator:faults that answers with a page.
---@param name string  one of `names`
---@param more table   the fault's operation, occurrence, match, times
---@return table
function M.get(name, more)
  local page = assert(PAGES[name], name)
  local fault = {
    action = "reply", status = page.status, body = page.body,
    headers = { ["content-type"] = "text/html", location = page.location },
  }
  for key, value in pairs(more) do fault[key] = value end
  return fault
end

return M
