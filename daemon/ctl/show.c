/* SPDX-License-Identifier: MIT */

/* The verbs that look: status, feeds, alerts, outbox. Each gets one JSON document, from the daemon
 * or from the store, and prints it as it is or for people. */

#include <errno.h>
#include <inttypes.h>

#include "base/time.h"
#include "ctl/access.h"
#include "report.h"

#define SHOW_ALERTS_MAX 50
#define SHOW_DELIVERIES_MAX 200

static const char *text_of(const json_t *object, const char *key) {
        return json_string_value(json_object_get(object, key));
}

static json_int_t number_of(const json_t *object, const char *key) {
        return json_integer_value(json_object_get(object, key));
}

/* Text from a feed on a terminal: no control characters (the JSON holds whatever the feed said). */
static void print_clean(const char *s) {
        for (; s && *s; s++) {
                unsigned char c = (unsigned char) *s;
                bool c1 = c == 0xC2 && (unsigned char) s[1] >= 0x80 && (unsigned char) s[1] < 0xA0;

                putchar(c < ' ' || c == 0x7f || c1 ? ' ' : c);
                s += c1;
        }
}

/* --- status and feeds --- */

/* The same document without a daemon, from the store itself. CTL_OK or an exit status. */
static int report_here(const CtlArguments *arguments,
        json_t *(*report)(Store *store, const Settings *settings, int *ret_error), json_t **ret) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(store_closep) Store *store = NULL;
        int r, error = 0;

        r = access_store(arguments, &settings, &store);
        if (r != CTL_OK)
                return r;

        *ret = report(store, settings, &error);
        if (!*ret) {
                fprintf(stderr, "picketctl: failed to read the store: %s\n", strerror(-error));
                return CTL_FAILURE;
        }

        return CTL_OK;
}

static json_t *status_here(Store *store, const Settings *settings, int *ret_error) {
        return report_status(
                store, settings, /* live= */ NULL, clock_realtime(&clock_system), ret_error);
}

static json_t *alerts_here(Store *store, const Settings *settings _unused_, int *ret_error) {
        return report_alerts(store, SHOW_ALERTS_MAX, ret_error);
}

static json_t *outbox_here(Store *store, const Settings *settings _unused_, int *ret_error) {
        return report_outbox(store, "", SHOW_DELIVERIES_MAX, ret_error);
}

static int get_status(const CtlArguments *arguments, json_t **ret) {
        int r;

        r = access_daemon(arguments, "Status", ret, "");
        if (r != 0)
                return r < 0 ? CTL_FAILURE : CTL_OK;

        return report_here(arguments, status_here, ret);
}

static void print_feed(const json_t *feed) {
        const char *error = text_of(feed, "error");

        printf("  %-8s %s", text_of(feed, "state"), text_of(feed, "name"));
        if (error) {
                printf(": ");
                print_clean(error);
                printf(" (%" PRIi64 " times)", (int64_t) number_of(feed, "failures"));
        }
        printf("\n           last read %s, next poll %s", text_of(feed, "last_success") ?: "never",
                text_of(feed, "next_poll")                      ? text_of(feed, "next_poll")
                        : streq(text_of(feed, "state"), "gone") ? "never"
                                                                : "at once");
        if (text_of(feed, "explanation"))
                printf(" (%s)", text_of(feed, "explanation"));
        putchar('\n');
        if (text_of(feed, "moved_to"))
                printf("           moved to %s; change url = to it\n", text_of(feed, "moved_to"));
        if (text_of(feed, "redirected_to"))
                printf("           redirected to %s\n", text_of(feed, "redirected_to"));
}

static bool wants_attention(const json_t *feed) {
        const char *state = text_of(feed, "state");

        return streq(state, "trouble") || streq(state, "silent") || streq(state, "gone");
}

static void print_sink(const json_t *sink) {
        printf("  %s (%s): %" PRIi64 " wait, %" PRIi64 " dead", text_of(sink, "name"),
                text_of(sink, "type"), (int64_t) number_of(sink, "pending"),
                (int64_t) number_of(sink, "dead"));
        if (text_of(sink, "error")) {
                printf("; ");
                print_clean(text_of(sink, "error"));
        }
        putchar('\n');
}

static void print_status(const json_t *status) {
        const json_t *feeds = json_object_get(status, "feeds"),
                     *sinks = json_object_get(status, "sinks");
        const json_t *store = json_object_get(status, "store"),
                     *queue = json_object_get(status, "queue"),
                     *network = json_object_get(status, "network"),
                     *hosts = json_object_get(status, "hosts");
        size_t i, n_bad = 0;
        json_t *entry;

        printf("Picket %s, %s", text_of(status, "version"),
                json_is_true(json_object_get(status, "running")) ? "running" : "not running");
        if (text_of(status, "started"))
                printf(" since %s", text_of(status, "started"));
        if (text_of(network, "state"))
                printf(", %s", text_of(network, "state"));
        printf("\nState in %s: %" PRIi64 " items, %" PRIi64 " stories, %" PRIi64 " alerts (%s)\n",
                text_of(status, "state_directory"), (int64_t) number_of(store, "items"),
                (int64_t) number_of(store, "stories"), (int64_t) number_of(store, "alerts"),
                FORMAT_BYTES((uint64_t) number_of(store, "bytes")));
        printf("Queue: %" PRIi64 " deliveries wait, %" PRIi64 " are dead, %" PRIi64
               " pages are wanted\n",
                (int64_t) number_of(queue, "pending"), (int64_t) number_of(queue, "dead"),
                (int64_t) number_of(queue, "pages_wanted"));

        json_array_foreach ((json_t *) feeds, i, entry)
                n_bad += wants_attention(entry);
        printf("Feeds: %zu, of which in trouble, silent or gone: %zu\n", json_array_size(feeds),
                n_bad);
        json_array_foreach ((json_t *) feeds, i, entry)
                if (wants_attention(entry))
                        print_feed(entry);
        json_array_foreach ((json_t *) hosts, i, entry) {
                printf("Left alone until %s, as it asked: ", text_of(entry, "closed_until"));
                print_clean(text_of(entry, "name"));
                putchar('\n');
        }
        printf("Sinks: %zu\n", json_array_size(sinks));
        json_array_foreach ((json_t *) sinks, i, entry)
                print_sink(entry);
}

