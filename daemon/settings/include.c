/* SPDX-License-Identifier: MIT */

#include "settings/include.h"

#include <errno.h>
#include <glob.h>

#include "base/buffer.h"
#include "settings/file.h"
#include "settings/files.h"

/* An include is read at the point where it stands. A file is read once, however often it is named;
 * the files that are open at the moment form a chain, and naming one of them again is a cycle. */

struct OpenFile {
        const struct OpenFile *outer;
        const OutlineFile *file;
        dev_t device;
        ino_t inode;
        unsigned depth;
};

static void globfreep(glob_t *g) {
        globfree(g);
}

void file_reader_done(FileReader *reader) {
        free(reader->seen);
        *reader = (FileReader){};
}

static int on_include(const OutlineFile *file, const char *value, SourcePos pos, void *userdata);

static const char *file_error(int r) {
        if (r == -EBADF)
                return "not a regular file";
        if (r == -EFBIG)
                return "larger than 4.0 MiB";
        return strerror(-r);
}
_Static_assert(FILE_BYTES_MAX == 4 << 20, "file_error() says this size");

/* Says with a chain of names that @path would be read inside itself. */
static int report_cycle(
        FileReader *reader, const OpenFile *again, SourcePos pos, const char *path) {
        _cleanup_free_ char *chain = NULL;

        chain = strdup(path);
        if (!chain)
                return -ENOMEM;
        for (const OpenFile *o = reader->open; o; o = o == again ? NULL : o->outer) {
                char *longer;

                if (asprintf(&longer, "%s -> %s", o->file->path, chain) < 0)
                        return -ENOMEM;
                free(chain);
                chain = longer;
        }

        diag_error(reader->diags, pos, "a file must not include itself: %s", chain);
        return 0;
}

/* Was this file read before? Reports a cycle. Positive when it need not be read (again). */
static int check_seen(
        FileReader *reader, const struct stat *status, SourcePos pos, const char *path) {
        int r;

        for (const OpenFile *o = reader->open; o; o = o->outer)
                if (o->device == status->st_dev && o->inode == status->st_ino) {
                        r = report_cycle(reader, o, pos, path);
                        return r < 0 ? r : 1;
                }

        for (size_t i = 0; i < reader->n_seen; i++)
                if (reader->seen[i].device == status->st_dev &&
                        reader->seen[i].inode == status->st_ino)
                        return 1;

        if (reader->n_seen >= FILES_MAX) {
                diag_error(reader->diags, pos, "more than %d files, '%s' is not read", FILES_MAX,
                        path);
                return 1;
        }

        r = ARRAY_GROW(reader->seen, reader->n_seen_allocated, reader->n_seen + 1);
        if (r < 0)
                return r;
        reader->seen[reader->n_seen].device = status->st_dev;
        reader->seen[reader->n_seen++].inode = status->st_ino;
        return 0;
}

/* Reads one file into the outline. What it fails for is reported at @pos, or at the file itself
 * when @pos says nothing. 0, -ENOMEM, or why it could not be read. */
int file_reader_read(FileReader *reader, const char *path, const char *group,
        const char *picket_group, SourcePos pos) {
        _cleanup_(file_closep) int fd = -1;
        _cleanup_free_ char *text = NULL;
        const OutlineFile *file;
        struct stat status;
        size_t n_bytes;
        int r;

        fd = file_open(path, &status);
        r = fd < 0 ? fd : check_seen(reader, &status, pos, path);
        if (r > 0)
                return 0;
        if (r == 0)
                r = file_read_fd(fd, FILE_BYTES_MAX, &text, &n_bytes);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                if (pos.file)
                        diag_error(reader->diags, pos, "cannot read '%s': %s", path, file_error(r));
                else
                        diag_error(reader->diags, ((SourcePos){ .file = path }),
                                "cannot read this file: %s", file_error(r));
                return r;
        }

        r = config_outline_add_file(reader->outline, path, group, picket_group,
                status.st_mode & (S_IRGRP | S_IROTH), &file);
        if (r < 0)
                return r;

        const OpenFile open_file = {
                .outer = reader->open,
                .file = file,
                .device = status.st_dev,
                .inode = status.st_ino,
                .depth = reader->open ? reader->open->depth + 1 : 0,
        };

        reader->open = &open_file;
        r = config_outline_read(
                reader->outline, file, text, n_bytes, reader->diags, on_include, reader);
        reader->open = open_file.outer;
        return r;
}

