-- luacheck's settings: what every Lua from 5.1 to 5.5 has, no more.
std = "min"
max_line_length = 79
include_files = {
  "lua/**/*.lua", "spec/**/*.lua", "bench/**/*.lua",
  "examples/**/*.lua",
  "tools/*.lua", "rockspec/*.rockspec", ".luacheckrc", ".busted",
}

files["spec"] = { std = "+busted" }
files["spec/support/love_probe.lua"] = { std = "+love" }
files["examples/love"] = { std = "+love" }
files[".luacheckrc"] = { std = "+luacheckrc" }
files["rockspec/*.rockspec"] = { std = "+rockspec" }
files["lua/boxupload/loop/openresty.lua"] = { std = "+ngx_lua" }
files["spec/support/nginx_app.lua"] = { std = "+ngx_lua" }
files["examples/openresty"] = { std = "+ngx_lua" }
files["bench/openresty"] = { std = "+ngx_lua" }
files["examples/neovim"] = { read_globals = { "vim" } }
files["spec/support/neovim.lua"] = { globals = { "vim" } }
files[".busted"] = { globals = { "jit" } }
