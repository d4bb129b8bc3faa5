/* SPDX-License-Identifier: MIT */
#pragma once

/* Files as configuration and secrets are read: regular ones, whole, within a limit. */

#include <sys/stat.h>

#include "base/memory.h"

/* A regular file, opened for reading. A descriptor for file_closep(), -EBADF (something else), or
 * what open() said. */
int file_open(const char *path, struct stat *ret_status) _warn_unused_;
void file_closep(int *fd);

/* The rest of @fd, a NUL behind it. 0, -ENOMEM, -EFBIG (over @n_bytes_max) or what read() said.
 * What is not given to the caller is wiped. */
int file_read_fd(int fd, size_t n_bytes_max, char **ret, size_t *ret_n_bytes) _warn_unused_;

/* @path as seen from the folder of @file, absolute. 0, -ENOMEM or what getcwd() said. */
int path_beside(const char *file, const char *path, char **ret) _warn_unused_;
