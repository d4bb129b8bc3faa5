/* SPDX-License-Identifier: MIT */

/* One connection at a time, and one way back from every kind of loss. A bus that is not there, a
 * name that is refused, a bus that goes away: each ends in server_lose(), which drops the
 * connection and arms one timer with backoff; the timer connects anew with everything that hangs
 * on a connection (objects, name, match). sd_bus_set_watch_bind() would come back a little sooner,
 * but only for one of these cases, and a second mechanism would have to be kept right.
 *
 * Nothing here waits: the handshake, the request for the name and the match are asynchronous. The
 * one question that is asked synchronously is for a caller's uid (methods.c), and the bus itself
 * answers that. */

#include "bus/server.h"

#include <errno.h>

#include "base/backoff.h"
#include "base/log.h"
#include "text/utf8.h"

/* A bus is a local socket: trying costs little, and it is back within seconds when it restarts. */
static const Backoff reconnect_backoff = {
        .base_usec = 1 * USEC_PER_SEC,
        .max_usec = 1 * USEC_PER_MINUTE,
};
#define RECONNECT_ACCURACY_USEC (500 * USEC_PER_MSEC)

/* How long the bus itself may take to answer (for the name, for a caller's uid): it does so in
 * under a millisecond, unless it hangs, and then the loop must not. */
#define BUS_QUERY_TIMEOUT_USEC (5 * USEC_PER_SEC)

static int server_connect(BusServer *server);

static void server_disconnect(BusServer *server) {
        server->has_name = false;
        if (!server->bus)
                return;
        (void) sd_bus_detach_event(server->bus);
        server->bus = sd_bus_close_unref(server->bus);
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata) {
        BusServer *server = userdata;

        (void) source;
        (void) usec;
        return server_connect(server);
}

/* Drops what there is of a connection and tries again later. 0 or -ENOMEM. */
static int server_lose(BusServer *server, int error, const char *what) {
        usec_t delay;
        int r;

        server_disconnect(server);
        server->n_failures = MIN(server->n_failures + 1, 1000u);
        delay = backoff_delay(&reconnect_backoff, server->n_failures, &server->random);
        log_debug_errno(error, "%s: %m, trying again in %s", what, FORMAT_TIMESPAN(delay));

        if (server->retry_timer) {
                r = sd_event_source_set_time_relative(server->retry_timer, delay);
                if (r >= 0)
                        r = sd_event_source_set_enabled(server->retry_timer, SD_EVENT_ONESHOT);
                return MIN(r, 0);
        }

        r = sd_event_add_time_relative(server->event, &server->retry_timer, CLOCK_BOOTTIME, delay,
                RECONNECT_ACCURACY_USEC, on_retry, server);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(server->retry_timer, "bus-reconnect");

        return 0;
}

static int on_name_reply(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        BusServer *server = userdata;
        uint32_t code;

        (void) ret_error;
        if (sd_bus_message_is_method_error(reply, NULL))
                return server_lose(server, -sd_bus_message_get_errno(reply),
                        "The bus refuses the name " BUS_NAME);
        if (sd_bus_message_read(reply, "u", &code) < 0)
                return server_lose(
                        server, -EBADMSG, "The bus answers the request for a name oddly");
        /* 1 is "primary owner", 4 "already the owner" (D-Bus specification, RequestName). */
        if (code != 1 && code != 4)
                return server_lose(server, -EEXIST, "Another program has the name " BUS_NAME);

        server->has_name = true;
        server->n_failures = 0;
        log_debug("On the bus as " BUS_NAME);
        return 0;
}

static int on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *ret_error) {
        (void) message;
        (void) ret_error;
        return server_lose(userdata, -ECONNRESET, "The bus went away");
}

