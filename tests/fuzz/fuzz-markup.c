/* SPDX-License-Identifier: MIT */

#include "text/markup.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes) {
        _cleanup_(buffer_done) Buffer text = {}, again = {};
        const char *s = (const char *) data;

        if (markup_to_text(s, n_bytes, &text) < 0)
                return 0;
        if (!utf8_is_valid(buffer_str(&text), text.n_bytes))
                abort();
        (void) text_has_markup(s, n_bytes);

        /* What was folded stays as it is. */
        if (text_fold_space(buffer_str(&text), text.n_bytes, &again) < 0)
                return 0;
        if (strcmp(buffer_str(&text), buffer_str(&again)) != 0)
                abort();
        return 0;
}
