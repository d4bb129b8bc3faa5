/* SPDX-License-Identifier: MIT */

#include "match/token.h"

#include <errno.h>

#include "base/str.h"
#include "text/fold.h"
#include "text/utf8.h"

/* How much of the expression a message repeats. */
#define SHOWN_BYTES_MAX 60

SourcePos lexer_pos(const Lexer *lexer, size_t offset) {
        SourcePos pos = setting_text_pos(lexer->source);

        if (pos.column > 0)
                pos.column += (unsigned) utf8_n_chars(lexer->text, MIN(offset, lexer->n_bytes));
        return pos;
}

static int shown(const Lexer *lexer, size_t offset, size_t end) {
        return (int) utf8_cut(lexer->text + offset, end - offset, SHOWN_BYTES_MAX);
}

/* --- signs --- */

/* Bytes of the quotation mark at @s, of any style; 0 when there is none. Which of them opens and
 * which closes differs from language to language, so that any does either. */
static size_t quote_bytes(const char *s, size_t n_bytes) {
        uint32_t c;
        size_t n;

        if (n_bytes == 0)
                return 0;

        n = utf8_decode(s, n_bytes, &c);
        switch (c) {
        case '"':
        case 0x00AB: /* « */
        case 0x00BB: /* » */
        case 0x201C: /* “ */
        case 0x201D: /* ” */
        case 0x201E: /* „ */
        case 0x201F:
        case 0xFF02:
                return n;
        default:
                return 0;
        }
}

/* Bytes of the white space at @s, the no-break kinds too; 0 when there is none. */
static size_t space_bytes(const char *s, size_t n_bytes) {
        uint32_t c;
        size_t n;

        if (n_bytes == 0)
                return 0;

        n = utf8_decode(s, n_bytes, &c);
        return (c < 0x80 && ascii_isspace((char) c)) || c == 0xA0 || c == 0x3000 ||
                        (c >= 0x2000 && c <= 0x200A) || c == 0x202F
                ? n
                : 0;
}

static TokenKind operator_kind(char c) {
        switch (c) {
        case '(':
                return TOKEN_OPEN;
        case ')':
                return TOKEN_CLOSE;
        case '|':
                return TOKEN_OR;
        case '&':
                return TOKEN_AND;
        case '!':
                return TOKEN_NOT;
        default:
                return TOKEN_END;
        }
}

/* --- words that are more than words --- */

/* "title:" and its like at the beginning of the chunk [offset, end). 1 when there is one, 0 when
 * not, -EINVAL for a field that does not exist. */
static int field_scan(Lexer *lexer, size_t offset, size_t end, Token *ret) {
        const char *best = NULL;
        size_t at = offset;
        char name[16];

        while (at < end && (ascii_isalpha(lexer->text[at]) || lexer->text[at] == '-'))
                at++;
        if (at == offset || at == end || lexer->text[at] != ':')
                return 0;

        for (size_t i = 0; i < sizeof name; i++)
                name[i] = offset + i < at ? ascii_tolower(lexer->text[offset + i]) : '\0';
        if (at - offset < sizeof name && field_from_string(name, &ret->field) >= 0) {
                ret->kind = TOKEN_FIELD;
                ret->offset = offset;
                ret->end = at + 1;
                return 1;
        }

        name[sizeof name - 1] = '\0';
        for (Field f = 0; f < FIELD_MAX; f++)
                if (str_distance(name, field_to_string(f)) <= 2)
                        best = field_to_string(f);
        return lexer_error(lexer, offset,
                "unknown field '%.*s:'%s%s%s; the fields are title, summary, body, category, "
                "author and feed (a colon that is no field needs quotes)",
                shown(lexer, offset, at), lexer->text + offset, best ? ", did you mean '" : "",
                strempty(best), best ? ":'" : "");
}

/* NEAR/12. 1 when there is one, 0 when not, -EINVAL when its number is wrong. */
static int near_scan(Lexer *lexer, size_t offset, size_t end, Token *ret) {
        const char *s = lexer->text + offset;
        size_t n = end - offset;
        unsigned near = 0;

        if (n < 4 || memcmp(s, "NEAR", 4) != 0 || (n > 4 && s[4] != '/')) {
                if (n > 5 && startswith_nocase(s, "near/") && ascii_isdigit(s[5]))
                        diag_warning(lexer->diags, lexer_pos(lexer, offset),
                                "'%.*s' is read as words; the operator is written in capitals: "
                                "NEAR%.*s",
                                shown(lexer, offset, end), s, shown(lexer, offset + 4, end), s + 4);
                return 0;
        }
        if (n <= 5)
                return lexer_error(lexer, offset,
                        "NEAR needs a number, the words that may lie between: NEAR/12 (the word "
                        "itself needs quotes: \"NEAR\")");

        for (size_t i = 5; i < n; i++) {
                if (!ascii_isdigit(s[i]))
                        return lexer_error(lexer, offset + i,
                                "NEAR/ takes a number up to %d, not '%.*s'", NEAR_WORDS_MAX,
                                shown(lexer, offset + 5, end), s + 5);
                near = MIN(near * 10 + (unsigned) (s[i] - '0'), NEAR_WORDS_MAX + 1U);
        }
        if (near > NEAR_WORDS_MAX)
                return lexer_error(
                        lexer, offset + 5, "NEAR reaches over at most %d words", NEAR_WORDS_MAX);

        ret->kind = TOKEN_NEAR;
        ret->offset = offset;
        ret->end = end;
        ret->near = near;
        return 1;
}

