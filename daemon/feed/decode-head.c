/* SPDX-License-Identifier: MIT */

/* First of all a byte order mark tells, then the Content-Type, then the declaration (RFC
 * 7303, 3.2), each as far as the bytes can bear it out: a declaration that reads as ASCII is not in
 * UTF-16, and a mark of UTF-16 in front of ASCII is none. Without a mark, the zeros around the
 * first characters give UTF-16 and UTF-32 away, since XML begins with two of ASCII, and "<?xml" in
 * the code of mainframes is like nothing else (XML 1.0, appendix F). */

#include "feed/decode-head.h"

#include <errno.h>
#include <strings.h>

#include "base/str.h"
#include "feed/decode.h"
#include "text/charset.h"

static const struct {
        const char *magic;
        size_t n_bytes;
        const char *name;
} binaries[] = {
        { "\x89PNG", 4, "a PNG image" },
        { "GIF8", 4, "a GIF image" },
        { "\xFF\xD8\xFF", 3, "a JPEG image" },
        { "RIFF", 4, "an image or a sound" },
        { "\0\0\1\0", 4, "an icon" },
        { "%PDF-", 5, "a PDF document" },
        { "PK\3\4", 4, "a ZIP archive" },
        { "\x1F\x8B", 2, "a gzip archive" },
        { "\x7F"
          "ELF",
                4, "a program" },
};

/* --- the declaration --- */

/* Finds the XML declaration, also behind stray text; *ret_complete: no more bytes would change the
 * answer. */
static const char *head_declaration(const Buffer *head, bool *ret_complete) {
        const char *s = buffer_str(head), *end = s + head->n_bytes;

        *ret_complete = head->n_bytes >= DECODE_HEAD_BYTES_MAX;
        for (const char *p = s; (p = memchr(p, '<', (size_t) (end - p))); p++) {
                if (end - p < 5)
                        return NULL;
                if (strncasecmp(p, "<?xml", 5) == 0) {
                        if (memchr(p, '>', (size_t) (end - p)))
                                *ret_complete = true;
                        return p;
                }
                if (ascii_isalpha(p[1])) {
                        *ret_complete = true;
                        return NULL;
                }
        }

        return NULL;
}

/* The value of encoding="..." into @label; false without one. */
static bool declaration_encoding(const char *p, const char *end, char label[static 64]) {
        const char *stop;
        size_t n;
        char quote;

        stop = memchr(p, '>', (size_t) (end - p));
        if (!stop)
                stop = end;
        p = memmem(p, (size_t) (stop - p), "encoding", 8);
        if (!p)
                return false;

        for (p += 8; p < stop && (ascii_isspace(*p) || *p == '='); p++)
                ;
        if (p == stop || (*p != '"' && *p != '\''))
                return false;
        quote = *p++;
        stop = memchr(p, quote, (size_t) (stop - p));
        if (!stop)
                return false;

        n = MIN((size_t) (stop - p), (size_t) 63);
        memcpy(label, p, n);
        label[n] = '\0';
        return true;
}

/* --- what the bytes say --- */

static bool is_ascii_text(uint8_t c) {
        return (c >= ' ' && c < 0x7F) || c == '\t' || c == '\n' || c == '\r';
}

/* UTF-16 and UTF-32 without a mark. */
static const char *head_wide(const Buffer *head) {
        const uint8_t *s = (const uint8_t *) buffer_str(head);
        const bool first = is_ascii_text(s[0]), second = is_ascii_text(s[1]),
                   third = is_ascii_text(s[2]), fourth = is_ascii_text(s[3]);

        if (first && !s[1] && !s[2] && !s[3])
                return "utf-32le";
        if (!s[0] && !s[1] && !s[2] && fourth)
                return "utf-32be";
        if (first && !s[1] && third && !s[3])
                return "utf-16le";
        if (!s[0] && second && !s[2] && fourth)
                return "utf-16be";
        return NULL;
}

/* Converts the beginning of the head by @name into @out, cut to a length that tells. */
static int head_convert(const Buffer *head, const char *name, Buffer *out) {
        _cleanup_(charset_freep) Charset *charset = NULL;
        int r;

        r = charset_new(name, &charset);
        if (r < 0)
                return r;
        return charset_convert(
                charset, head->data, MIN(head->n_bytes, (size_t) DECODE_HEAD_BYTES_MAX), out);
}

