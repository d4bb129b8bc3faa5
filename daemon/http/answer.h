/* SPDX-License-Identifier: MIT */
#pragma once

/* The head of an answer, line by line as it arrives: status and those headers that concern us. A
 * value inside its request; knows nothing of libcurl. */

#include "http/http.h"

/* What Retry-After may ask for; a longer one is a mistake or malice. */
#define ANSWER_RETRY_AFTER_MAX_USEC (7 * USEC_PER_DAY)

typedef struct Answer {
        unsigned status;
        char *content_type, *etag, *last_modified, *location;
        char *retry_after, *date, *expires, *age;
        char *cache_control, *content_encoding, *transfer_encoding; /* lines of each joined */
        bool challenge; /* Cloudflare's cf-mitigated: challenge */
} Answer;

void answer_done(Answer *answer);

/* One line of the head, with or without its line end. A status line starts the answer anew, since
 * 1xx answers come before the final one. Of a repeated header the first counts. 0 or -ENOMEM. */
int answer_add_line(Answer *answer, const char *line, size_t n_bytes) _warn_unused_;

/* Is the body framed by nothing but chunks? libcurl takes off any transfer coding, also one that
 * was not asked for (RFC 9112, 6.1), and without a limit. */
bool answer_has_plain_transfer(const Answer *answer);

/* RFC 9111, 4.2: what is left of max-age, else of Expires - Date, less Age. 0: nothing is said, or
 * it is stale. @now_usec stands in for a missing Date. */
usec_t answer_max_age(const Answer *answer, usec_t now_usec);
/* Its Date; 0: absent or no date. */
usec_t answer_sent(const Answer *answer);
/* RFC 9110, 10.2.3: seconds, or a date as the server's own clock counts. 0: absent or past. */
usec_t answer_retry_after(const Answer *answer, usec_t now_usec);
