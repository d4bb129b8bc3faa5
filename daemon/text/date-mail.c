/* SPDX-License-Identifier: MIT */

#include "text/date-parts.h"

#include <errno.h>
#include <strings.h>
#include <time.h>

#include "base/str.h"
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

/* RFC 822 section 5.1, and what the press adds. Names that mean several zones in earnest (IST is
 * India, Israel and Ireland) are left out: such a date is refused, not guessed at. EST, CST, MST
 * and PST are North America's by RFC 822, BST is taken for Britain's. */
static const struct {
        const char *name;
        int minutes;
} zones[] = {
        { "UT", 0 },
        { "UTC", 0 },
        { "GMT", 0 },
        { "Z", 0 },
        { "EST", -5 * 60 },
        { "EDT", -4 * 60 },
        { "CST", -6 * 60 },
        { "CDT", -5 * 60 },
        { "MST", -7 * 60 },
        { "MDT", -6 * 60 },
        { "PST", -8 * 60 },
        { "PDT", -7 * 60 },
        { "AKST", -9 * 60 },
        { "AKDT", -8 * 60 },
        { "HST", -10 * 60 },
        { "NST", -(3 * 60 + 30) },
        { "NDT", -(2 * 60 + 30) },
        { "AST", -4 * 60 },
        { "ADT", -3 * 60 },
        { "BRT", -3 * 60 },
        { "ART", -3 * 60 },
        { "WET", 0 },
        { "WEST", 1 * 60 },
        { "BST", 1 * 60 },
        { "CET", 1 * 60 },
        { "CEST", 2 * 60 },
        { "MEZ", 1 * 60 },
        { "MESZ", 2 * 60 },
        { "WAT", 1 * 60 },
        { "CAT", 2 * 60 },
        { "SAST", 2 * 60 },
        { "EET", 2 * 60 },
        { "EEST", 3 * 60 },
        { "IDT", 3 * 60 },
        { "EAT", 3 * 60 },
        { "MSK", 3 * 60 },
        { "MSD", 4 * 60 },
        { "TRT", 3 * 60 },
        { "GST", 4 * 60 },
        { "PKT", 5 * 60 },
        { "ICT", 7 * 60 },
        { "WIB", 7 * 60 },
        { "SGT", 8 * 60 },
        { "HKT", 8 * 60 },
        { "AWST", 8 * 60 },
        { "JST", 9 * 60 },
        { "KST", 9 * 60 },
        { "ACST", 9 * 60 + 30 },
        { "ACDT", 10 * 60 + 30 },
        { "AEST", 10 * 60 },
        { "AEDT", 11 * 60 },
        { "NZST", 12 * 60 },
        { "NZDT", 13 * 60 },
};

/* What of a mail date was met so far; each kind may come once. */
typedef struct MailDate {
        Parts parts;
        bool has_weekday, has_day, has_month, has_year, has_clock, has_zone, has_half;
} MailDate;

/* The index of the name that @word abbreviates to three letters or more; -1 for none. */
static int name_index(const char *const *names, size_t n_names, const char *word, size_t n_word) {
        if (n_word < 3)
                return -1;
        for (size_t i = 0; i < n_names; i++)
                if (n_word <= strlen(names[i]) && strncasecmp(word, names[i], n_word) == 0)
                        return (int) i;

        return -1;
}

static bool zone_find(const char *word, size_t n_word, int *ret_minutes) {
        for (size_t i = 0; i < ELEMENTSOF(zones); i++)
                if (strlen(zones[i].name) == n_word &&
                        strncasecmp(word, zones[i].name, n_word) == 0) {
                        *ret_minutes = zones[i].minutes;
                        return true;
                }

        /* The military letters were defined the wrong way round in RFC 822, so RFC 5322, 4.3 has
         * them all mean UTC. There is no J. */
        if (n_word == 1 && ascii_isalpha(*word) && ascii_tolower(*word) != 'j') {
                *ret_minutes = 0;
                return true;
        }

        return false;
}

