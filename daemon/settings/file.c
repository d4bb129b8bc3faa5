/* SPDX-License-Identifier: MIT */

#include "settings/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"

void file_closep(int *fd) {
        if (*fd >= 0)
                (void) close(*fd);
}

int file_read_fd(int fd, size_t n_bytes_max, char **ret, size_t *ret_n_bytes) {
        _cleanup_free_ char *text = NULL;
        size_t n = 0;

        text = malloc(n_bytes_max + 2); /* one byte more than allowed, and a NUL */
        if (!text)
                return -ENOMEM;

        while (n <= n_bytes_max) {
                ssize_t k = read(fd, text + n, n_bytes_max + 1 - n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0 || n + (size_t) k > n_bytes_max) {
                        int r = k < 0 ? -errno : -EFBIG;

                        explicit_bzero(text, n);
                        return r;
                }
                if (k == 0)
                        break;
                n += (size_t) k;
        }

        text[n] = '\0';
        *ret = TAKE_PTR(text);
        *ret_n_bytes = n;
        return 0;
}

int file_open(const char *path, struct stat *ret_status) {
        _cleanup_(file_closep) int fd = -1;
        int r;

        /* O_NONBLOCK: a FIFO is refused below instead of waited for here. */
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0 || fstat(fd, ret_status) < 0)
                return -errno;
        if (!S_ISREG(ret_status->st_mode))
                return -EBADF;

        r = fd;
        fd = -1; /* the caller's now */
        return r;
}

int path_beside(const char *file, const char *path, char **ret) {
        const char *slash = strrchr(file, '/');
        int n_folder = slash ? (int) (slash - file) : 0;
        _cleanup_free_ char *here = NULL;
        char *joined;

        if (path[0] == '/') {
                joined = strdup(path);
                if (!joined)
                        return -ENOMEM;
                *ret = joined;
                return 0;
        }

        if (file[0] != '/') {
                here = getcwd(NULL, 0);
                if (!here)
                        return -errno;
        }
        if (asprintf(&joined, "%s%s%.*s/%s", strempty(here), here && n_folder > 0 ? "/" : "",
                    n_folder, file, path) < 0)
                return -ENOMEM;

        *ret = joined;
        return 0;
}
