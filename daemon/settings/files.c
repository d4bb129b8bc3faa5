/* SPDX-License-Identifier: MIT */

#include "settings/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/strv.h"
#include "settings/include.h"

/* The overlay is read in a fixed order: picket.conf, then feeds/, profiles/ and sinks/ by name, and
 * behind each file its drop-ins by name, whichever folder they lie in. A name is looked for in the
 * own folder first; what is found there hides the vendor's, and when it leads to /dev/null, hides
 * it without a replacement. A masked file's drop-ins are not read either: they add to something
 * that is switched off. Drop-ins of a file that is nowhere are read, as systemd does for daemons'
 * own configuration. */

static void closedirp(DIR **dir) {
        if (*dir)
                (void) closedir(*dir);
}

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

                r = file_reader_read(&overlay->reader, path, group, group, (SourcePos){});
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

        file_reader_done(&overlay.reader);
        return r;
}

int files_read_one(const char *path, ConfigOutline *outline, Diags *diags) {
        _cleanup_(file_reader_done) FileReader reader = { .outline = outline, .diags = diags };

        return file_reader_read(
                &reader, path, /* group= */ path, /* picket_group= */ path, (SourcePos){});
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
