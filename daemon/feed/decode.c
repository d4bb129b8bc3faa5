/* SPDX-License-Identifier: MIT */

/* The head of the feed is held back until it tells the charset; from then on bytes go straight
 * through.
 *
 * Three lies are common enough to be looked for. (1) "UTF-8" that holds bytes of an old editor:
 * each byte that is no part of a character is read as windows-1252, as its author saw it, unless
 * it begins a character that was cut in a feed that is UTF-8 otherwise: that becomes U+FFFD. (2)
 * "ISO-8859-1", often a server's default, on what is UTF-8: the first byte over 127 decides, since
 * text in a Western charset does not begin with a valid sequence of UTF-8 but by rare accident. (3)
 * "UTF-16" in a declaration that is itself readable as ASCII, which makes it false. */

#include "feed/decode.h"

#include <errno.h>

#include "base/str.h"
#include "text/bytes.h"
#include "text/charset.h"
#include "text/utf8.h"

struct Decoder {
        Warnings *warnings;
        char *content_type;
        Buffer head;      /* until the charset is known */
        Buffer held, out; /* a character cut by the end of a chunk; what is lent */
        bool decided, doubtful;
        bool seen_utf8; /* characters of more than a byte */
        const char *name, *binary;
        Charset *charset; /* NULL: UTF-8 */
};

/* What windows-1252 means by 0x80 to 0x9F; 0 is not assigned. */
static const uint16_t windows1252[32] = {
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, /* */
        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,      /* */
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, /* */
        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178, /* */
};

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

int decoder_new(const char *content_type, Warnings *warnings, Decoder **ret) {
        _cleanup_(decoder_freep) Decoder *decoder = NULL;

        decoder = new0(Decoder, 1);
        if (!decoder)
                return -ENOMEM;

        decoder->warnings = warnings;
        if (content_type) {
                decoder->content_type = strdup(content_type);
                if (!decoder->content_type)
                        return -ENOMEM;
        }

        *ret = TAKE_PTR(decoder);
        return 0;
}

Decoder *decoder_free(Decoder *decoder) {
        if (!decoder)
                return NULL;

        charset_free(decoder->charset);
        buffer_done(&decoder->head);
        buffer_done(&decoder->held);
        buffer_done(&decoder->out);
        free(decoder->content_type);
        return mfree(decoder);
}

const char *decoder_binary(const Decoder *decoder) {
        return decoder->binary;
}

/* Finds the XML declaration in the head, also behind stray text; *ret_complete: no more bytes would
 * change the answer. */
