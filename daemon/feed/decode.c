/* SPDX-License-Identifier: MIT */

/* The head of the feed is held back until it tells the charset (decode-head.c); from then on bytes
 * go straight through.
 *
 * What was told is often a lie. (1) "UTF-8" that holds bytes of an old editor: each byte that is no
 * part of a character is read as windows-1252, as its author saw it, unless it begins a character
 * that was cut in a feed that is UTF-8 otherwise: that becomes U+FFFD. When the server says UTF-8
 * and the declaration names another charset, the first bytes that are no UTF-8 prove the
 * declaration right. (2) Another charset, often a server's default or a template's, on what is
 * UTF-8: the first bytes over 127 decide. Text in a Western charset does not begin with a valid
 * sequence of UTF-8 but by rare accident; in others it may, but not several times in a row. */

#include "feed/decode.h"

#include <errno.h>

#include "base/str.h"
#include "feed/decode-head.h"
#include "text/bytes.h"
#include "text/charset.h"
#include "text/entity.h"
#include "text/utf8.h"

struct Decoder {
        Warnings *warnings;
        char *content_type;
        Buffer head;      /* until the charset is known */
        Buffer held, out; /* a character cut by the end of a chunk; what is lent */
        bool decided;
        unsigned n_doubt; /* characters of UTF-8 that would prove it is that after all; 0: no doubt
                           */
        bool seen_utf8;   /* characters of more than a byte */
        const char *name, *fallback, *binary;
        Charset *charset; /* NULL: UTF-8 */
        bool ebcdic;
        bool guesses, guessed; /* by its letters: what is not yet known is held */
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

/* Decides, when the head suffices; *ret_n_skip: the bytes of a byte order mark. */
static int decoder_decide(Decoder *decoder, bool final, size_t *ret_n_skip) {
        DecodeGuess guess;
        int r;

        r = decode_guess(&decoder->head, decoder->content_type, final, decoder->warnings, &guess);
        if (r <= 0)
                return r;

        decoder->decided = true;
        decoder->binary = guess.binary;
        decoder->name = guess.name;
        decoder->fallback = guess.fallback;
        decoder->n_doubt = guess.n_doubt;
        decoder->ebcdic = guess.ebcdic;
        *ret_n_skip = guess.n_mark;
        if (streq(decoder->name, "utf-8"))
                return 0;

        r = charset_new(decoder->name, &decoder->charset);
        if (r == -EOPNOTSUPP) {
                warnings_add(decoder->warnings, 0,
                        "the charset cannot be converted here, reading as UTF-8", decoder->name);
                decoder->n_doubt = 0;
                return 0;
        }
        return r;
}

/* A surrogate written as if it were a character, three bytes; 0 when there is none. */
static uint32_t surrogate_at(const char *s, size_t n_bytes) {
        const uint8_t *p = (const uint8_t *) s;

        if (n_bytes < 3 || p[0] != 0xED || p[1] < 0xA0 || p[1] > 0xBF || (p[2] & 0xC0) != 0x80)
                return 0;
        return 0xD000u | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
}

/* How many bytes at the end may begin a character that the next chunk ends. */
static size_t utf8_n_open(const char *s, size_t n_bytes) {
        size_t n = 0;

        for (size_t back = 1; back <= MIN(n_bytes, (size_t) 3); back++) {
                uint8_t c = (uint8_t) s[n_bytes - back];
                size_t n_needed = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;

                if ((c & 0xC0) == 0x80)
                        continue;
                if (n_needed > back)
                        n = back;
                break;
        }

        /* The first half of a pair of surrogates waits for the other. */
        if (n_bytes >= n + 3) {
                const uint32_t high = surrogate_at(s + n_bytes - n - 3, 3);

                if (high != 0 && high < 0xDC00)
                        n += 3;
        }
        return n;
}

/* Two that make a pair (CESU-8, what Java writes) are one character, a lonely one is U+FFFD. Says
 * how many bytes that took. */
static size_t surrogates_join(const char *s, size_t n_bytes, uint32_t *ret_codepoint) {
        const uint32_t high = surrogate_at(s, n_bytes), low = surrogate_at(s + 3, n_bytes - 3);

        *ret_codepoint = CODEPOINT_REPLACEMENT;
        if (high >= 0xDC00 || low < 0xDC00)
                return 3;
        *ret_codepoint = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        return 6;
}

/* The bytes of a character written with more bytes than it needs: "/" as C0 AF. Those are tricks to
 * get past a filter, so it is one U+FFFD, and never what it stands for. 0 when it is none. */
static size_t overlong_length(const char *s, size_t n_bytes) {
        const uint8_t *p = (const uint8_t *) s;
        const size_t n = p[0] == 0xC0 || p[0] == 0xC1 ? 2 : p[0] == 0xE0 ? 3 : p[0] == 0xF0 ? 4 : 0;

        if (n == 0 || n_bytes < n || (n == 3 && p[1] >= 0xA0) || (n == 4 && p[1] >= 0x90))
                return 0;
        for (size_t i = 1; i < n; i++)
                if ((p[i] & 0xC0) != 0x80)
                        return 0;
        return n;
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
                if (surrogate_at(s + i, n_bytes - i) != 0)
                        n = surrogates_join(s + i, n_bytes - i, &codepoint);
                else if (!utf8_is_bad(s + i, n, codepoint))
                        decoder->seen_utf8 = true;
                else if (overlong_length(s + i, n_bytes - i) > 0)
                        n = overlong_length(s + i, n_bytes - i);
                else if (n == 1 || !decoder->seen_utf8) {
                        n = 1;
                        codepoint = entity_windows_1252(c);
                        if (codepoint < 0xA0)
                                codepoint = CODEPOINT_REPLACEMENT;
                }
                r = buffer_append(&decoder->out, utf8, utf8_encode(codepoint, utf8));
                if (r < 0)
                        return r;
                i += n;
        }

