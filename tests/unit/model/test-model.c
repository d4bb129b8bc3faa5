/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "model/model.h"

/* Every value of an enum has a name of its own that leads back to it, and nothing else has one. */
#define WALK(name, type, max)                                                               \
        static void test_##name(void **state) {                                             \
                static const char *const strangers[] = { "", " ", "?", "max" };             \
                type back = max;                                                            \
                                                                                            \
                (void) state;                                                               \
                for (type i = 0; i < max; i++) {                                            \
                        const char *s = name##_to_string(i);                                \
                                                                                            \
                        assert_non_null(s);                                                 \
                        assert_int_equal(name##_from_string(s, &back), 0);                  \
                        assert_int_equal(back, i);                                          \
                        for (const char *c = s; *c; c++)                                    \
                                assert_true(*c == '-' || ascii_isdigit(*c) ||               \
                                        (ascii_isalpha(*c) && *c >= 'a'));                  \
                }                                                                           \
                assert_null(name##_to_string(max));                                         \
                assert_null(name##_to_string((type) (max + 1000)));                         \
                back = max;                                                                 \
                for (size_t i = 0; i < ELEMENTSOF(strangers); i++)                          \
                        assert_int_equal(name##_from_string(strangers[i], &back), -EINVAL); \
                assert_int_equal(back, max);                                                \
        }

WALK(feed_format, FeedFormat, FEED_FORMAT_MAX)
WALK(feed_trouble, FeedTrouble, FEED_TROUBLE_MAX)
WALK(feed_reason, FeedReason, FEED_REASON_MAX)
WALK(field, Field, FIELD_MAX)
WALK(body_state, BodyState, BODY_STATE_MAX)
WALK(page_state, PageState, PAGE_STATE_MAX)
WALK(urgency, Urgency, URGENCY_MAX)
WALK(delivery_state, DeliveryState, DELIVERY_STATE_MAX)

/* Empty values can be done away with, twice too, and so can full ones. */
static void test_done(void **state) {
        Verdict verdict = {};
        Feed feed = {};
        ItemRecord item = {};
        Story story = {};
        Alert alert = {};
        Delivery delivery = {}, *deliveries;

        (void) state;

        for (unsigned i = 0; i < 2; i++) {
                verdict_done(&verdict);
                feed_done(&feed);
                item_record_done(&item);
                story_done(&story);
                alert_done(&alert);
                delivery_done(&delivery);
        }
        assert_null(verdict_array_free(NULL, 3));
        assert_null(delivery_array_free(NULL, 3));

        alert.sources = new0(StorySource, 2);
        assert_non_null(alert.sources);
        alert.n_sources = 2;
        alert.sources[0].feed = strdup("f");
        alert.sources[1].link = strdup("l");
        alert.story.title = strdup("t");
        alert.verdict.hits = new0(KeywordHit, 2);
        assert_non_null(alert.verdict.hits);
        alert.verdict.n_hits = 2;
        alert.verdict.hits[1].expression = strdup("e");
        alert_done(&alert);
        assert_null(alert.sources);
        assert_int_equal(alert.n_sources, 0);
        assert_int_equal(alert.verdict.n_hits, 0);

        deliveries = new0(Delivery, 2);
        assert_non_null(deliveries);
        deliveries[1].body = strdup("b");
        assert_null(delivery_array_free(deliveries, 2));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_feed_format),
                cmocka_unit_test(test_feed_trouble),
                cmocka_unit_test(test_feed_reason),
                cmocka_unit_test(test_field),
                cmocka_unit_test(test_body_state),
                cmocka_unit_test(test_page_state),
                cmocka_unit_test(test_urgency),
                cmocka_unit_test(test_delivery_state),
                cmocka_unit_test(test_done),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
