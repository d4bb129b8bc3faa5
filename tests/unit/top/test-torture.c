/* SPDX-License-Identifier: MIT */

/* Memory runs out at every point of what picketd does with an item: reading a feed, scoring,
 * explaining, storing, rendering. Each function here cleans up after itself, so that
 * whatever is left when it returns was lost by what it called. Pages are left out: the HTML parser
 * of libxml2 2.9 loses strings itself when it fails, and does not survive that its input cannot
 * grow. */

#include "../store/support.h"

#include "../torture.h"

#include <libxml/xmlerror.h>

#include "base/hashmap.h"
#include "base/json.h"
#include "base/url.h"
#include "configuration.h"
#include "deliver/sink.h"
#include "feed/feed.h"
#include "match/document.h"
#include "model/verdict.h"
#include "report.h"

#define SETTINGS                                                                           \
        "[picket]\ncontact = https://example.org/\nsinks = chat desktop\n"                 \
        "[feed f]\nurl = https://example.org/f\nheader = X-Key: 1\nprofiles = kfor\n"      \
        "[profile kfor]\ntitle = KFOR\nkeyword = 10 KFOR | K.F.O.R.\n"                     \
        "keyword = 6 Kosovo NEAR/12 (peacekeep* | troop* | =NATO)\n"                       \
        "keyword = -8 title:football & !NATO\nrequire = Kosovo* | KFOR\n"                  \
        "exclude = title:(quiz | horoscope)\n"                                             \
        "[sink chat]\ntype = webhook\nformat = slack\nurl = https://hooks.example.org/x\n" \
        "[sink desktop]\ntype = desktop\n"

#define WRONG_SETTINGS "[feed f]\ncolour = red\n[profile p]\nkeyword = 1 a |\nkeyword = x\n[sink"

#define RSS                                                                                        \
        "<?xml version='1.0' encoding='iso-8859-9'?><rss><channel><title>N</title>"                \
        "<link>https://example.org/</link><item><title>KFOR &amp; T\xFCrkiye</title>"              \
        "<link>/1</link><guid isPermaLink='false'>1</guid><pubDate>Fri, 20 Feb 2026 06:30:00 GMT"  \
        "</pubDate><description>&lt;p&gt;Kosovo &lt;b&gt;troops&lt;/b&gt;&lt;/p&gt;</description>" \
        "<category>Defence</category><author>a@example.org (A)</author>"                           \
        "<enclosure url='/e.mp3' type='audio/mpeg' length='1'/></item>"                            \
        "<item><title>Broken <b>markup</title><nonsense/></item></channel></rss>"

#define ATOM                                                                                    \
        "<feed xmlns='http://www.w3.org/2005/Atom'><title type='html'>&lt;i&gt;N</title>"       \
        "<id>urn:f</id><entry xml:base='https://example.org/a/'><id>urn:1</id><title>T</title>" \
        "<link rel='alternate' href='b'/><updated>2026-02-20T06:30:00Z</updated>"               \
        "<author><name>A</name></author><content type='xhtml'>"                                 \
        "<div xmlns='http://www.w3.org/1999/xhtml'><p>one</p></div></content></entry></feed>"

#define SENTENCE                                                                              \
        "The alliance sends more troops to its mission, a spokesman said on Friday, and the " \
        "first of them will arrive within a week, if the weather, which was bad, lets them. "

/* --- base --- */

static int try_urls(void) {
        _cleanup_free_ char *url = NULL, *host = NULL, *origin = NULL, *shown = NULL;

        shown = url_redact("https://u:p@example.org:1/a?b", /* secret_path= */ false);
        if (!shown || url_resolve("https://example.org/a/b#c", "../d", &url) < 0 ||
                url_host(url, &host) < 0 || url_origin(url, &origin) < 0)
                return -ENOMEM;
        url = mfree(url);

        return url_resolve("https://example.org/a/b#c", "#d", &url);
}

static void *free_value(void *value) {
        return mfree(value);
}

static int try_hashmap(void) {
        _cleanup_(hashmap_freep) Hashmap *map = hashmap_new(free_value);
        char key[16];

        for (unsigned i = 0; map && i < 40; i++) {
                char *value = strdup("x");
                int r;

                (void) snprintf(key, sizeof key, "%u", i);
                r = value ? hashmap_put(map, key, value) : -ENOMEM;
                if (r < 0) {
                        free(value);
                        if (hashmap_size(map) != i || hashmap_get(map, key))
                                fail_msg("changed by a failed put");
                        return r;
                }
        }

        return map ? 0 : -ENOMEM;
}

