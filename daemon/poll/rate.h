/* SPDX-License-Identifier: MIT */
#pragma once

/* How often a feed has news, learned from its news: items an hour by the hour of the day, and how
 * far apart two polls should be for that. Changes a FeedRate (model/model.h) and knows nothing of
 * answers, servers and configuration. */

#include "model/model.h"

/* No feed is polled more often, or less often, for what is learned here. */
#define RATE_INTERVAL_MIN_USEC (10 * USEC_PER_MINUTE)
#define RATE_INTERVAL_MAX_USEC (6 * USEC_PER_HOUR)

/* New items of one answer by the hour in which they were published, as far as they tell. All zero:
 * none. */
typedef struct PollNews {
        uint64_t n_items;
        uint64_t n_missed; /* published before the last answer, which did not show them */
        uint32_t hours[FEED_HOURS];
        usec_t oldest_usec; /* of those counted in hours; 0: none */
        usec_t newest_usec; /* of those dated; 0: none */
} PollNews;

/* Notes a new item, dated @published_usec (USEC_INFINITY: not at all), met at @now_usec; the last
 * answer came at @since_usec (USEC_INFINITY: never, so that this is a backlog, of which dates
 * alone tell). */
void poll_news_add(PollNews *news, usec_t published_usec, usec_t since_usec, usec_t now_usec);

/* Counts the time up to @now_usec, and what was news in it. */
void rate_count(FeedRate *rate, const PollNews *news, usec_t now_usec);

/* News an hour in the hour of the day that @at_usec is in, in thousandths. */
uint32_t rate_at(const FeedRate *rate, usec_t at_usec);
/* The same of the hour of the day that has most. */
uint32_t rate_peak(const FeedRate *rate);

/* How long to wait from @now_usec; see rate.c. @eager: half as long. Within the bounds above. */
usec_t rate_interval(const FeedRate *rate, usec_t now_usec, bool eager);
