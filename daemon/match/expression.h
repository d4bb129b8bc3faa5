/* SPDX-License-Identifier: MIT */
#pragma once

/* An expression as a tree; the grammar is in match/profile.h. Terms, phrases, NEAR and alternatives
 * of these have places in a text; "&" and "!" hold over the whole item. An alternative of both
 * kinds has its placed part as first child, so that its matches are counted together. */

#include "base/diag.h"
#include "model/model.h"
#include "settings/settings.h"

/* A line of the configuration is no longer either. */
#define EXPRESSION_BYTES_MAX ((size_t) 64 * 1024)
/* Parentheses inside each other, and NEARs in a row: the tree is walked by recursion. */
#define EXPRESSION_DEPTH_MAX 100

typedef enum ExpressionKind {
        EXPRESSION_TERM,
        EXPRESSION_PHRASE, /* children one behind the other */
        EXPRESSION_NEAR,   /* two children */
        EXPRESSION_OR,
        EXPRESSION_AND,
        EXPRESSION_NOT, /* one child; only inside "and" */
        EXPRESSION_KIND_MAX,
} ExpressionKind;

typedef struct Expression Expression;
struct Expression {
        ExpressionKind kind;
        size_t offset; /* in the text, for messages */
        Expression **children;
        size_t n_children, n_allocated;
        unsigned near; /* words between */

        /* of a term */
        char *folded;
        char *exact; /* the letters as written, with "=" */
        bool prefix;
        unsigned fields; /* bits: where it may stand */
        uint32_t term;   /* its number in the index, for whoever compiles */
};

#define FIELD_BIT(field) (1U << (field))
/* feed: counts only when asked for. */
#define FIELDS_DEFAULT ((FIELD_BIT(FIELD_MAX) - 1) & ~FIELD_BIT(FIELD_FEED))

/* Reads an expression (match/parser.c). 0, -EINVAL (the error is in *diags) or -ENOMEM. Borrows
 * nothing. */
int expression_parse(const SettingText *text, Diags *diags, Expression **ret) _warn_unused_;
Expression *expression_free(Expression *e);
DEFINE_POINTER_CLEANUP(Expression, expression_free);

/* For building: NULL when memory is out. */
Expression *expression_new(ExpressionKind kind, size_t offset) _warn_unused_;
/* Takes @child over, on failure too. A list inside a list of its kind melts into it. 0 or -ENOMEM.
 */
int expression_add(Expression *e, Expression *child) _warn_unused_;

/* Has it places in a text? */
bool expression_is_placed(const Expression *e);