/* Does this charset leave ASCII as it is? 1, 0 or -ENOMEM. */
static int reads_ascii(const char *name) {
        static const char probe[] = "<?xml\n";
        const Buffer head = { .data = (char *) probe, .n_bytes = sizeof(probe) - 1 };
        _cleanup_(buffer_done) Buffer out = {};
        int r;

        r = head_convert(&head, name, &out);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        return streq(buffer_str(&out), probe);
}

/* The code of mainframes, of which the declaration tells the page. */
static int guess_ebcdic(const Buffer *head, DecodeGuess *ret) {
        _cleanup_(buffer_done) Buffer text = {};
        const char *name = NULL;
        char label[64];
        int r;

        r = head_convert(head, "ibm037", &text);
        if (r < 0)
                return r;
        if (declaration_encoding(buffer_str(&text), buffer_str(&text) + text.n_bytes, label))
                name = charset_from_label(label);
        if (name) {
                r = reads_ascii(name);
                if (r < 0)
                        return r;
                if (r > 0)
                        name = NULL;
        }

        ret->name = name ?: "ibm037";
        ret->ebcdic = true;
        return 1;
}

/* --- all together --- */

/* The canonical name of a label that fits bytes which read as ASCII. 1, 0 (no such charset, or not
 * that) or -ENOMEM. */
static int label_name(const char *label, const char **ret) {
        int r;

        *ret = charset_from_label(label);
        if (!*ret)
                return 0;
        r = streq(*ret, "utf-8") ? 1 : reads_ascii(*ret);
        if (r <= 0)
                *ret = NULL;
        return r;
}

static int guess_named(const Buffer *head, const char *declaration, const char *content_type,
        Warnings *warnings, DecodeGuess *ret) {
        const char *told = NULL, *declared = NULL;
        char label[64];
        int r;

        if (content_type && charset_from_content_type(content_type, label)) {
                r = label_name(label, &told);
                if (r < 0)
                        return r;
                if (!told)
                        warnings_add(warnings, 0,
                                "the Content-Type's charset is unknown or impossible, ignoring it",
                                label);
        }
        if (declaration &&
                declaration_encoding(declaration, buffer_str(head) + head->n_bytes, label)) {
                r = label_name(label, &declared);
                if (r < 0)
                        return r;
                if (!declared && !told)
                        warnings_add(warnings, 1,
                                "the declared encoding is unknown or impossible, reading as UTF-8",
                                label);
        }

        ret->name = told ?: declared ?: "utf-8";
        if (streq(ret->name, "utf-8")) {
                if (declared && !streq(declared, "utf-8"))
                        ret->fallback = declared;
        } else if (streq(ret->name, "windows-1252") || streq(ret->name, "windows-1254") ||
                (told && declared && streq(declared, "utf-8")))
                ret->n_doubt = DECODE_DOUBT_WESTERN;
        else if (!startswith(ret->name, "iso-2022")) /* all of it is ASCII */
                ret->n_doubt = DECODE_DOUBT_OTHER;
        return 1;
}

int decode_guess(const Buffer *head, const char *content_type, bool final, Warnings *warnings,
        DecodeGuess *ret) {
        const char *data = head->data, *declaration;
        bool complete, false_mark;

        *ret = (DecodeGuess){ .name = "utf-8" };
        if (head->n_bytes < 8) {
                if (!final)
                        return 0;
                if (head->n_bytes < 4)
                        return guess_named(head, NULL, content_type, warnings, ret);
        }

        for (size_t i = 0; i < ELEMENTSOF(binaries); i++)
                if (head->n_bytes >= binaries[i].n_bytes &&
                        memcmp(data, binaries[i].magic, binaries[i].n_bytes) == 0)
                        ret->binary = binaries[i].name;

        ret->name = charset_from_bom(data, head->n_bytes, &ret->n_mark);
        false_mark = ret->name && ret->n_mark == 2 && head->n_bytes >= 6;
        for (size_t i = 2; i < 6 && false_mark; i++)
                false_mark = is_ascii_text((uint8_t) data[i]);
        if (ret->name && !false_mark)
                return 1;

        ret->name = head_wide(head);
        if (ret->name)
                return 1;
        if (memcmp(data, "\x4C\x6F\xA7\x94", 4) == 0)
                return guess_ebcdic(head, ret);

        declaration = head_declaration(head, &complete);
        if (!complete && !final)
                return 0;
        if (false_mark)
                warnings_add(warnings, 1,
                        "a byte order mark of UTF-16 before what is not in it, ignoring it", NULL);
        return guess_named(head, declaration, content_type, warnings, ret);
}
