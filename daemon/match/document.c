/* SPDX-License-Identifier: MIT */

#include "match/document.h"

#include <errno.h>

#include "base/buffer.h"
#include "base/str.h"
#include "text/fold.h"
#include "text/utf8.h"

/* A stretch of a text that somebody else owns. */
typedef struct Piece {
        const char *text;
        size_t n_bytes;
} Piece;

static Piece piece_of(const char *text) {
        return (Piece){ strempty(text), strlen(strempty(text)) };
}

static bool is_word_at(const char *s, size_t n_bytes) {
        uint32_t c;

        if (n_bytes == 0)
                return false;

        (void) utf8_decode(s, n_bytes, &c);
        return fold_is_word_char(c);
}

/* --- the summary --- */

/* How much of it is summary: whole words, at most SUMMARY_CHARS_MAX characters. A script without
 * spaces is cut where the limit falls. */
static size_t summary_cut(Piece summary) {
        size_t at = 0, end;
        unsigned n_back = 0;

        for (unsigned n = 0; n < SUMMARY_CHARS_MAX && at < summary.n_bytes; n++) {
                uint32_t c;

                at += utf8_decode(summary.text + at, summary.n_bytes - at, &c);
        }
        if (at == summary.n_bytes)
                return at;

        for (end = at; end > 0 && !ascii_isspace(summary.text[end]); end--)
                if (((unsigned char) summary.text[end] & 0xC0) != 0x80 && ++n_back > WORD_CHARS_MAX)
                        return at;
        return end > 0 ? end : at;
}

/* The summary without white space and dots of omission at its end: "...", "[...]" and the like. */
static Piece summary_stem(Piece summary, bool *ret_cut) {
        static const char *const ends[] = { " ", "\n", "...", "…", "[...]", "[…]", "(...)", "(…)" };
        bool again = true;

        *ret_cut = false;
        while (again) {
                again = false;
                for (size_t i = 0; i < ELEMENTSOF(ends); i++) {
                        size_t n = strlen(ends[i]);

                        if (summary.n_bytes < n ||
                                memcmp(summary.text + summary.n_bytes - n, ends[i], n) != 0)
                                continue;
                        summary.n_bytes -= n;
                        *ret_cut = *ret_cut || n > 1;
                        again = true;
                }
        }

        return summary;
}

/* Where @text has the text of @summary: the offset and *ret_n_bytes, or SIZE_MAX. A short one only
 * counts at the beginning, and must end with a word unless its end was cut off. */
static size_t find_summary(Piece text, Piece summary, size_t *ret_n_bytes) {
        const char *found;
        size_t end;
        bool cut;

        summary = summary_stem(summary, &cut);
        if (summary.n_bytes == 0 || summary.n_bytes > text.n_bytes)
                return SIZE_MAX;

        if (memcmp(text.text, summary.text, summary.n_bytes) == 0)
                found = text.text;
        else if (summary.n_bytes >= SAME_TEXT_BYTES_MIN)
                found = memmem(text.text, text.n_bytes, summary.text, summary.n_bytes);
        else
                found = NULL;
        if (!found)
                return SIZE_MAX;

        end = (size_t) (found - text.text) + summary.n_bytes;
        if (!cut && is_word_at(text.text + end, text.n_bytes - end))
                return SIZE_MAX;

        *ret_n_bytes = summary.n_bytes;
        return (size_t) (found - text.text);
}

/* --- sentences --- */

typedef struct Sentences {
        uint64_t *hashes; /* sorted once complete */
        size_t n_hashes, n_allocated;
} Sentences;

static void sentences_done(Sentences *s) {
        free(s->hashes);
        *s = (Sentences){};
}

/* Bytes of the sentence that @piece begins with, its full stop included, and a hash of its letters;
 * 0 for a sentence too short to be known again. */
static size_t sentence_scan(Piece piece, uint64_t *ret_hash) {
        uint64_t hash = UINT64_C(0xcbf29ce484222325);
        size_t n_letters = 0, at = 0;

        while (at < piece.n_bytes) {
                unsigned char c = (unsigned char) piece.text[at++];

                if (c == '.' || c == '!' || c == '?' || c == '\n' || c == FIELD_LIST_SEPARATOR)
                        break;
                if (c < 0x80 && !ascii_isalpha((char) c) && !ascii_isdigit((char) c))
                        continue;
                hash = (hash ^ c) * UINT64_C(0x100000001b3);
                n_letters++;
        }

        *ret_hash = n_letters < SAME_TEXT_BYTES_MIN ? 0 : hash | 1;
        return at;
}

static int hash_compare(const void *a, const void *b) {
        uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

        return x < y ? -1 : x > y;
}

static int sentences_add(Sentences *s, Piece piece) {
        while (piece.n_bytes > 0) {
                uint64_t hash;
                size_t n = sentence_scan(piece, &hash);

                if (ARRAY_GROW(s->hashes, s->n_allocated, s->n_hashes + 1) < 0)
                        return -ENOMEM;
                if (hash)
                        s->hashes[s->n_hashes++] = hash;
                piece.text += n;
                piece.n_bytes -= n;
        }

        if (s->n_hashes > 0)
                qsort(s->hashes, s->n_hashes, sizeof(uint64_t), hash_compare);
        return 0;
}

