/* SPDX-License-Identifier: MIT */

/* Only brackets and strings need to be told apart to find where a member or an item ends: depth 1
 * is inside the feed, depth 2 of `items` is between its items. What is read is copied into the
 * piece at hand with its white space folded; what is over a limit is read to its end without
 * being copied, and reported. Strings are copied in runs; escapes are resolved here, for
 * that is where lone halves of surrogate pairs, NULs and invented escapes are met. */

#include "feed/jsonfeed-split.h"

#include <errno.h>

#include "base/str.h"
#include "text/utf8.h"

#define REPLACEMENT_CHARACTER 0xFFFDu

/* Numbers longer than this are text: 64 bits may not hold them, and only ids are so long. */
#define NUMBER_BYTES_MAX 17

void splitter_done(Splitter *splitter) {
        buffer_done(&splitter->piece);
}

static void splitter_warn(Splitter *splitter, const char *what) {
        warnings_add(splitter->warnings, splitter_line(splitter), what, NULL);
}

/* --- the piece --- */

/* Is what is read now copied? */
static bool piece_takes(const Splitter *splitter) {
        return splitter->gathering && !splitter->lost && splitter->skip_depth == 0;
}

/* Leaves out the rest of the innermost brackets. */
static void piece_skip(Splitter *splitter, const char *why) {
        if (!piece_takes(splitter))
                return;
        splitter_warn(splitter, why);
        splitter->skip_depth = splitter->depth;
}

static int piece_put(Splitter *splitter, const char *p, size_t n_bytes) {
        if (!piece_takes(splitter))
                return 0;
        if (splitter->piece.n_bytes + n_bytes > SPLIT_PIECE_BYTES_MAX) {
                splitter->lost = "a part of the feed that is too large, ignoring it";
                buffer_reset(&splitter->piece);
                return 0;
        }
        return buffer_append(&splitter->piece, p, n_bytes);
}

/* A comma counts once something follows it: many write one behind the last value. */
static int piece_put_token(Splitter *splitter, char c) {
        if (splitter->comma) {
                int r = piece_put(splitter, ",", 1);

                if (r < 0)
                        return r;
                splitter->comma = false;
        }
        return piece_put(splitter, &c, 1);
}

static void piece_begin(Splitter *splitter) {
        buffer_reset(&splitter->piece);
        splitter->gathering = true;
        splitter->comma = false;
        splitter->lost = NULL;
        splitter->skip_depth = 0;
        splitter->n_values = 0;
}

static int piece_end(Splitter *splitter, bool item) {
        int (*take)(const char *, size_t, void *) =
                item ? splitter->handler.on_item : splitter->handler.on_member;

        splitter->gathering = false;
        if (splitter->lost) {
                splitter_warn(splitter, splitter->lost);
                return 0;
        }
        return take(
                buffer_str(&splitter->piece), splitter->piece.n_bytes, splitter->handler.userdata);
}

/* A member runs from its name to the comma, or to the end of the feed. */
static int member_end(Splitter *splitter) {
        int r;

        if (!splitter->gathering)
                return 0;

        splitter->comma = false;
        r = piece_put(splitter, "}", 1);
        return r < 0 ? r : piece_end(splitter, /* item= */ false);
}

static int member_begin(Splitter *splitter) {
        piece_begin(splitter);
        return piece_put(splitter, "{", 1);
}

/* --- brackets and commas --- */

static bool member_is_items(const Splitter *splitter) {
        return !splitter->lost && streq(buffer_str(&splitter->piece), "{\"items\":");
}

static int take_open(Splitter *splitter, char c) {
        int r;

        if (splitter->depth == 0) {
                if (c != '{')
                        return -EBADMSG;
                splitter->depth = 1;
                return 0;
        }
        if (splitter->depth == 1) {
                if (c == '[' && member_is_items(splitter)) {
                        splitter->in_items = true;
                        splitter->gathering = false;
                        splitter->depth = 2;
                        return 0;
                }
        } else if (splitter->depth == 2 && splitter->in_items)
                piece_begin(splitter);

        r = piece_put_token(splitter, c);
        splitter->depth++;
        if (splitter->depth >= FEED_DEPTH_MAX)
                piece_skip(splitter, "values nested too deep, ignoring the inner ones");
        return r;
}

static int take_close(Splitter *splitter, char c) {
        int r;

        if (splitter->depth == splitter->skip_depth)
                splitter->skip_depth = 0;
        if (splitter->comma && piece_takes(splitter))
                splitter_warn(splitter, "a comma behind the last value, dropped");
        splitter->comma = false;

        splitter->depth--;
        if (splitter->depth == 0) {
                splitter->ended = true;
                return member_end(splitter);
        }
        if (splitter->in_items && splitter->depth == 1) {
                splitter->in_items = false;
                return 0;
        }

        r = piece_put(splitter, &c, 1);
        if (r >= 0 && splitter->in_items && splitter->depth == 2)
                r = piece_end(splitter, /* item= */ true);
        return r;
}

