/* SPDX-License-Identifier: MIT */
#pragma once

/* One post of one body to one sink, from the secrets to the verdict. The queue (outbox.c) decides
 * when; this knows how. Keeps what it needs of the sink's settings, so that a reload may take them
 * away while it is under way. */

#include "deliver/sink.h"
#include "http/http.h"

typedef struct Attempt Attempt;

/* How it went. Lent to the callback. */
typedef struct AttemptOutcome {
        SinkVerdict verdict;
        unsigned status;     /* 0: no answer came */
        usec_t wait_usec;    /* as the server asks; 0: not said */
        const char *answer;  /* its body; "" without one */
        const char *message; /* why, for people; never NULL unless accepted or memory is out */
} AttemptOutcome;

/* In here, and only here, the attempt is over; its owner frees it, in the callback or later. */
typedef void (*attempt_done_t)(Attempt *attempt, const AttemptOutcome *outcome, void *userdata);

/* Reads address and secret and signs with the time of now. 0, the caller owns *ret; -ENOMEM or -EIO
 * (libcrypto); or ATTEMPT_UNFIT: nothing can be sent until somebody acts, *ret_message (owned by
 * the caller) says why and names the sink and what it lacks. */
enum {
        ATTEMPT_UNFIT = 1,
};
int attempt_new(const SinkSettings *sink, const char *public_id, const char *body, usec_t now_usec,
        Attempt **ret, char **ret_message) _warn_unused_;
/* Does it go to this machine or the network around it? False when memory is out. */
bool attempt_is_local(const Attempt *attempt);
/* Posts. @on_done comes from the event loop, never from within. 0, or what http_request_start()
 * said. */
int attempt_start(
        Attempt *attempt, HttpClient *http, attempt_done_t on_done, void *userdata) _warn_unused_;
/* Ends it, also when it is under way; NULL is fine; returns NULL. */
Attempt *attempt_free(Attempt *attempt);
DEFINE_POINTER_CLEANUP(Attempt, attempt_free);
