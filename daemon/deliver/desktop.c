/* SPDX-License-Identifier: MIT */

/* What the desktop agent reads: plain text, which it escapes for the notification server at hand.
 */

#include <errno.h>

#include "deliver/render.h"

/* A notification shows some lines; the rest is behind the link. */
#define TITLE_UNITS_MAX 250
#define SUMMARY_UNITS_MAX 600
#define REASON_UNITS_MAX 400
#define NAME_UNITS_MAX 100
#define LINK_BYTES_MAX 4096

int desktop_render(AlertType type, const Alert *alert, const char *public_id, char **ret) {
        _cleanup_(json_freep) Json *root = NULL;
        _cleanup_free_ char *title = NULL, *reason = NULL;

        title = render_title(type, alert);
        reason = render_reason(alert);
        if (!title || !reason)
                return -ENOMEM;

        root = json_pack("{ss ss so so so so so so so ss so sI}", "id", public_id, "type",
                type == ALERT_TEST ? "alert.test" : "alert.raised", "profile",
                render_string(alert->profile, RENDER_PLAIN, NAME_UNITS_MAX), "profile_title",
                render_string(render_profile(alert), RENDER_PLAIN, NAME_UNITS_MAX), "title",
                render_string(title, RENDER_PLAIN, TITLE_UNITS_MAX), "summary",
                render_string(alert->story.summary, RENDER_PLAIN, SUMMARY_UNITS_MAX), "reason",
                render_string(reason, RENDER_PLAIN, REASON_UNITS_MAX), "link",
                render_link_string(alert->story.link, LINK_BYTES_MAX), "feed",
                render_string(alert->feed, RENDER_PLAIN, NAME_UNITS_MAX), "urgency",
                urgency_to_string(alert->urgency), "raised", render_time(alert->raised_usec),
                "story", (json_int_t) alert->story.id);
        if (!root)
                return -ENOMEM;

        return json_to_text(root, JSON_LINE, ret);
}
