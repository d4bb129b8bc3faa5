/* SPDX-License-Identifier: MIT */

/* A scanner over decoded text: plain runs are copied, the few characters that matter are found
 * through a table. What spans chunks (a tag, a reference, the two characters that tell a comment
 * from CDATA) gathers in `token`, so that no byte is looked at twice and chunks may end anywhere.
 */

#include "feed/sieve-parts.h"

#include <strings.h>

#include "text/bytes.h"

/* What is skipped at once inside a tag; values are rarely longer. */
#define VALUE_BYTES_NEAR ((size_t) 512)

/* To what text stops at (see tag_text_stops), or to less than a block before @end. */
static const char *skip_text_blocks(const char *p, const char *end) {
        size_t n = sizeof(ByteBlock);

        while (n == sizeof(ByteBlock) && (size_t) (end - p) >= n) {
                const ByteBlock block = byte_block_load(p);

                n = byte_block_first(sieve_block_stops(block) | (ByteBlock) (block == '<') |
                        (ByteBlock) (block == '>') | (ByteBlock) (block == '&'));
                p += n;
        }

        return p;
}

void sieve_token_add(Sieve *sieve, const char *p, size_t n_bytes) {
        sieve_fail(sieve, buffer_append(&sieve->token, p, n_bytes));
}

/* What looked like a tag is text after all. */
static void token_as_text(Sieve *sieve, const char *behind) {
        unsigned repairs = 0;

        if (!sieve_drops(sieve)) {
                sieve_warn(sieve, "a bare '<', escaped", NULL);
                sieve_put(sieve, "&lt;", 4);
                sieve_fail(sieve,
                        tag_write_escaped(&sieve->entities, buffer_str(&sieve->token),
                                sieve->token.n_bytes, &sieve->out, &repairs));
                sieve_put(sieve, behind, strlen(behind));
                sieve_warn_repairs(sieve, repairs);
        } else {
                if (sieve->stage == STAGE_PROLOG)
                        sieve->junk = true;
                sieve_drop(sieve, buffer_str(&sieve->token), sieve->token.n_bytes);
        }
        buffer_reset(&sieve->token);
}

/* Controls in a name keep it from being one. Returns what is left of the tag without them. */
static size_t token_clean(Sieve *sieve) {
        char *data = sieve->token.data, *to = data;

        for (size_t i = 0; i < sieve->token.n_bytes; i++)
                if ((uint8_t) data[i] >= ' ' || ascii_isspace(data[i]))
                        *to++ = data[i];
        if (sieve->token.n_bytes > 0 && to < data + sieve->token.n_bytes) {
                sieve_warn_forbidden(sieve);
                buffer_truncate(&sieve->token, (size_t) (to - data));
        }
        return sieve->token.n_bytes;
}

void sieve_tag_complete(Sieve *sieve) {
        const char *raw = buffer_str(&sieve->token);
        size_t n_raw = sieve->token.n_bytes, n_before = sieve->out.n_bytes;
        unsigned n_lines;
        Tag tag;

        sieve->state = STATE_TEXT;
        if (!tag_split(raw, n_raw, &tag) && !tag_split(raw, n_raw = token_clean(sieve), &tag)) {
                token_as_text(sieve, "&gt;");
                return;
        }

        if (sieve->stage == STAGE_PROLOG && sieve_admit_root(sieve, &tag)) {
                sieve->line += count_lines(sieve->counted, sieve->at);
                sieve->counted = sieve->at;
                sieve_put_lines(sieve,
                        sieve->line - 1 - MIN(count_lines(raw, raw + n_raw), sieve->line - 1));
                n_before = sieve->out.n_bytes;
        } else if (sieve->stage == STAGE_PROLOG)
                sieve->n_prolog += n_raw;
        if (sieve->stage == STAGE_BEHIND && !tag.end && !sieve_reopen_root(sieve, &tag))
                sieve_warn(sieve, "something stands behind the feed's end, ignoring it", NULL);
        if (sieve->stage == STAGE_ROOT && sieve->error >= 0) {
                if (tag.end)
                        sieve_end_tag(sieve, &tag);
                else
                        sieve_start_tag(sieve, &tag);

                /* Attributes were written anew: what line breaks they lost follows. */
                n_lines = count_lines(raw, raw + n_raw);
                if (n_lines > 0 && sieve->error >= 0) {
                        unsigned n_written = count_lines(
                                sieve->out.data + n_before, sieve->out.data + sieve->out.n_bytes);

                        sieve_put_lines(sieve, n_lines - MIN(n_lines, n_written));
                }
        }
        buffer_reset(&sieve->token);
}

