/* SPDX-License-Identifier: MIT */
#pragma once

/* A feed's bytes to UTF-8, in a stream. Which charset they are in says, first of all, a byte order
 * mark, then the Content-Type, then the XML declaration, else it is UTF-8 (RFC 7303, 3). What they
 * say is believed only as far as the bytes agree. What comes out is valid UTF-8 in whole
 * characters, and never fails on input. */

#include "feed/warnings.h"

/* Where the XML declaration must have ended; it fits four times over. */
#define DECODE_HEAD_BYTES_MAX 1024
/* What is held back while the charset that was told is doubted. */
#define DECODE_DOUBT_BYTES_MAX ((size_t) 16 * 1024)

/* Bytes over 127 that are looked at to guess a charset that was not told. */
#define DECODE_GUESS_LETTERS 200

typedef struct Decoder Decoder;

/* @content_type may be NULL. @warnings outlives the decoder. */
int decoder_new(const char *content_type, Warnings *warnings, Decoder **ret) _warn_unused_;
Decoder *decoder_free(Decoder *decoder);
DEFINE_POINTER_CLEANUP(Decoder, decoder_free);

/* Takes the next bytes and lends what could be decoded until the next call; @p must live as long.
 * 0 or -ENOMEM. */
int decoder_push(Decoder *decoder, const char *p, size_t n_bytes, const char **ret,
        size_t *ret_n_bytes) _warn_unused_;
int decoder_finish(Decoder *decoder, const char **ret, size_t *ret_n_bytes) _warn_unused_;

/* What the first bytes are when they are no text at all ("a PNG image"), else NULL. */
const char *decoder_binary(const Decoder *decoder);
