/* SPDX-License-Identifier: MIT */
#pragma once

/* What the first bytes of a feed say of its charset; for decode.c alone. */

#include "base/buffer.h"
#include "feed/warnings.h"

/* Characters of UTF-8 in a row that prove it, where a Western charset was told, and any other. */
#define DECODE_DOUBT_WESTERN 1
#define DECODE_DOUBT_OTHER 4

typedef struct DecodeGuess {
        const char *name;     /* canonical */
        const char *fallback; /* what else was told, should it not be UTF-8; NULL: nothing */
        const char *binary;   /* it is no text at all: what it is */
        size_t n_mark;        /* bytes of a byte order mark, which is no text */
        unsigned n_doubt;     /* 0: certain */
        bool ebcdic;          /* a code of mainframes */
} DecodeGuess;

/* 1 when it is decided, 0 when more bytes are needed (never when @final), -ENOMEM. */
int decode_guess(const Buffer *head, const char *content_type, bool final, Warnings *warnings,
        DecodeGuess *ret) _warn_unused_;

/* --- decode-letters.c --- */

/* The charset of text that is neither ASCII nor UTF-8, by its letters; NULL: nothing better than
 * windows-1252. */
const char *decode_guess_letters(const char *s, size_t n_bytes) _pure_;
