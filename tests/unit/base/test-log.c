/* SPDX-License-Identifier: MIT */

/* The lines on stderr; what the journal gets is cleaned by the same function. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "check.h"

static int stderr_kept, captured;

static int capture(void **state) {
        (void) state;

        stderr_kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
        captured = memfd_create("stderr", MFD_CLOEXEC);
        if (stderr_kept < 0 || captured < 0 || dup2(captured, STDERR_FILENO) < 0)
                return -1;
        unsetenv("PICKET_DEBUG");
        unsetenv("JOURNAL_STREAM");
        log_open("picket-test", /* debug= */ false);
        return 0;
}

static int release(void **state) {
        (void) state;

        (void) dup2(stderr_kept, STDERR_FILENO);
        close(stderr_kept);
        close(captured);
        return 0;
}

/* What was written since, forgotten here. */
static const char *written(void) {
        static char text[8192];
        ssize_t n = pread(captured, text, sizeof text - 1, 0);

        assert_true(n >= 0 && (size_t) n < sizeof text - 1);
        text[n] = '\0';
        assert_int_equal(ftruncate(captured, 0), 0);
        assert_int_equal(lseek(captured, 0, SEEK_SET), 0);
        return text;
}

static void test_lines(void **state) {
        static const struct {
                const char *message, *line;
        } cases[] = {
                { "plain", "picket-test: plain\n" },
                { "", "picket-test: \n" },
                { "T\xC3\xBCrkiye \xD0\x9A\xD0\xBE\xD1\x81\xD0\xBE\xD0\xB2\xD0\xBE",
                        "picket-test: T\xC3\xBCrkiye \xD0\x9A\xD0\xBE\xD1\x81\xD0\xBE\xD0\xB2\xD0\xBE\n" },
                { "a\nb\r\tc", "picket-test: a b  c\n" },
                { "\x1b[31mred\x7f", "picket-test:  [31mred \n" },
                { "\xC2\x9B"
                  "31m \xC2\xA0.",
                        "picket-test:  31m \xC2\xA0.\n" }, /* C1, and not */
                { "%s %n", "picket-test: %s %n\n" },
        };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                log_info("%s", cases[i].message);
                assert_text(written(), cases[i].line);
        }
}

/* What is longer than LOG_VALUE_BYTES_MAX is cut, never inside a character. */
static void test_cut(void **state) {
        char message[LOG_VALUE_BYTES_MAX + 16];

        (void) state;

        for (size_t n_before = 0; n_before < 4; n_before++) {
                const char *line;
                size_t n;

                memset(message, 'x', n_before);
                for (n = n_before; n + 3 < sizeof message; n += 3)
                        memcpy(message + n, "\xE2\x82\xAC", 3);
                message[n] = '\0';

                log_info("%s", message);
                line = startswith(written(), "picket-test: ");
                assert_non_null(line);
                n = strlen(line) - 1;
                assert_true(n <= LOG_VALUE_BYTES_MAX && n > LOG_VALUE_BYTES_MAX - 3);
                assert_int_equal((n - n_before) % 3, 0);
                assert_memory_equal(line, message, n);
        }

        memset(message, 'x', LOG_VALUE_BYTES_MAX);
        message[LOG_VALUE_BYTES_MAX] = '\0';
        log_info("%s", message);
        assert_int_equal(strlen(written()), strlen("picket-test: \n") + LOG_VALUE_BYTES_MAX);
}

static void test_errors(void **state) {
        (void) state;

        errno = EBUSY;
        assert_int_equal(log_error_errno(-ENOENT, "Failed to open '%s': %m", "x"), -ENOENT);
        assert_text(written(), "picket-test: Failed to open 'x': No such file or directory\n");
        assert_int_equal(errno, EBUSY);
        assert_int_equal(log_error_errno(ENOENT, "x"), -ENOENT); /* either sign */
        assert_int_equal(log_warning_errno(0, "%m"), 0);
        assert_text(written(), "picket-test: x\npicket-test: Success\n");
        assert_int_equal(log_oom(), -ENOMEM);
        assert_text(written(), "picket-test: Out of memory\n");

        /* What is not written returns the same. */
        assert_int_equal(log_debug_errno(-EIO, "%m"), -EIO);
        assert_text(written(), "");
}

static void test_levels(void **state) {
        (void) state;

        assert_false(log_is_debug());
        log_debug("debug");
        log_info("info");
        assert_text(written(), "picket-test: info\n");

        log_set_max_level(LOG_ERR);
        log_warning("warning");
        log_error("error");
        assert_text(written(), "picket-test: error\n");

        log_open("picket-test", /* debug= */ true);
        assert_true(log_is_debug());
        log_debug("debug");
        assert_text(written(), "picket-test: debug\n");
        log_open("picket-test", /* debug= */ false);
        assert_false(log_is_debug());

        setenv("PICKET_DEBUG", "1", /* overwrite= */ 1);
        log_open("picket-test", /* debug= */ false);
        assert_true(log_is_debug());
        setenv("PICKET_DEBUG", "0", /* overwrite= */ 1);
        log_open("picket-test", /* debug= */ false);
        assert_false(log_is_debug());
}

/* Fields go to the journal, and with debug below the line. */
static void test_fields(void **state) {
        const LogField *fields = LOG_FIELDS({ "PICKET_FEED",
                                                    "a\x1b"
                                                    "b" },
                { "PICKET_URL", NULL }, { "PICKET_PROFILE", "kfor" });

        (void) state;

        log_event(LOG_NOTICE, 0, MESSAGE_ALERT_RAISED, fields, "Alert");
        assert_text(written(), "picket-test: Alert\n");
        log_set_max_level(LOG_DEBUG);
        log_event(LOG_NOTICE, 0, MESSAGE_ALERT_RAISED, fields, "Alert");
        assert_text(
                written(), "picket-test: Alert\n    PICKET_FEED=a b\n    PICKET_PROFILE=kfor\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, capture, release)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_lines),
                TEST(test_cut),
                TEST(test_errors),
                TEST(test_levels),
                TEST(test_fields),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
