/* SPDX-License-Identifier: MIT */
#pragma once

/* Where the verbs that look at Picket get their documents: from the running daemon over D-Bus, or
 * from the store itself. */

#include "ctl/ctl.h"
#include "store/store.h"

/* Asks the daemon: @method without or with one argument (@types "", "u", "s", "t"). 1: *ret is its
 * document; 0: there is no daemon that serves this configuration; negative: it refused or failed,
 * said on stderr. */
int access_daemon(
        const CtlArguments *arguments, const char *method, json_t **ret, const char *types, ...);

/* The configuration and its store, read only. Says on stderr what is wrong. CTL_OK or an exit
 * status. */
int access_store(const CtlArguments *arguments, Settings **ret_settings, Store **ret_store);