/* --- configuration --- */

static int try_settings(const char *text) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(profile_set_freep) ProfileSet *profiles = NULL;
        _cleanup_(diags_done) Diags diags = {};
        int r;

        r = settings_load_text("test.conf", text, strlen(text), &diags, &settings);
        if (r < 0)
                return r;

        return profile_set_new(settings->profiles, settings->n_profiles, &diags, &profiles);
}

static int try_good_settings(void) {
        return try_settings(SETTINGS);
}

static int try_wrong_settings(void) {
        int r = try_settings(WRONG_SETTINGS);

        if (r >= 0)
                fail_msg("taken, though it is wrong");
        return r == -EINVAL ? 0 : r;
}

/* --- reading --- */

static int on_item(const Item *item _unused_, void *userdata _unused_) {
        return 0;
}

static int try_feed(const char *text, const char *type) {
        _cleanup_(feed_parser_freep) FeedParser *parser = NULL;
        const FeedOptions options = { .url = "https://example.org/feed", .content_type = type };
        const FeedHandler handler = { .on_item = on_item };
        int r;

        r = feed_parser_new(&options, &handler, &parser);
        for (size_t i = 0, n = strlen(text); r >= 0 && i < n; i += 100)
                r = feed_parser_push(parser, text + i, MIN((size_t) 100, n - i));
        if (r >= 0)
                r = feed_parser_finish(parser);
        xmlResetLastError(); /* kept by libxml2 until the next */
        return r < 0 ? r : 0;
}

static int try_rss(void) {
        return try_feed(RSS, "application/rss+xml");
}

static int try_atom(void) {
        return try_feed(ATOM, "application/atom+xml; charset=utf-8");
}

/* --- judging --- */

static ProfileSet *profiles;
static Settings *settings;

static int try_score(void) {
        const DocumentSource source = { .title = "KFOR sends troops",
                .summary = "Kosovo: the troops of NATO",
                .content = SENTENCE "KFOR and the Kosovo troops. " SENTENCE,
                .page_text = SENTENCE "More about KFOR.",
                .authors = "A\x1f"
                           "B",
                .categories = "Defence\x1f"
                              "Kosovo",
                .feed = "f" };
        _cleanup_(verdict_done) Verdict copy = {}, read = {};
        _cleanup_free_ char *buffer = NULL, *reason = NULL, *text = NULL;
        Verdict *verdicts = NULL;
        json_t *json = NULL;
        Document document;
        BodyState body;
        int r;

        r = document_make(&source, &document, &body, &buffer);
        if (r < 0)
                return r;
        r = profile_set_score(profiles, &document, 1000, &verdicts);
        if (r < 0)
                return r;

        r = verdict_quote(&verdicts[0], &document);
        if (r >= 0)
                r = verdict_copy(&verdicts[0], &copy);
        verdicts = verdict_array_free(verdicts, profile_set_size(profiles));
        if (r < 0)
                return r;

        reason = verdict_reason(&copy, 100);
        json = verdict_to_json(&copy);
        r = json_to_text(json, JSON_LINE, &text);
        if (r >= 0)
                r = verdict_from_json(json, &read);
        json_decref(json);
        return reason ? r : -ENOMEM;
}

static int try_render(void) {
        _cleanup_(alert_done) Alert alert = {};
        SinkSettings sink = { .type = SINK_WEBHOOK };
        int r;

        r = report_test_alert(NOW, &alert);
        for (SinkFormat i = 0; r >= 0 && i < SINK_FORMAT_MAX; i++) {
                _cleanup_free_ char *body = NULL;

                sink.format = i;
                r = sink_render(&sink, ALERT_RAISED, &alert, "id", &body);
        }
        if (r >= 0) {
                _cleanup_free_ char *body = NULL;

                sink.type = SINK_DESKTOP;
                r = sink_render(&sink, ALERT_TEST, &alert, "id", &body);
        }
        return r;
}

/* --- keeping --- */

static char *directory;

