/* SPDX-License-Identifier: MIT */

/* What the servers answer. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "loop.h"
#include "world.h"

static const char page[] = "<!DOCTYPE html><html><head><title>Log in</title></head>"
                           "<body><p>Please accept our terms.</p></body></html>";

static void line(Reply *reply, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void line(Reply *reply, const char *format, ...) {
        char text[512];
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        if (n < 0 || answer_add_line(&reply->head, text, (size_t) n) < 0)
                abort();
}

/* RFC 9110, 5.6.7. */
static const char *http_date(usec_t t, char ret[static 40]) {
        time_t seconds = (time_t) (t / USEC_PER_SEC);
        struct tm tm;

        (void) strftime(ret, 40, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &tm));
        return ret;
}

static const char *http_date_rfc850(usec_t t, char ret[static 40]) {
        time_t seconds = (time_t) (t / USEC_PER_SEC);
        struct tm tm;

        size_t n = strftime(ret, 40, "%A, %d-%b-", gmtime_r(&seconds, &tm));

        (void) snprintf(ret + n, 40 - n, "%02d %02d:%02d:%02d GMT", tm.tm_year % 100, tm.tm_hour,
                tm.tm_min, tm.tm_sec);
        return ret;
}
#define HTTP_DATE(t) http_date((t), (char[40]){})

static void begin(Reply *reply, unsigned status, usec_t server_time) {
        line(reply, "HTTP/1.1 %u", status);
        line(reply, "Date: %s", HTTP_DATE(server_time));
}

/* --- the feed --- */

static void add(Buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(Buffer *b, const char *format, ...) {
        char text[1024];
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        if (n < 0 || (size_t) n >= sizeof(text) || buffer_append(b, text, (size_t) n) < 0)
                abort();
}

/* Words of no language, so that no two items are alike. */
static const char *item_title(const Publisher *p, size_t i, char ret[static 160]) {
        static const char *const syllables[] = { "ba", "ce", "di", "fo", "gu", "ha", "ke", "li",
                "mo", "nu", "pa", "re", "si", "to", "vu", "za" };
        Random random = { world.options.seed ^ ((uint64_t) p->number << 40) ^ (i * 7919) };
        size_t n = (size_t) snprintf(ret, 160, "Bulletin");

        for (unsigned word = 0; word < 6; word++) {
                ret[n++] = ' ';
                for (unsigned k = 0; k < 4; k++) {
                        memcpy(ret + n, syllables[random_u64(&random) % 16], 2);
                        n += 2;
                }
        }
        ret[n] = '\0';
        return ret;
}

static void add_item(Publisher *p, Buffer *b, size_t i, bool reset) {
        char title[160], link[128], guid[96], date[40];
        usec_t at = p->items[i];

        (void) item_title(p, i, title);
        (void) snprintf(link, sizeof(link), "https://%s/item/%u/%zu", p->host->name, p->number, i);
        (void) snprintf(guid, sizeof(guid), "tag:%s,%u:%zu%s", p->host->name, p->number, i,
                reset ? ":new" : "");
        if (p->format == FEED_RSS20)
                add(b,
                        "<item><title>%s</title><link>%s</link><guid isPermaLink=\"false\">%s</guid>"
                        "<pubDate>%s</pubDate></item>\n",
                        title, link, guid, http_date(at, date));
        else if (p->format == FEED_ATOM10)
                add(b,
                        "<entry><title>%s</title><link href=\"%s\"/><id>%s</id>"
                        "<updated>%s</updated></entry>\n",
                        title, link, guid, FORMAT_RFC3339(at));
        else
                add(b,
                        "%s{\"id\":\"%s\",\"url\":\"%s\","
                        "\"title\":\"%s\",\"date_published\":\"%s\"}\n",
                        b->data[b->n_bytes - 1] == '[' ? "" : ",", guid, link, title,
                        FORMAT_RFC3339(at));
}

static void add_rss_hints(const Publisher *p, Buffer *b, usec_t now) {
        static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
                "Friday", "Saturday" };

        if (p->validating == VALIDATING_MOVING)
                add(b, "<lastBuildDate>%s</lastBuildDate>", HTTP_DATE(now));
        if (p->hint == HINT_TTL)
                add(b, "<ttl>%u</ttl>", p->hint_seconds / 60);
        if (p->hint == HINT_PERIOD)
                add(b,
                        "<sy:updatePeriod>hourly</sy:updatePeriod>"
                        "<sy:updateFrequency>2</sy:updateFrequency>");
        if (p->skip_hours) {
                add(b, "<skipHours>");
                for (unsigned i = 0; i < 24; i++)
                        if (p->skip_hours >> i & 1)
                                add(b, "<hour>%u</hour>", i);
                add(b, "</skipHours>");
        }
        if (p->skip_days) {
                add(b, "<skipDays>");
                for (unsigned i = 0; i < 7; i++)
                        if (p->skip_days >> i & 1)
                                add(b, "<day>%s</day>", days[i]);
                add(b, "</skipDays>");
        }
}

