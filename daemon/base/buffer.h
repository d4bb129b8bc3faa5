/* SPDX-License-Identifier: MIT */
#pragma once

/* A growing run of bytes, a NUL always behind the last one, so that `data` is a string as soon as
 * anything was appended (or buffer_str() was asked). Owned by whoever declares it:
 * `_cleanup_(buffer_done) Buffer b = {};`. Appending returns 0 or -ENOMEM, and after a failure the
 * old content stands. */

#include "base/memory.h"

typedef struct Buffer {
        char *data;
        size_t n_bytes;
        size_t n_allocated;
} Buffer;

void buffer_done(Buffer *b);
/* Forgets the content, keeps the memory. */
void buffer_reset(Buffer *b);

int buffer_append_growing(Buffer *b, const void *p, size_t n_bytes) _warn_unused_;
int buffer_append_str(Buffer *b, const char *s) _warn_unused_;

/* Inline, as texts are built of many short pieces, and nearly all find room. */
_warn_unused_ static inline int buffer_append(Buffer *b, const void *p, size_t n_bytes) {
        if (n_bytes == 0 || n_bytes >= b->n_allocated - b->n_bytes)
                return buffer_append_growing(b, p, n_bytes);

        memcpy(b->data + b->n_bytes, p, n_bytes);
        b->n_bytes += n_bytes;
        b->data[b->n_bytes] = '\0';
        return 0;
}

_warn_unused_ static inline int buffer_append_char(Buffer *b, char c) {
        return buffer_append(b, &c, 1);
}

int buffer_printf(Buffer *b, const char *format, ...) _printf_(2, 3) _warn_unused_;

/* Drops what lies beyond @n_bytes. */
void buffer_truncate(Buffer *b, size_t n_bytes);

/* The content as a string, "" when empty; valid until the next change. */
const char *buffer_str(const Buffer *b);
/* Gives the content away as a heap string (never NULL but when memory is out) and leaves the buffer
 * empty. */
char *buffer_take(Buffer *b) _warn_unused_;
