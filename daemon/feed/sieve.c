/* SPDX-License-Identifier: MIT */

#include "feed/sieve.h"

#include <errno.h>
#include <stdio.h>

#include "feed/sieve-parts.h"

#include "text/bytes.h"

/* Handed on at once. */
#define OUT_BYTES ((size_t) 32 * 1024)

int sieve_new(const char *content_type, Warnings *warnings, SieveOutput output, void *userdata,
        Sieve **ret) {
        _cleanup_(sieve_freep) Sieve *sieve = NULL;
        int r;

        sieve = new0(Sieve, 1);
        if (!sieve)
                return -ENOMEM;

        sieve->warnings = warnings;
        sieve->output = output;
        sieve->userdata = userdata;
        sieve->line = 1;
        r = decoder_new(content_type, warnings, &sieve->decoder);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(sieve);
        return 0;
}

int sieve_expect(Sieve *sieve, const char *const *names, size_t n_names) {
        _cleanup_(buffer_done) Buffer written = {};
        unsigned repairs = 0;
        int r;

        sieve->root = names[0];
        for (size_t i = 0; i < n_names; i++) {
                r = tag_write_name(&sieve->known, names[i], strlen(names[i]), &written, &repairs);
                if (r < 0)
                        return r;
        }
        return 0;
}

Sieve *sieve_free(Sieve *sieve) {
        if (!sieve)
                return NULL;

        decoder_free(sieve->decoder);
        buffer_done(&sieve->token);
        buffer_done(&sieve->out);
        buffer_done(&sieve->texts);
        buffer_done(&sieve->names);
        buffer_done(&sieve->comment);
        tag_entities_done(&sieve->entities);
        return mfree(sieve);
}

const char *sieve_error(const Sieve *sieve) {
        return sieve->refusal[0] != '\0' ? sieve->refusal : NULL;
}

/* --- small helpers; an error sticks, and the loop looks at it --- */

void sieve_fail(Sieve *sieve, int r) {
        if (r < 0 && sieve->error >= 0)
                sieve->error = r;
}

void sieve_refuse(Sieve *sieve, const char *what) {
        (void) snprintf(sieve->refusal, sizeof(sieve->refusal), "%s, not a feed", what);
        sieve_fail(sieve, -EBADMSG);
}

void sieve_warn(Sieve *sieve, const char *what, const char *detail) {
        sieve->line += count_lines(sieve->counted, sieve->at);
        sieve->counted = sieve->at;
        warnings_add(sieve->warnings, sieve->line, what, detail);
}

void sieve_warn_forbidden(Sieve *sieve) {
        sieve_warn(sieve, "a character that XML forbids, dropped", NULL);
}

void sieve_put(Sieve *sieve, const char *p, size_t n_bytes) {
        sieve_fail(sieve, buffer_append(&sieve->out, p, n_bytes));
}

static void put_aside(Sieve *sieve, const char *p, size_t n_bytes, bool is_cdata) {
        const size_t n_before = sieve->texts.n_bytes;

        for (const char *end = p + n_bytes; p < end && sieve->error >= 0;) {
                const char *stop = is_cdata ? end : memchr(p, '&', (size_t) (end - p)) ?: end;
                char c;

                sieve_fail(sieve, buffer_append(&sieve->texts, p, (size_t) (stop - p)));
                p = stop;
                if (p < end) {
                        p += tag_predefined(p, end, &c);
                        sieve_fail(sieve, buffer_append_char(&sieve->texts, c));
                }
        }

        sieve->piece.text_bytes[sieve->piece.n_texts++] = sieve->texts.n_bytes - n_before;
        sieve_put(sieve, PIECE_MARK, strlen(PIECE_MARK));
}

