# apportion: build, measure, test. `make` alone prints what there is.
#
# Finds allocators/*.c (a backend each), workloads/*.c and tests/ by itself. A backend names its
# link flags in its own file, on a line `/* link: … */`; so does a unit test.

CC = gcc
PREFIX = /usr/local
DESTDIR =

# ---- configuration: compiler, sanitizers and VALGRIND=1 each build in a directory of their own ----
empty :=
comma := ,
CC_KIND := $(if $(findstring clang,$(notdir $(firstword $(CC)))),clang,gcc)
BUILD := build$(if $(filter clang,$(CC_KIND)),-clang)$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))$(if $(VALGRIND),-valgrind)

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Werror
INCLUDES := -I. -Iallocators/arena -Iallocators/pool -Iworkloads/split
COMMON := -std=gnu11 -D_GNU_SOURCE -g $(WARNINGS) $(INCLUDES) $(if $(VALGRIND),-DAPPORTION_VALGRIND)
SANITIZER := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
OPTIMISE := $(if $(SANITIZE)$(VALGRIND),-O1,-O2)
LTO := $(if $(SANITIZE),,-flto$(if $(filter gcc,$(CC_KIND)),=auto))
LINKER := $(if $(filter clang,$(CC_KIND)),-fuse-ld=lld)
# --no-as-needed: with LTO an allocator's library is otherwise dropped before its symbols are needed.
RUNNER_LINK := -Wl,--no-as-needed
CFLAGS = $(OPTIMISE) $(SANITIZER)

LIB_LIBS :=
RUNNER_LIBS := -lcsv -lgsl -lgslcblas -lm -ldl -lpthread
DRIVER_LIBS := -lhwloc -ljansson -lgsl -lgslcblas -lcsv -lm -lpthread

# ---- sources ----
LIB_SRC := $(sort $(wildcard allocators/arena/*.c allocators/pool/*.c workloads/split/*.c))
BACKENDS_SRC := $(sort $(wildcard allocators/*.c))
BACKENDS_ALL := $(BACKENDS_SRC:allocators/%.c=%)
WORKLOAD_SRC := $(sort $(wildcard workloads/*.c))
SHARED_SRC := $(sort $(wildcard harness/*.c))
RUNNER_SRC := $(filter-out harness/topology.c,$(SHARED_SRC)) $(sort $(wildcard harness/runner/*.c workloads/support/*.c))
DRIVER_SRC := $(SHARED_SRC) $(sort $(wildcard harness/driver/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
E2E := $(sort $(wildcard tests/e2e/*.t))

lib_objects = $(LIB_SRC:%.c=$(BUILD)/pic/%.o)
lto_objects = $(RUNNER_SRC:%.c=$(BUILD)/lto/%.o) $(LIB_SRC:%.c=$(BUILD)/lto/%.o)
driver_objects = $(DRIVER_SRC:%.c=$(BUILD)/obj/%.o)
RUNNERS := $(BACKENDS_ALL:%=$(BUILD)/runners/%)

first_words = $(shell sed -n 's|^/\* link: *\(.*[^ ]\) *\*/.*|\1|p' $(1) | head -n 1)

.DEFAULT_GOAL := help
.PHONY: help all lib driver runners
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# ---- rules; every object depends on its headers and on the flags it was built with ----
flags := $(CC) $(COMMON) $(CFLAGS) $(LTO) $(RUNNER_LINK) $(LINKER)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D); printf '%s\n' '$(flags)' | cmp -s - $@ || printf '%s\n' '$(flags)' > $@
FORCE:

$(BUILD)/pic/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(COMMON) $(CFLAGS) -fPIC -fvisibility=hidden -MMD -MP -c $< -o $@

$(BUILD)/lto/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(COMMON) $(CFLAGS) $(LTO) -fPIE -MMD -MP -c $< -o $@

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(COMMON) $(CFLAGS) -fPIE -MMD -MP $(build_facts) -c $< -o $@

# A backend is compiled into each workload (allocators/allocator.h says why).
define workload_rule
$(BUILD)/lto/$(1)/workloads/%.o: workloads/%.c allocators/$(1).c $(BUILD)/flags
	@mkdir -p $$(@D)
	$$(CC) $$(COMMON) $$(CFLAGS) $$(LTO) -fPIE -MMD -MP -DALLOCATOR_LINKAGE=static \
	  -include allocators/$(1).c -c $$< -o $$@
$(BUILD)/runners/$(1): $(WORKLOAD_SRC:%.c=$(BUILD)/lto/$(1)/%.o)
endef
$(foreach backend,$(BACKENDS_ALL),$(eval $(call workload_rule,$(backend))))

$(RUNNERS): $(BUILD)/runners/%: $(BUILD)/lto/allocators/%.o $(lto_objects)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LTO) -pie $(LINKER) -o $@ $^ $(RUNNER_LINK) \
	  $(call first_words,allocators/$*.c) $(RUNNER_LIBS)

