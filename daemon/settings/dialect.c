/* SPDX-License-Identifier: MIT */

#include "settings/dialect.h"

#include <errno.h>

#include "base/buffer.h"
#include "base/str.h"
#include "base/time.h"
#include "text/utf8.h"

/* The rules are those of systemd.syntax(7). A line whose first character is # or ; is a comment,
 * also between the parts of a continued line and also when it ends with a backslash. An odd number
 * of backslashes at the end of a line continues it: the last one becomes a space, and the next line
 * that is no comment follows. Nothing is unquoted or unescaped.
 *
 * On top of that, text must be UTF-8 without control characters other than the tab, so that no
 * stage behind needs to fear a carriage return in a header or an escape sequence in a message. */

typedef struct Reader {
        const char *file;
        Diags *diags;
        DialectCallback on_line;
        void *userdata;

        unsigned line; /* the one just read, from 1 */
        Buffer joined; /* the line with all that continues it */
        unsigned joined_line;
        bool continued, broken; /* more of it comes; a part of it was reported */
} Reader;

SourcePos source_pos_at(SourcePos pos, const char *text, const char *at) {
        if (pos.column > 0)
                pos.column += (unsigned) utf8_n_chars(text, (size_t) (at - text));
        return pos;
}

static SourcePos reader_pos(const Reader *reader, const char *at) {
        const char *source = buffer_str(&reader->joined);
        SourcePos pos = {
                .file = reader->file,
                .line = reader->joined_line,
                .column = 1,
                .source = source,
        };

        return source_pos_at(pos, source, at);
}

static int report_section(Reader *reader, SourcePos pos, const char *message) {
        diag_error(reader->diags, pos, "%s", message);
        return reader->on_line(
                &(DialectLine){ .kind = DIALECT_BROKEN_SECTION, .pos = pos }, reader->userdata);
}

/* "[TYPE NAME]"; @start points at the bracket. */
static int read_section(Reader *reader, const char *start) {
        const char *type = start + 1, *end = start + strlen(start), *type_end, *name;
        _cleanup_free_ char *type_text = NULL, *name_text = NULL;
        DialectLine line = { .kind = DIALECT_SECTION };

        while (ascii_isspace(end[-1]))
                end--;
        if (end[-1] != ']')
                return report_section(reader, reader_pos(reader, end - 1),
                        "a section must end with ']', and nothing may follow it");
        end--;

        while (ascii_isspace(*type))
                type++;
        for (type_end = type; type_end < end && !ascii_isspace(*type_end);)
                type_end++;
        for (name = type_end; name < end && ascii_isspace(*name);)
                name++;
        while (end > name && ascii_isspace(end[-1]))
                end--;
        if (type_end <= type)
                return report_section(reader, reader_pos(reader, start),
                        "a section needs a type, such as [feed NAME]");

        type_text = memdup_suffix0(type, (size_t) (type_end - type));
        name_text = memdup_suffix0(name, (size_t) (end - name));
        if (!type_text || !name_text)
                return -ENOMEM;

        line.pos = reader_pos(reader, type);
        line.type = type_text;
        line.name = name_text;
        line.name_column = reader_pos(reader, name).column;
        return reader->on_line(&line, reader->userdata);
}

static int read_assignment(Reader *reader, const char *start) {
        const char *equals = strchr(start, '='), *key_end, *value, *end;
        _cleanup_free_ char *key = NULL, *value_text = NULL;
        DialectLine line = { .kind = DIALECT_ASSIGNMENT };

        if (!equals || equals == start) {
                diag_error(reader->diags, reader_pos(reader, start), "expected 'KEY = VALUE'");
                return 0;
        }

        for (key_end = equals; ascii_isspace(key_end[-1]);)
                key_end--;
        for (value = equals + 1; ascii_isspace(*value);)
                value++;
        for (end = value + strlen(value); end > value && ascii_isspace(end[-1]);)
                end--;

        key = memdup_suffix0(start, (size_t) (key_end - start));
        value_text = memdup_suffix0(value, (size_t) (end - value));
        if (!key || !value_text)
                return -ENOMEM;

        line.pos = reader_pos(reader, start);
        line.key = key;
        line.value = value_text;
        line.value_column = reader_pos(reader, value).column;
        return reader->on_line(&line, reader->userdata);
}

/* The line is whole: says what stands in it, and makes room for the next. */
static int finish_line(Reader *reader) {
        const char *start = buffer_str(&reader->joined);
        int r = 0;

        while (ascii_isspace(*start))
                start++;

        if (*start == '[' && reader->broken)
                r = reader->on_line(&(DialectLine){ .kind = DIALECT_BROKEN_SECTION,
                                            .pos = reader_pos(reader, start) },
                        reader->userdata);
        else if (*start == '[')
                r = read_section(reader, start);
        else if (*start != '\0' && !reader->broken)
                r = read_assignment(reader, start);

        buffer_reset(&reader->joined);
        reader->continued = reader->broken = false;
        return r;
}

