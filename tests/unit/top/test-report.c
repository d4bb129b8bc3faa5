/* SPDX-License-Identifier: MIT */

/* The documents of status, alerts and outbox, of an empty and of a filled store. */

#include "../store/support.h"

#include "base/buffer.h"
#include "base/json.h"
#include "report.h"
#include "check.h"

#define CONFIGURATION                                                                           \
        "[feed ok]\nurl = https://example.org/ok?key=s3cret\n"                                  \
        "[feed new]\nurl = https://example.org/new\n"                                           \
        "[feed trouble]\nurl = https://example.org/trouble\n"                                   \
        "[feed silent]\nurl = https://example.org/silent\n"                                     \
        "[feed quiet]\nurl = https://example.org/quiet\n"                                       \
        "[feed zone]\nurl = https://example.org/zone\n"                                         \
        "[sink chat]\ntype = webhook\nformat = slack\nurl = https://hooks.example.org/secret\n" \
        "[sink desktop]\ntype = desktop\n"

typedef struct Fixture {
        char *directory;
        Store *store;
        Settings *settings;
} Fixture;

static int setup(void **state) {
        static Fixture f;
        _cleanup_(diags_done) Diags diags = {};
        void *directory = NULL;

        f = (Fixture){};
        if (setup_directory(&directory) < 0)
                return -1;
        f.directory = directory;
        f.store = open_store(f.directory);
        *state = &f;
        return settings_load_text(
                "test.conf", CONFIGURATION, strlen(CONFIGURATION), &diags, &f.settings);
}

static int teardown(void **state) {
        Fixture *f = *state;
        void *directory = f->directory;

        f->store = store_close(f->store);
        f->settings = settings_free(f->settings);
        return teardown_directory(&directory);
}

/* The member at a path of names and indices, "feeds.0.name", as text: null without one. */
static const char *member(const json_t *json, const char *path) {
        static char text[512];
        char name[64];
        _cleanup_free_ char *dumped = NULL;

        while (*path) {
                size_t n = strcspn(path, ".");
                uint64_t index;

                assert_true(n < sizeof name);
                memcpy(name, path, n);
                name[n] = '\0';
                json = parse_u64(name, &index) >= 0 ? json_array_get(json, (size_t) index)
                                                    : json_object_get(json, name);
                path += n + (path[n] == '.');
        }
        if (!json)
                return "absent";
        if (json_is_string(json))
                return json_string_value(json);

        assert_int_equal(json_to_text(json, JSON_LINE | JSON_ENCODE_ANY, &dumped), 0);
        (void) snprintf(text, sizeof text, "%s", dumped);
        return text;
}

#define assert_member(json, path, value) assert_text(member((json), (path)), (value))

/* --- status --- */

static json_t *status(Fixture *f, const ReportLive *live) {
        int error = 1;
        json_t *json = report_status(f->store, f->settings, live, NOW, &error);

        assert_non_null(json);
        return json;
}

static void test_empty(void **state) {
        Fixture *f = *state;
        int error = 0;
        json_t *json = status(f, NULL);

        assert_member(json, "version", PICKET_VERSION);
        assert_member(json, "running", "false");
        assert_member(json, "started", "null");
        assert_member(json, "polling", "0");
        assert_string_not_equal(member(json, "state_directory"), "absent");
        assert_member(json, "feeds", "[]"); /* none has a row yet */
        assert_member(json, "sinks.0.name", "chat");
        assert_member(json, "sinks.0.type", "webhook");
        assert_member(json, "sinks.0.pending", "0");
        assert_member(json, "sinks.0.trouble", "false");
        assert_member(json, "sinks.0.error", "null");
        assert_member(json, "sinks.0.next_try", "null");
        assert_member(json, "sinks.1.name", "desktop");
        assert_member(json, "sinks.2", "absent");
        assert_member(json, "queue", "{\"pending\":0,\"dead\":0,\"pages_wanted\":0}");
        assert_member(json, "store.alerts", "0");
        json_decref(json);

        json = report_alerts(f->store, 10, &error);
        assert_member(json, "", "{\"alerts\":[]}");
        json_decref(json);
        json = report_outbox(f->store, "", 10, &error);
        assert_member(json, "", "{\"deliveries\":[]}");
        json_decref(json);
        assert_int_equal(error, 0);
}

static void save_feed(Store *store, const char *name, Feed kept) {
        _cleanup_(feed_done) Feed row = {};
        char url[64];

        (void) snprintf(url, sizeof url, "https://example.org/%s%s", name,
                streq(name, "ok") ? "?key=s3cret" : "");
        assert_int_equal(store_feed_get(store, name, url, &row), 0);
        kept.id = row.id;
        kept.name = row.name;
        kept.url = row.url;
        assert_int_equal(store_feed_save(store, &kept), 0);
}

