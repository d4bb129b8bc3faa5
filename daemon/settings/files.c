/* SPDX-License-Identifier: MIT */

#include "settings/files.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/strv.h"
#include "settings/file.h"

/* The overlay is read in a fixed order: picket.conf, then feeds/, profiles/ and sinks/ by name, and
 * behind each file its drop-ins by name, whichever folder they lie in. A name is looked for in the
 * own folder first; what is found there hides the vendor's, and when it leads to /dev/null, hides
 * it without a replacement. A masked file's drop-ins are not read either: they add to something
 * that is switched off. Drop-ins of a file that is nowhere are read, as systemd does for daemons'
 * own configuration.
 *
 * An include is read at the point where it stands. A file is read once, however often it is named;
 * the files that are open at the moment form a chain, and naming one of them again is a cycle. */

typedef struct OpenFile {
        const struct OpenFile *outer;
        const OutlineFile *file;
        dev_t device;
        ino_t inode;
        unsigned depth;
} OpenFile;

typedef struct FileReader {
        ConfigOutline *outline;
        Diags *diags;
        const OpenFile *open;
        struct {
                dev_t device;
                ino_t inode;
        } * seen;
        size_t n_seen, n_seen_allocated;
} FileReader;

static void globfreep(glob_t *g) {
        globfree(g);
}

static void closedirp(DIR **dir) {
        if (*dir)
                (void) closedir(*dir);
}

/* --- one file --- */

static int on_include(const OutlineFile *file, const char *value, SourcePos pos, void *userdata);

static const char *file_error(int r) {
        if (r == -EBADF)
                return "not a regular file";
        if (r == -EFBIG)
                return "larger than 4.0 MiB";
        return strerror(-r);
}
_Static_assert(FILE_BYTES_MAX == (size_t) 4 * 1024 * 1024, "file_error() says this size");

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
static int read_file(FileReader *reader, const char *path, const char *group,
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

/* Everything that @pattern (absolute) matches. A plain path counts as a match of its own, there or
 * not, so that reading it says what is wrong. Positive when there is any. */
static int include_matches(FileReader *reader, const char *pattern, SourcePos pos, glob_t *g) {
        bool magic = strpbrk(pattern, "*?[");
        int r;

        r = glob(pattern, magic ? 0 : GLOB_NOCHECK, /* errfunc= */ NULL, g);
        if (r == GLOB_NOMATCH)
                return 0;
        if (r == GLOB_NOSPACE)
                return -ENOMEM;
        if (r != 0) {
                diag_error(reader->diags, pos, "cannot look for '%s'", pattern);
                return 0;
        }

        return 1;
}

static int include_pattern(
        FileReader *reader, const OutlineFile *file, const char *value, SourcePos pos) {
        _cleanup_free_ char *pattern = NULL;
        _cleanup_(globfreep) glob_t g = {};
        bool magic = strpbrk(value, "*?[");
        int r;

        r = path_beside(file->path, value, &pattern);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                diag_error(
                        reader->diags, pos, "cannot tell where '%s' lies: %s", value, strerror(-r));
                return 0;
        }

        r = include_matches(reader, pattern, pos, &g);
        if (r <= 0)
                return r;

        for (size_t i = 0; i < g.gl_pathc; i++) {
                struct stat status;

                /* "*.conf" in the file's own folder means all the others. */
                if (magic && stat(g.gl_pathv[i], &status) >= 0 &&
                        (S_ISDIR(status.st_mode) ||
                                (status.st_dev == reader->open->device &&
                                        status.st_ino == reader->open->inode)))
                        continue;

                r = read_file(
                        reader, g.gl_pathv[i], /* group= */ g.gl_pathv[i], file->picket_group, pos);
                if (r == -ENOMEM)
                        return r;
        }

        return 0;
}

/* The value is one path or glob, or several separated by white space. A path with white space in it
 * stands alone, so the whole is tried first. */
static int on_include(const OutlineFile *file, const char *value, SourcePos pos, void *userdata) {
        FileReader *reader = userdata;
        _cleanup_free_ char *whole = NULL;
        struct stat status;
        const char *start = value;
        int r;

        if (reader->open->depth + 1 > INCLUDE_DEPTH_MAX) {
                diag_error(reader->diags, pos, "includes are nested more than %d deep",
                        INCLUDE_DEPTH_MAX);
                return 0;
        }

        r = path_beside(file->path, value, &whole);
        if (r == -ENOMEM)
                return r;
        if (r >= 0 && stat(whole, &status) >= 0)
                return include_pattern(reader, file, value, pos);

        while (*start != '\0') {
                _cleanup_free_ char *word = NULL;
                size_t n = strcspn(start, " \t");

                word = memdup_suffix0(start, n);
                if (!word)
                        return -ENOMEM;
                r = include_pattern(reader, file, word, source_pos_at(pos, value, start));
                if (r < 0)
                        return r;
                start += n;
                start += strspn(start, " \t");
        }

        return 0;
}

int files_read_one(const char *path, ConfigOutline *outline, Diags *diags) {
        FileReader reader = { .outline = outline, .diags = diags };
        int r;

        r = read_file(&reader, path, /* group= */ path, /* picket_group= */ path, (SourcePos){});
        free(reader.seen);
        return r;
}

static int on_include_in_text(
        const OutlineFile *file _unused_, const char *value, SourcePos pos, void *userdata) {
        diag_error((Diags *) userdata, pos, "'%s' cannot be included from here", value);
        return 0;
}

