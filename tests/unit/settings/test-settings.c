/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/strv.h"
#include "settings/settings.h"

/* "LINE:COLUMN MESSAGE" of each diagnostic, warnings with "warning: " in front of the message. */
static void diags_write(const Diags *diags, Buffer *b) {
        for (size_t i = 0; i < diags->n_items; i++) {
                const Diag *d = &diags->items[i];

                assert_int_equal(
                        buffer_printf(b, "%u:%u %s%s\n", d->line, d->column,
                                d->severity == DIAG_WARNING ? "warning: " : "", d->message),
                        0);
        }
}

static Settings *load(const char *text, Diags *diags) {
        Settings *settings = NULL;
        int r;

        r = settings_load_text("test.conf", text, strlen(text), diags, &settings);
        assert_int_equal(r, diags->n_errors > 0 ? -EINVAL : 0);
        assert_true((r == 0) == (settings != NULL));
        return settings;
}

static Settings *load_good(const char *text) {
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_(buffer_done) Buffer b = {};
        Settings *settings = load(text, &diags);

        diags_write(&diags, &b);
        assert_string_equal(buffer_str(&b), "");
        return settings;
}

#define WEBHOOK "[sink s]\ntype = webhook\n"
#define FEED "[feed f]\nurl = https://example.org/\n"
#define PROFILE "[profile p]\nkeyword = 1 a\n"

