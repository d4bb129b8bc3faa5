/* SPDX-License-Identifier: MIT */

/* Addresses of one page have one key; addresses that look alike and are not, have two. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "story/identity.h"
#include "story/link.h"

/* "https://kyivindependent.com/kfor" and its AMP form, as Google News packs them. */
#define GOOGLE_NEWS                                                                            \
        "https://news.google.com/rss/articles/"                                                \
        "CBMiIGh0dHBzOi8va3lpdmluZGVwZW5kZW50LmNvbS9rZm9y0gEkaHR0cHM6Ly9reWl2aW5kZXBlbmRlbnQu" \
        "Y29tL2FtcC9rZm9y"

static const struct {
        const char *a, *b;
} same[] = {
        /* scheme, host, port */
        { "http://example.org/a", "https://example.org/a" },
        { "https://www.example.org/a", "https://example.org/a" },
        { "https://WWW.Example.ORG/a", "https://example.org/a" },
        { "https://m.example.org/a", "https://www.example.org/a" },
        { "https://mobile.example.org/a", "https://example.org/a" },
        { "https://amp.example.org/a", "https://example.org/a" },
        { "https://www.m.example.org/a", "https://example.org/a" },
        { "https://example.org./a", "https://example.org/a" },
        { "https://example.org:443/a", "https://example.org/a" },
        { "http://example.org:80/a", "https://example.org/a" },
        { "https://user:secret@example.org/a", "https://example.org/a" },
        { "HTTPS://example.org/a", "https://example.org/a" },
        { "  https://example.org/a\n", "https://example.org/a" },
        /* path */
        { "https://example.org/a/", "https://example.org/a" },
        { "https://example.org/a/../b", "https://example.org/b" },
        { "https://example.org/./b", "https://example.org/b" },
        { "https://example.org/%7Ea", "https://example.org/~a" },
        { "https://example.org/%61bc", "https://example.org/abc" },
        { "https://example.org/%c3%bc", "https://example.org/%C3%BC" },
        { "https://example.org/\xc3\xbc", "https://example.org/%C3%BC" },
        { "https://example.org/a%2fb", "https://example.org/a%2Fb" },
        { "https://example.org/a b", "https://example.org/a%20b" },
        /* fragment and tracking */
        { "https://example.org/a#comments", "https://example.org/a" },
        { "https://example.org/a?utm_source=rss", "https://example.org/a" },
        { "https://example.org/a?utm_source=rss&utm_medium=feed&utm_campaign=x",
                "https://example.org/a" },
        { "https://example.org/a?UTM_Source=rss", "https://example.org/a" },
        { "https://example.org/a?utm_source=rss#x", "https://example.org/a" },
        { "https://example.org/a?id=1&utm_source=rss", "https://example.org/a?id=1" },
        { "https://example.org/a?utm_source=rss&id=1", "https://example.org/a?id=1" },
        { "https://example.org/a?fbclid=Iw", "https://example.org/a" },
        { "https://example.org/a?gclid=1&gclsrc=2&dclid=3", "https://example.org/a" },
        { "https://example.org/a?gbraid=1&wbraid=2", "https://example.org/a" },
        { "https://example.org/a?msclkid=1&yclid=2&twclid=3&ttclid=4", "https://example.org/a" },
        { "https://example.org/a?igshid=1", "https://example.org/a" },
        { "https://example.org/a?mc_cid=1&mc_eid=2", "https://example.org/a" },
        { "https://example.org/a?_ga=1&_gl=2&ga_source=3", "https://example.org/a" },
        { "https://example.org/a?itm_source=1&pk_campaign=2&mtm_x=3", "https://example.org/a" },
        { "https://example.org/a?at_medium=RSS&at_campaign=x&at_custom1=y",
                "https://example.org/a" },
        { "https://example.org/a?sc_cid=1&mkt_tok=2&cmpid=3", "https://example.org/a" },
        { "https://www.theguardian.com/a?CMP=share", "https://www.theguardian.com/a" },
        { "https://example.org/a?ref=rss&ref_src=x&ref_url=y", "https://example.org/a" },
        { "https://example.org/a?smid=1&ns_mchannel=rss&ocid=2&taid=3", "https://example.org/a" },
        { "https://www.lemonde.fr/a?xtor=RSS-3208", "https://www.lemonde.fr/a" },
        { "https://p.dw.com/a?maca=en-rss", "https://p.dw.com/a" },
        { "https://www.aljazeera.com/a?traffic_source=rss", "https://www.aljazeera.com/a" },
        { "https://example.org/a?guccounter=1&guce_referrer=x&guce_referrer_sig=y",
                "https://example.org/a" },
        { "https://example.org/a?_openstat=1&wt_mc=2", "https://example.org/a" },
        { "https://example.org/a?action_type_map=1&fb_action_ids=2&fb_source=3&fb_ref=4",
                "https://example.org/a" },
        /* query */
        { "https://example.org/a?x=1&y=2", "https://example.org/a?y=2&x=1" },
        { "https://example.org/a?x=1&amp;y=2", "https://example.org/a?x=1&y=2" },
        { "https://example.org/a?", "https://example.org/a" },
        { "https://example.org/a?&x=1&", "https://example.org/a?x=1" },
        { "https://example.org/a?x=1&x=1", "https://example.org/a?x=1" },
        { "https://example.org/a?q=b%20c", "https://example.org/a?q=b+c" },
        { "https://example.org/a?q=%7e", "https://example.org/a?q=~" },
        { "https://example.org?p=7", "https://example.org/?p=7" },
        /* AMP */
        { "https://example.org/a/amp", "https://example.org/a" },
        { "https://example.org/a/amp/", "https://example.org/a" },
        { "https://babel.ua/amp/news/1", "https://babel.ua/news/1" },
        { "https://example.org/a?amp", "https://example.org/a" },
        { "https://example.org/a?amp=1", "https://example.org/a" },
        { "https://example.org/a?outputType=amp", "https://example.org/a" },
        { "https://example.org/a.amp", "https://example.org/a" },
        { "https://example.org/a.amp.html", "https://example.org/a.html" },
        { "https://example-org.cdn.ampproject.org/c/s/example.org/a/amp", "https://example.org/a" },
        { "https://example-org.cdn.ampproject.org/v/s/www.example.org/a?amp_js_v=0.1&id=1",
                "https://example.org/a?amp_js_v=0.1&id=1" },
        { "https://www.google.com/amp/s/www.example.org/a/amp/", "https://example.org/a" },
        /* redirects */
        { "https://www.google.com/url?rct=j&sa=t&url=https://example.org/a%3Fid%3D1&ct=ga",
                "https://example.org/a?id=1" },
        { "https://www.google.de/url?q=https%3A%2F%2Fexample.org%2Fa", "https://example.org/a" },
        { "https://www.google.com/url?q=https://www.google.com/amp/s/example.org/a/amp",
                "https://example.org/a" },
        { "http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url=https%3a%2f%2fexample.org%2fa",
                "https://example.org/a" },
        { "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fa&h=x",
                "https://example.org/a" },
        { GOOGLE_NEWS "?oc=5", "https://kyivindependent.com/kfor" },
};

