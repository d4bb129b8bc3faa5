/* SPDX-License-Identifier: MIT */

#include "base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void buffer_done(Buffer *b) {
        free(b->data);
        *b = (Buffer){};
}

void buffer_reset(Buffer *b) {
        buffer_truncate(b, 0);
}

static int buffer_reserve(Buffer *b, size_t n_more) {
        if (n_more >= SIZE_MAX - b->n_bytes)
                return -ENOMEM;

        return ARRAY_GROW(b->data, b->n_allocated, b->n_bytes + n_more + 1);
}

int buffer_append_growing(Buffer *b, const void *p, size_t n_bytes) {
        int r;

        r = buffer_reserve(b, n_bytes);
        if (r < 0)
                return r;

        if (n_bytes > 0)
                memcpy(b->data + b->n_bytes, p, n_bytes);
        b->n_bytes += n_bytes;
        b->data[b->n_bytes] = '\0';
        return 0;
}

int buffer_append_str(Buffer *b, const char *s) {
        return buffer_append(b, s, strlen(s));
}

int buffer_printf(Buffer *b, const char *format, ...) {
        va_list ap;
        int n, r;

        va_start(ap, format);
        n = vsnprintf(NULL, 0, format, ap);
        va_end(ap);
        if (n < 0)
                return -EINVAL;

        r = buffer_reserve(b, (size_t) n);
        if (r < 0)
                return r;

        va_start(ap, format);
        (void) vsnprintf(b->data + b->n_bytes, (size_t) n + 1, format, ap);
        va_end(ap);
        b->n_bytes += (size_t) n;
        return 0;
}

void buffer_truncate(Buffer *b, size_t n_bytes) {
        if (n_bytes > b->n_bytes || !b->data)
                return;

        b->n_bytes = n_bytes;
        b->data[n_bytes] = '\0';
}

const char *buffer_str(const Buffer *b) {
        return b->data ? b->data : "";
}

char *buffer_take(Buffer *b) {
        char *s = b->data ? b->data : strdup("");

        *b = (Buffer){};
        return s;
}
