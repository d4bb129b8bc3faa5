# SPDX-License-Identifier: MIT
#
# make            build/picketd, build/picketctl, build/picket-notify
# make deps       install what building and testing needs (Debian; root or sudo)
# make demo       build, then show the main job on loopback
# make check      all tests
# make help       the other goals

VERSION := 0.1.0

PREFIX ?= /usr/local
CC ?= cc
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
PYTHON ?= /usr/bin/python3
BUILD ?= build

# --- what is built of what -------------------------------------------------------------------

# Lower layers first; a stage may use these and none of its fellows (make lint checks).
LAYERS := base model text settings http
STAGES := poll feed article match story store deliver bus
PROGRAMS := picketd picketctl picket-notify

# Objects above the stages, by program.
TOP := configuration pipeline pipeline-gate pipeline-network pipeline-poll pipeline-tell pipeline-item pipeline-settle pipeline-page pipeline-robots report manager manager-bus manager-network
picketd_SOURCES := daemon/picketd.c
picketctl_SOURCES := daemon/picketctl.c $(wildcard daemon/ctl/*.c)
picket-notify_SOURCES := daemon/picket-notify.c $(wildcard daemon/notify/*.c)

folder_sources = $(sort $(wildcard daemon/$(1)/*.c))
objects = $(patsubst daemon/%.c,$(BUILD)/obj/%.o,$(1))
archives = $(foreach f,$(1),$(BUILD)/lib/$(f).a)

LIBS_PACKAGES := libcurl zlib libbrotlidec libzstd libxml-2.0 libsystemd sqlite3 jansson libpsl libutf8proc libcrypto
NOTIFY_PACKAGES := libnotify

# Asked for once, and only when something is compiled: `make deps` runs where pkg-config is not there yet.
once = $(or $($(1)_kept),$(eval $(1)_kept := $(shell $(2)) )$($(1)_kept))
pkg_cflags = $(call once,pkg_cflags,$(PKG_CONFIG) --cflags $(LIBS_PACKAGES))
pkg_libs = $(call once,pkg_libs,$(PKG_CONFIG) --libs $(LIBS_PACKAGES))
notify_cflags = $(call once,notify_cflags,$(PKG_CONFIG) --cflags $(NOTIFY_PACKAGES))
notify_libs = $(call once,notify_libs,$(PKG_CONFIG) --libs $(NOTIFY_PACKAGES))
cmocka_libs = $(call once,cmocka_libs,$(PKG_CONFIG) --libs cmocka)

# V=1 shows the commands.
quiet = $(if $(V),,@echo "  $(1)	$@";)

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wformat=2 -Wundef -Wvla -Wswitch-enum -Wpointer-arith -Wwrite-strings
HARDENING := -fstack-protector-strong -fPIE
# _FORTIFY_SOURCE needs an optimiser, and the sanitizers do its work better.
ifeq ($(SANITIZE),)
HARDENING += $(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
SANITIZE_FLAGS :=
else
SANITIZE_FLAGS := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
# Named points at which the crash test kills (base/crash.h).
ifneq ($(CRASH_POINTS),)
HARDENING += -DPICKET_CRASH_POINTS
endif
ifneq ($(WERROR),)
WARNINGS += -Werror
endif

own_cflags = -std=gnu17 -D_GNU_SOURCE -Idaemon -I$(BUILD)/gen -DPICKET_VERSION='"$(VERSION)"' \
	-DPICKET_PREFIX='"$(PREFIX)"' $(WARNINGS) $(HARDENING) $(SANITIZE_FLAGS)
own_ldflags = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(SANITIZE_FLAGS)

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all
all: $(PROGRAMS:%=$(BUILD)/%)

# A change of flags rebuilds: they are part of a file that every object depends on.
flags_now = $(CC) $(CFLAGS) $(LDFLAGS) $(WERROR) $(SANITIZE) $(PREFIX) $(VERSION) $(CRASH_POINTS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(flags_now)' | cmp -s - $@ || echo '$(flags_now)' > $@
.PHONY: FORCE
FORCE:

$(BUILD)/obj/%.o: daemon/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(own_cflags) $(pkg_cflags) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/notify/%.o: daemon/notify/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(own_cflags) $(pkg_cflags) $(notify_cflags) $(CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/obj/picket-notify.o: daemon/picket-notify.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(own_cflags) $(pkg_cflags) $(notify_cflags) $(CFLAGS) -MMD -MP -c -o $@ $<

define archive_rule
$(BUILD)/lib/$(1).a: $(call objects,$(call folder_sources,$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	@ar rcs $$@ $$^
endef
$(foreach f,$(LAYERS) $(STAGES),$(eval $(call archive_rule,$(f))))

$(BUILD)/lib/top.a: $(call objects,$(TOP:%=daemon/%.c))
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $^

ALL_ARCHIVES := $(BUILD)/lib/top.a $(call archives,$(STAGES) $(LAYERS))

define program_rule
$(BUILD)/$(1): $(call objects,$($(1)_SOURCES)) $(ALL_ARCHIVES)
	$$(call quiet,LD)$$(CC) $$(CFLAGS) $$(own_ldflags) $$(LDFLAGS) -o $$@ $(call objects,$($(1)_SOURCES)) \
		-Wl,--start-group $(ALL_ARCHIVES) -Wl,--end-group $$(pkg_libs) \
		$(if $(filter picket-notify,$(1)),$$(notify_libs))
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$(p))))

# --- unit tests ------------------------------------------------------------------------------

# tests/unit/FOLDER/test-*.c is linked with the folder it tests and the layers below it;
# tests/unit/top/ with everything.
UNIT_SOURCES := $(sort $(wildcard tests/unit/*/test-*.c))
UNIT_PROGRAMS := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(UNIT_SOURCES))

