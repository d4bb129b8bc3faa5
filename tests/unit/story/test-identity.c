/* SPDX-License-Identifier: MIT */

/* What publishers do to their feeds, poll by poll, and what Picket makes of each entry: a new item,
 * a known one, or a known one that was changed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/str.h"
#include "story/identity.h"
#include "story/join.h"

#define DAY USEC_PER_DAY
#define T0 (UINT64_C(1790000000) * USEC_PER_SEC)
#define ROWS_MAX 64
#define ENTRIES_MAX 8
#define POLLS_MAX 4

/* --- a store for one feed --- */

typedef struct Rows {
        ItemRecord rows[ROWS_MAX];
        size_t n;
} Rows;

static char *copy(const char *s) {
        char *c = s ? strdup(s) : NULL;

        assert_true(!s || c);
        return c;
}

static void row_fill(ItemRecord *row, const Item *item, IdentityKeys *keys, usec_t now_usec) {
        int64_t id = row->id;

        item_record_done(row);
        *row = (ItemRecord){ .id = id,
                .guid = copy(item->guid),
                .link = copy(item->link),
                .title = copy(item->title),
                .summary = copy(item->summary),
                .content = copy(item->content),
                .guid_key = TAKE_PTR(keys->guid),
                .link_key = TAKE_PTR(keys->link),
                .content_key = TAKE_PTR(keys->content),
                .published_usec = item->published_usec,
                .last_seen_usec = now_usec };
}

/* The newest row with the key at @offset, and whether it has a fellow. */
static const ItemRecord *find(const Rows *rows, size_t offset, const char *key, bool *ret_shared) {
        const ItemRecord *found = NULL;

        for (size_t i = rows->n; key && i > 0; i--) {
                const ItemRecord *row = &rows->rows[i - 1];

                if (!streq_ptr(*(char *const *) ((const char *) row + offset), key))
                        continue;
                if (found) {
                        *ret_shared = true;
                        break;
                }
                found = row;
        }
        return found;
}

static char take(Rows *rows, const Item *item, usec_t poll_usec) {
        _cleanup_(identity_keys_done) IdentityKeys keys = {};
        IdentityCandidates candidates = {};
        const ItemRecord *known = NULL;
        bool content_shared = false;
        Identity identity;

        assert_int_equal(identity_keys(item, &keys), 0);
        candidates.by_guid =
                find(rows, offsetof(ItemRecord, guid_key), keys.guid, &candidates.guid_shared);
        candidates.by_link =
                find(rows, offsetof(ItemRecord, link_key), keys.link, &candidates.link_shared);
        candidates.by_content =
                find(rows, offsetof(ItemRecord, content_key), keys.content, &content_shared);

        identity = identity_decide(item, &keys, &candidates, poll_usec, &known);
        switch (identity) {
        case IDENTITY_NEW:
                assert_true(rows->n < ROWS_MAX);
                rows->rows[rows->n] = (ItemRecord){ .id = (int64_t) rows->n + 1 };
                row_fill(&rows->rows[rows->n++], item, &keys, poll_usec + 1);
                return 'N';
        case IDENTITY_SAME:
                if (identity_moved(&keys, known))
                        row_fill(&rows->rows[known->id - 1], item, &keys, poll_usec + 1);
                rows->rows[known->id - 1].last_seen_usec = poll_usec + 1;
                return 'S';
        case IDENTITY_CHANGED:
                row_fill(&rows->rows[known->id - 1], item, &keys, poll_usec + 1);
                return 'C';
        }
        return '?';
}

/* --- the cases --- */

typedef struct Entry {
        const char *guid, *link, *title, *summary;
        unsigned day;  /* published; 0: not given */
        char expected; /* N, S, C */
        const char *content;
} Entry;

/* Long enough to tell. */
#define SUM_A "The mission said on Monday that it would send two more companies to the north."
#define SUM_B "A spokesman for the alliance denied that any decision about bases had been made."
#define TITLE_A "KFOR sends two companies north"
#define TITLE_B "Alliance denies decision about bases"
#define TITLE_C "Ministers meet in Ankara before summit"
#define L(n) "https://example.org/news/" n

