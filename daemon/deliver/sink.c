/* SPDX-License-Identifier: MIT */

#include "deliver/sink.h"

#include <errno.h>

#include "base/buffer.h"
#include "base/url.h"
#include "deliver/render.h"

static const char *const sink_verdict_table[SINK_VERDICT_MAX] = {
        [SINK_ACCEPTED] = "accepted",
        [SINK_RETRY] = "retry",
        [SINK_RATE_LIMITED] = "rate-limited",
        [SINK_MESSAGE_REFUSED] = "message-refused",
        [SINK_DESTINATION_REFUSED] = "destination-refused",
};
DEFINE_STRING_TABLE(sink_verdict, SinkVerdict, sink_verdict_table);

int sink_render(const SinkSettings *sink, AlertType type, const Alert *alert, const char *public_id,
        char **ret) {
        if (sink->type == SINK_DESKTOP)
                return desktop_render(type, alert, public_id, ret);

        switch (sink->format) {
        case SINK_JSON:
                return json_render(type, alert, public_id, ret);
        case SINK_SLACK:
                return slack_render(type, alert, ret);
        case SINK_DISCORD:
                return discord_render(type, alert, ret);
        case SINK_FORMAT_MAX:
                break;
        }

        assert(false);
        return -EINVAL;
}

const char *sink_content_type(const SinkSettings *sink _unused_) {
        return "application/json";
}

/* Discord's default wait=false answers before the message is saved, and tells nobody when it is not
 * (docs.discord.com, "Execute Webhook"). All other parameters (thread_id) stay as they are. */
static int discord_address(const char *url, char **ret) {
        _cleanup_(buffer_done) Buffer b = {};
        size_t n_path = strcspn(url, "?#");
        const char *parameter = url + n_path;
        char *address;

        if (buffer_append(&b, url, n_path) < 0 || buffer_append_char(&b, '?') < 0)
                return -ENOMEM;

        while (*parameter == '?' || *parameter == '&') {
                size_t n = strcspn(++parameter, "&#");

                if (n > 0 && !startswith(parameter, "wait=") &&
                        (buffer_append(&b, parameter, n) < 0 || buffer_append_char(&b, '&') < 0))
                        return -ENOMEM;
                parameter += n;
        }

        if (buffer_append_str(&b, "wait=true") < 0)
                return -ENOMEM;

        address = buffer_take(&b);
        if (!address)
                return -ENOMEM;
        *ret = address;
        return 0;
}

int sink_address(const SinkSettings *sink, const char *url, char **ret) {
        char *address;
        int r;

        r = url_check_fetchable(url);
        if (r < 0)
                return r == -ENOMEM ? r : -EINVAL;

        if (sink->type == SINK_WEBHOOK && sink->format == SINK_DISCORD)
                return discord_address(url, ret);

        address = strdup(url);
        if (!address)
                return -ENOMEM;
        *ret = address;
        return 0;
}

bool sink_has_secret_path(const SinkSettings *sink) {
        /* And whoever keeps an address out of the configuration does so for a reason. */
        return sink->format != SINK_JSON || !sink->url;
}
