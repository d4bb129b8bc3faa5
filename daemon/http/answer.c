/* SPDX-License-Identifier: MIT */

#include "http/answer.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "text/date.h"

/* Freshness beyond this says no more than "long", and the arithmetic stays far from overflow. */
#define ANSWER_SECONDS_MAX (UINT64_C(10) * 366 * 24 * 3600)

void answer_done(Answer *answer) {
        free(answer->content_type);
        free(answer->etag);
        free(answer->last_modified);
        free(answer->location);
        free(answer->retry_after);
        free(answer->date);
        free(answer->expires);
        free(answer->age);
        free(answer->cache_control);
        free(answer->content_encoding);
        free(answer->transfer_encoding);
        *answer = (Answer){};
}

/* "HTTP/1.1 200 OK", "HTTP/2 200". */
static unsigned parse_status(const char *line) {
        const char *s = strchr(line, ' ');
        unsigned status = 0;

        if (!s)
                return 0;
        while (*s == ' ')
                s++;
        for (unsigned i = 0; i < 3; i++, s++) {
                if (!ascii_isdigit(*s))
                        return 0;
                status = status * 10 + (unsigned) (*s - '0');
        }
        return status;
}

static int keep_first(char **field, const char *value) {
        if (*field || *value == '\0')
                return 0;
        return free_and_strdup(field, value);
}

/* Several lines of a list are one list (RFC 9110, 5.3). */
static int join(char **field, const char *value) {
        char *joined;

        if (!*field)
                return keep_first(field, value);
        if (asprintf(&joined, "%s, %s", *field, value) < 0)
                return -ENOMEM;
        free(*field);
        *field = joined;
        return 0;
}

int answer_add_line(Answer *answer, const char *line, size_t n_bytes) {
        _cleanup_free_ char *copy = NULL;
        char *name, *value, *colon;

        copy = memdup_suffix0(line, n_bytes);
        if (!copy)
                return -ENOMEM;

        if (startswith(copy, "HTTP/")) {
                answer_done(answer);
                answer->status = parse_status(copy);
                return 0;
        }

        colon = strchr(copy, ':');
        if (!colon || ascii_isspace(copy[0])) /* folded lines (obsolete) carry none of ours */
                return 0;
        *colon = '\0';
        name = strstrip(copy);
        value = strstrip(colon + 1);

        if (streq_nocase(name, "Content-Type"))
                return keep_first(&answer->content_type, value);
        if (streq_nocase(name, "ETag"))
                return keep_first(&answer->etag, value);
        if (streq_nocase(name, "Last-Modified"))
                return keep_first(&answer->last_modified, value);
        if (streq_nocase(name, "Location"))
                return keep_first(&answer->location, value);
        if (streq_nocase(name, "Retry-After"))
                return keep_first(&answer->retry_after, value);
        if (streq_nocase(name, "Date"))
                return keep_first(&answer->date, value);
        if (streq_nocase(name, "Expires"))
                return keep_first(&answer->expires, value);
        if (streq_nocase(name, "Age"))
                return keep_first(&answer->age, value);
        if (streq_nocase(name, "Cache-Control"))
                return join(&answer->cache_control, value);
        if (streq_nocase(name, "Content-Encoding"))
                return join(&answer->content_encoding, value);
        if (streq_nocase(name, "Transfer-Encoding"))
                return join(&answer->transfer_encoding, value);
        if (streq_nocase(name, "cf-mitigated"))
                answer->challenge = startswith_nocase(value, "challenge") != NULL;
        return 0;
}

bool answer_has_plain_transfer(const Answer *answer) {
        return !answer->transfer_encoding || streq_nocase(answer->transfer_encoding, "chunked") ||
                streq_nocase(answer->transfer_encoding, "identity");
}

/* delta-seconds (RFC 9111, 1.2.2): too many are as many as we count. False: no number. */
static bool parse_seconds(const char *s, size_t n, uint64_t *ret) {
        uint64_t seconds = 0;

        if (n == 0)
                return false;
        for (size_t i = 0; i < n; i++) {
                if (!ascii_isdigit(s[i]))
                        return false;
                seconds = MIN(seconds * 10 + (uint64_t) (s[i] - '0'), ANSWER_SECONDS_MAX);
        }
        *ret = seconds;
        return true;
}

/* The end of a directive: the next comma outside quotes, or the end of the text. */
static const char *directive_end(const char *s) {
        bool quoted = false;

        for (; *s && (quoted || *s != ','); s++) {
                if (quoted && *s == '\\' && s[1])
                        s++;
                else if (*s == '"')
                        quoted = !quoted;
        }
        return s;
}

/* The first max-age of a Cache-Control list; false when there is none. One that is no number counts
 * as stale, as RFC 9111, 4.2.1 asks. */
static bool find_max_age(const char *list, uint64_t *ret_seconds) {
        for (const char *s = list, *end; *s; s = *end ? end + 1 : end) {
                const char *value;
                size_t n;

                end = directive_end(s);
                while (s < end && ascii_isspace(*s))
                        s++;
                value = startswith_nocase(s, "max-age");
                if (!value || value > end)
                        continue;
                while (value < end && ascii_isspace(*value))
                        value++;
                if (value == end || *value != '=')
                        continue;
                value++;
                while (value < end && (ascii_isspace(*value) || *value == '"'))
                        value++;
                n = (size_t) (end - value);
                while (n > 0 && (ascii_isspace(value[n - 1]) || value[n - 1] == '"'))
                        n--;

                if (!parse_seconds(value, n, ret_seconds))
                        *ret_seconds = 0;
                return true;
        }
        return false;
}

static usec_t answer_date(const Answer *answer, usec_t now_usec) {
        usec_t date;

        return answer->date && date_parse_http(answer->date, &date) >= 0 ? date : now_usec;
}

usec_t answer_sent(const Answer *answer) {
        return answer_date(answer, /* now_usec= */ 0);
}

usec_t answer_max_age(const Answer *answer, usec_t now_usec) {
        uint64_t seconds = 0, age = 0;
        usec_t expires, fresh = 0;

        if (answer->cache_control && find_max_age(answer->cache_control, &seconds))
                fresh = seconds * USEC_PER_SEC;
        else if (answer->expires && date_parse_http(answer->expires, &expires) >= 0)
                fresh = MIN(usec_sub(expires, answer_date(answer, now_usec)),
                        ANSWER_SECONDS_MAX * USEC_PER_SEC);

        if (answer->age && parse_seconds(answer->age, strlen(answer->age), &age))
                fresh = usec_sub(fresh, age * USEC_PER_SEC);
        return fresh;
}

usec_t answer_retry_after(const Answer *answer, usec_t now_usec) {
        const char *s = answer->retry_after;
        usec_t date, wait;
        uint64_t seconds;
        size_t n;

        if (!s)
                return 0;

        n = strspn(s, "0123456789");
        if (parse_seconds(s, n, &seconds) && (s[n] == '\0' || s[n] == '.')) {
                wait = seconds * USEC_PER_SEC;
                if (s[n] == '.') { /* not in the RFC, but chat services send it */
                        usec_t unit = USEC_PER_SEC / 10;

                        for (s += n + 1; ascii_isdigit(*s); s++, unit /= 10)
                                wait += (usec_t) (*s - '0') * unit;
                        if (*s)
                                return 0;
                }
        } else if (date_parse_http(s, &date) >= 0)
                wait = usec_sub(date, answer_date(answer, now_usec));
        else
                return 0;

        return MIN(wait, ANSWER_RETRY_AFTER_MAX_USEC);
}
