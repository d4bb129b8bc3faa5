/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "settings/file.h"
#include "settings/settings.h"

/* An address, a token or a key; systemd allows a unit 1 MiB in all. */
#define SECRET_BYTES_MAX ((size_t) 64 * 1024)

char *secret_free(char *secret) {
        if (secret)
                explicit_bzero(secret, strlen(secret));

        free(secret);
        return NULL;
}

static int secret_read(const char *path, char **ret) {
        _cleanup_(file_closep) int fd = -1;
        _cleanup_(secret_freep) char *secret = NULL;
        struct stat status;
        size_t n;
        int r;

        fd = file_open(path, &status);
        if (fd < 0)
                return fd;
        r = file_read_fd(fd, SECRET_BYTES_MAX, &secret, &n);
        if (r < 0)
                return r;

        if (memchr(secret, '\0', n)) {
                explicit_bzero(secret, n);
                return -EBADMSG;
        }
        while (n > 0 && ascii_isspace(secret[n - 1]))
                secret[--n] = '\0';
        if (n == 0)
                return -ENODATA;

        *ret = TAKE_PTR(secret);
        return 0;
}

int settings_credential(const char *name, char **ret) {
        static const char *const prefixes[] = { "", "picket_" };
        const char *folder = secure_getenv("CREDENTIALS_DIRECTORY");

        if (isempty(folder))
                return -ENXIO;
        if (isempty(name) || strchr(name, '/') || streq(name, ".") || streq(name, ".."))
                return -EINVAL;

        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++) {
                _cleanup_free_ char *path = NULL;
                int r;

                if (asprintf(&path, "%s/%s%s", folder, prefixes[i], name) < 0)
                        return -ENOMEM;
                r = secret_read(path, ret);
                if (r != -ENOENT)
                        return r;
        }

        return -ENOENT;
}

int settings_sink_url(const SinkSettings *sink, char **ret) {
        char *url;

        if (sink->url_credential)
                return settings_credential(sink->url_credential, ret);
        if (sink->url_file)
                return secret_read(sink->url_file, ret);
        if (!sink->url) {
                *ret = NULL;
                return 0;
        }

        url = strdup(sink->url);
        if (!url)
                return -ENOMEM;

        *ret = url;
        return 0;
}

int settings_sink_secret(const SinkSettings *sink, char **ret) {
        if (sink->secret_credential)
                return settings_credential(sink->secret_credential, ret);
        if (sink->secret_file)
                return secret_read(sink->secret_file, ret);

        *ret = NULL;
        return 0;
}
