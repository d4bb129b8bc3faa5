/* SPDX-License-Identifier: MIT */

#include "match/expression.h"

#include <errno.h>

#include "base/str.h"
#include "match/token.h"
#include "text/fold.h"
#include "text/utf8.h"

/* Recursive descent, one function per line of the grammar, then one walk over the finished tree for
 * what the grammar cannot say: where "!" may stand, and what NEAR may hold. */

typedef struct Parser {
        Lexer lexer;
        Token token; /* the next one */
        unsigned depth;
        unsigned fields;
        bool restricted; /* inside a field */
} Parser;

/* A piece of the expression that a message repeats is no longer than this. */
#define SUGGESTION_BYTES_MAX 80

static int parse_list(Parser *p, Expression **ret);

static int parser_next(Parser *p) {
        return lexer_next(&p->lexer, &p->token);
}

#define parser_error(p, offset, ...) lexer_error(&(p)->lexer, (offset), __VA_ARGS__)

/* --- words and phrases --- */

static int add_term(Parser *p, const Token *token, const Word *word, bool last, Expression *to) {
        _cleanup_(expression_freep) Expression *e = NULL;

        e = expression_new(EXPRESSION_TERM, token->offset);
        if (!e)
                return -ENOMEM;

        e->fields = p->fields;
        e->prefix = token->prefix && last;
        e->folded = memdup_suffix0(word->folded, word->n_folded);
        if (!e->folded)
                return -ENOMEM;
        if (token->exact) {
                e->exact = memdup_suffix0(token->word + word->offset, word->n_bytes);
                if (!e->exact)
                        return -ENOMEM;
        }

        return expression_add(to, TAKE_PTR(e));
}

static size_t word_end(const Word *word) {
        return (size_t) word->offset + word->n_bytes;
}

/* Adds the compound whose words are [first, end) to the phrase. Parts behind an apostrophe have no
 * position of their own, so that they are only looked for joined; a hyphen may be absent or a space
 * in the text. */
static int add_compound(Parser *p, const Token *token, const Word *first, const Word *end,
        bool last, Expression *phrase) {
        _cleanup_(expression_freep) Expression *either = NULL, *parts = NULL;
        const Word *whole = first;
        int r;

        for (const Word *w = first; w < end; w++)
                if (w->offset == first->offset && word_end(w) > word_end(whole))
                        whole = w;
        if (whole->position == whole->last_position)
                return add_term(p, token, whole, last, phrase);

        either = expression_new(EXPRESSION_OR, token->offset);
        parts = expression_new(EXPRESSION_PHRASE, token->offset);
        if (!either || !parts)
                return -ENOMEM;

        /* One element for each position: the longest word that stays in it. */
        for (const Word *w = first; w < end;) {
                const Word *longest = w;
                uint32_t position = w->position;

                for (; w < end && w->position == position; w++)
                        if (w->offset == longest->offset && w->last_position == position)
                                longest = w;
                r = add_term(p, token, longest, last && w == end, parts);
                if (r < 0)
                        return r;
        }

        r = add_term(p, token, whole, last, either);
        if (r < 0)
                return r;
        r = expression_add(either, TAKE_PTR(parts));
        if (r < 0)
                return r;
        return expression_add(phrase, TAKE_PTR(either));
}

