/* SPDX-License-Identifier: MIT */

/* Dates as they are written: those of mail (RFC 822 to 5322), of asctime, date(1) and JavaScript,
 * and what editors and content systems print for people. They are the same few pieces in changing
 * order, so they are told apart piece by piece, each allowed once: a weekday, a day, a month's
 * name, a year, a clock, a half of the day, a zone. The pieces decide, not their order, with two
 * exceptions that every form agrees on: of two numbers beside a month's name the day comes before
 * the year, unless the year has four digits; and three numbers in a row are a date by themselves.
 *
 * Of those, the order must be certain: 2026/02/20 by its year, 20.02.2026 by its dots (nobody puts
 * the month first there), 20/02/2026 since no month has that number. 03/04/2026 means April in
 * London and March in New York, and is refused. */

#include <errno.h>

#include "base/str.h"
#include "text/date-parts.h"
#include "text/utf8.h"

typedef struct Written {
        Parts parts;
        bool has_weekday, has_day, has_month, has_year, has_clock, has_half, has_zone;
        bool month_or_weekday; /* the month may yet turn out to be a weekday */
        bool named_month, afternoon, korean, zone_is_utc;
        const ZoneRegion *region;
} Written;

/* Takes @*flag for itself; false when that was done before. */
static bool claim(bool *flag) {
        if (*flag)
                return false;
        *flag = true;
        return true;
}

/* --- numbers --- */

/* RFC 5322, 4.3: two digits below 50 are of this century, three are counted from 1900. */
static int full_year(int year, size_t n_digits) {
        if (n_digits == 2)
                return year + (year < 50 ? 2000 : 1900);
        return n_digits == 3 ? year + 1900 : year;
}

static bool separator_take(const char **s, char separator) {
        if (!take_char(s, separator))
                return false;
        if (separator == '.')
                skip_space(s);
        return true;
}

/* Three numbers of two digits, of which the year can be but one, since no month and no day has that
 * number: 10/30/23, 98-02-20, 20.02.98. */
static bool two_digit_year(
        Written *date, int first, int second, int third, size_t n_first, size_t n_third) {
        if (n_first > 2 || n_third != 2 || first == 0)
                return false;

        if (first > 31 && third <= 31) {
                date->parts.year = full_year(first, 2);
                date->parts.month = second;
                date->parts.day = third;
        } else if (second > 12 && first <= 12) {
                date->parts.year = full_year(third, 2);
                date->parts.month = first;
                date->parts.day = second;
        } else if (third > 31 && first > 12 && first <= 31) {
                date->parts.year = full_year(third, 2);
                date->parts.month = second;
                date->parts.day = first;
        } else
                return false;
        return true;
}

/* Three numbers in a row. 0 when there are not; -EINVAL when their order is not certain. */
static int take_numeric_date(const char **s, Written *date) {
        const char *p = *s;
        const size_t n_first = strspn(p, "0123456789");
        const char separator = p[n_first];
        int first, second, third;
        size_t n_third;

        if ((separator != '.' && separator != '/' && separator != '-') || n_first == 3 ||
                !take_number(&p, 1, 4, &first) || !separator_take(&p, separator) ||
                !take_number(&p, 1, 2, &second) || !separator_take(&p, separator))
                return 0;
        n_third = strspn(p, "0123456789");
        if (n_third == 0 || n_third > 4 || !take_number(&p, 1, 4, &third))
                return 0;

        if (date->has_day || date->has_month || date->has_year)
                return -EINVAL;
        if (n_first == 4 && n_third <= 2) {
                date->parts.year = first;
                date->parts.month = second;
                date->parts.day = third;
        } else if (n_first <= 2 && n_third == 4) {
                const bool day_first = separator == '.' || first > 12 || first == second;

                if (!day_first && second <= 12)
                        return -EINVAL;
                date->parts.day = day_first ? first : second;
                date->parts.month = day_first ? second : first;
                date->parts.year = third;
        } else if (!two_digit_year(date, first, second, third, n_first, n_third))
                return -EINVAL;

        (void) take_char(&p, '.');
        date->has_day = date->has_month = date->has_year = true;
        *s = p;
        return 1;
}