static void make_body(Publisher *p, usec_t now, size_t first, size_t beyond, bool reset) {
        Buffer *b = &p->body;

        if (b->n_bytes > 0 && p->body_items == beyond && p->body_reset == reset &&
                p->body_empty == (first == beyond) && p->validating != VALIDATING_MOVING)
                return;

        buffer_reset(b);
        if (p->format == FEED_RSS20 || p->validating == VALIDATING_MOVING) {
                p->format = FEED_RSS20;
                add(b,
                        "<?xml version=\"1.0\"?>\n<rss version=\"2.0\""
                        " xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\"><channel>"
                        "<title>Publisher %u</title><link>https://%s/</link>\n",
                        p->number, p->host->name);
                add_rss_hints(p, b, now);
        } else if (p->format == FEED_ATOM10)
                add(b,
                        "<?xml version=\"1.0\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">"
                        "<title>Publisher %u</title><id>tag:%s,%u</id>"
                        "<link href=\"https://%s/\"/><updated>2026-01-01T00:00:00Z</updated>\n",
                        p->number, p->host->name, p->number, p->host->name);
        else
                add(b,
                        "{\"version\":\"https://jsonfeed.org/version/1.1\","
                        "\"title\":\"Publisher %u\","
                        "\"home_page_url\":\"https://%s/\",\"items\":[",
                        p->number, p->host->name);
        for (size_t i = beyond; i > first; i--)
                add_item(p, b, i - 1, reset);
        add(b, "%s",
                p->format == FEED_RSS20            ? "</channel></rss>\n"
                        : p->format == FEED_ATOM10 ? "</feed>\n"
                                                   : "]}\n");
        p->body_items = beyond;
        p->body_reset = reset;
        p->body_empty = first == beyond;
}

/* --- conditional requests --- */

/* What the server tells with its feed as it is now. */
static void make_validators(Publisher *p, usec_t now, size_t beyond, bool reset) {
        usec_t changed = beyond > 0 ? p->items[beyond - 1] : world.options.from_usec;

        if (reset)
                changed = MAX(changed, p->reset_usec);
        p->etag[0] = p->last_modified[0] = '\0';
        switch (p->validating) {
        case VALIDATING_ETAG:
        case VALIDATING_IGNORED:
                (void) snprintf(p->etag, sizeof(p->etag), "\"%u-%zu%s\"", p->number, beyond,
                        reset ? "r" : "");
                break;
        case VALIDATING_WEAK:
                (void) snprintf(p->etag, sizeof(p->etag), "W/\"%u:%zu%s a\"", p->number, beyond,
                        reset ? "r" : "");
                break;
        case VALIDATING_BOTH:
                (void) snprintf(p->etag, sizeof(p->etag), "%u_%zu%s", p->number, beyond,
                        reset ? "r" : ""); /* without quotes: wrong, and common */
                (void) http_date(changed, p->last_modified);
                break;
        case VALIDATING_DATE:
                if (p->number % 2) /* an old form, to be sent back as it is */
                        (void) http_date_rfc850(changed, p->last_modified);
                else
                        (void) http_date(changed, p->last_modified);
                break;
        case VALIDATING_RENEWED:
                (void) snprintf(p->etag, sizeof(p->etag), "\"%u-%zu%s-%u\"", p->number, beyond,
                        reset ? "r" : "", p->n_renewed);
                break;
        case VALIDATING_CODING:
                (void) snprintf(p->etag, sizeof(p->etag), "\"%u-%zu%s-gzip\"", p->number, beyond,
                        reset ? "r" : "");
                (void) http_date(changed, p->last_modified);
                break;
        case VALIDATING_FUTURE:
                (void) snprintf(p->last_modified, sizeof(p->last_modified),
                        "Sat, 05 Jan 2041 10:00:00 GMT");
                break;
        case VALIDATING_FROZEN:
                (void) snprintf(p->etag, sizeof(p->etag), "\"%s\"", p->host->name);
                break;
        case VALIDATING_NOW:
                (void) http_date(now, p->last_modified);
                break;
        case VALIDATING_MOVING:
        case VALIDATING_NONE:
        case VALIDATING_MAX:
                break;
        }
}

