/* SPDX-License-Identifier: MIT */

/* The verbs that act on the daemon: reload, poll, test. */

#include <errno.h>
#include <inttypes.h>
#include <systemd/sd-event.h>

#include "ctl/access.h"
#include "deliver/outbox.h"
#include "report.h"

static int act(const CtlArguments *arguments, const char *method, const char *operand) {
        int r;

        r = access_daemon(arguments, method, /* ret= */ NULL, operand ? "s" : "", operand);
        if (r == 0)
                fprintf(stderr, "picketctl: picketd is not running\n");
        return r > 0 ? CTL_OK : CTL_FAILURE;
}

int ctl_reload(const CtlArguments *arguments) {
        return act(arguments, "Reload", NULL);
}

int ctl_poll(const CtlArguments *arguments) {
        return act(arguments, "Poll", arguments->operands[0]);
}

/* --- test --- */

typedef struct TestRun {
        sd_event *event;
        json_t *answer;
} TestRun;

static void on_tested(const char *sink, SinkVerdict verdict, unsigned status, const char *answer,
        const char *message, void *userdata) {
        TestRun *test = userdata;

        test->answer = json_pack("{ss ss sI ss? ss?}", "sink", sink, "verdict",
                sink_verdict_to_string(verdict), "status", (json_int_t) status, "answer", answer,
                "message", message);
        (void) sd_event_exit(test->event, 0);
}

/* A test sends nothing that is stored. */
static int no_next(const char *sink _unused_, Delivery *ret _unused_, void *userdata _unused_) {
        return -ENOENT;
}

static int no_begin(Delivery *delivery _unused_, void *userdata _unused_) {
        return -EOPNOTSUPP;
}

static int no_finish(const Delivery *delivery _unused_, void *userdata _unused_) {
        return -EOPNOTSUPP;
}

/* Without a daemon: the same renderer, signer and HTTP, in this process. */
static int test_here(const CtlArguments *arguments, const char *name, json_t **ret) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(http_client_freep) HttpClient *http = NULL;
        _cleanup_(outbox_freep) Outbox *outbox = NULL;
        _cleanup_(alert_done) Alert alert = {};
        TestRun test = {};
        int r;

        r = ctl_load_settings(arguments, &settings);
        if (r != CTL_OK)
                return r;
        if (!settings_find_sink(settings, name)) {
                fprintf(stderr, "picketctl: there is no sink '%s'\n", name);
                return CTL_FAILURE;
        }
        if (settings_find_sink(settings, name)->type == SINK_DESKTOP) {
                fprintf(stderr,
                        "picketctl: a desktop sink is tested through picketd, which is not running\n");
                return CTL_FAILURE;
        }

        r = sd_event_new(&event);
        if (r >= 0)
                r = http_client_new(event, "Picket/" PICKET_VERSION, &http);
        if (r >= 0)
                r = outbox_new(event, http, &clock_system,
                        &(OutboxStore){ no_next, no_begin, no_finish, NULL }, &(OutboxObserver){},
                        &outbox);
        if (r >= 0)
                r = outbox_set_sinks(outbox, settings);
        if (r >= 0)
                r = report_test_alert(clock_realtime(&clock_system), &alert);
        if (r >= 0) {
                test.event = event;
                r = outbox_test(outbox, name, &alert, on_tested, &test);
        }
        if (r >= 0)
                r = sd_event_loop(event);
        if (r < 0 || !test.answer) {
                fprintf(stderr, "picketctl: failed to test '%s': %s\n", name,
                        strerror(r < 0 ? -r : ENOMEM));
                return CTL_FAILURE;
        }

        *ret = test.answer;
        return CTL_OK;
}

int ctl_test(const CtlArguments *arguments) {
        json_auto_t *answer = NULL;
        const char *message, *body, *verdict;
        json_int_t status;
        bool accepted;
        int r;

        r = access_daemon(arguments, "TestSink", &answer, "s", arguments->operands[0]);
        if (r < 0)
                return CTL_FAILURE;
        if (r == 0) {
                r = test_here(arguments, arguments->operands[0], &answer);
                if (r != CTL_OK)
                        return r;
        }

        verdict = json_string_value(json_object_get(answer, "verdict"));
        message = json_string_value(json_object_get(answer, "message"));
        body = json_string_value(json_object_get(answer, "answer"));
        status = json_integer_value(json_object_get(answer, "status"));
        accepted = verdict && streq(verdict, sink_verdict_to_string(SINK_ACCEPTED));
        if (arguments->json) {
                r = ctl_print_json(TAKE_PTR(answer));
                return r == CTL_OK && !accepted ? CTL_NO : r;
        }

        printf("%s: %s", arguments->operands[0], strna(verdict));
        if (status > 0)
                printf(", HTTP status %" PRIi64, (int64_t) status);
        if (message)
                printf(": %s", message);
        putchar('\n');
        if (!isempty(body))
                printf("%s\n", body);
        return accepted ? CTL_OK : CTL_NO;
}
