/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "base/url.h"
#include "check.h"

#define BASE "http://a/b/c/d;p?q"

static const struct {
        const char *base, *reference;
        const char *url; /* NULL: refused */
} resolve_cases[] = {
        /* RFC 3986, 5.4.1; an empty path behind a host is "/" (6.2.3) */
        { BASE, "g://h/", "g://h/" }, /* "g:h" there; see below */
        { BASE, "g", "http://a/b/c/g" },
        { BASE, "./g", "http://a/b/c/g" },
        { BASE, "g/", "http://a/b/c/g/" },
        { BASE, "/g", "http://a/g" },
        { BASE, "//g", "http://g/" },
        { BASE, "?y", "http://a/b/c/d;p?y" },
        { BASE, "g?y", "http://a/b/c/g?y" },
        { BASE, "#s", "http://a/b/c/d;p?q#s" },
        { BASE, "g#s", "http://a/b/c/g#s" },
        { BASE, "g?y#s", "http://a/b/c/g?y#s" },
        { BASE, ";x", "http://a/b/c/;x" },
        { BASE, "g;x", "http://a/b/c/g;x" },
        { BASE, "g;x?y#s", "http://a/b/c/g;x?y#s" },
        { BASE, "", "http://a/b/c/d;p?q" },
        { BASE, ".", "http://a/b/c/" },
        { BASE, "./", "http://a/b/c/" },
        { BASE, "..", "http://a/b/" },
        { BASE, "../", "http://a/b/" },
        { BASE, "../g", "http://a/b/g" },
        { BASE, "../..", "http://a/" },
        { BASE, "../../", "http://a/" },
        { BASE, "../../g", "http://a/g" },
        /* 5.4.2 */
        { BASE, "../../../g", "http://a/g" },
        { BASE, "../../../../g", "http://a/g" },
        { BASE, "/./g", "http://a/g" },
        { BASE, "/../g", "http://a/g" },
        { BASE, "g.", "http://a/b/c/g." },
        { BASE, ".g", "http://a/b/c/.g" },
        { BASE, "g..", "http://a/b/c/g.." },
        { BASE, "..g", "http://a/b/c/..g" },
        { BASE, "./../g", "http://a/b/g" },
        { BASE, "./g/.", "http://a/b/c/g/" },
        { BASE, "g/./h", "http://a/b/c/g/h" },
        { BASE, "g/../h", "http://a/b/c/h" },
        { BASE, "g;x=1/./y", "http://a/b/c/g;x=1/y" },
        { BASE, "g;x=1/../y", "http://a/b/c/y" },
        { BASE, "g?y/./x", "http://a/b/c/g?y/./x" },
        { BASE, "g?y/../x", "http://a/b/c/g?y/../x" },
        { BASE, "g#s/./x", "http://a/b/c/g#s/./x" },
        { BASE, "g#s/../x", "http://a/b/c/g#s/../x" },
        /* what feeds hold */
        { "https://example.org/feed.xml#top", "#s", "https://example.org/feed.xml#s" },
        { "https://example.org/feed.xml?a=/b", "?c", "https://example.org/feed.xml?c" },
        { "https://example.org", "a", "https://example.org/a" },
        { "https://example.org?q", "a", "https://example.org/a" },
        { "https://example.org/x", "//cdn.example.org/y", "https://cdn.example.org/y" },
        { BASE, " \n g \t", "http://a/b/c/g" },
        { BASE, "a b", "http://a/b/c/a%20b" },
        { BASE, "https://example.org/1", "https://example.org/1" },
        { NULL, " https://example.org/1\n", "https://example.org/1" },
        { NULL, "https://example.org/T\xC3\xBCrkiye", "https://example.org/T%c3%bcrkiye" },
        { "https://example.org/feed.xml#top", "", "https://example.org/feed.xml" },
        { "https://example.org#top", "#s", "https://example.org/#s" },
        /* no addresses */
        { BASE, "g:h", NULL },
        { NULL, "mailto:a@example.org", NULL },
        { NULL, "urn:uuid:1", NULL },
        { NULL, "", NULL },
        { NULL, "g", NULL },
        { NULL, "/g", NULL },
        { NULL, "//g", NULL },
        { NULL, "example.org/1", NULL },
        { NULL, "http://", NULL },
        { NULL, "https://[::1", NULL },
        { NULL, "https://example.org:99999/", NULL },
        { NULL, "https://a b/", NULL },
        { "no address", "g", NULL },
};

