# gather: build, test, install. `make help` lists the targets.

VERSION  := 0.1.0
MODE     ?= release
PREFIX   ?= /usr/local
DESTDIR  ?=
B        := build/$(MODE)

CC         ?= cc
AR         ?= ar
PKG_CONFIG ?= pkg-config
PKGS     := libcurl libcjson libcrypto zlib libbrotlidec
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wvla
# What makes a mistake in memory harder to use; check-hardening sees that it is there. Other modes have
# checks of their own, or need to be debugged.
HARDENING := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection \
             $(shell echo | $(CC) -fcf-protection -E - >/dev/null 2>&1 && echo -fcf-protection) -fPIE
CFLAGS_release := -O2 -g $(HARDENING)
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
CFLAGS_debug   := -O0 -g
CFLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
CFLAGS_tsan    := -O1 -g -fsanitize=thread
CFLAGS_cov     := -O0 -g --coverage
CFLAGS_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
ifeq ($(CFLAGS_$(MODE)),)
$(error MODE=$(MODE): one of release debug asan tsan cov fuzz)
endif
# libFuzzer is clang's.
ifeq ($(MODE) $(findstring clang,$(CC)),fuzz )
CC := clang
endif
# Silent about what is not installed: deps.sh says that better.
pkg = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
LANGUAGE := -std=c11 -pthread -D_GNU_SOURCE -DGATHER_VERSION='"$(VERSION)"' -Isrc \
            $(call pkg,--cflags $(PKGS))
# What a user gives in CPPFLAGS, CFLAGS, LDFLAGS and LIBS comes last, so that it wins.
COMPILE = $(CC) $(LANGUAGE) $(WARNINGS) $(CFLAGS_$(MODE)) $(CPPFLAGS) $(CFLAGS)
# Debian's libev has no .pc file.
ALL_LIBS := $(call pkg,--libs $(PKGS)) -lev -lm $(LIBS)

