/* SPDX-License-Identifier: MIT */
#pragma once

/* What people and scripts are shown of the store: the JSON documents of status, alerts and outbox,
 * the same over D-Bus and from the store itself. A new reference, or NULL with *ret_error set
 * (negative errno). */

#include <jansson.h>

#include "deliver/outbox.h"
#include "settings/settings.h"
#include "store/store.h"

/* Of a running picketd. */
typedef struct ReportLive {
        const Outbox *outbox;
        usec_t started_usec;
        size_t n_polling;
        bool on_bus;
        const char *network; /* pipeline_network_state() */
        usec_t network_since_usec;
} ReportLive;

/* @live is NULL without a daemon. */
json_t *report_status(Store *store, const Settings *settings, const ReportLive *live,
        usec_t now_usec, int *ret_error);
json_t *report_alerts(Store *store, size_t n_max, int *ret_error);
/* @state: a delivery state, or "" for all that is not done. -EINVAL for another word. */
json_t *report_outbox(Store *store, const char *state, size_t n_max, int *ret_error);

/* A marked alert that is about nothing, for trying a sink. @ret is for alert_done(). 0 or -ENOMEM.
 */
int report_test_alert(usec_t now_usec, Alert *ret) _warn_unused_;
