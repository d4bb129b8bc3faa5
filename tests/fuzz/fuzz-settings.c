/* SPDX-License-Identifier: MIT */

/* Any bytes as a configuration: no crash, no leak, and an error or a result, never both or none. */

#include <errno.h>

#include "settings/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(diags_done) Diags diags = {};
        int r;

        r = settings_load_text("fuzz.conf", (const char *) data, size, &diags, &settings);
        assert(r == 0 || r == -EINVAL || r == -ENOMEM);
        assert((r == 0) == (settings != NULL));
        assert((r == -EINVAL) == (diags.n_errors > 0));
        return 0;
}