        return 0;
}

/* The first bytes over 127 are no UTF-8, and the declaration names what they may be. */
static int decode_fall_back(Decoder *decoder, const char *p, size_t n_bytes, bool final,
        const char **ret, size_t *ret_n) {
        int r;

        warnings_add(decoder->warnings, 0,
                decoder->guessed ? "no UTF-8, reading it as what its letters look like"
                                 : "announced as UTF-8, but not; reading as declared",
                decoder->fallback);
        decoder->name = TAKE_PTR(decoder->fallback);
        r = charset_new(decoder->name, &decoder->charset);
        if (r >= 0)
                r = charset_convert(decoder->charset, p, n_bytes, &decoder->out);
        if (r >= 0 && final)
                r = charset_finish(decoder->charset, &decoder->out);
        if (r < 0)
                return r;

        buffer_reset(&decoder->held);
        *ret = buffer_str(&decoder->out);
        *ret_n = decoder->out.n_bytes;
        return 0;
}

/* Is there a character over 127 before the first byte that is no UTF-8? So it does not matter in
 * what pieces the two come. */
static bool begins_with_utf8(const char *p, size_t n_bytes) {
        const size_t n_ascii = ascii_blocks(p, n_bytes);

        for (size_t i = n_ascii; i < n_bytes; i++) {
                uint32_t codepoint;
                size_t n;

                if ((uint8_t) p[i] < 0x80)
                        continue;
                n = utf8_decode(p + i, n_bytes - i, &codepoint);
                return !utf8_is_bad(p + i, n, codepoint);
        }
        return false;
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

        if (!decoder->seen_utf8)
                decoder->seen_utf8 = begins_with_utf8(p, n_bytes);
        if (utf8_is_valid(p, n_bytes)) {
                /* as it is */
        } else if (!decoder->seen_utf8 && !decoder->fallback && !decoder->guessed) {
                decoder->guesses = true;
                *ret_n = 0;
                return held ? 0 : buffer_append(&decoder->held, p, n_bytes + n_open);
        } else if (!decoder->seen_utf8 && decoder->fallback) {
                return decode_fall_back(decoder, p, n_bytes + n_open, final, ret, ret_n);
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

/* Another charset was told: are the first characters over 127 of UTF-8? ASCII means the same in
 * both, so that nothing need wait but those. */
static int decode_doubtful(Decoder *decoder, const char *p, size_t n_bytes, bool final) {
        const char *s, *end;
        unsigned n_valid = 0;
        bool invalid = false;
        int r;

        r = buffer_append(&decoder->held, p, n_bytes);
        if (r < 0)
                return r;

        s = decoder->held.data;
        end = s + decoder->held.n_bytes;
        while (s < end && n_valid < decoder->n_doubt && !invalid) {
                uint32_t codepoint;
                size_t n;

                if ((uint8_t) *s < 0x80) {
                        s++;
                        continue;
                }
                if (!final &&
                        utf8_n_open(s, MIN((size_t) (end - s), (size_t) 4)) == (size_t) (end - s))
                        break;
                n = utf8_decode(s, (size_t) (end - s), &codepoint);
                invalid = utf8_is_bad(s, n, codepoint);
                n_valid += !invalid;
                s += n;
        }

        if (!invalid && n_valid < decoder->n_doubt && !final &&
                decoder->held.n_bytes < DECODE_DOUBT_BYTES_MAX)
                return 0;

        /* At the end, half the proof has to do. */
        if (!invalid && n_valid >= (decoder->n_doubt + 1) / 2) {
                warnings_add(decoder->warnings, 0,
                        "announced in another charset, but UTF-8; reading as UTF-8", decoder->name);
                decoder->charset = charset_free(decoder->charset);
        }
        decoder->n_doubt = 0;
        return 0;
}

/* It is no UTF-8, and nothing else was told: enough of it is gathered to see which letters it is
 * of. 1 when that is decided. */
static int decode_letters(Decoder *decoder, const char *p, size_t n_bytes, bool final) {
        size_t n_high = 0, n = 0;
        int r;

        r = buffer_append(&decoder->held, p, n_bytes);
        if (r < 0)
                return r;
        /* No further than needed, so that the guess is the same in whatever pieces a feed comes. */
        while (n < MIN(decoder->held.n_bytes, (size_t) DECODE_DOUBT_BYTES_MAX) &&
                n_high < DECODE_GUESS_LETTERS)
                n_high += (uint8_t) decoder->held.data[n++] >= 0x80;
        if (!final && n_high < DECODE_GUESS_LETTERS && n < DECODE_DOUBT_BYTES_MAX)
                return 0;

        decoder->guesses = false;
        decoder->guessed = true;
        decoder->fallback = decode_guess_letters(decoder->held.data, n);
        return 1;
}

/* Mainframes end a line with a character of their own, which is U+0085: no space to XML 1.0. */
static void mend_lines(Buffer *out) {
        char *to = out->data, *end = out->data + out->n_bytes;

        for (const char *p = out->data; p < end; p++, to++) {
                *to = *p;
                if (*p == '\xC2' && p + 1 < end && p[1] == '\x85') {
                        *to = '\n';
                        p++;
                }
        }
        buffer_truncate(out, (size_t) (to - out->data));
}

static int decoder_convert(Decoder *decoder, const char *p, size_t n_bytes, bool final,
        const char **ret, size_t *ret_n) {
        int r;

        buffer_reset(&decoder->out);
        *ret = NULL;
        *ret_n = 0;

        if (decoder->n_doubt > 0) {
                size_t n_ascii = 0;

                r = decode_doubtful(decoder, p, n_bytes, final);
                if (r < 0)
                        return r;
                p = NULL;
                n_bytes = 0;
                if (decoder->n_doubt > 0) {
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

        if (decoder->guesses) {
                r = decode_letters(decoder, p, n_bytes, final);
                if (r <= 0)
                        return r;
                p = NULL;
                n_bytes = 0;
        }
        if (!decoder->charset) {
                r = decode_utf8(decoder, p, n_bytes, final, ret, ret_n);
                return r >= 0 && decoder->guesses && final
                        ? decoder_convert(decoder, NULL, 0, final, ret, ret_n)
                        : r;
        }

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
        if (decoder->ebcdic && decoder->out.n_bytes > 0)
                mend_lines(&decoder->out);

        *ret = buffer_str(&decoder->out);
        *ret_n = decoder->out.n_bytes;
        return 0;
}

static int decoder_take(Decoder *decoder, const char *p, size_t n_bytes, bool final,
        const char **ret, size_t *ret_n) {
        size_t n_skip = 0;
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
