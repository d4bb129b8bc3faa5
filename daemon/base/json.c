/* SPDX-License-Identifier: MIT */

#include "base/json.h"

#include <errno.h>

typedef struct Dump {
        Buffer text;
        int error;
} Dump;

static int on_dump(const char *p, size_t n_bytes, void *userdata) {
        Dump *dump = userdata;

        if (dump->error >= 0)
                dump->error = buffer_append(&dump->text, p, n_bytes);
        return dump->error < 0 ? -1 : 0;
}

int json_to_text(const json_t *json, size_t flags, char **ret) {
        Dump dump = {};
        char *text = NULL;

        if (json && json_dump_callback(json, on_dump, &dump, flags) >= 0 && dump.error >= 0)
                text = buffer_take(&dump.text);
        buffer_done(&dump.text);
        if (!text)
                return -ENOMEM;

        *ret = text;
        return 0;
}

/* What a byte of a string becomes: itself (0), the letter behind a backslash, or 'u' and four
 * digits. */
static const char escapes[256] = {
        [0 ... 7] = 'u',
        ['\b'] = 'b',
        ['\f'] = 'f',
        ['\n'] = 'n',
        ['\r'] = 'r',
        ['\t'] = 't',
        [11] = 'u',
        [14 ... 31] = 'u',
        ['"'] = '"',
        ['\\'] = '\\',
};

/* How many bytes from @s on, of @n_bytes, stay as they are. */
static size_t plain_run(const char *s, size_t n_bytes) {
        typedef uint8_t Block __attribute__((vector_size(16)));
        size_t n = 0;

        for (; n_bytes - n >= sizeof(Block); n += sizeof(Block)) {
                uint64_t halves[2];
                Block block;

                memcpy(&block, s + n, sizeof(block));
                block = (Block) (block < ' ') | (Block) (block == '"') | (Block) (block == '\\');
                memcpy(halves, &block, sizeof(halves));
                if (halves[0] | halves[1])
                        break;
        }
        while (n < n_bytes && escapes[(unsigned char) s[n]] == 0)
                n++;
        return n;
}

int json_append_string(Buffer *out, const char *s) {
        static const char digits[] = "0123456789abcdef";
        size_t n_left;
        int r;

        if (!s)
                return buffer_append_str(out, "null");

        n_left = strlen(s);
        r = buffer_append_char(out, '"');
        while (r >= 0 && n_left > 0) {
                const char escaped[] = { '\\', escapes[(unsigned char) *s], '0', '0',
                        digits[*s >> 4 & 0xF], digits[*s & 0xF] };
                size_t n = plain_run(s, n_left);

                if (n > 0)
                        r = buffer_append(out, s, n);
                else {
                        r = buffer_append(out, escaped, escaped[1] == 'u' ? 6 : 2);
                        n = 1;
                }
                s += n;
                n_left -= n;
        }
        return r < 0 ? r : buffer_append_char(out, '"');
}
