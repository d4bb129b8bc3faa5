/* SPDX-License-Identifier: MIT */
#pragma once

/* The D-Bus interface: org.picket.Picket1 on the system bus (system instance) or the session bus
 * (user instance), object /org/picket/Picket1. docs/org.picket.Picket1.5 describes it. Answers that
 * are documents are JSON text, the same that `picketctl --json` prints. Callers are told apart by
 * the uid that the bus vouches for.
 *
 * Manager interface org.picket.Picket1:
 *
 * - Status() -> s: anyone
 * - Alerts(u n_max) -> s: anyone
 * - Outbox(s state) -> s: anyone; state "" is all that is not done
 * - Reload(): root, or the owner of a user instance; returns when in force, error
 *   org.picket.Error.BadConfiguration with the diagnostics
 * - Poll(s feed): same; org.picket.Error.NoSuchFeed, .TooSoon
 * - RetryDelivery(t id): same
 * - TestSink(s sink) -> s: same; the sink's answer as JSON
 * - property Version s (const)
 *
 * Desktop interface org.picket.Picket1.Desktop:
 *
 * - Claim(u n_max) -> a(sss): anyone, for their own uid: (id, urgency, body); body is the JSON of
 *   deliver/desktop.c
 * - Acknowledge(as ids): anyone, for their own uid
 * - signal Pending(): there is something to claim
 *
 * Beside it, object /org/freedesktop/LogControl1 has org.freedesktop.LogControl1(5). */

#include <systemd/sd-bus.h>

#include "base/strv.h"
#include "model/model.h"

#define BUS_NAME "org.picket.Picket1"
#define BUS_PATH "/org/picket/Picket1"
#define BUS_INTERFACE "org.picket.Picket1"
#define BUS_INTERFACE_DESKTOP "org.picket.Picket1.Desktop"
#define BUS_ERROR_BAD_CONFIGURATION "org.picket.Error.BadConfiguration"
#define BUS_ERROR_NO_SUCH_FEED "org.picket.Error.NoSuchFeed"
#define BUS_ERROR_NO_SUCH_SINK "org.picket.Error.NoSuchSink"
#define BUS_ERROR_NO_SUCH_DELIVERY "org.picket.Error.NoSuchDelivery"
#define BUS_ERROR_TOO_SOON "org.picket.Error.TooSoon"

/* --- server side, for picketd --- */

typedef struct BusServer BusServer;

/* What the program does for a caller; set by the manager. Strings returned are heap strings that
 * the server frees. Negative returns become D-Bus errors; *ret_error (may stay NULL) is the
 * message, *ret_error_name one of BUS_ERROR_* (may stay NULL). Row counts are cut to 1000 before
 * they come here, names to 1 KiB. */
typedef struct BusOperations {
        int (*status)(char **ret_json, void *userdata);
        int (*alerts)(uint32_t n_max, char **ret_json, void *userdata);
        int (*outbox)(const char *state, char **ret_json, void *userdata);
        int (*reload)(const char **ret_error_name, char **ret_error, void *userdata);
        int (*poll)(
                const char *feed, const char **ret_error_name, char **ret_error, void *userdata);
        int (*retry)(uint64_t id, const char **ret_error_name, char **ret_error, void *userdata);
        /* Starts the test and keeps @reply; answers later with bus_reply_text() or
         * bus_reply_error(), once. */
        int (*test_sink)(const char *sink, sd_bus_message *call, const char **ret_error_name,
                char **ret_error, void *userdata);
        int (*claim)(uint32_t uid, uint32_t n_max, Delivery **ret, size_t *ret_n, void *userdata);
        int (*acknowledge)(uint32_t uid, char *const *ids, void *userdata);
        void *userdata;
} BusOperations;

/* Connects and asks for the name. A bus that is not there or goes away is no error: it is tried
 * again with backoff, also when it comes back. 0 or -ENOMEM. @user_instance chooses the bus and who
 * may act. */
int bus_server_new(sd_event *event, bool user_instance, const BusOperations *operations,
        BusServer **ret) _warn_unused_;
BusServer *bus_server_free(BusServer *server);
DEFINE_POINTER_CLEANUP(BusServer, bus_server_free);
bool bus_server_is_connected(const BusServer *server);
/* Tells agents that there is something to claim. Nobody listening is fine. */
void bus_server_emit_pending(BusServer *server);

/* Late answers to a call that test_sink() kept with sd_bus_message_ref(); both drop that reference.
 * The server may have gone in between. @error_name may be NULL. */
void bus_reply_text(sd_bus_message *call, const char *text);
void bus_reply_error(sd_bus_message *call, const char *error_name, const char *message);

/* --- client side, for picketctl --- */

typedef struct BusClient BusClient;

/* 0; -ENOENT or -EHOSTDOWN: no bus or no picketd on it. */
int bus_client_new(bool user_instance, BusClient **ret) _warn_unused_;
BusClient *bus_client_free(BusClient *client);
DEFINE_POINTER_CLEANUP(BusClient, bus_client_free);
/* Calls a method of the manager interface with @types/@... arguments (as sd_bus_message_append(),
 * NULL for none); *ret_text (may be NULL) gets the string answered. -EREMOTEIO with
 * *ret_error_name, *ret_error filled (heap) when picketd refused; -EHOSTDOWN when it is not there;
 * -ETIMEDOUT when it did not answer. Never starts a picketd that is stopped. */
int bus_client_call(BusClient *client, const char *method, char **ret_text, char **ret_error_name,
        char **ret_error, const char *types, ...) _warn_unused_;
