/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/str.h"
#include "poll/robots.h"

#define ALL "User-agent: *\n"

static const struct {
        const char *name, *robots, *path;
        bool allowed;
} cases[] = {
        { "no rules", "", "/a", true },
        { "all is forbidden", ALL "Disallow: /", "/a", false },
        { "but for the file itself", ALL "Disallow: /", "/robots.txt", true },
        { "nothing is forbidden", ALL "Disallow:", "/a", true },
        { "from the beginning", ALL "Disallow: /a\n", "/b/a", true },
        { "a prefix is enough", ALL "Disallow: /a\n", "/abc", false },
        { "case counts in paths", ALL "Disallow: /A\n", "/a", true },
        { "case does not in names", "USER-AGENT: *\nDISALLOW: /a\n", "/a", false },
        { "the query counts", ALL "Disallow: /a?b=1\n", "/a?b=12", false },
        { "rules of nobody", "Disallow: /\n" ALL "Disallow: /a\n", "/b", true },

        /* RFC 9309, 2.2.2 */
        { "longest rule decides", ALL "Disallow: /a\nAllow: /a/b\n", "/a/b", true },
        { "in any order", ALL "Allow: /a/b\nDisallow: /a\n", "/a/b", true },
        { "longest disallows", ALL "Allow: /a\nDisallow: /a/b\n", "/a/b", false },
        { "allow wins a tie", ALL "Disallow: /a\nAllow: /a\n", "/a", true },
        { "in any order too", ALL "Allow: /a\nDisallow: /a\n", "/a", true },
        { "the RFC's own", ALL "Allow: /example/page/\nDisallow: /example/page/disallowed.gif\n",
                "/example/page/disallowed.gif", false },

        /* 2.2.1 */
        { "our group, not *", ALL "Disallow: /\n\nUser-agent: picket\nDisallow: /x", "/a", true },
        { "our group found late", ALL "Disallow: /a\n\nUser-agent: Picket\nDisallow: /b\n", "/b",
                false },
        { "our group is empty", ALL "Disallow: /\n\nUser-agent: Picket\n", "/a", true },
        { "others are not ours", "User-agent: Picketer\nDisallow: /\n", "/a", true },
        { "a version behind it", "User-agent: Picket/1.0\nDisallow: /\n", "/a", false },
        { "groups are joined",
                "User-agent: picket\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\n"
                "User-agent: picket\nDisallow: /b\n",
                "/b", false },
        { "and end", "User-agent: picket\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n", "/b",
                true },
        { "several agents", "User-agent: a\nUser-agent: picket\n\nUser-agent: b\nDisallow: /\n",
                "/a", false },
        { "* behind others", "User-agent: a\nUser-agent: *\nDisallow: /a\n", "/a", false },
        { "* with a remark", "User-agent: * all of you\nDisallow: /a\n", "/a", false },
        { "no * in a name", "User-agent: *bot\nDisallow: /\n", "/a", true },

        /* 2.2.3 */
        { "a star", ALL "Disallow: /*.gif\n", "/a/b.gif?c", false },
        { "a star is nothing too", ALL "Disallow: /a*b\n", "/ab", false },
        { "stars", ALL "Disallow: /a*b*c\n", "/a/xbyyczz", false },
        { "stars in order", ALL "Disallow: /a*b*c\n", "/acb", true },
        { "an end", ALL "Disallow: /*.gif$\n", "/a.gif", false },
        { "not the end", ALL "Disallow: /*.gif$\n", "/a.gif?c", true },
        { "the last of several", ALL "Disallow: /*a$\n", "/aba", false },
        { "an end without a star", ALL "Disallow: /a$\n", "/a", false },
        { "nothing behind an end", ALL "Disallow: /a$\n", "/ab", true },
        { "too short for both", ALL "Disallow: /ab*ba$\n", "/aba", true },
        { "$ inside is a letter", ALL "Disallow: /a$b\n", "/a$b", true },
        { "the root alone", ALL "Allow: /$\nDisallow: /\n", "/", true },
        { "and nothing else", ALL "Allow: /$\nDisallow: /\n", "/a", false },
        { "a literal star", ALL "Disallow: /a-%2A.html\n", "/a-*.html", false },
        { "is no other", ALL "Disallow: /a-%2a.html\n", "/a-b.html", true },
        { "a literal dollar", ALL "Disallow: /a-%24\n", "/a-$b", false },
        { "a bare star", ALL "Disallow: *\n", "/a", false },

        /* percent-encoding, 2.2.2 */
        { "letters beyond ASCII", ALL "Disallow: /foo/bar/ツ\n", "/foo/bar/%E3%83%84", false },
        { "in lower case", ALL "Disallow: /foo/bar/%e3%83%84\n", "/foo/bar/ツ", false },
        { "encoded for no reason", ALL "Disallow: /foo/bar/%62%61%7A\n", "/foo/bar/baz", false },
        { "the other way", ALL "Disallow: /~a\n", "/%7ea", false },
        { "a slash is not %2F", ALL "Disallow: /a/b\n", "/a%2Fb", true },
        { "cut encodings", ALL "Disallow: /a%\n", "/a%b", false },
        { "cut at the end", ALL "Disallow: /a%4\n", "/a%4", false },

        /* how lines are written */
        { "byte order mark", "\xef\xbb\xbf" ALL "Disallow: /\n", "/a", false },
        { "only carriage returns", "User-agent: *\rDisallow: /\r", "/a", false },
        { "both", "User-agent: *\r\nDisallow: /\r\n", "/a", false },
        { "comments", "User-agent: * # all\n# x\nDisallow: /a # not this\n", "/a", false },
        { "white space", "  User-agent :\t*  \n\tDisallow  :  /a  \n", "/a", false },
        { "others between", ALL "Sitemap: http://a/\nHost: b\n\nDisallow: /\n", "/a", false },
        { "a delay ends no group", ALL "Crawl-delay: 1\nUser-agent: x\nDisallow: /\n", "/a",
                false },
        { "no colon", ALL "Disallow /a\n", "/a", true },
        { "a page in its place", "<!DOCTYPE html>\n<p>User-agent: *\n<p>Disallow: /\n", "/a",
                true },
};

