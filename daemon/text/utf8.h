/* SPDX-License-Identifier: MIT */
#pragma once

/* UTF-8 (RFC 3629): reading it, mending it, cutting it. */

#include "base/buffer.h"

#define CODEPOINT_REPLACEMENT 0xFFFDu
#define CODEPOINT_MAX 0x10FFFFu

/* Decodes the first code point of @s: the number of bytes it takes, at least 1. Bytes that are no
 * UTF-8 give U+FFFD, one for each maximal bad part (Unicode 3.9, "substitution of maximal
 * subparts"). @n_bytes > 0. */
size_t utf8_decode(const char *s, size_t n_bytes, uint32_t *ret_codepoint);
/* Did utf8_decode() find bytes that are no UTF-8 at @s, or a U+FFFD that was written as such? */
bool utf8_is_bad(const char *s, size_t n, uint32_t codepoint) _pure_;
/* Writes up to 4 bytes; returns how many. Surrogates and what lies over CODEPOINT_MAX become
 * U+FFFD. */
size_t utf8_encode(uint32_t codepoint, char out[static 4]);
bool utf8_is_valid(const char *s, size_t n_bytes);
/* How many bytes from the start are valid. */
size_t utf8_n_valid(const char *s, size_t n_bytes);
/* Appends @s with everything that is no UTF-8 replaced. 0 or -ENOMEM. */
int utf8_append_mended(Buffer *b, const char *s, size_t n_bytes) _warn_unused_;
/* The same, adding to *n_replaced what was replaced. */
int utf8_append_mended_count(
        Buffer *b, const char *s, size_t n_bytes, uint64_t *n_replaced) _warn_unused_;
/* The largest length <= @n_bytes_max at which @s can be cut between code points. */
size_t utf8_cut(const char *s, size_t n_bytes, size_t n_bytes_max);
/* Code points, and UTF-16 code units, of a valid string. */
size_t utf8_n_chars(const char *s, size_t n_bytes);
size_t utf8_n_utf16(const char *s, size_t n_bytes);