int ctl_status(const CtlArguments *arguments) {
        json_auto_t *status = NULL;
        int r;

        r = get_status(arguments, &status);
        if (r != CTL_OK)
                return r;
        if (arguments->json)
                return ctl_print_json(TAKE_PTR(status));

        print_status(status);
        return CTL_OK;
}

int ctl_feeds(const CtlArguments *arguments) {
        json_auto_t *status = NULL;
        json_t *entry;
        size_t i;
        int r;

        r = get_status(arguments, &status);
        if (r != CTL_OK)
                return r;
        if (arguments->json)
                return ctl_print_json(json_pack("{sO}", "feeds", json_object_get(status, "feeds")));

        json_array_foreach (json_object_get(status, "feeds"), i, entry)
                print_feed(entry);
        return CTL_OK;
}

/* --- alerts --- */

static void print_alert(const json_t *alert, bool color) {
        const json_t *story = json_object_get(alert, "story"),
                     *profile = json_object_get(alert, "profile");

        printf("%s  %s%s%s  ", text_of(alert, "raised"), color ? "\x1b[1m" : "",
                text_of(profile, "title") ?: text_of(profile, "name"), color ? "\x1b[0m" : "");
        print_clean(text_of(story, "title") ?: "(no title)");
        printf("\n        ");
        print_clean(text_of(alert, "reason"));
        if (text_of(story, "link")) {
                printf("\n        ");
                print_clean(text_of(story, "link"));
        }
        putchar('\n');
}

int ctl_alerts(const CtlArguments *arguments) {
        json_auto_t *alerts = NULL;
        int r;
        json_t *entry;
        size_t i;

        r = access_daemon(arguments, "Alerts", &alerts, "u", (uint32_t) SHOW_ALERTS_MAX);
        if (r < 0)
                return CTL_FAILURE;
        if (r == 0) {
                r = report_here(arguments, alerts_here, &alerts);
                if (r != CTL_OK)
                        return r;
        }
        if (arguments->json)
                return ctl_print_json(TAKE_PTR(alerts));

        json_array_foreach (json_object_get(alerts, "alerts"), i, entry)
                print_alert(entry, arguments->color);
        return CTL_OK;
}

/* --- outbox --- */

static void print_delivery(const json_t *d) {
        printf("%6" PRIi64 "  %-8s %s  ", (int64_t) number_of(d, "id"), text_of(d, "state"),
                text_of(d, "sink"));
        print_clean(text_of(d, "title") ?: "(no title)");
        if (text_of(d, "error")) {
                printf("\n        after %" PRIi64 " tries: ", (int64_t) number_of(d, "attempts"));
                print_clean(text_of(d, "error"));
        }
        if (text_of(d, "next_try"))
                printf("\n        next try %s", text_of(d, "next_try"));
        putchar('\n');
}

static int outbox_retry(const CtlArguments *arguments, const char *operand) {
        uint64_t id;
        int r;

        if (parse_u64(operand, &id) < 0) {
                fprintf(stderr, "picketctl: '%s' is no delivery's number; see 'picketctl outbox'\n",
                        operand);
                return CTL_USAGE;
        }

        r = access_daemon(arguments, "RetryDelivery", /* ret= */ NULL, "t", id);
        if (r == 0)
                fprintf(stderr, "picketctl: picketd is not running\n");
        return r > 0 ? CTL_OK : CTL_FAILURE;
}

int ctl_outbox(const CtlArguments *arguments) {
        json_auto_t *outbox = NULL;
        int r;
        json_t *entry;
        size_t i;

        if (arguments->n_operands == 2 && streq(arguments->operands[0], "retry"))
                return outbox_retry(arguments, arguments->operands[1]);
        if (arguments->n_operands > 0) {
                fprintf(stderr, "picketctl: usage: picketctl outbox [retry ID]\n");
                return CTL_USAGE;
        }

        r = access_daemon(arguments, "Outbox", &outbox, "s", "");
        if (r < 0)
                return CTL_FAILURE;
        if (r == 0) {
                r = report_here(arguments, outbox_here, &outbox);
                if (r != CTL_OK)
                        return r;
        }
        if (arguments->json)
                return ctl_print_json(TAKE_PTR(outbox));

        json_array_foreach (json_object_get(outbox, "deliveries"), i, entry)
                print_delivery(entry);
        return CTL_OK;
}