/* RFC 9110, 13.2.2: a date is looked at only where there is no ETag. */
static bool is_current(
        const Publisher *p, const char *if_none_match, const char *if_modified_since) {
        switch (p->validating) {
        case VALIDATING_FROZEN:
                return if_none_match || if_modified_since;
        case VALIDATING_CODING:
                return !if_none_match && streq_ptr(if_modified_since, p->last_modified);
        case VALIDATING_IGNORED:
        case VALIDATING_MOVING:
        case VALIDATING_NOW:
        case VALIDATING_NONE:
                return false;
        case VALIDATING_ETAG:
        case VALIDATING_WEAK:
        case VALIDATING_DATE:
        case VALIDATING_BOTH:
        case VALIDATING_RENEWED:
        case VALIDATING_FUTURE:
        case VALIDATING_MAX:
                break;
        }
        if (if_none_match && *p->etag)
                return streq(if_none_match, p->etag);
        return if_modified_since && streq(if_modified_since, p->last_modified);
}

static void add_validators(Publisher *p, Reply *reply) {
        if (*p->etag)
                line(reply, "ETag: %s", p->etag);
        if (*p->last_modified)
                line(reply, "Last-Modified: %s", p->last_modified);
}

static void add_hints(const Publisher *p, Reply *reply, usec_t now) {
        usec_t age = p->hint_seconds * USEC_PER_SEC;

        switch (p->hint) {
        case HINT_MAX_AGE:
                line(reply, "Cache-Control: public, MAX-AGE=%u", p->hint_seconds);
                break;
        case HINT_EXPIRES:
                line(reply, "Expires: %s", HTTP_DATE(now + age));
                break;
        case HINT_AGED:
                line(reply, "Cache-Control: max-age=%u", p->hint_seconds);
                line(reply, "Age: %u", p->hint_seconds / 4);
                age -= p->hint_seconds / 4 * USEC_PER_SEC;
                break;
        case HINT_YEARS:
                line(reply, "Cache-Control: max-age=999999999");
                age = 999999999 * USEC_PER_SEC;
                break;
        case HINT_NO_CACHE:
                line(reply, "Cache-Control: no-cache, no-store");
                line(reply, "Expires: 0");
                return;
        case HINT_NONE:
        case HINT_TTL:
        case HINT_SKIP_HOURS:
        case HINT_SKIP_DAYS:
        case HINT_PERIOD:
        case HINT_MAX:
                return;
        }
        reply->hint_usec = age;
}

static void answer_feed(Publisher *p, const char *if_none_match, const char *if_modified_since,
        bool empty, Reply *reply) {
        usec_t now = loop_true();
        bool reset = now >= p->reset_usec;

        reply->beyond = world_n_out(p, now);
        reply->first = empty ? reply->beyond : world_first_shown(p, now);
        make_validators(p, now, reply->beyond, reset);

        if (!empty && is_current(p, if_none_match, if_modified_since)) {
                if (p->validating == VALIDATING_RENEWED) {
                        p->n_renewed++;
                        make_validators(p, now, reply->beyond, reset);
                }
                begin(reply, 304, now);
                add_validators(p, reply);
                add_hints(p, reply, now);
                return;
        }

        make_body(p, now, reply->first, reply->beyond, reset);
        begin(reply, 200, now);
        line(reply, "Content-Type: %s",
                p->format == FEED_RSS20            ? "application/rss+xml"
                        : p->format == FEED_ATOM10 ? "application/atom+xml"
                                                   : "application/feed+json");
        if (!empty)
                add_validators(p, reply);
        add_hints(p, reply, now);
        reply->is_feed = true;
        reply->body = p->body.data;
        reply->n_body_bytes = p->body.n_bytes;
}

/* --- what goes wrong --- */

static void fail(Reply *reply, HttpFailure failure, HttpBlame blame, usec_t takes) {
        reply->failure = failure;
        reply->blame = blame;
        reply->takes_usec = takes;
        reply->message = http_failure_to_string(failure);
}