/* White space, commas, and comments in parentheses, which nest (RFC 5322, 3.2.2). */
static bool skip_filling(const char **s) {
        unsigned depth = 0;

        for (; **s != '\0'; (*s)++) {
                if (**s == '(')
                        depth++;
                else if (**s == ')') {
                        if (depth == 0)
                                return false;
                        depth--;
                } else if (depth == 0 && !ascii_isspace(**s) && **s != ',')
                        break;
        }

        return depth == 0;
}

/* Takes @*flag for itself; false when that was done before. */
static bool claim(bool *flag) {
        if (*flag)
                return false;
        *flag = true;
        return true;
}

/* AM and PM follow a clock from 1 to 12. */
static bool apply_half(MailDate *date, bool afternoon) {
        int *hour = &date->parts.hour;

        if (!date->has_clock || !claim(&date->has_half) || *hour < 1 || *hour > 12)
                return false;
        *hour = *hour % 12 + (afternoon ? 12 : 0);
        return true;
}

/* @s stands behind the word. */
static bool take_zone_name(const char **s, const char *word, size_t n_word, MailDate *date) {
        int minutes;

        if (!zone_find(word, n_word, &minutes))
                return false;
        /* "GMT+0100" is an offset from GMT. */
        if (minutes == 0 && n_word >= 2 && (**s == '+' || **s == '-') && !take_offset(s, &minutes))
                return false;

        /* "+0100 CET" says it twice, which is fine while both agree. */
        if (date->has_zone)
                return date->parts.zone_minutes == minutes;
        date->has_zone = true;
        date->parts.zone_minutes = minutes;
        return true;
}

static bool take_word(const char **s, MailDate *date) {
        const char *word = *s;
        size_t n = 0;
        int index;

        while (ascii_isalpha(word[n]))
                n++;
        *s += n;

        index = name_index(month_names, ELEMENTSOF(month_names), word, n);
        if (index >= 0) {
                date->parts.month = index + 1;
                (void) take_char(s, '.');
                return claim(&date->has_month);
        }
        /* The weekday is decoration, and often wrong: the date counts. */
        if (name_index(day_names, ELEMENTSOF(day_names), word, n) >= 0) {
                (void) take_char(s, '.');
                return claim(&date->has_weekday);
        }
        if (n == 2 && (strncasecmp(word, "am", 2) == 0 || strncasecmp(word, "pm", 2) == 0))
                return apply_half(date, ascii_tolower(*word) == 'p');
        return date->has_clock && take_zone_name(s, word, n, date);
}

/* RFC 5322, 4.3: two digits below 50 are of this century, three are counted from 1900. */
static int full_year(int year, size_t n_digits) {
        if (n_digits == 2)
                return year + (year < 50 ? 2000 : 1900);
        return n_digits == 3 ? year + 1900 : year;
}

static bool take_digits(const char **s, MailDate *date) {
        const size_t n = strspn(*s, "0123456789");
        int value;

        if ((*s)[n] == ':')
                return take_clock(s, &date->parts) && claim(&date->has_clock);
        if (!take_number(s, 1, 4, &value) || ascii_isdigit(**s))
                return false;

        /* The day stands before the year in every form there is. */
        if (n <= 2 && !date->has_day) {
                date->parts.day = value;
                return claim(&date->has_day);
        }
        if (n < 2 || !date->has_day)
                return false;
        date->parts.year = full_year(value, n);
        return claim(&date->has_year);
}

int mail_date_parse(const char *s, usec_t *ret) {
        MailDate date = {};
        bool ok = true;

        while (ok) {
                if (!skip_filling(&s))
                        return -EINVAL;
                if (*s == '\0')
                        break;

                if (ascii_isalpha(*s))
                        ok = take_word(&s, &date);
                else if (ascii_isdigit(*s))
                        ok = take_digits(&s, &date);
                else if ((*s == '+' || *s == '-') && date.has_clock)
                        ok = take_offset(&s, &date.parts.zone_minutes) && claim(&date.has_zone);
                else if (*s == '-' && date.has_day && !date.has_year)
                        s++; /* 20-Feb-26, RFC 850 */
                else
                        ok = false;
        }

        if (!ok || !date.has_day || !date.has_month || !date.has_year)
                return -EINVAL;

        return parts_to_usec(&date.parts, ret);
}

/* --- HTTP --- */

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