static int write_rows(Store *store) {
        static unsigned n;
        _cleanup_(feed_done) Feed feed = {};
        _cleanup_(store_candidates_done) StoreCandidates candidates = {};
        _cleanup_free_ char *id = NULL;
        KeywordHit hit = { .expression = (char *) "KFOR", .count = 1, .words = (char *) "KFOR" };
        Verdict verdict = { .profile = (char *) "kfor", .hits = &hit, .n_hits = 1 };
        Story story = { .title = (char *) "A story", .created_usec = NOW, .published_usec = NOW };
        ItemRecord item = { .guid_key = (char *) "g",
                .title = (char *) "T",
                .first_seen_usec = NOW,
                .last_seen_usec = NOW,
                .published_usec = NOW,
                .updated_usec = USEC_INFINITY };
        Alert alert = { .profile = (char *) "kfor",
                .raised_usec = NOW,
                .verdict = verdict,
                .feed = (char *) "f",
                .profile_title = (char *) "KFOR" };
        Delivery delivery = { .sink = (char *) "chat",
                .body = (char *) "{}",
                .created_usec = NOW,
                .done_usec = USEC_INFINITY };
        int r;

        if (asprintf(&id, "d-%u", n++) < 0)
                return -ENOMEM;
        delivery.public_id = id;

        r = store_feed_get(store, "f", "https://example.org/f", &feed);
        if (r < 0)
                return r;
        item.feed_id = feed.id;
        r = store_item_candidates(store, feed.id, "g", NULL, NULL, &candidates);
        if (r < 0)
                return r;
        r = store_story_insert(store, &story);
        if (r < 0)
                return r;
        item.story_id = alert.story.id = story.id;
        r = store_item_insert(store, &item);
        if (r < 0)
                return r;
        alert.item_id = item.id;
        r = store_verdicts_put(store, item.id, &verdict, 1);
        if (r < 0)
                return r;
        r = store_alert_insert(store, &alert);
        if (r < 0)
                return r;
        delivery.alert_id = alert.id;
        r = store_delivery_insert(store, &delivery);
        if (r < 0)
                return r;
        return store_feed_save(store, &feed);
}

/* Rolled back, so that every run finds the same. */
static int try_store(void) {
        _cleanup_(store_closep) Store *store = NULL;
        int r;

        r = store_open(directory, 0, &store, /* ret_message= */ NULL);
        if (r < 0)
                return r;

        r = write_rows(store);
        store_rollback(store);
        return r;
}

static int try_report(void) {
        _cleanup_(store_closep) Store *store = NULL;
        json_t *json;
        int r, error = 1;

        r = store_open(directory, STORE_READ_ONLY, &store, /* ret_message= */ NULL);
        if (r < 0)
                return r;

        json = report_status(store, settings, /* live= */ NULL, NOW, &error);
        if (json) {
                json_decref(json);
                error = 1;
                json = report_alerts(store, 10, &error);
        }
        if (json) {
                json_decref(json);
                error = 1;
                json = report_outbox(store, "pending", 10, &error);
        }
        if (!json && error >= 0)
                fail_msg("nothing, and no error");
        json_decref(json);
        return json ? 0 : error;
}

/* --- all of them --- */

#define TORTURE(f)                           \
        static void test_##f(void **state) { \
                (void) state;                \
                torture(#f, try_##f);        \
        }

TORTURE(urls)
TORTURE(hashmap)
TORTURE(good_settings)
TORTURE(wrong_settings)
TORTURE(rss)
TORTURE(atom)
TORTURE(score)
TORTURE(render)
TORTURE(store)
TORTURE(report)

static void say_nothing(void *context _unused_, const char *format _unused_, ...) {
}

static int setup(void **state) {
        _cleanup_(diags_done) Diags diags = {};
        Store *store;
        int r;

        xmlSetGenericErrorFunc(NULL, say_nothing); /* it says so whenever memory is out */
        if (setup_directory(state) < 0)
                return -1;
        directory = *state;
        if (settings_load_text("test.conf", SETTINGS, strlen(SETTINGS), &diags, &settings) < 0 ||
                profile_set_new(settings->profiles, settings->n_profiles, &diags, &profiles) < 0)
                return -1;

        store = open_store(directory);
        r = write_rows(store);
        if (r >= 0)
                r = store_commit(store);
        store_close(store);
        return r;
}

static int teardown(void **state) {
        profiles = profile_set_free(profiles);
        settings = settings_free(settings);
        return teardown_directory(state);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_urls),
                cmocka_unit_test(test_hashmap),
                cmocka_unit_test(test_good_settings),
                cmocka_unit_test(test_wrong_settings),
                cmocka_unit_test(test_rss),
                cmocka_unit_test(test_atom),
                cmocka_unit_test(test_score),
                cmocka_unit_test(test_render),
                cmocka_unit_test(test_store),
                cmocka_unit_test(test_report),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