static const struct {
        const char *name, *text, *diags;
} cases[] = {
        { "nothing", "", "" },
        { "outside of a section", "a = b\n", "1:1 'a' stands outside of any section\n" },
        { "section type", "[feeds a]\nurl = b\n",
                "1:2 unknown section type 'feeds'; did you mean 'feed'?\n" },
        { "section type, far off", "[x y]\n",
                "1:2 unknown section type 'x'; there are picket, feed, profile and sink\n" },
        { "picket with a name", "[picket x]\n", "1:9 [picket] takes no name\n" },
        { "no name", "[feed]\n", "1:2 this section needs a name: [feed NAME]\n" },
        { "bad name", "[feed a b]\n",
                "1:8 a name is made of letters without accents, digits, '-', '_' and '.'\n" },
        { "bad name, column in characters", "[feed \xC3\xA4]\n",
                "1:7 a name is made of letters without accents, digits, '-', '_' and '.'\n" },
        { "defined twice", FEED FEED, "3:2 [feed f] is already defined in test.conf, line 1\n" },
        { "one name in two types", FEED "[profile f]\nkeyword = 1 a\n", "" },
        { "picket may go on", "[picket]\ninterval = 5min\n" FEED "[picket]\nfull-text = never\n",
                "" },
        { "unknown key", "[picket]\nintervall = 5min\n",
                "2:1 unknown key 'intervall' in [picket]; did you mean 'interval'?\n" },
        { "unknown key, far off", FEED "color = red\n", "3:1 unknown key 'color' in [feed f]\n" },
        { "no url", "[feed f]\n", "1:7 a feed needs a url\n" },
        { "no address", "[feed f]\nurl = example\n", "2:7 url: this is no address\n" },
        { "scheme", "[feed f]\nurl = ftp://example.org/\n",
                "2:7 url: an address starts with https:// or http://\n" },
        { "password", "[feed f]\nurl = https://a:b@example.org/\n",
                "2:7 url: an address must not hold a user name or a password; 'credential' names "
                "where to find them\n" },
        { "private feed", "[feed f]\nurl = http://192.168.1.1/\n",
                "2:7 warning: this address is private, and requests to it will be refused without "
                "allow-private = yes\n" },
        { "private feed, allowed", "[feed f]\nurl = http://[::1]/\nallow-private = yes\n", "" },
        { "private feed, all allowed",
                "[picket]\nallow-private = yes\n[feed f]\nurl = http://localhost:80/\n", "" },
        { "interval", FEED "interval = often\n",
                "3:12 interval: expected auto or a time span, such as 10min\n" },
        { "interval, short", FEED "interval = 59s\n",
                "3:12 interval: an interval is at least 1min (a number without a unit counts "
                "seconds)\n" },
        { "interval, long", FEED "interval = 2y\n", "3:12 interval: an interval is at most 1y\n" },
        { "full-text", FEED "full-text = allways\n",
                "3:13 full-text: expected auto, always or never; did you mean 'always'?\n" },
        { "weight", FEED "weight = 1.2345\n",
                "3:10 weight: expected a number with at most three decimals\n" },
        { "weight, large", FEED "weight = 101\n",
                "3:10 weight: expected a number from 0 to 100\n" },
        { "flag", FEED "allow-private = perhaps\n", "3:17 allow-private: expected yes or no\n" },
        { "header", FEED "header = X Y: z\n", "3:10 header: expected 'NAME: VALUE'\n" },
        { "credential", FEED "credential = a/b\n",
                "3:14 credential: the name of a credential is a file name without '/', ':' and "
                "white space\n" },
        { "proxy", FEED "proxy = ftp://example.org\n",
                "3:9 proxy: a proxy is http://HOST:PORT, https://HOST:PORT or "
                "socks5://HOST:PORT\n" },
        { "kind", FEED "kind = html\n", "3:8 kind: expected auto or xpath\n" },
        { "xpath", FEED "kind = xpath\nitem = //li\nlink = a/@href\n", "" },
        { "xpath without item", FEED "kind = xpath\ntitle = a\n",
                "3:8 kind = xpath needs 'item', which selects the items\n" },
        { "xpath without parts", FEED "kind = xpath\nitem = //li\ndate = time\n",
                "3:8 kind = xpath needs a 'title' or a 'link'\n" },
        { "expressions without kind", FEED "item = //li\ndate = time\n",
                "3:1 'item' goes with kind = xpath\n4:1 'date' goes with kind = xpath\n" },
        { "unknown profile", FEED "profiles = p  kfro\n" PROFILE "[profile kfor]\nkeyword = 1 a\n",
                "3:15 profiles: there is no [profile kfro]; did you mean 'kfor'?\n" },
        { "unknown sink", "[picket]\nsinks = desktop\n",
                "2:9 sinks: there is no [sink desktop]\n" },
        { "contact", "[picket]\ncontact = me (at) example.org\n",
                "2:13 contact: an address here has no white space, parentheses or letters beyond "
                "ASCII\n" },
        { "retention", "[picket]\nretention = 90\n",
                "2:13 retention: retention is at least 1d (a number without a unit counts "
                "seconds)\n" },
        { "no keyword", "[profile p]\n",
                "1:10 warning: a profile without a keyword never "
                "matches\n" },
        { "threshold", PROFILE "threshold = 0\n",
                "3:13 threshold: expected a number from 0.001 to 1000000\n" },
        { "no weight", "[profile p]\nkeyword = KFOR\n",
                "2:11 keyword: a keyword starts with its weight, a number with at most three "
                "decimals: WEIGHT EXPRESSION\n" },
        { "weight alone", "[profile p]\nkeyword = 10\n",
                "2:13 keyword: an expression is missing behind the weight\n" },
        { "weight over the bounds", "[profile p]\nkeyword = -1000.001 a\n",
                "2:11 keyword: expected a weight from -1000 to 1000\n" },
        { "urgency", PROFILE "urgency = Critical\n",
                "3:11 urgency: expected low, normal or critical; did you mean 'critical'?\n" },
        { "critical below", PROFILE "critical-at = 5\n",
                "3:15 warning: below the threshold: every alert of this profile is critical\n" },
        { "factor", PROFILE "body-factor = -1\n",
                "3:15 body-factor: expected a number from 0 to 100\n" },
        { "feed factor", PROFILE "feed-factor = 1\n",
                "3:1 unknown key 'feed-factor' in [profile p]\n" },
        { "no type", "[sink s]\nurl = https://example.org/\n",
                "1:7 a sink needs a type: webhook or desktop\n" },
        { "type", "[sink s]\ntype = webhok\n",
                "2:8 type: expected webhook or desktop; did you mean 'webhook'?\n" },
        { "email", "[sink s]\ntype = email\n", "2:8 type = email is not supported yet\n" },
        { "format", WEBHOOK "format = teams\nurl = https://example.org/\n",
                "3:10 format = teams is not supported yet\n" },
        { "template", WEBHOOK "url = https://example.org/\ntemplate = a.json\n",
                "4:1 'template' is not supported yet\n" },
        { "no address of a webhook", WEBHOOK,
                "1:7 a webhook needs one of url, url-file and url-credential\n" },
        { "two addresses", WEBHOOK "url = https://example.org/\nurl-file = a\n",
                "4:1 'url-file' and 'url' exclude each other\n" },
        { "secret with slack", WEBHOOK "url-file = a\nformat = slack\nsecret-credential = b\n",
                "4:1 a secret for signing goes with format = json alone\n" },
        { "desktop with an address", "[sink d]\ntype = desktop\nurl = https://example.org/\n",
                "3:1 'url' goes with type = webhook\n" },
        { "include in a text", "[picket]\ninclude = /etc/passwd\n",
                "2:11 '/etc/passwd' cannot be included from here\n" },
        { "a value that is reset says nothing", FEED "interval = x\ninterval =\n", "" },
        { "a broken section is skipped", "[fed x]\na = b\n[feed f\nc = d\n" FEED,
                "1:2 unknown section type 'fed'; did you mean 'feed'?\n"
                "3:7 a section must end with ']', and nothing may follow it\n" },
        { "continued, column in the joined line",
                "[profile p]\nkeyword = 1 \\\n  a\nurgency \\\n= x\n",
                "4:12 urgency: expected low, normal or critical\n" },
};

