-- spec_output: busted's plain output, followed by the files that took longest.
-- SPDX-License-Identifier: MIT

local MOST = 8       -- files that are named
local LEAST = 0.5    -- seconds that make one worth naming

return function(options)
  local busted = require "busted"
  local handler = require "busted.outputHandlers.plainTerminal" (options)
  local seconds = {}

  -- A name is the path of a spec, for busted gives no other.
  busted.subscribe({ "file", "end" }, function(element)
    seconds[#seconds + 1] = { path = element.name, spent = element.duration }
    return nil, true
  end)

  busted.subscribe({ "suite", "end" }, function()
    table.sort(seconds, function(a, b) return a.spent > b.spent end)
    local slow = {}
    for _, file in ipairs(seconds) do
      if #slow < MOST and file.spent >= LEAST then
        slow[#slow + 1] = ("%s %.1f s"):format(
          file.path:match("([^/]+)_spec%.lua$") or file.path, file.spent)
      end
    end
    if slow[1] then print("Slowest: " .. table.concat(slow, ", ")) end
    return nil, true
  end)

  return handler
end