int files_read_text(
        const char *name, const char *text, size_t n_bytes, ConfigOutline *outline, Diags *diags) {
        const OutlineFile *file;
        int r;

        r = config_outline_add_file(outline, name, name, name, /* shared= */ false, &file);
        if (r < 0)
                return r;

        return config_outline_read(outline, file, text, n_bytes, diags, on_include_in_text, diags);
}

/* --- the overlay --- */

typedef struct Overlay {
        const char *folders[2]; /* the own one first: it wins */
        FileReader reader;
} Overlay;

/* Adds the names in @folder that end with @suffix, without it; a folder that is not there has none.
 */
static int overlay_list_folder(
        Overlay *overlay, const char *folder, const char *suffix, char ***names) {
        _cleanup_(closedirp) DIR *dir = NULL;

        dir = opendir(folder);
        if (!dir) {
                if (errno == ENOMEM)
                        return -ENOMEM;
                if (errno != ENOENT && errno != ENOTDIR)
                        diag_error(overlay->reader.diags, ((SourcePos){ .file = folder }),
                                "cannot read this folder: %s", strerror(errno));
                return 0;
        }

        for (struct dirent *entry; (entry = readdir(dir));) {
                _cleanup_free_ char *name = NULL;
                int r;

                if (entry->d_name[0] == '.' || !endswith(entry->d_name, suffix))
                        continue;

                name = memdup_suffix0(entry->d_name, strlen(entry->d_name) - strlen(suffix));
                if (!name)
                        return -ENOMEM;
                if (strv_contains(*names, name))
                        continue;
                r = strv_consume(names, TAKE_PTR(name));
                if (r < 0)
                        return r;
                if (strv_length(*names) > FILES_MAX) {
                        diag_error(overlay->reader.diags, ((SourcePos){ .file = folder }),
                                "more than %d files", FILES_MAX);
                        return 0;
                }
        }

        return 0;
}

/* The names of both folders below @subfolder, sorted. */
static int overlay_list(
        Overlay *overlay, const char *subfolder, const char *suffix, char ***names) {
        for (size_t i = 0; i < ELEMENTSOF(overlay->folders); i++) {
                _cleanup_free_ char *folder = NULL;
                int r;

                if (asprintf(&folder, "%s/%s", overlay->folders[i], subfolder) < 0)
                        return -ENOMEM;
                r = overlay_list_folder(overlay, folder, suffix, names);
                if (r < 0)
                        return r;
        }

        strv_sort(*names);
        return 0;
}

/* Reads the file that counts as @relative. Positive when it is masked. */
static int overlay_read_file(Overlay *overlay, const char *relative, const char *group) {
        for (size_t i = 0; i < ELEMENTSOF(overlay->folders); i++) {
                _cleanup_free_ char *path = NULL;
                struct stat status;
                int r;

                if (asprintf(&path, "%s/%s", overlay->folders[i], relative) < 0)
                        return -ENOMEM;
                if (lstat(path, &status) < 0 && (errno == ENOENT || errno == ENOTDIR))
                        continue;
                if (stat(path, &status) >= 0 && S_ISCHR(status.st_mode) &&
                        status.st_rdev == makedev(1, 3)) /* /dev/null */
                        return 1;

                r = read_file(&overlay->reader, path, group, group, (SourcePos){});
                return r == -ENOMEM ? r : 0;
        }

        return 0;
}

/* Reads @relative, such as "feeds/wires.conf", and its drop-ins. */
static int overlay_read_with_dropins(Overlay *overlay, const char *relative) {
        _cleanup_(strv_freep) char **names = NULL;
        _cleanup_free_ char *dropins = NULL;
        int r;

        r = overlay_read_file(overlay, relative, relative);
        if (r != 0)
                return MIN(r, 0);

        if (asprintf(&dropins, "%s.d", relative) < 0)
                return -ENOMEM;
        r = overlay_list(overlay, dropins, ".conf", &names);
        if (r < 0)
                return r;

        STRV_FOREACH (name, names) {
                _cleanup_free_ char *path = NULL;

                if (asprintf(&path, "%s/%s.conf", dropins, *name) < 0)
                        return -ENOMEM;
                r = overlay_read_file(overlay, path, relative);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int overlay_read_subfolder(Overlay *overlay, const char *subfolder) {
        _cleanup_(strv_freep) char **names = NULL, **only_dropins = NULL;
        int r;

        r = overlay_list(overlay, subfolder, ".conf", &names);
        if (r < 0)
                return r;
        r = overlay_list(overlay, subfolder, ".conf.d", &only_dropins);
        if (r < 0)
                return r;
        STRV_FOREACH (name, only_dropins) {
                r = strv_contains(names, *name) ? 0 : strv_extend(&names, *name);
                if (r < 0)
                        return r;
        }
        strv_sort(names);

        STRV_FOREACH (name, names) {
                _cleanup_free_ char *relative = NULL;

                if (asprintf(&relative, "%s/%s.conf", subfolder, *name) < 0)
                        return -ENOMEM;
                r = overlay_read_with_dropins(overlay, relative);
                if (r < 0)
                        return r;
        }

        return 0;
}

int files_read_overlay(const char *vendor, const char *own, ConfigOutline *outline, Diags *diags) {
        static const char *const subfolders[] = { "feeds", "profiles", "sinks" };
        Overlay overlay = {
                .folders = { own, vendor },
                .reader = { .outline = outline, .diags = diags },
        };
        int r;

        r = overlay_read_with_dropins(&overlay, "picket.conf");
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(subfolders); i++)
                r = overlay_read_subfolder(&overlay, subfolders[i]);

        free(overlay.reader.seen);
        return r;
}
