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
TOP := pipeline report manager
picketd_SOURCES := daemon/picketd.c
picketctl_SOURCES := daemon/picketctl.c $(wildcard daemon/ctl/*.c)
picket-notify_SOURCES := daemon/picket-notify.c

folder_sources = $(sort $(wildcard daemon/$(1)/*.c))
objects = $(patsubst daemon/%.c,$(BUILD)/obj/%.o,$(1))
archives = $(foreach f,$(1),$(BUILD)/lib/$(f).a)

LIBS_PACKAGES := libcurl libxml-2.0 libsystemd sqlite3 jansson libpsl libutf8proc libcrypto
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
flags_now = $(CC) $(CFLAGS) $(LDFLAGS) $(WERROR) $(SANITIZE) $(PREFIX) $(VERSION)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(flags_now)' | cmp -s - $@ || echo '$(flags_now)' > $@
.PHONY: FORCE
FORCE:

$(BUILD)/obj/%.o: daemon/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(own_cflags) $(pkg_cflags) $(CFLAGS) -MMD -MP -c -o $@ $<

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

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
