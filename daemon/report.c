/* SPDX-License-Identifier: MIT */

#include "report.h"

#include <errno.h>

#include "base/url.h"
#include "model/verdict.h"
#include "poll/schedule.h"

/* Enough for any queue that a person reads. */
#define REPORT_REASON_BYTES_MAX 400

static json_t *json_time(usec_t t) {
        const char *s = t == 0 ? NULL : FORMAT_RFC3339(t);

        return s ? json_string(s) : json_null();
}

static json_t *json_text(const char *s) {
        return isempty(s) ? json_null() : json_string(s);
}

/* {NAME: [...]}; borrows @list. */
static json_t *list_document(const char *name, json_t *list, int *ret_error) {
        json_t *document = json_pack("{sO}", name, list);

        if (!document)
                *ret_error = -ENOMEM;
        return document;
}

/* --- status --- */

static const char *feed_state(const Feed *feed, usec_t now_usec) {
        if (feed->gone)
                return "gone";
        if (feed->n_failures > 0)
                return "trouble";
        if (feed->last_success_usec == USEC_INFINITY || feed->last_success_usec == 0)
                return "new";
        if (feed->last_item_usec != USEC_INFINITY &&
                usec_add(feed->last_item_usec, schedule_silence(feed)) < now_usec)
                return "silent";

        return "ok";
}

static json_t *json_address(const char *url) {
        _cleanup_free_ char *redacted = url ? url_redact(url, /* secret_path= */ false) : NULL;

        return json_text(redacted);
}

/* When it is polled, in seconds; nothing for what is not polled. */
static json_t *json_wait(const Feed *feed) {
        return feed->wait_reason == FEED_REASON_NONE || feed->wait_usec >= INT64_MAX
                ? json_null()
                : json_integer((json_int_t) (feed->wait_usec / USEC_PER_SEC));
}

static json_t *feed_to_json(const Feed *feed, usec_t now_usec) {
        _cleanup_free_ char *explanation = schedule_explain(feed, now_usec);

        return json_pack("{ss so so so ss ss so so so so so ss so sI sI so sI}", "name", feed->name,
                "url", json_address(feed->url), "moved_to", json_address(feed->moved_to),
                "redirected_to", json_address(feed->final_url), "state", feed_state(feed, now_usec),
                "trouble", feed_trouble_to_string(feed->trouble), "last_poll",
                json_time(feed->last_poll_usec), "last_success", json_time(feed->last_success_usec),
                "last_item", json_time(feed->last_item_usec), "next_poll",
                feed->next_poll_usec >= INT64_MAX ? json_null() : json_time(feed->next_poll_usec),
                "interval", json_wait(feed), "reason", feed_reason_to_string(feed->wait_reason),
                "explanation", json_text(explanation), "failures", (json_int_t) feed->n_failures,
                "status", (json_int_t) feed->last_status, "error", json_text(feed->last_error),
                "items", (json_int_t) feed->n_items);
}

static json_t *feeds_to_json(
        Store *store, const Settings *settings, usec_t now_usec, int *ret_error) {
        json_auto_t *list = json_array();
        Feed *feeds = NULL;
        size_t n = 0;
        int r;

        r = list ? store_feeds(store, &feeds, &n) : -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                if (r >= 0 && settings_find_feed(settings, feeds[i].name) &&
                        json_array_append_new(list, feed_to_json(&feeds[i], now_usec)) < 0)
                        r = -ENOMEM;
                feed_done(&feeds[i]);
        }
        free(feeds);

        if (r < 0) {
                *ret_error = r;
                return NULL;
        }

        return TAKE_PTR(list);
}

static bool sink_live(const ReportLive *live, const char *name, SinkStatus *ret) {
        for (size_t i = 0; live && outbox_status(live->outbox, i, ret); i++)
                if (streq(ret->sink, name))
                        return true;

        return false;
}

