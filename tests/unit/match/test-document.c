/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/str.h"
#include "match/document.h"
#include "text/utf8.h"

#define LONG "NATO said on Monday that its force in Kosovo would stay as it is."
#define LONG2 "Soldiers of thirty nations serve in the mission under a Turkish general."
#define LONG3 "The next change of command is planned for the month of October."

/* Pieces of a body are separated with "|" here. */
static const struct {
        const char *summary, *content, *page;
        const char *wanted_summary, *wanted_body;
        BodyState state;
} cases[] = {
        { NULL, NULL, NULL, "", "", BODY_NOT_GIVEN },
        { "a lead", NULL, NULL, "a lead", "", BODY_NOT_GIVEN },
        { NULL, "all of it", NULL, "", "all of it", BODY_FEED },
        { "a lead", "all of it", NULL, "a lead", "all of it", BODY_FEED },
        { "a lead", NULL, "a page", "a lead", "a page", BODY_PAGE },
        /* the same text twice */
        { "KFOR", "KFOR", NULL, "KFOR", "", BODY_NOT_GIVEN },
        { "KFOR.", "KFOR. KFOR. KFOR.", NULL, "KFOR.", " KFOR. KFOR.", BODY_FEED },
        { "KFOR", "KFOR stays", NULL, "KFOR", " stays", BODY_FEED },
        { "KFOR", "KFORs stay", NULL, "KFOR", "KFORs stay", BODY_FEED },
        { "KFOR", "the KFOR", NULL, "KFOR", "the KFOR", BODY_FEED },
        { "KFOR st...", "KFOR stays", NULL, "KFOR st...", "ays", BODY_FEED },
        { "KFOR […]", "KFOR stays", NULL, "KFOR […]", " stays", BODY_FEED },
        { "…", "KFOR stays", NULL, "…", "KFOR stays", BODY_FEED },
        { LONG, LONG " " LONG2, NULL, LONG, " " LONG2, BODY_FEED },
        { LONG, "Pristina. " LONG " " LONG2, NULL, LONG, "Pristina. | " LONG2, BODY_FEED },
        { LONG " " LONG3, LONG2 " " LONG, NULL, LONG " " LONG3, LONG2, BODY_FEED },
        { LONG, "x", LONG " " LONG2, LONG, "x| " LONG2, BODY_PAGE },
        /* the page has the content */
        { NULL, LONG, "Head\n" LONG "\n" LONG2, "", "Head\n" LONG "\n" LONG2, BODY_PAGE },
        { NULL, LONG " " LONG3, LONG "\n" LONG2, "", " " LONG3 "|" LONG "\n" LONG2, BODY_PAGE },
        { NULL, "KFOR. KFOR.", "KFOR.", "", "KFOR. KFOR.|KFOR.", BODY_PAGE },
        { "a lead", "", "", "a lead", "", BODY_NOT_GIVEN },
};

static void test_cases(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                DocumentSource source = {
                        .title = "t",
                        .summary = cases[i].summary,
                        .content = cases[i].content,
                        .page_text = cases[i].page,
                        .authors = "a",
                        .categories = "c",
                        .feed = "f",
                };
                _cleanup_free_ char *buffer = NULL, *body = NULL;
                Document document;
                BodyState where;

                assert_int_equal(document_make(&source, &document, &where, &buffer), 0);
                assert_string_equal(document.text[FIELD_TITLE], "t");
                assert_string_equal(document.text[FIELD_AUTHOR], "a");
                assert_string_equal(document.text[FIELD_CATEGORY], "c");
                assert_string_equal(document.text[FIELD_FEED], "f");
                assert_string_equal(document.text[FIELD_SUMMARY], cases[i].wanted_summary);
                body = strdup(document.text[FIELD_BODY]);
                assert_non_null(body);
                for (char *s = body; *s; s++)
                        *s = *s == FIELD_LIST_SEPARATOR ? '|' : *s;
                if (!streq(body, cases[i].wanted_body) || where != cases[i].state)
                        fail_msg("%zu: '%s' (%s), wanted '%s'", i, body,
                                body_state_to_string(where), cases[i].wanted_body);
        }
}

