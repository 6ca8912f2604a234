-- busted, run by the interpreter that runs this file.
-- SPDX-License-Identifier: MIT
require "busted.runner"({ standalone = false })
