/* SPDX-License-Identifier: MIT */

/* The dates of HTTP headers: three forms, in English, held to the letter. */

#include <errno.h>
#include <strings.h>
#include <time.h>

#include "base/str.h"
#include "text/date-parts.h"
#include "text/date.h"

static const char *const month_names[] = {
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
};

static const char *const day_names[] = {
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
};

/* The index of the name that @word abbreviates to three letters or more; -1 for none. */
static int name_index(const char *const *names, size_t n_names, const char *word, size_t n_word) {
        if (n_word < 3)
                return -1;
        for (size_t i = 0; i < n_names; i++)
                if (n_word <= strlen(names[i]) && strncasecmp(word, names[i], n_word) == 0)
                        return (int) i;

        return -1;
}

/* RFC 9110, 5.6.7: a two-digit year that seems to lie more than 50 years ahead is the most recent
 * one in the past with these digits. */
static int http_full_year(int year) {
        const time_t now_sec = (time_t) (clock_realtime(&clock_system) / USEC_PER_SEC);
        struct tm tm = {};
        int now;

        (void) gmtime_r(&now_sec, &tm); /* fails for years beyond int alone */
        now = tm.tm_year + 1900;
        year += now / 100 * 100;
        return year > now + 50 ? year - 100 : year;
}

static bool take_name(const char **s, const char *const *names, size_t n_names, int *ret_index) {
        size_t n = 0;

        while (ascii_isalpha((*s)[n]))
                n++;
        *ret_index = name_index(names, n_names, *s, n);
        *s += n;
        return *ret_index >= 0;
}

static bool take_http_clock(const char **s, Parts *parts) {
        return take_number(s, 2, 2, &parts->hour) && take_char(s, ':') &&
                take_number(s, 2, 2, &parts->minute) && take_char(s, ':') &&
                take_number(s, 2, 2, &parts->second);
}

static bool take_http_month(const char **s, Parts *parts) {
        int index;

        if (!take_name(s, month_names, ELEMENTSOF(month_names), &index))
                return false;
        parts->month = index + 1;
        return true;
}

/* "06 Nov 1994 08:49:37 GMT" and "06-Nov-94 08:49:37 GMT", behind the weekday. */
static bool take_http_fixdate(const char **s, Parts *parts) {
        char separator;

        if (!take_number(s, 1, 2, &parts->day))
                return false;
        separator = **s;
        if ((separator != ' ' && separator != '-') || !take_char(s, separator) ||
                !take_http_month(s, parts) || !take_char(s, separator))
                return false;

        if (take_number(s, 4, 4, &parts->year)) {
                /* the whole of it */
        } else if (separator == '-' && take_number(s, 2, 2, &parts->year))
                parts->year = http_full_year(parts->year);
        else
                return false;

        if (!take_char(s, ' ') || !take_http_clock(s, parts) || !take_char(s, ' '))
                return false;
        if (!startswith_nocase(*s, "GMT") && !startswith_nocase(*s, "UTC"))
                return false;
        *s += 3;
        return true;
}

/* "Nov  6 08:49:37 1994", behind the weekday. */
static bool take_http_asctime(const char **s, Parts *parts) {
        if (!take_http_month(s, parts) || !take_char(s, ' '))
                return false;
        skip_space(s);
        return take_number(s, 1, 2, &parts->day) && take_char(s, ' ') &&
                take_http_clock(s, parts) && take_char(s, ' ') &&
                take_number(s, 4, 4, &parts->year);
}

int date_parse_http(const char *s, usec_t *ret) {
        Parts parts = {};
        int weekday;
        bool ok;

        skip_space(&s);
        if (!take_name(&s, day_names, ELEMENTSOF(day_names), &weekday))
                return -EINVAL;

        if (take_char(&s, ','))
                ok = take_char(&s, ' ') && take_http_fixdate(&s, &parts);
        else
                ok = take_char(&s, ' ') && take_http_asctime(&s, &parts);
        if (!ok)
                return -EINVAL;

        skip_space(&s);
        if (*s != '\0')
                return -EINVAL;

        return parts_to_usec(&parts, ret);
}
