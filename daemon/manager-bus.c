/* SPDX-License-Identifier: MIT */

/* What callers on the bus may ask of picketd: documents, a reload, a poll, another try of a dead
 * letter, a test of a sink, and each desktop agent's own copies. Permissions are the bus server's.
 */

#include <errno.h>
#include <inttypes.h>

#include "base/json.h"
#include "base/log.h"
#include "manager-internal.h"
#include "report.h"

/* An agent that runs answers a test at once. */
#define TEST_DESKTOP_USEC (10 * USEC_PER_SEC)
/* Nobody reads more over the bus. */
#define REPORT_ROWS_MAX 1000

/* --- what the bus asks for --- */

/* Takes @json; NULL with the @error that it came with. */
static int report_to_text(json_t *json, int error, char **ret) {
        int r;

        if (!json && error < 0)
                return error;

        r = json_to_text(json, JSON_LINE, ret);
        json_decref(json);
        return r;
}

static int op_status(char **ret, void *userdata) {
        Manager *m = userdata;
        ReportLive live = {
                .outbox = pipeline_outbox(m->pipeline),
                .started_usec = m->started_usec,
                .n_polling = pipeline_n_polling(m->pipeline),
                .on_bus = true,
        };
        int error = 0;

        live.network = pipeline_network_state(m->pipeline, &live.network_since_usec);

        return report_to_text(
                report_status(m->store, m->settings, &live, clock_realtime(&clock_system), &error),
                error, ret);
}

static int op_alerts(uint32_t n_max, char **ret, void *userdata) {
        Manager *m = userdata;
        int error = 0;

        return report_to_text(report_alerts(m->store, n_max, &error), error, ret);
}

static int op_outbox(const char *state, char **ret, void *userdata) {
        Manager *m = userdata;
        int error = 0;

        return report_to_text(report_outbox(m->store, state, REPORT_ROWS_MAX, &error), error, ret);
}

static int op_reload(const char **ret_name, char **ret_error, void *userdata) {
        int r;

        r = manager_reload(userdata, ret_error);
        if (r < 0)
                *ret_name = BUS_ERROR_BAD_CONFIGURATION;
        return r;
}

static int op_poll(const char *feed, const char **ret_name, char **ret_error, void *userdata) {
        Manager *m = userdata;
        usec_t until = 0;
        int r;

        r = pipeline_poll(m->pipeline, feed, &until);
        if (r == -ENOENT)
                *ret_name = BUS_ERROR_NO_SUCH_FEED;
        else if (r == -EAGAIN) {
                *ret_name = BUS_ERROR_TOO_SOON;
                if (asprintf(ret_error, "The server of feed '%s' asked to be left alone until %s",
                            feed, strna(FORMAT_RFC3339(until))) < 0)
                        *ret_error = NULL;
        } else if (r == -EALREADY)
                return 0; /* what was asked for is under way */

        return r;
}

static int op_retry(uint64_t id, const char **ret_name, char **ret_error, void *userdata) {
        Manager *m = userdata;
        int r;

        r = store_delivery_retry(
                m->store, (int64_t) MIN(id, (uint64_t) INT64_MAX), clock_realtime(&clock_system));
        if (r >= 0)
                r = store_commit(m->store);
        if (r >= 0)
                pipeline_kick(m->pipeline);
        else if (r == -ENOENT || r == -EALREADY) {
                *ret_name = BUS_ERROR_NO_SUCH_DELIVERY;
                if (asprintf(ret_error,
                            r == -ENOENT ? "There is no delivery %" PRIu64
                                         : "Delivery %" PRIu64 " is not dead",
                            id) < 0)
                        *ret_error = NULL;
        }

        return r;
}

/* --- testing a sink --- */

static void test_done(const char *sink, SinkVerdict verdict, unsigned status, const char *answer,
        const char *message, void *userdata) {
        json_auto_t *json = NULL;
        _cleanup_free_ char *text = NULL;

        json = json_pack("{ss ss sI ss? ss?}", "sink", sink, "verdict",
                sink_verdict_to_string(verdict), "status", (json_int_t) status, "answer", answer,
                "message", message);
        if (json_to_text(json, JSON_LINE, &text) < 0)
                (void) log_oom();
        bus_reply_text(userdata, strempty(text));
}

