/* SPDX-License-Identifier: MIT */

#include "text/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

/* Any bytes fold; what is said of their place holds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes) {
        _cleanup_(word_list_done) WordList list = {};

        if (fold_words((const char *) data, n_bytes, 0, 4096, &list, NULL) < 0)
                return 0;

        for (size_t i = 0; i < list.n_words; i++) {
                const Word *w = &list.words[i];

                if (w->n_bytes == 0 || w->offset + w->n_bytes > n_bytes || w->n_folded == 0 ||
                        w->last_position < w->position)
                        abort();
        }

        return 0;
}
