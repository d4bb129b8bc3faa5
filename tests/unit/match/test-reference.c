/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "profile-maker.h"

/* Random expressions on random texts, against a matcher that is slow and obvious: it tries every
 * run of words. It knows its own tree, which the generator makes together with the expression. */

#define N_CASES 6000
#define N_WORDS_MAX 14
#define N_FIELDS 3

static const Field fields[N_FIELDS] = { FIELD_TITLE, FIELD_SUMMARY, FIELD_BODY };
static const int64_t factors[N_FIELDS] = { 1500, 1000, 750 };
static const char *const vocabulary[] = { "aaa", "aab", "abb", "bbb", "ccc" };

typedef enum NodeKind {
        WORD,
        PREFIX,
        PHRASE,
        NEAR,
        OR,
        AND,
        NOT,
} NodeKind;

typedef struct Node {
        NodeKind kind;
        const char *word;
        unsigned fields; /* bits of the three */
        unsigned near;
        struct Node *children[3];
        size_t n_children;
} Node;

typedef struct Text {
        const char *words[N_WORDS_MAX];
        size_t n_words;
        char bytes[N_WORDS_MAX * 4 + 1];
} Text;

static Node nodes[1024];
static size_t n_nodes;
static Random random_state = { 20260920 };

static unsigned pick(unsigned n) {
        return (unsigned) random_below(&random_state, n);
}

static Node *node_new(NodeKind kind, unsigned bits) {
        Node *n = &nodes[n_nodes++];

        assert_true(n_nodes < ELEMENTSOF(nodes));
        *n = (Node){ .kind = kind, .fields = bits };
        return n;
}

/* --- generator --- */

static void put(Buffer *b, const char *s) {
        assert_int_equal(buffer_append_str(b, s), 0);
}

static Node *make_word(Buffer *b, unsigned bits) {
        Node *n = node_new(pick(4) == 0 ? PREFIX : WORD, bits);

        n->word = vocabulary[pick(ELEMENTSOF(vocabulary))];
        put(b, n->word);
        if (n->kind == PREFIX)
                put(b, "*");
        return n;
}

static Node *make_phrase(Buffer *b, unsigned bits) {
        Node *n;

        if (pick(3) > 0)
                return make_word(b, bits);

        n = node_new(PHRASE, bits);
        for (unsigned i = 2 + pick(2); i > 0; i--) {
                n->children[n->n_children++] = make_word(b, bits);
                put(b, " ");
        }
        return n;
}

static Node *make_placed(Buffer *b, unsigned bits, unsigned depth, bool primary);

static Node *make_list(Buffer *b, unsigned bits, unsigned depth) {
        Node *n = node_new(OR, bits);

        for (unsigned i = 2 + pick(2); i > 0; i--) {
                n->children[n->n_children++] = make_placed(b, bits, depth + 1, false);
                if (i > 1)
                        put(b, " | ");
        }
        return n;
}

/* A part of NEAR, with @primary, else anything that has places, safe inside a list. */
static Node *make_placed(Buffer *b, unsigned bits, unsigned depth, bool primary) {
        unsigned choice = depth > 2 ? 0 : pick(6);
        Node *n;

        if (choice < 3)
                return make_phrase(b, bits);
        if (choice == 3 && bits == 7) {
                static const char *const names[] = { "title:(", "summary:(", "body:(" };
                unsigned f = pick(N_FIELDS);

                put(b, names[f]);
                n = make_list(b, 1U << f, depth);
                put(b, ")");
                return n;
        }
        if (choice == 4 && primary) {
                put(b, "(");
                n = make_list(b, bits, depth);
                put(b, ")");
                return n;
        }

        n = node_new(NEAR, bits);
        n->near = pick(4);
        if (primary)
                put(b, "(");
        n->children[n->n_children++] = make_placed(b, bits, depth + 1, true);
        assert_int_equal(buffer_printf(b, " NEAR/%u ", n->near), 0);
        n->children[n->n_children++] = make_placed(b, bits, depth + 1, true);
        if (primary)
                put(b, ")");
        return n;
}

static Node *make_expression(Buffer *b) {
        Node *n;

        switch (pick(3)) {
        case 0:
                return make_placed(b, 7, 0, false);
        case 1:
                return make_list(b, 7, 0);
        default:
                n = node_new(AND, 7);
                n->children[n->n_children++] = make_placed(b, 7, 1, true);
                put(b, " & ");
                if (pick(2) == 0) {
                        Node *not_node = node_new(NOT, 7);

                        put(b, "!");
                        not_node->children[not_node->n_children++] = make_placed(b, 7, 1, true);
                        n->children[n->n_children++] = not_node;
                } else
                        n->children[n->n_children++] = make_placed(b, 7, 1, true);
                return n;
        }
}