static void answer_page(Reply *reply, unsigned status) {
        begin(reply, status, loop_true());
        line(reply, "Content-Type: text/html; charset=utf-8");
        reply->body = page;
        reply->n_body_bytes = strlen(page);
}

static void answer_after(Reply *reply, unsigned status, const Episode *e) {
        usec_t now = loop_true(), span = e->after_seconds * USEC_PER_SEC;
        usec_t skewed = now - 5 * USEC_PER_HOUR - 17 * USEC_PER_SEC;
        char date[40];

        begin(reply, status, e->after == AFTER_DATE_SKEWED ? skewed : now);
        switch (e->after) {
        case AFTER_SECONDS:
        case AFTER_MAX:
                line(reply, "Retry-After: %u", e->after_seconds);
                break;
        case AFTER_DATE:
                line(reply, "Retry-After: %s", HTTP_DATE(now + span));
                break;
        case AFTER_DATE_RFC850:
                line(reply, "Retry-After: %s", http_date_rfc850(now + span, date));
                break;
        case AFTER_DATE_SKEWED:
                line(reply, "Retry-After: %s", HTTP_DATE(skewed + span));
                break;
        case AFTER_NEGATIVE:
                line(reply, "Retry-After: -%u", e->after_seconds);
                span = 0;
                break;
        case AFTER_OVERFLOW:
                line(reply, "Retry-After: 99999999999999999999999");
                span = 7 * USEC_PER_DAY;
                break;
        }
        reply->after_usec = MIN(span, 7 * USEC_PER_DAY);
}

/* False: it answers as if nothing were wrong, or is to be cut in the middle. */
static bool answer_fault(Reply *reply, Fault fault, const Episode *episode) {
        static const unsigned statuses[FAULT_MAX] = { [FAULT_500] = 500,
                [FAULT_503] = 503,
                [FAULT_429] = 429,
                [FAULT_403] = 403,
                [FAULT_401] = 401,
                [FAULT_404] = 404,
                [FAULT_410] = 410 };

        switch (fault) {
        case FAULT_NONE:
        case FAULT_RESET:
        case FAULT_CUT:
        case FAULT_EMPTY:
        case FAULT_MAX:
                return false;
        case FAULT_SLOW:
                reply->takes_usec = (10 + loop_true() / USEC_PER_SEC % 40) * USEC_PER_SEC;
                return false;
        case FAULT_TIMEOUT:
                fail(reply, HTTP_TIMEOUT, HTTP_BLAME_SERVER, 10 * USEC_PER_SEC);
                return true;
        case FAULT_RESOLVE:
                fail(reply, HTTP_RESOLVE, HTTP_BLAME_NETWORK, 80 * USEC_PER_MSEC);
                return true;
        case FAULT_REFUSED:
                fail(reply, HTTP_CONNECT, HTTP_BLAME_SERVER, 50 * USEC_PER_MSEC);
                return true;
        case FAULT_TLS:
                fail(reply, HTTP_TLS, HTTP_BLAME_CERTIFICATE, 90 * USEC_PER_MSEC);
                return true;
        case FAULT_503_AFTER:
        case FAULT_429_AFTER:
                answer_after(reply, fault == FAULT_429_AFTER ? 429 : 503, episode);
                return true;
        case FAULT_HTML:
                answer_page(reply, 200);
                return true;
        case FAULT_CHALLENGE:
                answer_page(reply, 403);
                line(reply, "cf-mitigated: challenge");
                return true;
        case FAULT_500:
        case FAULT_503:
        case FAULT_429:
        case FAULT_403:
        case FAULT_401:
        case FAULT_404:
        case FAULT_410:
                answer_page(reply, statuses[fault]);
                return true;
        }
        return false;
}

static void redirect(Reply *reply, unsigned status, const char *to) {
        begin(reply, status, loop_true());
        line(reply, "Location: %s", to);
}

/* Is this the hop of a way that leads on? */
static bool answer_way(Publisher *p, const char *url, Reply *reply) {
        if (p->way == WAY_STRAIGHT || loop_true() < p->way_usec)
                return false;
        if (streq(url, p->middle_url)) {
                redirect(reply, p->way == WAY_MIXED ? 302 : 308, p->target_url);
                return true;
        }
        if (!streq(url, p->url)) {
                if (p->way == WAY_PARKED)
                        answer_page(reply, 200);
                return p->way == WAY_PARKED;
        }
        switch (p->way) {
        case WAY_TEMPORARY:
                redirect(reply, 302, p->target_url);
                break;
        case WAY_MOVED:
        case WAY_MIXED:
                redirect(reply, 301, p->middle_url);
                break;
        case WAY_DOWN:
        case WAY_PARKED:
                redirect(reply, 301, p->target_url);
                break;
        case WAY_STRAIGHT:
        case WAY_MAX:
                return false;
        }
        return true;
}

