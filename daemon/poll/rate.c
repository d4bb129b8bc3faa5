/* SPDX-License-Identifier: MIT */

/* News an hour is counted by the hour of the day (UTC): newsrooms sleep, and a feed that has its
 * one item at nine in the morning is best looked at then. A day counts half as much seven days
 * later, so that a pattern is known within days and forgotten within weeks.
 *
 * What was counted is few, so it is smoothed twice: each hour takes a quarter of either neighbour,
 * and is drawn towards the mean of the day as if two days of it had been seen. A feed of which
 * nothing is known counts as one that had half an item in five and a half hours, which gives the
 * interval to begin with, 30 min, and wears off.
 *
 * How long to wait. To wait T costs 1/T requests and delays news that comes R times an hour by T/2
 * each. For a given number of requests in all, the delay over all feeds is least when each is
 * polled in proportion to the square root of its rate (Sia, Cho, Cho: Efficient Monitoring
 * Algorithm for Fast News Alerts, 2007). So
 *
 *     T = 10 min * sqrt(0.8 an hour / R), within 10 min and 6 h:
 *
 * an item an hour is 10 min, four a day 22 min, one a day 44 min, one a week 116 min. As R changes
 * from hour to hour, polls are spread like sqrt(R): the next is when the sum of polls per hour from
 * now on reaches one. So a poll of the small hours comes in time for the morning. */

#include "poll/rate.h"

#include "base/str.h"

#define HALF_LIFE_DAYS 7
/* 2^(-1/7), in 65536ths. */
#define DAY_FACTOR 59357u
/* After so many days nothing is left that counts. */
#define DAYS_MAX 60

/* Drawn towards the mean as if so many days had shown it. */
#define PRIOR_DAYS 2
/* Nothing known: half an item ... */
#define START_ITEMS_MILLI 500
/* ... in this time, over all hours of the day. */
#define START_MINUTES 337
/* A backlog tells no more than this of how it is now. */
#define BACKLOG_USEC (14 * USEC_PER_DAY)

/* News an hour from which on a feed is polled as often as any; chosen so that a mix of feeds is
 * served with half the requests of a poll every 15 min, and its news found sooner. */
#define FULL_MILLI 800

#define MINUTES_PER_DAY (24 * 60)
/* One feed's burst must not overflow the counts. */
#define ITEMS_MILLI_MAX (UINT32_C(1000) * 1000 * 1000)

static unsigned hour_of(usec_t t) {
        return (unsigned) (t / USEC_PER_HOUR % FEED_HOURS);
}

void poll_news_add(PollNews *news, usec_t published_usec, usec_t since_usec, usec_t now_usec) {
        bool is_backlog = since_usec == USEC_INFINITY,
             dated = published_usec != USEC_INFINITY && published_usec <= now_usec;
        usec_t at = published_usec;

        news->n_items++;
        if (!is_backlog && (published_usec == USEC_INFINITY || published_usec < since_usec))
                news->n_missed++;

        if (dated)
                news->newest_usec = MAX(news->newest_usec, published_usec);
        if (is_backlog && (!dated || usec_add(published_usec, BACKLOG_USEC) < now_usec))
                return;
        /* Dates before the last answer are wrong, or of a feed that shows items late. */
        if (!is_backlog && (!dated || usec_add(published_usec, USEC_PER_HOUR) < since_usec))
                at = now_usec;
        if (news->oldest_usec == 0 || at < news->oldest_usec)
                news->oldest_usec = at;
        news->hours[hour_of(at)]++;
}

/* --- counting --- */

static void rate_start(FeedRate *rate, const PollNews *news, usec_t now_usec) {
        usec_t since = news->oldest_usec > 0 ? MIN(news->oldest_usec, now_usec) : now_usec;

        for (unsigned i = 0; i < FEED_HOURS; i++)
                rate->items_milli[i] = START_ITEMS_MILLI / FEED_HOURS;
        rate->n_minutes = START_MINUTES;
        rate->counted_usec = since;
}

static uint32_t fade(uint32_t value, usec_t n_days) {
        uint64_t v = value;

        for (usec_t i = 0; i < MIN(n_days, (usec_t) DAYS_MAX); i++)
                v = (v * DAY_FACTOR + 32768) / 65536;
        return (uint32_t) v;
}

