/* SPDX-License-Identifier: MIT */
#pragma once

/* Which story does a new item join? One that has its link key, else one with its content key in the
 * last days. A wrong join hides news, a missed one repeats it: so words join only where they are
 * many enough not to be equal by chance. */

#include "story/identity.h"

/* Equal words are the same report for this long; annual meetings come with last year's words. */
#define JOIN_WINDOW_USEC (7 * USEC_PER_DAY)

/* Do the item's words say enough to join the story of another feed that has the same? 1, 0 or
 * -ENOMEM. */
int join_by_content(const Item *item) _warn_unused_;

/* Does a new item's link name its page alone? Not when another item of its feed has it: then the
 * feed gives one link to all, and joining by it would make one story of them. */
bool join_by_link(const IdentityCandidates *candidates);