static const struct {
        const char *name;
        Entry polls[POLLS_MAX][ENTRIES_MAX];
} cases[] = {
        { "nothing changes",
                { { { "1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL },
                          { "2", L("b"), TITLE_B, SUM_B, 1, 'N', NULL } },
                        { { "1", L("a"), TITLE_A, SUM_A, 1, 'S', NULL },
                                { "2", L("b"), TITLE_B, SUM_B, 1, 'S', NULL } } } },
        { "one more on top",
                { { { "1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "2", L("b"), TITLE_B, SUM_B, 2, 'N', NULL },
                                { "1", L("a"), TITLE_A, SUM_A, 1, 'S', NULL } } } },
        { "no guid: the link",
                { { { NULL, L("a"), TITLE_A, NULL, 1, 'N', NULL } },
                        { { NULL, L("a"), TITLE_A, SUM_A, 2, 'C', NULL } } } },
        { "no guid, no link: the text",
                { { { NULL, NULL, TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { NULL, NULL, TITLE_A, SUM_A, 5, 'S', NULL },
                                { NULL, NULL, TITLE_B, SUM_B, 5, 'N', NULL } } } },
        { "nothing but a short title",
                { { { NULL, NULL, "KFOR", NULL, 0, 'N', NULL } },
                        { { NULL, NULL, "KFOR", NULL, 0, 'S', NULL },
                                { NULL, NULL, "EUFOR", NULL, 0, 'N', NULL } } } },
        { "guid goes to https and loses www.",
                { { { "http://www.example.org/?p=1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "https://example.org/?p=1", L("a"), TITLE_A, SUM_A, 1, 'S',
                                NULL } } } },
        { "guid gains tracking, and the text is mended",
                { { { "https://example.org/a/", NULL, TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "https://example.org/a?utm_source=rss", NULL, TITLE_A, SUM_B, 1, 'C',
                                NULL } } } },
        { "all guids change",
                { { { "1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL },
                          { "2", L("b"), TITLE_B, SUM_B, 1, 'N', NULL } },
                        { { "x1", L("a"), TITLE_A, SUM_A, 1, 'S', NULL },
                                { "x2", L("b"), TITLE_B, SUM_B, 1, 'S', NULL } } } },
        { "all links change",
                { { { "1", "https://old.example/a", TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "1", "https://new.example/1/a", TITLE_A, SUM_A, 1, 'S', NULL } } } },
        { "the site moves: guids and links change",
                { { { "https://old.example/a", "https://old.example/a", TITLE_A, SUM_A, 1, 'N',
                          NULL } },
                        { { "https://new.example/1", "https://new.example/1", TITLE_A, SUM_A, 1,
                                'S', NULL } } } },
        { "the site moves, and later the headline is mended",
                { { { "https://old.example/a", "https://old.example/a", TITLE_A, SUM_A, 1, 'N',
                          NULL } },
                        { { "https://new.example/1", "https://new.example/1", TITLE_A, SUM_A, 1,
                                'S', NULL } },
                        { { "https://new.example/1", "https://new.example/1", TITLE_B, SUM_A, 1,
                                'C', NULL } } } },
        { "headline mended, guid stays",
                { { { "1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "1", L("a"), TITLE_A " again", SUM_A, 1, 'C', NULL } } } },
        { "headline mended, and the link made of it",
                { { { "1", L("old-slug"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "1", L("new-slug"), TITLE_B, SUM_A, 2, 'C', NULL } } } },
        { "headline mended, guid random, link stays",
                { { { "r1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "r2", L("a"), TITLE_B, SUM_A, 1, 'C', NULL } } } },
        { "guid random per fetch",
                { { { "r1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL },
                          { "r2", L("b"), TITLE_B, NULL, 1, 'N', NULL } },
                        { { "r3", L("a"), TITLE_A, SUM_A, 1, 'S', NULL },
                                { "r4", L("b"), TITLE_B, NULL, 1, 'S', NULL } },
                        { { "r5", L("a"), TITLE_A, SUM_A, 1, 'S', NULL },
                                { "r6", L("b"), TITLE_B, NULL, 1, 'S', NULL } } } },
        { "guid random per fetch, and no link",
                { { { "r1", NULL, TITLE_A, SUM_A, 1, 'N', NULL },
                          { "r2", NULL, TITLE_B, NULL, 1, 'N', NULL } },
                        { { "r3", NULL, TITLE_A, SUM_A, 1, 'S', NULL },
                                { "r4", NULL, TITLE_B, NULL, 1, 'S', NULL } } } },
        { "one guid for all",
                { { { "x", L("a"), TITLE_A, SUM_A, 1, 'N', NULL },
                          { "x", L("b"), TITLE_B, SUM_B, 1, 'N', NULL } },
                        { { "x", L("c"), TITLE_C, NULL, 2, 'N', NULL },
                                { "x", L("a"), TITLE_A, SUM_A, 1, 'S', NULL },
                                { "x", L("b"), TITLE_B, SUM_B, 1, 'S', NULL } },
                        { { "x", L("c"), TITLE_C, SUM_A, 2, 'C', NULL },
                                { "x", L("a"), TITLE_A, SUM_A, 1, 'S', NULL } } } },
        { "one guid for all, and no links",
                { { { "x", NULL, TITLE_A, SUM_A, 1, 'N', NULL },
                          { "x", NULL, TITLE_B, SUM_B, 1, 'N', NULL } },
                        { { "x", NULL, TITLE_C, NULL, 2, 'N', NULL },
                                { "x", NULL, TITLE_A, SUM_A, 1, 'S', NULL },
                                { "x", NULL, TITLE_B, SUM_B, 1, 'S', NULL } } } },
        { "one link for all",
                { { { "1", L("page"), TITLE_A, SUM_A, 1, 'N', NULL },
                          { "2", L("page"), TITLE_B, SUM_B, 1, 'N', NULL } },
                        { { "3", L("page"), TITLE_C, NULL, 2, 'N', NULL },
                                { "1", L("page"), TITLE_A, SUM_A, 1, 'S', NULL },
                                { "2", L("page"), TITLE_B, SUM_A, 1, 'C', NULL } } } },
        { "one link for all, and no guids",
                { { { NULL, L("page"), TITLE_A, SUM_A, 1, 'N', NULL },
                          { NULL, L("page"), TITLE_B, SUM_B, 1, 'N', NULL } },
                        { { NULL, L("page"), TITLE_C, NULL, 2, 'N', NULL },
                                { NULL, L("page"), TITLE_A, SUM_A, 1, 'S', NULL },
                                { NULL, L("page"), TITLE_B, SUM_B, 1, 'S', NULL } } } },
        { "one guid and one link for all",
                { { { "x", L("page"), TITLE_A, SUM_A, 1, 'N', NULL },
                          { "x", L("page"), TITLE_B, SUM_B, 1, 'N', NULL } },
                        { { "x", L("page"), TITLE_C, NULL, 1, 'N', NULL },
                                { "x", L("page"), TITLE_A, SUM_A, 1, 'S', NULL } } } },
        { "pictures: one guid for all, no words",
                { { { "x", L("1.jpg"), NULL, NULL, 1, 'N', NULL },
                          { "x", L("2.jpg"), NULL, NULL, 1, 'N', NULL } },
                        { { "x", L("3.jpg"), NULL, NULL, 1, 'N', NULL },
                                { "x", L("1.jpg"), NULL, NULL, 1, 'S', NULL } } } },
        { "guid given out again after a month",
                { { { "17", L("a"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "17", L("b"), TITLE_B, SUM_B, 32, 'N', NULL } } } },
        { "the same within a month is an edit",
                { { { "17", L("a"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "17", L("b"), TITLE_B, SUM_B, 20, 'C', NULL } } } },
        { "old guid, only the link is new",
                { { { "17", L("a"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "17", L("b"), TITLE_A, SUM_B, 40, 'C', NULL } } } },
        { "dated anew, and to the top",
                { { { "2", L("b"), TITLE_B, SUM_B, 2, 'N', NULL },
                          { "1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "1", L("a"), TITLE_A, SUM_A, 60, 'S', NULL },
                                { "2", L("b"), TITLE_B, SUM_B, 2, 'S', NULL } } } },
        { "dates go away",
                { { { "1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "1", L("a"), TITLE_A, SUM_A, 0, 'S', NULL } } } },
        { "a rubric's title every day",
                { { { "1", L("a"), "The week in the western Balkans", NULL, 1, 'N', NULL } },
                        { { "2", L("b"), "The week in the western Balkans", NULL, 8, 'N', NULL },
                                { "1", L("a"), "The week in the western Balkans", NULL, 1, 'S',
                                        NULL } } } },
        { "the same title twice on one day",
                { { { "1", L("a"), TITLE_A, NULL, 1, 'N', NULL },
                          { "2", L("b"), TITLE_A, NULL, 1, 'N', NULL } },
                        { { "1", L("a"), TITLE_A, NULL, 1, 'S', NULL },
                                { "2", L("b"), TITLE_A, NULL, 1, 'S', NULL },
                                { "3", L("c"), TITLE_A, NULL, 1, 'N', NULL } } } },
        { "a column with the same title and summary",
                { { { "1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "2", L("b"), TITLE_A, SUM_A, 8, 'N', NULL } } } },
        { "listed twice in one document",
                { { { "1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL },
                        { "1", L("a"), TITLE_A, SUM_A, 1, 'S', NULL },
                        { "1b", L("a"), TITLE_A, SUM_A, 1, 'S', NULL } } } },
        { "two desks print one text",
                { { { "1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL },
                          { "2", L("b"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "2", L("b"), TITLE_A, SUM_A, 1, 'S', NULL },
                                { "1", L("a"), TITLE_A, SUM_A, 1, 'S', NULL } } } },
        { "the text comes later",
                { { { "1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "1", L("a"), TITLE_A, SUM_A, 1, 'C', "The whole article." } },
                        { { "1", L("a"), TITLE_A, SUM_A, 1, 'S', "The whole article." } } } },
        { "case and accents are no change",
                { { { "1", L("a"),
                          "Kosova: t\xc3\xbc"
                          "rk askeri KFOR g\xc3\xb6revinde",
                          NULL, 1, 'N', NULL } },
                        { { "1", L("a"), "KOSOVA: turk askeri KFOR gorevinde", NULL, 1, 'S',
                                NULL } } } },
        { "mirrors take turns",
                { { { "1", "https://a.example/1", TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "1", "https://b.example/1", TITLE_A, SUM_A, 1, 'S', NULL } },
                        { { "1", "https://a.example/1", TITLE_A, SUM_A, 1, 'S', NULL } } } },
        { "history is replayed",
                { { { "1", L("a"), TITLE_A, SUM_A, 1, 'N', NULL } },
                        { { "2", L("b"), TITLE_B, SUM_B, 2, 'N', NULL } },
                        { { "2", L("b"), TITLE_B, SUM_B, 2, 'S', NULL },
                                { "1", L("a"), TITLE_A, SUM_A, 1, 'S', NULL } } } },
        { "links to the front page only",
                { { { "1", "https://example.org/", TITLE_A, NULL, 1, 'N', NULL },
                          { "2", "https://example.org/", TITLE_B, NULL, 1, 'N', NULL } },
                        { { "3", "https://example.org/", TITLE_C, NULL, 1, 'N', NULL },
                                { "1", "https://example.org/", TITLE_A, NULL, 1, 'S', NULL } } } },
};

static void test_polls(void **state) {
        (void) state;
        for (size_t c = 0; c < ELEMENTSOF(cases); c++) {
                Rows rows = {};

                for (size_t p = 0; p < POLLS_MAX; p++)
                        for (size_t e = 0; e < ENTRIES_MAX; e++) {
                                const Entry *entry = &cases[c].polls[p][e];
                                Item item = { .guid = entry->guid,
                                        .link = entry->link,
                                        .title = entry->title,
                                        .summary = entry->summary,
                                        .content = entry->content,
                                        .published_usec =
                                                entry->day ? T0 + entry->day * DAY : USEC_INFINITY,
                                        .updated_usec = USEC_INFINITY };
                                char got;

                                if (!entry->expected)
                                        break;
                                got = take(&rows, &item, T0 + 100 * DAY + p * USEC_PER_HOUR);
                                if (got != entry->expected)
                                        fail_msg("%s: poll %zu, entry %zu: %c, not %c",
                                                cases[c].name, p + 1, e + 1, got, entry->expected);
                        }
                for (size_t i = 0; i < rows.n; i++)
                        item_record_done(&rows.rows[i]);
        }
}

/* --- keys --- */

static const struct {
        const char *a, *b;
        bool same;
} guids[] = {
        { "http://example.org/a", "https://www.example.org/a/", true },
        { "https://Example.ORG/a", "https://example.org/a", true },
        { "https://example.org/a?utm_source=x", "https://example.org/a", true },
        { "https://example.org/a?p=1&utm_source=x", "https://example.org/a?p=1", true },
        { " 17\n", "17", true },
        { "https://example.org/a#1", "https://example.org/a#2", false },
        { "https://example.org/?p=1", "https://example.org/?p=2", false },
        { "https://example.org/A", "https://example.org/a", false },
        { "tag:example.org,2026:A", "tag:example.org,2026:a", false },
        { "urn:x/", "urn:x", false },
        { "17", "71", false },
};

static void test_guids(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(guids); i++) {
                _cleanup_(identity_keys_done) IdentityKeys a = {}, b = {};

                assert_int_equal(identity_keys(&(Item){ .guid = guids[i].a }, &a), 0);
                assert_int_equal(identity_keys(&(Item){ .guid = guids[i].b }, &b), 0);
                if (streq(a.guid, b.guid) != guids[i].same)
                        fail_msg("%s: %s, %s: %s", guids[i].a, a.guid, guids[i].b, b.guid);
        }
}

static const struct {
        const char *title, *summary;
        bool key, joins;
} contents[] = {
        { TITLE_A, SUM_A, true, true },
        { TITLE_A, NULL, true, true },
        { NULL, SUM_A, true, true },
        { "KFOR", SUM_A, true, true },
        { "KFOR", "more about it in the paper", true, false },
        { "KFOR", "Read more", true, false },
        { "Four words are few", NULL, true, false },
        { NULL, "Short", true, false },
        { NULL, NULL, false, false },
        { "", "", false, false },
        { "?!", "...", false, false },
};

static void test_contents(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(contents); i++) {
                _cleanup_(identity_keys_done) IdentityKeys keys = {};
                Item item = {
                        .guid = "1", .title = contents[i].title, .summary = contents[i].summary
                };

                assert_int_equal(identity_keys(&item, &keys), 0);
                if (!!keys.content != contents[i].key ||
                        !!join_content_key(keys.content) != contents[i].joins)
                        fail_msg("%s, %s: %s", strna(contents[i].title), strna(contents[i].summary),
                                strna(keys.content));
        }
}

static void test_bounds(void **state) {
        char *big = malloc(1000001);
        _cleanup_(identity_keys_done) IdentityKeys keys = {};

        (void) state;
        assert_non_null(big);
        for (size_t i = 0; i < 1000000; i += 2)
                memcpy(big + i, i % 14 ? "\xc3\xbc" : " x", 2);
        big[1000000] = '\0';
        assert_int_equal(
                identity_keys(
                        &(Item){ .guid = big, .link = big, .title = big, .summary = big }, &keys),
                0);
        assert_int_equal(strlen(keys.guid), strlen("sha256:") + 64);
        assert_null(keys.link);
        assert_non_null(keys.content);
        free(big);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_polls),
                cmocka_unit_test(test_guids),
                cmocka_unit_test(test_contents),
                cmocka_unit_test(test_bounds),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
