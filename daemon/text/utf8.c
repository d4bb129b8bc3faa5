/* SPDX-License-Identifier: MIT */

#include "text/utf8.h"

#include <errno.h>

#include "text/bytes.h"

static bool is_continuation(unsigned char c) {
        return (c & 0xC0) == 0x80;
}

size_t utf8_decode(const char *s, size_t n_bytes, uint32_t *ret_codepoint) {
        const unsigned char *p = (const unsigned char *) s;
        unsigned char low = 0x80, high = 0xBF; /* what the second byte may be */
        uint32_t codepoint;
        size_t n;

        assert(n_bytes > 0);

        if (p[0] < 0x80) {
                *ret_codepoint = p[0];
                return 1;
        }

        /* Unicode, table 3-7: the narrower second bytes are what keeps overlong forms, surrogates
         * and numbers over CODEPOINT_MAX out. */
        if (p[0] >= 0xC2 && p[0] <= 0xDF) {
                n = 2;
                codepoint = p[0] & 0x1Fu;
        } else if ((p[0] & 0xF0) == 0xE0) {
                n = 3;
                codepoint = p[0] & 0x0Fu;
                if (p[0] == 0xE0)
                        low = 0xA0;
                else if (p[0] == 0xED)
                        high = 0x9F;
        } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
                n = 4;
                codepoint = p[0] & 0x07u;
                if (p[0] == 0xF0)
                        low = 0x90;
                else if (p[0] == 0xF4)
                        high = 0x8F;
        } else {
                *ret_codepoint = CODEPOINT_REPLACEMENT;
                return 1;
        }

        for (size_t i = 1; i < n; i++) {
                if (i >= n_bytes || p[i] < low || p[i] > high) {
                        *ret_codepoint = CODEPOINT_REPLACEMENT;
                        return i;
                }
                codepoint = codepoint << 6 | (p[i] & 0x3Fu);
                low = 0x80;
                high = 0xBF;
        }

        *ret_codepoint = codepoint;
        return n;
}

size_t utf8_encode(uint32_t codepoint, char out[static 4]) {
        if (codepoint > CODEPOINT_MAX || (codepoint >= 0xD800 && codepoint <= 0xDFFF))
                codepoint = CODEPOINT_REPLACEMENT;

        if (codepoint < 0x80) {
                out[0] = (char) codepoint;
                return 1;
        }
        if (codepoint < 0x800) {
                out[0] = (char) (0xC0 | codepoint >> 6);
                out[1] = (char) (0x80 | (codepoint & 0x3F));
                return 2;
        }
        if (codepoint < 0x10000) {
                out[0] = (char) (0xE0 | codepoint >> 12);
                out[1] = (char) (0x80 | (codepoint >> 6 & 0x3F));
                out[2] = (char) (0x80 | (codepoint & 0x3F));
                return 3;
        }

        out[0] = (char) (0xF0 | codepoint >> 18);
        out[1] = (char) (0x80 | (codepoint >> 12 & 0x3F));
        out[2] = (char) (0x80 | (codepoint >> 6 & 0x3F));
        out[3] = (char) (0x80 | (codepoint & 0x3F));
        return 4;
}

/* A replacement has three bytes as a character of its own, and one or two to three as a bad part;
 * only the look at the bytes tells them apart. */
bool utf8_is_bad(const char *s, size_t n, uint32_t codepoint) {
        return codepoint == CODEPOINT_REPLACEMENT && !(n == 3 && memcmp(s, "\xEF\xBF\xBD", 3) == 0);
}

/* The same for characters of one and of two bytes, as far as whole blocks reach. */
static size_t utf8_n_valid_pairs(const char *s, size_t n_bytes) {
        size_t n = 0, n_good = sizeof(ByteBlock);

        while (n_good == sizeof(ByteBlock) && n_bytes - n > sizeof(ByteBlock)) {
                n_good = byte_block_first(byte_block_no_pairs(
                        byte_block_load(s + n), byte_block_load(s + n + 1), 0xC2));
                n += n_good;
        }

        /* Not between the two. */
        return n > 0 && is_continuation((unsigned char) s[n]) ? n - 1 : n;
}

size_t utf8_n_valid(const char *s, size_t n_bytes) {
        const unsigned char *p = (const unsigned char *) s;
        size_t i = 0;

        while (i < n_bytes) {
                uint32_t codepoint;
                size_t n;

                /* Most text is ASCII for long stretches, and most of the rest two bytes each. */
                if (p[i] < 0x80) {
                        n = ascii_blocks(s + i, n_bytes - i);
                        i += n > 0 ? n : 1;
                        continue;
                }
                if (p[i] >= 0xC2 && p[i] <= 0xDF && i + 1 < n_bytes && is_continuation(p[i + 1])) {
                        n = utf8_n_valid_pairs(s + i, n_bytes - i);
                        i += n > 0 ? n : 2;
                        continue;
                }

                n = utf8_decode(s + i, n_bytes - i, &codepoint);
                if (utf8_is_bad(s + i, n, codepoint))
                        break;
                i += n;
        }

        return i;
}

bool utf8_is_valid(const char *s, size_t n_bytes) {
        return utf8_n_valid(s, n_bytes) == n_bytes;
}

int utf8_append_mended_count(Buffer *b, const char *s, size_t n_bytes, uint64_t *n_replaced) {
        const size_t n_before = b->n_bytes;
        int r;

        while (n_bytes > 0) {
                uint32_t codepoint;
                size_t n;

                n = utf8_n_valid(s, n_bytes);
                r = buffer_append(b, s, n);
                if (r < 0)
                        goto fail;
                s += n;
                n_bytes -= n;
                if (n_bytes == 0)
                        break;

                n = utf8_decode(s, n_bytes, &codepoint);
                r = buffer_append(b, "\xEF\xBF\xBD", 3);
                if (r < 0)
                        goto fail;
                (*n_replaced)++;
                s += n;
                n_bytes -= n;
        }

        return 0;

fail:
        buffer_truncate(b, n_before);
        return r;
}

int utf8_append_mended(Buffer *b, const char *s, size_t n_bytes) {
        uint64_t n_replaced = 0;

        return utf8_append_mended_count(b, s, n_bytes, &n_replaced);
}

size_t utf8_cut(const char *s, size_t n_bytes, size_t n_bytes_max) {
        size_t n = n_bytes_max;

        if (n_bytes <= n_bytes_max)
                return n_bytes;

        /* No code point has more than three continuation bytes: what has is no UTF-8, and may be
         * cut anywhere. */
        for (size_t i = 0; i < 3 && n > 0 && is_continuation((unsigned char) s[n]); i++)
                n--;
        return n > 0 && is_continuation((unsigned char) s[n]) ? n_bytes_max : n;
}

size_t utf8_n_chars(const char *s, size_t n_bytes) {
        size_t n = 0;

        for (size_t i = 0; i < n_bytes; i++)
                n += !is_continuation((unsigned char) s[i]);
        return n;
}

size_t utf8_n_utf16(const char *s, size_t n_bytes) {
        size_t n = 0;

        /* Four bytes (from 0xF0) are a code point beyond U+FFFF: two units, a pair. */
        for (size_t i = 0; i < n_bytes; i++)
                n += (size_t) !is_continuation((unsigned char) s[i]) +
                        ((unsigned char) s[i] >= 0xF0);
        return n;
}
