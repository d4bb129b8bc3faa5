/* SPDX-License-Identifier: MIT */

#include "text/date.h"

#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes) {
        _cleanup_free_ char *s = memdup_suffix0(data, n_bytes);
        char formatted[RFC3339_CHARS_MAX];
        usec_t t, back;

        if (!s)
                return 0;
        if (date_parse_http(s, &t) >= 0 && t % USEC_PER_SEC != 0)
                abort();

        /* What was read can be written, and read again; whole seconds. */
        if (date_parse(s, &t) >= 0 && rfc3339_format(t, formatted) &&
                (date_parse(formatted, &back) < 0 || back != t - t % USEC_PER_SEC))
                abort();
        return 0;
}