static bool answer_weather(const char *url, Weather weather, Reply *reply) {
        switch (weather) {
        case WEATHER_FINE:
        case WEATHER_MAX:
                return false;
        case WEATHER_NO_NAMES:
                fail(reply, HTTP_RESOLVE, HTTP_BLAME_NETWORK, 5 * USEC_PER_SEC);
                break;
        case WEATHER_NO_ROUTE:
                fail(reply, HTTP_CONNECT, HTTP_BLAME_NETWORK, 2 * USEC_PER_MSEC);
                break;
        case WEATHER_PORTAL:
                if (strstr(url, "://portal.example/"))
                        answer_page(reply, 200);
                else if (startswith(url, "https:"))
                        fail(reply, HTTP_TLS, HTTP_BLAME_CERTIFICATE, 50 * USEC_PER_MSEC);
                else
                        redirect(reply, 301, "http://portal.example/login");
                break;
        }
        reply->is_portal = true;
        return true;
}

/* Everything that is no feed. */
static void answer_other(const char *url, const Host *host, Reply *reply) {
        static const char *const robots[] = { "", "User-agent: *\nDisallow: /private/\n",
                "User-agent: *\nCrawl-delay: 30\n", "User-agent: *\nDisallow: /item/\n" };
        static const char article[] =
                "<!DOCTYPE html><html><head><title>A page</title></head><body><article><h1>A page</h1>"
                "<p>It was said on Monday that the bridge will be closed for repairs until the end "
                "of the year, and that the ferry will go twice as often as before, at no price.</p>"
                "<p>The council had asked for the work in spring, after cracks were found in two of "
                "the pillars. Boats have to wait for a signal, which is given every half hour.</p>"
                "</article></body></html>";
        const Episode *episode;
        unsigned publisher, item;
        Fault fault = world_fault(NULL, host, loop_true(), &episode);

        if (answer_fault(reply, fault, episode))
                return;
        if (endswith(url, "/robots.txt") && world_robots(host) != ROBOTS_KIND_NONE) {
                begin(reply, 200, loop_true());
                line(reply, "Content-Type: text/plain");
                reply->body = robots[world_robots(host)];
                reply->n_body_bytes = strlen(reply->body);
        } else if (world_parse_link(url, &publisher, &item)) {
                answer_page(reply, 200);
                reply->body = article;
                reply->n_body_bytes = strlen(article);
        } else
                answer_page(reply, 404);
}

void world_answer(const char *url, const char *if_none_match, const char *if_modified_since,
        Weather weather, Reply *reply) {
        Publisher *p = world_publisher(url);
        const Host *host = world_host(url);
        const Episode *episode;
        Fault fault;

        *reply = (Reply){ .takes_usec = (20 + loop_true() % 300) * USEC_PER_MSEC };
        if (answer_weather(url, weather, reply))
                return;
        if (!host) {
                fail(reply, HTTP_RESOLVE, HTTP_BLAME_NETWORK, 80 * USEC_PER_MSEC);
                return;
        }
        if (!p) {
                answer_other(url, host, reply);
                return;
        }

        /* Of a publisher that moved it is the new place that has its troubles. */
        fault = world_fault(
                p->way != WAY_STRAIGHT && loop_true() >= p->way_usec && streq(url, p->url) ? NULL
                                                                                           : p,
                host, loop_true(), &episode);
        if (answer_fault(reply, fault, episode) || answer_way(p, url, reply))
                return;

        answer_feed(p, if_none_match, if_modified_since, fault == FAULT_EMPTY, reply);
        if (reply->is_feed && (fault == FAULT_RESET || fault == FAULT_CUT)) {
                reply->n_body_bytes = reply->n_body_bytes * 2 / 3;
                reply->is_feed = false;
                if (fault == FAULT_RESET)
                        fail(reply, HTTP_RESET, HTTP_BLAME_SERVER, reply->takes_usec);
        }
}

void reply_done(Reply *reply) {
        answer_done(&reply->head);
        *reply = (Reply){};
}
