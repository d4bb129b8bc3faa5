/* SPDX-License-Identifier: MIT */
#pragma once

/* The pieces of which dates are read; for text/ alone. A take_x() function moves *s behind what it
 * took, and leaves it where it was when it returns false. */

#include "base/time.h"

/* No date is longer, with a comment and some space; it keeps odd input from costing time. */
#define DATE_CHARS_MAX 128

typedef struct Parts {
        int year, month, day; /* month and day from 1 */
        int hour, minute, second;
        usec_t fraction_usec;
        int zone_minutes; /* east of Greenwich */
} Parts;

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

/* A mail date, with nothing around it. 0 or -EINVAL. */
int mail_date_parse(const char *s, usec_t *ret) _warn_unused_;
