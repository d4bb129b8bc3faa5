/* SPDX-License-Identifier: MIT */

/* Two families. ISO 8601 (RFC 3339 and W3CDTF are profiles of it) has its parts at fixed places.
 * Mail dates (RFC 822 to 5322, asctime, what date(1) and JavaScript print) are the same few words
 * in changing order: those are told apart word by word, each allowed once. Both fill a Parts, and
 * one function makes a time of it, refusing what the calendar does not have. */

#include "text/date.h"

#include <errno.h>

#include "base/str.h"
#include "text/date-parts.h"

/* --- parts to time --- */

static bool is_leap_year(int year) {
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month) {
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

        return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

/* Days since 1970-01-01 in the Gregorian calendar. */
static int64_t days_from_date(int year, int month, int day) {
        static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
        const int64_t y = year - 1;

        return y * 365 + y / 4 - y / 100 + y / 400 - 719162 + before[month - 1] +
                (month > 2 && is_leap_year(year)) + day - 1;
}

int parts_to_usec(const Parts *parts, usec_t *ret) {
        int64_t sec;

        if (parts->year < 1 || parts->year > 9999 || parts->month < 1 || parts->month > 12 ||
                parts->day < 1 || parts->day > days_in_month(parts->year, parts->month))
                return -EINVAL;
        /* ISO 8601: 24:00 is the end of the day. 60 is a leap second (RFC 3339, 5.7). */
        if (parts->hour > 24 || parts->minute > 59 || parts->second > 60 ||
                (parts->hour == 24 &&
                        (parts->minute > 0 || parts->second > 0 || parts->fraction_usec > 0)))
                return -EINVAL;
        if (parts->zone_minutes <= -24 * 60 || parts->zone_minutes >= 24 * 60)
                return -EINVAL;

        sec = days_from_date(parts->year, parts->month, parts->day) * 86400 + parts->hour * 3600 +
                (parts->minute - parts->zone_minutes) * 60 + parts->second;
        if (sec < 0)
                return -EINVAL;

        *ret = (usec_t) sec * USEC_PER_SEC + parts->fraction_usec;
        return 0;
}

/* --- pieces that both families share --- */

bool take_char(const char **s, char c) {
        if (**s != c)
                return false;
        (*s)++;
        return true;
}

void skip_space(const char **s) {
        while (ascii_isspace(**s))
                (*s)++;
}

bool take_number(const char **s, size_t n_min, size_t n_max, int *ret) {
        size_t n = 0;
        int value = 0;

        while (n < n_max && ascii_isdigit((*s)[n]))
                value = value * 10 + ((*s)[n++] - '0');
        if (n < n_min)
                return false;

        *s += n;
        *ret = value;
        return true;
}

/* Digits behind the point; what lies below a microsecond is dropped. */
static void take_fraction(const char **s, usec_t *ret) {
        usec_t scale = USEC_PER_SEC / 10, value = 0;

        for (; ascii_isdigit(**s); (*s)++, scale /= 10)
                value += (usec_t) (**s - '0') * scale;
        *ret = value;
}

bool take_offset(const char **s, int *ret_minutes) {
        const char *p = *s;
        const int sign = *p == '-' ? -1 : 1;
        int hours, minutes = 0;

        if (*p != '+' && *p != '-')
                return false;
        p++;
        /* "+1" occurs behind GMT, "+01", "+0100" and "+01:00" everywhere. */
        if (!take_number(&p, 1, 2, &hours))
                return false;
        if (take_char(&p, ':') || ascii_isdigit(*p))
                if (!take_number(&p, 2, 2, &minutes))
                        return false;
        if (minutes > 59 || ascii_isdigit(*p))
                return false;

        *ret_minutes = sign * (hours * 60 + minutes);
        *s = p;
        return true;
}

bool take_clock(const char **s, Parts *parts) {
        const char *p = *s;

        if (!take_number(&p, 1, 2, &parts->hour) || !take_char(&p, ':') ||
                !take_number(&p, 2, 2, &parts->minute))
                return false;
        if (take_char(&p, ':') && !take_number(&p, 2, 2, &parts->second))
                return false;
        if ((*p == '.' || *p == ',') && ascii_isdigit(p[1])) {
                p++;
                take_fraction(&p, &parts->fraction_usec);
        }

        *s = p;
        return true;
}

/* --- ISO 8601 --- */

/* The zone and nothing behind it. None is UTC. */
static bool iso_take_zone(const char *s, Parts *parts) {
        skip_space(&s);
        if (*s == '\0')
                return true;
        if (take_char(&s, 'Z') || take_char(&s, 'z'))
                return *s == '\0';
        if (startswith_nocase(s, "UTC") || startswith_nocase(s, "GMT"))
                return s[3] == '\0';

        return take_offset(&s, &parts->zone_minutes) && *s == '\0';
}

static bool iso_take_basic_clock(const char **s, Parts *parts) {
        const char *p = *s;

        if (!take_number(&p, 2, 2, &parts->hour) || !take_number(&p, 2, 2, &parts->minute))
                return false;
        (void) take_number(&p, 2, 2, &parts->second);
        if (ascii_isdigit(*p))
                return false;
        if ((*p == '.' || *p == ',') && ascii_isdigit(p[1])) {
                p++;
                take_fraction(&p, &parts->fraction_usec);
        }

        *s = p;
        return true;
}

static int iso_parse(const char *s, usec_t *ret) {
        Parts parts = { .month = 1, .day = 1 };
        bool has_day = false;
        char separator;

        if (!take_number(&s, 4, 4, &parts.year))
                return -EINVAL;

        separator = *s;
        if (separator == '-' || separator == '/') {
                s++;
                if (!take_number(&s, 2, 2, &parts.month))
                        return -EINVAL;
                has_day = take_char(&s, separator);
                if (has_day && !take_number(&s, 2, 2, &parts.day))
                        return -EINVAL;
        } else if (ascii_isdigit(separator)) {
                if (!take_number(&s, 2, 2, &parts.month) || !take_number(&s, 2, 2, &parts.day))
                        return -EINVAL;
                has_day = true;
        }

        if (*s == '\0')
                return parts_to_usec(&parts, ret);
        if (!has_day || (*s != 'T' && *s != 't' && !ascii_isspace(*s)))
                return -EINVAL;
        s++;
        skip_space(&s);

        if (!take_clock(&s, &parts) && !iso_take_basic_clock(&s, &parts))
                return -EINVAL;
        if (!iso_take_zone(s, &parts))
                return -EINVAL;

        return parts_to_usec(&parts, ret);
}

/* --- Unix times --- */

/* Ten digits are seconds from 2001 to 2286, thirteen milliseconds of the same years; other lengths
 * are too easily something else. */
static int unix_parse(const char *s, size_t n_digits, usec_t *ret) {
        uint64_t value;
        int r;

        r = parse_u64(s, &value);
        if (r < 0)
                return -EINVAL;

        *ret = value * (n_digits == 10 ? USEC_PER_SEC : USEC_PER_MSEC);
        return 0;
}

int date_parse(const char *s, usec_t *ret) {
        char text[DATE_CHARS_MAX + 1];
        size_t n, n_digits;

        skip_space(&s);
        n = strlen(s);
        while (n > 0 && ascii_isspace(s[n - 1]))
                n--;
        if (n == 0 || n > DATE_CHARS_MAX)
                return -EINVAL;
        memcpy(text, s, n);
        text[n] = '\0';

        n_digits = strspn(text, "0123456789");
        if (n_digits == n && (n == 10 || n == 13) && text[0] != '0')
                return unix_parse(text, n, ret);
        if (n_digits >= 4)
                return iso_parse(text, ret);

        return mail_date_parse(text, ret);
}