static json_t *sinks_to_json(
        Store *store, const Settings *settings, const ReportLive *live, int *ret_error) {
        json_auto_t *list = json_array();
        int r = list ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < settings->n_sinks; i++) {
                const SinkSettings *sink = &settings->sinks[i];
                uint64_t n_pending, n_dead;
                SinkStatus status = {};

                r = store_queue(store, sink->name.text, &n_pending, &n_dead);
                if (r < 0)
                        break;
                (void) sink_live(live, sink->name.text, &status);
                if (json_array_append_new(list,
                            json_pack("{ss ss sI sI sb so so}", "name", sink->name.text, "type",
                                    sink_type_to_string(sink->type), "pending",
                                    (json_int_t) n_pending, "dead", (json_int_t) n_dead, "trouble",
                                    (int) status.in_trouble, "error", json_text(status.last_error),
                                    "next_try", json_time(status.next_try_usec))) < 0)
                        r = -ENOMEM;
        }
        if (r < 0) {
                *ret_error = r;
                return NULL;
        }

        return TAKE_PTR(list);
}

/* Those that asked to be left alone, for as long as they did. */
static json_t *hosts_to_json(Store *store, usec_t now_usec, int *ret_error) {
        json_auto_t *list = json_array();
        StoreHost *hosts = NULL;
        size_t n = 0;
        int r;

        r = list ? store_hosts(store, &hosts, &n) : -ENOMEM;
        for (size_t i = 0; r >= 0 && i < n; i++)
                if (hosts[i].closed_until_usec > now_usec &&
                        json_array_append_new(list,
                                json_pack("{ss ss so}", "name", hosts[i].name, "scope",
                                        hosts[i].is_domain ? "domain" : "host", "closed_until",
                                        json_time(hosts[i].closed_until_usec))) < 0)
                        r = -ENOMEM;
        (void) store_hosts_free(hosts, n);

        if (r < 0) {
                *ret_error = r;
                return NULL;
        }

        return TAKE_PTR(list);
}

static json_t *network_to_json(const ReportLive *live) {
        return json_pack("{so so}", "state", json_text(live ? live->network : NULL), "since",
                json_time(live ? live->network_since_usec : USEC_INFINITY));
}

json_t *report_status(Store *store, const Settings *settings, const ReportLive *live,
        usec_t now_usec, int *ret_error) {
        json_auto_t *feeds = NULL, *sinks = NULL, *hosts = NULL;
        json_t *status;
        StoreCounts counts;

        *ret_error = store_counts(store, &counts);
        if (*ret_error < 0)
                return NULL;
        feeds = feeds_to_json(store, settings, now_usec, ret_error);
        if (!feeds)
                return NULL;
        sinks = sinks_to_json(store, settings, live, ret_error);
        if (!sinks)
                return NULL;
        hosts = hosts_to_json(store, now_usec, ret_error);
        if (!hosts)
                return NULL;

        status = json_pack("{ss sb so sI ss sO sO sO so s{sI sI sI} s{sI sI sI sI sI}}", "version",
                PICKET_VERSION, "running", (int) (live != NULL), "started",
                json_time(live ? live->started_usec : USEC_INFINITY), "polling",
                (json_int_t) (live ? live->n_polling : 0), "state_directory",
                settings->state_directory, "feeds", feeds, "sinks", sinks, "hosts", hosts,
                "network", network_to_json(live), "queue", "pending", (json_int_t) counts.n_pending,
                "dead", (json_int_t) counts.n_dead, "pages_wanted",
                (json_int_t) counts.n_pages_wanted, "store", "bytes", (json_int_t) counts.n_bytes,
                "feeds", (json_int_t) counts.n_feeds, "items", (json_int_t) counts.n_items,
                "stories", (json_int_t) counts.n_stories, "alerts", (json_int_t) counts.n_alerts);
        if (!status)
                *ret_error = -ENOMEM;
        return status;
}

/* --- alerts --- */

static json_t *sources_to_json(const Alert *alert) {
        json_auto_t *list = json_array();

        for (size_t i = 0; list && i < alert->n_sources; i++)
                if (json_array_append_new(list,
                            json_pack("{ss? so so so}", "feed", alert->sources[i].feed, "title",
                                    json_text(alert->sources[i].title), "link",
                                    json_text(alert->sources[i].link), "published",
                                    json_time(alert->sources[i].published_usec))) < 0)
                        return NULL;

        return TAKE_PTR(list);
}

