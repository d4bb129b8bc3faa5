/* SPDX-License-Identifier: MIT */
#pragma once

/* Dates as feeds and pages write them: RFC 822/2822/5322 with the deviations in use, RFC 3339,
 * W3CDTF and ISO 8601, asctime, Unix times, and those with words of a dozen languages. Never a
 * guess: what cannot be read for certain (03/04/2026) is refused. */

#include "base/time.h"

/* White space around is fine. Without a zone: UTC, but Korea's when it is
 * written in Korean. 0 or -EINVAL. Dates before 1970, and of the
 * year 9999, are refused. */
int date_parse(const char *s, usec_t *ret) _warn_unused_;
/* The three forms of an HTTP-date (RFC 9110, 5.6.7). 0 or -EINVAL. */
int date_parse_http(const char *s, usec_t *ret) _warn_unused_;
