/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "settings/file.h"
#include "settings/keys.h"
#include "settings/values.h"

#define FOREACH_KEY(key, type)                                          \
        for (SectionType type = 0; type < SECTION_TYPE_MAX; type++)     \
                for (const SettingKey *key = setting_tables[type].keys; \
                        key < setting_tables[type].keys + setting_tables[type].n_keys; key++)

static void test_rows(void **state) {
        (void) state;

        FOREACH_KEY(key, type) {
                assert_non_null(key->name);
                assert_true(strlen(key->name) > 2);
                for (const char *c = key->name; *c; c++)
                        assert_true(*c == '-' || (*c >= 'a' && *c <= 'z'));
                assert_non_null(key->parse);
                assert_false(isempty(key->doc));
                assert_true(key->reload < SETTING_RELOAD_MAX);

                for (const SettingKey *other = setting_tables[type].keys; other < key; other++)
                        assert_string_not_equal(other->name, key->name);
        }
}

/* Defaults go through the parsers of their keys, and none of them says a word. */
static void test_defaults(void **state) {
        (void) state;

        FOREACH_KEY(key, type) {
                union {
                        PicketSettings picket;
                        FeedSettings feed;
                        ProfileSettings profile;
                        SinkSettings sink;
                } object = {};
                _cleanup_(diags_done) Diags diags = {};
                const SettingContext context = { .diags = &diags };
                const Assignment a = {
                        .key = (char *) key->name,
                        .value = (char *) key->default_text,
                };

                if (!key->default_text)
                        continue;
                assert_int_equal(key->parse(&context, &a, (char *) &object + key->offset), 0);
                if (diags.n_items > 0)
                        fail_msg("%s: %s", key->name, diags.items[0].message);
        }
}

static void test_section_types(void **state) {
        (void) state;

        for (SectionType type = 0; type < SECTION_TYPE_MAX; type++) {
                SectionType again;

                assert_int_equal(section_type_from_string(section_type_to_string(type), &again), 0);
                assert_int_equal(again, type);
                assert_true(setting_tables[type].n_keys > 0);
        }
}

static void test_enums(void **state) {
        (void) state;

        for (FullText i = 0; i < FULL_TEXT_MAX; i++) {
                FullText again;

                assert_int_equal(full_text_from_string(full_text_to_string(i), &again), 0);
                assert_int_equal(again, i);
        }
        for (SinkType i = 0; i < SINK_TYPE_MAX; i++) {
                SinkType again;

                assert_int_equal(sink_type_from_string(sink_type_to_string(i), &again), 0);
                assert_int_equal(again, i);
        }
        for (SinkFormat i = 0; i < SINK_FORMAT_MAX; i++) {
                SinkFormat again;

                assert_int_equal(sink_format_from_string(sink_format_to_string(i), &again), 0);
                assert_int_equal(again, i);
        }
}

/* The part of the manual page that describes @type. */
static char *manual_section(const char *page, SectionType type) {
        static const char *const titles[] = {
                [SECTION_PICKET] = "\n.SH \"SECTION [PICKET]\"\n",
                [SECTION_FEED] = "\n.SH \"SECTION [FEED NAME]\"\n",
                [SECTION_PROFILE] = "\n.SH \"SECTION [PROFILE NAME]\"\n",
                [SECTION_SINK] = "\n.SH \"SECTION [SINK NAME]\"\n",
        };
        const char *start = strstr(page, titles[type]), *end;
        char *section;

        assert_non_null(start);
        start += strlen(titles[type]);
        end = strstr(start, "\n.SH ");
        assert_non_null(end);
        section = memdup_suffix0(start, (size_t) (end - start));
        assert_non_null(section);
        return section;
}

/* Each key is in the manual page, in bold and in its own section, and so is its default. */
static void test_manual_page(void **state) {
        _cleanup_(file_closep) int fd = -1;
        _cleanup_free_ char *page = NULL;
        struct stat status;
        size_t n_bytes;

        (void) state;
        fd = file_open("docs/picket.conf.5", &status);
        assert_true(fd >= 0);
        assert_int_equal(file_read_fd(fd, (size_t) 1024 * 1024, &page, &n_bytes), 0);

        FOREACH_KEY(key, type) {
                _cleanup_free_ char *section = manual_section(page, type);
                const char *at = section;
                bool found = false;

                /* As a word of a line that sets words in bold. */
                while ((at = strstr(at, key->name)) && !found) {
                        const char *line = at;
                        char after = at[strlen(key->name)];

                        while (line > section && line[-1] != '\n')
                                line--;
                        found = line[0] == '.' && line[1] == 'B' && at[-1] == ' ' &&
                                (after == '\n' || after == ' ');
                        at++;
                }
                if (!found)
                        fail_msg("'%s' of [%s] is not in the manual page", key->name,
                                section_type_to_string(type));
                if (key->default_text && !strstr(section, key->default_text))
                        fail_msg("'%s' of [%s]: the manual page does not know its default",
                                key->name, section_type_to_string(type));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_defaults),
                cmocka_unit_test(test_section_types),
                cmocka_unit_test(test_enums),
                cmocka_unit_test(test_manual_page),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
