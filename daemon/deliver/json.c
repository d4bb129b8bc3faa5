/* SPDX-License-Identifier: MIT */

/* The generic webhook body. It holds everything that a receiver may want, within the 20 kB that the
 * Standard Webhooks specification advises. Nearly every alert fits at once; one that does not is
 * rendered again with a smaller budget, so that what is cut is always the same: first the places of
 * the matched words, then the tails of long lists and texts. Counts say how much there was. */

#include <errno.h>

#include "deliver/render.h"
#include "model/verdict.h"

#define JSON_BODY_BYTES_MAX ((size_t) 20000)

/* A name in the configuration; longer ones are no names. */
#define NAME_UNITS_MAX 100

/* Texts in UTF-16 units, of which one takes at most three bytes in JSON. */
typedef struct Budget {
        size_t title_units, summary_units, expression_units, reason_units;
        size_t link_bytes;
        size_t n_sources, n_keywords;
        bool spans;
} Budget;

/* The last one fits whatever comes: at most some 17,000 bytes. */
static const Budget budgets[] = {
        { 1000, 4000, 1000, 600, 4096, 20, 200, true },
        { 1000, 4000, 1000, 600, 4096, 20, 200, false },
        { 500, 1000, 300, 500, 2048, 8, 20, false },
        { 300, 600, 200, 300, 2048, 1, 8, false },
};

static json_t *sources_to_json(const Alert *alert, const Budget *budget) {
        _cleanup_(json_freep) Json *sources = json_array();

        for (size_t i = 0; sources && i < MIN(alert->n_sources, budget->n_sources); i++) {
                const StorySource *source = &alert->sources[i];

                if (json_array_append_new(sources,
                            json_pack("{so so so so}", "feed",
                                    render_string(source->feed, RENDER_PLAIN, NAME_UNITS_MAX),
                                    "title",
                                    render_string(source->title, RENDER_PLAIN, budget->title_units),
                                    "link", render_link_string(source->link, budget->link_bytes),
                                    "published", render_time(source->published_usec))) < 0)
                        return NULL;
        }

        return TAKE_PTR(sources);
}

static json_t *story_to_json(const Alert *alert, const Budget *budget) {
        const Story *story = &alert->story;

        return json_pack("{sI so so so so so sI}", "id", (json_int_t) story->id, "title",
                render_string(story->title, RENDER_PLAIN, budget->title_units), "link",
                render_link_string(story->link, budget->link_bytes), "summary",
                render_string(story->summary, RENDER_PLAIN, budget->summary_units), "published",
                render_time(story->published_usec), "sources", sources_to_json(alert, budget),
                "source_count", (json_int_t) alert->n_sources);
}

static json_t *keywords_to_json(const Alert *alert, const Budget *budget) {
        _cleanup_(json_freep) Json *keywords = verdict_keywords_to_json(&alert->verdict);

        while (json_array_size(keywords) > budget->n_keywords)
                if (json_array_remove(keywords, json_array_size(keywords) - 1) < 0)
                        return NULL;

        for (size_t i = 0; i < json_array_size(keywords); i++) {
                json_t *keyword = json_array_get(keywords, i);

                if (json_object_set_new(keyword, "expression",
                            render_string(alert->verdict.hits[i].expression, RENDER_PLAIN,
                                    budget->expression_units)) < 0)
                        return NULL;
                if (!budget->spans && json_object_del(keyword, "spans") < 0)
                        return NULL;
        }

        return TAKE_PTR(keywords);
}

static int render_within(const Budget *budget, AlertType type, const Alert *alert,
        const char *public_id, char **ret) {
        _cleanup_(json_freep) Json *root = NULL;
        _cleanup_free_ char *reason = NULL;

        reason = render_reason(alert);
        if (!reason)
                return -ENOMEM;

        root = json_pack("{ss ss so s{so so} so so so ss so sI so ss so}", "type",
                type == ALERT_TEST ? "alert.test" : "alert.raised", "id", public_id, "timestamp",
                render_time(alert->raised_usec), "profile", "name",
                render_string(alert->profile, RENDER_PLAIN, NAME_UNITS_MAX), "title",
                render_string(render_profile(alert), RENDER_PLAIN, NAME_UNITS_MAX), "story",
                story_to_json(alert, budget), "score", json_milli(alert->verdict.score_milli),
                "threshold", json_milli(alert->verdict.threshold_milli), "urgency",
                urgency_to_string(alert->urgency), "keywords", keywords_to_json(alert, budget),
                "keyword_count", (json_int_t) alert->verdict.n_hits, "reason",
                render_string(reason, RENDER_PLAIN, budget->reason_units), "body",
                body_state_to_string(alert->verdict.body), "body_reason",
                render_string(alert->verdict.body_reason, RENDER_PLAIN, NAME_UNITS_MAX));
        if (!root || (type == ALERT_TEST && json_object_set_new(root, "test", json_true()) < 0))
                return -ENOMEM;

        return json_to_text(root, JSON_LINE, ret);
}

int json_render(AlertType type, const Alert *alert, const char *public_id, char **ret) {
        for (size_t i = 0;; i++) {
                _cleanup_free_ char *body = NULL;
                int r;

                r = render_within(&budgets[i], type, alert, public_id, &body);
                if (r < 0)
                        return r;
                if (strlen(body) >= JSON_BODY_BYTES_MAX && i + 1 < ELEMENTSOF(budgets))
                        continue;

                *ret = TAKE_PTR(body);
                return 0;
        }
}