/* Over the limit: what is here of the tag counts, its end is still to be found. Half an attribute
 * at the end is cut away. */
static void tag_over(Sieve *sieve) {
        char *data = sieve->token.data;
        size_t n = sieve->token.n_bytes;

        sieve_warn(sieve, "a tag that is too long, ignoring the rest of its attributes", NULL);
        if (sieve->quote) {
                char *open = memrchr(data, sieve->quote, n);

                n = open ? (size_t) (open - data) : n;
        }
        while (n > 0 && !ascii_isspace(data[n - 1]))
                n--;
        if (n == 0)
                n = MIN(sieve->token.n_bytes, SIEVE_NAME_BYTES_MAX);
        buffer_truncate(&sieve->token, n);
        sieve->slash = false;
        sieve->state = STATE_TAG_REST;
}

/* Outside of values, only the end of a tag and what comes before a value matter. */
static const char *skip_tag_blocks(const char *p, const char *end) {
        const char *near = p + MIN((size_t) (end - p), VALUE_BYTES_NEAR);
        size_t n = sizeof(ByteBlock);

        while (n == sizeof(ByteBlock) && (size_t) (near - p) >= n) {
                const ByteBlock block = byte_block_load(p);

                n = byte_block_first((ByteBlock) (block == '>') | (ByteBlock) (block == '<') |
                        (ByteBlock) (block == '='));
                p += n;
        }

        return p;
}

/* From the quote that opens a value to the one that closes it, when that is near and nothing is
 * odd; else it stays open. */
static const char *skip_value(const char *p, const char *end, char *ret_open) {
        const char *close = memchr(p + 1, *p, MIN((size_t) (end - p - 1), VALUE_BYTES_NEAR));

        *ret_open = *p;
        if (!close || memchr(p, '>', (size_t) (close - p)))
                return p;

        *ret_open = '\0';
        return close;
}

static const char *scan_tag(Sieve *sieve, const char *p, const char *end) {
        bool rest = sieve->state == STATE_TAG_REST;
        size_t n_before = sieve->token.n_bytes;
        const char *q;

        for (q = p; q < end; q++) {
                char c;

                if (!sieve->quote && !sieve->behind_equals)
                        q = skip_tag_blocks(q, end);
                if (q == end)
                        break;
                c = *q;

                if (!rest && n_before + (size_t) (q - p) > SIEVE_TAG_BYTES_MAX) {
                        sieve_token_add(sieve, p, (size_t) (q - p));
                        if (sieve->error >= 0)
                                tag_over(sieve);
                        return q;
                }

                if (sieve->quote) {
                        if (c == sieve->quote)
                                sieve->quote = 0;
                        else if (c == '>' && sieve->n_to_greater == 0)
                                sieve->n_to_greater = n_before + (size_t) (q - p) + 1;
                        else if (c == '<' && sieve->n_to_greater > 0)
                                break;
                        continue;
                }

                if (c == '>' || (c == '<' && !rest))
                        break;
                if (c == '=')
                        sieve->behind_equals = true;
                else if ((c == '"' || c == '\'') && sieve->behind_equals) {
                        sieve->n_to_greater = 0;
                        sieve->behind_equals = false;
                        q = skip_value(q, end, &sieve->quote);
                } else if (!ascii_isspace(c))
                        sieve->behind_equals = false;
        }

        if (rest) {
                sieve_drop(sieve, p, (size_t) (q - p));
                if (q > p)
                        sieve->slash = q[-1] == '/';
        } else
                sieve_token_add(sieve, p, (size_t) (q - p));
        if (q == end || sieve->error < 0)
                return q;

        sieve->at = q;
        if (rest) {
                if (sieve->slash)
                        sieve_token_add(sieve, "/", 1);
                if (sieve->error >= 0)
                        sieve_tag_complete(sieve);
                sieve->quote = 0;
                sieve->state = *q == '<' ? STATE_LESS : STATE_TEXT;
                return q + 1;
        }

        if (*q == '>') {
                sieve_tag_complete(sieve);
                return q + 1;
        }

        if (sieve->quote) {
                /* A value that holds '>' and then '<' lost its closing quote: the tag ended at the
                 * first '>', and what follows is text. */
                _cleanup_(buffer_done) Buffer text = {};
                size_t n = sieve->n_to_greater;
                unsigned repairs = 0;

                sieve_warn(sieve, "an attribute without its closing quote, closed", NULL);
                sieve_fail(sieve,
                        buffer_append(&text, sieve->token.data + n, sieve->token.n_bytes - n));
                buffer_truncate(&sieve->token, n - 1);
                sieve_tag_complete(sieve);
                if (sieve_drops(sieve))
                        sieve_drop(sieve, buffer_str(&text), text.n_bytes);
                else
                        sieve_fail(sieve,
                                tag_write_escaped(&sieve->entities, buffer_str(&text), text.n_bytes,
                                        &sieve->out, &repairs));
                sieve->quote = 0;
        } else
                token_as_text(sieve, "");
        sieve->state = STATE_LESS;
        return q + 1;
}