static bool sentences_have(const Sentences *s, uint64_t hash) {
        return hash && s->n_hashes > 0 &&
                bsearch(&hash, s->hashes, s->n_hashes, sizeof(uint64_t), hash_compare);
}

/* --- the body --- */

typedef struct Body {
        Buffer *buffer;
        size_t start; /* where it begins in the buffer */
        bool gap;     /* what is appended next does not continue what is there */
} Body;

static int body_append(Body *body, Piece piece) {
        int r;

        if (piece.n_bytes == 0)
                return 0;
        if (body->gap && body->buffer->n_bytes > body->start) {
                r = buffer_append_char(body->buffer, FIELD_LIST_SEPARATOR);
                if (r < 0)
                        return r;
        }

        body->gap = false;
        return buffer_append(body->buffer, piece.text, piece.n_bytes);
}

/* Appends the sentences of @piece that are not among @known. */
static int body_add_sentences(Body *body, Piece piece, const Sentences *known) {
        body->gap = true;
        while (piece.n_bytes > 0) {
                uint64_t hash;
                size_t n = sentence_scan(piece, &hash);
                int r;

                if (sentences_have(known, hash))
                        body->gap = true;
                else {
                        r = body_append(body, (Piece){ piece.text, n });
                        if (r < 0)
                                return r;
                }
                piece.text += n;
                piece.n_bytes -= n;
        }

        return 0;
}

/* Appends @text, less the summary and what is known. */
static int body_add_text(Body *body, Piece text, Piece summary, const Sentences *known) {
        size_t n_found, at;
        int r;

        at = find_summary(text, summary, &n_found);
        if (at == SIZE_MAX)
                return body_add_sentences(body, text, known);

        r = body_add_sentences(body, (Piece){ text.text, at }, known);
        if (r < 0)
                return r;
        at += n_found;
        return body_add_sentences(body, (Piece){ text.text + at, text.n_bytes - at }, known);
}

static int body_make(Buffer *b, const DocumentSource *source, Piece summary, Piece rest) {
        _cleanup_(sentences_done) Sentences of_summary = {}, of_both = {};
        Piece page = piece_of(source->page_text);
        Body body = { .buffer = b, .start = b->n_bytes };
        int r;

        r = sentences_add(&of_summary, summary);
        if (r < 0)
                return r;
        r = sentences_add(&of_both, summary);
        if (r < 0)
                return r;
        r = sentences_add(&of_both, page);
        if (r < 0)
                return r;

        r = body_append(&body, rest);
        if (r < 0)
                return r;
        r = body_add_text(&body, piece_of(source->content), summary, &of_both);
        if (r < 0)
                return r;
        return body_add_text(&body, page, summary, &of_summary);
}

static bool has_words(const char *s) {
        size_t n_bytes = strlen(s);

        for (size_t at = 0; at < n_bytes;) {
                uint32_t c;

                at += utf8_decode(s + at, n_bytes - at, &c);
                if (fold_is_word_char(c))
                        return true;
        }

        return false;
}

int document_make(
        const DocumentSource *source, Document *ret, BodyState *ret_body, char **ret_buffer) {
        _cleanup_(buffer_done) Buffer b = {};
        Piece summary = piece_of(source->summary), rest;
        size_t cut = summary_cut(summary), start;
        char *text;
        int r;

        /* One allocation: the summary, a NUL, the body. */
        rest = (Piece){ summary.text + cut, summary.n_bytes - cut };
        r = buffer_append(&b, summary.text, cut);
        if (r < 0)
                return r;
        r = buffer_append_char(&b, '\0');
        if (r < 0)
                return r;
        start = b.n_bytes;
        r = body_make(&b, source, summary, rest);
        if (r < 0)
                return r;
        text = buffer_take(&b);
        if (!text)
                return -ENOMEM;

        *ret = (Document){ .text = {
                                   [FIELD_TITLE] = source->title,
                                   [FIELD_SUMMARY] = text,
                                   [FIELD_CATEGORY] = source->categories,
                                   [FIELD_AUTHOR] = source->authors,
                                   [FIELD_BODY] = text + start,
                                   [FIELD_FEED] = source->feed,
                           } };
        *ret_body = !isempty(source->page_text) ? BODY_PAGE
                : has_words(text + start)       ? BODY_FEED
                                                : BODY_NOT_GIVEN;
        *ret_buffer = text;
        return 0;
}

bool document_is_lead(const DocumentSource *source) {
        Piece summary = piece_of(source->summary), content = piece_of(source->content);
        size_t n_chars, n_found;

        n_chars = utf8_n_chars(summary.text, summary.n_bytes) +
                utf8_n_chars(content.text, content.n_bytes);
        if (find_summary(content, summary, &n_found) != SIZE_MAX)
                n_chars -= utf8_n_chars(summary.text, n_found);
        return n_chars <= SUMMARY_CHARS_MAX;
}