static const struct {
        const char *a, *b;
} different[] = {
        { "https://example.org/a?id=1", "https://example.org/a?id=2" },
        { "https://example.org/?p=1", "https://example.org/?p=2" },
        { "https://example.org/index.php?article=1", "https://example.org/index.php?article=2" },
        { "https://example.org/a?page=2", "https://example.org/a" },
        { "https://example.org/detail.php?ELEMENT_ID=1",
                "https://example.org/detail.php?ELEMENT_ID=2" },
        { "https://www.youtube.com/watch?v=a", "https://www.youtube.com/watch?v=b" },
        { "https://www.youtube.com/watch?v=ab", "https://www.youtube.com/watch?v=aB" },
        { "https://example.org/a", "https://example.org/A" },
        { "https://example.org/a", "https://example.org/b" },
        { "https://example.org/a", "https://example.com/a" },
        { "https://news.example.org/a", "https://example.org/a" },
        { "https://example.org:8080/a", "https://example.org/a" },
        { "https://example.org/a/b", "https://example.org/a" },
        { "https://example.org/a%2Fb", "https://example.org/a/b" },
        { "https://example.org/a//b", "https://example.org/a/b" },
        { "https://example.org/amplifier", "https://example.org/lifier" },
        { "https://example.org/champ", "https://example.org/ch" },
        { "https://example.org/a?s=1", "https://example.org/a?s=2" },
        { "https://example.org/a?t=1", "https://example.org/a" },
        { "https://example.org/a?reference=1", "https://example.org/a" },
        { "https://example.org/a?utm=1", "https://example.org/a?utm=2" },
        { "https://example.org/a?ampere=1", "https://example.org/a" },
        { "https://example.org/a?cmpx=1", "https://example.org/a" },
        { "https://example.org/app#!/a", "https://example.org/app#!/b" },
        { "https://example.org/app#/a", "https://example.org/app#/b" },
        { "https://example.org/2026/11/24/a", "https://example.org/2026/11/25/a" },
        { "https://example.org/2026/11/1234", "https://example.org/2026/11/1235" },
        { "https://example.org/a.html", "https://example.org/a.htm" },
        { "https://amp.dev/a", "https://dev/a" },
        { "https://google.example.org/url?q=https://example.org/a", "https://example.org/a" },
        { "https://news.google.com/rss/articles/CBMiAU_yqLOne?oc=5",
                "https://news.google.com/rss/articles/CBMiAU_yqLTwo?oc=5" },
        { "https://www.google.com/url?q=nonsense%20a",
                "https://www.google.com/url?q=nonsense%20b" },
};