static void warn_of_operator_word(Lexer *lexer, size_t offset, size_t end) {
        static const char *const words[][2] = { { "AND", "&" }, { "OR", "|" }, { "NOT", "!" } };

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (end - offset == strlen(words[i][0]) &&
                        memcmp(lexer->text + offset, words[i][0], end - offset) == 0)
                        diag_warning(lexer->diags, lexer_pos(lexer, offset),
                                "'%s' is read as a word; write '%s' for the operator, or quote it",
                                words[i][0], words[i][1]);
}

/* --- words --- */

/* Letters of the run that ends at the end of @s; apostrophes and hyphens belong to it. */
static size_t letters_at_end(const char *s, size_t n_bytes) {
        size_t n_letters = 0, n;
        uint32_t c;

        for (size_t at = 0; at < n_bytes; at += n) {
                n = utf8_decode(s + at, n_bytes - at, &c);
                if (fold_is_word_char(c))
                        n_letters++;
                else if (c != '-' && c != '\'' && c != 0x2019)
                        n_letters = 0;
        }

        return n_letters;
}

/* Reads the chunk [offset, end) as a word, with its "=" and "*". 1, 0 (inside quotes: punctuation
 * only) or -EINVAL. */
static int word_scan(Lexer *lexer, size_t offset, size_t end, Token *ret) {
        size_t first = offset, last = end;
        bool any = false;

        *ret = (Token){
                .kind = TOKEN_WORD,
                .offset = offset,
                .end = end,
                .exact = lexer->quoted_exact,
                .quoted = lexer->quoted,
        };
        if (lexer->text[first] == '=') {
                ret->exact = true;
                first++;
        }
        if (last > first && lexer->text[last - 1] == '*') {
                ret->prefix = true;
                last--;
        }

        ret->word = lexer->text + first;
        ret->n_word = last - first;
        for (size_t at = first, n; at < last; at += n) {
                uint32_t c;

                n = utf8_decode(lexer->text + at, last - at, &c);
                any = any || fold_is_word_char(c);
                if (c == '*')
                        return lexer_error(
                                lexer, at, "'*' stands only at the end of a word, as in 'Kosov*'");
        }

        if (!any && lexer->quoted && !ret->prefix)
                return 0;
        if (!any)
                return lexer_error(lexer, offset, "'%.*s' holds no letter and no digit",
                        shown(lexer, offset, end), lexer->text + offset);
        if (ret->prefix && letters_at_end(ret->word, ret->n_word) < PREFIX_LETTERS_MIN)
                return lexer_error(lexer, offset,
                        "'%.*s' is too short: %d letters or more before '*'",
                        shown(lexer, offset, end), lexer->text + offset, PREFIX_LETTERS_MIN);

        return 1;
}

static size_t chunk_end(const Lexer *lexer, size_t at) {
        for (size_t n; at < lexer->n_bytes; at += n) {
                uint32_t c;

                if (quote_bytes(lexer->text + at, lexer->n_bytes - at) > 0 ||
                        space_bytes(lexer->text + at, lexer->n_bytes - at) > 0 ||
                        (!lexer->quoted && operator_kind(lexer->text[at]) != TOKEN_END))
                        break;
                n = utf8_decode(lexer->text + at, lexer->n_bytes - at, &c);
        }

        return at;
}

/* Steps over the quotation mark of @n_bytes at lexer->at. */
static int lexer_quote(Lexer *lexer, size_t n_bytes, bool exact) {
        if (lexer->quoted && lexer->quoted_empty)
                return lexer_error(lexer, lexer->quote_offset, "nothing stands between the quotes");

        lexer->quoted = !lexer->quoted;
        lexer->quoted_exact = lexer->quoted && exact;
        lexer->quoted_empty = true;
        lexer->quote_offset = lexer->at;
        lexer->at += n_bytes;
        return 0;
}

int lexer_next(Lexer *lexer, Token *ret) {
        int r;

        while (lexer->at < lexer->n_bytes) {
                const char *s = lexer->text + lexer->at;
                size_t left = lexer->n_bytes - lexer->at, end, n;

                n = space_bytes(s, left);
                if (n > 0) {
                        lexer->at += n;
                        continue;
                }

                n = s[0] == '=' && !lexer->quoted ? quote_bytes(s + 1, left - 1) : 0;
                if (n > 0)
                        lexer->at++;
                r = n > 0 ? lexer_quote(lexer, n, /* exact= */ true) : 0;
                if (n == 0) {
                        n = quote_bytes(s, left);
                        r = n > 0 ? lexer_quote(lexer, n, /* exact= */ false) : 0;
                }
                if (r < 0)
                        return r;
                if (n > 0)
                        continue;

                if (!lexer->quoted && operator_kind(s[0]) != TOKEN_END) {
                        *ret = (Token){ .kind = operator_kind(s[0]),
                                .offset = lexer->at,
                                .end = lexer->at + 1 };
                        lexer->at++;
                        return 0;
                }

                end = chunk_end(lexer, lexer->at);
                *ret = (Token){};
                r = 0;
                if (!lexer->quoted) {
                        r = field_scan(lexer, lexer->at, end, ret);
                        if (r == 0)
                                r = near_scan(lexer, lexer->at, end, ret);
                        if (r == 0)
                                warn_of_operator_word(lexer, lexer->at, end);
                }
                if (r == 0) {
                        r = word_scan(lexer, lexer->at, end, ret);
                        if (r > 0 && lexer->quoted && lexer->quoted_empty) {
                                ret->offset = lexer->quote_offset;
                                lexer->quoted_empty = false;
                        }
                }
                if (r < 0)
                        return r;

                lexer->at = r > 0 ? ret->end : end;
                if (r > 0)
                        return 0;
        }

        if (lexer->quoted)
                return lexer_error(lexer, lexer->quote_offset, "this quote is not closed");

        *ret = (Token){ .kind = TOKEN_END, .offset = lexer->n_bytes, .end = lexer->n_bytes };
        return 0;
}
