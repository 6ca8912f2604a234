# boxupload: build, install, tests and checks. `make help` lists the targets.
# SPDX-License-Identifier: MIT

# The interpreter to build for, or its path: lua5.4 lua5.5 lua5.3 lua5.2 lua5.1
# luajit.
LUA = lua5.4
PREFIX = /usr/local
PKG_CONFIG = pkg-config
CFLAGS = -O2 -g
# NO_INSTALL=1: `make setup` only lists what is missing.
# WERROR=1: warnings are errors.
# VARIANT: a suffix for builds with other flags (sanitizers).
VARIANT =

# --- which Lua -------------------------------------------------------------

# Asks the interpreter itself. Until it is installed, its name has to do.
ABI := $(shell $(LUA) -e \
  'print(jit and "luajit" or "lua" .. _VERSION:match("%d%.%d"))' 2>/dev/null)
ifeq ($(ABI),)
  ABI := $(notdir $(LUA))
endif
LUA_VERSION := $(patsubst lua%,%,$(patsubst luajit,lua5.1,$(ABI)))

# Distributions disagree on the .pc file's name: lua5.4, lua-5.4, lua54, lua.
ifeq ($(ABI),luajit)
  LUA_PC := luajit
else
  LUA_PC := $(shell for name in lua$(LUA_VERSION) lua-$(LUA_VERSION) \
    lua$(subst .,,$(LUA_VERSION)) lua; do \
    case $$($(PKG_CONFIG) --modversion $$name 2>/dev/null) in \
    ($(LUA_VERSION)*) echo $$name; break ;; esac; done)
endif
LUA_CFLAGS := $(if $(LUA_PC),$(shell $(PKG_CONFIG) --cflags $(LUA_PC) \
  2>/dev/null),)

# --- flags -----------------------------------------------------------------

pc_cflags = $(shell $(PKG_CONFIG) --cflags $(1) 2>/dev/null)
pc_libs = $(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null)

WARNINGS = -Wall -Wextra -Wshadow -Wwrite-strings -Wmissing-prototypes \
  -Wstrict-prototypes -Wvla -Wpointer-arith -Wundef
ifdef WERROR
  WARNINGS += -Werror
endif

# Words of $(1) that the compiler knows.
cc_knows = $(foreach flag,$(1),$(shell echo 'int x;' | \
  $(CC) $(flag) -Werror -c -x c - -o /dev/null 2>/dev/null && echo '$(flag)'))

# What guards against overflows; and no folder of this machine in what is
# built, so that every folder gives the same bytes.
GUARDS := $(call cc_knows,-fstack-protector-strong \
  -ffile-prefix-map=$(CURDIR)=.)
ifeq ($(shell uname -s),Darwin)
  LINK_GUARDS =
else
  LINK_GUARDS = -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
endif

C_FLAGS = -std=c99 -fPIC -fvisibility=hidden -pthread $(WARNINGS) $(GUARDS) \
  -MMD -MP
CORE_FLAGS := $(C_FLAGS) $(call pc_cflags,libcurl libcrypto)
BINDING_FLAGS := $(CORE_FLAGS) $(LUA_CFLAGS)
# 64-bit files and times, as src/core/platform.h has them.
WIDE = -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
TEST_FLAGS := $(CORE_FLAGS) -D_XOPEN_SOURCE=700 $(WIDE) -iquote src/core \
  $(call pc_cflags,cmocka libmicrohttpd)
EMULATOR_FLAGS := $(C_FLAGS) -D_GNU_SOURCE $(WIDE) $(if $(findstring -fsanitize,$(CFLAGS)),, \
  $(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)),-U_FORTIFY_SOURCE \
  -D_FORTIFY_SOURCE=2)) -iquote spec/emulator \
  $(call pc_cflags,libmicrohttpd jansson libcrypto)

CORE_LIBS := $(call pc_libs,libcurl libcrypto) -pthread \
  $(if $(filter Linux,$(shell uname -s)),-ldl)
TEST_LIBS := $(call pc_libs,cmocka libmicrohttpd) $(CORE_LIBS)
EMULATOR_LIBS := $(call pc_libs,libmicrohttpd jansson libcrypto) -pthread