static json_t *alert_to_json(const Alert *alert) {
        _cleanup_free_ char *reason = verdict_reason(&alert->verdict, REPORT_REASON_BYTES_MAX);

        return json_pack("{sI so s{ss ss?} ss? s{sI so so so so} so so ss ss? so ss ss?}", "id",
                (json_int_t) alert->id, "raised", json_time(alert->raised_usec), "profile", "name",
                alert->profile, "title", alert->profile_title, "feed", alert->feed, "story", "id",
                (json_int_t) alert->story.id, "title", json_text(alert->story.title), "link",
                json_text(alert->story.link), "published", json_time(alert->story.published_usec),
                "sources", sources_to_json(alert), "score", json_milli(alert->verdict.score_milli),
                "threshold", json_milli(alert->verdict.threshold_milli), "urgency",
                urgency_to_string(alert->urgency), "reason", reason, "keywords",
                verdict_keywords_to_json(&alert->verdict), "body",
                body_state_to_string(alert->verdict.body), "body_reason",
                alert->verdict.body_reason);
}

json_t *report_alerts(Store *store, size_t n_max, int *ret_error) {
        json_auto_t *list = json_array();
        Alert *alerts = NULL;
        size_t n = 0;
        int r;

        r = list ? store_alerts(store, n_max, &alerts, &n) : -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                if (r >= 0 && json_array_append_new(list, alert_to_json(&alerts[i])) < 0)
                        r = -ENOMEM;
                alert_done(&alerts[i]);
        }
        free(alerts);

        if (r < 0) {
                *ret_error = r;
                return NULL;
        }

        return list_document("alerts", list, ret_error);
}

/* --- outbox --- */

static json_t *delivery_to_json(const Delivery *d) {
        return json_pack("{sI ss ss ss? so ss sI so so so sI so}", "id", (json_int_t) d->id,
                "delivery", d->public_id, "sink", d->sink, "profile", d->profile, "title",
                json_text(d->title), "state", delivery_state_to_string(d->state), "attempts",
                (json_int_t) d->n_attempts, "created", json_time(d->created_usec), "next_try",
                d->state == DELIVERY_PENDING ? json_time(d->next_try_usec) : json_null(), "done",
                json_time(d->done_usec), "status", (json_int_t) d->last_status, "error",
                json_text(d->last_error));
}

json_t *report_outbox(Store *store, const char *state, size_t n_max, int *ret_error) {
        DeliveryState which = DELIVERY_STATE_MAX;
        Delivery *deliveries = NULL;
        json_auto_t *list = NULL;
        size_t n = 0;
        int r;

        if (!isempty(state)) {
                r = delivery_state_from_string(state, &which);
                if (r < 0) {
                        *ret_error = r;
                        return NULL;
                }
        }

        list = json_array();
        r = list ? store_deliveries(store, which, n_max, &deliveries, &n) : -ENOMEM;
        for (size_t i = 0; r >= 0 && i < n; i++)
                if (json_array_append_new(list, delivery_to_json(&deliveries[i])) < 0)
                        r = -ENOMEM;
        deliveries = delivery_array_free(deliveries, n);

        if (r < 0) {
                *ret_error = r;
                return NULL;
        }

        return list_document("deliveries", list, ret_error);
}

/* --- the test alert --- */

int report_test_alert(usec_t now_usec, Alert *ret) {
        _cleanup_(alert_done) Alert alert = {
                .urgency = URGENCY_NORMAL,
                .raised_usec = now_usec,
                .story = { .published_usec = now_usec, .created_usec = now_usec },
                .verdict = { .score_milli = 10000, .threshold_milli = 10000, .matched = true },
        };

        if (free_and_strdup(&alert.profile, "test") < 0 ||
                free_and_strdup(&alert.profile_title, "Test of a sink") < 0 ||
                free_and_strdup(&alert.feed, "picketctl") < 0 ||
                free_and_strdup(&alert.story.title, "This is a test of Picket") < 0 ||
                free_and_strdup(&alert.story.summary,
                        "Somebody asked Picket to try this sink. If you can read this, alerts will arrive here too.") <
                        0 ||
                free_and_strdup(&alert.verdict.profile, "test") < 0)
                return -ENOMEM;

        *ret = alert;
        alert = (Alert){};
        return 0;
}
