/* SPDX-License-Identifier: MIT */
#pragma once

/* One content coding taken off, in steps that its caller bounds: zlib, libbrotlidec and libzstd
 * behind one face. Knows nothing of HTTP but the names. */

#include "base/memory.h"

/* RFC 9659: what a zstd frame of the web may ask for. */
#define UNPACKER_ZSTD_WINDOW_BITS_MAX 23
/* Brotli streams may ask for 16 MiB, and libbrotli fills the window before it gives a byte: 4 MiB
 * of zeros, made of 20 bytes, take 25 ms. Servers use 18 to 22 bits. Deflate has 15. */
#define UNPACKER_BROTLI_WINDOW_BITS_MAX 22

typedef enum Coding {
        CODING_IDENTITY,
        CODING_GZIP,
        CODING_DEFLATE,
        CODING_BROTLI,
        CODING_ZSTD,
        CODING_MAX,
} Coding;

/* CODING_MAX: unknown. Ignores case. */
Coding coding_from_name(const char *name, size_t n_bytes);

/* So many bytes of a body tell what it is (unpacker_new()), unless it has fewer. */
#define UNPACKER_SNIFF_BYTES ((size_t) 16)

typedef struct Unpacker Unpacker;

/* An unpacker for what @coding says and @p, the first bytes, look like. Servers label wrongly: what
 * is plain to see markup is none of these codings and is passed on as it is; zlib's and gzip's
 * formats and bare deflate are told apart by their first bytes, whichever of the two names they
 * came under. 0 or -ENOMEM. */
int unpacker_new(Coding coding, const void *p, size_t n_bytes, Unpacker **ret) _warn_unused_;
Unpacker *unpacker_free(Unpacker *unpacker);
DEFINE_POINTER_CLEANUP(Unpacker, unpacker_free);

/* Moves *p and *n_bytes on by what it took, fills @out; *ret_n_out says how far. Nothing taken and
 * nothing given: it needs more. What lies behind the end is taken and dropped. 0, -EBADMSG (damaged
 * or another coding), -EOVERFLOW (the window is over the limit) or -ENOMEM. */
int unpacker_step(Unpacker *unpacker, const uint8_t **p, size_t *n_bytes, uint8_t *out,
        size_t n_out, size_t *ret_n_out) _warn_unused_;
/* May it end here? */
bool unpacker_is_complete(const Unpacker *unpacker);
/* What was odd but understood, for a debug message, or NULL. */
const char *unpacker_oddity(const Unpacker *unpacker);