void rate_count(FeedRate *rate, const PollNews *news, usec_t now_usec) {
        usec_t n_minutes, n_days;

        if (rate->n_minutes == 0)
                rate_start(rate, news, now_usec);
        if (rate->counted_usec > now_usec) /* the clock was wrong, then or now */
                rate->counted_usec = now_usec;

        n_days = now_usec / USEC_PER_DAY - rate->counted_usec / USEC_PER_DAY;
        n_minutes = (now_usec - rate->counted_usec) / USEC_PER_MINUTE;
        if (n_days > 0) {
                for (unsigned i = 0; i < FEED_HOURS; i++)
                        rate->items_milli[i] = fade(rate->items_milli[i], n_days);
                rate->n_minutes = MAX(fade(rate->n_minutes, n_days), 1u);
        }
        rate->counted_usec += n_minutes * USEC_PER_MINUTE;
        rate->n_minutes += (uint32_t) MIN(n_minutes, (usec_t) DAYS_MAX * MINUTES_PER_DAY);

        for (unsigned i = 0; i < FEED_HOURS; i++)
                rate->items_milli[i] = (uint32_t) MIN(
                        rate->items_milli[i] + UINT64_C(1000) * news->hours[i], ITEMS_MILLI_MAX);
}

/* --- rates --- */

/* @hour in thousandths of an item an hour. */
static uint32_t hour_rate(const FeedRate *rate, unsigned hour) {
        uint64_t near, all = 0, days_milli;

        if (rate->n_minutes == 0)
                return START_ITEMS_MILLI * 60 / START_MINUTES;

        for (unsigned i = 0; i < FEED_HOURS; i++)
                all += rate->items_milli[i];
        near = (UINT64_C(2) * rate->items_milli[hour] + rate->items_milli[(hour + 1) % FEED_HOURS] +
                       rate->items_milli[(hour + FEED_HOURS - 1) % FEED_HOURS]) /
                4;
        days_milli = UINT64_C(1000) * rate->n_minutes / MINUTES_PER_DAY + 1;

        /* (items of this hour + mean of an hour * PRIOR_DAYS) / (days + PRIOR_DAYS) */
        return (uint32_t) ((near * 1000 +
                                   all * 1000 / FEED_HOURS * 1000 / days_milli * PRIOR_DAYS) /
                (days_milli + 1000 * PRIOR_DAYS));
}

uint32_t rate_at(const FeedRate *rate, usec_t at_usec) {
        return hour_rate(rate, hour_of(at_usec));
}

uint32_t rate_peak(const FeedRate *rate) {
        uint32_t peak = 0;

        for (unsigned i = 0; i < FEED_HOURS; i++)
                peak = MAX(peak, hour_rate(rate, i));
        return peak;
}

/* --- the interval --- */

static uint64_t square_root(uint64_t n) {
        uint64_t root = n, next = (n + 1) / 2;

        while (next < root) {
                root = next;
                next = (root + n / root) / 2;
        }
        return root;
}

/* Polls an hour, in thousandths. */
static uint64_t poll_density(uint32_t rate_milli, bool eager) {
        uint64_t density = square_root(UINT64_C(1000) * 1000 / FULL_MILLI * rate_milli) *
                USEC_PER_HOUR / RATE_INTERVAL_MIN_USEC;

        return CLAMP(eager ? 2 * density : density,
                UINT64_C(1000) * USEC_PER_HOUR / RATE_INTERVAL_MAX_USEC,
                UINT64_C(1000) * USEC_PER_HOUR / RATE_INTERVAL_MIN_USEC);
}

usec_t rate_interval(const FeedRate *rate, usec_t now_usec, bool eager) {
        uint64_t wanted = 1000 * USEC_PER_HOUR; /* one poll, in the units of density * time */
        usec_t at = now_usec;

        /* At least a sixth of a poll an hour: this ends. */
        while (at < usec_add(now_usec, RATE_INTERVAL_MAX_USEC)) {
                usec_t rest = USEC_PER_HOUR - at % USEC_PER_HOUR;
                uint64_t density = poll_density(rate_at(rate, at), eager);

                if (density * rest >= wanted) {
                        at += wanted / density;
                        break;
                }
                wanted -= density * rest;
                at += rest;
        }
        return CLAMP(at - now_usec, RATE_INTERVAL_MIN_USEC, RATE_INTERVAL_MAX_USEC);
}
