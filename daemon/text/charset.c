/* SPDX-License-Identifier: MIT */

/* A stream of bytes comes in pieces that end anywhere. What is left of a character at the end of a
 * piece waits in `pending`; when the next piece comes, it is put in front of just enough new bytes
 * to finish that character, and the rest is converted where it lies.
 *
 * UTF-8 is mended by text/utf8.h, and charset-tables.c has what iconv does not know. Everything
 * else goes through iconv, which stops at each byte it cannot read: that becomes U+FFFD, one unit
 * is skipped, and it goes on. */

#include "text/charset.h"

#include <errno.h>
#include <iconv.h>
#include <strings.h>

#include "base/str.h"
#include "text/charset-labels.h"
#include "text/utf8.h"

/* More than the longest character or escape sequence of any charset we know (ISO-2022-JP: 4). */
#define PENDING_BYTES_MAX 16

struct Charset {
        const uint16_t *table;
        iconv_t iconv; /* (iconv_t) -1: by the table, or UTF-8 */
        size_t n_unit_bytes;
        uint64_t n_replaced;
        size_t n_pending;
        char pending[PENDING_BYTES_MAX];
};

const char *charset_from_label(const char *label) {
        const CharsetLabel *found = charset_label_find(label);

        return found ? found->name : NULL;
}

/* The value of a parameter (RFC 9110, 5.6.6), quoted or not, cut to fit. */
static void copy_parameter(const char *value, char label[static 64]) {
        const bool quoted = *value == '"' || *value == '\'';
        const char quote = quoted ? *value++ : '\0';
        size_t n = 0;

        for (; *value != '\0' && n < 63; value++) {
                if (quoted ? *value == quote : (*value == ';' || ascii_isspace(*value)))
                        break;
                label[n++] = *value;
        }
        label[n] = '\0';
}

bool charset_from_content_type(const char *content_type, char label[static 64]) {
        for (const char *s = strchr(content_type, ';'); s; s = strchr(s, ';')) {
                s++;
                while (ascii_isspace(*s))
                        s++;
                if (strncasecmp(s, "charset", 7) != 0)
                        continue;
                s += 7;
                while (ascii_isspace(*s))
                        s++;
                if (*s != '=')
                        continue;
                s++;
                while (ascii_isspace(*s))
                        s++;

                copy_parameter(s, label);
                return label[0] != '\0';
        }

        return false;
}

const char *charset_from_bom(const void *p, size_t n_bytes, size_t *ret_n_bom) {
        /* UTF-32's marks begin as UTF-16's do, so they come first. */
        static const struct {
                const char *bom, *name;
                size_t n_bom;
        } boms[] = {
                { "\xFF\xFE\0\0", "utf-32le", 4 },
                { "\0\0\xFE\xFF", "utf-32be", 4 },
                { "\xEF\xBB\xBF", "utf-8", 3 },
                { "\xFF\xFE", "utf-16le", 2 },
                { "\xFE\xFF", "utf-16be", 2 },
        };

        for (size_t i = 0; i < ELEMENTSOF(boms); i++)
                if (n_bytes >= boms[i].n_bom && memcmp(p, boms[i].bom, boms[i].n_bom) == 0) {
                        *ret_n_bom = boms[i].n_bom;
                        return boms[i].name;
                }

        return NULL;
}

int charset_new(const char *name, Charset **ret) {
        _cleanup_(charset_freep) Charset *charset = NULL;
        const CharsetLabel *label;

        charset = new0(Charset, 1);
        if (!charset)
                return -ENOMEM;

        charset->iconv = (iconv_t) -1;
        charset->n_unit_bytes = 1;
        if (startswith(name, "utf-16"))
                charset->n_unit_bytes = 2;
        else if (startswith(name, "utf-32"))
                charset->n_unit_bytes = 4;

        if (!streq(name, "utf-8")) {
                label = charset_label_find(name);
                if (!label)
                        return -EOPNOTSUPP;
                if (label->iconv_name)
                        charset->iconv = iconv_open("UTF-8", label->iconv_name);
                else
                        charset->table = charset_table_find(name);
                if (charset->iconv == (iconv_t) -1 && !charset->table)
                        return errno == ENOMEM ? -ENOMEM : -EOPNOTSUPP;
        }

        *ret = TAKE_PTR(charset);
        return 0;
}

Charset *charset_free(Charset *charset) {
        if (!charset)
                return NULL;

        if (charset->iconv != (iconv_t) -1)
                (void) iconv_close(charset->iconv);
        return mfree(charset);
}

static int charset_replace(Charset *charset, Buffer *out) {
        charset->n_replaced++;
        return buffer_append(out, "\xEF\xBF\xBD", 3);
}