/* Numbers of China, Japan and Korea say behind them what they count. 0 when there is none. */
static int take_unit(const char **s, int value, Written *date) {
        static const struct {
                const char *word;
                char what;
                bool korean;
        } units[] = {
                { "년", 'y', true },
                { "年", 'y', false },
                { "월", 'm', true },
                { "月", 'm', false },
                { "일", 'd', true },
                { "日", 'd', false },
                { "시", 'H', true },
                { "時", 'H', false },
                { "时", 'H', false },
                { "点", 'H', false },
                { "분", 'M', true },
                { "分", 'M', false },
                { "초", 'S', true },
                { "秒", 'S', false },
        };
        const char *rest = NULL;
        char what = 0;

        if ((unsigned char) **s < 0x80)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(units) && !rest; i++) {
                rest = startswith(*s, units[i].word);
                if (rest) {
                        what = units[i].what;
                        date->korean |= units[i].korean;
                }
        }
        if (!rest)
                return 0;

        *s = rest;
        switch (what) {
        case 'y':
                date->parts.year = value;
                return claim(&date->has_year) ? 1 : -EINVAL;
        case 'm':
                date->parts.month = value;
                return claim(&date->has_month) ? 1 : -EINVAL;
        case 'd':
                date->parts.day = value;
                return claim(&date->has_day) ? 1 : -EINVAL;
        case 'H':
                date->parts.hour = value;
                return claim(&date->has_clock) ? 1 : -EINVAL;
        case 'M':
                date->parts.minute = value;
                break;
        default:
                date->parts.second = value;
        }
        return date->has_clock ? 1 : -EINVAL;
}

/* "14h30", "14h", and "14.30" behind a whole date. */
static bool take_spoken_clock(const char **s, Written *date) {
        const char *p = *s;
        int hour, minute = 0;
        bool dot;

        if (date->has_clock || !take_number(&p, 1, 2, &hour))
                return false;
        dot = *p == '.';
        if (dot && !(date->has_day && date->has_month && date->has_year))
                return false;
        if (!take_char(&p, '.') && !take_char(&p, 'h'))
                return false;
        if (!take_number(&p, 2, 2, &minute) && dot)
                return false;
        if (dot && *p == '.' && ascii_isdigit(p[1])) {
                p++;
                if (!take_number(&p, 2, 2, &date->parts.second))
                        return false;
        }
        if (ascii_isdigit(*p) || ascii_isalpha(*p) || (*p == '.' && ascii_isdigit(p[1])))
                return false;

        date->parts.hour = hour;
        date->parts.minute = minute;
        date->has_clock = true;
        *s = p;
        return true;
}

/* Does a half of the day stand here, so that the number before it is an hour? */
static bool at_half(const char *s) {
        skip_space(&s);
        return (ascii_tolower(s[0]) == 'a' || ascii_tolower(s[0]) == 'p') &&
                ascii_tolower(s[1]) == 'm' && !ascii_isalpha(s[2]);
}

/* "20th", "1er", "20." */
static void skip_ordinal(const char **s) {
        static const char *const ends[] = { "st", "nd", "rd", "th", "er", "º", "°", "." };

        for (size_t i = 0; i < ELEMENTSOF(ends); i++) {
                const char *rest = startswith_nocase(*s, ends[i]);

                if (rest && !ascii_isalpha(*rest)) {
                        *s = rest;
                        return;
                }
        }
}

static bool take_digits(const char **s, Written *date) {
        const size_t n = strspn(*s, "0123456789");
        int value, r;

        if ((*s)[n] == ':' && n <= 2)
                return take_clock(s, &date->parts) && claim(&date->has_clock);

        if (date->has_year && date->has_month && date->has_day && take_spoken_clock(s, date))
                return true; /* "06.30.00" */
        r = take_numeric_date(s, date);
        if (r != 0)
                return r > 0;
        if (take_spoken_clock(s, date))
                return true;
        if (!take_number(s, 1, 4, &value) || ascii_isdigit(**s))
                return false;
        r = take_unit(s, value, date);
        if (r != 0)
                return r > 0;
        if (n <= 2 && !date->has_clock && at_half(*s)) {
                date->parts.hour = value;
                return claim(&date->has_clock);
        }

        if (n == 4 && !date->has_year) {
                date->parts.year = value;
                (void) take_char(s, '.');
                (void) take_char(s, ':'); /* "20/Feb/2026:06:30:00", as servers log */
                return claim(&date->has_year);
        }
        if (n <= 2 && !date->has_day) {
                date->parts.day = value;
                skip_ordinal(s);
                return claim(&date->has_day);
        }
        if (n < 2 || !date->has_day)
                return false;
        date->parts.year = full_year(value, n);
        return claim(&date->has_year);
}

/* --- words --- */