static void make_text(Text *t) {
        size_t at = 0;

        t->n_words = pick(N_WORDS_MAX + 1);
        for (size_t i = 0; i < t->n_words; i++) {
                t->words[i] = vocabulary[pick(ELEMENTSOF(vocabulary))];
                at += (size_t) sprintf(t->bytes + at, "%s ", t->words[i]);
        }
        t->bytes[at] = '\0';
}

/* --- reference --- */

/* Does @n match exactly the words [i, j)? */
static bool matches(const Node *n, const Text *t, unsigned field, size_t i, size_t j) {
        switch (n->kind) {
        case WORD:
                return (n->fields & (1U << field)) && j == i + 1 && streq(t->words[i], n->word);
        case PREFIX:
                return (n->fields & (1U << field)) && j == i + 1 &&
                        startswith(t->words[i], n->word);
        case PHRASE:
                if (j != i + n->n_children)
                        return false;
                for (size_t k = 0; k < n->n_children; k++)
                        if (!matches(n->children[k], t, field, i + k, i + k + 1))
                                return false;
                return true;
        case OR:
                for (size_t k = 0; k < n->n_children; k++)
                        if (matches(n->children[k], t, field, i, j))
                                return true;
                return false;
        case NEAR:
                for (size_t a = i + 1; a < j; a++)
                        for (size_t b = a; b < j && b - a <= n->near; b++)
                                for (unsigned k = 0; k < 2; k++)
                                        if (matches(n->children[k], t, field, i, a) &&
                                                matches(n->children[1 - k], t, field, b, j))
                                                return true;
                return false;
        case AND:
        case NOT:
                break;
        }

        return false;
}

/* Leftmost, then longest. */
static unsigned count(const Node *n, const Text *t, unsigned field) {
        unsigned found = 0;

        for (size_t i = 0; i < t->n_words;) {
                size_t j = t->n_words;

                while (j > i && !matches(n, t, field, i, j))
                        j--;
                found += j > i;
                i = j > i ? j : i + 1;
        }

        return found;
}

/* The points of weight 1. */
static int64_t points(const Node *n, const Text texts[static N_FIELDS], bool once) {
        int64_t best = -1;

        if (n->kind == AND) {
                int64_t lowest = INT64_MAX;

                for (size_t k = 0; k < n->n_children; k++) {
                        bool negated = n->children[k]->kind == NOT;
                        int64_t p = points(negated ? n->children[k]->children[0] : n->children[k],
                                texts, true);

                        if (negated ? p >= 0 : p < 0)
                                return -1;
                        if (!negated)
                                lowest = MIN(lowest, p);
                }
                return lowest;
        }

        for (unsigned f = 0; f < N_FIELDS; f++) {
                int64_t c = count(n, &texts[f], f);

                if (c > 0 && once)
                        c = 1;
                if (c > 0)
                        best = MAX(best, 1000 * factors[f] * (3 * c - 1) / (2000 * c));
        }
        return best;
}

static void test_reference(void **state) {
        unsigned n_matched = 0;

        (void) state;

        for (unsigned i = 0; i < N_CASES; i++) {
                _cleanup_(profile_set_freep) ProfileSet *set = NULL;
                _cleanup_(buffer_done) Buffer b = {};
                const char *lines[2] = {};
                Text texts[N_FIELDS];
                Document document = {};
                Verdict *v = NULL;
                int64_t wanted;
                Node *root;

                n_nodes = 0;
                put(&b, "1 ");
                root = make_expression(&b);
                lines[0] = buffer_str(&b);
                set = maker_set(lines);
                for (unsigned f = 0; f < N_FIELDS; f++) {
                        make_text(&texts[f]);
                        document.text[fields[f]] = texts[f].bytes;
                }

                wanted = points(root, texts, false);
                assert_int_equal(profile_set_score(set, &document, 1000, &v), 0);
                if (v->n_hits != (wanted >= 0) ||
                        (wanted >= 0 && v->hits[0].points_milli != wanted))
                        fail_msg("%u: '%s' in '%s', '%s', '%s': %lld, not %lld", i, lines[0],
                                texts[0].bytes, texts[1].bytes, texts[2].bytes,
                                v->n_hits > 0 ? (long long) v->hits[0].points_milli : -1LL,
                                (long long) wanted);
                n_matched += wanted >= 0;
                verdict_array_free(v, 1);
        }

        /* Neither all nor nothing matched. */
        assert_true(n_matched > N_CASES / 10 && n_matched < N_CASES * 99 / 100);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_reference),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