/* How many bytes at the end of @s begin a code point that may go on in the next piece. */
static size_t utf8_n_unfinished(const char *s, size_t n_bytes) {
        for (size_t n = 1; n <= 3 && n <= n_bytes; n++) {
                const unsigned char c = (unsigned char) s[n_bytes - n];
                uint32_t codepoint;

                if ((c & 0xC0) == 0x80)
                        continue;
                /* A lead byte: unfinished when all that follows is its part, and not all of it. */
                if (c < 0xC2 || c > 0xF4 || utf8_decode(s + n_bytes - n, n, &codepoint) < n)
                        return 0;
                return n < (c < 0xE0 ? 2u : c < 0xF0 ? 3u : 4u) ? n : 0;
        }

        return 0;
}

/* Converts what is whole of @s; says how many bytes that were. */
static int charset_step_utf8(
        Charset *charset, const char *s, size_t n_bytes, Buffer *out, size_t *ret_n_used) {
        *ret_n_used = n_bytes - utf8_n_unfinished(s, n_bytes);
        return utf8_append_mended_count(out, s, *ret_n_used, &charset->n_replaced);
}

static int charset_step_table(
        Charset *charset, const char *s, size_t n_bytes, Buffer *out, size_t *ret_n_used) {
        for (size_t i = 0; i < n_bytes; i++) {
                const unsigned char c = (unsigned char) s[i];
                const uint32_t codepoint = c < 0x80 ? c : charset->table[c - 0x80];
                char utf8[4];
                const size_t n_utf8 = utf8_encode(codepoint, utf8);
                int r;

                if (codepoint == 0 && c != 0)
                        r = charset_replace(charset, out);
                else
                        r = buffer_append(out, utf8, n_utf8);
                if (r < 0)
                        return r;
        }

        *ret_n_used = n_bytes;
        return 0;
}

static int charset_step_iconv(
        Charset *charset, const char *s, size_t n_bytes, Buffer *out, size_t *ret_n_used) {
        char *in = (char *) s;
        size_t n_in = n_bytes;
        int r;

        while (n_in > 0) {
                char converted[8192], *to = converted;
                size_t n_to = sizeof(converted);
                int error = 0;

                if (iconv(charset->iconv, &in, &n_in, &to, &n_to) == (size_t) -1)
                        error = errno;
                r = buffer_append(out, converted, (size_t) (to - converted));
                if (r < 0)
                        return r;
                if (error == 0 || error == E2BIG)
                        continue;
                if (error == EINVAL && n_in < PENDING_BYTES_MAX)
                        break;

                r = charset_replace(charset, out);
                if (r < 0)
                        return r;
                in += MIN(n_in, charset->n_unit_bytes);
                n_in -= MIN(n_in, charset->n_unit_bytes);
        }

        *ret_n_used = n_bytes - n_in;
        return 0;
}

static int charset_step(
        Charset *charset, const char *s, size_t n_bytes, Buffer *out, size_t *ret_n_used) {
        if (charset->table)
                return charset_step_table(charset, s, n_bytes, out, ret_n_used);
        return charset->iconv == (iconv_t) -1
                ? charset_step_utf8(charset, s, n_bytes, out, ret_n_used)
                : charset_step_iconv(charset, s, n_bytes, out, ret_n_used);
}

/* Tops `pending` up from the new bytes until the character that waits there is done with. Says how
 * many of the new bytes that took. */
static int charset_finish_pending(
        Charset *charset, const char *s, size_t n_bytes, Buffer *out, size_t *ret_n_used) {
        size_t n_used = 0, n_converted = 0;
        int r;

        while (charset->n_pending > 0 && n_used < n_bytes) {
                charset->pending[charset->n_pending++] = s[n_used++];
                r = charset_step(charset, charset->pending, charset->n_pending, out, &n_converted);
                if (r < 0)
                        return r;
                charset->n_pending -= n_converted;
                memmove(charset->pending, charset->pending + n_converted, charset->n_pending);
        }

        *ret_n_used = n_used;
        return 0;
}

int charset_convert(Charset *charset, const void *p, size_t n_bytes, Buffer *out) {
        const char *s = p;
        size_t n_used;
        int r;

        r = charset_finish_pending(charset, s, n_bytes, out, &n_used);
        if (r < 0)
                return r;
        s += n_used;
        n_bytes -= n_used;
        if (n_bytes == 0)
                return 0;

        r = charset_step(charset, s, n_bytes, out, &n_used);
        if (r < 0)
                return r;

        charset->n_pending = n_bytes - n_used;
        memcpy(charset->pending, s + n_used, charset->n_pending);
        return 0;
}

int charset_finish(Charset *charset, Buffer *out) {
        char converted[64], *to = converted;
        size_t n_to = sizeof(converted);
        int r;

        /* Some charsets (windows-1258) hold a letter back until they know that no accent follows.
         */
        if (charset->iconv != (iconv_t) -1) {
                (void) iconv(charset->iconv, NULL, NULL, &to, &n_to);
                r = buffer_append(out, converted, (size_t) (to - converted));
                if (r < 0)
                        return r;
        }

        if (charset->n_pending == 0)
                return 0;
        charset->n_pending = 0;
        return charset_replace(charset, out);
}

uint64_t charset_n_replaced(const Charset *charset) {
        return charset->n_replaced;
}