static void test_feed_states(void **state) {
        Fixture *f = *state;
        const usec_t long_ago = NOW - 14 * USEC_PER_DAY;
        static const struct {
                const char *name, *state;
        } expected[] = { { "new", "new" }, { "ok", "ok" }, { "quiet", "ok" },
                { "silent", "silent" }, { "trouble", "trouble" },
                { "zone", "gone" } }; /* by name */
        json_t *json;

        save_feed(f->store, "ok",
                (Feed){ .last_poll_usec = NOW,
                        .last_success_usec = NOW,
                        .last_item_usec = NOW - USEC_PER_HOUR,
                        .next_poll_usec = NOW + USEC_PER_HOUR,
                        .last_status = 200,
                        .wait_usec = 20 * USEC_PER_MINUTE,
                        .wait_reason = FEED_REASON_TTL,
                        .moved_to = (char *) "https://example.net/ok?key=s3cret",
                        .n_items = 25,
                        .polled_once = true });
        save_feed(f->store, "new",
                (Feed){ .last_poll_usec = USEC_INFINITY,
                        .last_success_usec = USEC_INFINITY,
                        .last_item_usec = USEC_INFINITY });
        save_feed(f->store, "trouble",
                (Feed){ .last_poll_usec = NOW,
                        .last_success_usec = NOW - USEC_PER_DAY,
                        .last_item_usec = NOW - USEC_PER_DAY,
                        .n_failures = 4,
                        .last_status = 503,
                        .last_error = (char *) "HTTP 503" });
        /* silent as soon as it is longer than that */
        save_feed(f->store, "silent",
                (Feed){ .last_poll_usec = NOW,
                        .last_success_usec = NOW,
                        .last_item_usec = long_ago - 1 });
        save_feed(f->store, "quiet",
                (Feed){ .last_poll_usec = NOW,
                        .last_success_usec = NOW,
                        .last_item_usec = long_ago });
        save_feed(f->store, "zone",
                (Feed){ .last_poll_usec = NOW,
                        .n_failures = 2,
                        .gone = true,
                        .trouble = FEED_TROUBLE_GONE,
                        .wait_usec = USEC_INFINITY,
                        .wait_reason = FEED_REASON_GONE,
                        .final_url = (char *) "https://example.net/zone",
                        .next_poll_usec = USEC_INFINITY });
        save_feed(f->store, "elsewhere", (Feed){}); /* no longer configured: not shown */
        assert_int_equal(store_commit(f->store), 0);

        json = status(f, NULL);
        assert_int_equal(json_array_size(json_object_get(json, "feeds")), ELEMENTSOF(expected));
        for (size_t i = 0; i < ELEMENTSOF(expected); i++) {
                char path[32];

                (void) snprintf(path, sizeof path, "feeds.%zu.name", i);
                assert_member(json, path, expected[i].name);
                (void) snprintf(path, sizeof path, "feeds.%zu.state", i);
                assert_member(json, path, expected[i].state);
        }
        assert_member(json, "feeds.1.url", "https://example.org/ok"); /* a query may be a key */
        assert_member(json, "feeds.1.last_poll", FORMAT_RFC3339(NOW));
        assert_member(json, "feeds.1.next_poll", FORMAT_RFC3339(NOW + USEC_PER_HOUR));
        assert_member(json, "feeds.1.items", "25");
        assert_member(json, "feeds.1.error", "null");
        assert_member(json, "feeds.0.last_success", "null");
        assert_member(json, "feeds.0.next_poll", "null"); /* at once */
        assert_member(json, "feeds.1.interval", "1200");
        assert_member(json, "feeds.1.reason", "ttl");
        assert_member(json, "feeds.1.explanation", "after 20min: the feed asks for it (ttl)");
        assert_member(json, "feeds.1.moved_to", "https://example.net/ok");
        assert_member(json, "feeds.1.redirected_to", "null");
        assert_member(json, "feeds.5.next_poll", "null"); /* never */
        assert_member(json, "feeds.5.interval", "null");
        assert_member(json, "feeds.5.trouble", "gone");
        assert_member(json, "feeds.5.redirected_to", "https://example.net/zone");
        assert_member(json, "feeds.0.interval", "null");
        assert_member(json, "feeds.0.explanation", "not polled yet");
        assert_member(json, "feeds.4.failures", "4");
        assert_member(json, "feeds.4.status", "503");
        assert_member(json, "feeds.4.error", "HTTP 503");
        assert_member(json, "store.feeds", "7");
        json_decref(json);
}

/* --- alerts and outbox --- */

