/* SPDX-License-Identifier: MIT */

#include "deliver/outbox.h"

#include <errno.h>

#include "base/digest.h"
#include "base/list.h"
#include "deliver/attempt.h"
#include "deliver/render.h"
#include "deliver/sink-queue.h"

#define TEST_ANSWER_UNITS_MAX 2000

/* A test alert on its way, outside all queues: nothing of it is stored. */
typedef struct SinkTest {
        Outbox *outbox;
        LIST_FIELDS(struct SinkTest, tests);
        char *sink;
        char *message;          /* why nothing can be sent */
        sd_event_source *unfit; /* tells it from the loop, so that callers hear from there alone */
        Attempt *attempt;
        outbox_test_done_t on_done;
        void *userdata;
} SinkTest;

struct Outbox {
        OutboxEngine engine;
        const Settings *settings;
        SinkQueue **queues; /* of all sinks since the start; those that are gone are at rest */
        size_t n_queues, n_queues_allocated;
        SinkTest *tests;
};

int outbox_new(sd_event *event, HttpClient *http, const Clock *clock, const OutboxStore *store,
        const OutboxObserver *observer, Outbox **ret) {
        Outbox *outbox;

        outbox = new0(Outbox, 1);
        if (!outbox)
                return -ENOMEM;

        outbox->engine = (OutboxEngine){
                .event = sd_event_ref(event),
                .http = http,
                .clock = *clock,
                .store = *store,
                .observer = observer ? *observer : (OutboxObserver){},
        };
        random_init(&outbox->engine.random);

        *ret = outbox;
        return 0;
}

static SinkTest *sink_test_free(SinkTest *test) {
        if (!test)
                return NULL;

        sd_event_source_disable_unref(test->unfit);
        attempt_free(test->attempt);
        free(test->sink);
        free(test->message);
        return mfree(test);
}
DEFINE_POINTER_CLEANUP(SinkTest, sink_test_free);

Outbox *outbox_free(Outbox *outbox) {
        if (!outbox)
                return NULL;

        while (outbox->tests) {
                SinkTest *test = outbox->tests;

                LIST_REMOVE(tests, outbox->tests, test);
                sink_test_free(test);
        }
        for (size_t i = 0; i < outbox->n_queues; i++)
                sink_queue_free(outbox->queues[i]);
        free(outbox->queues);
        sd_event_unref(outbox->engine.event);
        return mfree(outbox);
}

static bool has_queue(const Outbox *outbox, const char *sink) {
        for (size_t i = 0; i < outbox->n_queues; i++)
                if (streq(sink_queue_name(outbox->queues[i]), sink))
                        return true;

        return false;
}

int outbox_set_sinks(Outbox *outbox, const Settings *settings) {
        int r;

        /* All that can fail first: then the old sinks stay in force. */
        for (size_t i = 0; i < settings->n_sinks; i++) {
                const SinkSettings *sink = &settings->sinks[i];

                if (sink->type != SINK_WEBHOOK || has_queue(outbox, sink->name.text))
                        continue;

                r = ARRAY_GROW(outbox->queues, outbox->n_queues_allocated, outbox->n_queues + 1);
                if (r < 0)
                        return r;
                r = sink_queue_new(
                        &outbox->engine, sink->name.text, &outbox->queues[outbox->n_queues]);
                if (r < 0)
                        return r;
                outbox->n_queues++;
        }

        for (size_t i = 0; i < outbox->n_queues; i++) {
                const SinkSettings *sink =
                        settings_find_sink(settings, sink_queue_name(outbox->queues[i]));

                sink_queue_set_settings(
                        outbox->queues[i], sink && sink->type == SINK_WEBHOOK ? sink : NULL);
        }

        outbox->settings = settings;
        return 0;
}

void outbox_kick(Outbox *outbox) {
        for (size_t i = 0; i < outbox->n_queues; i++)
                sink_queue_kick(outbox->queues[i]);
}

void outbox_set_online(Outbox *outbox, bool online) {
        if (outbox->engine.offline == !online)
                return;

        outbox->engine.offline = !online;
        for (size_t i = 0; online && i < outbox->n_queues; i++)
                sink_queue_wake(outbox->queues[i]);
}

