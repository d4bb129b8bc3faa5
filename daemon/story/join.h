/* SPDX-License-Identifier: MIT */
#pragma once

/* Which story does a new item join? One that has its link key, else one that has its content key
 * since JOIN_WINDOW_USEC; the store looks both up. A wrong join hides news, a missed one repeats
 * it: so words join only where they are many enough not to be equal by chance. */

#include "base/time.h"

/* An item's own date counts so far back. */
#define JOIN_DATE_MAX_USEC (90 * USEC_PER_DAY)

/* Equal words are the same report for this long; annual meetings come with last year's words. */
#define JOIN_WINDOW_USEC (7 * USEC_PER_DAY)

/* The key to look for in other feeds: @content_key itself (NULL included), or NULL when it tells
 * items of one feed apart and no more (IDENTITY_WEAK_PREFIX). */
const char *join_content_key(const char *content_key);
