local package_name = "boxupload"
local package_version = "scm"
local rockspec_revision = "1"

rockspec_format = "3.0"
package = package_name
version = package_version .. "-" .. rockspec_revision

source = {
  url = "git+https://github.com/boxupload/boxupload.git",
}

description = {
  summary = "Puts big files on Box: chunked, parallel, resumable.",
  detailed = [[
    Upload sessions of the Box API for Lua: parts are hashed and sent by C
    threads over libcurl, uploads survive crashes and bad networks, and the
    same code blocks in a script and yields in an event loop.]],
  homepage = "https://github.com/boxupload/boxupload",
  license = "MIT",
  labels = { "box", "upload", "http", "async" },
}

supported_platforms = { "unix" }

dependencies = {
  "lua >= 5.1, < 5.5",
  "lua-cjson >= 2.1",
  "argparse >= 0.6",
}

external_dependencies = {
  -- No header here: LuaRocks doesn't look where Debian keeps curl/curl.h,
  -- while the compiler does.
  CURL = { library = "curl" },
  OPENSSL = { header = "openssl/evp.h", library = "crypto" },
}

build = {
  type = "builtin",
  modules = {
    ["boxupload.core"] = {
      sources = {
        "src/core/buffer.c",
        "src/core/compat.c",
        "src/core/digest.c",
        "src/core/engine.c",
        "src/core/error.c",
        "src/core/exchange.c",
        "src/core/file.c",
        "src/core/folder.c",
        "src/core/journal.c",
        "src/core/lane.c",
        "src/core/limit.c",
        "src/core/origin.c",
        "src/core/pin.c",
        "src/core/queue.c",
        "src/core/request.c",
        "src/core/session.c",
        "src/core/settings.c",
        "src/core/signer.c",
        "src/core/source.c",
        "src/core/wake.c",
        "src/binding/class.c",
        "src/binding/core.c",
        "src/binding/digest.c",
        "src/binding/engine.c",
        "src/binding/exchange.c",
        "src/binding/file.c",
        "src/binding/folder.c",
        "src/binding/journal.c",
        "src/binding/option.c",
        "src/binding/pollable.c",
        "src/binding/queue.c",
        "src/binding/session.c",
        "src/binding/signer.c",
        "src/binding/system.c",
      },
      defines = { "_POSIX_C_SOURCE=200809L" },
      libraries = { "curl", "crypto", "pthread" },
      incdirs = { "$(CURL_INCDIR)", "$(OPENSSL_INCDIR)" },
      libdirs = { "$(CURL_LIBDIR)", "$(OPENSSL_LIBDIR)" },
    },
    ["boxupload"] = "lua/boxupload.lua",
    ["boxupload.abort"] = "lua/boxupload/abort.lua",
    ["boxupload.attributes"] = "lua/boxupload/attributes.lua",
    ["boxupload.auth"] = "lua/boxupload/auth.lua",
    ["boxupload.auth.callback"] = "lua/boxupload/auth/callback.lua",
    ["boxupload.auth.client_credentials"] =
        "lua/boxupload/auth/client_credentials.lua",
    ["boxupload.auth.code"] = "lua/boxupload/auth/code.lua",
    ["boxupload.auth.downscope"] = "lua/boxupload/auth/downscope.lua",
    ["boxupload.auth.file_store"] = "lua/boxupload/auth/file_store.lua",
    ["boxupload.auth.grant"] = "lua/boxupload/auth/grant.lua",
    ["boxupload.auth.jwt"] = "lua/boxupload/auth/jwt.lua",
    ["boxupload.auth.lease"] = "lua/boxupload/auth/lease.lua",
    ["boxupload.auth.refresh"] = "lua/boxupload/auth/refresh.lua",
    ["boxupload.auth.revoke"] = "lua/boxupload/auth/revoke.lua",
    ["boxupload.auth.secret_file"] = "lua/boxupload/auth/secret_file.lua",
    ["boxupload.auth.subject"] = "lua/boxupload/auth/subject.lua",
    ["boxupload.auth.token"] = "lua/boxupload/auth/token.lua",
    ["boxupload.call"] = "lua/boxupload/call.lua",
    ["boxupload.chunked_upload"] = "lua/boxupload/chunked_upload.lua",
    ["boxupload.cli.argument"] = "lua/boxupload/cli/argument.lua",
    ["boxupload.cli.bar"] = "lua/boxupload/cli/bar.lua",
    ["boxupload.cli.batch"] = "lua/boxupload/cli/batch.lua",
    ["boxupload.cli.command.upload"] = "lua/boxupload/cli/command/upload.lua",
    ["boxupload.cli.context"] = "lua/boxupload/cli/context.lua",
    ["boxupload.cli.dry_run"] = "lua/boxupload/cli/dry_run.lua",
    ["boxupload.cli.exit_code"] = "lua/boxupload/cli/exit_code.lua",
    ["boxupload.cli.format"] = "lua/boxupload/cli/format.lua",
    ["boxupload.cli.glob"] = "lua/boxupload/cli/glob.lua",
    ["boxupload.cli.outcome"] = "lua/boxupload/cli/outcome.lua",
    ["boxupload.cli.progress"] = "lua/boxupload/cli/progress.lua",
    ["boxupload.cli.report"] = "lua/boxupload/cli/report.lua",
    ["boxupload.cli.scan"] = "lua/boxupload/cli/scan.lua",
    ["boxupload.cli.standard_input"] = "lua/boxupload/cli/standard_input.lua",
    ["boxupload.cli.tally"] = "lua/boxupload/cli/tally.lua",
    ["boxupload.cli.upload_arguments"] =
        "lua/boxupload/cli/upload_arguments.lua",
    ["boxupload.cli.walk"] = "lua/boxupload/cli/walk.lua",
    ["boxupload.cli.width"] = "lua/boxupload/cli/width.lua",
    ["boxupload.client"] = "lua/boxupload/client.lua",
    ["boxupload.commit"] = "lua/boxupload/commit.lua",
    ["boxupload.conflict"] = "lua/boxupload/conflict.lua",
    ["boxupload.failure"] = "lua/boxupload/failure.lua",
    ["boxupload.fields"] = "lua/boxupload/fields.lua",
    ["boxupload.fingerprint"] = "lua/boxupload/fingerprint.lua",
    ["boxupload.interrupt"] = "lua/boxupload/interrupt.lua",
    ["boxupload.journal"] = "lua/boxupload/journal.lua",
    ["boxupload.json"] = "lua/boxupload/json.lua",
    ["boxupload.limits"] = "lua/boxupload/limits.lua",
    ["boxupload.lookout"] = "lua/boxupload/lookout.lua",
    ["boxupload.lookup"] = "lua/boxupload/lookup.lua",
    ["boxupload.loop"] = "lua/boxupload/loop.lua",
    ["boxupload.loop.copas"] = "lua/boxupload/loop/copas.lua",
    ["boxupload.loop.cqueues"] = "lua/boxupload/loop/cqueues.lua",
    ["boxupload.loop.luv"] = "lua/boxupload/loop/luv.lua",
    ["boxupload.loop.openresty"] = "lua/boxupload/loop/openresty.lua",
    ["boxupload.loop.plain"] = "lua/boxupload/loop/plain.lua",
    ["boxupload.meter"] = "lua/boxupload/meter.lua",
    ["boxupload.misuse"] = "lua/boxupload/misuse.lua",
    ["boxupload.name"] = "lua/boxupload/name.lua",
    ["boxupload.opening"] = "lua/boxupload/opening.lua",
    ["boxupload.options"] = "lua/boxupload/options.lua",
    ["boxupload.part"] = "lua/boxupload/part.lua",
    ["boxupload.part_list"] = "lua/boxupload/part_list.lua",
    ["boxupload.part_pump"] = "lua/boxupload/part_pump.lua",
    ["boxupload.preflight"] = "lua/boxupload/preflight.lua",
    ["boxupload.reconcile"] = "lua/boxupload/reconcile.lua",
    ["boxupload.redact"] = "lua/boxupload/redact.lua",
    ["boxupload.remote_folder"] = "lua/boxupload/remote_folder.lua",
    ["boxupload.reply"] = "lua/boxupload/reply.lua",
    ["boxupload.resumption"] = "lua/boxupload/resumption.lua",
    ["boxupload.retry"] = "lua/boxupload/retry.lua",
    ["boxupload.session"] = "lua/boxupload/session.lua",
    ["boxupload.small_upload"] = "lua/boxupload/small_upload.lua",
    ["boxupload.source"] = "lua/boxupload/source.lua",
    ["boxupload.spool"] = "lua/boxupload/spool.lua",
    ["boxupload.target"] = "lua/boxupload/target.lua",
    ["boxupload.text"] = "lua/boxupload/text.lua",
    ["boxupload.thread"] = "lua/boxupload/thread.lua",
    ["boxupload.timestamp"] = "lua/boxupload/timestamp.lua",
    ["boxupload.transfer"] = "lua/boxupload/transfer.lua",
    ["boxupload.verify"] = "lua/boxupload/verify.lua",
    ["boxupload.waiter"] = "lua/boxupload/waiter.lua",
    ["boxupload.whole_upload"] = "lua/boxupload/whole_upload.lua",
  },
  install = {
    bin = { boxupload = "lua/boxupload/cli/main.lua" },
  },
  copy_directories = { "docs", "examples" },
}

test = {
  type = "command",
  command = "make test",
}