/* Reports the first character that may not stand in a line. The line is shown mended. */
static int check_characters(Reader *reader, const char *s, size_t n_bytes) {
        SourcePos pos = { .file = reader->file, .line = reader->line };
        _cleanup_(buffer_done) Buffer shown = {};
        unsigned column = 0;
        int r;

        for (size_t i = 0; i < n_bytes;) {
                uint32_t c;
                size_t n = utf8_decode(s + i, n_bytes - i, &c);
                bool bad = utf8_is_bad(s + i, n, c), control = (c < ' ' && c != '\t') || c == 0x7F;

                column++;
                if (!bad && !control) {
                        i += n;
                        continue;
                }

                /* Behind a NUL a message shows nothing, so the line ends before it. */
                r = utf8_append_mended(&shown, s, c == '\0' ? i : n_bytes);
                if (r < 0)
                        return r;
                pos.column = column;
                pos.source = buffer_str(&shown);
                if (bad)
                        diag_error(reader->diags, pos, "byte 0x%02x is no UTF-8 here",
                                (unsigned) (uint8_t) s[i]);
                else
                        diag_error(reader->diags, pos, "control character U+%04X", (unsigned) c);
                reader->broken = true;
                return 0;
        }

        return 0;
}

static bool is_comment(const char *s, size_t n_bytes) {
        while (n_bytes > 0 && ascii_isspace(*s))
                s++, n_bytes--;
        return n_bytes > 0 && (*s == '#' || *s == ';');
}

static int add_line(Reader *reader, const char *s, size_t n_bytes) {
        SourcePos pos = { .file = reader->file, .line = reader->line };
        size_t n_backslashes = 0;
        bool continues;
        int r;

        if (n_bytes > 0 && s[n_bytes - 1] == '\r')
                n_bytes--;

        /* Comments are checked too: a file is UTF-8 or it is not. But nothing is lost with them. */
        if (is_comment(s, n_bytes)) {
                bool broken = reader->broken;

                r = check_characters(reader, s, n_bytes);
                reader->broken = broken;
                return r;
        }

        if (!reader->continued)
                reader->joined_line = reader->line;

        while (n_backslashes < n_bytes && s[n_bytes - 1 - n_backslashes] == '\\')
                n_backslashes++;
        continues = n_backslashes % 2 == 1;

        if (n_bytes > DIALECT_LINE_BYTES_MAX) {
                diag_error(reader->diags, pos, "the line is longer than %s",
                        FORMAT_BYTES(DIALECT_LINE_BYTES_MAX));
                reader->broken = true;
                n_bytes = 1; /* enough to tell whether a section ends here */
        } else {
                r = check_characters(reader, s, n_bytes);
                if (r < 0)
                        return r;
        }
        if (reader->joined.n_bytes + n_bytes > DIALECT_JOINED_BYTES_MAX) {
                if (!reader->broken)
                        diag_error(reader->diags, pos, "the continued line is longer than %s",
                                FORMAT_BYTES(DIALECT_JOINED_BYTES_MAX));
                reader->broken = true;
                n_bytes = 0;
        }

        r = buffer_append(&reader->joined, s, continues && n_bytes > 0 ? n_bytes - 1 : n_bytes);
        if (r < 0)
                return r;
        if (continues) {
                reader->continued = true;
                return buffer_append_char(&reader->joined, ' ');
        }

        return finish_line(reader);
}

static int read_lines(Reader *reader, const char *text, size_t n_bytes) {
        int r;

        if (n_bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* byte order mark */
                text += 3;
                n_bytes -= 3;
        }

        while (n_bytes > 0) {
                const char *newline = memchr(text, '\n', n_bytes);
                size_t n_line = newline ? (size_t) (newline - text) : n_bytes,
                       n_taken = newline ? n_line + 1 : n_line;

                reader->line++;
                r = add_line(reader, text, n_line);
                if (r < 0)
                        return r;
                if (reader->diags->n_errors >= DIALECT_ERRORS_MAX) {
                        diag_error(reader->diags,
                                ((SourcePos){ .file = reader->file, .line = reader->line }),
                                "too many errors, reading no further");
                        return 0;
                }

                text += n_taken;
                n_bytes -= n_taken;
        }

        return reader->continued ? finish_line(reader) : 0;
}

int dialect_read(const char *file, const char *text, size_t n_bytes, Diags *diags,
        DialectCallback on_line, void *userdata) {
        Reader reader = {
                .file = file,
                .diags = diags,
                .on_line = on_line,
                .userdata = userdata,
        };
        int r;

        r = read_lines(&reader, text, n_bytes);
        buffer_done(&reader.joined);
        return r;
}