static bool token_begins(const Sieve *sieve, const char *with, bool *ret_may) {
        size_t n = MIN(sieve->token.n_bytes, strlen(with));

        *ret_may = strncasecmp(buffer_str(&sieve->token), with, n) == 0;
        return *ret_may && n == strlen(with);
}

/* Behind '<': one character more, until it is known what begins here. */
static const char *scan_less(Sieve *sieve, const char *p, const char *end) {
        bool comment, cdata, doctype;
        size_t n;
        char c;

        /* What most often follows, when it lies whole in the chunk. */
        if (sieve->token.n_bytes == 0) {
                const size_t n_slash = *p == '/';

                sieve->quote = 0;
                sieve->behind_equals = false;
                sieve->n_matched = 0;
                sieve->n_to_greater = 0;
                if ((size_t) (end - p) > n_slash && ascii_isalpha(p[n_slash])) {
                        sieve->state = STATE_TAG;
                        return p;
                }
                if (end - p >= 8 && memcmp(p, "![CDATA[", 8) == 0) {
                        sieve->state = STATE_CDATA;
                        return p + 8;
                }
        }

        sieve_token_add(sieve, p, 1);
        if (sieve->error < 0)
                return p;

        n = sieve->token.n_bytes;
        c = sieve->token.data[n - 1];
        sieve->quote = 0;
        sieve->behind_equals = false;
        sieve->n_matched = 0;
        sieve->n_brackets = 0;
        sieve->n_to_greater = 0;

        switch (sieve->token.data[0]) {
        case '?':
                sieve->state = STATE_INSTRUCTION;
                break;
        case '!':
                if (token_begins(sieve, "!--", &comment)) {
                        sieve->state = STATE_COMMENT;
                        sieve->n_matched = 2; /* "<!-->" is one, as in HTML */
                } else if (token_begins(sieve, "![cdata[", &cdata)) {
                        sieve->state = STATE_CDATA;
                } else if (token_begins(sieve, "!doctype html", &doctype)) {
                        sieve->state = STATE_DOCTYPE;
                        if (sieve->stage == STAGE_PROLOG)
                                sieve->html = sieve->page = true;
                } else if (!comment && !cdata && !doctype) {
                        /* The last character may be what ends it. */
                        sieve->state = STATE_DOCTYPE;
                        buffer_reset(&sieve->token);
                        return p;
                }
                break;
        case '/':
                if (n == 1)
                        return p + 1;
                if (ascii_isalpha(c) || c == '_' || (uint8_t) c >= 0x80) {
                        sieve->state = STATE_TAG;
                        return p + 1;
                }
                goto bare;
        default:
                if (ascii_isalpha(c) || c == '_' || (uint8_t) c >= 0x80) {
                        sieve->state = STATE_TAG;
                        return p + 1;
                }
                goto bare;
        }

        if (sieve->state != STATE_LESS)
                buffer_reset(&sieve->token);
        return p + 1;

bare:
        /* The character itself is looked at anew: it may be the next '<'. */
        buffer_truncate(&sieve->token, n - 1);
        token_as_text(sieve, "");
        sieve->state = STATE_TEXT;
        return p;
}

/* Where text that goes on as it is ends: at what @p stops at, or before an unusual reference. */
static const char *skip_text(const char *p, const char *end) {
        for (;;) {
                size_t n;
                char c;

                p = skip_text_blocks(p, end);
                while (p < end && !tag_text_stops[(uint8_t) *p])
                        p++;
                n = p < end && *p == '&' ? tag_predefined(p, end, &c) : 0;
                if (n == 0)
                        return p;
                p += n;
        }
}