static void test_diagnostics(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(settings_freep) Settings *settings = NULL;
                _cleanup_(diags_done) Diags diags = {};
                _cleanup_(buffer_done) Buffer b = {};

                settings = load(cases[i].text, &diags);
                diags_write(&diags, &b);
                if (!streq(buffer_str(&b), cases[i].diags))
                        fail_msg("%s:\n%s", cases[i].name, buffer_str(&b));
        }
}

/* Twelve mistakes, twelve messages. */
static void test_all_at_once(void **state) {
        static const char text[] = "stray = 1\n"
                                   "[picket]\n"
                                   "intervall = auto\n"
                                   "sinks = desktop ops\n"
                                   "[feed a]\n"
                                   "url = nowhere\n"
                                   "interval = 10\n"
                                   "profiles = kfro\n"
                                   "[feed a]\n"
                                   "[profile kfor]\n"
                                   "threshold = high\n"
                                   "keyword = KFOR\n"
                                   "keyword = 5\n"
                                   "[sink desktop]\n"
                                   "type = desktop\n"
                                   "secret-file = x\n"
                                   "[sink chat]\n"
                                   "type = webhook\n"
                                   "format = slak\n"
                                   "url-credential = a/b\n"
                                   "nonsense\n";
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_(buffer_done) Buffer b = {};

        (void) state;
        settings = load(text, &diags);
        diags_write(&diags, &b);
        assert_string_equal(buffer_str(&b),
                "1:1 'stray' stands outside of any section\n"
                "9:2 [feed a] is already defined in test.conf, line 5\n"
                "21:1 expected 'KEY = VALUE'\n"
                "3:1 unknown key 'intervall' in [picket]; did you mean 'interval'?\n"
                "4:17 sinks: there is no [sink ops]\n"
                "6:7 url: this is no address\n"
                "7:12 interval: an interval is at least 1min (a number without a unit counts "
                "seconds)\n"
                "8:12 profiles: there is no [profile kfro]; did you mean 'kfor'?\n"
                "11:13 threshold: expected a number with at most three decimals\n"
                "12:11 keyword: a keyword starts with its weight, a number with at most three "
                "decimals: WEIGHT EXPRESSION\n"
                "13:12 keyword: an expression is missing behind the weight\n"
                "16:1 'secret-file' goes with type = webhook\n"
                "19:10 format: expected json, slack or discord; did you mean 'slack'?\n"
                "20:18 url-credential: the name of a credential is a file name without '/', ':' "
                "and white space\n");
}

