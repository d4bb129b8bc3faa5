/* SPDX-License-Identifier: MIT */

#include "match/expression.h"

#include <errno.h>

Expression *expression_free(Expression *e) {
        if (!e)
                return NULL;

        for (size_t i = 0; i < e->n_children; i++)
                expression_free(e->children[i]);
        free(e->children);
        free(e->folded);
        free(e->exact);
        return mfree(e);
}

Expression *expression_new(ExpressionKind kind, size_t offset) {
        Expression *e = new0(Expression, 1);

        if (e) {
                e->kind = kind;
                e->offset = offset;
        }
        return e;
}

int expression_add(Expression *e, Expression *child) {
        _cleanup_(expression_freep) Expression *owned = child;
        bool melt =
                child->kind == e->kind && (e->kind == EXPRESSION_AND || e->kind == EXPRESSION_OR);
        size_t n = melt ? child->n_children : 1;

        if (ARRAY_GROW(e->children, e->n_allocated, e->n_children + n) < 0)
                return -ENOMEM;
        if (!melt) {
                e->children[e->n_children++] = TAKE_PTR(owned);
                return 0;
        }

        for (size_t i = 0; i < n; i++)
                e->children[e->n_children++] = child->children[i];
        child->n_children = 0;
        return 0;
}

bool expression_is_placed(const Expression *e) {
        switch (e->kind) {
        case EXPRESSION_TERM:
        case EXPRESSION_PHRASE:
        case EXPRESSION_NEAR:
                return true;
        case EXPRESSION_OR:
                for (size_t i = 0; i < e->n_children; i++)
                        if (!expression_is_placed(e->children[i]))
                                return false;
                return true;
        case EXPRESSION_AND:
        case EXPRESSION_NOT:
        case EXPRESSION_KIND_MAX:
                break;
        }

        return false;
}