void manager_forget_test(Manager *m) {
        sd_bus_message_unref(m->test.call);
        m->test.call = NULL;
        m->test.sink = mfree(m->test.sink);
        m->test.body = mfree(m->test.body);
        m->test.timer = sd_event_source_disable_unref(m->test.timer);
}

static int on_test_timeout(
        sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        Manager *m = userdata;

        test_done(m->test.sink, SINK_RETRY, 0, NULL,
                "no desktop agent claimed it; is picket-notify running in a session?",
                TAKE_PTR(m->test.call));
        manager_forget_test(m);
        return 0;
}

static int test_desktop_start(
        Manager *m, const SinkSettings *sink, const Alert *alert, sd_bus_message *call) {
        int r;

        if (m->test.call)
                return -EBUSY;

        r = id_random(m->test.id);
        if (r < 0)
                return r;
        r = sink_render(sink, ALERT_TEST, alert, m->test.id, &m->test.body);
        if (r < 0)
                return r;
        m->test.sink = strdup(sink->name.text);
        if (!m->test.sink)
                return -ENOMEM;
        r = sd_event_add_time_relative(
                m->event, &m->test.timer, CLOCK_BOOTTIME, TEST_DESKTOP_USEC, 0, on_test_timeout, m);
        if (r < 0)
                return r;

        m->test.call = sd_bus_message_ref(call);
        bus_server_emit_pending(m->bus);
        return 0;
}

static int op_test_sink(const char *name, sd_bus_message *call, const char **ret_name,
        char **ret_error, void *userdata) {
        Manager *m = userdata;
        const SinkSettings *sink = settings_find_sink(m->settings, name);
        _cleanup_(alert_done) Alert alert = {};
        int r;

        if (!sink) {
                *ret_name = BUS_ERROR_NO_SUCH_SINK;
                if (asprintf(ret_error, "There is no sink '%s'", name) < 0)
                        *ret_error = NULL;
                return -ENOENT;
        }

        r = report_test_alert(clock_realtime(&clock_system), &alert);
        if (r < 0)
                return r;
        if (sink->type == SINK_DESKTOP) {
                r = test_desktop_start(m, sink, &alert, call);
                if (r < 0 && r != -EBUSY)
                        manager_forget_test(m);
                return r;
        }

        r = outbox_test(
                pipeline_outbox(m->pipeline), name, &alert, test_done, sd_bus_message_ref(call));
        if (r < 0)
                sd_bus_message_unref(call);
        return r;
}

/* --- desktop agents --- */

static int op_claim(uint32_t uid, uint32_t n_max, Delivery **ret, size_t *ret_n, void *userdata) {
        Manager *m = userdata;
        Delivery *grown;
        int r;

        r = pipeline_desktop_claim(m->pipeline, uid, n_max, ret, ret_n);
        if (r < 0 || !m->test.call)
                return r;

        /* A test is shown to whoever asks first, behind what waits. */
        grown = reallocarray(*ret, *ret_n + 1, sizeof(Delivery));
        if (!grown)
                return 0;
        *ret = grown;
        grown[*ret_n] = (Delivery){ .public_id = strdup(m->test.id), .body = strdup(m->test.body) };
        if (grown[*ret_n].public_id && grown[*ret_n].body)
                (*ret_n)++;
        else
                delivery_done(&grown[*ret_n]);
        return 0;
}

static int op_acknowledge(uint32_t uid, char *const *ids, void *userdata) {
        Manager *m = userdata;

        if (m->test.call && strv_contains(ids, m->test.id)) {
                test_done(m->test.sink, SINK_ACCEPTED, 0, NULL, "shown by a desktop agent",
                        TAKE_PTR(m->test.call));
                manager_forget_test(m);
        }

        return pipeline_desktop_acknowledge(m->pipeline, uid, ids);
}

int manager_open_bus(Manager *m) {
        const BusOperations operations = {
                .status = op_status,
                .alerts = op_alerts,
                .outbox = op_outbox,
                .reload = op_reload,
                .poll = op_poll,
                .retry = op_retry,
                .test_sink = op_test_sink,
                .claim = op_claim,
                .acknowledge = op_acknowledge,
                .userdata = m,
        };
        int r;

        r = bus_server_new(m->event, m->options.source.user_instance, &operations, &m->bus);
        if (r < 0)
                return log_error_errno(r, "Failed to set up D-Bus: %m");

        return 0;
}
