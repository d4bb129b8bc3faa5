/* SPDX-License-Identifier: MIT */

#include "base/json.h"

#include <errno.h>

#include "base/buffer.h"

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
