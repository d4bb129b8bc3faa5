/* SPDX-License-Identifier: MIT */
#pragma once

/* SHA-256 over a few strings, and base64: what identities, ids and signatures are made of. From
 * OpenSSL's libcrypto. */

#include "base/memory.h"

#define DIGEST_BYTES 32
#define DIGEST_HEX_CHARS (2 * DIGEST_BYTES)

typedef struct Digest Digest;

/* NULL when memory is out. Every string is fed with its length, so that ("a","bc") and ("ab","c")
 * differ; NULL is its own value. */
Digest *digest_new(void) _warn_unused_;
Digest *digest_free(Digest *digest);
DEFINE_POINTER_CLEANUP(Digest, digest_free);
int digest_add_str(Digest *digest, const char *s) _warn_unused_;
/* Bare bytes, as they come: for a body in pieces. */
int digest_add_bytes(Digest *digest, const void *p, size_t n_bytes) _warn_unused_;
/* Ends the digest; lower-case hex into @hex. 0 or -EIO. */
int digest_finish_hex(Digest *digest, char hex[static DIGEST_HEX_CHARS + 1]) _warn_unused_;

/* HMAC-SHA256 (RFC 2104). 0 or -EIO. */
int digest_hmac_sha256(const void *key, size_t n_key, const void *p, size_t n_bytes,
        uint8_t ret[static DIGEST_BYTES]) _warn_unused_;

/* RFC 4648 section 4, with padding. The caller owns the result. Decoding refuses anything else with
 * -EINVAL. */
char *base64_encode(const void *p, size_t n_bytes) _warn_unused_;
int base64_decode(const char *s, void **ret, size_t *ret_n_bytes) _warn_unused_;

/* A random id of 26 characters [0-9a-z] with 130 bits; 0 or -errno. For deliveries, alerts and
 * whatever the outside may see. */
#define ID_CHARS 26
int id_random(char id[static ID_CHARS + 1]) _warn_unused_;
