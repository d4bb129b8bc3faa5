/* SPDX-License-Identifier: MIT */

#include "model/model.h"

#include <errno.h>

static const char *const feed_format_table[FEED_FORMAT_MAX] = {
        [FEED_RSS090] = "rss090",
        [FEED_RSS091] = "rss091",
        [FEED_RSS092] = "rss092",
        [FEED_RSS093] = "rss093",
        [FEED_RSS094] = "rss094",
        [FEED_RSS10] = "rss10",
        [FEED_RSS20] = "rss20",
        [FEED_ATOM03] = "atom03",
        [FEED_ATOM10] = "atom10",
        [FEED_JSONFEED] = "jsonfeed",
        [FEED_SITEMAP] = "sitemap",
        [FEED_XPATH] = "xpath",
};
DEFINE_STRING_TABLE(feed_format, FeedFormat, feed_format_table);

static const char *const feed_trouble_table[FEED_TROUBLE_MAX] = {
        [FEED_TROUBLE_NONE] = "none",
        [FEED_TROUBLE_UNREACHABLE] = "unreachable",
        [FEED_TROUBLE_TLS] = "tls",
        [FEED_TROUBLE_SERVER] = "server",
        [FEED_TROUBLE_RATE_LIMITED] = "rate-limited",
        [FEED_TROUBLE_UNAUTHORIZED] = "unauthorized",
        [FEED_TROUBLE_FORBIDDEN] = "forbidden",
        [FEED_TROUBLE_CHALLENGE] = "challenge",
        [FEED_TROUBLE_MISSING] = "missing",
        [FEED_TROUBLE_GONE] = "gone",
        [FEED_TROUBLE_NO_FEED] = "no-feed",
        [FEED_TROUBLE_REFUSED] = "refused",
};
DEFINE_STRING_TABLE(feed_trouble, FeedTrouble, feed_trouble_table);

static const char *const feed_reason_table[FEED_REASON_MAX] = {
        [FEED_REASON_NONE] = "none",
        [FEED_REASON_START] = "start",
        [FEED_REASON_RATE] = "rate",
        [FEED_REASON_WINDOW] = "window",
        [FEED_REASON_MISSED] = "missed",
        [FEED_REASON_UNHEEDED] = "unheeded",
        [FEED_REASON_CONFIGURED] = "configured",
        [FEED_REASON_MAX_AGE] = "max-age",
        [FEED_REASON_TTL] = "ttl",
        [FEED_REASON_PERIOD] = "period",
        [FEED_REASON_FAILURES] = "failures",
        [FEED_REASON_NEGLECTED] = "neglected",
        [FEED_REASON_RETRY_AFTER] = "retry-after",
        [FEED_REASON_GONE] = "gone",
};
DEFINE_STRING_TABLE(feed_reason, FeedReason, feed_reason_table);

static const char *const field_table[FIELD_MAX] = {
        [FIELD_TITLE] = "title",
        [FIELD_SUMMARY] = "summary",
        [FIELD_CATEGORY] = "category",
        [FIELD_AUTHOR] = "author",
        [FIELD_BODY] = "body",
        [FIELD_FEED] = "feed",
};
DEFINE_STRING_TABLE(field, Field, field_table);

static const char *const body_state_table[BODY_STATE_MAX] = {
        [BODY_NOT_GIVEN] = "not-given",
        [BODY_FEED] = "feed",
        [BODY_PAGE] = "page",
        [BODY_WANTED] = "wanted",
        [BODY_FAILED] = "failed",
};
DEFINE_STRING_TABLE(body_state, BodyState, body_state_table);

static const char *const page_state_table[PAGE_STATE_MAX] = {
        [PAGE_NONE] = "none",
        [PAGE_WANTED] = "wanted",
        [PAGE_READ] = "read",
        [PAGE_FAILED] = "failed",
};
DEFINE_STRING_TABLE(page_state, PageState, page_state_table);

static const char *const urgency_table[URGENCY_MAX] = {
        [URGENCY_LOW] = "low",
        [URGENCY_NORMAL] = "normal",
        [URGENCY_CRITICAL] = "critical",
};
DEFINE_STRING_TABLE(urgency, Urgency, urgency_table);

