/* SPDX-License-Identifier: MIT */

/* The journal's native protocol takes name=value pairs of any bytes (sd_journal_sendv); what stands
 * on a terminal must not carry escape sequences. Both get the same cleaned text, so that a line
 * means the same wherever it is read. */

#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "base/buffer.h"

#define LOG_FIELDS_MAX 24

static struct {
        const char *identifier;
        int max_level;
        bool journal, color;
} state = { .identifier = "picket", .max_level = LOG_INFO };

/* $JOURNAL_STREAM is the device and inode of the stream that systemd connected (systemd.exec(5)).
 */
static bool stderr_is_journal(void) {
        const char *e = secure_getenv("JOURNAL_STREAM");
        unsigned long long device, inode;
        struct stat st;

        return e && sscanf(e, "%llu:%llu", &device, &inode) == 2 &&
                fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void log_open(const char *identifier, bool debug) {
        const char *e = secure_getenv("PICKET_DEBUG");

        state.identifier = identifier;
        state.max_level = debug || (e && streq(e, "1")) ? LOG_DEBUG : LOG_INFO;
        state.journal = stderr_is_journal();
        state.color = !state.journal && isatty(STDERR_FILENO) && !secure_getenv("NO_COLOR");
}

bool log_is_debug(void) {
        return state.max_level >= LOG_DEBUG;
}

void log_set_max_level(int level) {
        state.max_level = level;
}

/* One line, no control characters (C0, DEL, C1), at most LOG_VALUE_BYTES_MAX, never cut inside a
 * character. */
static int append_clean(Buffer *b, const char *s) {
        size_t n = strnlen(s, LOG_VALUE_BYTES_MAX + 1);
        int r;

        if (n > LOG_VALUE_BYTES_MAX) {
                n = LOG_VALUE_BYTES_MAX;
                while (n > 0 && ((unsigned char) s[n] & 0xC0) == 0x80)
                        n--;
        }

        for (size_t i = 0; i < n; i++) {
                unsigned char c = (unsigned char) s[i];
                bool c1 = c == 0xC2 && i + 1 < n && (unsigned char) s[i + 1] < 0xA0;

                r = buffer_append_char(b, c < ' ' || c == 0x7f || c1 ? ' ' : (char) c);
                if (r < 0)
                        return r;
                if (c1)
                        i++;
        }

        return 0;
}

static void write_stderr(int level, const char *message, const LogField *fields) {
        static const char *const colors[] = {
                [LOG_EMERG] = "\x1b[1;31m",
                [LOG_ALERT] = "\x1b[1;31m",
                [LOG_CRIT] = "\x1b[1;31m",
                [LOG_ERR] = "\x1b[1;31m",
                [LOG_WARNING] = "\x1b[33m",
                [LOG_NOTICE] = "\x1b[1m",
                [LOG_INFO] = "",
                [LOG_DEBUG] = "\x1b[2m",
        };
        _cleanup_(buffer_done) Buffer line = {};

        if (buffer_printf(&line, "%s: %s%s%s\n", state.identifier,
                    state.color ? colors[level & 7] : "", message,
                    state.color ? "\x1b[0m" : "") < 0)
                return;
        if (state.max_level >= LOG_DEBUG)
                for (const LogField *f = fields; f && f->name; f++)
                        if (f->value &&
                                (buffer_printf(&line, "    %s=", f->name) < 0 ||
                                        append_clean(&line, f->value) < 0 ||
                                        buffer_append_char(&line, '\n') < 0))
                                return;

        /* One write, so that lines of several programs do not mix. A log that cannot be written has
         * nobody to tell. */
        (void) !write(STDERR_FILENO, line.data, line.n_bytes);
}

static void write_journal(int level, int error, const char *message_id, const char *message,
        const LogField *fields, const char *file, int line, const char *func) {
        Buffer values[LOG_FIELDS_MAX] = {};
        struct iovec iov[LOG_FIELDS_MAX];
        int n = 0, r = 0;

        r = buffer_printf(&values[n++], "MESSAGE=%s", message) < 0 ||
                buffer_printf(&values[n++], "PRIORITY=%i", level) < 0 ||
                buffer_printf(&values[n++], "SYSLOG_IDENTIFIER=%s", state.identifier) < 0 ||
                buffer_printf(&values[n++], "CODE_FILE=%s", file) < 0 ||
                buffer_printf(&values[n++], "CODE_LINE=%i", line) < 0 ||
                buffer_printf(&values[n++], "CODE_FUNC=%s", func) < 0;
        if (!r && error != 0)
                r = buffer_printf(&values[n++], "ERRNO=%i", abs(error)) < 0;
        if (!r && message_id)
                r = buffer_printf(&values[n++], "MESSAGE_ID=%s", message_id) < 0;
        for (const LogField *f = fields; !r && f && f->name && n < LOG_FIELDS_MAX; f++) {
                if (!f->value)
                        continue;
                r = buffer_printf(&values[n], "%s=", f->name) < 0 ||
                        append_clean(&values[n], f->value) < 0;
                n++;
        }

        for (int i = 0; i < n; i++)
                iov[i] = (struct iovec){ values[i].data, values[i].n_bytes };
        if (r || sd_journal_sendv(iov, n) < 0)
                write_stderr(level, message,
                        fields); /* the stream still reaches the journal, without fields */

        for (int i = 0; i < n; i++)
                buffer_done(&values[i]);
}

int log_event_internal(int level, int error, const char *message_id, const LogField *fields,
        const char *file, int line, const char *func, const char *format, ...) {
        _cleanup_free_ char *raw = NULL;
        _cleanup_(buffer_done) Buffer message = {};
        int saved_errno = errno;
        va_list ap;
        int n;

        error = abs(error);
        if (level > state.max_level)
                return -error;

        errno = error;
        va_start(ap, format);
        n = vasprintf(&raw, format, ap);
        va_end(ap);
        if (n < 0)
                raw = NULL;

        if (raw && append_clean(&message, raw) >= 0) {
                if (state.journal)
                        write_journal(level, error, message_id, buffer_str(&message), fields, file,
                                line, func);
                else
                        write_stderr(level, buffer_str(&message), fields);
        }

        errno = saved_errno;
        return -error;
}
