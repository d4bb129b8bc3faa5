/* SPDX-License-Identifier: MIT */
#pragma once

/* Reading one file into an outline, with what it includes. */

#include <sys/stat.h>

#include "settings/outline.h"

typedef struct OpenFile OpenFile;

/* Initialised with the outline and the diagnostics, both borrowed; the rest is its own. */
typedef struct FileReader {
        ConfigOutline *outline;
        Diags *diags;
        const OpenFile *open; /* the chain of includes at the moment */
        struct {
                dev_t device;
                ino_t inode;
        } * seen;
        size_t n_seen, n_seen_allocated;
} FileReader;

void file_reader_done(FileReader *reader);

/* Reads @path, unless it was read before. What it fails for is reported at @pos, or at the file
 * itself when @pos names no file. 0, -ENOMEM, or why the file could not be read. */
int file_reader_read(FileReader *reader, const char *path, const char *group,
        const char *picket_group, SourcePos pos) _warn_unused_;
