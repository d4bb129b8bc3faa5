/* SPDX-License-Identifier: MIT */
#pragma once

/* Which files make up a configuration: two folders that overlay, drop-ins, masks and includes. The
 * only file of settings/ that knows the file system (but for secrets). */

#include "settings/outline.h"

/* A thousand feeds take a tenth of this. */
#define FILE_BYTES_MAX ((size_t) 4 * 1024 * 1024)
#define FILES_MAX 4096
/* Deeper nesting of includes helps nobody to find anything. */
#define INCLUDE_DEPTH_MAX 8

/* Reads the overlay of two folders, either of which may be missing: a file of @own replaces the one
 * of the same name in @vendor. 0 or -ENOMEM; what is wrong goes to @diags. */
int files_read_overlay(
        const char *vendor, const char *own, ConfigOutline *outline, Diags *diags) _warn_unused_;

/* Reads @path and what it includes. 0, -ENOMEM, or what open() said of @path (said in @diags too).
 */
int files_read_one(const char *path, ConfigOutline *outline, Diags *diags) _warn_unused_;

/* Reads @text as a file that may not include others. 0 or -ENOMEM. */
int files_read_text(const char *name, const char *text, size_t n_bytes, ConfigOutline *outline,
        Diags *diags) _warn_unused_;