static const char *const no_page[] = { "https://example.org", "https://example.org/",
        "https://www.example.org/?utm_source=rss", "https://example.org/#top",
        "https://example.org/index.html", "https://example.org/index.php?ref=rss",
        "https://example.org/2026/11/24/", "https://example.org/2026/11",
        "https://example.org/2026", "https://example.org/amp/", "mailto:a@example.org",
        "ftp://example.org/a", "javascript:void(0)", "not an address", "/relative", "" };

static char *key_of(const char *link) {
        char *key = NULL;
        int r = identity_link_key(link, &key);

        if (r < 0)
                fail_msg("%s: %d", link, r);
        return key;
}

static void test_same(void **state) {
        (void) state;
        assert_true(ELEMENTSOF(same) >= 60);
        for (size_t i = 0; i < ELEMENTSOF(same); i++) {
                _cleanup_free_ char *a = key_of(same[i].a), *b = key_of(same[i].b);

                if (!streq(a, b))
                        fail_msg("%s is %s, %s is %s", same[i].a, a, same[i].b, b);
        }
}

static void test_different(void **state) {
        (void) state;
        assert_true(ELEMENTSOF(different) >= 20);
        for (size_t i = 0; i < ELEMENTSOF(different); i++) {
                _cleanup_free_ char *a = key_of(different[i].a), *b = key_of(different[i].b);

                if (streq(a, b))
                        fail_msg("%s and %s are both %s", different[i].a, different[i].b, a);
        }
}

static void test_no_page(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(no_page); i++) {
                char *key = NULL;

                if (identity_link_key(no_page[i], &key) != -EINVAL)
                        fail_msg("%s is %s", no_page[i], strna(key));
        }
}

/* A key stands for itself: what it says is what it is made of again. */
static void test_stable(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(same); i++) {
                _cleanup_free_ char *key = key_of(same[i].a), *link = NULL, *again = NULL;

                assert_true(asprintf(&link, "https://%s", key) > 0);
                again = key_of(link);
                if (!streq(key, again))
                        fail_msg("%s becomes %s", key, again);
        }
}

static void test_bounds(void **state) {
        char *link = malloc(20001), *key = NULL;

        (void) state;
        assert_non_null(link);
        memset(link, 'a', 20000);
        link[20000] = '\0';
        memcpy(link, "https://e.org/", strlen("https://e.org/"));
        assert_int_equal(identity_link_key(link, &key), -EINVAL);

        link[5000] = '\0';
        assert_int_equal(identity_link_key(link, &key), 0);
        assert_int_equal(strlen(key), strlen("sha256:") + 64);
        key = mfree(key);

        /* Redirects that go on and on end. */
        link[0] = '\0';
        for (unsigned i = 0; i < 6; i++)
                strcat(link, "https://www.google.com/url?q=");
        strcat(link, "https://example.org/a");
        assert_int_equal(identity_link_key(link, &key), 0);
        assert_non_null(startswith(key, "google.com/url"));
        free(key);
        free(link);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_same),
                cmocka_unit_test(test_different),
                cmocka_unit_test(test_no_page),
                cmocka_unit_test(test_stable),
                cmocka_unit_test(test_bounds),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
