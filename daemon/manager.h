/* SPDX-License-Identifier: MIT */
#pragma once

/* picketd's life: loads, starts, reloads, stops. Owns the event loop, the configuration, the store,
 * the HTTP client, the pipeline and the bus, and tells systemd how it is. */

#include "settings/settings.h"

typedef struct Manager Manager;

typedef struct ManagerOptions {
        SettingsSource source;
        bool once;
} ManagerOptions;

/* Exit statuses of picketd. */
enum {
        MANAGER_OK = 0,
        MANAGER_USAGE = 2,
        MANAGER_FAILURE = 3,
        MANAGER_CONFIG = 78, /* EX_CONFIG of sysexits.h: units need not restart it */
};

/* Runs picketd to its end, signals already blocked (SIGTERM, SIGINT, SIGHUP). Logs what goes wrong;
 * returns the exit status. */
int manager_run(const ManagerOptions *options);

/* Loads the configuration and prints what is wrong: MANAGER_OK, MANAGER_CONFIG or MANAGER_FAILURE.
 */
int manager_check(const ManagerOptions *options);
