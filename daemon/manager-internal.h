/* SPDX-License-Identifier: MIT */
#pragma once

/* What the three parts of the manager share; nobody else includes this. manager.c is picketd's
 * life, manager-bus.c what callers on the bus may ask of it, manager-network.c what the machine
 * says of its network and sleep. */

#include "base/digest.h"
#include "bus/bus.h"
#include "manager.h"
#include "pipeline.h"

struct Manager {
        ManagerOptions options;
        usec_t started_usec;
        sd_event *event;
        Settings *settings;
        ProfileSet *profiles;
        Store *store;
        HttpClient *http;
        Pipeline *pipeline;
        BusServer *bus;
        sd_event_source *once_timer;
        sd_event_source *changes; /* of the network, while offline */
        sd_bus *logind;           /* for its signal of sleep; NULL: it cannot be heard */
        bool held_finished;
        char *status;

        /* A test of a desktop sink under way: shown to the first agent that claims. */
        struct {
                sd_bus_message *call;
                char *sink, *body;
                char id[ID_CHARS + 1];
                sd_event_source *timer;
        } test;
};

/* --- manager.c --- */

/* Reads the configuration again. *ret_text (may be NULL) gets the diagnostics, a heap string.
 * Negative: the new one is not taken, and the old one goes on. */
int manager_reload(Manager *m, char **ret_text);

/* --- manager-bus.c --- */

int manager_open_bus(Manager *m) _warn_unused_;
/* Forgets a test of a desktop sink; whoever asked for it is not answered. */
void manager_forget_test(Manager *m);

/* --- manager-network.c --- */

/* As PipelineOptions.on_network; @userdata is the manager. */
void manager_on_network(bool online, void *userdata);
/* Works without: then late timers tell. */
void manager_watch_sleep(Manager *m);
void manager_close_network(Manager *m);