void sieve_put_text(Sieve *sieve, const char *p, size_t n_bytes, bool is_cdata) {
        if (n_bytes >= PIECE_TEXT_BYTES_MIN) {
                sieve_close_cdata(sieve);
                put_aside(sieve, p, n_bytes, is_cdata);
                return;
        }

        if (is_cdata && !sieve->cdata_open)
                sieve_put(sieve, "<![CDATA[", 9);
        sieve->cdata_open = is_cdata;
        sieve_put(sieve, p, n_bytes);
}

void sieve_put_lines(Sieve *sieve, unsigned n) {
        while (n-- > 0)
                sieve_put(sieve, "\n", 1);
}

bool sieve_drops(const Sieve *sieve) {
        return sieve->stage != STAGE_ROOT || sieve->n_deep > 0;
}

void sieve_drop(Sieve *sieve, const char *p, size_t n_bytes) {
        if (sieve->stage == STAGE_ROOT)
                sieve_put_lines(sieve, count_lines(p, p + n_bytes));
}

void sieve_close_cdata(Sieve *sieve) {
        if (sieve->cdata_open)
                sieve_put(sieve, "]]>", 3);
        sieve->cdata_open = false;
}

static void sieve_flush(Sieve *sieve) {
        int r;

        sieve_close_cdata(sieve);
        if (sieve->out.n_bytes == 0 || sieve->error < 0)
                return;

        sieve->piece.xml = sieve->out.data;
        sieve->piece.n_xml = sieve->out.n_bytes;
        sieve->piece.texts = buffer_str(&sieve->texts);
        r = sieve->output(&sieve->piece, sieve->userdata);
        sieve_fail(sieve, r);
        buffer_reset(&sieve->out);
        buffer_reset(&sieve->texts);
        sieve->piece.n_texts = 0;
}

void sieve_warn_repairs(Sieve *sieve, unsigned repairs) {
        if (repairs & TAG_BAD_ATTRIBUTE)
                sieve_warn(sieve, "an attribute without name, value or quotes, mended or dropped",
                        NULL);
        if (repairs & TAG_BARE_AMPERSAND)
                sieve_warn(sieve, "a bare '&', escaped", NULL);
        if (repairs & TAG_MANY_ENTITIES)
                sieve_warn(sieve, "the entities of the DOCTYPE take too much, ignoring them", NULL);
        if (repairs & TAG_NO_CHARACTER)
                sieve_warn(sieve, "a reference to what is no character, replaced", NULL);
        if (repairs & TAG_HTML_ENTITY)
                sieve_warn(sieve, "an entity of HTML that XML does not know, resolved", NULL);
        if (repairs & TAG_MANY_ATTRIBUTES)
                sieve_warn(sieve, "too many attributes in a tag, ignoring the rest of them", NULL);
        if (repairs & TAG_DUPLICATE_ATTRIBUTE)
                sieve_warn(sieve, "an attribute given twice, the first counts", NULL);
        if (repairs & TAG_LOST_QUOTE)
                sieve_warn(sieve, "an attribute without its closing quote, closed", NULL);
        if (repairs & TAG_MANY_NAMES)
                sieve_warn(sieve, "too many different names, ignoring new ones", NULL);
}

/* --- the loop --- */

/* Why it is no feed, when no root was found. */
static void sieve_refuse_prolog(Sieve *sieve, const char *otherwise) {
        if (sieve->wrapper[0] != '\0' && !sieve->html) {
                (void) snprintf(sieve->refusal, sizeof(sieve->refusal),
                        "an XML document with the root %s, not a feed", sieve->wrapper);
                sieve_fail(sieve, -EBADMSG);
                return;
        }
        if (sieve->links_feed) {
                (void) snprintf(sieve->refusal, sizeof(sieve->refusal),
                        "an HTML page, not a feed, but it names one: see picketctl discover");
                sieve_fail(sieve, -EBADMSG);
                return;
        }
        sieve_refuse(sieve, sieve->html ? "an HTML page" : sieve->junk ? "plain text" : otherwise);
}

