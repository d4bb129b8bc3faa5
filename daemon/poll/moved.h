/* SPDX-License-Identifier: MIT */
#pragma once

/* A feed that has moved: when permanent redirects (301, 308) may replace the configured address.
 * The configuration is the administrator's and is never edited; what was found is kept beside it,
 * used, and told. */

#include "poll/schedule.h"

/* The address to ask: where the feed has moved to, else the configured one. */
const char *feed_address(const Feed *feed) _pure_;

/* Takes where an answer that counts (read, or 304) came from. @matches: what was read is the same
 * feed as before. The events of it (PollEvent), or -ENOMEM. */
int moved_take(Feed *feed, const PollAnswer *answer, bool matches, usec_t now_usec) _warn_unused_;
/* The address that it moved to fails: back to the configured one after a few times. The events of
 * it. */
int moved_failed(Feed *feed);
