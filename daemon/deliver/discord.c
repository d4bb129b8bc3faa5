/* SPDX-License-Identifier: MIT */

/* Discord webhooks: one embed. Embeds never ping, and there is no content beside it that could;
 * allowed_mentions says so once more. Any breach of a limit refuses the whole message. */

#include <errno.h>

#include "deliver/render.h"

/* Limits of an embed (docs.discord.com, "Embed Limits"), in characters of which we take UTF-16
 * units: title 256, description 4096, field value 1024, footer 2048, author 256, and 6000 in all.
 * Ours add up to less: 256 + 2000 + 256 + 256 + 2 * 1024 + names. */
#define TITLE_UNITS_MAX 256
#define DESCRIPTION_UNITS_MAX 2000
#define AUTHOR_UNITS_MAX 256
#define FOOTER_UNITS_MAX 256
#define FIELD_UNITS_MAX 1024

/* Not documented; an address over this has been seen to be refused. */
#define LINK_BYTES_MAX 2048

/* A few other reports of the story. */
#define SOURCES_MAX 3
#define SOURCE_NAME_UNITS_MAX 60
#define SOURCE_LINK_BYTES_MAX 250

/* SUPPRESS_NOTIFICATIONS: shown, without sound or push. */
#define FLAG_SILENT 4096

static const int colors[URGENCY_MAX] = {
        [URGENCY_LOW] = 0x95a5a6,
        [URGENCY_NORMAL] = 0x3498db,
        [URGENCY_CRITICAL] = 0xe74c3c,
};

/* "[defense-news](https://...), ..." for reports other than the story's own; empty without any. */
static int append_sources(Buffer *b, const Alert *alert) {
        size_t n = 0;
        int r;

        for (size_t i = 0; i < alert->n_sources && n < SOURCES_MAX; i++) {
                const StorySource *source = &alert->sources[i];
                _cleanup_(buffer_done) Buffer link = {}, label = {};

                if (streq_ptr(source->link, alert->story.link))
                        continue;
                r = render_link(&link, source->link, SOURCE_LINK_BYTES_MAX);
                if (r < 0)
                        return r;
                /* A parenthesis would end the link. */
                if (link.n_bytes == 0 || strpbrk(link.data, "()"))
                        continue;
                r = render_text(&label, isempty(source->feed) ? "source" : source->feed,
                        RENDER_DISCORD, SOURCE_NAME_UNITS_MAX);
                if (r < 0)
                        return r;
                r = buffer_printf(
                        b, "%s[%s](%s)", n > 0 ? ", " : "", buffer_str(&label), buffer_str(&link));
                if (r < 0)
                        return r;
                n++;
        }

        return 0;
}

static json_t *fields_to_json(const Alert *alert) {
        _cleanup_(json_freep) Json *fields = json_array();
        _cleanup_(buffer_done) Buffer sources = {};
        _cleanup_free_ char *reason = NULL;

        reason = render_reason(alert);
        if (!reason || append_sources(&sources, alert) < 0)
                return NULL;

        if (json_array_append_new(fields,
                    json_pack("{ss so sb}", "name", "Why", "value",
                            render_string(reason, RENDER_DISCORD, FIELD_UNITS_MAX), "inline", 0)) <
                0)
                return NULL;
        if (sources.n_bytes > 0 &&
                json_array_append_new(fields,
                        json_pack("{ss ss sb}", "name", "Also", "value", buffer_str(&sources),
                                "inline", 0)) < 0)
                return NULL;

        return TAKE_PTR(fields);
}

/* Sets @key unless @value is null, which Discord takes badly in some places. */
static int set_known(json_t *object, const char *key, json_t *value) {
        if (!value)
                return -ENOMEM;
        if (json_is_null(value))
                return 0;

        return json_object_set_new(object, key, value) < 0 ? -ENOMEM : 0;
}

/* {@key: text} or null; for author and footer, where no Markdown is read. */
static json_t *named_text(const char *key, const char *text, size_t n_units_max) {
        json_t *value = render_string(text, RENDER_PLAIN, n_units_max);

        if (!value || json_is_null(value))
                return value;
        return json_pack("{so}", key, value);
}

static json_t *embed_to_json(AlertType type, const Alert *alert) {
        _cleanup_(json_freep) Json *embed = NULL;
        _cleanup_free_ char *title = NULL;
        const Story *story = &alert->story;

        title = render_title(type, alert);
        if (!title)
                return NULL;

        embed = json_pack("{so si so}", "title",
                render_string(title, RENDER_DISCORD, TITLE_UNITS_MAX), "color",
                colors[alert->urgency], "fields", fields_to_json(alert));
        if (!embed ||
                set_known(embed, "url", render_link_string(story->link, LINK_BYTES_MAX)) < 0 ||
                set_known(embed, "description",
                        render_string(story->summary, RENDER_DISCORD, DESCRIPTION_UNITS_MAX)) < 0 ||
                set_known(embed, "timestamp",
                        render_time(story->published_usec == USEC_INFINITY
                                        ? alert->raised_usec
                                        : story->published_usec)) < 0 ||
                set_known(embed, "author", named_text("name", alert->feed, AUTHOR_UNITS_MAX)) < 0 ||
                set_known(embed, "footer",
                        named_text("text", render_profile(alert), FOOTER_UNITS_MAX)) < 0)
                return NULL;

        return TAKE_PTR(embed);
}

int discord_render(AlertType type, const Alert *alert, char **ret) {
        _cleanup_(json_freep) Json *root = NULL;

        root = json_pack(
                "{s{s[]} s[o]}", "allowed_mentions", "parse", "embeds", embed_to_json(type, alert));
        if (!root ||
                (alert->urgency == URGENCY_LOW &&
                        json_object_set_new(root, "flags", json_integer(FLAG_SILENT)) < 0))
                return -ENOMEM;

        return json_to_text(root, JSON_LINE, ret);
}