static void test_defaults(void **state) {
        _cleanup_(settings_freep) Settings *s = NULL;

        (void) state;
        s = load_good(FEED PROFILE WEBHOOK "url = https://example.org/\n");
        assert_int_equal(s->n_feeds, 1);
        assert_int_equal(s->n_profiles, 1);
        assert_int_equal(s->n_sinks, 1);
        assert_null(s->contact);
        assert_int_equal(s->retention_usec, 90 * USEC_PER_DAY);

        assert_string_equal(s->feeds[0].name.text, "f");
        assert_string_equal(s->feeds[0].url.text, "https://example.org/");
        assert_true(s->feeds[0].interval_auto);
        assert_int_equal(s->feeds[0].full_text, FULL_TEXT_AUTO);
        assert_false(s->feeds[0].allow_private);
        assert_true(s->feeds[0].robots);
        assert_null(s->feeds[0].profiles);
        assert_int_equal(s->feeds[0].weight_milli, 1000);

        assert_string_equal(s->profiles[0].title, "p");
        assert_int_equal(s->profiles[0].threshold_milli, 10000);
        assert_int_equal(s->profiles[0].critical_at_milli, INT64_MAX);
        assert_int_equal(s->profiles[0].urgency, URGENCY_NORMAL);
        assert_null(s->profiles[0].sinks);
        assert_int_equal(s->profiles[0].factor_milli[FIELD_TITLE], 1500);
        assert_int_equal(s->profiles[0].factor_milli[FIELD_SUMMARY], 1000);
        assert_int_equal(s->profiles[0].factor_milli[FIELD_CATEGORY], 1000);
        assert_int_equal(s->profiles[0].factor_milli[FIELD_AUTHOR], 1000);
        assert_int_equal(s->profiles[0].factor_milli[FIELD_BODY], 750);
        assert_int_equal(s->profiles[0].factor_milli[FIELD_FEED], 1000);

        assert_int_equal(s->sinks[0].type, SINK_WEBHOOK);
        assert_int_equal(s->sinks[0].format, SINK_JSON);

        assert_ptr_equal(settings_find_feed(s, "f"), &s->feeds[0]);
        assert_ptr_equal(settings_find_profile(s, "p"), &s->profiles[0]);
        assert_ptr_equal(settings_find_sink(s, "s"), &s->sinks[0]);
        assert_null(settings_find_sink(s, "p"));
}

/* What a feed, a profile and a sink take from [picket], wherever that stands, and what they do not.
 */
static void test_inheritance(void **state) {
        _cleanup_(settings_freep) Settings *s = NULL;

        (void) state;
        s = load_good("[feed a]\nurl = https://example.org/a\n"
                      "[feed b]\nurl = https://example.org/b\ninterval = auto\nfull-text = never\n"
                      "allow-private = no\nrobots = yes\n"
                      "[feed c]\nurl = https://example.org/c\ninterval = 5min\ninterval =\n"
                      "[profile p]\nkeyword = 1 a\n"
                      "[profile q]\nkeyword = 1 a\nsinks = s\n"
                      "[profile r]\nkeyword = 1 a\nsinks =\n"
                      "[sink s]\ntype = webhook\nurl = http://127.0.0.1/\n"
                      "[sink t]\ntype = desktop\n"
                      "[picket]\ninterval = 1h 30min\nfull-text = always\nallow-private = yes\n"
                      "robots = no\n"
                      "sinks = s\nsinks = t s\n");

        assert_false(s->feeds[0].interval_auto);
        assert_int_equal(s->feeds[0].interval_usec, 90 * USEC_PER_MINUTE);
        assert_int_equal(s->feeds[0].full_text, FULL_TEXT_ALWAYS);
        assert_true(s->feeds[0].allow_private);
        assert_true(s->feeds[1].interval_auto);
        assert_int_equal(s->feeds[1].full_text, FULL_TEXT_NEVER);
        assert_false(s->feeds[1].allow_private);
        assert_false(s->feeds[0].robots);
        assert_true(s->feeds[1].robots);
        assert_int_equal(s->feeds[2].interval_usec, 90 * USEC_PER_MINUTE);
        assert_true(s->sinks[0].allow_private);

        assert_int_equal(strv_length(s->profiles[0].sinks), 2);
        assert_string_equal(s->profiles[0].sinks[1], "t");
        assert_int_equal(strv_length(s->profiles[1].sinks), 1);
        assert_null(s->profiles[2].sinks);
}