/* Adds what the token's text holds: usually one word, but "kfor.com" is two. */
static int add_words(Parser *p, const Token *token, Expression *phrase) {
        _cleanup_(word_list_done) WordList list = {};
        int r;

        r = fold_words(token->word, token->n_word, 0, SIZE_MAX / 2, &list, NULL);
        if (r < 0)
                return r;
        if (list.n_words == 0)
                return parser_error(p, token->offset, "'%.*s' is nothing once it is folded",
                        (int) utf8_cut(token->word, token->n_word, SUGGESTION_BYTES_MAX),
                        token->word);

        for (size_t i = 0, j; i < list.n_words; i = j) {
                size_t end = word_end(&list.words[i]);

                for (j = i + 1; j < list.n_words && list.words[j].offset < end; j++)
                        end = MAX(end, word_end(&list.words[j]));
                r = add_compound(
                        p, token, list.words + i, list.words + j, j == list.n_words, phrase);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int parse_phrase(Parser *p, Expression **ret) {
        _cleanup_(expression_freep) Expression *phrase = NULL;
        int r;

        phrase = expression_new(EXPRESSION_PHRASE, p->token.offset);
        if (!phrase)
                return -ENOMEM;

        while (p->token.kind == TOKEN_WORD) {
                r = add_words(p, &p->token, phrase);
                if (r < 0)
                        return r;
                r = parser_next(p);
                if (r < 0)
                        return r;
        }

        if (phrase->n_children == 1) {
                *ret = phrase->children[0];
                phrase->n_children = 0;
                return 0;
        }

        *ret = TAKE_PTR(phrase);
        return 0;
}

/* --- what phrases are put together with --- */

static int parse_parenthesis(Parser *p, Expression **ret) {
        _cleanup_(expression_freep) Expression *inner = NULL;
        size_t offset = p->token.offset;
        int r;

        if (++p->depth > EXPRESSION_DEPTH_MAX)
                return parser_error(p, offset, "more than %d parentheses inside each other",
                        EXPRESSION_DEPTH_MAX);
        r = parser_next(p);
        if (r < 0)
                return r;
        r = parse_list(p, &inner);
        if (r < 0)
                return r;
        if (p->token.kind != TOKEN_CLOSE)
                return parser_error(p, offset, "this parenthesis is not closed");
        r = parser_next(p);
        if (r < 0)
                return r;

        p->depth--;
        *ret = TAKE_PTR(inner);
        return 0;
}

static const char *token_name(TokenKind kind) {
        switch (kind) {
        case TOKEN_END:
                return "the end";
        case TOKEN_WORD:
                return "a word";
        case TOKEN_OPEN:
                return "'('";
        case TOKEN_CLOSE:
                return "')'";
        case TOKEN_OR:
                return "'|'";
        case TOKEN_AND:
                return "'&'";
        case TOKEN_NOT:
                return "'!'";
        case TOKEN_NEAR:
                return "NEAR";
        case TOKEN_FIELD:
                return "a field";
        case TOKEN_KIND_MAX:
                break;
        }

        return NULL;
}

static int parse_primary(Parser *p, Expression **ret) {
        unsigned fields = p->fields;
        bool restricted = p->restricted;
        int r;

        if (p->token.kind == TOKEN_FIELD) {
                unsigned bit = FIELD_BIT(p->token.field);

                p->fields = p->restricted ? p->fields & bit : bit;
                p->restricted = true;
                if (p->fields == 0)
                        return parser_error(
                                p, p->token.offset, "a field inside another field matches nothing");
                r = parser_next(p);
                if (r < 0)
                        return r;
                if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_OPEN)
                        return parser_error(p, p->token.offset,
                                "a field stands before a word, a phrase or a parenthesis, not "
                                "before %s",
                                token_name(p->token.kind));
        }

        if (p->token.kind == TOKEN_WORD)
                r = parse_phrase(p, ret);
        else if (p->token.kind == TOKEN_OPEN)
                r = parse_parenthesis(p, ret);
        else if (p->token.kind == TOKEN_NOT)
                r = parser_error(p, p->token.offset,
                        "'!' stands before a part of '&', not behind NEAR or another '!'");
        else
                r = parser_error(p, p->token.offset,
                        "a word, a phrase or a parenthesis is missing before %s",
                        token_name(p->token.kind));

        p->fields = fields;
        p->restricted = restricted;
        return r;
}

static int parse_near(Parser *p, Expression **ret) {
        _cleanup_(expression_freep) Expression *left = NULL;
        unsigned n_chained = 0;
        int r;

        r = parse_primary(p, &left);
        if (r < 0)
                return r;

        while (p->token.kind == TOKEN_NEAR) {
                _cleanup_(expression_freep) Expression *near = NULL;
                Expression *right;

                near = expression_new(EXPRESSION_NEAR, p->token.offset);
                if (!near)
                        return -ENOMEM;
                if (++n_chained > EXPRESSION_DEPTH_MAX)
                        return parser_error(p, p->token.offset, "more than %d NEAR in a row",
                                EXPRESSION_DEPTH_MAX);
                near->near = p->token.near;
                r = parser_next(p);
                if (r < 0)
                        return r;
                r = parse_primary(p, &right);
                if (r < 0)
                        return r;

                r = expression_add(near, TAKE_PTR(left));
                if (r < 0) {
                        expression_free(right);
                        return r;
                }
                r = expression_add(near, right);
                if (r < 0)
                        return r;
                left = TAKE_PTR(near);
        }

        *ret = TAKE_PTR(left);
        return 0;
}

static int parse_operand(Parser *p, Expression **ret) {
        _cleanup_(expression_freep) Expression *negation = NULL;
        Expression *e;
        int r;

        if (p->token.kind != TOKEN_NOT)
                return parse_near(p, ret);

        negation = expression_new(EXPRESSION_NOT, p->token.offset);
        if (!negation)
                return -ENOMEM;
        r = parser_next(p);
        if (r < 0)
                return r;
        r = parse_near(p, &e);
        if (r < 0)
                return r;
        r = expression_add(negation, e);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(negation);
        return 0;
}

/* --- lists of "&" or "|" --- */

/* "a | b & c": says so at the second operator, and what to write. @first and @last are where the
 * list and its last operand begin. */
static int parse_mixed(Parser *p, size_t first, size_t last) {
        const char *text = p->lexer.text, *sign = p->token.kind == TOKEN_AND ? "&" : "|";
        _cleanup_(expression_freep) Expression *next = NULL;
        size_t offset = p->token.offset, left = offset, right, right_end;
        int r;

        r = parser_next(p);
        if (r < 0)
                return r;
        right = p->token.offset;
        r = parse_operand(p, &next);
        if (r < 0)
                return r;

        right_end = p->token.offset;
        while (left > first && ascii_isspace(text[left - 1]))
                left--;
        while (right_end > right && ascii_isspace(text[right_end - 1]))
                right_end--;
        if (right_end - first > SUGGESTION_BYTES_MAX)
                return parser_error(p, offset,
                        "'&' and '|' are not mixed without parentheses; write '(A | B) & C' or "
                        "'A | (B & C)'");

        return parser_error(p, offset,
                "'&' and '|' are not mixed without parentheses; write '(%.*s) %s %.*s' or "
                "'%.*s(%.*s %s %.*s)'",
                (int) (left - first), text + first, sign, (int) (right_end - right), text + right,
                (int) (last - first), text + first, (int) (left - last), text + last, sign,
                (int) (right_end - right), text + right);
}

/* The children that have places become one child, the first, when others have none. */
static int alternatives_sort(Expression *list) {
        _cleanup_(expression_freep) Expression *placed = NULL;
        size_t n_placed = 0, n = 0;

        for (size_t i = 0; i < list->n_children; i++)
                n_placed += expression_is_placed(list->children[i]);
        if (n_placed < 1 || n_placed == list->n_children)
                return 0;

        placed = expression_new(EXPRESSION_OR, list->offset);
        if (!placed)
                return -ENOMEM;
        if (ARRAY_GROW(placed->children, placed->n_allocated, n_placed) < 0 ||
                ARRAY_GROW(list->children, list->n_allocated, list->n_children + 1) < 0)
                return -ENOMEM;

        for (size_t i = 0; i < list->n_children; i++) {
                if (expression_is_placed(list->children[i]))
                        placed->children[placed->n_children++] = list->children[i];
                else
                        list->children[n++] = list->children[i];
        }
        memmove(list->children + 1, list->children, n * sizeof(Expression *));
        list->children[0] = TAKE_PTR(placed);
        list->n_children = n + 1;
        return 0;
}

static int parse_list(Parser *p, Expression **ret) {
        _cleanup_(expression_freep) Expression *list = NULL, *operand = NULL;
        size_t first = p->token.offset, last = first;
        TokenKind kind;
        int r;

        r = parse_operand(p, &operand);
        if (r < 0)
                return r;

        kind = p->token.kind;
        if (kind != TOKEN_AND && kind != TOKEN_OR) {
                *ret = TAKE_PTR(operand);
                return 0;
        }

        list = expression_new(kind == TOKEN_AND ? EXPRESSION_AND : EXPRESSION_OR, first);
        if (!list)
                return -ENOMEM;
        r = expression_add(list, TAKE_PTR(operand));
        if (r < 0)
                return r;

        while (p->token.kind == TOKEN_AND || p->token.kind == TOKEN_OR) {
                if (p->token.kind != kind)
                        return parse_mixed(p, first, last);
                r = parser_next(p);
                if (r < 0)
                        return r;
                last = p->token.offset;
                r = parse_operand(p, &operand);
                if (r < 0)
                        return r;
                r = expression_add(list, TAKE_PTR(operand));
                if (r < 0)
                        return r;
        }

        if (list->kind == EXPRESSION_OR) {
                r = alternatives_sort(list);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(list);
        return 0;
}

/* --- what the grammar cannot say --- */

static int check_not(Parser *p, const Expression *e, const Expression *parent) {
        if (parent && parent->kind == EXPRESSION_AND) {
                for (size_t i = 0; i < parent->n_children; i++)
                        if (parent->children[i]->kind != EXPRESSION_NOT)
                                return 0;
        } else if (parent && parent->kind == EXPRESSION_OR)
                return parser_error(p, e->offset,
                        "'!' stands only inside '&'; write '(A & !B)' for this alternative");
        else if (parent && parent->kind == EXPRESSION_NEAR)
                return parser_error(p, e->offset, "'!' cannot stand inside NEAR");
        else if (parent && parent->kind == EXPRESSION_NOT)
                return parser_error(p, e->offset, "a negation of a negation; leave both out");

        return parser_error(p, e->offset,
                "an expression of negations alone would match nearly everything; write 'A & !B'");
}

static int check(Parser *p, const Expression *e, const Expression *parent) {
        int r;

        if (e->kind == EXPRESSION_NOT) {
                r = check_not(p, e, parent);
                if (r < 0)
                        return r;
        }

        for (size_t i = 0; i < e->n_children; i++) {
                const Expression *child = e->children[i];

                if (e->kind == EXPRESSION_NEAR && child->kind != EXPRESSION_NOT &&
                        !expression_is_placed(child))
                        return parser_error(p, child->offset,
                                "'&' holds over the whole item and cannot stand inside NEAR");
                r = check(p, child, e);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int parse_all(Parser *p, Expression **ret) {
        _cleanup_(expression_freep) Expression *e = NULL;
        int r;

        if (p->lexer.n_bytes > EXPRESSION_BYTES_MAX)
                return parser_error(
                        p, 0, "an expression has at most %zu bytes", EXPRESSION_BYTES_MAX);
        r = parser_next(p);
        if (r < 0)
                return r;
        if (p->token.kind == TOKEN_END)
                return parser_error(p, 0, "the expression is empty");
        r = parse_list(p, &e);
        if (r < 0)
                return r;
        if (p->token.kind == TOKEN_CLOSE)
                return parser_error(p, p->token.offset, "no parenthesis is open here");
        if (p->token.kind != TOKEN_END)
                return parser_error(p, p->token.offset,
                        "an operator is missing before %s: '|', '&' or NEAR/12",
                        token_name(p->token.kind));
        r = check(p, e, NULL);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(e);
        return 0;
}

int expression_parse(const SettingText *text, Diags *diags, Expression **ret) {
        Parser p = {
                .lexer = { .source = text,
                        .text = text->text,
                        .n_bytes = strlen(text->text),
                        .diags = diags },
                .fields = FIELDS_DEFAULT,
        };

        return parse_all(&p, ret);
}