static const char *head_declaration(const Buffer *head, bool *ret_complete) {
        const char *s = buffer_str(head), *end = s + head->n_bytes;

        *ret_complete = head->n_bytes >= DECODE_HEAD_BYTES_MAX;
        for (const char *p = s; (p = memchr(p, '<', (size_t) (end - p))); p++) {
                if (end - p < 5)
                        return NULL;
                if (memcmp(p, "<?xml", 5) == 0) {
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

static const char *head_utf16(const Buffer *head) {
        const char *s = buffer_str(head);

        if (head->n_bytes < 4)
                return NULL;
        if (s[0] == '<' && s[1] == '\0' && s[2] != '\0' && s[3] == '\0')
                return charset_from_label("utf-16le");
        if (s[0] == '\0' && s[1] == '<' && s[2] == '\0' && s[3] != '\0')
                return charset_from_label("utf-16be");
        return NULL;
}

static bool is_wide(const char *name) {
        return startswith_nocase(name, "utf-16") || startswith_nocase(name, "utf-32");
}

/* The charset's canonical name by Content-Type, then by declaration. */
static const char *decoder_named(Decoder *decoder, const char *declaration) {
        const char *end = buffer_str(&decoder->head) + decoder->head.n_bytes, *name;
        char label[64];

        if (decoder->content_type && charset_from_content_type(decoder->content_type, label)) {
                name = charset_from_label(label);
                if (name && !is_wide(name))
                        return name;
                warnings_add(decoder->warnings, 0,
                        "the Content-Type's charset is unknown or impossible, ignoring it", label);
        }

        if (declaration && declaration_encoding(declaration, end, label)) {
                name = charset_from_label(label);
                if (name && !is_wide(name))
                        return name;
                warnings_add(decoder->warnings, 1,
                        "the declared encoding is unknown or impossible, reading as UTF-8", label);
        }

        return "utf-8";
}

/* Decides, when the head suffices; *ret_n_skip: the bytes of a byte order mark. */
static int decoder_decide(Decoder *decoder, bool final, size_t *ret_n_skip) {
        const char *declaration;
        bool complete;
        int r;

        *ret_n_skip = 0;
        if (!final && decoder->head.n_bytes < 8)
                return 0;

        for (size_t i = 0; i < ELEMENTSOF(binaries); i++)
                if (decoder->head.n_bytes >= binaries[i].n_bytes &&
                        memcmp(decoder->head.data, binaries[i].magic, binaries[i].n_bytes) == 0)
                        decoder->binary = binaries[i].name;

        decoder->name = decoder->head.n_bytes == 0
                ? NULL
                : charset_from_bom(decoder->head.data, decoder->head.n_bytes, ret_n_skip);
        if (!decoder->name)
                decoder->name = head_utf16(&decoder->head);
        if (!decoder->name) {
                declaration = head_declaration(&decoder->head, &complete);
                if (!complete && !final)
                        return 0;
                decoder->name = decoder_named(decoder, declaration);
        }

        decoder->decided = true;
        if (streq_nocase(decoder->name, "utf-8"))
                return 0;

        decoder->doubtful = streq_nocase(decoder->name, "windows-1252") ||
                streq_nocase(decoder->name, "windows-1254");
        r = charset_new(decoder->name, &decoder->charset);
        if (r == -EOPNOTSUPP) {
                warnings_add(decoder->warnings, 0,
                        "the charset cannot be converted here, reading as UTF-8", decoder->name);
                decoder->doubtful = false;
                return 0;
        }
        return r;
}

/* How many bytes at the end may begin a character that the next chunk ends. */
static size_t utf8_n_open(const char *s, size_t n_bytes) {
        for (size_t back = 1; back <= MIN(n_bytes, (size_t) 3); back++) {
                uint8_t c = (uint8_t) s[n_bytes - back];
                size_t n_needed = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 1;

                if ((c & 0xC0) == 0x80)
                        continue;
                return n_needed > back ? back : 0;
        }

        return 0;
}

static int decoder_mend(Decoder *decoder, const char *s, size_t n_bytes) {
        for (size_t i = 0; i < n_bytes;) {
                uint32_t codepoint;
                char utf8[4];
                size_t n, n_run = 0;
                uint8_t c = (uint8_t) s[i];
                int r;

                while (i + n_run < n_bytes && (uint8_t) s[i + n_run] < 0x80)
                        n_run++;
                if (n_run > 0) {
                        r = buffer_append(&decoder->out, s + i, n_run);
                        if (r < 0)
                                return r;
                        i += n_run;
                        continue;
                }

                n = utf8_decode(s + i, n_bytes - i, &codepoint);
                if (codepoint != CODEPOINT_REPLACEMENT)
                        decoder->seen_utf8 = true;
                else if (n == 1 || !decoder->seen_utf8) {
                        n = 1;
                        codepoint = c >= 0xA0 ? c : windows1252[c - 0x80];
                        if (codepoint == 0)
                                codepoint = CODEPOINT_REPLACEMENT;
                }
                r = buffer_append(&decoder->out, utf8, utf8_encode(codepoint, utf8));
                if (r < 0)
                        return r;
                i += n;
        }

        return 0;
}

static int decode_utf8(Decoder *decoder, const char *p, size_t n_bytes, bool final,
        const char **ret, size_t *ret_n) {
        bool held = decoder->held.n_bytes > 0;
        size_t n_open;
        int r;

        if (held) {
                /* At most three bytes are held, so this copies a chunk, not a feed. */
                r = buffer_append(&decoder->held, p, n_bytes);
                if (r < 0)
                        return r;
                p = decoder->held.data;
                n_bytes = decoder->held.n_bytes;
        }

        n_open = final ? 0 : utf8_n_open(p, n_bytes);
        n_bytes -= n_open;
        *ret = p;
        *ret_n = n_bytes;

        if (utf8_is_valid(p, n_bytes)) {
                for (size_t i = decoder->seen_utf8 ? n_bytes : ascii_blocks(p, n_bytes);
                        i < n_bytes && !decoder->seen_utf8; i++)
                        decoder->seen_utf8 = (uint8_t) p[i] >= 0x80;
        } else {
                warnings_add(decoder->warnings, 0,
                        "bytes that are no UTF-8, reading them as windows-1252", NULL);
                r = decoder_mend(decoder, p, n_bytes);
                if (r < 0)
                        return r;
                *ret = buffer_str(&decoder->out);
                *ret_n = decoder->out.n_bytes;
        }
        if (held && *ret == p) {
                r = buffer_append(&decoder->out, p, n_bytes);
                if (r < 0)
                        return r;
                *ret = buffer_str(&decoder->out);
                *ret_n = n_bytes;
        }

        if (held) {
                memmove(decoder->held.data, p + n_bytes, n_open);
                buffer_truncate(&decoder->held, n_open);
                return 0;
        }
        return n_open > 0 ? buffer_append(&decoder->held, p + n_bytes, n_open) : 0;
}

/* A Western charset was announced: does the first byte that is no ASCII begin a character of UTF-8?
 * ASCII means the same in both, so that nothing need wait but that one character. */
static int decode_doubtful(Decoder *decoder, const char *p, size_t n_bytes, bool final) {
        uint32_t codepoint;
        size_t i = 0, n;
        int r;

        r = buffer_append(&decoder->held, p, n_bytes);
        if (r < 0)
                return r;

        while (i < decoder->held.n_bytes && (uint8_t) decoder->held.data[i] < 0x80)
                i++;
        n = decoder->held.n_bytes - i;
        if (n == 0 || (!final && utf8_n_open(decoder->held.data + i, n) == n))
                return 0;

        decoder->doubtful = false;
        (void) utf8_decode(decoder->held.data + i, n, &codepoint);
        if (codepoint != CODEPOINT_REPLACEMENT) {
                warnings_add(decoder->warnings, 0,
                        "announced in another charset, but UTF-8; reading as UTF-8", decoder->name);
                decoder->charset = charset_free(decoder->charset);
        }
        return 0;
}

static int decoder_convert(Decoder *decoder, const char *p, size_t n_bytes, bool final,
        const char **ret, size_t *ret_n) {
        int r;

        buffer_reset(&decoder->out);
        *ret = NULL;
        *ret_n = 0;

        if (decoder->doubtful) {
                size_t n_ascii = 0;

                r = decode_doubtful(decoder, p, n_bytes, final);
                if (r < 0)
                        return r;
                p = NULL;
                n_bytes = 0;
                if (decoder->doubtful) {
                        while (n_ascii < decoder->held.n_bytes &&
                                (uint8_t) decoder->held.data[n_ascii] < 0x80)
                                n_ascii++;
                        r = buffer_append(&decoder->out, decoder->held.data, n_ascii);
                        if (r < 0)
                                return r;
                        if (n_ascii > 0) {
                                memmove(decoder->held.data, decoder->held.data + n_ascii,
                                        decoder->held.n_bytes - n_ascii);
                                buffer_truncate(&decoder->held, decoder->held.n_bytes - n_ascii);
                        }
                        *ret = buffer_str(&decoder->out);
                        *ret_n = decoder->out.n_bytes;
                        return 0;
                }
        }

        if (!decoder->charset)
                return decode_utf8(decoder, p, n_bytes, final, ret, ret_n);

        /* What was held in doubt comes first. */
        r = charset_convert(
                decoder->charset, buffer_str(&decoder->held), decoder->held.n_bytes, &decoder->out);
        buffer_reset(&decoder->held);
        if (r >= 0 && n_bytes > 0)
                r = charset_convert(decoder->charset, p, n_bytes, &decoder->out);
        if (r >= 0 && final)
                r = charset_finish(decoder->charset, &decoder->out);
        if (r < 0)
                return r;

        *ret = buffer_str(&decoder->out);
        *ret_n = decoder->out.n_bytes;
        return 0;
}

static int decoder_take(Decoder *decoder, const char *p, size_t n_bytes, bool final,
        const char **ret, size_t *ret_n) {
        size_t n_skip;
        int r;

        *ret = NULL;
        *ret_n = 0;
        if (decoder->decided)
                return decoder_convert(decoder, p, n_bytes, final, ret, ret_n);

        r = buffer_append(&decoder->head, p, n_bytes);
        if (r < 0)
                return r;
        r = decoder_decide(decoder, final, &n_skip);
        if (r < 0 || !decoder->decided)
                return r;

        return decoder_convert(decoder, buffer_str(&decoder->head) + n_skip,
                decoder->head.n_bytes - n_skip, final, ret, ret_n);
}

int decoder_push(
        Decoder *decoder, const char *p, size_t n_bytes, const char **ret, size_t *ret_n_bytes) {
        return decoder_take(decoder, p, n_bytes, /* final= */ false, ret, ret_n_bytes);
}

int decoder_finish(Decoder *decoder, const char **ret, size_t *ret_n_bytes) {
        int r;

        r = decoder_take(decoder, NULL, 0, /* final= */ true, ret, ret_n_bytes);
        if (r >= 0 && decoder->charset && charset_n_replaced(decoder->charset) > 0)
                warnings_add(decoder->warnings, 0, "bytes that the charset does not know, replaced",
                        decoder->name);
        return r;
}