static int server_set_up(BusServer *server) {
        int r;

        r = server->user_instance ? sd_bus_open_user_with_description(&server->bus, "picketd")
                                  : sd_bus_open_system_with_description(&server->bus, "picketd");
        if (r < 0)
                return r;
        /* The program lives on without a bus. */
        r = sd_bus_set_exit_on_disconnect(server->bus, false);
        if (r < 0)
                return r;
        r = sd_bus_set_method_call_timeout(server->bus, BUS_QUERY_TIMEOUT_USEC);
        if (r < 0)
                return r;

        r = sd_bus_add_object_vtable(
                server->bus, /* slot= */ NULL, BUS_PATH, BUS_INTERFACE, bus_manager_vtable, server);
        if (r < 0)
                return r;
        r = sd_bus_add_object_vtable(server->bus, /* slot= */ NULL, BUS_PATH, BUS_INTERFACE_DESKTOP,
                bus_desktop_vtable, server);
        if (r < 0)
                return r;
        r = sd_bus_add_object_vtable(server->bus, /* slot= */ NULL, BUS_LOG_CONTROL_PATH,
                BUS_LOG_CONTROL_INTERFACE, bus_log_control_vtable, server);
        if (r < 0)
                return r;

        r = sd_bus_match_signal_async(server->bus, /* slot= */ NULL, "org.freedesktop.DBus.Local",
                "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local", "Disconnected",
                on_disconnected, /* install_callback= */ NULL, server);
        if (r < 0)
                return r;
        /* Without queueing: an agent that follows the name's owner must never reach a second
         * picketd by surprise. */
        r = sd_bus_request_name_async(
                server->bus, /* slot= */ NULL, BUS_NAME, /* flags= */ 0, on_name_reply, server);
        if (r < 0)
                return r;

        return sd_bus_attach_event(server->bus, server->event, SD_EVENT_PRIORITY_NORMAL);
}

static int server_connect(BusServer *server) {
        int r;

        r = server_set_up(server);
        if (r == -ENOMEM) {
                server_disconnect(server);
                return r;
        }
        if (r < 0)
                return server_lose(server, r, "Failed to connect to the bus");

        return 0;
}

int bus_server_new(
        sd_event *event, bool user_instance, const BusOperations *operations, BusServer **ret) {
        _cleanup_(bus_server_freep) BusServer *server = NULL;
        int r;

        server = new0(BusServer, 1);
        if (!server)
                return -ENOMEM;
        server->event = sd_event_ref(event);
        server->operations = *operations;
        server->user_instance = user_instance;
        server->log_level = LOG_INFO;
        random_init(&server->random);

        r = server_connect(server);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(server);
        return 0;
}

BusServer *bus_server_free(BusServer *server) {
        if (!server)
                return NULL;

        /* The answer to a last call goes out still. */
        if (server->bus && sd_bus_is_ready(server->bus) > 0)
                (void) sd_bus_flush(server->bus);
        server_disconnect(server);
        (void) sd_event_source_disable_unref(server->retry_timer);
        (void) sd_event_unref(server->event);
        return mfree(server);
}

bool bus_server_is_connected(const BusServer *server) {
        return server->has_name;
}

void bus_server_emit_pending(BusServer *server) {
        int r;

        /* Agents also look when the name appears, so what is not said now is not lost. */
        if (!server->has_name)
                return;
        r = sd_bus_emit_signal(
                server->bus, BUS_PATH, BUS_INTERFACE_DESKTOP, "Pending", /* types= */ NULL);
        if (r < 0)
                (void) log_debug_errno(r, "Failed to tell the desktop agents: %m");
}

/* --- late answers --- */

void bus_reply_text(sd_bus_message *call, const char *text) {
        int r;

        if (strlen(text) > BUS_ANSWER_BYTES_MAX)
                r = -EMSGSIZE;
        else
                r = sd_bus_reply_method_return(call, "s", text);
        /* A text that is no UTF-8, or too much; a caller that has gone is no error to sd-bus. */
        if (r < 0)
                r = sd_bus_reply_method_errnof(call, r, "Failed to send the answer");
        if (r < 0)
                (void) log_debug_errno(r, "Failed to answer a caller: %m");
        (void) sd_bus_message_unref(call);
}

void bus_reply_error(sd_bus_message *call, const char *error_name, const char *message) {
        _cleanup_(buffer_done) Buffer mended = {};
        int r;

        r = utf8_append_mended(&mended, message, strnlen(message, BUS_ANSWER_BYTES_MAX));
        if (r >= 0)
                r = sd_bus_reply_method_errorf(call, error_name ? error_name : SD_BUS_ERROR_FAILED,
                        "%s", buffer_str(&mended));
        if (r < 0)
                (void) log_debug_errno(r, "Failed to answer a caller: %m");
        (void) sd_bus_message_unref(call);
}
