/* SPDX-License-Identifier: MIT */
#pragma once

/* What the dialects share: text from outside made fit for one place in a message. It is mended,
 * folded to one line, freed of control, invisible and direction-changing characters, escaped for
 * the markup that reads it, and cut to a limit between what a reader sees as characters, never
 * inside an escape. For this folder alone. */

#include "base/buffer.h"
#include "base/json.h"
#include "deliver/sink.h"

typedef json_t Json;

static inline Json *json_free(Json *json) {
        json_decref(json);
        return NULL;
}
DEFINE_POINTER_CLEANUP(Json, json_free);

typedef enum RenderEscape {
        RENDER_PLAIN,   /* no markup is read there */
        RENDER_SLACK,   /* & < > as entities, which is also what kills <!channel> and <@U..> */
        RENDER_DISCORD, /* Markdown, and what starts a mention, behind a backslash */
        RENDER_ESCAPE_MAX,
} RenderEscape;

/* Appends @text within @n_utf16_max UTF-16 code units, an ellipsis counted in where it was cut:
 * services count "characters" without saying which, and UTF-16 units are never fewer than code
 * points. NULL appends nothing. 0 or -ENOMEM. */
int render_text(Buffer *b, const char *text, RenderEscape escape, size_t n_utf16_max) _warn_unused_;
/* The same as a JSON string; null for NULL and for what leaves nothing to read. A new reference,
 * NULL when memory is out. */
json_t *render_string(const char *text, RenderEscape escape, size_t n_utf16_max);

/* Appends @url when it is an http or https address of at most @n_bytes_max, with everything that
 * could end a link or a string percent-encoded; else nothing, for a link is better left out than
 * shown wrong. 0 or -ENOMEM. */
int render_link(Buffer *b, const char *url, size_t n_bytes_max) _warn_unused_;
/* The same as a JSON string, null when left out. */
json_t *render_link_string(const char *url, size_t n_bytes_max);

/* RFC 3339 in UTC, null when unknown. */
json_t *render_time(usec_t t);
/* The one line that says why, as text for render_text(). The caller owns it; NULL when memory is
 * out. */
char *render_reason(const Alert *alert);
/* The story's title, with the mark of a test; never empty. The caller owns it; NULL when memory is
 * out. */
char *render_title(AlertType type, const Alert *alert);
/* What people call the profile: its title, else its name. */
const char *render_profile(const Alert *alert);

/* The dialects. 0 or -ENOMEM; the caller owns *ret. */
int json_render(
        AlertType type, const Alert *alert, const char *public_id, char **ret) _warn_unused_;
int slack_render(AlertType type, const Alert *alert, char **ret) _warn_unused_;
int discord_render(AlertType type, const Alert *alert, char **ret) _warn_unused_;
int desktop_render(
        AlertType type, const Alert *alert, const char *public_id, char **ret) _warn_unused_;
