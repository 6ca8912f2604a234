-- conf: the window.
-- SPDX-License-Identifier: MIT

function love.conf(t)
  t.identity = "boxupload"
  t.version = "11.4"
  t.window.title = "boxupload"
  t.window.width, t.window.height = 640, 240
  t.window.highdpi = true
  -- Modules that aren't needed aren't started.
  t.modules.audio, t.modules.sound = false, false
  t.modules.joystick, t.modules.physics = false, false
  t.modules.video = false
end
