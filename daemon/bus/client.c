/* SPDX-License-Identifier: MIT */

#include "bus/bus.h"

#include <errno.h>
#include <stdarg.h>

#include "base/str.h"
#include "base/time.h"

/* Asking whether picketd is there; the bus itself answers. */
#define BUS_PROBE_TIMEOUT_USEC (5 * USEC_PER_SEC)
/* Most answers come at once, but picketd's loop may be held up by a slow disk. */
#define BUS_CALL_TIMEOUT_USEC (30 * USEC_PER_SEC)
/* These do work before they answer: a configuration read anew, a server elsewhere. */
#define BUS_LONG_CALL_TIMEOUT_USEC (60 * USEC_PER_SEC)

struct BusClient {
        sd_bus *bus;
};

/* What sd-bus and the bus say when the other end is not there, or went away with our question. */
static bool is_absence(int error, const sd_bus_error *bus_error) {
        return sd_bus_error_has_names(bus_error, SD_BUS_ERROR_SERVICE_UNKNOWN,
                       SD_BUS_ERROR_NAME_HAS_NO_OWNER, SD_BUS_ERROR_NO_SERVER,
                       SD_BUS_ERROR_DISCONNECTED, SD_BUS_ERROR_NO_REPLY) ||
                error == -ECONNRESET || error == -ENOTCONN || error == -EPIPE;
}

/* @error from opening a bus or from the first exchange on it: memory out, or no bus. */
static int bus_absent(int error) {
        return error == -ENOMEM ? error : -ENOENT;
}

int bus_client_new(bool user_instance, BusClient **ret) {
        _cleanup_(bus_client_freep) BusClient *client = NULL;
        sd_bus_message *call = NULL, *reply = NULL;
        int has_owner = 0, r;

        client = new0(BusClient, 1);
        if (!client)
                return -ENOMEM;
        r = user_instance ? sd_bus_open_user_with_description(&client->bus, "picketctl")
                          : sd_bus_open_system_with_description(&client->bus, "picketctl");
        if (r < 0)
                return bus_absent(r);
        r = sd_bus_set_exit_on_disconnect(client->bus, false);
        if (r < 0)
                return r;

        /* The handshake happens in this call too. */
        r = sd_bus_message_new_method_call(client->bus, &call, "org.freedesktop.DBus",
                "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner");
        if (r >= 0)
                r = sd_bus_message_append(call, "s", BUS_NAME);
        if (r >= 0)
                r = sd_bus_call(
                        client->bus, call, BUS_PROBE_TIMEOUT_USEC, /* ret_error= */ NULL, &reply);
        if (r >= 0)
                r = sd_bus_message_read(reply, "b", &has_owner);
        (void) sd_bus_message_unref(call);
        (void) sd_bus_message_unref(reply);
        if (r < 0)
                return bus_absent(r);
        if (!has_owner)
                return -EHOSTDOWN;

        *ret = TAKE_PTR(client);
        return 0;
}

BusClient *bus_client_free(BusClient *client) {
        if (!client)
                return NULL;
        (void) sd_bus_close_unref(client->bus);
        return mfree(client);
}

static usec_t call_timeout(const char *method) {
        return streq(method, "Reload") || streq(method, "TestSink") ? BUS_LONG_CALL_TIMEOUT_USEC
                                                                    : BUS_CALL_TIMEOUT_USEC;
}

/* Hands what picketd said to the caller. -EREMOTEIO or -ENOMEM. */
static int refused(const sd_bus_error *error, char **ret_error_name, char **ret_error) {
        char *name = strdup(error->name);
        char *message = strdup(error->message ? error->message : error->name);

        if (!name || !message) {
                free(name);
                free(message);
                return -ENOMEM;
        }

        *ret_error_name = name;
        *ret_error = message;
        return -EREMOTEIO;
}

static int read_text(sd_bus_message *reply, char **ret) {
        const char *text;
        int r;

        r = sd_bus_message_read(reply, "s", &text);
        if (r < 0)
                return r;
        if (r == 0)
                return -EBADMSG;

        return free_and_strdup(ret, text);
}

int bus_client_call(BusClient *client, const char *method, char **ret_text, char **ret_error_name,
        char **ret_error, const char *types, ...) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *call = NULL, *reply = NULL;
        char *text = NULL;
        va_list ap;
        int r;

        r = sd_bus_message_new_method_call(
                client->bus, &call, BUS_NAME, BUS_PATH, BUS_INTERFACE, method);
        /* To ask a service that was stopped must not start it. */
        if (r >= 0)
                r = sd_bus_message_set_auto_start(call, false);
        if (r >= 0 && !isempty(types)) {
                va_start(ap, types);
                r = sd_bus_message_appendv(call, types, ap);
                va_end(ap);
        }
        if (r >= 0) {
                r = sd_bus_call(client->bus, call, call_timeout(method), &error, &reply);
                if (r < 0 && is_absence(r, &error))
                        r = -EHOSTDOWN;
                else if (r < 0 && sd_bus_error_is_set(&error) && r != -ENOMEM && r != -ETIMEDOUT)
                        r = refused(&error, ret_error_name, ret_error);
        }
        if (r >= 0 && ret_text) {
                r = read_text(reply, &text);
                if (r >= 0)
                        *ret_text = text;
        }

        sd_bus_error_free(&error);
        (void) sd_bus_message_unref(call);
        (void) sd_bus_message_unref(reply);
        return MIN(r, 0);
}