SRC  := $(sort $(wildcard src/*/*.c))
OBJ  := $(SRC:src/%.c=$(B)/%.o) $(B)/output/page_assets.o
MAIN := $(B)/cli/main.o
LIB  := $(B)/libgather.a
# Sanitizers have to be the first library themselves.
FAULTS := $(if $(filter release debug,$(MODE)),$(B)/faults/faults.so)
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZ ?= $(filter-out fuzz replay,$(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/*.c))))
FUZZERS := $(FUZZ:%=$(B)/fuzz/%)

# V=1 shows the commands.
Q     := $(if $(V),,@)
say   = @printf '  %-4s %s\n' $(1) $@
TOOLS := tests/tools
export CC CPPFLAGS CFLAGS PKG_CONFIG
export TSAN_OPTIONS := suppressions=$(CURDIR)/$(TOOLS)/tsan.txt $(TSAN_OPTIONS)
# What they find is not a failed request.
export ASAN_OPTIONS := exitcode=99:$(ASAN_OPTIONS)

## make                 build it: build/release/gather; MODE=debug, asan, tsan or cov beside it
all: $(B)/gather

$(B)/gather: $(MAIN) $(LIB)
	$(call say,LINK)
	$(Q)$(COMPILE) $(LDFLAGS_$(MODE)) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(LIB): $(filter-out $(MAIN),$(OBJ)) $(B)/members
	$(call say,AR)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

$(B)/%.o: src/%.c $(B)/flags Makefile
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

# The pages of --report, as arrays of lines. "??" could be a trigraph.
ASSETS := $(addprefix src/output/,page.html page.css page.js report.html report.js \
            comparison.html comparison.js)
$(B)/output/page_assets.o: $(B)/output/page_assets.c $(B)/flags
	$(call say,CC)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<
$(B)/output/page_assets.c: $(ASSETS) Makefile
	@mkdir -p $(@D)
	@{ echo '#include "output/page_assets.h"'; for file in $(notdir $(ASSETS)); do \
		echo "const char *const $${file%.*}_$${file##*.}[] = {"; \
		sed -e 's/[\\"?]/\\&/g' -e 's/.*/"&\\n",/' "src/output/$$file"; \
		echo '0};'; \
	done; } >$@

$(B)/unit/%: tests/unit/%.c $(LIB)
	$(call say,UNIT)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Itests/unit -MMD -MP -MF $@.d -MT $@ -o $@ $< $(LIB) \
		$(LDFLAGS_$(MODE)) $(LDFLAGS) $(call pkg,--cflags --libs cmocka) $(ALL_LIBS)

# With libFuzzer, or in other modes with a main() that gives a target its corpus again.
FUZZ_MAIN := $(if $(filter fuzz,$(MODE)),-fsanitize=fuzzer,$(B)/fuzz/replay.o)
$(B)/fuzz/%.o: tests/fuzz/%.c $(B)/flags Makefile
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<
$(B)/fuzz/%: $(B)/fuzz/%.o $(B)/fuzz/fuzz.o $(filter %.o,$(FUZZ_MAIN)) $(LIB)
	$(call say,FUZZ)
	$(Q)$(COMPILE) -o $@ $(filter-out %/replay.o,$(filter %.o,$^)) $(FUZZ_MAIN) $(LIB) \
		$(LDFLAGS_$(MODE)) $(LDFLAGS) $(ALL_LIBS)
.SECONDARY: $(FUZZERS:=.o)

-include $(OBJ:.o=.d) $(UNIT:=.d) $(wildcard $(B)/fuzz/*.d)

# Files that are new only when their text is: another compiler or other flags compile everything anew,
# and a source that is gone leaves the archive.
$(B)/flags: TEXT = $(COMPILE) / $(LDFLAGS_$(MODE)) $(LDFLAGS) $(ALL_LIBS)
$(B)/flags: IF_NEW = $(TOOLS)/deps.sh -n build
$(B)/members: TEXT = $(OBJ)
$(B)/members: IF_NEW = :
$(B)/flags $(B)/members: LINE = '$(subst ','\'',$(TEXT))'
$(B)/flags $(B)/members: ALWAYS
	@mkdir -p $(@D)
	@echo $(LINE) | cmp -s - $@ || { $(IF_NEW) && echo $(LINE) >$@; }

# The targets below are makes of their own, after deps, since this one has asked pkg-config already;
# on all cores unless told. They come one after another: they share apt and the build.
ifneq ($(filter deps demo unit check check-% coverage fuzz soak lint bench%,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif
AGAIN = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

## make deps            install from Debian what the build needs; SETS="build demo check lint" for all
SETS ?= build run
deps:
	@$(TOOLS)/deps.sh $(SETS)

## make demo            one list of URLs fetched three ways, against a server on this machine
demo:
	@$(TOOLS)/deps.sh build demo
	+@$(AGAIN) run-demo
run-demo: all
	@GATHER='$(CURDIR)/$(B)/gather' PYTHON="$$($(TOOLS)/python.sh asyncio,ssl)" tests/demo/demo.sh

## make check           all tests; ends with "N passed, N failed"
check:
	@$(TOOLS)/deps.sh build check
	+@$(AGAIN) run-check
# The sanitizers' part goes with the usual build alone. clang may come without its sanitizers.
HAS_SANITIZED := $(and $(filter build/release,$(B)),$(if $(findstring clang,$(CC)),,yes))
run-check: all $(UNIT) $(FAULTS) $(if $(HAS_SANITIZED),sanitized,$(FUZZERS))
	@GATHER='$(CURDIR)/$(B)/gather' \
		$(TOOLS)/check.sh $(TOOLS)/layers.py \
		$(if $(filter release,$(MODE)),$(TOOLS)/check_hardening.sh) $(UNIT) $(TOOLS) tests/origin \
		$(if $(FAULTS),tests/faults) SOAK_TIME=6 SOAK_RATE=500 tests/soak/soak.py \
		'GATHER_ARGS=--threads 1' tests/cli 'GATHER_ARGS=--threads 4' tests/cli \
		$(if $(HAS_SANITIZED),$(SANITIZED),$(FUZZERS))

## make check-sanitizers  the sanitizers and valgrind, in a minute; part of check
check-sanitizers:
	@$(TOOLS)/deps.sh build check
	+@$(AGAIN) run-check-sanitizers
run-check-sanitizers: all sanitized
	@$(TOOLS)/check.sh $(SANITIZED)
# All unit tests and the corpora of the fuzz targets with the address sanitizer, tests with threads and
# loops with the thread sanitizer, and the file that uses much of gather with both and with valgrind.
ASAN_UNIT := $(UNIT:$(B)/%=build/asan/%)
ASAN_FUZZERS := $(FUZZ:%=build/asan/fuzz/%)
TSAN_UNIT := $(patsubst %,build/tsan/unit/test_%,after async_examples channel child job lines loop offload \
             stream waits)
SANITIZED  = $(ASAN_UNIT) $(ASAN_FUZZERS) $(TSAN_UNIT) 'GATHER_ARGS=--threads 4' \
             'GATHER=$(CURDIR)/build/asan/gather' tests/cli/test_core.py \
             'GATHER=$(CURDIR)/build/tsan/gather' tests/cli/test_core.py \
             'GATHER=$(CURDIR)/build/release/gather' 'GATHER_WRAPPER=$(VALGRIND)' tests/cli/test_core.py
sanitized:
	+@$(MAKE) --no-print-directory MODE=asan all $(ASAN_UNIT) $(ASAN_FUZZERS)
	+@$(MAKE) --no-print-directory MODE=tsan all $(TSAN_UNIT)

## make check-hardening  the program has guards against mistakes in memory; part of check
check-hardening: all
	@GATHER='$(CURDIR)/$(B)/gather' $(TOOLS)/check_hardening.sh

## make check-faults    every call of the system fails once, and each run ends clean; some minutes
check-faults:
	@$(TOOLS)/deps.sh build check
	+@$(AGAIN) run-check-faults
run-check-faults: all $(FAULTS)
	@FAULTS=all GATHER='$(CURDIR)/$(B)/gather' $(TOOLS)/check.sh tests/faults
# To be preloaded. With FORTIFY its own calls would be others.
$(B)/faults/faults.so: tests/faults/faults.c $(B)/flags
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -U_FORTIFY_SOURCE -fPIC -shared -o $@ $<

## make unit            the unit tests alone
unit:
	@$(TOOLS)/deps.sh build check
	+@$(AGAIN) run-unit
run-unit: $(UNIT)
	@$(TOOLS)/check.sh $(UNIT)

## make check-compilers make check with gcc, with clang, and with the address sanitizer
check-compilers:
	@$(TOOLS)/deps.sh build check clang
	+@failed=0; for how in 'CC=gcc B=build/gcc' 'CC=clang B=build/clang' 'CC=gcc MODE=asan'; do \
		echo "make check $$how"; \
		$(MAKE) --no-print-directory check $$how || failed=1; \
	done; exit $$failed

## make fuzz            look for inputs that break it, with clang; FUZZ="glob link" FUZZ_TIME=60
FUZZ_TIME ?= 60
FUZZ_JOBS ?= $(shell nproc)
fuzz:
	@CC=clang $(TOOLS)/deps.sh build fuzz
	+@$(AGAIN) MODE=fuzz run-fuzz
run-fuzz: all $(FUZZERS)
	@FUZZ_TIME=$(FUZZ_TIME) tests/fuzz/run.sh $(FUZZ_JOBS) $(FUZZ)

## make check-valgrind  the tests of the command line, the slow ones too, under valgrind
check-valgrind:
	@$(TOOLS)/deps.sh build check valgrind
	+@$(AGAIN) run-check-valgrind
# Its words go to files, since tests read standard error, and begin with ==. What gather prints may be
# there too: valgrind's file takes the place of a standard stream that a test has closed. "Possible"
# leaks are those of threads that run on: when a second signal makes gather leave at once, and when a
# look-up was given up.
VALGRIND := valgrind --quiet --error-exitcode=99 --child-silent-after-fork=yes --leak-check=full \
            --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect \
            --suppressions=$(CURDIR)/$(TOOLS)/valgrind.txt
run-check-valgrind: all
	@rm -rf $(B)/valgrind
	@mkdir -p $(B)/valgrind
	@status=0; GATHER='$(CURDIR)/$(B)/gather' SLOW=1 \
		GATHER_WRAPPER='$(VALGRIND) --log-file=$(CURDIR)/$(B)/valgrind/%p' \
		$(TOOLS)/check.sh tests/cli || status=1; \
		! grep -rh '^==' $(B)/valgrind && exit $$status

## make coverage        what the tests run of each folder of src; fails where it is too little
coverage:
	@$(TOOLS)/deps.sh build check coverage
	+@$(AGAIN) MODE=cov run-coverage
# What a signal ends has no count, nor what leaves with _exit(). One thread has ways of its own of
# sharing slots. coverage.txt names the lines that nothing has run.
run-coverage: all $(UNIT)
	@find $(B) -name '*.gcda' -delete
	@status=0; GATHER='$(CURDIR)/$(B)/gather' SLOW=1 \
		$(TOOLS)/check.sh $(UNIT) 'GATHER_ARGS=--threads 4' tests/cli \
			'GATHER_ARGS=--threads 1' tests/cli/test_core.py tests/cli/test_policy.py \
			tests/cli/test_signals.py || status=1; \
		gcovr --root . --filter src/ --object-directory $(B) --txt $(B)/coverage.txt \
			--json-summary $(B)/coverage.json $(B) && \
		$(TOOLS)/coverage.py <$(B)/coverage.json && exit $$status

## make check-install   install into a folder, run it there, uninstall, see that nothing is left
check-install:
	@$(TOOLS)/deps.sh build
	+@$(AGAIN) all
	@MAKE='$(MAKE)' $(TOOLS)/check_install.sh

## make soak            an hour against servers that fail and restart; SOAK_TIME=3600 SOAK_RATE=2000
soak:
	@$(TOOLS)/deps.sh build soak
	+@$(AGAIN) all
	@GATHER='$(CURDIR)/$(B)/gather' tests/soak/soak.py

## make lint            format, compilers' warnings, static analysis, scripts, manual page, layers
lint:
	@$(TOOLS)/deps.sh build lint
	+@$(AGAIN) -k -O $(LINTS)
	@echo 'lint: clean'
LINTS   := $(addprefix run-lint-,format tidy cppcheck analyzer gcc clang shell man layers)
C_FILES := $(SRC) $(sort $(wildcard tests/*/*.c))
H_FILES := $(sort $(wildcard src/*/*.h tests/*/*.h))
SCRIPTS := .ci/run $(sort $(wildcard tests/*/*.sh))
STRICT  := $(LANGUAGE) $(WARNINGS) -Werror -Itests/unit
each     = printf '%s\n' $(1) | xargs -P "$$(nproc)" -I FILE
run-lint-format:
	$(call say,LINT)
	@clang-format --dry-run --Werror $(C_FILES) $(H_FILES)
# The sources alone: it does not know that cmocka's assertions end a test. Its standard error counts
# what it left out of the system's headers.
run-lint-tidy:
	$(call say,LINT)
	@words=$$(mktemp); $(call each,$(SRC)) clang-tidy --quiet FILE -- $(LANGUAGE) 2>"$$words"; \
		status=$$?; grep -v 'warnings generated' "$$words"; rm "$$words"; exit $$status
# uninitvar: it does not see the loops in uthash's macros, and the compilers find the same.
run-lint-cppcheck:
	$(call say,LINT)
	@cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --std=c11 \
		--suppress=uninitvar \
		-D_GNU_SOURCE -Isrc src tests/unit
# The sources alone, as for clang-tidy. malloc-leak: what the macros of uthash allocate hangs on the
# caller's table, which it loses sight of.
ANALYZE := gcc $(STRICT) -fanalyzer -O1 -S -o /dev/null
TABLES  := src/output/host_table.c src/policy/scheduler.c src/transfer/origin.c
run-lint-analyzer:
	$(call say,LINT)
	@$(call each,$(filter-out $(TABLES),$(SRC))) $(ANALYZE) FILE
	@$(call each,$(TABLES)) $(ANALYZE) -Wno-analyzer-malloc-leak FILE
# Optimized, since some warnings come from following the values.
run-lint-gcc:
	$(call say,LINT)
	@gcc $(STRICT) -fsyntax-only $(H_FILES)
	@$(call each,$(C_FILES)) gcc $(STRICT) -O2 -S -o /dev/null FILE
run-lint-clang:
	$(call say,LINT)
	@clang $(STRICT) -fsyntax-only $(C_FILES)
	@clang $(STRICT) -Wno-unused-function -fsyntax-only $(H_FILES)
run-lint-shell:
	$(call say,LINT)
	@shellcheck $(SCRIPTS)
run-lint-man:
	$(call say,LINT)
	@$(if $(wildcard man/*.1),mandoc -Tlint -W warning $(wildcard man/*.1))
run-lint-layers:
	$(call say,LINT)
	@$(TOOLS)/layers.py

## make bench           gather beside its peers (BENCHMARKS.md); BENCH="--only small-100 --repeat 3"
bench bench-quick: bench-deps
	+@$(AGAIN) all
	@/usr/bin/python3 tests/bench/bench.py $(if $(filter bench-quick,$@),--quick) $(BENCH)
## make bench-quick     the same with small counts, in two minutes
## make bench-deps      install the peers, from Debian and npm
bench-deps:
	@$(TOOLS)/deps.sh build
	@tests/bench/deps.sh build/bench

## make bench-scheduler the scheduler alone: starts a second, memory for a host
bench-scheduler:
	@$(TOOLS)/deps.sh build
	+@$(AGAIN) run-bench-scheduler
run-bench-scheduler: $(B)/bench/scheduler
	@$<
$(B)/bench/scheduler: tests/bench/scheduler.c $(LIB)
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -MF $@.d -MT $@ -o $@ $< $(LIB) $(LDFLAGS) $(ALL_LIBS)
-include $(B)/bench/scheduler.d

## make install         into PREFIX (/usr/local), below DESTDIR when packing
D    = $(DESTDIR)$(PREFIX)
DOCS := README.md LICENSE urls.example.txt
install: all
	@install -d '$(D)/bin' '$(D)/share/man/man1' '$(D)/share/doc/gather' \
		'$(D)/share/bash-completion/completions' '$(D)/share/zsh/site-functions' \
		'$(D)/share/fish/vendor_completions.d'
	install $(B)/gather '$(D)/bin'
	install -m 644 man/gather.1 '$(D)/share/man/man1'
	install -m 644 $(DOCS) '$(D)/share/doc/gather'
	$(B)/gather --completions bash >'$(D)/share/bash-completion/completions/gather'
	$(B)/gather --completions zsh >'$(D)/share/zsh/site-functions/_gather'
	$(B)/gather --completions fish >'$(D)/share/fish/vendor_completions.d/gather.fish'

## make uninstall       remove what install put there
uninstall:
	rm -f '$(D)/bin/gather' '$(D)/share/man/man1/gather.1' \
		'$(D)/share/bash-completion/completions/gather' \
		'$(D)/share/zsh/site-functions/_gather' \
		'$(D)/share/fish/vendor_completions.d/gather.fish' \
		$(DOCS:%='$(D)/share/doc/gather/%')
	@rmdir '$(D)/share/doc/gather' 2>/dev/null || :

## make dist            pack the last commit: gather-VERSION.tar.gz
dist:
	@$(TOOLS)/deps.sh dist
	git archive --prefix=gather-$(VERSION)/ -o gather-$(VERSION).tar.gz HEAD

## make clean           remove what was built
clean:
	rm -rf build
	find tests -name __pycache__ -prune -exec rm -rf {} +

## CC, CPPFLAGS, CFLAGS, LDFLAGS, LIBS, PKG_CONFIG, PYTHON as usual; V=1 shows the commands
help:
	@sed -n 's/^## //p' Makefile

.DELETE_ON_ERROR:
.PHONY: all ALWAYS deps demo unit check check-compilers check-sanitizers check-valgrind check-install \
        check-faults coverage fuzz soak lint bench bench-quick bench-deps bench-scheduler install uninstall \
        dist clean help run-demo run-unit run-check run-check-faults run-check-sanitizers \
        run-check-valgrind run-coverage run-fuzz sanitized run-bench-scheduler $(LINTS)
