/* SPDX-License-Identifier: MIT */
#pragma once

/* The pieces of which dates are read; for text/ alone. A take_x() function moves *s behind what it
 * took, and leaves it where it was when it returns false. */

#include "base/time.h"

/* No date is longer, with a comment and some space, in any script; it keeps odd input from costing
 * time. */
#define DATE_CHARS_MAX 160

typedef struct Parts {
        int year, month, day; /* month and day from 1 */
        int hour, minute, second;
        usec_t fraction_usec;
        int zone_minutes; /* east of Greenwich */
} Parts;

/* --- date.c --- */

/* Days since 1970-01-01 in the Gregorian calendar. */
int64_t days_from_date(int year, int month, int day) _const_;
/* Refuses with -EINVAL what is not in the calendar, and what lies before 1970. */
int parts_to_usec(const Parts *parts, usec_t *ret) _warn_unused_;

bool take_char(const char **s, char c);
void skip_space(const char **s);
/* From @n_min to @n_max digits, at most nine. */
bool take_number(const char **s, size_t n_min, size_t n_max, int *ret);
/* "+01:00", "-0500", "+1". */
bool take_offset(const char **s, int *ret_minutes);
/* "6:30", "06:30:00", "06:30:00.25". */
bool take_clock(const char **s, Parts *parts);

/* --- date-written.c --- */

/* A date of words and numbers, with nothing around it. 0 or -EINVAL. */
int written_date_parse(const char *s, usec_t *ret) _warn_unused_;

/* --- date-words.c --- */

/* What a word of a date may mean; more than one when languages differ ("mar" is March, and Tuesday
 * in Spanish). */
typedef struct DateWord {
        int month; /* 0: none; DATE_MONTH_UNSURE: one of several */
        bool weekday, filler, morning, afternoon;
} DateWord;

#define DATE_MONTH_UNSURE (-1)

/* Looks a word up, in any case and with or without its accents; false when it means nothing. Names
 * may be cut to three letters or more. */
bool date_word_find(const char *word, size_t n_bytes, DateWord *ret);

/* --- date-zone.c --- */

typedef struct ZoneRegion ZoneRegion;

/* "CET", "MSK", "Z". One letter stands for a zone of the military. */
bool zone_find(const char *word, size_t n_bytes, int *ret_minutes);
/* "Europe/Belgrade"; NULL for regions that are not known for certain. */
const ZoneRegion *zone_region_find(const char *word, size_t n_bytes);
/* A zone's name at the beginning of @s that is more than a word, or that depends on the date
 * ("ET"): its length, 0 for none. Either *ret_region, or NULL and *ret_minutes. */
size_t zone_phrase_find(const char *s, const ZoneRegion **ret_region, int *ret_minutes);
/* The offset that held there at @local; false when that is not certain: before the rule that we
 * know, and in the hours that do not exist or come twice. */
bool zone_region_offset(const ZoneRegion *region, const Parts *local, int *ret_minutes);