static Robots *parse(const char *text, size_t n_bytes, int expected) {
        Robots *robots = NULL;

        assert_int_equal(robots_parse(text, n_bytes, "Picket", &robots), expected);
        return robots;
}

static void test_allow(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(robots_freep) Robots *robots =
                        parse(cases[i].robots, strlen(cases[i].robots), 0);

                if (robots_allow(robots, cases[i].path) != cases[i].allowed)
                        fail_msg("%s: %s", cases[i].name, cases[i].path);
        }
        assert_true(robots_allow(NULL, "/a"));
}

static void test_delay(void **state) {
        static const struct {
                const char *robots;
                usec_t delay_usec;
        } delays[] = {
                { "", 0 },
                { ALL "Crawl-delay: 10\n", 10 * USEC_PER_SEC },
                { ALL "Disallow: /x\nCrawl-delay: 0.5\n", 500 * USEC_PER_MSEC },
                { ALL "Crawl-delay: 61\n", 60 * USEC_PER_SEC },
                { ALL "Crawl-delay: 99999999999999999999999999\n", 60 * USEC_PER_SEC },
                { ALL "Crawl-delay: soon\n", 0 },
                { ALL "Crawl-delay: 5 s\n", 0 },
                { ALL "Crawl-delay: -5\n", 0 },
                { "User-agent: x\nCrawl-delay: 5\n", 0 },
                { ALL "Crawl-delay: 5\nDisallow: /x\nUser-agent: Picket\nCrawl-delay: 2\n",
                        2 * USEC_PER_SEC },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(delays); i++) {
                _cleanup_(robots_freep) Robots *robots =
                        parse(delays[i].robots, strlen(delays[i].robots), 0);

                if (robots_delay(robots) != delays[i].delay_usec)
                        fail_msg("%s", delays[i].robots);
        }
        assert_int_equal(robots_delay(NULL), 0);
}

/* What lies within the limits counts; judging stays quick whatever the patterns are. */
static void test_limits(void **state) {
        _cleanup_(buffer_done) Buffer text = {}, path = {};
        _cleanup_(robots_freep) Robots *long_one = NULL, *many = NULL;
        usec_t begin;

        (void) state;
        assert_int_equal(buffer_append_str(&text, ALL "Disallow: /a\n"), 0);
        while (text.n_bytes <= ROBOTS_BYTES_MAX)
                assert_int_equal(buffer_append_str(&text, "# more\n"), 0);
        assert_int_equal(buffer_append_str(&text, "Disallow: /b\n"), 0);
        long_one = parse(text.data, text.n_bytes, ROBOTS_CUT);
        assert_false(robots_allow(long_one, "/a"));
        assert_true(robots_allow(long_one, "/b"));

        buffer_reset(&text);
        assert_int_equal(buffer_append_str(&text, ALL), 0);
        for (unsigned i = 0; i < 12000; i++)
                assert_int_equal(buffer_printf(&text, "Disallow:*a*b*c%u$\n", i), 0);
        many = parse(text.data, text.n_bytes, ROBOTS_CUT);
        for (unsigned i = 0; i < 4000; i++)
                assert_int_equal(buffer_append_str(&path, i ? "ab" : "/"), 0);
        begin = clock_boottime(&clock_system);
        assert_true(robots_allow(many, buffer_str(&path)));
        assert_true(clock_boottime(&clock_system) - begin < 5 * USEC_PER_SEC);
        assert_true(robots_n_bytes(many) < 2 << 20);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_allow),
                cmocka_unit_test(test_delay),
                cmocka_unit_test(test_limits),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