static const char *scan_text(Sieve *sieve, const char *p, const char *end) {
        const char *q = p;

        if (sieve_drops(sieve)) {
                q = memchr(p, '<', (size_t) (end - p)) ?: end;
                if (sieve->stage == STAGE_PROLOG)
                        sieve_prolog_text(sieve, p, (size_t) (q - p));
                sieve_drop(sieve, p, (size_t) (q - p));
        } else {
                q = skip_text(p, end);
                sieve_put_text(sieve, p, (size_t) (q - p), /* is_cdata= */ false);
        }
        if (q == end)
                return q;

        sieve->at = q;
        switch (*q) {
        case '<':
                sieve->state = STATE_LESS;
                return q + 1;
        case '&':
                sieve->state = STATE_REFERENCE;
                return q + 1;
        case '>':
                sieve_put(sieve, "&gt;", 4); /* "]]>" is forbidden in text */
                return q + 1;
        default: {
                size_t n = tag_n_forbidden(q, (size_t) (end - q));

                if (n > 0) {
                        sieve_warn_forbidden(sieve);
                        return q + n;
                }
                sieve_put(sieve, q, 3);
                return q + 3;
        }
        }
}

static void reference_end(Sieve *sieve, bool complete) {
        const char *behind = memchr(buffer_str(&sieve->token), ';', sieve->token.n_bytes);
        unsigned repairs = 0;

        if (behind && (!complete || behind[2] != '#')) {
                /* Half a character, and then something else. */
                const size_t n = (size_t) (behind - sieve->token.data);

                sieve_fail(sieve,
                        tag_write_reference(
                                &sieve->entities, sieve->token.data, n, &sieve->out, &repairs));
                memmove(sieve->token.data, behind + 2, sieve->token.n_bytes - n - 2);
                buffer_truncate(&sieve->token, sieve->token.n_bytes - n - 2);
        }

        /* A number needs no semicolon to be one, a name may be the parameter of an address. */
        if (complete || (sieve->token.n_bytes > 1 && sieve->token.data[0] == '#'))
                sieve_fail(sieve,
                        tag_write_reference(&sieve->entities, buffer_str(&sieve->token),
                                sieve->token.n_bytes, &sieve->out, &repairs));
        else {
                repairs = TAG_BARE_AMPERSAND;
                sieve_put(sieve, "&amp;", 5);
                sieve_put(sieve, buffer_str(&sieve->token), sieve->token.n_bytes);
        }
        sieve_warn_repairs(sieve, repairs);
        buffer_reset(&sieve->token);
        sieve->state = STATE_TEXT;
}

static const char *scan_reference(Sieve *sieve, const char *p, const char *end) {
        const char *q = p;

        while (q < end && (ascii_isalpha(*q) || ascii_isdigit(*q) || *q == '#') &&
                sieve->token.n_bytes + (size_t) (q - p) < SIEVE_REFERENCE_BYTES_MAX)
                q++;
        sieve_token_add(sieve, p, (size_t) (q - p));
        if (q == end || sieve->error < 0)
                return q;

        sieve->at = q;
        if (*q == ';' && tag_is_high_surrogate(buffer_str(&sieve->token), sieve->token.n_bytes)) {
                sieve->state = STATE_SURROGATE;
                return q + 1;
        }
        reference_end(sieve, *q == ';');
        return *q == ';' ? q + 1 : q;
}

/* The other half may follow, as a reference of its own. */
static const char *scan_surrogate(Sieve *sieve, const char *p) {
        sieve->at = p;
        if (*p != '&') {
                reference_end(sieve, /* complete= */ true);
                return p;
        }
        sieve_token_add(sieve, ";&", 2);
        sieve->state = STATE_REFERENCE;
        return p + 1;
}

const char *sieve_step(Sieve *sieve, const char *p, const char *end) {
        switch (sieve->state) {
        case STATE_TEXT:
                return scan_text(sieve, p, end);
        case STATE_REFERENCE:
                return scan_reference(sieve, p, end);
        case STATE_SURROGATE:
                return scan_surrogate(sieve, p);
        case STATE_LESS:
                return scan_less(sieve, p, end);
        case STATE_TAG:
        case STATE_TAG_REST:
                return scan_tag(sieve, p, end);
        case STATE_COMMENT:
                return sieve_skip_comment(sieve, p, end);
        case STATE_CDATA:
                return sieve_scan_cdata(sieve, p, end);
        case STATE_INSTRUCTION:
                return sieve_skip_instruction(sieve, p, end);
        case STATE_DOCTYPE:
                return sieve_skip_doctype(sieve, p, end);
        }

        return end;
}
