/* SPDX-License-Identifier: MIT */
#pragma once

/* What makes a request conditional (RFC 9110, 8.8 and 13.1), and servers that get it wrong. Both
 * values are opaque bytes, kept and sent as received, and one set from one answer. */

#include "model/model.h"

/* What the next request carries: lent by the feed. Both NULL: unconditional. */
typedef struct PollValidators {
        const char *etag, *last_modified;
        const char *url; /* the address that gave them, the only one they are for; NULL: the one
                            that is asked for */
        bool probe;      /* left out on purpose, to see whether the server's 304 tell the truth */
} PollValidators;

/* Which validators does a request at @now_usec carry? The one place that decides. */
PollValidators poll_validators(const Feed *feed, usec_t now_usec);

/* What of a received value is kept: @value, or NULL when it cannot be sent back (empty, too long,
 * control characters). */
const char *validator_usable(const char *value) _pure_;
/* A Last-Modified a day or more ahead of the answer's own Date is no date of a change. */
bool last_modified_usable(const char *last_modified, usec_t date_usec);
/* Does a server's compression append a coding to the ETag ("abc-gzip") that it then fails to
 * recognise? */
bool etag_has_coding(const char *etag);

/* Was a server found to answer in full whatever it is asked? */
bool poll_is_unheeded(const Feed *feed);

/* No request is conditional until the next answer brings new ones. */
void validators_forget(Feed *feed);
/* @key stands for credentials, headers and ways of reading: under another one than the last, what
 * was served before says nothing. 0 or -ENOMEM. */
int validators_check_access(Feed *feed, const char *key) _warn_unused_;