ifeq ($(shell uname -s),Darwin)
  MODULE_FLAGS = -bundle -undefined dynamic_lookup
else
  MODULE_FLAGS = -shared
endif

# --- files -----------------------------------------------------------------

OUT = build/$(ABI)$(VARIANT)
COMMON = build/common$(VARIANT)
MODULE = $(OUT)/boxupload/core.so
EMULATOR = build/bin/box-emulator
HOST = $(OUT)/host
# A server for specs, which says whatever they want.
HOSTILE = build/bin/hostile
# Makes calls of a process fail, for a spec: where there is LD_PRELOAD.
ifeq ($(shell uname -s),Linux)
  FAILING = build/bin/failing.so
endif

objects = $(patsubst %.c,$(1)/%.o,$(2))
CORE := $(call objects,$(COMMON),$(wildcard src/core/*.c))
BINDING := $(call objects,$(OUT),$(wildcard src/binding/*.c))
EMULATION := $(call objects,$(COMMON), \
  $(wildcard spec/emulator/*.c spec/emulator/*/*.c))
UNIT_TESTS := $(patsubst spec/core/%.c,$(COMMON)/spec/core/%, \
  $(wildcard spec/core/*_test.c))
UNIT_SUPPORT := $(call objects,$(COMMON), \
  $(filter-out %_test.c,$(wildcard spec/core/*.c)))
BENCHES := $(patsubst bench/%.c,$(COMMON)/bench/%,$(wildcard bench/*.c))
LUA_FILES := $(patsubst lua/%,%,$(shell find lua -name '*.lua' 2>/dev/null))

# The environment for running this tree's modules, and those that the user's
# own variables name. A Lua takes the one with its version first; specs set the
# other. ";;" stands for the defaults.
PATHS := LUA_PATH_$(subst .,_,$(LUA_VERSION))
CPATHS := LUA_CPATH_$(subst .,_,$(LUA_VERSION))
RUN_ENV = env -u $(PATHS) -u $(CPATHS) LUA='$(LUA)' \
  LUA_PATH='$(CURDIR)/lua/?.lua;'"$${$(PATHS):-$${LUA_PATH:-;}}" \
  LUA_CPATH='$(CURDIR)/$(OUT)/?.so;'"$${$(CPATHS):-$${LUA_CPATH:-;}}" \
  BOXUPLOAD_LUA='$(LUA)' BOXUPLOAD_BUILD='$(ABI)$(VARIANT)'

# --- build -----------------------------------------------------------------

.PHONY: all module env emulator help FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(MODULE) build/bin/boxupload ## build the module for $(LUA)

module: $(MODULE)

$(MODULE): $(CORE) $(BINDING)
	@mkdir -p $(@D) && echo '  LD $@'
	@$(CC) $(MODULE_FLAGS) $(LINK_GUARDS) $(CFLAGS) $(LDFLAGS) -o $@ $^ \
	  $(CORE_LIBS)

# Objects are rebuilt when the flags differ from those of the last build.
$(CORE) $(EMULATION) $(UNIT_SUPPORT): $(COMMON)/flags
$(BINDING): $(OUT)/flags
$(OUT)/flags $(COMMON)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(GUARDS) $(CFLAGS) $(CPPFLAGS)' | cmp -s - $@ || \
	  echo '$(CC) $(GUARDS) $(CFLAGS) $(CPPFLAGS)' > $@

compile = @mkdir -p $(@D) && echo '  CC $<' && \
  $(CC) $(1) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(COMMON)/src/core/%.o: src/core/%.c
	$(call compile,$(CORE_FLAGS))

$(OUT)/src/binding/%.o: src/binding/%.c
	$(if $(LUA_PC)$(LUA_CFLAGS),,$(error no headers of $(ABI): run 'make setup'))
	$(call compile,$(BINDING_FLAGS))

$(COMMON)/spec/emulator/%.o: spec/emulator/%.c
	$(call compile,$(EMULATOR_FLAGS))

$(COMMON)/spec/core/%.o: spec/core/%.c $(COMMON)/flags
	$(call compile,$(TEST_FLAGS))

# Rewritten only if it changes: it names the Lua of the last build. Tests choose
# a build by the environment, whatever was built last.
build/bin/boxupload: tools/boxupload.in FORCE
	@mkdir -p $(@D)
	@sed -e 's|@LUA@|"$${BOXUPLOAD_LUA:-$(LUA)}"|' -e 's|@UP@|../..|' \
	  -e 's|@LUA_DIR@|lua|' -e 's|@EMULATOR@|$(EMULATOR)|' \
	  -e 's|@C_DIR@|build/$${BOXUPLOAD_BUILD:-$(ABI)}|' $< > $@.new
	@chmod 755 $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

emulator: $(EMULATOR) ## build the Box emulator, build/bin/box-emulator

$(EMULATOR): $(EMULATION)
	@mkdir -p $(@D) && echo '  LD $@'
	@$(CC) -pie $(LINK_GUARDS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(EMULATOR_LIBS)

env: ## print the exports that let any Lua program find this tree
	@name=$(if $($(PATHS)),$(PATHS),LUA_PATH); \
	  echo "export $$name='$(CURDIR)/lua/?.lua;'\"\$${$$name:-;}\""
	@name=$(if $($(CPATHS)),$(CPATHS),LUA_CPATH); \
	  echo "export $$name='$(CURDIR)/$(OUT)/?.so;'\"\$${$$name:-;}\""

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## /\1|/p' Makefile | \
	  while IFS='|' read -r name text; do \
	    printf '  make %-16s %s\n' "$$name" "$$text"; done
	@echo 'Variables: LUA=lua5.4|lua5.5|lua5.3|lua5.2|lua5.1|luajit CC CFLAGS' \
	  'LDFLAGS PREFIX DESTDIR NO_INSTALL=1 WERROR=1'

# --- what the build needs --------------------------------------------------

.PHONY: setup setup-lint
export NO_INSTALL

setup: ## install what building, testing and the demo need
	@tools/setup '$(LUA)' build test

setup-lint:
	@tools/setup '$(LUA)' build test lint

# --- demo, tests -----------------------------------------------------------

# In sub-makes, since `setup` may just have installed what they look for.
.PHONY: demo test test-all test-gc test-run unit specs sanitize thread-sanitize

demo: setup ## upload 256 MiB to the emulator and check what arrived
	@$(MAKE) --no-print-directory demo-run

.PHONY: demo-run
demo-run: all emulator
	@$(RUN_ENV) tools/with-emulator $(LUA) examples/demo.lua

test: setup ## run the unit tests and the specs under $(LUA)
	@$(MAKE) --no-print-directory test-run

# Tests of a variant use the plain emulator, which is built before.
test-run: all $(if $(LUA_PC),$(HOST)) $(FAILING) $(HOSTILE) $(if $(VARIANT),,emulator) $(UNIT_TESTS)
	@$(RUN_ENV) tools/test --specs $(UNIT_TESTS)

$(COMMON)/spec/core/%_test: $(COMMON)/spec/core/%_test.o $(UNIT_SUPPORT) \
  $(CORE)
	@echo '  LD $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TEST_LIBS)

# A program that embeds this Lua.
$(HOST): spec/host/host.c $(OUT)/flags
	@mkdir -p $(@D) && echo '  CC $<'
	@$(CC) -std=c99 -D_GNU_SOURCE $(WARNINGS) $(CPPFLAGS) $(CFLAGS) \
	  $(LUA_CFLAGS) $(LDFLAGS) -pthread -o $@ $< \
	  $(call pc_libs,$(LUA_PC)) -ldl

build/bin/failing.so: spec/host/failing.c
	@mkdir -p $(@D) && echo '  CC $<'
	@$(CC) -std=c99 -D_GNU_SOURCE $(WARNINGS) -O2 -g -fPIC -shared \
	  -fno-builtin -fvisibility=hidden -o $@ $< -ldl

$(HOSTILE): spec/host/hostile.c
	@mkdir -p $(@D) && echo '  CC $<'
	@$(CC) -std=c99 -D_GNU_SOURCE $(WARNINGS) -O2 -g -pthread -o $@ $< \
	  $(call pc_cflags,jansson) $(call pc_libs,jansson)

.PHONY: host
host: $(HOST)

.PHONY: unit-tests benches
unit-tests: $(UNIT_TESTS)
benches: $(BENCHES)

unit: $(UNIT_TESTS) ## run the C unit tests only
	@tools/test $(UNIT_TESTS)

specs: all $(if $(LUA_PC),$(HOST)) $(FAILING) $(HOSTILE) emulator ## run the busted specs only (SPECS=... for some)
	@$(RUN_ENV) tools/test --specs

test-all: ## run the tests under every available Lua (CI=true: all must be)
	@MAKE='$(MAKE)' tools/test-all

.PHONY: test-oldest test-newest test-32-bit test-musl
test-oldest test-newest test-32-bit test-musl: setup
	@LUA='$(LUA)' tools/test-in $(@:test-%=%)
test-oldest: ## run the tests with the oldest libraries (root, Debian)
test-newest: ## run the tests with the newest libraries and Lua 5.5
test-32-bit: ## run the tests with 32 bits
test-musl: ## run the specs with musl, built from sources

GC_SPECS = $(patsubst %,spec/%_spec.lua,session transfer server source client)

test-gc: ## run specs of the binding with the collector running all the time
	@for lua in lua5.1 luajit lua5.4; do \
	  echo "== $$lua"; \
	  tools/setup $$lua build test || exit 1; \
	  BOXUPLOAD_GC=1 SPECS='$(GC_SPECS)' \
	    $(MAKE) --no-print-directory specs LUA=$$lua || exit 1; \
	done

SANITIZE = -O1 -g -fno-omit-frame-pointer

# The module stays loaded: the leak sanitizer crashes when it scans thread-local
# storage of an unloaded one.
sanitize: setup ## run the tests under the address and undefined sanitizers
	@$(MAKE) --no-print-directory emulator
	@LUA='$(LUA)' tools/sanitize $(MAKE) --no-print-directory \
	  test-run VARIANT=-asan \
	  CFLAGS='$(SANITIZE) -fsanitize=address,undefined \
	  -fno-sanitize-recover=undefined' LDFLAGS='$(LDFLAGS) -Wl,-z,nodelete'

# The unit tests, and a program that uses the engine from several Lua states.
# Lua itself isn't instrumented.
thread-sanitize: export TSAN_OPTIONS := halt_on_error=1 $(TSAN_OPTIONS)
thread-sanitize: setup ## run the unit tests under the thread sanitizer
	@$(MAKE) --no-print-directory unit module host VARIANT=-tsan \
	  CFLAGS='$(SANITIZE) -fsanitize=thread'
	@BOXUPLOAD_HOST='$(ABI)-tsan' SPECS=spec/host_spec.lua \
	  BUSTED='--filter=threads' $(MAKE) --no-print-directory specs

# --- checks ----------------------------------------------------------------

.PHONY: check check-run lint lint-run format

check: setup-lint ## check quickly while working: changed files, most tests
	@$(MAKE) --no-print-directory check-run

check-run: all $(if $(LUA_PC),$(HOST)) $(FAILING) $(HOSTILE) emulator $(UNIT_TESTS)
	@$(RUN_ENV) tools/check $(UNIT_TESTS)

lint: setup-lint ## check style, warnings and structure
	@$(MAKE) --no-print-directory lint-run

lint-run:
	@MAKE='$(MAKE)' LUA='$(LUA)' PKG_CONFIG='$(PKG_CONFIG)' \
	  tools/lint

format: ## format the C sources with clang-format
	clang-format -i src/*/*.[ch] $(wildcard spec/*/*.[ch] \
	  spec/emulator/*/*.[ch] bench/*.[ch])

# --- benchmark -------------------------------------------------------------

.PHONY: bench bench-openresty

$(COMMON)/bench/%: bench/%.c
	@mkdir -p $(@D) && echo '  CC $<'
	@$(CC) -std=c99 -D_XOPEN_SOURCE=700 $(WARNINGS) -O2 -g $(CPPFLAGS) \
	  $(LDFLAGS) -pthread -o $@ $< $(call pc_cflags,libcurl libcrypto) \
	  $(CORE_LIBS)

bench: all emulator $(BENCHES) ## compare with a bare libcurl loop (BENCH_SIZE=... and so on)
	@$(RUN_ENV) bench/run $(COMMON)/bench

bench-openresty: setup all emulator $(BENCHES) ## measure how an upload slows other requests in nginx (LUA=luajit)
	@$(RUN_ENV) TMPDIR=$${TMPDIR:-/dev/shm} \
	  EMULATOR="$${EMULATOR:---no-verify-file}" tools/with-emulator \
	  bench/openresty/run $(COMMON)/bench/latency

# --- install ---------------------------------------------------------------

.PHONY: install uninstall manual rockspec rock clean

SHARE = $(DESTDIR)$(PREFIX)/share/lua/$(LUA_VERSION)
LIB = $(DESTDIR)$(PREFIX)/lib/lua/$(LUA_VERSION)
BIN = $(DESTDIR)$(PREFIX)/bin
LIBEXEC = $(DESTDIR)$(PREFIX)/libexec/boxupload
MAN = $(DESTDIR)$(PREFIX)/share/man/man1
BASH_COMPLETION = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSH_COMPLETION = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
FISH_COMPLETION = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d

install: all ## install under PREFIX (and DESTDIR)
	@for file in $(LUA_FILES); do \
	  mkdir -p "$(SHARE)/$$(dirname $$file)" && \
	  install -m 644 lua/$$file "$(SHARE)/$$file" || exit 1; done
	@mkdir -p "$(LIB)/boxupload" "$(BIN)"
	@install -m 755 $(MODULE) "$(LIB)/boxupload/core.so"
	@sed -e 's|@LUA@|$(LUA)|' -e 's|@UP@|..|' \
	  -e 's|@LUA_DIR@|share/lua/$(LUA_VERSION)|' \
	  -e 's|@C_DIR@|lib/lua/$(LUA_VERSION)|' \
	  -e 's|@EMULATOR@|libexec/boxupload/box-emulator|' tools/boxupload.in \
	  > "$(BIN)/boxupload"
	@chmod 755 "$(BIN)/boxupload"
	@if [ -x $(EMULATOR) ]; then mkdir -p "$(LIBEXEC)" && \
	  install -m 755 $(EMULATOR) "$(LIBEXEC)/box-emulator"; fi
	@mkdir -p "$(MAN)" && install -m 644 docs/boxupload.1 "$(MAN)"
	@mkdir -p "$(BASH_COMPLETION)" "$(ZSH_COMPLETION)" "$(FISH_COMPLETION)"
	@$(RUN_ENV) build/bin/boxupload completion bash \
	  > "$(BASH_COMPLETION)/boxupload"
	@$(RUN_ENV) build/bin/boxupload completion zsh \
	  > "$(ZSH_COMPLETION)/_boxupload"
	@$(RUN_ENV) build/bin/boxupload completion fish \
	  > "$(FISH_COMPLETION)/boxupload.fish"
	@echo "installed $(BIN)/boxupload, $(SHARE)/boxupload*," \
	  "$(LIB)/boxupload/core.so"

uninstall: ## remove what install wrote
	rm -f "$(SHARE)/boxupload.lua" "$(BIN)/boxupload" "$(MAN)/boxupload.1" \
	  "$(BASH_COMPLETION)/boxupload" "$(ZSH_COMPLETION)/_boxupload" \
	  "$(FISH_COMPLETION)/boxupload.fish"
	rm -rf "$(SHARE)/boxupload" "$(LIB)/boxupload" "$(LIBEXEC)"

manual: all ## write docs/boxupload.1 from the command's own help
	@$(RUN_ENV) build/bin/boxupload manual > docs/boxupload.1

rockspec: ## update the lists of sources and modules in the rockspec
	@$(LUA) tools/rockspec.lua rockspec/boxupload-scm-1.rockspec

rock: ## build and install the rock into build/rock, without a network
	@LUA='$(LUA)' tools/rock build/rock

clean: ## remove everything built
	rm -rf build

-include $(CORE:.o=.d) $(BINDING:.o=.d) $(EMULATION:.o=.d)
-include $(UNIT_SUPPORT:.o=.d) $(UNIT_TESTS:=.d)
