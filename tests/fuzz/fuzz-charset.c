/* SPDX-License-Identifier: MIT */

#include "text/charset.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

/* The first byte chooses the charset, the second where the input is cut in two. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes) {
        static const char *const names[] = { "utf-8", "utf-16le", "utf-16be", "utf-32le", "gb18030",
                "shift_jis", "euc-jp", "iso-2022-jp", "big5", "euc-kr", "windows-1258",
                "windows-1252" };
        _cleanup_(charset_freep) Charset *charset = NULL;
        _cleanup_(buffer_done) Buffer out = {};

        if (n_bytes < 2 || charset_new(names[data[0] % ELEMENTSOF(names)], &charset) < 0)
                return 0;

        const size_t n_first = MIN((size_t) data[1], n_bytes - 2);
        if (charset_convert(charset, data + 2, n_first, &out) < 0 ||
                charset_convert(charset, data + 2 + n_first, n_bytes - 2 - n_first, &out) < 0 ||
                charset_finish(charset, &out) < 0)
                return 0;
        if (!utf8_is_valid(buffer_str(&out), out.n_bytes))
                abort();
        return 0;
}
