/* SPDX-License-Identifier: MIT */

#include "feed/json.h"

#include <inttypes.h>

#include "base/json.h"

static json_t *text_or_null(const char *s) {
        return s ? json_string(s) : json_null();
}

static json_t *time_or_null(usec_t t) {
        return text_or_null(FORMAT_RFC3339(t));
}

/* The texts of many items go by here, so they are written and not built. */
static int append_member(Buffer *out, const char *name, const char *value) {
        int r;

        r = buffer_append_str(out, name);
        return r < 0 ? r : json_append_string(out, value);
}

static int append_list(Buffer *out, const char *name, const char *const *list) {
        int r;

        r = buffer_append_str(out, name);
        for (const char *const *s = list; s && *s && r >= 0; s++)
                r = append_member(out, s == list ? "" : ",", *s);
        return r < 0 ? r : buffer_append_char(out, ']');
}

static int append_enclosure(Buffer *out, const char *before, const Enclosure *enclosure) {
        int r;

        r = append_member(out, before, enclosure->url);
        if (r >= 0)
                r = append_member(out, ",\"type\":", enclosure->type);
        if (r < 0)
                return r;
        if (enclosure->length_bytes > INT64_MAX)
                return buffer_append_str(out, ",\"length\":null}");
        return buffer_printf(out, ",\"length\":%" PRIu64 "}", enclosure->length_bytes);
}

int feed_item_append_json(const Item *item, Buffer *out) {
        int r;

        r = append_member(out, "{\"id\":", item->guid);
        if (r >= 0)
                r = append_member(out, ",\"link\":", item->link);
        if (r >= 0)
                r = append_member(out, ",\"title\":", item->title);
        if (r >= 0)
                r = append_member(out, ",\"summary\":", item->summary);
        if (r >= 0)
                r = append_member(out, ",\"content\":", item->content);
        if (r >= 0)
                r = append_list(out, ",\"authors\":[", item->authors);
        if (r >= 0)
                r = append_list(out, ",\"categories\":[", item->categories);
        if (r >= 0)
                r = append_member(out, ",\"published\":", FORMAT_RFC3339(item->published_usec));
        if (r >= 0)
                r = append_member(out, ",\"updated\":", FORMAT_RFC3339(item->updated_usec));
        if (r >= 0)
                r = buffer_append_str(out, ",\"enclosures\":[");
        for (size_t i = 0; i < item->n_enclosures && r >= 0; i++)
                r = append_enclosure(
                        out, i == 0 ? "{\"url\":" : ",{\"url\":", &item->enclosures[i]);
        return r < 0 ? r : buffer_append_str(out, "]}");
}

json_t *feed_item_to_json(const Item *item) {
        _cleanup_(buffer_done) Buffer text = {};

        if (feed_item_append_json(item, &text) < 0)
                return NULL;
        return json_loadb(text.data, text.n_bytes, 0, NULL);
}

json_t *feed_info_to_json(const FeedInfo *info) {
        json_t *ttl = info->ttl_usec == USEC_INFINITY
                ? json_null()
                : json_integer((json_int_t) (info->ttl_usec / USEC_PER_SEC));

        return json_pack("{ss so so so so so so}", "format", feed_format_to_string(info->format),
                "title", text_or_null(info->title), "link", text_or_null(info->link), "description",
                text_or_null(info->description), "language", text_or_null(info->language),
                "updated", time_or_null(info->updated_usec), "ttl", ttl);
}
