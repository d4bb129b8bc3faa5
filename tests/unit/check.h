/* SPDX-License-Identifier: MIT */
#pragma once

/* cmocka's assert_string_equal() reads at null; a string that was not there for want of memory is
 * to fail the test, not to kill it. Behind <cmocka.h>. */

#define assert_text(a, b)                        \
        do {                                     \
                const char *_text = (a);         \
                                                 \
                assert_non_null(_text);          \
                assert_string_equal(_text, (b)); \
        } while (false)
