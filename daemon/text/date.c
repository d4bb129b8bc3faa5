/* SPDX-License-Identifier: MIT */

/* Three families. ISO 8601 (RFC 3339 and W3CDTF are profiles of it) has its parts at fixed places.
 * Unix times are a number. All else is written for people, or for mail, in words and numbers of
 * changing order (date-written.c). All fill a Parts, and one function makes a time of it, refusing
 * what the calendar does not have. */

#include "text/date.h"

#include <errno.h>

#include "base/str.h"
#include "text/date-parts.h"
#include "text/utf8.h"

/* What databases write for "never". */
#define DATE_YEAR_NEVER 9999

/* --- parts to time --- */

static bool is_leap_year(int year) {
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month) {
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

        return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

int64_t days_from_date(int year, int month, int day) {
        static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
        const int64_t y = year - 1;

        return y * 365 + y / 4 - y / 100 + y / 400 - 719162 + before[month - 1] +
                (month > 2 && is_leap_year(year)) + day - 1;
}

/* The reverse. Counts from a first of March, so that the leap day is a year's last. */
static void date_from_days(int64_t days, Parts *parts) {
        const int64_t shifted = days + 719468, era = shifted / 146097, of_era = shifted % 146097,
                      year_of_era =
                              (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365,
                      of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100),
                      month = (5 * of_year + 2) / 153;

        parts->day = (int) (of_year - (153 * month + 2) / 5 + 1);
        parts->month = (int) (month < 10 ? month + 3 : month - 9);
        parts->year = (int) (year_of_era + era * 400 + (parts->month <= 2));
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
        if (strncmp(p, ":00", 3) == 0) /* seconds, which no zone has */
                p += 3;
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
        if (take_char(&p, ':')) {
                if (!take_number(&p, 2, 2, &parts->second))
                        return false;
                if ((*p == '.' || *p == ',') && ascii_isdigit(p[1])) {
                        p++;
                        take_fraction(&p, &parts->fraction_usec);
                }
        }
        if (ascii_isdigit(*p))
                return false;

        *s = p;
        return true;
}

/* --- ISO 8601 --- */

/* The zone and nothing behind it, but for what Java adds: "+01:00[Europe/Paris]". None is UTC. */
static bool iso_take_zone(const char *s, Parts *parts) {
        skip_space(&s);
        if (*s == '\0')
                return true;
        if (take_char(&s, 'Z') || take_char(&s, 'z'))
                return *s == '\0';
        if (startswith_nocase(s, "UTC") || startswith_nocase(s, "GMT"))
                return s[3] == '\0';

        return take_offset(&s, &parts->zone_minutes) &&
                (*s == '\0' || (*s == '[' && endswith(s, "]")));
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

/* 2026-051: the day of the year. */
static bool iso_set_ordinal(Parts *parts, int day) {
        if (day < 1 || day > 365 + is_leap_year(parts->year))
                return false;
        date_from_days(days_from_date(parts->year, 1, 1) + day - 1, parts);
        return true;
}

/* "W08-5", "W085" or "W08": weeks begin on Monday, the first is that of January 4. */
static bool iso_take_week(const char **s, Parts *parts) {
        const int64_t january4 = days_from_date(parts->year, 1, 4);
        const int64_t monday = january4 - (january4 + 3) % 7; /* 1970-01-01 was a Thursday */
        int week, day = 1;
        Parts thursday;

        (*s)++;
        if (!take_number(s, 2, 2, &week) || week < 1)
                return false;
        if ((take_char(s, '-') || ascii_isdigit(**s)) && !take_number(s, 1, 1, &day))
                return false;
        if (day < 1 || day > 7)
                return false;

        /* A week belongs to the year of its Thursday. */
        date_from_days(monday + (week - 1) * 7 + 3, &thursday);
        if (thursday.year != parts->year)
                return false;
        date_from_days(monday + (week - 1) * 7 + day - 1, parts);
        return true;
}

/* What follows the year. *ret_whole: down to the day. */
static bool iso_take_date(const char **s, Parts *parts, bool *ret_whole) {
        const char separator = **s;
        size_t n;
        int value;

        *ret_whole = true;
        if (separator == 'W')
                return iso_take_week(s, parts);
        if (separator == '-' && (*s)[1] == 'W') {
                (*s)++;
                return iso_take_week(s, parts);
        }

        if (separator != '-' && separator != '/') {
                n = strspn(*s, "0123456789");
                if (n == 3)
                        return take_number(s, 3, 3, &value) && iso_set_ordinal(parts, value);
                if (n == 0) {
                        *ret_whole = false;
                        return true;
                }
                return (n == 4 || n == 8 || n == 10) && take_number(s, 2, 2, &parts->month) &&
                        take_number(s, 2, 2, &parts->day);
        }

        (*s)++;
        n = strspn(*s, "0123456789");
        if (n == 3 && **s == '0' && (*s)[3] == separator) {
                (*s)++; /* "2026-002-20", as of a broken format */
                n--;
        }
        if (n == 3 && separator == '-')
                return take_number(s, 3, 3, &value) && iso_set_ordinal(parts, value);
        if (!take_number(s, 1, 2, &parts->month))
                return false;
        *ret_whole = take_char(s, separator);
        if (!*ret_whole)
                return n == 2;
        return take_number(s, 1, 2, &parts->day) && !ascii_isdigit(**s);
}

static int iso_parse(const char *s, usec_t *ret) {
        Parts parts = { .month = 1, .day = 1 };
        bool whole, with_t;

        if (!take_number(&s, 4, 4, &parts.year) || parts.year < 1 ||
                !iso_take_date(&s, &parts, &whole))
                return -EINVAL;

        if (*s == '\0')
                return parts_to_usec(&parts, ret);
        with_t = *s == 'T' || *s == 't';
        if (!whole || (!with_t && !ascii_isspace(*s) && !ascii_isdigit(*s)))
                return -EINVAL;
        if (!ascii_isdigit(*s))
                s++;
        skip_space(&s);

        if (!take_clock(&s, &parts) && !iso_take_basic_clock(&s, &parts) &&
                !(with_t && take_number(&s, 2, 2, &parts.hour)))
                return -EINVAL;
        if (!iso_take_zone(s, &parts))
                return -EINVAL;

        return parts_to_usec(&parts, ret);
}

/* --- Unix times --- */

/* Ten digits are seconds from 2001 to 2286; thirteen are milliseconds and sixteen microseconds of
 * the same years. Other lengths are too easily something else. */
static int unix_parse(const char *s, size_t n_digits, usec_t *ret) {
        char digits[24];
        uint64_t value;
        int r;

        memcpy(digits, s, n_digits);
        digits[n_digits] = '\0';
        r = parse_u64(digits, &value);
        if (r < 0)
                return -EINVAL;

        *ret = value * (n_digits == 10 ? USEC_PER_SEC : n_digits == 13 ? USEC_PER_MSEC : 1);
        return 0;
}

static bool is_unix(const char *s, size_t n_digits) {
        if (s[0] == '0')
                return false;
        if (n_digits == 10 && s[n_digits] == '.') /* what scripts print: "1771569000.25" */
                return s[n_digits + 1] != '\0' &&
                        s[n_digits + 1 + strspn(s + n_digits + 1, "0123456789")] == '\0';
        return (n_digits == 10 || n_digits == 13 || n_digits == 16) && s[n_digits] == '\0';
}

/* A JSON of Microsoft: "/Date(1771569000000+0100)/", whose offset is for show. */
static int unix_parse_wrapped(const char *s, usec_t *ret) {
        const char *digits = startswith(s, "/Date(");
        const size_t n = digits ? strspn(digits, "0123456789") : 0;
        const char *rest;
        int minutes;

        if (n != 13 || *digits == '0')
                return -EINVAL;
        rest = digits + n;
        if (*rest != ')' && !take_offset(&rest, &minutes))
                return -EINVAL;
        return streq(rest, ")/") ? unix_parse(digits, n, ret) : -EINVAL;
}

/* --- all of them --- */

/* Digits and signs of other scripts as those of ASCII; 0: another character. */
static char plain_char(uint32_t c) {
        static const uint32_t zeros[] = { 0x660, 0x6F0, 0x966, 0xFF10 }; /* Arabic, Indic, wide */

        for (size_t i = 0; i < ELEMENTSOF(zeros); i++)
                if (c >= zeros[i] && c <= zeros[i] + 9)
                        return (char) ('0' + (c - zeros[i]));
        switch (c) {
        case 0x2010: /* hyphen */
        case 0x2011:
        case 0x2212: /* minus */
        case 0xFF0D:
                return '-';
        case 0xFF1A:
                return ':';
        case 0xFF0F:
                return '/';
        case 0xFF0B:
                return '+';
        default:
                return '\0';
        }
}

static void copy_plain(const char *s, size_t n_bytes, char text[static DATE_CHARS_MAX + 1]) {
        size_t n = 0;

        for (size_t i = 0, n_used; i < n_bytes; i += n_used) {
                uint32_t c;
                char plain = '\0';

                n_used = 1;
                if ((unsigned char) s[i] >= 0x80) {
                        n_used = utf8_decode(s + i, n_bytes - i, &c);
                        plain = plain_char(c);
                }
                if (plain != '\0')
                        text[n++] = plain;
                else {
                        memcpy(text + n, s + i, n_used);
                        n += n_used;
                }
        }
        text[n] = '\0';
}

static int any_parse(const char *text, usec_t *ret) {
        const size_t n_digits = strspn(text, "0123456789");

        if (is_unix(text, n_digits))
                return unix_parse(text, n_digits, ret);
        if (*text == '@' && is_unix(text + 1, strspn(text + 1, "0123456789")))
                return unix_parse(text + 1, strspn(text + 1, "0123456789"), ret);
        if (*text == '/')
                return unix_parse_wrapped(text, ret);
        if (n_digits >= 4 && iso_parse(text, ret) >= 0)
                return 0;

        return written_date_parse(text, ret);
}

int date_parse(const char *s, usec_t *ret) {
        char text[DATE_CHARS_MAX + 1];
        usec_t usec;
        size_t n;
        int r;

        skip_space(&s);
        n = strnlen(s, 4 * DATE_CHARS_MAX);
        while (n > 0 && ascii_isspace(s[n - 1]))
                n--;
        if (n == 0 || n > DATE_CHARS_MAX)
                return -EINVAL;
        copy_plain(s, n, text);

        r = any_parse(text, &usec);
        if (r < 0)
                return r;
        if (usec >= (usec_t) days_from_date(DATE_YEAR_NEVER, 1, 1) * 86400 * USEC_PER_SEC)
                return -EINVAL;
        *ret = usec;
        return 0;
}
