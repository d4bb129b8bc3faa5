/* SPDX-License-Identifier: MIT */

#include "poll/robots.h"

#include "base/buffer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

/* A path, a line end, a robots.txt. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes) {
        static const char remark[] = "# a remark changes nothing\n";
        const uint8_t *end = memchr(data, '\n', n_bytes);
        _cleanup_(robots_freep) Robots *robots = NULL, *again = NULL;
        _cleanup_(buffer_done) Buffer path = {}, text = {};

        if (!end || buffer_append(&path, data, (size_t) (end - data)) < 0)
                return 0;
        end++;
        n_bytes -= (size_t) (end - data);
        if (n_bytes + sizeof(remark) > ROBOTS_BYTES_MAX ||
                (n_bytes >= 3 && memcmp(end, "\xef\xbb\xbf", 3) == 0) ||
                buffer_append(&text, remark, sizeof(remark) - 1) < 0 ||
                buffer_append(&text, end, n_bytes) < 0)
                return 0;

        if (robots_parse((const char *) end, n_bytes, "Picket", &robots) < 0 ||
                robots_parse(text.data, text.n_bytes, "Picket", &again) < 0)
                return 0;
        if (robots_allow(robots, buffer_str(&path)) != robots_allow(again, buffer_str(&path)) ||
                robots_delay(robots) != robots_delay(again) ||
                robots_delay(robots) > ROBOTS_DELAY_MAX_USEC)
                abort();
        return 0;
}
