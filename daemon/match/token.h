/* SPDX-License-Identifier: MIT */
#pragma once

/* An expression cut into tokens. Knows quotes, the signs that make an operator and those that
 * belong to a word; what may follow what is the business of match/expression.c. */

#include "base/diag.h"
#include "model/model.h"
#include "settings/settings.h"

/* The furthest two words may lie apart: about a paragraph. */
#define NEAR_WORDS_MAX 100
/* A prefix shorter than this would match half the dictionary. */
#define PREFIX_LETTERS_MIN 3

typedef enum TokenKind {
        TOKEN_END,
        TOKEN_WORD, /* what stands between spaces and operators: "KFOR-led", "K.F.O.R." */
        TOKEN_OPEN,
        TOKEN_CLOSE,
        TOKEN_OR,
        TOKEN_AND,
        TOKEN_NOT,
        TOKEN_NEAR,
        TOKEN_FIELD,
        TOKEN_KIND_MAX,
} TokenKind;

typedef struct Token {
        TokenKind kind;
        size_t offset, end; /* bytes in the expression */
        /* of a word */
        const char *word; /* without "=" and "*" */
        size_t n_word;
        bool exact, prefix;
        bool quoted;
        unsigned near; /* of TOKEN_NEAR */
        Field field;   /* of TOKEN_FIELD */
} Token;

typedef struct Lexer {
        const SettingText *source;
        const char *text;
        size_t n_bytes, at;
        bool quoted, quoted_exact; /* inside quotes; opened as =" */
        bool quoted_empty;         /* no word since they opened */
        size_t quote_offset;
        Diags *diags;
} Lexer;

/* 0, or -EINVAL with the error in the diags. */
int lexer_next(Lexer *lexer, Token *ret) _warn_unused_;

/* Where byte @offset of the expression stands in its file. */
SourcePos lexer_pos(const Lexer *lexer, size_t offset);
/* Reports at @offset; evaluates to -EINVAL. */
#define lexer_error(lexer, offset, ...) \
        (diag_error((lexer)->diags, lexer_pos((lexer), (offset)), __VA_ARGS__), -EINVAL)
