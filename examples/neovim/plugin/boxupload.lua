-- boxupload: the commands of the Neovim example.
-- SPDX-License-Identifier: MIT
vim.api.nvim_create_user_command("BoxUpload", function(given)
  require("box_upload").upload(given.args)
end, { nargs = 1, complete = "file", desc = "Upload a file to Box" })

vim.api.nvim_create_user_command("BoxUploadCancel", function()
  require("box_upload").cancel()
end, { desc = "Cancel all uploads to Box" })
