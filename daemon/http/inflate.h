/* SPDX-License-Identifier: MIT */
#pragma once

/* The content codings of one body taken off (RFC 9110, 8.4), in bounded steps: each gives at most
 * the room it is given, holds at most one window per coding and keeps no more input than it was
 * handed. libcurl's own inflating has no such bounds: it inflates all that one read gave before it
 * hands on a byte. */

#include "http/unpacker.h"

/* What is asked for; in the order of the browsers, so that caches find what they have. */
#define INFLATE_ACCEPT "gzip, deflate, br, zstd"
/* One is the rule, two the mistake of a server behind a server. */
#define INFLATE_CODINGS_MAX 5
/* Text shrinks tenfold, now and then thirtyfold. What grows more than this, and is beyond the
 * first MiB, wants to be a bomb. */
#define INFLATE_RATIO_MAX 200
#define INFLATE_RATIO_FROM_BYTES (UINT64_C(1024) * 1024)

typedef struct Inflate Inflate;

typedef enum InflateState {
        INFLATE_HUNGRY, /* needs more input */
        INFLATE_GOES_ON,
} InflateState;

/* @codings is a Content-Encoding, its lines joined. No coding may give more than @n_bytes_max bytes
 * to the next. On success *ret may be NULL: there is none to take off. 0, -ENOTSUP (a coding that
 * is unknown: *ret_unknown points at it, in @codings), -E2BIG (too many) or -ENOMEM. */
int inflate_new(const char *codings, uint64_t n_bytes_max, Inflate **ret,
        const char **ret_unknown) _warn_unused_;
Inflate *inflate_free(Inflate *inflate);
DEFINE_POINTER_CLEANUP(Inflate, inflate_free);

/* Bytes as they came, lent until inflate_keep(). 0 or -ENOMEM. */
int inflate_push(Inflate *inflate, const void *p, size_t n_bytes) _warn_unused_;
/* No more will come. */
void inflate_end(Inflate *inflate);
/* One step: fills @out as far as *ret_n_out (perhaps 0), and adds to *work the bytes that were made
 * on the way. An InflateState; after inflate_end() INFLATE_HUNGRY means that this was all. Else
 * -EBADMSG (damaged), -EOVERFLOW (asks for a window that is too large), -EFBIG (a bomb), -EPIPE
 * (cut off) or -ENOMEM; what was filled counts. */
int inflate_step(Inflate *inflate, uint8_t *out, size_t n_out, size_t *ret_n_out,
        size_t *work) _warn_unused_;
/* Copies what was lent and is still needed. 0 or -ENOMEM. */
int inflate_keep(Inflate *inflate) _warn_unused_;

/* Of an error of the above, as a reason for people. */
const char *inflate_reason(int error);
/* What was odd but understood, or NULL. */
const char *inflate_oddity(const Inflate *inflate);