static void test_resolve(void **state) {
        unsigned n_wrong = 0;

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(resolve_cases); i++) {
                _cleanup_free_ char *url = NULL;
                int r = url_resolve(resolve_cases[i].base, resolve_cases[i].reference, &url);

                if (r != (resolve_cases[i].url ? 0 : -EINVAL) ||
                        !streq_ptr(url, resolve_cases[i].url)) {
                        print_error("'%s' against %s: %d %s\n", resolve_cases[i].reference,
                                strna(resolve_cases[i].base), r, strna(url));
                        n_wrong++;
                }
        }
        assert_int_equal(n_wrong, 0);
}

/* @prefix, then as many letters as make @n_bytes. */
static char *long_url(const char *prefix, size_t n_bytes) {
        char *s = malloc(n_bytes + 1);

        assert_non_null(s);
        memset(s, 'a', n_bytes);
        memcpy(s, prefix, strlen(prefix));
        s[n_bytes] = '\0';
        return s;
}

static void test_fetchable(void **state) {
        static const struct {
                const char *url;
                int r;
        } cases[] = {
                { "https://example.org", 0 },
                { "http://example.org/feed?a=b#c", 0 },
                { "HTTPS://EXAMPLE.ORG/", 0 },
                { "http://192.0.2.1:8080/", 0 },
                { "https://[2001:db8::1]/", 0 },
                { "https://user@example.org/", -EACCES },
                { "https://user:password@example.org/", -EACCES },
                { "https://:password@example.org/", -EACCES },
                { "ftp://example.org/", -EPROTONOSUPPORT },
                { "file:///etc/passwd", -EPROTONOSUPPORT },
                { "gopher://example.org/", -EPROTONOSUPPORT },
                { "", -EINVAL },
                { "example.org", -EINVAL },
                { "//example.org/", -EINVAL },
                { "/feed", -EINVAL },
                { "https://", -EINVAL },
                { "https://example.org:0x50/", -EINVAL },
                { "https://exa mple.org/", -EINVAL },
        };
        _cleanup_free_ char *longest = long_url("https://example.org/", URL_BYTES_MAX),
                            *longer = long_url("https://example.org/", URL_BYTES_MAX + 1),
                            *url = NULL;

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int r = url_check_fetchable(cases[i].url);

                if (r != cases[i].r)
                        fail_msg("%s: %d", cases[i].url, r);
        }

        assert_int_equal(url_check_fetchable(longest), 0);
        assert_int_equal(url_check_fetchable(longer), -EFBIG);
        assert_int_equal(url_resolve(NULL, longer, &url), -EINVAL);
}

static void test_host_and_origin(void **state) {
        static const struct {
                const char *url, *host, *origin; /* NULL: refused */
        } cases[] = {
                { "https://Example.ORG/a", "example.org", "https://example.org:443" },
                { "http://example.org", "example.org", "http://example.org:80" },
                { "http://example.org:8080/?q", "example.org", "http://example.org:8080" },
                { "https://user:x@example.org/", "example.org", "https://example.org:443" },
                { "https://[2001:DB8::1]:444/", "2001:db8::1", "https://[2001:db8::1]:444" },
                { "https://192.0.2.1/", "192.0.2.1", "https://192.0.2.1:443" },
                { "https://", NULL, NULL },
                { "", NULL, NULL },
        };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *host = NULL, *origin = NULL;
                int r = url_host(cases[i].url, &host), k = url_origin(cases[i].url, &origin);

                if (r != (cases[i].host ? 0 : -EINVAL) || !streq_ptr(host, cases[i].host))
                        fail_msg("host of %s: %d %s", cases[i].url, r, strna(host));
                if (k != (cases[i].origin ? 0 : -EINVAL) || !streq_ptr(origin, cases[i].origin))
                        fail_msg("origin of %s: %d %s", cases[i].url, k, strna(origin));
        }
}

static void test_redact(void **state) {
        static const struct {
                const char *url;
                bool secret_path;
                const char *shown;
        } cases[] = {
                { "https://example.org/feed.xml", false, "https://example.org/feed.xml" },
                { "https://u:p@example.org/feed?key=s#t", false, "https://example.org/feed" },
                { "https://u:p@example.org:8443/feed?key=s#t", false,
                        "https://example.org:8443/feed" },
                { "https://hooks.slack.com/services/T/B/X", true, "https://hooks.slack.com/..." },
                { "https://hooks.slack.com:99/services/T/B/X?q", true,
                        "https://hooks.slack.com:99/..." },
                { "https://example.org", true, "https://example.org/..." },
                { "http://[::1]/a", false, "http://[::1]/a" },
                { "s3cret", false, "n/a" },
                { "https://u:s3cret@", false, "n/a" },
                { "", true, "n/a" },
        };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *shown = url_redact(cases[i].url, cases[i].secret_path);

                assert_text(shown, cases[i].shown);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_resolve),
                cmocka_unit_test(test_fetchable),
                cmocka_unit_test(test_host_and_origin),
                cmocka_unit_test(test_redact),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