static const char *const delivery_state_table[DELIVERY_STATE_MAX] = {
        [DELIVERY_PENDING] = "pending",
        [DELIVERY_SENDING] = "sending",
        [DELIVERY_DONE] = "done",
        [DELIVERY_DEAD] = "dead",
};
DEFINE_STRING_TABLE(delivery_state, DeliveryState, delivery_state_table);

void verdict_done(Verdict *verdict) {
        for (size_t i = 0; i < verdict->n_hits; i++) {
                free(verdict->hits[i].expression);
                free(verdict->hits[i].words);
                free(verdict->hits[i].spans);
        }

        free(verdict->hits);
        free(verdict->profile);
        free(verdict->blocked_by);
        free(verdict->body_reason);
        *verdict = (Verdict){};
}

Verdict *verdict_array_free(Verdict *verdicts, size_t n) {
        for (size_t i = 0; verdicts && i < n; i++)
                verdict_done(&verdicts[i]);

        return mfree(verdicts);
}

static int hit_copy(const KeywordHit *hit, KeywordHit *copy) {
        *copy = *hit;
        copy->words = NULL;
        copy->expression = strdup(hit->expression);
        copy->spans = new (Span, MAX(hit->n_spans, (size_t) 1));
        if (!copy->expression || !copy->spans || free_and_strdup(&copy->words, hit->words) < 0)
                return -ENOMEM;

        if (hit->n_spans > 0)
                memcpy(copy->spans, hit->spans, hit->n_spans * sizeof(Span));
        return 0;
}

int verdict_copy(const Verdict *verdict, Verdict *ret) {
        _cleanup_(verdict_done) Verdict copy = *verdict;

        copy.profile = copy.blocked_by = copy.body_reason = NULL;
        copy.n_hits = 0;
        copy.hits = new0(KeywordHit, MAX(verdict->n_hits, (size_t) 1));
        if (!copy.hits || free_and_strdup(&copy.profile, verdict->profile) < 0 ||
                free_and_strdup(&copy.blocked_by, verdict->blocked_by) < 0 ||
                free_and_strdup(&copy.body_reason, verdict->body_reason) < 0)
                return -ENOMEM;

        for (size_t i = 0; i < verdict->n_hits; i++) {
                copy.n_hits++; /* a half-copied one is freed too */
                if (hit_copy(&verdict->hits[i], &copy.hits[i]) < 0)
                        return -ENOMEM;
        }

        *ret = copy;
        copy = (Verdict){};
        return 0;
}

void feed_done(Feed *feed) {
        free(feed->name);
        free(feed->url);
        free(feed->etag);
        free(feed->last_modified);
        free(feed->validators_url);
        free(feed->access_key);
        free(feed->body_hash);
        free(feed->last_error);
        free(feed->final_url);
        free(feed->moved_to);
        free(feed->move_target);
        free(feed->title);
        free(feed->link);
        *feed = (Feed){};
}

void item_record_done(ItemRecord *item) {
        free(item->feed);
        free(item->guid);
        free(item->link);
        free(item->title);
        free(item->summary);
        free(item->content);
        free(item->authors);
        free(item->categories);
        free(item->guid_key);
        free(item->link_key);
        free(item->content_key);
        free(item->page_text);
        free(item->page_error);
        *item = (ItemRecord){};
}

void story_done(Story *story) {
        free(story->title);
        free(story->link);
        free(story->summary);
        *story = (Story){};
}

void alert_done(Alert *alert) {
        for (size_t i = 0; i < alert->n_sources; i++) {
                free(alert->sources[i].feed);
                free(alert->sources[i].title);
                free(alert->sources[i].link);
        }

        free(alert->sources);
        free(alert->profile);
        free(alert->profile_title);
        free(alert->feed);
        story_done(&alert->story);
        verdict_done(&alert->verdict);
        *alert = (Alert){};
}

void delivery_done(Delivery *delivery) {
        free(delivery->public_id);
        free(delivery->sink);
        free(delivery->body);
        free(delivery->last_error);
        free(delivery->profile);
        free(delivery->title);
        *delivery = (Delivery){};
}

Delivery *delivery_array_free(Delivery *deliveries, size_t n) {
        for (size_t i = 0; deliveries && i < n; i++)
                delivery_done(&deliveries[i]);

        return mfree(deliveries);
}
