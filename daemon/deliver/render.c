/* SPDX-License-Identifier: MIT */

#include "deliver/render.h"

#include <errno.h>
#include <utf8proc.h>

#include "base/url.h"
#include "model/verdict.h"
#include "text/markup.h"
#include "text/utf8.h"

/* U+2026, one UTF-16 unit. */
#define ELLIPSIS "\xe2\x80\xa6"

/* A sentence of explanation, not a report; each dialect cuts it further where it must. */
#define REASON_BYTES_MAX ((size_t) 600)

/* The longest of them, "&amp;", or a backslash before a code point. */
#define ESCAPED_BYTES_MAX 5

static const char *entity_of(uint32_t codepoint) {
        switch (codepoint) {
        case '&':
                return "&amp;";
        case '<':
                return "&lt;";
        case '>':
                return "&gt;";
        default:
                return NULL;
        }
}

/* @next is the code point behind it (0: the end); @first says that the text starts here, where
 * Markdown looks for headings, quotes and lists. */
static bool markdown_reads(uint32_t codepoint, uint32_t next, bool first) {
        if (codepoint == 0 || codepoint >= 0x80)
                return false;

        /* ":name:" is an emoji, "Kosovo: a headline" is none. */
        if (codepoint == ':')
                return next < 0x80 &&
                        (next == '_' || ascii_isalpha((char) next) || ascii_isdigit((char) next));

        return strchr("\\*_~|`<>[]()@", (int) codepoint) ||
                (first && strchr("#-+", (int) codepoint));
}

/* What stands for @codepoint in the markup; returns its bytes. */
static size_t escape_codepoint(RenderEscape escape, uint32_t codepoint, uint32_t next, bool first,
        char out[static ESCAPED_BYTES_MAX]) {
        const char *entity = escape == RENDER_SLACK ? entity_of(codepoint) : NULL;
        size_t n = 0;

        if (entity) {
                n = strlen(entity);
                memcpy(out, entity, n);
                return n;
        }

        if (escape == RENDER_DISCORD && markdown_reads(codepoint, next, first))
                out[n++] = '\\';
        return n + utf8_encode(codepoint, out + n);
}

static int clean(const char *text, Buffer *out) {
        _cleanup_(buffer_done) Buffer mended = {};
        size_t n_bytes = strlen(text);
        int r;

        if (!utf8_is_valid(text, n_bytes)) {
                r = utf8_append_mended(&mended, text, n_bytes);
                if (r < 0)
                        return r;
                text = buffer_str(&mended);
                n_bytes = mended.n_bytes;
        }

        return text_fold_space(text, n_bytes, out);
}

int render_text(Buffer *b, const char *text, RenderEscape escape, size_t n_utf16_max) {
        _cleanup_(buffer_done) Buffer cleaned = {};
        size_t n_units = 0, n_bytes_safe = b->n_bytes, n;
        uint32_t codepoint, previous = 0;
        int32_t state = 0;
        int r;

        if (!text)
                return 0;

        r = clean(text, &cleaned);
        if (r < 0)
                return r;

        for (size_t at = 0; at < cleaned.n_bytes; at += n) {
                char piece[ESCAPED_BYTES_MAX];
                size_t n_piece;
                uint32_t next = 0;

                n = utf8_decode(cleaned.data + at, cleaned.n_bytes - at, &codepoint);
                if (at + n < cleaned.n_bytes)
                        (void) utf8_decode(cleaned.data + at + n, cleaned.n_bytes - at - n, &next);

                /* The last place at which a cut leaves room for the ellipsis and no letter without
                 * its marks, no emoji in halves (UAX 29 grapheme clusters). */
                if (at > 0 &&
                        utf8proc_grapheme_break_stateful((utf8proc_int32_t) previous,
                                (utf8proc_int32_t) codepoint, &state) &&
                        n_units < n_utf16_max)
                        n_bytes_safe = b->n_bytes;
                previous = codepoint;

                n_piece = escape_codepoint(escape, codepoint, next, at == 0, piece);
                n_units += utf8_n_utf16(piece, n_piece);
                if (n_units > n_utf16_max) {
                        buffer_truncate(b, n_bytes_safe);
                        return n_utf16_max > 0 ? buffer_append_str(b, ELLIPSIS) : 0;
                }

                r = buffer_append(b, piece, n_piece);
                if (r < 0)
                        return r;
        }

        return 0;
}

json_t *render_string(const char *text, RenderEscape escape, size_t n_utf16_max) {
        _cleanup_(buffer_done) Buffer b = {};

        if (render_text(&b, text, escape, n_utf16_max) < 0)
                return NULL;

        return b.n_bytes > 0 ? json_stringn(b.data, b.n_bytes) : json_null();
}

int render_link(Buffer *b, const char *url, size_t n_bytes_max) {
        static const char digits[] = "0123456789ABCDEF";
        size_t n_before = b->n_bytes, n_authority;
        int r;

        if (!url)
                return 0;

        r = url_check_fetchable(url);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return 0;

        /* A host in letters that are not ASCII is not ours to rewrite, and may not be what it looks
         * like. */
        n_authority = strcspn(url, ":") + strlen("://");
        n_authority += strcspn(url + n_authority, "/?#");

        for (const char *c = url; *c; c++) {
                unsigned char byte = (unsigned char) *c;

                if (byte > ' ' && byte < 0x7f && !strchr("<>|\"`\\^{}", byte))
                        r = buffer_append_char(b, *c);
                else if ((size_t) (c - url) < n_authority) {
                        buffer_truncate(b, n_before);
                        return 0;
                } else
                        r = buffer_append(
                                b, (char[]){ '%', digits[byte >> 4], digits[byte & 15] }, 3);
                if (r < 0)
                        return r;
        }

        if (b->n_bytes - n_before > n_bytes_max)
                buffer_truncate(b, n_before);
        return 0;
}

json_t *render_link_string(const char *url, size_t n_bytes_max) {
        _cleanup_(buffer_done) Buffer b = {};

        if (render_link(&b, url, n_bytes_max) < 0)
                return NULL;

        return b.n_bytes > 0 ? json_stringn(b.data, b.n_bytes) : json_null();
}

json_t *render_time(usec_t t) {
        const char *s = FORMAT_RFC3339(t);

        return s ? json_string(s) : json_null();
}

char *render_reason(const Alert *alert) {
        return verdict_reason(&alert->verdict, REASON_BYTES_MAX);
}

char *render_title(AlertType type, const Alert *alert) {
        _cleanup_(buffer_done) Buffer b = {};

        if (type == ALERT_TEST && buffer_append_str(&b, "[Test] ") < 0)
                return NULL;

        if (alert->story.title) {
                size_t n_before = b.n_bytes;

                if (clean(alert->story.title, &b) < 0)
                        return NULL;
                if (b.n_bytes > n_before)
                        return buffer_take(&b);
        }

        return buffer_append_str(&b, "(no title)") < 0 ? NULL : buffer_take(&b);
}

const char *render_profile(const Alert *alert) {
        return isempty(alert->profile_title) ? strempty(alert->profile) : alert->profile_title;
}