below_base :=
below_model := base
below_text := base model
below_settings := base model text
below_http := base model text
below = $(if $(filter $(1),$(LAYERS)),$(below_$(1)),$(LAYERS))

define unit_rule
$(BUILD)/tests/unit/$(1)/%: tests/unit/$(1)/%.c $(if $(filter top,$(1)),$(ALL_ARCHIVES),$(call archives,$(1) $(call below,$(1)))) $(BUILD)/flags
	@mkdir -p $$(@D)
	$$(call quiet,CC)$$(CC) $$(own_cflags) -Itests/unit $$(pkg_cflags) $$(CFLAGS) -MMD -MP -o $$@ $$< $$(own_ldflags) $$(LDFLAGS) \
		-Wl,--start-group $(if $(filter top,$(1)),$(ALL_ARCHIVES),$(call archives,$(1) $(call below,$(1)))) -Wl,--end-group \
		$$(pkg_libs) $$(cmocka_libs)
endef
$(foreach f,$(LAYERS) $(STAGES) top,$(eval $(call unit_rule,$(f))))

.PHONY: units
units: $(UNIT_PROGRAMS)

# --- the simulation --------------------------------------------------------------------------

# tests/sim is one program: everything but the event loop, the clock and the network is the daemon's own. Its objects
# come first, so that the linker takes http/http.h and sd-event from them.
SIM_OBJECTS := $(patsubst tests/sim/%.c,$(BUILD)/tests/sim/%.o,$(sort $(wildcard tests/sim/*.c)))

$(BUILD)/tests/sim/%.o: tests/sim/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(own_cflags) -Itests/sim $(pkg_cflags) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/sim/sim: $(SIM_OBJECTS) $(ALL_ARCHIVES)
	$(call quiet,LD)$(CC) $(CFLAGS) $(own_ldflags) $(LDFLAGS) -Wl,--wrap=random_init,--wrap=log_event_internal,--wrap=sqlite3_open_v2 -o $@ \
		$(SIM_OBJECTS) -Wl,--start-group $(ALL_ARCHIVES) -Wl,--end-group $(pkg_libs)

.PHONY: sim-build sim
sim-build: $(BUILD)/tests/sim/sim
# A month of a thousand feeds, ten times; the figures of docs/bench.md.
sim: sim-build
	@$(PYTHON) tests/run.py --build $(BUILD) sim-month

# --- fuzz targets ----------------------------------------------------------------------------

# tests/fuzz/fuzz-NAME.c with its kept corpus in tests/fuzz/corpus/NAME/. For `make check` each is linked with a
# main() that replays the corpus; `make fuzz NAME=feed SECONDS=60` runs libFuzzer from it.
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/fuzz-*.c))
FUZZ_PROGRAMS := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,$(FUZZ_SOURCES))
SECONDS ?= 60

$(BUILD)/tests/fuzz/%: tests/fuzz/%.c tests/fuzz/replay.c $(ALL_ARCHIVES) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(own_cflags) -Wno-missing-prototypes $(pkg_cflags) $(CFLAGS) -MMD -MP -MF $@.d -o $@ $< tests/fuzz/replay.c \
		$(own_ldflags) $(LDFLAGS) -Wl,--start-group $(ALL_ARCHIVES) -Wl,--end-group $(pkg_libs)

.PHONY: fuzz fuzz-one
fuzz:
	@test -n "$(NAME)" || { echo "Usage: make fuzz NAME=feed [SECONDS=60]"; exit 2; }
	+$(MAKE) CC=clang SANITIZE=address,undefined,fuzzer-no-link BUILD=$(BUILD)/fuzz fuzz-one
fuzz-one: $(ALL_ARCHIVES)
	@mkdir -p $(BUILD)/found/$(NAME)
	$(CC) $(own_cflags) -Wno-missing-prototypes $(pkg_cflags) $(CFLAGS) -fsanitize=address,undefined,fuzzer -o $(BUILD)/fuzz-$(NAME) \
		tests/fuzz/fuzz-$(NAME).c -Wl,--start-group $(ALL_ARCHIVES) -Wl,--end-group $(pkg_libs)
	$(BUILD)/fuzz-$(NAME) -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=1024 \
		$(BUILD)/found/$(NAME) tests/fuzz/corpus/$(NAME)

# --- what people ask for ---------------------------------------------------------------------

SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

DEPS_BUILD := gcc libc6-dev make pkg-config libcurl4-openssl-dev zlib1g-dev libbrotli-dev libzstd-dev libxml2-dev libsystemd-dev libsqlite3-dev \
	libnotify-dev libdbus-1-dev libjansson-dev libpsl-dev libutf8proc-dev libssl-dev
DEPS_TEST := libcmocka-dev python3 python3-dbus python3-gi valgrind dbus dbus-user-session dunst xvfb xauth imagemagick openssl \
	systemd systemd-container libpam-systemd procps passwd iproute2 sqlite3 libxml2-utils man-db groff gawk
DEPS_LINT := clang clang-format clang-tidy cppcheck libclang-rt-14-dev git lcov

.PHONY: deps deps-lint
deps:
	$(SUDO) apt-get update -q
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $(DEPS_BUILD) $(DEPS_TEST)
deps-lint:
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $(DEPS_LINT)

# With `make deps check`, also under -j, what follows must wait for the packages and must not use what this make
# evaluated before they were there: so it is another make.
after_deps := $(filter deps,$(MAKECMDGOALS))

.PHONY: demo check check-unit check-integration check-system check-asan check-valgrind check-torture
demo: $(after_deps)
	+@$(MAKE) --no-print-directory all
	@$(PYTHON) tests/demo/demo.py --build $(BUILD)

check: $(after_deps)
	+@$(MAKE) --no-print-directory all units fuzz-replay sim-build crash-build
	@$(PYTHON) tests/run.py --build $(BUILD) unit fuzz sim integration system

check-unit: units fuzz-replay sim-build
	@$(PYTHON) tests/run.py --build $(BUILD) unit fuzz sim
check-integration: all
	@$(PYTHON) tests/run.py --build $(BUILD) integration
check-system: all
	@$(PYTHON) tests/run.py --build $(BUILD) system
# The same tests in other builds; BUILD tells them apart.
check-asan:
	+@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan SANITIZE=address,undefined CFLAGS='-O1 -g' \
		all units fuzz-replay sim-build crash-build
	@PICKET_CRASH_ROUNDS=40 $(PYTHON) tests/run.py --build $(BUILD)/asan unit fuzz sim integration
check-valgrind: all units
	@$(PYTHON) tests/run.py --build $(BUILD) --valgrind unit integration
# Every allocation fails once.
check-torture: units
	@$(PYTHON) tests/run.py --build $(BUILD) torture

.PHONY: fuzz-replay
fuzz-replay: $(FUZZ_PROGRAMS)

# A picketd that can be made to die at named points (base/crash.h), for the crash test.
.PHONY: crash-build
crash-build:
	+@$(MAKE) --no-print-directory BUILD=$(BUILD)/crash CRASH_POINTS=1 $(BUILD)/crash/picketd

.PHONY: format lint eval coverage help clean
format:
	clang-format -i $(shell git ls-files '*.c' '*.h')
# How well the shipped profiles tell what matters from what only looks like it.
eval: all
	@$(PYTHON) tests/eval.py --build $(BUILD)
lint: all
	@$(PYTHON) tests/lint.py --build $(BUILD)
coverage:
	+$(MAKE) BUILD=$(BUILD)/coverage CFLAGS='-O0 -g --coverage' LDFLAGS=--coverage all units
	$(PYTHON) tests/run.py --build $(BUILD)/coverage unit integration
	lcov -q -c -d $(BUILD)/coverage -o $(BUILD)/coverage/info --no-external -b . && lcov --list $(BUILD)/coverage/info
help:
	@sed -n '/^# make/s/^# //p' Makefile; \
	echo "make install uninstall       PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)"; \
	echo "make check-asan check-valgrind check-torture check-system fuzz NAME=x sim eval coverage lint format clean"
clean:
	rm -rf $(BUILD)

# --- installing ------------------------------------------------------------------------------

include units/install.mk

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