/* "word0000 word0001 ...": nine characters each. */
static char *words(size_t n) {
        _cleanup_(buffer_done) Buffer b = {};

        for (size_t i = 0; i < n; i++)
                assert_int_equal(buffer_printf(&b, "%sword%04zu", i > 0 ? " " : "", i), 0);
        return buffer_take(&b);
}

static void test_long_summary(void **state) {
        _cleanup_free_ char *text = words(100), *first = words(66), *buffer = NULL, *again = NULL,
                            *han = NULL;
        DocumentSource source = { .summary = text };
        Document document;
        BodyState where;

        (void) state;

        /* 66 words have 593 characters, the 67th does not fit. */
        assert_int_equal(document_make(&source, &document, &where, &buffer), 0);
        assert_string_equal(document.text[FIELD_SUMMARY], first);
        assert_string_equal(document.text[FIELD_BODY], text + strlen(first));
        assert_int_equal(where, BODY_FEED);

        /* The content that repeats it adds nothing. */
        source.content = text;
        assert_int_equal(document_make(&source, &document, &where, &again), 0);
        assert_memory_equal(
                document.text[FIELD_BODY], text + strlen(first), strlen(text) - strlen(first));

        /* A word that ends at the limit belongs to the summary. */
        text[600] = ' ';
        buffer = mfree(buffer);
        assert_int_equal(document_make(&source, &document, &where, &buffer), 0);
        assert_int_equal(strlen(document.text[FIELD_SUMMARY]), 600);

        /* Nothing to cut at: the limit itself, whole characters. */
        han = new0(char, 3 * 1000 + 1);
        assert_non_null(han);
        for (size_t i = 0; i < 1000; i++)
                memcpy(han + 3 * i, "北", 3);
        source = (DocumentSource){ .summary = han };
        buffer = mfree(buffer);
        assert_int_equal(document_make(&source, &document, &where, &buffer), 0);
        assert_int_equal(strlen(document.text[FIELD_SUMMARY]), 3 * SUMMARY_CHARS_MAX);
        assert_int_equal(strlen(document.text[FIELD_BODY]), 3 * 400);
}

static void test_lead(void **state) {
        _cleanup_free_ char *w66 = words(66), *w67 = words(67), *w60 = words(60);

        (void) state;

        assert_true(document_is_lead(&(DocumentSource){}));
        assert_true(document_is_lead(&(DocumentSource){ .summary = w66 }));
        assert_false(document_is_lead(&(DocumentSource){ .summary = w67 }));
        assert_false(document_is_lead(&(DocumentSource){ .content = w67 }));
        assert_true(document_is_lead(&(DocumentSource){ .summary = "x", .content = w66 }));
        assert_false(document_is_lead(&(DocumentSource){ .summary = w60, .content = w66 + 9 }));
        /* the same text once */
        assert_true(document_is_lead(&(DocumentSource){ .summary = w66, .content = w66 }));
        assert_true(document_is_lead(&(DocumentSource){ .summary = w60, .content = w66 }));
}

/* Long texts without order in them take linear time. */
static void test_hostile(void **state) {
        _cleanup_free_ char *a = new0(char, (1 << 20) + 1), *b = new0(char, (1 << 20) + 1),
                            *buffer = NULL;
        DocumentSource source = { .summary = a, .content = b, .page_text = b };
        Document document;
        BodyState where;

        (void) state;
        assert_non_null(a);
        assert_non_null(b);

        memset(a, 'a', 1 << 20);
        memset(b, 'a', 1 << 20);
        a[(1 << 20) - 1] = 'b';
        assert_int_equal(document_make(&source, &document, &where, &buffer), 0);
        buffer = mfree(buffer);
        memset(b, '.', 1 << 20);
        assert_int_equal(document_make(&source, &document, &where, &buffer), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_long_summary),
                cmocka_unit_test(test_lead),
                cmocka_unit_test(test_hostile),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