/* --- includes --- */

/* @value as a pattern below the folder of @file, whose own name is taken as it is. */
static int include_make_pattern(const OutlineFile *file, const char *value, Buffer *ret) {
        _cleanup_free_ char *path = NULL;
        size_t n_folder;
        int r;

        r = path_beside(file->path, value, &path);
        if (r < 0)
                return r;

        n_folder = strlen(path) - strlen(value);
        for (size_t i = 0; i < n_folder; i++)
                if ((strchr("*?[\\", path[i]) && buffer_append_char(ret, '\\') < 0) ||
                        buffer_append_char(ret, path[i]) < 0)
                        return -ENOMEM;

        return buffer_append_str(ret, value);
}

static int report_place(FileReader *reader, SourcePos pos, const char *value, int error) {
        if (error == -ENOMEM)
                return error;

        diag_error(reader->diags, pos, "cannot tell where '%s' lies: %s", value, strerror(-error));
        return 0;
}

/* Everything that @value matches, which may be nothing. Folders are no matches, nor is the file
 * itself: "*.conf" means all the others. */
static int include_glob(
        FileReader *reader, const OutlineFile *file, const char *value, SourcePos pos) {
        _cleanup_(buffer_done) Buffer pattern = {};
        _cleanup_(globfreep) glob_t g = {};
        int r;

        r = include_make_pattern(file, value, &pattern);
        if (r < 0)
                return report_place(reader, pos, value, r);

        r = glob(buffer_str(&pattern), /* flags= */ 0, /* errfunc= */ NULL, &g);
        if (r == GLOB_NOSPACE)
                return -ENOMEM;
        if (r != 0 && r != GLOB_NOMATCH)
                diag_error(reader->diags, pos, "cannot look for '%s'", value);

        for (size_t i = 0; r == 0 && i < g.gl_pathc; i++) {
                const char *path = g.gl_pathv[i];
                struct stat status;

                if (stat(path, &status) >= 0 &&
                        (S_ISDIR(status.st_mode) ||
                                (status.st_dev == reader->open->device &&
                                        status.st_ino == reader->open->inode)))
                        continue;

                if (file_reader_read(reader, path, /* group= */ path, file->picket_group, pos) ==
                        -ENOMEM)
                        return -ENOMEM;
        }

        return 0;
}

static int include_file(
        FileReader *reader, const OutlineFile *file, const char *value, SourcePos pos) {
        _cleanup_free_ char *path = NULL;
        int r;

        r = path_beside(file->path, value, &path);
        if (r < 0)
                return report_place(reader, pos, value, r);

        r = file_reader_read(reader, path, /* group= */ path, file->picket_group, pos);
        return r == -ENOMEM ? r : 0;
}

static int path_exists(const OutlineFile *file, const char *value) {
        _cleanup_free_ char *path = NULL;
        struct stat status;
        int r;

        r = path_beside(file->path, value, &path);
        if (r < 0)
                return r == -ENOMEM ? r : 0;

        return stat(path, &status) >= 0;
}

/* The value is one path or glob, or several separated by white space. A path with white space in it
 * stands alone, so the whole is tried first. */
static int on_include(const OutlineFile *file, const char *value, SourcePos pos, void *userdata) {
        FileReader *reader = userdata;
        const char *start = value;
        int r;

        if (reader->open->depth + 1 > INCLUDE_DEPTH_MAX) {
                diag_error(reader->diags, pos, "includes are nested more than %d deep",
                        INCLUDE_DEPTH_MAX);
                return 0;
        }

        r = path_exists(file, value);
        if (r < 0)
                return r;
        if (r > 0)
                return include_file(reader, file, value, pos);

        while (*start != '\0') {
                _cleanup_free_ char *word = NULL;
                size_t n = strcspn(start, " \t");
                SourcePos word_pos = source_pos_at(pos, value, start);

                word = memdup_suffix0(start, n);
                if (!word)
                        return -ENOMEM;
                r = strpbrk(word, "*?[") ? include_glob(reader, file, word, word_pos)
                                         : include_file(reader, file, word, word_pos);
                if (r < 0)
                        return r;
                start += n;
                start += strspn(start, " \t");
        }

        return 0;
}