/* The bytes of a word: letters of any script, and what stands between the names of a region. */
static size_t word_length(const char *s) {
        size_t n = 0;

        for (;;) {
                uint32_t c;

                if (ascii_isalpha(s[n]) ||
                        ((s[n] == '/' || s[n] == '_') && n > 0 && ascii_isalpha(s[n + 1])))
                        n++;
                else if ((unsigned char) s[n] >= 0x80) {
                        const size_t n_used = utf8_decode(s + n, strnlen(s + n, 4), &c);

                        /* General punctuation, and what stands alone in Latin-1, end a word. */
                        if (c < 0xC0 || (c >= 0x2000 && c < 0x2070) || c == 0x3000)
                                return n;
                        n += n_used;
                } else
                        return n;
        }
}

static bool take_month(Written *date, const DateWord *word) {
        if (word->month == DATE_MONTH_UNSURE)
                return false;
        if (date->has_month && date->month_or_weekday) {
                /* "mar. 17 mars": the first was the weekday. */
                date->has_month = false;
                date->has_weekday = true;
        } else if (date->has_month && word->weekday)
                return claim(&date->has_weekday);

        date->month_or_weekday = word->weekday && !date->has_weekday;
        date->parts.month = word->month;
        date->named_month = true;
        return claim(&date->has_month);
}

/* @s stands behind the word. */
static bool take_zone_name(const char **s, const char *word, size_t n_word, Written *date) {
        int minutes;
        bool utc;

        if (!zone_find(word, n_word, &minutes))
                return false;
        if (n_word == 1 && ascii_tolower(*word) != 'z' && !date->named_month)
                return false;

        /* "GMT+0100" is an offset from GMT. */
        utc = minutes == 0 && n_word >= 2;
        if (utc && (**s == '+' || **s == '-') && ascii_isdigit((*s)[1])) {
                if (!take_offset(s, &minutes))
                        return false;
                utc = false;
        }

        /* "+0100 CET" says it twice, which is fine while both agree. */
        if (date->has_zone)
                return date->parts.zone_minutes == minutes;
        date->has_zone = true;
        date->zone_is_utc = utc;
        date->parts.zone_minutes = minutes;
        return true;
}

/* "a.m.", "p. m.", "μ.μ.": the half of the day in two letters with dots. */
static size_t dotted_half(const char *s, bool *ret_afternoon) {
        static const struct {
                const char *word;
                bool afternoon;
        } forms[] = {
                { "a.m.", false },
                { "p.m.", true },
                { "a. m.", false },
                { "p. m.", true },
                { "π.μ.", false },
                { "μ.μ.", true },
                { "Π.Μ.", false },
                { "Μ.Μ.", true },
        };

        if (s[1] != '.' && (unsigned char) *s < 0x80)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(forms); i++)
                if (startswith_nocase(s, forms[i].word)) {
                        *ret_afternoon = forms[i].afternoon;
                        return strlen(forms[i].word);
                }

        return 0;
}

static bool take_half(Written *date, bool afternoon) {
        date->afternoon = afternoon;
        return claim(&date->has_half);
}

static bool take_word(const char **s, Written *date) {
        const char *word = *s;
        bool afternoon;
        DateWord meaning;
        size_t n;

        n = dotted_half(word, &afternoon);
        if (n > 0) {
                *s += n;
                return take_half(date, afternoon);
        }

        n = date->has_clock && !date->has_zone
                ? zone_phrase_find(word, &date->region, &date->parts.zone_minutes)
                : 0;
        if (n > 0) {
                *s += n;
                return claim(&date->has_zone);
        }

        n = word_length(word);
        if (n == 0)
                return false;
        if (memchr(word, '/', n)) {
                date->region = zone_region_find(word, n);
                if (date->region) {
                        *s += n;
                        return date->has_clock && claim(&date->has_zone);
                }
                n = (size_t) ((const char *) memchr(word, '/', n) - word);
        }
        *s += n;

        /* The T of ISO 8601 stands between two numbers. */
        if (n == 1 && (*word == 'T' || *word == 't') && !date->has_clock && ascii_isdigit(**s))
                return true;
        /* Behind a clock, "CET" is a zone, else it is Serbian for Thursday. */
        if (!date->has_clock && date->has_day && date->has_month && date->has_year &&
                (startswith_nocase(word, "GMT") || startswith_nocase(word, "UTC")) && n == 3)
                return claim(&date->has_zone);
        if (date->has_clock && take_zone_name(s, word, n, date))
                return true;
        if (!date_word_find(word, n, &meaning))
                return false;

        (void) take_char(s, '.');
        /* "am" is also German for "on". */
        if ((meaning.morning || meaning.afternoon) &&
                (date->has_clock || (unsigned char) *word >= 0x80)) {
                date->korean |= startswith(word, "오") != NULL;
                return take_half(date, meaning.afternoon);
        }
        if (meaning.month != 0)
                return take_month(date, &meaning);
        if (meaning.weekday) {
                date->month_or_weekday = false;
                return claim(&date->has_weekday);
        }
        return meaning.filler || meaning.morning;
}

