/* SPDX-License-Identifier: MIT */

/* CDATA sections: their text goes on as it is, up to "]]>", or to what shows that it was
 * forgotten. */

#include "feed/sieve-parts.h"

#include "text/bytes.h"

static const char *skip_cdata_blocks(const char *p, const char *end) {
        size_t n = sizeof(ByteBlock);

        while (n == sizeof(ByteBlock) && (size_t) (end - p) >= n) {
                const ByteBlock block = byte_block_load(p);

                n = byte_block_first(sieve_block_stops(block) | (ByteBlock) (block == ']') |
                        (ByteBlock) (block == '<'));
                p += n;
        }

        return p;
}

static void cdata_put(Sieve *sieve, const char *p, size_t n_bytes) {
        if (sieve_drops(sieve)) {
                sieve_drop(sieve, p, n_bytes);
                return;
        }
        sieve_put_text(sieve, p, n_bytes, /* is_cdata= */ true);
}

/* A CDATA section that was never closed would take all items behind it along. The end of its item,
 * and that of its own element, is no part of a text: it ends the section as well. Gathers what may
 * become that end tag in `token`; false when @c cannot be part of it, and is still to be looked
 * at. */
static bool cdata_match_end(Sieve *sieve, char c) {
        const char *s = sieve->token.data;
        const size_t n = sieve->token.n_bytes;
        const int found = sieve_end_of_holder(sieve, s, n, c);

        if (found == 1) {
                sieve_token_add(sieve, &c, 1);
                return true;
        }
        if (found == 2) {
                sieve_warn(
                        sieve, "a CDATA section that is not closed, closed with its element", NULL);
                sieve_close_cdata(sieve);
                memmove(sieve->token.data, s + 1, n - 1); /* without its '<' */
                buffer_truncate(&sieve->token, n - 1);
                sieve_tag_complete(sieve);
                return true;
        }

        cdata_put(sieve, s, n);
        buffer_reset(&sieve->token);
        return false;
}

/* May an end tag that ends the section be at @p? Also when the chunk ends before that is
 * sure. */
static bool may_end_cdata(const Sieve *sieve, const char *p, const char *end) {
        int found = 1;

        for (size_t n = 1; found == 1 && n < (size_t) (end - p); n++)
                found = sieve_end_of_holder(sieve, p, n, p[n]);
        return found > 0;
}

const char *sieve_scan_cdata(Sieve *sieve, const char *p, const char *end) {
        static const uint8_t stops[256] = {
                [0 ... 8] = 1,
                [11 ... 12] = 1,
                [14 ... 31] = 1,
                ['<'] = 1,
                [']'] = 1,
                [0xEF] = 1,
        };
        const char *q = p;
        size_t n;

        if (sieve->token.n_bytes > 0) {
                sieve->at = p;
                return cdata_match_end(sieve, *p) ? p + 1 : p;
        }
        if (sieve->n_matched == 0) {
                for (;;) {
                        q = skip_cdata_blocks(q, end);
                        while (q < end && !stops[(uint8_t) *q])
                                q++;
                        if (q == end || *q != '<' || may_end_cdata(sieve, q, end))
                                break;
                        q++; /* a tag of the text */
                }
        }
        if (q > p) {
                cdata_put(sieve, p, (size_t) (q - p));
                return q;
        }

        sieve->at = q;
        if (*q == '<' && sieve->n_matched == 0) {
                sieve_token_add(sieve, "<", 1);
                return q + 1;
        }
        if (*q == ']') {
                if (sieve->n_matched == 2)
                        cdata_put(sieve, "]", 1);
                else
                        sieve->n_matched++;
                return q + 1;
        }
        if (*q == '>' && sieve->n_matched == 2) {
                sieve_close_cdata(sieve);
                sieve->n_matched = 0;
                sieve->state = STATE_TEXT;
                return q + 1;
        }
        if (sieve->n_matched > 0) {
                cdata_put(sieve, "]]", sieve->n_matched);
                sieve->n_matched = 0;
                return q;
        }

        n = tag_n_forbidden(q, (size_t) (end - q));
        if (n > 0) {
                sieve_warn_forbidden(sieve);
                /* What it kept apart must not become "]]>". */
                sieve_close_cdata(sieve);
                return q + n;
        }
        cdata_put(sieve, q, 3);
        return q + 3;
}
