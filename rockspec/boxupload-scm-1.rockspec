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
  "lua >= 5.1, < 5.6",
  "lua-cjson >= 2.1",
  "argparse >= 0.7",
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
        "src/core/descriptor.c",
        "src/core/digest.c",
        "src/core/easy.c",
        "src/core/easy_code.c",
        "src/core/engine.c",
        "src/core/engine_state.c",
        "src/core/error.c",
        "src/core/exchange.c",
        "src/core/file.c",
        "src/core/folder.c",
        "src/core/hash_worker.c",
        "src/core/headers.c",
        "src/core/io_thread.c",
        "src/core/journal.c",
        "src/core/limit.c",
        "src/core/listener.c",
        "src/core/lock.c",
        "src/core/multi.c",
        "src/core/origin.c",
        "src/core/pace.c",
        "src/core/path.c",
        "src/core/pin.c",
        "src/core/process.c",
        "src/core/queue.c",
        "src/core/reply.c",
        "src/core/request.c",
        "src/core/semaphore.c",
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
        "src/binding/listener.c",
        "src/binding/lock.c",
        "src/binding/option.c",
        "src/binding/path.c",
        "src/binding/pollable.c",
        "src/binding/queue.c",
        "src/binding/result.c",
        "src/binding/session.c",
        "src/binding/signer.c",
        "src/binding/system.c",
      },
      libraries = { "curl", "crypto", "pthread" },
      incdirs = { "$(CURL_INCDIR)", "$(OPENSSL_INCDIR)" },
      libdirs = { "$(CURL_LIBDIR)", "$(OPENSSL_LIBDIR)" },
    },
    ["boxupload"] = "lua/boxupload.lua",
    ["boxupload.auth"] = "lua/boxupload/auth.lua",
    ["boxupload.auth.callback"] = "lua/boxupload/auth/callback.lua",
    ["boxupload.auth.client_credentials"] =
        "lua/boxupload/auth/client_credentials.lua",
    ["boxupload.auth.code"] = "lua/boxupload/auth/code.lua",
    ["boxupload.auth.downscope"] = "lua/boxupload/auth/downscope.lua",
    ["boxupload.auth.file_store"] = "lua/boxupload/auth/file_store.lua",
    ["boxupload.auth.grant"] = "lua/boxupload/auth/grant.lua",
    ["boxupload.auth.jwt"] = "lua/boxupload/auth/jwt.lua",
    ["boxupload.auth.refresh"] = "lua/boxupload/auth/refresh.lua",
    ["boxupload.auth.revoke"] = "lua/boxupload/auth/revoke.lua",
    ["boxupload.auth.secret_file"] = "lua/boxupload/auth/secret_file.lua",
    ["boxupload.auth.subject"] = "lua/boxupload/auth/subject.lua",
    ["boxupload.auth.token"] = "lua/boxupload/auth/token.lua",
    ["boxupload.auth.token_cache"] = "lua/boxupload/auth/token_cache.lua",
    ["boxupload.cli.argument"] = "lua/boxupload/cli/argument.lua",
    ["boxupload.cli.command.abort"] = "lua/boxupload/cli/command/abort.lua",
    ["boxupload.cli.command.commit"] = "lua/boxupload/cli/command/commit.lua",
    ["boxupload.cli.command.completion"] =
        "lua/boxupload/cli/command/completion.lua",
    ["boxupload.cli.command.doctor"] = "lua/boxupload/cli/command/doctor.lua",
    ["boxupload.cli.command.emulator"] =
        "lua/boxupload/cli/command/emulator.lua",
    ["boxupload.cli.command.gc"] = "lua/boxupload/cli/command/gc.lua",
    ["boxupload.cli.command.hash"] = "lua/boxupload/cli/command/hash.lua",
    ["boxupload.cli.command.login"] = "lua/boxupload/cli/command/login.lua",
    ["boxupload.cli.command.logout"] = "lua/boxupload/cli/command/logout.lua",
    ["boxupload.cli.command.manual"] = "lua/boxupload/cli/command/manual.lua",
    ["boxupload.cli.command.parts"] = "lua/boxupload/cli/command/parts.lua",
    ["boxupload.cli.command.resume"] = "lua/boxupload/cli/command/resume.lua",
    ["boxupload.cli.command.sessions"] =
        "lua/boxupload/cli/command/sessions.lua",
    ["boxupload.cli.command.status"] = "lua/boxupload/cli/command/status.lua",
    ["boxupload.cli.command.upload"] = "lua/boxupload/cli/command/upload.lua",
    ["boxupload.cli.command.verify"] = "lua/boxupload/cli/command/verify.lua",
    ["boxupload.cli.command.whoami"] = "lua/boxupload/cli/command/whoami.lua",
    ["boxupload.cli.context"] = "lua/boxupload/cli/context.lua",
    ["boxupload.cli.dependencies"] = "lua/boxupload/cli/dependencies.lua",
    ["boxupload.cli.doctor.machine"] = "lua/boxupload/cli/doctor/machine.lua",
    ["boxupload.cli.doctor.probe"] = "lua/boxupload/cli/doctor/probe.lua",
    ["boxupload.cli.files.base64"] = "lua/boxupload/cli/files/base64.lua",
    ["boxupload.cli.files.batch"] = "lua/boxupload/cli/files/batch.lua",
    ["boxupload.cli.files.box_folder"] =
        "lua/boxupload/cli/files/box_folder.lua",
    ["boxupload.cli.files.clash"] = "lua/boxupload/cli/files/clash.lua",
    ["boxupload.cli.files.dry_run"] = "lua/boxupload/cli/files/dry_run.lua",
    ["boxupload.cli.files.glob"] = "lua/boxupload/cli/files/glob.lua",
    ["boxupload.cli.files.part_hash"] =
        "lua/boxupload/cli/files/part_hash.lua",
    ["boxupload.cli.files.scan"] = "lua/boxupload/cli/files/scan.lua",
    ["boxupload.cli.files.stream"] = "lua/boxupload/cli/files/stream.lua",
    ["boxupload.cli.files.target_lock"] =
        "lua/boxupload/cli/files/target_lock.lua",
    ["boxupload.cli.files.walk"] = "lua/boxupload/cli/files/walk.lua",
    ["boxupload.cli.manual_page"] = "lua/boxupload/cli/manual_page.lua",
    ["boxupload.cli.output.bar"] = "lua/boxupload/cli/output/bar.lua",
    ["boxupload.cli.output.console"] = "lua/boxupload/cli/output/console.lua",
    ["boxupload.cli.output.exchange_log"] =
        "lua/boxupload/cli/output/exchange_log.lua",
    ["boxupload.cli.output.exit_code"] =
        "lua/boxupload/cli/output/exit_code.lua",
    ["boxupload.cli.output.format"] = "lua/boxupload/cli/output/format.lua",
    ["boxupload.cli.output.outcome"] = "lua/boxupload/cli/output/outcome.lua",
    ["boxupload.cli.output.progress"] =
        "lua/boxupload/cli/output/progress.lua",
    ["boxupload.cli.output.report"] = "lua/boxupload/cli/output/report.lua",
    ["boxupload.cli.output.summary"] = "lua/boxupload/cli/output/summary.lua",
    ["boxupload.cli.output.watch"] = "lua/boxupload/cli/output/watch.lua",
    ["boxupload.cli.output.width"] = "lua/boxupload/cli/output/width.lua",
    ["boxupload.cli.profile"] = "lua/boxupload/cli/profile.lua",
    ["boxupload.cli.prompt"] = "lua/boxupload/cli/prompt.lua",
    ["boxupload.cli.redirect_listener"] =
        "lua/boxupload/cli/redirect_listener.lua",
    ["boxupload.cli.session_argument"] =
        "lua/boxupload/cli/session_argument.lua",
    ["boxupload.cli.unfinished"] = "lua/boxupload/cli/unfinished.lua",
    ["boxupload.cli.upload_arguments"] =
        "lua/boxupload/cli/upload_arguments.lua",
    ["boxupload.client"] = "lua/boxupload/client.lua",
    ["boxupload.client_options"] = "lua/boxupload/client_options.lua",
    ["boxupload.journal.description"] =
        "lua/boxupload/journal/description.lua",
    ["boxupload.journal.head"] = "lua/boxupload/journal/head.lua",
    ["boxupload.journal.journal"] = "lua/boxupload/journal/journal.lua",
    ["boxupload.journal.owner"] = "lua/boxupload/journal/owner.lua",
    ["boxupload.journal_list"] = "lua/boxupload/journal_list.lua",
    ["boxupload.limits"] = "lua/boxupload/limits.lua",
    ["boxupload.loop.auto"] = "lua/boxupload/loop/auto.lua",
    ["boxupload.loop.condition"] = "lua/boxupload/loop/condition.lua",
    ["boxupload.loop.copas"] = "lua/boxupload/loop/copas.lua",
    ["boxupload.loop.cqueues"] = "lua/boxupload/loop/cqueues.lua",
    ["boxupload.loop.luv"] = "lua/boxupload/loop/luv.lua",
    ["boxupload.loop.openresty"] = "lua/boxupload/loop/openresty.lua",
    ["boxupload.loop.plain"] = "lua/boxupload/loop/plain.lua",
    ["boxupload.loop.waiter"] = "lua/boxupload/loop/waiter.lua",
    ["boxupload.service.abort"] = "lua/boxupload/service/abort.lua",
    ["boxupload.service.call"] = "lua/boxupload/service/call.lua",
    ["boxupload.service.commit"] = "lua/boxupload/service/commit.lua",
    ["boxupload.service.failure"] = "lua/boxupload/service/failure.lua",
    ["boxupload.service.fields"] = "lua/boxupload/service/fields.lua",
    ["boxupload.service.folder"] = "lua/boxupload/service/folder.lua",
    ["boxupload.service.item_name"] = "lua/boxupload/service/item_name.lua",
    ["boxupload.service.lookup"] = "lua/boxupload/service/lookup.lua",
    ["boxupload.service.part"] = "lua/boxupload/service/part.lua",
    ["boxupload.service.part_list"] = "lua/boxupload/service/part_list.lua",
    ["boxupload.service.reply"] = "lua/boxupload/service/reply.lua",
    ["boxupload.service.retry"] = "lua/boxupload/service/retry.lua",
    ["boxupload.service.session"] = "lua/boxupload/service/session.lua",
    ["boxupload.service.uploaded_file"] =
        "lua/boxupload/service/uploaded_file.lua",
    ["boxupload.service.user"] = "lua/boxupload/service/user.lua",
    ["boxupload.session"] = "lua/boxupload/session.lua",
    ["boxupload.start"] = "lua/boxupload/start.lua",
    ["boxupload.transfer"] = "lua/boxupload/transfer.lua",
    ["boxupload.upload.attributes"] = "lua/boxupload/upload/attributes.lua",
    ["boxupload.upload.chunked"] = "lua/boxupload/upload/chunked.lua",
    ["boxupload.upload.conflict"] = "lua/boxupload/upload/conflict.lua",
    ["boxupload.upload.file_hash"] = "lua/boxupload/upload/file_hash.lua",
    ["boxupload.upload.options"] = "lua/boxupload/upload/options.lua",
    ["boxupload.upload.part_uploader"] =
        "lua/boxupload/upload/part_uploader.lua",
    ["boxupload.upload.preflight"] = "lua/boxupload/upload/preflight.lua",
    ["boxupload.upload.reconcile"] = "lua/boxupload/upload/reconcile.lua",
    ["boxupload.upload.resume"] = "lua/boxupload/upload/resume.lua",
    ["boxupload.upload.small"] = "lua/boxupload/upload/small.lua",
    ["boxupload.upload.source"] = "lua/boxupload/upload/source.lua",
    ["boxupload.upload.spool"] = "lua/boxupload/upload/spool.lua",
    ["boxupload.upload.target"] = "lua/boxupload/upload/target.lua",
    ["boxupload.upload.whole"] = "lua/boxupload/upload/whole.lua",
    ["boxupload.util.box_url"] = "lua/boxupload/util/box_url.lua",
    ["boxupload.util.decimal"] = "lua/boxupload/util/decimal.lua",
    ["boxupload.util.fold"] = "lua/boxupload/util/fold.lua",
    ["boxupload.util.fold_data"] = "lua/boxupload/util/fold_data.lua",
    ["boxupload.util.interrupt"] = "lua/boxupload/util/interrupt.lua",
    ["boxupload.util.json"] = "lua/boxupload/util/json.lua",
    ["boxupload.util.native_coroutine"] =
        "lua/boxupload/util/native_coroutine.lua",
    ["boxupload.util.options"] = "lua/boxupload/util/options.lua",
    ["boxupload.util.redact"] = "lua/boxupload/util/redact.lua",
    ["boxupload.util.text"] = "lua/boxupload/util/text.lua",
    ["boxupload.util.timestamp"] = "lua/boxupload/util/timestamp.lua",
    ["boxupload.util.transfer_rate"] = "lua/boxupload/util/transfer_rate.lua",
    ["boxupload.util.url"] = "lua/boxupload/util/url.lua",
    ["boxupload.util.usage_error"] = "lua/boxupload/util/usage_error.lua",
    ["boxupload.util.user_folder"] = "lua/boxupload/util/user_folder.lua",
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
