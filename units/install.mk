# SPDX-License-Identifier: MIT
#
# make install, make uninstall. The units name /usr/bin; installing rewrites that to PREFIX. What systemd, D-Bus and
# the journal read in fixed places only goes there, whatever PREFIX is.

fixed = $(shell $(PKG_CONFIG) --variable=$(2) $(1))
system_units = $(call fixed,systemd,systemdsystemunitdir)
user_units = $(call fixed,systemd,systemduserunitdir)
sysusers = $(call fixed,systemd,sysusersdir)
catalog = $(call fixed,systemd,catalogdir)
system_bus = $(call fixed,dbus-1,system_bus_services_dir)
session_bus = $(call fixed,dbus-1,session_bus_services_dir)
bus_policy = $(call fixed,dbus-1,datadir)/dbus-1/system.d

MAN_PAGES := $(wildcard docs/*.1 docs/*.5 docs/*.8)
CONFIG_FILES := $(wildcard config/*.conf config/*/*.conf)

# $(1) file below units/, $(2) folder, $(3) name there
install_unit = sed 's|/usr/bin/|$(PREFIX)/bin/|g' units/$(1) > $(BUILD)/unit.tmp && \
	install -D -m 0644 $(BUILD)/unit.tmp '$(DESTDIR)$(2)/$(3)'

.PHONY: install uninstall
install: all
	for p in $(PROGRAMS); do install -D -m 0755 $(BUILD)/$$p '$(DESTDIR)$(PREFIX)/bin/'$$p || exit 1; done
	for f in $(CONFIG_FILES); do install -D -m 0644 $$f '$(DESTDIR)$(PREFIX)/share/picket/'$${f#config/} || exit 1; done
	for f in $(MAN_PAGES); do install -D -m 0644 $$f '$(DESTDIR)$(PREFIX)/share/man/man'$${f##*.}/$${f##*/} || exit 1; done
	$(call install_unit,picketd.service,$(system_units),picketd.service)
	$(call install_unit,user/picketd.service,$(user_units),picketd.service)
	$(call install_unit,user/picket-notify.service,$(user_units),picket-notify.service)
	$(call install_unit,org.picket.Picket1.service,$(system_bus),org.picket.Picket1.service)
	$(call install_unit,user/org.picket.Picket1.service,$(session_bus),org.picket.Picket1.service)
	$(call install_unit,org.picket.Picket.desktop,$(PREFIX)/share/applications,org.picket.Picket.desktop)
	install -D -m 0644 units/org.picket.Picket1.conf '$(DESTDIR)$(bus_policy)/org.picket.Picket1.conf'
	install -D -m 0644 units/picket.sysusers.conf '$(DESTDIR)$(sysusers)/picket.conf'
	install -D -m 0644 units/picketd.catalog '$(DESTDIR)$(catalog)/picketd.catalog'
	for d in '' /feeds /profiles /sinks; do install -d -m 0755 '$(DESTDIR)/etc/picket'$$d || exit 1; done
	install -d -m 0700 '$(DESTDIR)/etc/picket/credentials'
ifeq ($(DESTDIR),)
	-systemd-sysusers $(sysusers)/picket.conf
	-journalctl --update-catalog
	-[ ! -d /run/systemd/system ] || systemctl daemon-reload
	-[ ! -d /run/systemd/system ] || systemctl reload dbus.service
	@echo "Installed. Start it with: systemctl enable --now picketd"
endif

# Leaves /etc/picket and /var/lib/picket: they are yours.
uninstall:
	rm -f $(PROGRAMS:%='$(DESTDIR)$(PREFIX)/bin/%')
	rm -rf '$(DESTDIR)$(PREFIX)/share/picket'
	for f in $(MAN_PAGES); do rm -f '$(DESTDIR)$(PREFIX)/share/man/man'$${f##*.}/$${f##*/}; done
	rm -f '$(DESTDIR)$(system_units)/picketd.service' '$(DESTDIR)$(user_units)/picketd.service' \
		'$(DESTDIR)$(user_units)/picket-notify.service' '$(DESTDIR)$(system_bus)/org.picket.Picket1.service' \
		'$(DESTDIR)$(session_bus)/org.picket.Picket1.service' \
		'$(DESTDIR)$(PREFIX)/share/applications/org.picket.Picket.desktop' \
		'$(DESTDIR)$(bus_policy)/org.picket.Picket1.conf' '$(DESTDIR)$(sysusers)/picket.conf' \
		'$(DESTDIR)$(catalog)/picketd.catalog'
ifeq ($(DESTDIR),)
	-[ ! -d /run/systemd/system ] || systemctl daemon-reload
endif
