/* SPDX-License-Identifier: MIT */

/* The message ids of base/message-ids.h and the entries of the journal's catalog are the same set,
 * and each entry has what `journalctl -x` shows. Run from the top of the source tree. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/strv.h"

#define IDS_PATH "daemon/base/message-ids.h"
#define CATALOG_PATH "units/picketd.catalog"
#define ID_CHARS 32

static bool is_id(const char *s) {
        return strspn(s, "0123456789abcdef") == ID_CHARS;
}

/* Every string of 32 hex digits behind a quote. */
static char **ids_of_header(void) {
        _cleanup_free_ char *line = NULL;
        size_t n_allocated = 0;
        char **ids = NULL;
        FILE *f;

        f = fopen(IDS_PATH, "re");
        assert_non_null(f);
        while (getline(&line, &n_allocated, f) >= 0) {
                char *quote = strchr(line, '"');

                if (!quote || !is_id(quote + 1))
                        continue;
                quote[1 + ID_CHARS] = '\0';
                assert_false(strv_contains(ids, quote + 1));
                assert_int_equal(strv_extend(&ids, quote + 1), 0);
        }
        fclose(f);

        return ids;
}

/* Reads the entries, each with a subject, the name of the program, and a text. */
static char **ids_of_catalog(void) {
        _cleanup_free_ char *line = NULL;
        bool subject = true, defined_by = true, text = true, in_headers = false;
        size_t n_allocated = 0;
        char **ids = NULL;
        FILE *f;

        f = fopen(CATALOG_PATH, "re");
        assert_non_null(f);
        while (getline(&line, &n_allocated, f) >= 0) {
                char *s = strstrip(line);
                const char *id = startswith(s, "-- ");

                if (id) {
                        assert_true(is_id(id) && strlen(id) == ID_CHARS);
                        assert_true(subject && defined_by && text); /* of the entry before */
                        assert_false(strv_contains(ids, id));
                        assert_int_equal(strv_extend(&ids, id), 0);
                        subject = defined_by = text = false;
                        in_headers = true;
                } else if (s[0] == '\0')
                        in_headers = false;
                else if (in_headers) {
                        subject |= startswith(s, "Subject: ") != NULL;
                        defined_by |= streq(s, "Defined-By: Picket");
                } else if (s[0] != '#')
                        text = true;
        }
        fclose(f);
        assert_true(subject && defined_by && text);

        return ids;
}

static void test_same_set(void **state) {
        _cleanup_(strv_freep) char **header = ids_of_header(), **catalog = ids_of_catalog();

        (void) state;
        assert_true(strv_length(header) > 0);
        STRV_FOREACH (id, header)
                if (!strv_contains(catalog, *id))
                        fail_msg("%s has no entry in %s", *id, CATALOG_PATH);
        STRV_FOREACH (id, catalog)
                if (!strv_contains(header, *id))
                        fail_msg("%s is not in %s", *id, IDS_PATH);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_same_set),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
