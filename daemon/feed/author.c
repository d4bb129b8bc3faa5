/* SPDX-License-Identifier: MIT */

/* RSS 2.0 says that an author is an e-mail address and shows it with the name in parentheses; the
 * form of mail headers is as common, and so is any other order of the two. An address counts where
 * it stands at the beginning or the end; an address without a name has to do. Commas divide authors
 * only when each piece has an address of its own: "Doe, Jane" is one. */

#include "feed/author.h"

#include <string.h>

#include "base/str.h"

typedef struct Span {
        const char *p;
        size_t n;
} Span;

static Span span_strip(Span s, const char *what) {
        while (s.n > 0 && strchr(what, s.p[0])) {
                s.p++;
                s.n--;
        }
        while (s.n > 0 && strchr(what, s.p[s.n - 1]))
                s.n--;
        return s;
}

static bool is_address_char(char c) {
        return !ascii_isspace(c) && !strchr("()<>[],;:/\"", c);
}

static bool is_address(Span s) {
        const char *at = memchr(s.p, '@', s.n);

        return at && at > s.p && at + 1 < s.p + s.n;
}

/* Takes the address from the beginning of the text, with the brackets that it stands in. */
static bool take_first(Span *s, Span *ret_address) {
        const char *end = s->p + s->n, *p = s->p, *begin;

        while (p < end && strchr("<([", *p))
                p++;
        if (end - p > 7 && strncasecmp(p, "mailto:", 7) == 0)
                p += 7;
        for (begin = p; p < end && is_address_char(*p); p++)
                ;
        *ret_address = (Span){ begin, (size_t) (p - begin) };
        if (!is_address(*ret_address))
                return false;

        while (p < end && strchr(">)]", *p))
                p++;
        *s = (Span){ p, (size_t) (end - p) };
        return true;
}

/* The same at its end. */
static bool take_last(Span *s, Span *ret_address) {
        const char *p = s->p + s->n, *end;

        while (p > s->p && strchr(">)]", p[-1]))
                p--;
        for (end = p; p > s->p && is_address_char(p[-1]); p--)
                ;
        *ret_address = (Span){ p, (size_t) (end - p) };
        if (!is_address(*ret_address))
                return false;

        if (p - s->p >= 7 && strncasecmp(p - 7, "mailto:", 7) == 0)
                p -= 7;
        while (p > s->p && strchr("<([", p[-1]))
                p--;
        s->n = (size_t) (p - s->p);
        return true;
}

/* Is all of the text in one pair of parentheses? */
static bool is_parenthesis(Span s) {
        size_t depth = 0;

        for (size_t i = 0; i < s.n; i++) {
                if (s.p[i] == '(')
                        depth++;
                else if (s.p[i] == ')' && depth > 0)
                        depth--;
                if (depth == 0)
                        return i > 0 && i == s.n - 1;
        }

        return false;
}

static Span author_name(Span s) {
        Span name, address;

        s = name = span_strip(s, " ");
        if (!take_first(&name, &address) && !take_last(&name, &address))
                return s;

        name = span_strip(name, " ,;:-");
        if (is_parenthesis(name))
                name = (Span){ name.p + 1, name.n - 2 };
        name = span_strip(name, " \"");
        return name.n > 0 ? name : address;
}

/* Up to the next comma or semicolon outside parentheses. */
static Span first_piece(Span s) {
        size_t depth = 0, i;

        for (i = 0; i < s.n; i++) {
                if (s.p[i] == '(')
                        depth++;
                else if (s.p[i] == ')' && depth > 0)
                        depth--;
                else if (depth == 0 && strchr(",;", s.p[i]))
                        break;
        }

        return (Span){ s.p, i };
}

static Span behind(Span s, Span piece) {
        size_t n = MIN(piece.n + 1, s.n);

        return (Span){ s.p + n, s.n - n };
}

AuthorText author_text(const char *text) {
        AuthorText author = { .rest = text, .n_rest = strlen(text), .list = true };
        Span s = { author.rest, author.n_rest }, address;

        while (s.n > 0 && author.list) {
                Span piece = first_piece(s), stripped = span_strip(piece, " ");

                author.list = take_first(&stripped, &address) || take_last(&stripped, &address);
                s = behind(s, piece);
        }

        return author;
}

bool author_text_next(AuthorText *text, const char **ret_name, size_t *ret_n) {
        Span s = { text->rest, text->n_rest }, piece, name;

        if (s.n == 0)
                return false;

        piece = text->list ? first_piece(s) : s;
        s = behind(s, piece);
        text->rest = s.p;
        text->n_rest = s.n;
        name = author_name(piece);
        *ret_name = name.p;
        *ret_n = name.n;
        return true;
}
