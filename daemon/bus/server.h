/* SPDX-License-Identifier: MIT */
#pragma once

/* The inside of the bus server, shared by its files: server.c keeps the connection, methods.c
 * answers calls, log-control.c the log's level. */

#include "base/random.h"
#include "bus/bus.h"

/* A caller asks for no more than this many alerts or claims at once; more is cut to it. */
#define BUS_ROWS_MAX 1000u
/* Acknowledgements in one call; as many as can be claimed in one. */
#define BUS_IDS_MAX BUS_ROWS_MAX
/* Names of feeds and sinks, states and ids are short; D-Bus alone would allow 128 MiB. */
#define BUS_ARGUMENT_BYTES_MAX ((size_t) 1024)
/* dbus-daemon drops a client of the system bus whose message is over 32 MiB; half of that leaves
 * room for what is around the text. */
#define BUS_ANSWER_BYTES_MAX ((size_t) 16 * 1024 * 1024)

struct BusServer {
        sd_event *event;
        BusOperations operations;
        bool user_instance;

        sd_bus *bus;
        bool has_name;

        /* while there is no connection */
        sd_event_source *retry_timer;
        unsigned n_failures; /* in a row */
        Random random;

        int log_level; /* as last set over the bus */
};

extern const sd_bus_vtable bus_manager_vtable[];
extern const sd_bus_vtable bus_desktop_vtable[];
extern const sd_bus_vtable bus_log_control_vtable[];

#define BUS_LOG_CONTROL_PATH "/org/freedesktop/LogControl1"
#define BUS_LOG_CONTROL_INTERFACE "org.freedesktop.LogControl1"

/* The uid that the bus vouches for. 0, or negative with @ret_error filled. */
int bus_caller_uid(sd_bus_message *call, uid_t *ret, sd_bus_error *ret_error) _warn_unused_;
/* May the caller change things: root, or who runs picketd? 0, or negative with @ret_error filled.
 */
int bus_caller_may_act(sd_bus_message *call, sd_bus_error *ret_error) _warn_unused_;
