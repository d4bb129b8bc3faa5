/* SPDX-License-Identifier: MIT */

/* What is in no UTF-8 although nothing else was told is mostly Western, where letters over 127
 * stand alone among those of ASCII. When they make up whole words instead, the alphabet is another
 * one, and which one the most frequent letters tell: a, the commonest or nearly so in all of them,
 * has a place of its own in each of these charsets. Nothing finer is tried: what is not clear stays
 * windows-1252, where a person can still see what happened. */

#include "feed/decode-head.h"
#include "text/utf8.h"

/* Bytes over 127, and how many of a hundred stand beside another one, to call it words. */
#define LETTERS_MIN 12
#define LETTERS_PERCENT_JOINED 75

static bool is_high(char c) {
        return (unsigned char) c >= 0x80;
}

/* Mostly UTF-8, with faults? */
static bool is_faulty_utf8(const char *s, size_t n_bytes) {
        size_t n_valid = 0, n_faults = 0;

        for (size_t i = 0, n; i < n_bytes; i += n) {
                uint32_t c;

                n = utf8_decode(s + i, n_bytes - i, &c);
                if (utf8_is_bad(s + i, n, c))
                        n_faults++;
                else if (c >= 0x80)
                        n_valid++;
        }
        return n_valid >= n_faults;
}

const char *decode_guess_letters(const char *s, size_t n_bytes) {
        size_t counts[256] = {}, n_high = 0, n_joined = 0, n_low_half = 0, n_letters = 0;

        for (size_t i = 0; i < n_bytes; i++) {
                if (!is_high(s[i]))
                        continue;
                n_high++;
                n_joined += (i > 0 && is_high(s[i - 1])) || (i + 1 < n_bytes && is_high(s[i + 1]));
                counts[(unsigned char) s[i]]++;
        }
        for (size_t c = 0xC0; c < 0x100; c++) {
                n_letters += counts[c];
                if (c < 0xE0)
                        n_low_half += counts[c];
        }
        if (n_high < LETTERS_MIN || n_joined * 100 < n_high * LETTERS_PERCENT_JOINED ||
                n_letters * 100 < n_high * LETTERS_PERCENT_JOINED || is_faulty_utf8(s, n_bytes))
                return NULL;

        /* Small letters are more than capitals: KOI8 has them in the lower half, windows-1251 and
         * -1253 in the upper. Arabic (windows-1256) has its alef at C7, where KOI8 has a rare "g".
         */
        if (n_low_half * 2 > n_letters)
                return counts[0xC1] > counts[0xC7] ? "koi8-r" : NULL;
        /* E0 is Cyrillic "a" and the rarest of Greek; E1 Greek "a" and a rare "b". The last letters
         * (E, Yu, Ya) do not exist in Hebrew, which begins at E0 as well. */
        if (counts[0xE0] > counts[0xE1])
                return counts[0xFB] + counts[0xFC] + counts[0xFE] + counts[0xFF] > 0 ||
                                n_low_half > 0
                        ? "windows-1251"
                        : NULL;
        return counts[0xE0] * 20 < counts[0xE1] && counts[0xEF] > 0 ? "windows-1253" : NULL;
}