/* --- what stands between --- */

/* A comment that is a zone stands for it when there is no other: "14:30 (CET)", "(UTC+01:00)". */
static void take_comment_zone(const char *s, Written *date) {
        const ZoneRegion *region = NULL;
        size_t n = word_length(s);
        int minutes = 0;

        if (!date->has_clock || date->has_zone || n < 2)
                return;
        if (zone_find(s, n, &minutes)) {
                s += n;
                if (minutes == 0 && (*s == '+' || *s == '-') && !take_offset(&s, &minutes))
                        return;
        } else {
                region = zone_region_find(s, n);
                if (!region)
                        n = zone_phrase_find(s, &region, &minutes);
                if (n == 0)
                        return;
                s += n;
        }
        if (*s != ')')
                return;

        date->has_zone = true;
        date->region = region;
        date->parts.zone_minutes = minutes;
}

/* A comment (RFC 5322, 3.2.2). They nest. */
static bool take_comment(const char **s, Written *date) {
        const char *first = *s + 1;
        unsigned depth = 0;

        do {
                if (**s == '(')
                        depth++;
                else if (**s == ')')
                        depth--;
                else if (**s == '\0')
                        return false;
                (*s)++;
        } while (depth > 0);

        take_comment_zone(first, date);
        return true;
}

/* White space of any kind, commas, dashes with space around them, direction marks. */
static bool skip_filling(const char **s) {
        static const char *const fillings[] = { "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89",
                "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE3\x80\x80", "\xD8\x8C", "\xE2\x80\x93",
                "\xE2\x80\x94", "·", "•" };
        const char *before = *s;

        for (;;) {
                bool found = false;

                while (ascii_isspace(**s) || **s == ',' || **s == '|' || **s == ';' ||
                        (**s == '-' && ascii_isspace((*s)[1])))
                        (*s)++;
                if ((unsigned char) **s < 0x80)
                        return *s != before;
                for (size_t i = 0; i < ELEMENTSOF(fillings) && !found; i++) {
                        const char *rest = startswith(*s, fillings[i]);

                        found = rest != NULL;
                        *s = rest ?: *s;
                }
                if (!found)
                        return *s != before;
        }
}

static bool take_signed(const char **s, Written *date) {
        const bool digit = ascii_isdigit((*s)[1]);

        if (date->has_clock && digit) {
                if (date->has_zone && !date->zone_is_utc)
                        return false;
                date->zone_is_utc = false; /* "UTC +2" */
                date->has_zone = true;
                return take_offset(s, &date->parts.zone_minutes);
        }
        if (**s == '+' || date->has_clock ||
                !(date->has_day || date->has_month || date->has_year || date->has_weekday))
                return false;
        (*s)++; /* 20-Feb-26, RFC 850 */
        return true;
}

/* --- the whole --- */

/* With a half of the day the clock goes from 1 to 12; midnight as 00:30 AM is met as well. */
static bool apply_half(Written *date) {
        int *hour = &date->parts.hour;

        if (!date->has_half)
                return true;
        if (!date->has_clock || *hour > 12 || (*hour == 0 && date->afternoon))
                return false;
        *hour = *hour % 12 + (date->afternoon ? 12 : 0);
        return true;
}

int written_date_parse(const char *s, usec_t *ret) {
        Written date = {};
        bool ok = true;

        while (ok) {
                if (skip_filling(&s))
                        continue;
                if (*s == '\0')
                        break;

                if (*s == '(')
                        ok = take_comment(&s, &date);
                else if (ascii_isdigit(*s))
                        ok = take_digits(&s, &date);
                else if (*s == '+' || *s == '-' || (*s == '/' && !date.has_clock))
                        ok = take_signed(&s, &date);
                else
                        ok = take_word(&s, &date);
        }

        if (!ok || !date.has_day || !date.has_month || !date.has_year || !apply_half(&date))
                return -EINVAL;

        /* What is asked of a region must be in the calendar. */
        if (date.region) {
                if (parts_to_usec(&date.parts, ret) < 0 ||
                        !zone_region_offset(date.region, &date.parts, &date.parts.zone_minutes))
                        return -EINVAL;
        } else if (date.korean && !date.has_zone)
                date.parts.zone_minutes = 9 * 60; /* Korea has one zone, and no summer time */

        return parts_to_usec(&date.parts, ret);
}
