/* SPDX-License-Identifier: MIT */

/* Settings and expressions judged in one run. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/str.h"
#include "configuration.h"
#include "check.h"

static char directory[] = "/tmp/picket-configuration-XXXXXX", path[64];

static int setup(void **state) {
        (void) state;

        if (!mkdtemp(directory))
                return -1;
        (void) snprintf(path, sizeof path, "%s/picket.conf", directory);
        return setenv("XDG_STATE_HOME", directory, /* overwrite= */ 1);
}

static int teardown(void **state) {
        (void) state;

        (void) unlink(path);
        return rmdir(directory);
}

/* "LINE:COLUMN MESSAGE" of each diagnostic, the way picketctl check orders them. */
static int load(
        const char *text, Buffer *said, Settings **ret_settings, ProfileSet **ret_profiles) {
        _cleanup_(diags_done) Diags diags = {};
        FILE *f = fopen(path, "we");
        int r;

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);

        r = configuration_load(
                &(SettingsSource){ .path = path }, &diags, ret_settings, ret_profiles);
        assert_int_equal(r == -EINVAL, diags.n_errors > 0);
        for (size_t i = 0; i < diags.n_items; i++)
                assert_int_equal(buffer_printf(said, "%u:%u %s\n", diags.items[i].line,
                                         diags.items[i].column, diags.items[i].message),
                        0);
        return r;
}

static const struct {
        const char *name, *text;
        int r;
        unsigned places[8][2]; /* line and column of what is said, in any order; 0: no more */
} cases[] = {
        { "nothing", "", 0, {} },
        { "good",
                "[feed f]\nurl = https://example.org/\n"
                "[profile p]\nkeyword = 10 KFOR\nkeyword = 6 Kosovo NEAR/12 troop*\n"
                "require = Kosovo* | KFOR\nexclude = title:(quiz | horoscope)\n",
                0, {} },
        { "a key and an expression",
                "[feed f]\nurl = https://example.org/\ncolour = red\n"
                "[profile p]\nkeyword = 10 KFOR |\n",
                -EINVAL, { { 3, 1 }, { 5, 20 } } },
        { "expressions alone",
                "[profile p]\nkeyword = 10 (KFOR\nkeyword = 1 ok\nrequire = a | b & c\n", -EINVAL,
                { { 2, 14 }, { 4, 17 } } },
        { "settings alone", "[profile p]\nkeyword = 1 ok\nthreshold = x\n[sink s]\ntype = fax\n",
                -EINVAL, { { 3, 13 }, { 5, 8 } } },
        { "in two profiles, columns in characters",
                "[profile p]\nkeyword = 1 T\xC3\xBCrkiye T\xC3\xBCrkiye |\n"
                "[profile q]\nexclude = !quiz\n",
                -EINVAL, { { 2, 30 }, { 3, 10 }, { 4, 11 } } },
        { "a bad expression in a profile with a bad key",
                "[profile p]\nkeyword = 10 KFOR NEAR/999 x\nthreshold = -1\n", -EINVAL,
                { { 2, 24 }, { 3, 13 } } },
};

static void test_load(void **state) {
        unsigned n_wrong = 0;

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(settings_freep) Settings *settings = NULL;
                _cleanup_(profile_set_freep) ProfileSet *profiles = NULL;
                _cleanup_(buffer_done) Buffer said = {};
                size_t n_said = 0, n_expected = 0;
                bool wrong;
                int r;

                r = load(cases[i].text, &said, &settings, &profiles);
                for (const char *c = buffer_str(&said); *c; c++)
                        n_said += *c == '\n';
                for (; cases[i].places[n_expected][0] > 0; n_expected++) {
                        char place[32];

                        (void) snprintf(place, sizeof place, "%u:%u ",
                                cases[i].places[n_expected][0], cases[i].places[n_expected][1]);
                        if (!strstr(buffer_str(&said), place))
                                n_said = SIZE_MAX; /* told below */
                }

                wrong = r != cases[i].r || n_said != n_expected || (r >= 0) != (settings != NULL) ||
                        (r >= 0) != (profiles != NULL);
                if (wrong)
                        print_error("%s: %d\n%s", cases[i].name, r, buffer_str(&said));
                n_wrong += wrong;
        }
        assert_int_equal(n_wrong, 0);
}

static void test_result(void **state) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(profile_set_freep) ProfileSet *profiles = NULL;
        _cleanup_(buffer_done) Buffer said = {};
        const Document document = { .text = { [FIELD_TITLE] = "KFOR" } };
        Verdict *verdicts = NULL;

        (void) state;

        assert_int_equal(load("[profile p]\nkeyword = 10 KFOR\n[profile q]\nkeyword = 1 KFOR\n",
                                 &said, &settings, &profiles),
                0);
        assert_int_equal(settings->n_profiles, 2);
        assert_int_equal(profile_set_size(profiles), 2);
        assert_int_equal(profile_set_score(profiles, &document, 1000, &verdicts), 0);
        assert_text(verdicts[0].profile, "p");
        assert_int_equal(verdicts[0].score_milli, 15000);
        assert_true(verdicts[0].matched);
        assert_false(verdicts[1].matched);
        verdict_array_free(verdicts, 2);
}

static void test_no_file(void **state) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(profile_set_freep) ProfileSet *profiles = NULL;
        _cleanup_(diags_done) Diags diags = {};

        (void) state;

        assert_int_equal(configuration_load(&(SettingsSource){ .path = "/nowhere/picket.conf" },
                                 &diags, &settings, &profiles),
                -ENOENT);
        assert_true(diags.n_items > 0);
        assert_null(settings);
        assert_null(profiles);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_load),
                cmocka_unit_test(test_result),
                cmocka_unit_test(test_no_file),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
