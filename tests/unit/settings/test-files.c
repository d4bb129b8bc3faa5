/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "settings/files.h"
#include "settings/settings.h"

/* Every test works in a folder of its own, which is the current one. */
static char folder[] = "/tmp/picket-test-XXXXXX";
static char home[4096];

static int enter(void **state) {
        (void) state;
        memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
        return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where) {
        (void) status, (void) type, (void) where;
        return remove(path);
}

static int leave(void **state) {
        (void) state;
        return chdir(home) == 0 ? nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) : -1;
}

/* Writes a file, making the folders it lies in. */
static void put(const char *path, const char *text) {
        _cleanup_free_ char *copy = strdup(path);
        FILE *f;

        assert_non_null(copy);
        for (char *slash = copy; (slash = strchr(slash + 1, '/'));) {
                *slash = '\0';
                assert_true(mkdir(copy, 0755) == 0 || errno == EEXIST);
                *slash = '/';
        }

        f = fopen(path, "we");
        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

/* All that was read, in order: "[TYPE NAME]" and "key=value" with a space between; then what was
 * wrong, a line each, with the test's folder left out. */
static void write_outline(const ConfigOutline *outline, const Diags *diags, Buffer *b) {
        for (size_t i = 0; i < outline->n_sections; i++) {
                const Section *s = outline->sections[i];

                assert_int_equal(buffer_printf(b, "[%s%s%s]", section_type_to_string(s->type),
                                         s->name[0] ? " " : "", s->name),
                        0);
                for (size_t k = 0; k < s->n_assignments; k++)
                        assert_int_equal(buffer_printf(b, " %s=%s", s->assignments[k].key,
                                                 s->assignments[k].value),
                                0);
                assert_int_equal(buffer_append_char(b, '\n'), 0);
        }

        for (size_t i = 0; i < diags->n_items; i++) {
                const Diag *d = &diags->items[i];
                _cleanup_(buffer_done) Buffer line = {};
                const char *s;

                if (d->line > 0)
                        assert_int_equal(buffer_printf(&line, "%s:%u:%u: %s\n", strempty(d->file),
                                                 d->line, d->column, d->message),
                                0);
                else
                        assert_int_equal(
                                buffer_printf(&line, "%s: %s\n", strempty(d->file), d->message), 0);
                for (s = buffer_str(&line); *s;) {
                        const char *rest = startswith(s, folder);

                        if (rest && *rest == '/')
                                s = rest + 1;
                        else
                                assert_int_equal(buffer_append_char(b, *s++), 0);
                }
        }
}

static void expect_overlay(const char *expected) {
        _cleanup_(config_outline_done) ConfigOutline outline = {};
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_(buffer_done) Buffer b = {};

        assert_int_equal(config_outline_init(&outline), 0);
        assert_int_equal(files_read_overlay("vendor", "own", &outline, &diags), 0);
        write_outline(&outline, &diags, &b);
        assert_string_equal(buffer_str(&b), expected);
}

static void expect_one(const char *path, int result, const char *expected) {
        _cleanup_(config_outline_done) ConfigOutline outline = {};
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_(buffer_done) Buffer b = {};

        assert_int_equal(config_outline_init(&outline), 0);
        assert_int_equal(files_read_one(path, &outline, &diags), result);
        write_outline(&outline, &diags, &b);
        assert_string_equal(buffer_str(&b), expected);
}

/* --- the overlay --- */

static void test_overlay(void **state) {
        (void) state;
        expect_overlay("");

        put("vendor/picket.conf", "[picket]\na=vendor\n");
        put("vendor/feeds/b.conf", "[feed b]\na=vendor\n");
        put("vendor/feeds/c.conf", "[feed c]\na=vendor\n");
        put("vendor/profiles/p.conf", "[profile p]\na=vendor\n");
        put("own/feeds/c.conf", "[feed c]\na=own\n");
        put("own/feeds/a.conf", "[feed a]\na=own\n");
        put("own/sinks/s.conf", "[sink s]\na=own\n");
        /* none of ours */
        put("own/feeds/.d.conf", "[feed d]\n");
        put("own/feeds/e.conf~", "[feed e]\n");
        put("own/other/f.conf", "[feed f]\n");
        put("own/f.conf", "[feed f]\n");

        expect_overlay("[picket] a=vendor\n"
                       "[feed a] a=own\n"
                       "[feed b] a=vendor\n"
                       "[feed c] a=own\n"
                       "[profile p] a=vendor\n"
                       "[sink s] a=own\n");
}

static void test_mask(void **state) {
        (void) state;
        put("vendor/feeds/a.conf", "[feed a]\n");
        put("vendor/feeds/b.conf", "[feed b]\n");
        put("vendor/feeds/b.conf.d/x.conf", "[feed b]\na=1\n");
        put("own/feeds/b.conf.d/y.conf", "[feed b]\na=2\n");
        put("vendor/feeds/c.conf", "[feed c]\n");
        put("vendor/feeds/c.conf.d/x.conf", "[feed c]\na=1\n");
        assert_int_equal(symlink("/dev/null", "own/feeds/b.conf"), 0);
        assert_int_equal(mkdir("own/feeds/c.conf.d", 0755), 0);
        assert_int_equal(symlink("/dev/null", "own/feeds/c.conf.d/x.conf"), 0);

        expect_overlay("[feed a]\n[feed c]\n");
}

static void test_dropins(void **state) {
        (void) state;
        put("vendor/profiles/p.conf", "[profile p]\na=1\n[profile q]\na=2\n");
        put("vendor/profiles/p.conf.d/20.conf", "[profile p]\na=3\n");
        put("vendor/profiles/p.conf.d/30.conf", "[profile p]\na=hidden\n");
        put("own/profiles/p.conf.d/10.conf", "[profile q]\na=4\n[profile p]\na=5\n");
        put("own/profiles/p.conf.d/30.conf", "[profile p]\na=6\n[profile r]\n");
        put("own/picket.conf.d/x.conf", "[picket]\na=7\n");
        put("own/sinks/s.conf.d/x.conf", "[sink s]\na=8\n");

        expect_overlay("[picket] a=7\n"
                       "[profile p] a=1 a=5 a=3 a=6\n"
                       "[profile q] a=2 a=4\n"
                       "[profile r]\n"
                       "[sink s] a=8\n");
}

static void test_unrelated(void **state) {
        (void) state;
        put("vendor/picket.conf", "[picket]\na=1\n");
        put("vendor/feeds/a.conf", "[feed x]\na=1\n[picket]\nb=2\n");
        put("own/feeds/b.conf", "\n[feed x]\na=2\n");
        put("own/feeds/a.conf.d/b.conf", "[feed x]\na=3\n[feed x]\n");

        expect_overlay(
                "[picket] a=1\n"
                "[feed x] a=1 a=3\n"
                "vendor/feeds/a.conf:3:2: [picket] is already defined in vendor/picket.conf, "
                "line 1; only drop-ins of that file may add to it\n"
                "own/feeds/a.conf.d/b.conf:3:2: [feed x] is already defined in "
                "vendor/feeds/a.conf, line 1\n"
                "own/feeds/b.conf:2:2: [feed x] is already defined in vendor/feeds/a.conf, line "
                "1; only drop-ins of that file may add to it\n");
}

static void test_odd_files(void **state) {
        (void) state;
        put("own/feeds/a.conf", "[feed a]\n");
        assert_int_equal(mkdir("own/feeds/b.conf", 0755), 0);
        assert_int_equal(mkfifo("own/feeds/c.conf", 0644), 0);
        assert_int_equal(symlink("nowhere", "own/feeds/d.conf"), 0);
        put("own/profiles", "no folder");

        expect_overlay("[feed a]\n"
                       "own/feeds/b.conf: cannot read this file: not a regular file\n"
                       "own/feeds/c.conf: cannot read this file: not a regular file\n"
                       "own/feeds/d.conf: cannot read this file: No such file or directory\n");
}

static void test_large_file(void **state) {
        FILE *f;

        (void) state;
        put("a.conf", "[picket]\n");
        f = fopen("a.conf", "ae");
        assert_non_null(f);
        for (size_t i = 0; i <= FILE_BYTES_MAX / 64; i++)
                assert_true(fprintf(f, "#%062d\n", 0) == 64);
        assert_int_equal(fclose(f), 0);

        expect_one("a.conf", -EFBIG, "a.conf: cannot read this file: larger than 4.0 MiB\n");
}

/* --- one file and its includes --- */

static void test_one(void **state) {
        (void) state;
        put("a.conf", "[picket]\na=1\n[feed x]\n");
        put("a.conf.d/b.conf", "[feed x]\na=2\n");
        put("feeds/c.conf", "[feed c]\n");

        expect_one("a.conf", 0, "[picket] a=1\n[feed x]\n");
        expect_one("b.conf", -ENOENT, "b.conf: cannot read this file: No such file or directory\n");
        expect_one(".", -EBADF, ".: cannot read this file: not a regular file\n");
}

static void test_include(void **state) {
        (void) state;
        put("sub/a.conf",
                "[picket]\na=1\ninclude=b.conf\n# no match is fine\ninclude=none/*.conf\n"
                "include=more/*.conf ../d.conf\ninclude=with space.conf\nb=2\n");
        put("sub/b.conf", "stray=1\n[feed b]\n");
        put("sub/more/2.conf", "[feed m2]\n");
        put("sub/more/1.conf", "[picket]\nc=3\ninclude=deeper.inc\n[feed m1]\n");
        put("sub/more/deeper.inc", "[feed deeper]\n");
        put("d.conf", "[feed d]\n");
        put("sub/with space.conf", "[feed space]\n");

        expect_one("sub/a.conf", 0,
                "[picket] a=1 include=b.conf include=none/*.conf include=more/*.conf ../d.conf "
                "c=3 include=deeper.inc include=with space.conf b=2\n"
                "[feed b]\n[feed deeper]\n[feed m1]\n[feed m2]\n[feed d]\n[feed space]\n"
                "sub/b.conf:1:1: 'stray' stands outside of any section\n");
}

/* Only the value is a pattern, not the folder that it starts from. */
static void test_include_odd_folder(void **state) {
        (void) state;
        put("a[b]*/a.conf", "[picket]\ninclude = c*.conf\ninclude = d[1].conf e.conf\n");
        put("a[b]*/c.conf", "[feed c]\n");
        put("a[b]*/d1.conf", "[feed d]\n");
        put("a[b]*/e.conf", "[feed e]\n");

        expect_one("a[b]*/a.conf", 0,
                "[picket] include=c*.conf include=d[1].conf e.conf\n"
                "[feed c]\n[feed d]\n[feed e]\n");
}

static void test_include_errors(void **state) {
        (void) state;
        put("a.conf", "[picket]\ninclude = b.conf nowhere.conf\n[feed x]\n");
        put("b.conf", "[feed x]\n");

        expect_one("a.conf", 0,
                "[picket] include=b.conf nowhere.conf\n"
                "[feed x]\n"
                "a.conf:2:18: cannot read 'nowhere.conf': No such file or directory\n"
                "a.conf:3:2: [feed x] is already defined in b.conf, line 1; only drop-ins of that "
                "file may add to it\n");
}

static void test_include_cycle(void **state) {
        (void) state;
        put("a.conf", "[picket]\ninclude = b.conf\n");
        put("b.conf", "[picket]\ninclude = ./a.conf\n");

        expect_one("a.conf", 0,
                "[picket] include=b.conf include=./a.conf\n"
                "b.conf:2:11: a file must not include itself: a.conf -> b.conf -> ./a.conf\n");

        /* All the others, twice: each is read once. */
        put("c/a.conf", "[picket]\ninclude = *.conf\ninclude = b.conf\n");
        put("c/b.conf", "[feed b]\n");
        expect_one("c/a.conf", 0, "[picket] include=*.conf include=b.conf\n[feed b]\n");
}

static void test_include_depth(void **state) {
        _cleanup_(config_outline_done) ConfigOutline outline = {};
        _cleanup_(diags_done) Diags diags = {};

        (void) state;
        for (int i = 0; i < INCLUDE_DEPTH_MAX + 3; i++) {
                char name[32], text[64];

                (void) snprintf(name, sizeof(name), "%d.conf", i);
                (void) snprintf(text, sizeof(text), "[picket]\ninclude=%d.conf\n", i + 1);
                put(name, text);
        }

        assert_int_equal(config_outline_init(&outline), 0);
        assert_int_equal(files_read_one("0.conf", &outline, &diags), 0);
        assert_int_equal(diags.n_errors, 1);
        assert_string_equal(diags.items[0].message, "includes are nested more than 8 deep");
        assert_int_equal(outline.n_files, INCLUDE_DEPTH_MAX + 1);
}

/* --- through settings_load() --- */

static void load_and_count(const char *text, mode_t mode, size_t n_warnings) {
        SettingsSource source = { .path = "s.conf" };
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(diags_done) Diags diags = {};

        put("s.conf", text);
        assert_int_equal(chmod("s.conf", mode), 0);
        assert_int_equal(settings_load(&source, &diags, &settings), 0);
        assert_int_equal(diags.n_items, n_warnings);
        if (n_warnings > 0) {
                assert_non_null(strstr(diags.items[0].message, "url-credential"));
                assert_non_null(strstr(diags.items[0].message, "url-file"));
        }
}

static void test_shared_secret(void **state) {
        static const char slack[] = "[sink s]\ntype = webhook\nformat = slack\n"
                                    "url = https://hooks.slack.com/services/T/B/X\n",
                          json[] = "[sink s]\ntype = webhook\nurl = https://example.org/\n";

        (void) state;
        load_and_count(slack, 0644, 1);
        load_and_count(slack, 0640, 1);
        load_and_count(slack, 0600, 0);
        load_and_count(json, 0644, 0);
}

static void test_paths(void **state) {
        SettingsSource source = { .path = "sub/s.conf" };
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_(secret_freep) char *url = NULL;
        Buffer expected = {};

        (void) state;
        put("sub/s.conf", "[picket]\nstate-directory = state\ninclude = t/t.conf\n");
        put("sub/t/t.conf", "[sink s]\ntype = webhook\nurl-file = address\n");
        put("sub/t/address", "  https://example.org/x\n\n");

        assert_int_equal(settings_load(&source, &diags, &settings), 0);
        assert_int_equal(buffer_printf(&expected, "%s/sub/state", folder), 0);
        assert_string_equal(settings->state_directory, buffer_str(&expected));
        buffer_done(&expected);
        assert_int_equal(settings_sink_url(&settings->sinks[0], &url), 0);
        assert_string_equal(url, "  https://example.org/x");
}

static void test_user_folders(void **state) {
        SettingsSource source = { .user_instance = true };
        _cleanup_(settings_freep) Settings *settings = NULL, *other = NULL;
        _cleanup_(diags_done) Diags diags = {};
        Buffer path = {}, expected = {};

        (void) state;
        put("config/picket/picket.conf", "[picket]\ncontact = https://example.org/\n");
        put("home/.config/picket/picket.conf", "[picket]\ncontact = me@example.org\n");
        assert_int_equal(buffer_printf(&path, "%s/config", folder), 0);
        assert_int_equal(setenv("XDG_CONFIG_HOME", buffer_str(&path), 1), 0);
        buffer_reset(&path);
        assert_int_equal(buffer_printf(&path, "%s/home", folder), 0);
        assert_int_equal(setenv("HOME", buffer_str(&path), 1), 0);
        assert_int_equal(setenv("XDG_STATE_HOME", "relative/is/ignored", 1), 0);

        assert_int_equal(settings_load(&source, &diags, &settings), 0);
        assert_string_equal(settings->contact, "https://example.org/");
        assert_int_equal(buffer_printf(&expected, "%s/home/.local/state/picket", folder), 0);
        assert_string_equal(settings->state_directory, buffer_str(&expected));

        assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
        assert_int_equal(setenv("XDG_STATE_HOME", "/state", 1), 0);
        assert_int_equal(settings_load(&source, &diags, &other), 0);
        assert_string_equal(other->contact, "me@example.org");
        assert_string_equal(other->state_directory, "/state/picket");
        buffer_done(&path);
        buffer_done(&expected);
}

/* What comes with Picket is free of mistakes and of repetitions. */
static void test_shipped(void **state) {
        SettingsSource source = { .path = "s.conf" };
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_(buffer_done) Buffer text = {};

        (void) state;
        assert_int_equal(buffer_printf(&text,
                                 "[picket]\ninclude = %s/config/*.conf\ninclude = "
                                 "%s/config/*/*.conf\n",
                                 home, home),
                0);
        put("s.conf", buffer_str(&text));

        assert_int_equal(settings_load(&source, &diags, &settings), 0);
        assert_int_equal(diags.n_items, 0);
        assert_true(settings->n_feeds >= 45);
        assert_non_null(settings_find_sink(settings, "desktop"));
        for (size_t i = 0; i < settings->n_feeds; i++)
                for (size_t k = 0; k < i; k++)
                        assert_string_not_equal(
                                settings->feeds[i].url.text, settings->feeds[k].url.text);
}

/* --- secrets --- */

static void test_credentials(void **state) {
        Buffer path = {};
        char *secret = NULL;

        (void) state;
        assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
        assert_int_equal(settings_credential("a", &secret), -ENXIO);

        put("credentials/a", "one\n");
        put("credentials/picket_a", "two\n");
        put("credentials/picket_b", "three \r\n");
        put("credentials/empty", " \n");
        assert_int_equal(mkfifo("credentials/fifo", 0600), 0);
        assert_int_equal(buffer_printf(&path, "%s/credentials", folder), 0);
        assert_int_equal(setenv("CREDENTIALS_DIRECTORY", buffer_str(&path), 1), 0);
        buffer_done(&path);

        assert_int_equal(settings_credential("a", &secret), 0);
        assert_string_equal(secret, "one");
        secret = secret_free(secret);
        assert_int_equal(settings_credential("b", &secret), 0);
        assert_string_equal(secret, "three");
        secret = secret_free(secret);

        assert_int_equal(settings_credential("c", &secret), -ENOENT);
        assert_int_equal(settings_credential("empty", &secret), -ENODATA);
        assert_int_equal(settings_credential("fifo", &secret), -EBADF);
        assert_int_equal(settings_credential("../credentials/a", &secret), -EINVAL);
        assert_int_equal(settings_credential("..", &secret), -EINVAL);
        assert_int_equal(settings_credential("", &secret), -EINVAL);
        assert_null(secret);
        assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void) {
        const struct CMUnitTest tests[] = {
                in_folder(test_overlay),
                in_folder(test_mask),
                in_folder(test_dropins),
                in_folder(test_unrelated),
                in_folder(test_odd_files),
                in_folder(test_large_file),
                in_folder(test_one),
                in_folder(test_include),
                in_folder(test_include_odd_folder),
                in_folder(test_include_errors),
                in_folder(test_include_cycle),
                in_folder(test_include_depth),
                in_folder(test_shared_secret),
                in_folder(test_paths),
                in_folder(test_user_folders),
                in_folder(test_shipped),
                in_folder(test_credentials),
        };

        if (!getcwd(home, sizeof(home)))
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