static int take_comma(Splitter *splitter) {
        if (splitter->depth == 1)
                return member_end(splitter);

        if (!piece_takes(splitter))
                return 0;
        if (splitter->comma)
                splitter_warn(splitter, "a comma without a value, dropped");
        splitter->comma = ++splitter->n_values < SPLIT_VALUES_MAX;
        if (!splitter->comma)
                piece_skip(splitter, "too many values, ignoring the rest of them");
        return 0;
}

/* What begins a string, or a bare word: at depth 1 also a member. */
static int value_begin(Splitter *splitter) {
        if (splitter->depth == 0)
                return -EBADMSG;
        if (splitter->depth == 1 && !splitter->gathering)
                return member_begin(splitter);
        if (splitter->depth == 2 && splitter->in_items)
                splitter_warn(splitter, "an item that is no object, ignoring it");
        return 0;
}

/* --- bare words --- */

static bool is_number(const char *s, size_t n_bytes) {
        size_t i = n_bytes > 0 && s[0] == '-', n;

        for (n = i; n < n_bytes && ascii_isdigit(s[n]); n++)
                ;
        if (n == i || (s[i] == '0' && n > i + 1) || n_bytes > NUMBER_BYTES_MAX)
                return false;
        if (n == n_bytes)
                return true;
        if (s[n] != '.')
                return false;
        for (i = ++n; n < n_bytes && ascii_isdigit(s[n]); n++)
                ;
        return n > i && n == n_bytes;
}

/* Numbers that JSON does not know, or that do not fit, become text; other words (NaN, undefined)
 * null. */
static int bare_end(Splitter *splitter) {
        size_t at = splitter->bare_at, n_bytes;
        char copy[256];
        const char *s;
        int r;

        splitter->state = SPLIT_BETWEEN;
        if (!piece_takes(splitter))
                return 0;

        s = splitter->piece.data + at;
        n_bytes = splitter->piece.n_bytes - at;
        if (streq(s, "true") || streq(s, "false") || streq(s, "null") || is_number(s, n_bytes))
                return 0;

        if (n_bytes < sizeof(copy) && strspn(s, "0123456789+-.eE") == n_bytes) {
                memcpy(copy, s, n_bytes);
                buffer_truncate(&splitter->piece, at);
                r = piece_put(splitter, "\"", 1);
                if (r >= 0)
                        r = piece_put(splitter, copy, n_bytes);
                return r < 0 ? r : piece_put(splitter, "\"", 1);
        }

        splitter_warn(splitter, "a value that JSON does not know, taken as null");
        buffer_truncate(&splitter->piece, at);
        return piece_put(splitter, "null", 4);
}

/* --- strings --- */

static int string_put(Splitter *splitter, const char *p, size_t n_bytes) {
        size_t n_room, n_used = splitter->piece.n_bytes - splitter->string_at;

        if (splitter->string_cut || !piece_takes(splitter))
                return 0;

        n_room = n_used < SPLIT_STRING_BYTES_MAX ? SPLIT_STRING_BYTES_MAX - n_used : 0;
        if (n_bytes > n_room) {
                splitter_warn(splitter, "a text that is too long, cut");
                splitter->string_cut = true;
                n_bytes = utf8_cut(p, n_bytes, n_room);
        }
        return piece_put(splitter, p, n_bytes);
}

static int string_put_codepoint(Splitter *splitter, uint32_t codepoint) {
        char text[4], escape[2] = { '\\' };

        if (codepoint == '"' || codepoint == '\\') {
                escape[1] = (char) codepoint;
                return string_put(splitter, escape, 2);
        }
        if (codepoint < ' ')
                return string_put(splitter, " ", 1);
        return string_put(splitter, text, utf8_encode(codepoint, text));
}

/* A first half without its second. */
static int string_settle(Splitter *splitter) {
        if (splitter->surrogate == 0)
                return 0;

        splitter->surrogate = 0;
        splitter_warn(splitter, "half of a surrogate pair, replaced");
        return string_put_codepoint(splitter, REPLACEMENT_CHARACTER);
}

static int unicode_end(Splitter *splitter) {
        uint32_t c = splitter->unicode;
        int r;

        splitter->state = SPLIT_STRING;
        if (c >= 0xDC00 && c <= 0xDFFF && splitter->surrogate != 0) {
                c = 0x10000 + ((splitter->surrogate - 0xD800) << 10) + (c - 0xDC00);
                splitter->surrogate = 0;
                return string_put_codepoint(splitter, c);
        }

        r = string_settle(splitter);
        if (r < 0)
                return r;
        if (c >= 0xD800 && c <= 0xDBFF) {
                splitter->surrogate = c;
                return 0;
        }
        if (c >= 0xDC00 && c <= 0xDFFF)
                splitter_warn(splitter, "half of a surrogate pair, replaced");
        return string_put_codepoint(splitter, c);
}

