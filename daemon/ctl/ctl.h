/* SPDX-License-Identifier: MIT */
#pragma once

/* The verbs of picketctl, one file per group. A verb gets the options and its operands, prints its
 * answer to stdout and what is for people to stderr, and returns an exit status. picketctl.c has
 * the table of verbs, reads the command line and refuses what a verb does not take. */

#include <jansson.h>

#include "settings/settings.h"

/* Exit statuses that all three programs share; picketd also has EX_CONFIG (78). */
enum {
        CTL_OK = 0,
        CTL_NO = 1, /* the answer is no: nothing matched, the check failed */
        CTL_USAGE = 2,
        CTL_FAILURE = 3,
};

typedef struct CtlArguments {
        SettingsSource source; /* -c FILE, --system, --user */
        bool json, color;
        const char *base, *content_type; /* --base URL, --content-type CT */
        char **profiles;                 /* --profile P, several */
        const char *title, *summary;     /* --title T, --summary S */
        char **operands; /* what stands behind the verb; never NULL, ends with NULL */
        size_t n_operands;
} CtlArguments;

int ctl_check(const CtlArguments *arguments);
int ctl_parse(const CtlArguments *arguments);
int ctl_article(const CtlArguments *arguments);
int ctl_score(const CtlArguments *arguments);
int ctl_discover(const CtlArguments *arguments);
int ctl_import(const CtlArguments *arguments);
int ctl_export(const CtlArguments *arguments);
int ctl_status(const CtlArguments *arguments);
int ctl_feeds(const CtlArguments *arguments);
int ctl_alerts(const CtlArguments *arguments);
int ctl_outbox(const CtlArguments *arguments);
int ctl_reload(const CtlArguments *arguments);
int ctl_poll(const CtlArguments *arguments);
int ctl_test(const CtlArguments *arguments);

/* Prints @json, one document and a line break, and drops the reference (NULL: out of memory).
 * CTL_OK or CTL_FAILURE. */
int ctl_print_json(json_t *json);
/* Loads the configuration, printing its diagnostics to stderr. CTL_OK and *ret, or CTL_FAILURE. */
int ctl_load_settings(const CtlArguments *arguments, Settings **ret);
