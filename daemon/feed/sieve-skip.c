/* SPDX-License-Identifier: MIT */

/* What is left out whole, but for its line breaks: comments, processing instructions, DOCTYPE. */

#include "feed/sieve-parts.h"

#include <strings.h>

/* A tag begins inside of what is left out: "<" was before @at. */
static void sieve_at_lost_end(Sieve *sieve, const char *at, const char *what) {
        sieve->at = at;
        sieve_warn(sieve, what, NULL);
        sieve->state = STATE_LESS;
        sieve->quote = 0;
        buffer_reset(&sieve->token);
}

/* Where the comment ends, behind its "-->" or "--!>" (as in HTML); NULL when not before @end. */
static const char *comment_end(Sieve *sieve, const char *p, const char *end) {
        for (const char *q = p; q < end; q++) {
                if (sieve->n_matched == 0) {
                        q = memchr(q, '-', (size_t) (end - q));
                        if (!q)
                                return NULL;
                }
                if (*q == '-')
                        sieve->n_matched = sieve->n_matched == 0 ? 1 : 2;
                else if (*q == '>' && sieve->n_matched >= 2)
                        return q + 1;
                else
                        sieve->n_matched = *q == '!' && sieve->n_matched == 2 ? 3 : 0;
        }

        return NULL;
}

/* Does the text of the comment hold this end tag ("</item")? */
static bool comment_holds_end(const Sieve *sieve, const char *name, size_t n_name) {
        const char *p = sieve->comment.data, *end = p + sieve->comment.n_bytes;

        for (; (p = memmem(p, (size_t) (end - p), "</", 2)); p += 2)
                if ((size_t) (end - p - 2) >= n_name && strncasecmp(p + 2, name, n_name) == 0)
                        return true;
        return false;
}

static void comment_drop(Sieve *sieve) {
        if (sieve->comment.n_bytes > 0)
                sieve_drop(sieve, sieve->comment.data, sieve->comment.n_bytes);
        buffer_reset(&sieve->comment);
}

/* One that is never closed would take all items behind it along. So the text is kept, and when it
 * holds items and grows too long for a comment, or the root ends in it, it is read again as what it
 * is. No comment that begins in it ends in it either, so this is done once for each byte. */
const char *sieve_skip_comment(Sieve *sieve, const char *p, const char *end) {
        const char *behind;

        if (sieve->replays) {
                sieve->state = STATE_TEXT;
                return p;
        }

        behind = comment_end(sieve, p, end);
        if (behind) {
                comment_drop(sieve);
                sieve_drop(sieve, p, (size_t) (behind - p));
                sieve->state = STATE_TEXT;
                return behind;
        }

        sieve_fail(sieve, buffer_append(&sieve->comment, p, (size_t) (end - p)));
        if (sieve->error < 0 || sieve->comment.n_bytes <= SIEVE_COMMENT_BYTES_MAX)
                return end;
        if (comment_holds_end(sieve, "item", 4) || comment_holds_end(sieve, "entry", 5))
                sieve_replay(sieve, end);
        else
                comment_drop(sieve);
        return end;
}

/* Before the root it must have been, or there would be no feed. */
bool sieve_comment_is_open(const Sieve *sieve) {
        const size_t n = sieve->n_open > 1 ? sieve->open[1].offset : sieve->names.n_bytes;

        if (sieve->comment.n_bytes == 0 || sieve->stage == STAGE_BEHIND)
                return false;
        return sieve->stage == STAGE_PROLOG ||
                comment_holds_end(sieve, buffer_str(&sieve->names), n);
}

/* One is over at its first '>'. Before the root, where the '>' may be missing ("<?xml ... <rss>"),
 * a tag ends it as well. */
const char *sieve_skip_instruction(Sieve *sieve, const char *p, const char *end) {
        const char *q = p;

        for (; q < end && *q != '>'; q++) {
                if (sieve->n_matched == 1 && sieve->stage == STAGE_PROLOG && ascii_isalpha(*q)) {
                        sieve_at_lost_end(sieve, q,
                                "a processing instruction without its end, ended at the next tag");
                        return q;
                }
                sieve->n_matched = *q == '<';
        }

        sieve_drop(sieve, p, (size_t) (q - p));
        if (q == end)
                return end;
        sieve->state = STATE_TEXT;
        return q + 1;
}

/* Keeps the beginning of a DOCTYPE for its entities. */
static void doctype_keep(Sieve *sieve, const char *p, const char *end) {
        const size_t n = MIN((size_t) (end - p), SIEVE_DOCTYPE_BYTES_MAX - sieve->token.n_bytes);

        if (n > 0)
                sieve_fail(sieve, buffer_append(&sieve->token, p, n));
        sieve_drop(sieve, p, (size_t) (end - p));
}

static void doctype_end(Sieve *sieve) {
        if (sieve->stage == STAGE_PROLOG && sieve->token.n_bytes > 0)
                sieve_fail(sieve,
                        tag_entities_declare(
                                &sieve->entities, sieve->token.data, sieve->token.n_bytes));
        buffer_reset(&sieve->token);
        sieve->state = STATE_TEXT;
}

/* Inside the root, where no declaration belongs, it is as short as in HTML. */
static const char *skip_stray_declaration(Sieve *sieve, const char *p, const char *end) {
        const char *q = p;

        while (q < end && *q != '>' && *q != '<')
                q++;
        sieve_drop(sieve, p, (size_t) (q - p));
        if (q == end)
                return end;

        sieve->at = q;
        sieve_warn(sieve, "a declaration inside the feed, dropped", NULL);
        sieve->state = *q == '<' ? STATE_LESS : STATE_TEXT;
        return q + 1;
}

/* Up to the '>' that ends it, over an internal subset with its own brackets, quotes and comments.
 * When that is missing, the first tag ends it. */
const char *sieve_skip_doctype(Sieve *sieve, const char *p, const char *end) {
        if (sieve->stage == STAGE_ROOT)
                return skip_stray_declaration(sieve, p, end);

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
                        doctype_keep(sieve, p, q);
                        sieve_at_lost_end(
                                sieve, q, "a DOCTYPE without its end, ended at the next tag");
                        return q + 1;
                }
                if (sieve->n_matched == 1 && ascii_isalpha(c)) {
                        doctype_keep(sieve, p, q);
                        doctype_end(sieve);
                        sieve_at_lost_end(
                                sieve, q, "a DOCTYPE without its end, ended at the next tag");
                        return q;
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
                        doctype_keep(sieve, p, q);
                        doctype_end(sieve);
                        return q + 1;
                }
        }

        doctype_keep(sieve, p, end);
        return end;
}