static int take_escape(Splitter *splitter, char c) {
        char escape[2] = { '\\', c };
        int r;

        splitter->state = SPLIT_STRING;
        if (c == 'u') {
                splitter->state = SPLIT_UNICODE;
                splitter->unicode = 0;
                splitter->n_digits = 0;
                return 0;
        }

        r = string_settle(splitter);
        if (r < 0)
                return r;
        if (c != '\0' && strchr("\"\\/bfnrt", c))
                return string_put(splitter, escape, 2);

        splitter_warn(splitter, "a backslash that escapes nothing, dropped");
        return (uint8_t) c < ' ' ? string_put(splitter, " ", 1) : string_put(splitter, &c, 1);
}

/* Returns how far it read: a character that is no digit ends it unread. */
static int take_unicode(Splitter *splitter, char c, bool *ret_used) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = c != '\0' ? strchr(digits, ascii_tolower(c)) : NULL;

        *ret_used = digit != NULL;
        if (!digit) {
                splitter_warn(splitter, "a character reference that is no number, replaced");
                splitter->unicode = REPLACEMENT_CHARACTER;
                return unicode_end(splitter);
        }

        splitter->unicode = splitter->unicode << 4 | (uint32_t) (digit - digits);
        return ++splitter->n_digits == 4 ? unicode_end(splitter) : 0;
}

/* A run of a string up to what is not plain. */
static int take_string(Splitter *splitter, const char **p, const char *end) {
        const char *run = *p, *q = run;
        int r;

        while (q < end && *q != '"' && *q != '\\' && (uint8_t) *q >= ' ')
                q++;
        *p = q;
        if (q > run) {
                r = string_settle(splitter);
                if (r >= 0)
                        r = string_put(splitter, run, (size_t) (q - run));
                if (r < 0)
                        return r;
        }
        if (q == end)
                return 0;

        *p = q + 1;
        if (*q == '\\') {
                splitter->state = SPLIT_ESCAPE;
                return 0;
        }
        r = string_settle(splitter);
        if (r < 0)
                return r;
        if (*q == '"') {
                splitter->state = SPLIT_BETWEEN;
                return piece_put(splitter, "\"", 1);
        }

        if (*q == '\n')
                splitter->n_lines++;
        splitter_warn(splitter, "a control character inside a text, taken as a space");
        return string_put(splitter, " ", 1);
}

/* --- the loop --- */

static int take_between(Splitter *splitter, char c) {
        int r;

        switch (c) {
        case '\n':
                splitter->n_lines++;
                return 0;
        case ' ':
        case '\t':
        case '\r':
                return 0;
        case '{':
        case '[':
                return take_open(splitter, c);
        case '}':
        case ']':
                return splitter->depth > 0 ? take_close(splitter, c) : -EBADMSG;
        case ',':
                return take_comma(splitter);
        case ':':
                return piece_put_token(splitter, c);
        default:
                r = value_begin(splitter);
                if (r >= 0)
                        r = piece_put_token(splitter, c);
                if (r < 0)
                        return r;
                splitter->state = c == '"' ? SPLIT_STRING : SPLIT_BARE;
                splitter->string_at = splitter->piece.n_bytes;
                splitter->string_cut = false;
                splitter->surrogate = 0;
                splitter->bare_at = splitter->piece.n_bytes - (splitter->piece.n_bytes > 0);
                return 0;
        }
}

int splitter_push(Splitter *splitter, const char *p, size_t n_bytes) {
        const char *end;
        bool used;
        int r = 0;

        if (n_bytes == 0)
                return 0;

        end = p + n_bytes;
        while (p < end && r >= 0) {
                if (splitter->ended) {
                        if (!ascii_isspace(*p)) {
                                splitter_warn(
                                        splitter, "something stands behind the feed, ignoring it");
                                return 0;
                        }
                        splitter->n_lines += *p++ == '\n';
                        continue;
                }

                switch (splitter->state) {
                case SPLIT_BETWEEN:
                        r = take_between(splitter, *p++);
                        break;
                case SPLIT_BARE:
                        if (ascii_isspace(*p) || strchr(",:{}[]\"", *p))
                                r = bare_end(splitter);
                        else
                                r = piece_put(splitter, p++, 1);
                        break;
                case SPLIT_STRING:
                        r = take_string(splitter, &p, end);
                        break;
                case SPLIT_ESCAPE:
                        r = take_escape(splitter, *p++);
                        break;
                case SPLIT_UNICODE:
                        r = take_unicode(splitter, *p, &used);
                        p += used;
                        break;
                }
        }

        return r;
}