static void test_lists(void **state) {
        _cleanup_(settings_freep) Settings *s = NULL;

        (void) state;
        s = load_good("[profile p]\nkeyword = 1 a\nkeyword =\nkeyword = 10 Kosovo Force\n"
                      "keyword = -2.5 \xC3\xBC \\\n# comment\n  NEAR/3 b\n"
                      "require = x\nexclude = y\nexclude = title:(z)\ntitle = A\ntitle = B\n"
                      "[feed f]\nurl = https://example.org/\nheader = A: b\nheader = C: d\n"
                      "profiles = p p\n");

        assert_int_equal(s->profiles[0].n_keywords, 2);
        assert_string_equal(s->profiles[0].keywords[0].expression.text, "Kosovo Force");
        assert_int_equal(s->profiles[0].keywords[0].weight_milli, 10000);
        assert_int_equal(s->profiles[0].keywords[0].expression.line, 4);
        assert_int_equal(s->profiles[0].keywords[0].expression.column, 14);
        assert_string_equal(
                s->profiles[0].keywords[0].expression.source, "keyword = 10 Kosovo Force");
        assert_string_equal(s->profiles[0].keywords[1].expression.text, "\xC3\xBC    NEAR/3 b");
        assert_int_equal(s->profiles[0].keywords[1].weight_milli, -2500);
        assert_int_equal(s->profiles[0].keywords[1].expression.column, 16);
        assert_int_equal(s->profiles[0].n_requires, 1);
        assert_int_equal(s->profiles[0].n_excludes, 2);
        assert_string_equal(s->profiles[0].excludes[1].text, "title:(z)");
        assert_string_equal(s->profiles[0].title, "B");
        assert_int_equal(strv_length(s->feeds[0].headers), 2);
        assert_int_equal(strv_length(s->feeds[0].profiles), 1);
}

/* What may be a secret is never shown with a message. */
static void test_secrets_are_not_shown(void **state) {
        static const char *const texts[] = {
                "[feed f]\nurl = https://user:hunter2@example.org/\n",
                FEED "header = Authorization hunter2\n",
                FEED "proxy = hunter2\n",
                WEBHOOK "url = hunter2\n",
                WEBHOOK "url = https://10.0.0.1/hunter2\n",
                WEBHOOK "url-file = a\nurl = https://example.org/hunter2\n",
                "[sink s]\ntype = desktop\nurl = https://example.org/hunter2\n",
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                _cleanup_(settings_freep) Settings *settings = NULL;
                _cleanup_(diags_done) Diags diags = {};

                settings = load(texts[i], &diags);
                assert_true(diags.n_items > 0);
                for (size_t k = 0; k < diags.n_items; k++) {
                        assert_null(strstr(diags.items[k].message, "hunter2"));
                        assert_null(strstr(strempty(diags.items[k].source), "hunter2"));
                }
        }
}

static void test_state_directory(void **state) {
        SettingsSource system = { .path = "/dev/null/none" };
        _cleanup_(settings_freep) Settings *a = NULL, *b = NULL, *c = NULL;
        _cleanup_(diags_done) Diags diags = {};
        Settings *none = NULL;

        (void) state;
        assert_int_equal(unsetenv("STATE_DIRECTORY"), 0);
        a = load_good("");
        assert_string_equal(a->state_directory, "/var/lib/picket");
        assert_int_equal(setenv("STATE_DIRECTORY", "/var/lib/one:/var/lib/two", 1), 0);
        b = load_good("");
        assert_string_equal(b->state_directory, "/var/lib/one");
        c = load_good("[picket]\nstate-directory = /srv/picket\n");
        assert_string_equal(c->state_directory, "/srv/picket");
        assert_int_equal(unsetenv("STATE_DIRECTORY"), 0);

        assert_int_equal(settings_load(&system, &diags, &none), -ENOTDIR);
        assert_int_equal(diags.n_errors, 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_diagnostics),
                cmocka_unit_test(test_all_at_once),
                cmocka_unit_test(test_defaults),
                cmocka_unit_test(test_inheritance),
                cmocka_unit_test(test_lists),
                cmocka_unit_test(test_secrets_are_not_shown),
                cmocka_unit_test(test_state_directory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