bool outbox_rests(const Outbox *outbox) {
        for (size_t i = 0; i < outbox->n_queues; i++)
                if (sink_queue_rests(outbox->queues[i]))
                        return true;

        return false;
}

const char *outbox_probe(Outbox *outbox) {
        for (size_t i = 0; i < outbox->n_queues; i++)
                if (sink_queue_probe(outbox->queues[i]))
                        return sink_queue_name(outbox->queues[i]);

        return NULL;
}

bool outbox_is_idle(const Outbox *outbox) {
        for (size_t i = 0; i < outbox->n_queues; i++)
                if (!sink_queue_is_idle(outbox->queues[i]))
                        return false;

        return !outbox->tests;
}

bool outbox_status(const Outbox *outbox, size_t index, SinkStatus *ret) {
        for (size_t i = 0; i < outbox->n_queues; i++)
                if (sink_queue_settings(outbox->queues[i]) && index-- == 0) {
                        sink_queue_status(outbox->queues[i], ret);
                        return true;
                }

        return false;
}

/* --- tests --- */

/* What a server says is for a terminal and for D-Bus: valid UTF-8, one line, not too long. The
 * callback may start another test, or free the outbox: ours is out of the list by then. */
static void sink_test_end(SinkTest *test, const AttemptOutcome *outcome) {
        _cleanup_(buffer_done) Buffer answer = {};

        LIST_REMOVE(tests, test->outbox->tests, test);
        if (render_text(&answer, outcome->answer, RENDER_PLAIN, TEST_ANSWER_UNITS_MAX) < 0)
                buffer_reset(&answer);
        test->on_done(test->sink, outcome->verdict, outcome->status, buffer_str(&answer),
                outcome->message, test->userdata);
        sink_test_free(test);
}

static void on_test_done(Attempt *attempt _unused_, const AttemptOutcome *outcome, void *userdata) {
        sink_test_end(userdata, outcome);
}

static int on_test_unfit(sd_event_source *source _unused_, void *userdata) {
        SinkTest *test = userdata;

        sink_test_end(test,
                &(AttemptOutcome){ .verdict = SINK_DESTINATION_REFUSED, .message = test->message });
        return 0;
}

/* Renders, signs and posts; or leaves a note of why it cannot be. */
static int sink_test_start(SinkTest *test, const SinkSettings *sink, const Alert *alert) {
        OutboxEngine *engine = &test->outbox->engine;
        _cleanup_free_ char *body = NULL;
        char id[ID_CHARS + 1];
        int r;

        r = id_random(id);
        if (r < 0)
                return r;
        r = sink_render(sink, ALERT_TEST, alert, id, &body);
        if (r < 0)
                return r;

        r = attempt_new(
                sink, id, body, clock_realtime(&engine->clock), &test->attempt, &test->message);
        if (r == ATTEMPT_UNFIT) {
                r = sd_event_add_defer(engine->event, &test->unfit, on_test_unfit, test);
                if (r < 0)
                        return r;
                return sd_event_source_set_description(test->unfit, "sink-test");
        }
        if (r < 0)
                return r;

        return attempt_start(test->attempt, engine->http, on_test_done, test);
}

int outbox_test(Outbox *outbox, const char *sink, const Alert *alert, outbox_test_done_t on_done,
        void *userdata) {
        _cleanup_(sink_test_freep) SinkTest *test = NULL;
        const SinkSettings *settings;
        int r;

        settings = outbox->settings ? settings_find_sink(outbox->settings, sink) : NULL;
        if (!settings)
                return -ENOENT;
        if (settings->type != SINK_WEBHOOK)
                return -EOPNOTSUPP;

        test = new0(SinkTest, 1);
        if (!test)
                return -ENOMEM;

        test->outbox = outbox;
        test->on_done = on_done;
        test->userdata = userdata;
        r = free_and_strdup(&test->sink, sink);
        if (r < 0)
                return r;

        r = sink_test_start(test, settings, alert);
        if (r < 0)
                return r;

        LIST_PREPEND(tests, outbox->tests, test);
        TAKE_PTR(test);
        return 0;
}
