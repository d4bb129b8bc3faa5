/* SPDX-License-Identifier: MIT */

/* Any bytes as the texts of an alert: every dialect makes valid JSON of them, within its limit. */

#include <jansson.h>

#include "deliver/sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes) {
        char *text = memdup_suffix0(data, n_bytes), *parts[4] = {};
        StorySource source = {};
        Alert alert = {};

        /* Four texts, one a line; what is missing stays unknown. */
        for (char *rest = text, **part = parts; rest && part < parts + ELEMENTSOF(parts); part++)
                *part = strsep(&rest, "\n");
        alert.story = (Story){ .title = parts[0], .link = parts[1], .summary = parts[2] };
        source = (StorySource){ .feed = parts[3], .title = parts[0], .link = parts[1] };
        alert.profile = alert.feed = parts[3];
        alert.sources = &source;
        alert.n_sources = 1;
        alert.verdict.body = BODY_FAILED;
        alert.verdict.body_reason = parts[3];

        for (unsigned i = 0; i <= SINK_FORMAT_MAX; i++) {
                SinkSettings sink = { .type = i < SINK_FORMAT_MAX ? SINK_WEBHOOK : SINK_DESKTOP,
                        .format = i < SINK_FORMAT_MAX ? (SinkFormat) i : SINK_JSON };
                char *body = NULL;

                assert(sink_render(&sink, ALERT_RAISED, &alert, "id", &body) == 0);
                json_t *root = json_loads(body, /* flags= */ 0, /* error= */ NULL);
                assert(root && strlen(body) < 20000);
                json_decref(root);
                free(body);
        }
        free(text);
        return 0;
}
