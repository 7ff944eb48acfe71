# apportion: build, measure, test. `make` alone prints what there is.
#
# Finds allocators/*.c (a backend each), workloads/*.c, tests/ by itself. A backend names its link
# flags in its own file, on a line `/* link: … */`.

CC = gcc
PREFIX = /usr/local
DESTDIR =

# ---- configuration: compiler and sanitizers each build in a directory of their own ----
empty :=
comma := ,
CC_KIND := $(if $(findstring clang,$(notdir $(firstword $(CC)))),clang,gcc)
BUILD := build$(if $(filter clang,$(CC_KIND)),-clang)$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Werror
INCLUDES := -I. -Iallocators/arena -Iallocators/pool -Iworkloads/split
COMMON := -std=gnu11 -D_GNU_SOURCE -g $(WARNINGS) $(INCLUDES)
SANITIZER := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
OPTIMISE := $(if $(SANITIZE),-O1,-O2)
LTO := $(if $(SANITIZE),,-flto$(if $(filter gcc,$(CC_KIND)),=auto))
LINKER := $(if $(filter clang,$(CC_KIND)),-fuse-ld=lld)
# --no-as-needed: with LTO an allocator's library is otherwise dropped before its symbols are needed.
RUNNER_LINK := -Wl,--no-as-needed
CFLAGS = $(OPTIMISE) $(SANITIZER)

RUNNER_LIBS := -lgsl -lgslcblas -lm -ldl -lpthread
DRIVER_LIBS := -lhwloc -ljansson -lgsl -lgslcblas -lcsv -lm -lpthread

# ---- sources ----
LIB_SRC := $(sort $(wildcard allocators/arena/*.c allocators/pool/*.c workloads/split/*.c))
BACKENDS_SRC := $(sort $(wildcard allocators/*.c))
BACKENDS_ALL := $(BACKENDS_SRC:allocators/%.c=%)
WORKLOAD_SRC := $(sort $(wildcard workloads/*.c))
SHARED_SRC := $(sort $(wildcard harness/*.c))
RUNNER_SRC := $(filter-out harness/topology.c,$(SHARED_SRC)) $(sort $(wildcard harness/runner/*.c)) $(WORKLOAD_SRC)
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

all: lib driver runners
lib: $(lib_objects)
driver: $(BUILD)/apportion
runners: $(RUNNERS)

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

$(BUILD)/runners/%: $(BUILD)/lto/allocators/%.o $(lto_objects)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LTO) -pie -rdynamic $(LINKER) -o $@ $^ $(RUNNER_LINK) \
	  $(call first_words,allocators/$*.c) $(RUNNER_LIBS)

$(BUILD)/apportion: $(driver_objects)
	$(CC) $(CFLAGS) -pie $(LINKER) -o $@ $^ $(DRIVER_LIBS)

# Facts the driver records with each run.
$(BUILD)/obj/harness/driver/environment.o: build_facts = \
  -DBUILD_COMPILER='"$(shell $(CC) --version | head -n 1)"' -DBUILD_FLAGS='"$(CFLAGS) $(LTO)"'

# ---- unit tests: `/* link: … */` in a test names what it is built with ----
UNIT := $(UNIT_SRC:%.c=$(BUILD)/%)
unit_link = $(or $(call first_words,$(1)),lib)
unit_objects_lib := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
unit_objects_driver := $(LIB_SRC:%.c=$(BUILD)/obj/%.o) $(filter-out %/driver/main.o,$(DRIVER_SRC:%.c=$(BUILD)/obj/%.o))
unit_objects_runner := $(LIB_SRC:%.c=$(BUILD)/obj/%.o) $(filter-out %/runner/main.o,$(RUNNER_SRC:%.c=$(BUILD)/obj/%.o))
unit_kind = $(firstword $(call unit_link,$(1)))
unit_backend = $(word 2,$(call unit_link,$(1)))
unit_objects = $(unit_objects_$(call unit_kind,$(1))) \
  $(if $(call unit_backend,$(1)),$(BUILD)/obj/allocators/$(call unit_backend,$(1)).o)
unit_libs_lib := -lcsv -lm -lpthread
unit_libs_driver := $(DRIVER_LIBS)
unit_libs_runner := $(RUNNER_LIBS)

define unit_rule
$(BUILD)/$(1:.c=): $(BUILD)/obj/$(1:.c=.o) $(call unit_objects,$(1))
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) -pie $$(LINKER) -o $$@ $$^ -lcmocka $(unit_libs_$(call unit_kind,$(1)))
endef
$(foreach test,$(UNIT_SRC),$(eval $(call unit_rule,$(test))))

TESTS =
unit_chosen = $(if $(TESTS),$(patsubst %.c,$(BUILD)/%,$(TESTS)),$(UNIT))
e2e_chosen = $(if $(TESTS),$(TESTS),$(E2E))
PROVE := CMOCKA_MESSAGE_OUTPUT=TAP prove --timer

.PHONY: unit e2e
unit: $(unit_chosen)
	$(PROVE) --exec '' $(unit_chosen)
e2e: all
	prove --timer --exec bash $(e2e_chosen)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

help:
	@echo "targets: deps run test list …"