static void test_alerts_and_outbox(void **state) {
        static const struct {
                const char *id, *sink;
                DeliveryState state;
        } rows[] = { { "d-pending", "chat", DELIVERY_PENDING },
                { "d-sending", "chat", DELIVERY_SENDING }, { "d-done", "chat", DELIVERY_DONE },
                { "d-dead", "chat", DELIVERY_DEAD }, { "d-desktop", "desktop", DELIVERY_PENDING } };
        static const struct {
                const char *state, *ids;
        } outboxes[] = { { "", "d-pending d-sending d-dead d-desktop" },
                { NULL, "d-pending d-sending d-dead d-desktop" },
                { "pending", "d-pending d-desktop" }, { "sending", "d-sending" },
                { "done", "d-done" }, { "dead", "d-dead" } };
        static const char *const unknown[] = { "Dead", "dead ", "all", "?" };
        Fixture *f = *state;
        int64_t feed, story, item;
        int error = 0;
        json_t *json;

        feed = add_feed(f->store, "ok");
        story = add_story(f->store, NOW);
        item = add_item(f->store, feed, "i", story, NOW);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) { /* an alert goes to a sink once */
                int64_t other = add_story(f->store, NOW);

                (void) add_delivery(f->store,
                        add_alert(f->store, other, item, "p", NOW - USEC_PER_HOUR), rows[i].sink,
                        rows[i].id, rows[i].state, NOW + i);
        }
        (void) add_alert(f->store, story, item, "kfor", NOW);
        (void) add_alert(f->store, story, item, "other", NOW + USEC_PER_SEC);
        assert_int_equal(store_commit(f->store), 0);

        json = report_alerts(f->store, 10, &error);
        assert_member(json, "alerts.0.profile.name", "other"); /* the newest first */
        assert_member(json, "alerts.1.profile.name", "kfor");
        assert_member(json, "alerts.1.profile.title", "Title of it");
        assert_member(json, "alerts.1.raised", FORMAT_RFC3339(NOW));
        assert_member(json, "alerts.1.feed", "f");
        assert_member(json, "alerts.1.story.title", "A story");
        assert_member(json, "alerts.1.story.link", "null");
        assert_member(json, "alerts.1.story.sources.0.feed", "ok");
        assert_member(json, "alerts.1.story.sources.0.link", "https://example.org/1");
        assert_member(json, "alerts.1.score", "15");
        assert_member(json, "alerts.1.threshold", "10");
        assert_member(json, "alerts.1.urgency", "critical");
        assert_member(json, "alerts.1.reason", "score 15 of 10: KFOR +15 (title)");
        assert_member(json, "alerts.1.keywords.0.expression", "KFOR");
        assert_member(json, "alerts.1.body", "not-given");
        assert_member(json, "alerts.1.body_reason", "null");
        assert_int_equal(json_array_size(json_object_get(json, "alerts")), 2 + ELEMENTSOF(rows));
        json_decref(json);
        json = report_alerts(f->store, 1, &error);
        assert_member(json, "alerts.1", "absent");
        json_decref(json);

        for (size_t i = 0; i < ELEMENTSOF(outboxes); i++) {
                _cleanup_(buffer_done) Buffer ids = {};
                json_t *list, *row;
                size_t j;

                json = report_outbox(f->store, outboxes[i].state, 10, &error);
                assert_non_null(json);
                list = json_object_get(json, "deliveries");
                json_array_foreach (list, j, row)
                        assert_int_equal(buffer_printf(&ids, "%s%s", j > 0 ? " " : "",
                                                 member(row, "delivery")),
                                0);
                assert_text(buffer_str(&ids), outboxes[i].ids);
                json_decref(json);
        }
        for (size_t i = 0; i < ELEMENTSOF(unknown); i++) {
                error = 0;
                assert_null(report_outbox(f->store, unknown[i], 10, &error));
                assert_int_equal(error, -EINVAL);
        }

        json = report_outbox(f->store, "dead", 10, &error);
        assert_member(json, "deliveries.0.sink", "chat");
        assert_member(json, "deliveries.0.profile", "p");
        assert_member(json, "deliveries.0.title", "A story");
        assert_member(json, "deliveries.0.state", "dead");
        assert_member(json, "deliveries.0.next_try", "null");
        assert_member(json, "deliveries.0.done", "null");
        json_decref(json);

        json = status(f, NULL);
        assert_member(json, "sinks.0.pending", "2");
        assert_member(json, "sinks.0.dead", "1");
        assert_member(json, "sinks.1.pending", "1");
        assert_member(json, "queue.dead", "1");
        assert_member(json, "store.alerts", "7");
        json_decref(json);
}

static void test_test_alert(void **state) {
        _cleanup_(alert_done) Alert alert = {};

        (void) state;

        assert_int_equal(report_test_alert(NOW, &alert), 0);
        assert_text(alert.profile, "test");
        assert_text(alert.verdict.profile, "test");
        assert_true(alert.verdict.matched);
        assert_non_null(alert.story.title);
        assert_null(alert.story.link);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_empty),
                TEST(test_feed_states),
                TEST(test_alerts_and_outbox),
                TEST(test_test_alert),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
