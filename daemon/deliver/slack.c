/* SPDX-License-Identifier: MIT */

/* Slack incoming webhooks, and what speaks like them: Block Kit with a fallback text.
 *
 * Everything from outside stands in plain_text objects, because mrkdwn has no escape for * _ ~ and
 * the backtick; the links to other sources are the one mrkdwn text, and their labels are names from
 * the configuration. & < > are entities everywhere, without which "<!channel>" in a headline would
 * wake the whole channel. */

#include <errno.h>

#include "deliver/render.h"

/* Limits of Block Kit (docs.slack.dev, "Blocks"): header 150 characters, text object 3000, button
 * address 3000. Longer messages than some 13,000 characters are refused as msg_blocks_too_long,
 * which no page documents; the limits below keep to 12,000 with every quote in them escaped. */
#define HEADER_UNITS_MAX 150
#define SUMMARY_UNITS_MAX 1500
#define CONTEXT_UNITS_MAX 500
#define NAME_UNITS_MAX 80
#define BUTTON_LINK_BYTES_MAX 3000

/* A few other reports of the story; longer addresses than this are left out. */
#define SOURCES_MAX 3
#define SOURCE_LINK_BYTES_MAX 300

static json_t *plain_text(const char *text, size_t n_units_max) {
        return json_pack("{ss so sb}", "type", "plain_text", "text",
                render_string(text, RENDER_SLACK, n_units_max), "emoji", 0);
}

/* "KFOR - Kosovo Force, from defense-news, critical" */
static json_t *origin_element(const Alert *alert) {
        _cleanup_(buffer_done) Buffer b = {};

        if (render_text(&b, render_profile(alert), RENDER_PLAIN, 2 * NAME_UNITS_MAX) < 0)
                return NULL;
        if (!isempty(alert->feed) &&
                (buffer_append_str(&b, ", from ") < 0 ||
                        render_text(&b, alert->feed, RENDER_PLAIN, NAME_UNITS_MAX) < 0))
                return NULL;
        if (alert->urgency == URGENCY_CRITICAL && buffer_append_str(&b, ", critical") < 0)
                return NULL;

        return plain_text(b.n_bytes > 0 ? buffer_str(&b) : "Picket", CONTEXT_UNITS_MAX);
}

/* "<https://...|feed>", with the label's own bar and the address's ampersands out of the way. */
static int append_source(Buffer *b, const StorySource *source, bool first) {
        _cleanup_(buffer_done) Buffer link = {}, label = {};
        int r;

        r = render_link(&link, source->link, SOURCE_LINK_BYTES_MAX);
        if (r < 0 || link.n_bytes == 0)
                return r;
        r = render_text(&label, isempty(source->feed) ? "source" : source->feed, RENDER_SLACK,
                NAME_UNITS_MAX);
        if (r < 0)
                return r;
        for (size_t i = 0; i < label.n_bytes; i++)
                if (label.data[i] == '|')
                        label.data[i] = ' ';

        r = buffer_append_str(b, first ? "Also: <" : ", <");
        if (r < 0)
                return r;
        r = render_text(b, buffer_str(&link), RENDER_SLACK, 2 * SOURCE_LINK_BYTES_MAX);
        if (r < 0)
                return r;
        return buffer_printf(b, "|%s>", buffer_str(&label));
}

/* NULL with *ret_empty when the story has no other report to link to. */
static int sources_element(const Alert *alert, json_t **ret) {
        _cleanup_(buffer_done) Buffer b = {};
        json_t *element;
        size_t n = 0;
        int r;

        for (size_t i = 0; i < alert->n_sources && n < SOURCES_MAX; i++) {
                size_t n_before = b.n_bytes;

                if (streq_ptr(alert->sources[i].link, alert->story.link))
                        continue;
                r = append_source(&b, &alert->sources[i], n == 0);
                if (r < 0)
                        return r;
                n += b.n_bytes > n_before;
        }

        *ret = NULL;
        if (n == 0)
                return 0;

        element = json_pack(
                "{ss ss# sb}", "type", "mrkdwn", "text", b.data, (int) b.n_bytes, "verbatim", 1);
        if (!element)
                return -ENOMEM;
        *ret = element;
        return 0;
}

static json_t *context_block(const Alert *alert) {
        _cleanup_(json_freep) Json *elements = json_array();
        _cleanup_free_ char *reason = NULL;
        json_t *sources;

        reason = render_reason(alert);
        if (!reason || json_array_append_new(elements, origin_element(alert)) < 0 ||
                json_array_append_new(elements, plain_text(reason, CONTEXT_UNITS_MAX)) < 0 ||
                sources_element(alert, &sources) < 0)
                return NULL;
        if (sources && json_array_append_new(elements, sources) < 0)
                return NULL;

        return json_pack("{ss sO}", "type", "context", "elements", elements);
}

static json_t *blocks_to_json(const char *title, const Alert *alert) {
        _cleanup_(json_freep) Json *blocks = json_array(), *link = NULL, *summary = NULL;

        if (json_array_append_new(blocks,
                    json_pack("{ss so}", "type", "header", "text",
                            plain_text(title, HEADER_UNITS_MAX))) < 0)
                return NULL;

        /* Slack refuses empty texts. */
        summary = plain_text(alert->story.summary, SUMMARY_UNITS_MAX);
        if (!summary)
                return NULL;
        if (json_is_string(json_object_get(summary, "text")) &&
                json_array_append_new(
                        blocks, json_pack("{ss sO}", "type", "section", "text", summary)) < 0)
                return NULL;

        if (json_array_append_new(blocks, context_block(alert)) < 0)
                return NULL;

        link = render_link_string(alert->story.link, BUTTON_LINK_BYTES_MAX);
        if (!link)
                return NULL;
        if (json_is_string(link) &&
                json_array_append_new(blocks,
                        json_pack("{ss s[{ss s{ss ss sb} sO}]}", "type", "actions", "elements",
                                "type", "button", "text", "type", "plain_text", "text", "Open",
                                "emoji", 0, "url", link)) < 0)
                return NULL;

        return TAKE_PTR(blocks);
}

int slack_render(AlertType type, const Alert *alert, char **ret) {
        _cleanup_(json_freep) Json *root = NULL;
        _cleanup_free_ char *title = NULL, *fallback = NULL;

        title = render_title(type, alert);
        if (!title || asprintf(&fallback, "%s: %s", render_profile(alert), title) < 0)
                return -ENOMEM;

        root = json_pack("{so so sb sb}", "text",
                render_string(fallback, RENDER_SLACK, 2 * HEADER_UNITS_MAX), "blocks",
                blocks_to_json(title, alert), "unfurl_links", 0, "unfurl_media", 0);
        if (!root)
                return -ENOMEM;

        return json_to_text(root, JSON_LINE, ret);
}