static void sieve_scan(Sieve *sieve, const char *p, const char *end) {
        while (p < end && sieve->error >= 0) {
                const char *from = p;
                bool counts = sieve->state < STATE_TAG; /* a tag counts when it is whole, and
                                                         * comments and DOCTYPE may be long */

                p = sieve_step(sieve, p, end);
                if (sieve->stage == STAGE_PROLOG && sieve->error >= 0) {
                        sieve->n_prolog += counts ? (uint64_t) (p - from) : 0;
                        if (sieve->n_prolog > SIEVE_PROLOG_BYTES_MAX)
                                sieve_refuse_prolog(sieve, "a document without a root");
                }
                if (sieve->out.n_bytes + sieve->texts.n_bytes >= OUT_BYTES ||
                        sieve->piece.n_texts == PIECE_TEXTS_MAX)
                        sieve_flush(sieve);
        }
}

void sieve_replay(Sieve *sieve, const char *end) {
        _cleanup_(buffer_done) Buffer text = sieve->comment;
        const char *text_end = text.data + text.n_bytes;

        sieve->comment = (Buffer){};
        sieve->line += count_lines(sieve->counted, end);
        sieve->line -= count_lines(text.data, text_end);
        sieve->counted = sieve->at = text.data;
        sieve_warn(sieve, "a comment that does not end, read as if it were none", NULL);

        sieve->state = STATE_TEXT;
        sieve->replays = true;
        sieve_scan(sieve, text.data, text_end);
        sieve->replays = false;
        sieve->line += count_lines(sieve->counted, text_end);
        sieve->counted = sieve->at = end;
}

static int sieve_take(Sieve *sieve, const char *p, size_t n_bytes) {
        const char *binary = decoder_binary(sieve->decoder), *end;

        if (binary)
                sieve_refuse(sieve, binary);
        if (n_bytes == 0)
                return sieve->error;

        end = p + n_bytes;
        sieve->counted = sieve->at = p;
        sieve_scan(sieve, p, end);

        if (sieve->error >= 0) {
                sieve->line += count_lines(sieve->counted, end);
                sieve_flush(sieve);
        }
        return sieve->error < 0 ? sieve->error : 0;
}

int sieve_push(Sieve *sieve, const void *p, size_t n_bytes) {
        const char *text;
        size_t n_text;
        int r;

        if (sieve->error < 0)
                return sieve->error;

        r = decoder_push(sieve->decoder, p, n_bytes, &text, &n_text);
        if (r < 0)
                return r;
        return sieve_take(sieve, text, n_text);
}

bool sieve_is_cut(const Sieve *sieve) {
        return sieve->stage == STAGE_ROOT;
}

int sieve_finish(Sieve *sieve) {
        const char *text;
        size_t n_text;
        int r;

        if (sieve->error < 0)
                return sieve->error;

        r = decoder_finish(sieve->decoder, &text, &n_text);
        if (r < 0)
                return r;
        r = sieve_take(sieve, text, n_text);
        if (r < 0)
                return r;

        sieve->counted = sieve->at = NULL;
        if (sieve->state == STATE_COMMENT && sieve_comment_is_open(sieve)) {
                sieve_replay(sieve, NULL);
                sieve_flush(sieve);
                if (sieve->error < 0)
                        return sieve->error;
        }
        if (sieve->stage == STAGE_PROLOG)
                sieve_refuse_prolog(sieve,
                        sieve->state == STATE_TAG || sieve->state == STATE_TAG_REST
                                ? "a document without a root"
                                : "an empty document");
        else if (sieve->stage == STAGE_BEHIND) {
                sieve_close_root(sieve);
                sieve_flush(sieve);
        } else
                sieve_warn(sieve,
                        sieve->root ? "the document is cut off, what is incomplete is ignored"
                                    : "the feed is cut off, what is incomplete is ignored",
                        NULL);
        return sieve->error < 0 ? sieve->error : 0;
}
