/* SPDX-License-Identifier: MIT */
#pragma once

/* From matches to points; the rules are in match/profile.h. */

#include "match/evaluate.h"

/* weight * factor * (3n - 1) / (2000 n): one division, toward zero. @n > 0. */
int64_t score_points(int64_t weight_milli, int64_t factor_milli, unsigned n);
/* sum * feed weight / 1000, toward zero. */
int64_t score_total(int64_t sum_milli, int64_t feed_weight_milli);

/* What @e finds, all of *ret but its expression. 1 when it matches, and the spans are the caller's;
 * 0 when it does not; -ENOMEM. */
int score_keyword(const Index *index, const Expression *e, int64_t weight_milli,
        const int64_t factor_milli[static FIELD_MAX], KeywordHit *ret) _warn_unused_;
/* Does @e match at all? 1, 0 or -ENOMEM. */
int score_matches(const Index *index, const Expression *e) _warn_unused_;