$(BUILD)/apportion: $(driver_objects)
	$(CC) $(CFLAGS) -pie $(LINKER) -o $@ $^ $(DRIVER_LIBS)

# Facts the driver records with each run.
$(BUILD)/obj/harness/driver/environment.o: build_facts = \
  -DBUILD_COMPILER='"$(shell $(CC) --version | head -n 1)"' -DBUILD_FLAGS='"$(CFLAGS) $(LTO)"'

# ---- the library by itself ----
VERSION := 0.1.0
SOVERSION := 0
PUBLIC_HEADERS := $(sort $(foreach f,$(wildcard allocators/arena/*.h allocators/pool/*.h workloads/split/*.h),\
  $(if $(shell grep -l '^#ifndef APPORTION_' $(f)),$(f))))
lib_static := $(BUILD)/libapportion.a
lib_shared := $(BUILD)/libapportion.so.$(VERSION)

# nodelete: threads that end call into the library (string_arena_thread.c).
# One relocatable object with the hidden symbols made local: the archive shows public names only.
$(lib_static): $(lib_objects)
	ld -r -o $(BUILD)/libapportion.o $^
	objcopy --localize-hidden $(BUILD)/libapportion.o
	rm -f $@ && ar rcs $@ $(BUILD)/libapportion.o

$(lib_shared): $(lib_objects)
	$(CC) $(CFLAGS) $(LINKER) -shared -Wl,-soname,libapportion.so.$(SOVERSION) -Wl,-z,defs -Wl,-z,nodelete -o $@ $^ $(LIB_LIBS)

.PHONY: install
install: $(lib_static) $(lib_shared)
	install -d '$(DESTDIR)$(PREFIX)/include/apportion' '$(DESTDIR)$(PREFIX)/lib/pkgconfig'
	install -m 644 $(PUBLIC_HEADERS) '$(DESTDIR)$(PREFIX)/include/apportion'
	install -m 644 $(lib_static) $(lib_shared) '$(DESTDIR)$(PREFIX)/lib'
	ln -sf libapportion.so.$(VERSION) '$(DESTDIR)$(PREFIX)/lib/libapportion.so.$(SOVERSION)'
	ln -sf libapportion.so.$(SOVERSION) '$(DESTDIR)$(PREFIX)/lib/libapportion.so'
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' apportion.pc.in \
	  > '$(DESTDIR)$(PREFIX)/lib/pkgconfig/apportion.pc'

# ---- unit tests: `/* link: … */` in a test names what it is built with ----
UNIT := $(UNIT_SRC:%.c=$(BUILD)/%)
unit_link = $(or $(call first_words,$(1)),lib)
unit_objects_lib := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
unit_objects_driver := $(LIB_SRC:%.c=$(BUILD)/obj/%.o) $(filter-out %/driver/main.o,$(DRIVER_SRC:%.c=$(BUILD)/obj/%.o))
unit_objects_runner := $(LIB_SRC:%.c=$(BUILD)/obj/%.o) $(filter-out %/runner/main.o,$(RUNNER_SRC:%.c=$(BUILD)/obj/%.o)) $(WORKLOAD_SRC:%.c=$(BUILD)/obj/%.o)
unit_kind = $(firstword $(call unit_link,$(1)))
unit_backend = $(word 2,$(call unit_link,$(1)))
unit_objects = $(unit_objects_$(call unit_kind,$(1))) \
  $(if $(call unit_backend,$(1)),$(BUILD)/obj/allocators/$(call unit_backend,$(1)).o)
# A backend's own library.
unit_backend_libs = $(if $(call unit_backend,$(1)),$(RUNNER_LINK) $(call first_words,allocators/$(call unit_backend,$(1)).c))
unit_libs_lib := -lcsv -lm -lpthread
unit_libs_driver := $(DRIVER_LIBS)
unit_libs_runner := $(RUNNER_LIBS)

define unit_rule
$(BUILD)/$(1:.c=): $(BUILD)/obj/$(1:.c=.o) $(call unit_objects,$(1))
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) -pie $$(LINKER) -o $$@ $$^ -lcmocka $(call unit_backend_libs,$(1)) $(unit_libs_$(call unit_kind,$(1)))
endef
$(foreach test,$(UNIT_SRC),$(eval $(call unit_rule,$(test))))

TESTS =
unit_chosen = $(if $(TESTS),$(patsubst %.c,$(BUILD)/%,$(TESTS)),$(UNIT))
e2e_chosen = $(if $(TESTS),$(TESTS),$(E2E))
PROVE_FLAGS :=
PROVE = prove --timer $(PROVE_FLAGS)

.PHONY: unit e2e
unit: $(unit_chosen)
	CMOCKA_MESSAGE_OUTPUT=TAP $(PROVE) --exec "timeout -k 5 300" $(unit_chosen)
e2e: all
	$(PROVE) --exec "timeout -k 5 900 bash" $(e2e_chosen)

# The library's unit tests under memcheck, fewer rounds of each, in a build that tells it of arenas.
# The synonym keeps a test's own realloc() from being replaced. Threads run one at a time there, fairly
# in turn, or one that waits in a loop would keep the others from what it waits for.
MEMCHECK := valgrind --quiet --fair-sched=yes --error-exitcode=99 --leak-check=full --child-silent-after-fork=yes \
  --soname-synonyms=somalloc=nouserintercepts
EFFORT = 10
memcheck_tests = $(foreach t,$(or $(TESTS),$(UNIT_SRC)),$(if $(filter lib,$(call unit_kind,$(t))),$(t:%.c=$(BUILD)/%)))
.PHONY: memcheck memcheck_run
memcheck:
	@$(MAKE) --no-print-directory memcheck_run VALGRIND=1
memcheck_run: $(memcheck_tests)
	TEST_EFFORT=$(EFFORT) CMOCKA_MESSAGE_OUTPUT=TAP $(PROVE) -j$$(nproc) --exec "timeout -k 5 120 $(MEMCHECK)" $^

# libFuzzer (clang's) on splitter, arena and pool, and stream; -plain is without AddressSanitizer, on the paths
# of a release. New inputs worth keeping: build-fuzz/fuzz_split -merge=1 -use_counters=0 CORPUS FOUND.
FUZZ_SECONDS = 60
fuzz_compile = clang -O1 $(COMMON) -fno-sanitize-recover=all -fno-omit-frame-pointer
fuzz_headers := $(wildcard $(addsuffix /*.h,tests/fuzz allocators allocators/arena allocators/pool workloads/split))
build-fuzz/%: tests/fuzz/%.c $(LIB_SRC) tests/unit/naive_split.h $(fuzz_headers)
	@mkdir -p $(@D)
	$(fuzz_compile) -fsanitize=fuzzer,address,undefined $(filter %.c,$^) -o $@
build-fuzz/%-plain: tests/fuzz/%.c $(LIB_SRC) tests/unit/naive_split.h $(fuzz_headers)
	@mkdir -p $(@D)
	$(fuzz_compile) -fsanitize=fuzzer,undefined $(filter %.c,$^) -o $@
.PHONY: fuzz
fuzz: $(foreach t,split arena stream,build-fuzz/fuzz_$(t) build-fuzz/fuzz_$(t)-plain)
	@tests/fuzz/run build-fuzz $(FUZZ_SECONDS)

# Shared structures under load, each such test for that many seconds, with and without TSan; and the
# largest case of test_lock_free.c.
STRESS_SECONDS = 120
STRESS := $(sort $(wildcard tests/unit/test_threads_*.c)) $(if $(SANITIZE),,tests/unit/test_lock_free.c)
.PHONY: stress
stress:
	$(MAKE) STRESS_SECONDS=$(STRESS_SECONDS) stress-run
	$(MAKE) STRESS_SECONDS=$(STRESS_SECONDS) CC=clang SANITIZE=thread stress-run
.PHONY: stress-run
stress-run: $(STRESS:%.c=$(BUILD)/%)
	@for t in $^; do echo "== $$t"; STRESS_SECONDS=$(STRESS_SECONDS) $$t || exit 1; done

# The whole matrix: gcc, clang, clang with ASan and UBSan, threads with TSan, memcheck, fuzzing. Ends with `N passed, N failed`.
.PHONY: test
test:
	@tests/run

all: lib driver runners
lib: $(lib_static) $(lib_shared)
driver: $(BUILD)/apportion
runners: $(RUNNERS)

# ---- measuring: every variable of the command line goes to the option of its name ----
option = $(if $(filter command,$(origin $(1))),--$(2)="$$$(1)")
run_options = $(call option,WORKLOAD,workload) $(call option,BACKENDS,backends) \
  $(call option,STRATEGY,strategy) $(call option,ROUNDS,rounds) $(call option,BUDGET,budget) \
  $(call option,THREADS,threads) $(call option,LITTER,litter) $(call option,SEED,seed) \
  $(call option,INPUT,input) $(call option,DELIMITER,delimiter) $(call option,QUOTE,quote) \
  $(call option,CHUNK,chunk) $(call option,POOL_LIMIT,pool-limit) $(call option,CACHE,cache) $(call option,KINDS,kinds) $(call option,RUN,run) $(call option,RESUME,resume) \
  $(foreach p,$(PRELOAD),--preload='$(p)') $(foreach p,$(PARAM),--param='$(p)') \
  $(if $(filter 1,$(ENFORCE)),--enforce)
run_choice = $(call option,RUN,run)

.PHONY: run list tables plots report compare reference tuning new-backend deps lint format clean
run: driver runners
	@$(BUILD)/apportion run $(run_options)
list: driver runners
	@$(BUILD)/apportion list
tables plots report: driver
	@$(BUILD)/apportion $@ $(run_choice)
compare: driver
	@$(BUILD)/apportion compare $(call option,BASE,base) $(call option,HEAD,head)

# The committed run, and the table in README.md that is taken from it.
reference: driver runners
	@docs/reference.sh $(BUILD)/apportion $(run_options)

# The curves of docs/tuning.md in results/tuning, and its tables.
tuning: driver runners
	@docs/tuning.sh $(BUILD)/apportion

new-backend:
	@sh allocators/new-backend.sh "$(NAME)" "$(LINK)"

# ---- housekeeping ----
PACKAGES := gcc make clang lld libclang-rt-14-dev libc6-dev-arm64-cross binutils git perl g++ pkg-config libhwloc-dev libgsl-dev libjansson-dev \
  libcsv-dev libcmocka-dev libck-dev libmimalloc-dev libgoogle-perftools-dev libjemalloc-dev \
  valgrind qemu-user gnuplot-nox cmark-gfm ieee-data unicode-data wamerican
deps:
	@missing=; for p in $(PACKAGES); do \
	  dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] && exit 0; \
	echo "installing:$$missing"; \
	root=; [ "$$(id -u)" = 0 ] || root=sudo; \
	$$root apt-get update -q && \
	  $$root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing

C_FILES = $(shell git ls-files '*.c' '*.h')
# Needs clang-format, clang-tidy and cppcheck of Debian 12 (no other target does).
lint:
	clang-format --dry-run -Werror $(C_FILES)
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr \
	  --suppress=missingIncludeSystem --suppress=comparePointers --suppress=ctuuninitvar --suppress=legacyUninitvar --suppress=uninitvar:harness/driver/report_environment.c \
	  '-Djson_array_foreach(a,i,v)=while(1)' $(INCLUDES) -D_GNU_SOURCE $(filter %.c,$(C_FILES))
	clang-tidy --quiet $(filter-out examples/%,$(filter %.c,$(C_FILES))) -- $(COMMON) -DBUILD_COMPILER='""' -DBUILD_FLAGS='""'
format:
	clang-format -i $(C_FILES)
clean:
	rm -rf build build-*

help:
	@printf '%s\n' \
	'make deps run WORKLOAD=small_strings   install what is missing, build, measure, table + verdicts + plots' \
	'make deps test                         all tests: gcc, clang, ASan+UBSan, TSan, memcheck, fuzzing' \
	'make unit|e2e [TESTS=files]            some of them; make memcheck, make fuzz [FUZZ_SECONDS=60]' \
	'make stress [STRESS_SECONDS=120]       shared structures under load, so long for each of four tests, twice' \
	'' \
	'make run                               every workload' \
	"make run INPUT=access.log DELIMITER=' ' [QUOTE='\"']   a file of your own" \
	'make list                              backends, workloads, strategies' \
	'make tables|plots|report [RUN=name]    make them again from the raw files of a run (default: latest)' \
	'make compare BASE=run HEAD=run         what changed between two runs' \
	'make new-backend NAME=x [LINK=-lx]     a new malloc-shaped backend: allocators/x.c' \
	'make reference                         measure results/reference again, and the table in README.md' \
	'make tuning                            measure results/tuning again, and the tables in docs/tuning.md' \
	'make install [PREFIX= DESTDIR=]        the library: headers, static and shared library, pkg-config' \
	'make lint | format | clean' \
	'' \
	'variables of run: WORKLOAD= BACKENDS= STRATEGY= ROUNDS= BUDGET=seconds THREADS= LITTER= SEED= CHUNK=bytes' \
	'  POOL_LIMIT=bytes CACHE=auto|sim|off KINDS=count,memory,cache,latency' \
	'  PRELOAD=name=/lib.so PARAM=name=value INPUT= DELIMITER= QUOTE= RUN=name RESUME=run ENFORCE=1' \
	'build/apportion --help says the same of the program itself'

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
