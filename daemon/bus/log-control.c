/* SPDX-License-Identifier: MIT */

/* org.freedesktop.LogControl1(5): `systemctl service-log-level picketd debug` turns on debug lines
 * without a restart. Where the log goes is decided once, by what stderr is, so the target can be
 * asked for and not changed. */

#include "bus/server.h"

#include <errno.h>

#include "base/log.h"

static const char *const level_names[] = {
        [LOG_EMERG] = "emerg",
        [LOG_ALERT] = "alert",
        [LOG_CRIT] = "crit",
        [LOG_ERR] = "err",
        [LOG_WARNING] = "warning",
        [LOG_NOTICE] = "notice",
        [LOG_INFO] = "info",
        [LOG_DEBUG] = "debug",
};

static int property_get_level(sd_bus *bus, const char *path, const char *interface,
        const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        const BusServer *server = userdata;

        (void) bus;
        (void) path;
        (void) interface;
        (void) property;
        (void) ret_error;
        return sd_bus_message_append(
                reply, "s", level_names[log_is_debug() ? LOG_DEBUG : server->log_level]);
}

static int property_set_level(sd_bus *bus, const char *path, const char *interface,
        const char *property, sd_bus_message *value, void *userdata, sd_bus_error *ret_error) {
        BusServer *server = userdata;
        const char *name;
        int r;

        (void) bus;
        (void) path;
        (void) interface;
        (void) property;
        r = bus_caller_may_act(value, ret_error);
        if (r < 0)
                return r;
        r = sd_bus_message_read(value, "s", &name);
        if (r < 0)
                return r;

        for (size_t i = 0; i < ELEMENTSOF(level_names); i++)
                if (streq(level_names[i], name)) {
                        server->log_level = (int) i;
                        log_set_max_level((int) i);
                        return 0;
                }

        return sd_bus_error_setf(ret_error, SD_BUS_ERROR_INVALID_ARGS, "No such log level");
}

static int property_get_target(sd_bus *bus, const char *path, const char *interface,
        const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        (void) bus;
        (void) path;
        (void) interface;
        (void) property;
        (void) userdata;
        (void) ret_error;
        return sd_bus_message_append(reply, "s", "auto");
}

static int property_set_target(sd_bus *bus, const char *path, const char *interface,
        const char *property, sd_bus_message *value, void *userdata, sd_bus_error *ret_error) {
        (void) bus;
        (void) path;
        (void) interface;
        (void) property;
        (void) value;
        (void) userdata;
        return sd_bus_error_setf(ret_error, SD_BUS_ERROR_NOT_SUPPORTED,
                "picketd logs to the journal, or to stderr where that is not the journal's");
}

static int property_get_identifier(sd_bus *bus, const char *path, const char *interface,
        const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        (void) bus;
        (void) path;
        (void) interface;
        (void) property;
        (void) userdata;
        (void) ret_error;
        return sd_bus_message_append(reply, "s", "picketd");
}

const sd_bus_vtable bus_log_control_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_WRITABLE_PROPERTY("LogLevel", "s", property_get_level, property_set_level, 0,
                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_WRITABLE_PROPERTY("LogTarget", "s", property_get_target, property_set_target, 0,
                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY(
                "SyslogIdentifier", "s", property_get_identifier, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_VTABLE_END,
};
