/* SPDX-License-Identifier: MIT */

/* What is left out whole, but for its line breaks: comments, processing instructions, DOCTYPE. */

#include "feed/sieve-parts.h"

const char *sieve_skip_comment(Sieve *sieve, const char *p, const char *end) {
        for (const char *q = p; q < end; q++) {
                if (sieve->n_matched == 0) {
                        q = memchr(q, '-', (size_t) (end - q));
                        if (!q)
                                break;
                }
                if (*q == '-')
                        sieve->n_matched = MIN(sieve->n_matched + 1, 2u);
                else if (*q == '>' && sieve->n_matched == 2) {
                        sieve_drop(sieve, p, (size_t) (q - p));
                        sieve->state = STATE_TEXT;
                        return q + 1;
                } else
                        sieve->n_matched = 0;
        }

        sieve_drop(sieve, p, (size_t) (end - p));
        return end;
}

const char *sieve_skip_instruction(Sieve *sieve, const char *p, const char *end) {
        const char *q = memchr(p, '>', (size_t) (end - p));

        sieve_drop(sieve, p, (size_t) ((q ?: end) - p));
        if (!q)
                return end;
        sieve->state = STATE_TEXT;
        return q + 1;
}

/* Up to the '>' that ends it, over an internal subset with its own brackets, quotes and comments.
 * No entity is ever declared that way, so none can explode. */
const char *sieve_skip_doctype(Sieve *sieve, const char *p, const char *end) {
        for (const char *q = p; q < end; q++) {
                char c = *q;

                if (sieve->n_matched >= 4) { /* in a comment; the low bits count its end's '-' */
                        if (c == '-')
                                sieve->n_matched = MIN(sieve->n_matched + 1, 6u);
                        else
                                sieve->n_matched = c == '>' && sieve->n_matched == 6 ? 0 : 4;
                        continue;
                }
                if (sieve->quote) {
                        if (c == sieve->quote)
                                sieve->quote = 0;
                        if (c != '<' || sieve->n_brackets > 0)
                                continue;
                        /* The closing quote was forgotten. */
                        sieve_drop(sieve, p, (size_t) (q - p));
                        sieve->state = STATE_LESS;
                        return q + 1;
                }

                sieve->n_matched = c == '<'                 ? 1
                        : c == '!' && sieve->n_matched == 1 ? 2
                        : c == '-' && sieve->n_matched >= 2 ? sieve->n_matched + 1
                                                            : 0;
                if (c == '"' || c == '\'')
                        sieve->quote = c;
                else if (c == '[')
                        sieve->n_brackets = 1;
                else if (c == ']')
                        sieve->n_brackets = 0;
                else if (c == '>' && sieve->n_brackets == 0) {
                        sieve_drop(sieve, p, (size_t) (q - p));
                        sieve->state = STATE_TEXT;
                        return q + 1;
                }
        }

        sieve_drop(sieve, p, (size_t) (end - p));
        return end;
}
