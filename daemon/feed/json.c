/* SPDX-License-Identifier: MIT */

#include "feed/json.h"

static json_t *text_or_null(const char *s) {
        return s ? json_string(s) : json_null();
}

static json_t *time_or_null(usec_t t) {
        return text_or_null(FORMAT_RFC3339(t));
}

static json_t *json_dropped(json_t *json) {
        json_decref(json);
        return NULL;
}
DEFINE_POINTER_CLEANUP(json_t, json_dropped);

static json_t *list_to_json(const char *const *list) {
        _cleanup_(json_droppedp) json_t *array = json_array();

        for (const char *const *s = list; array && s && *s; s++)
                if (json_array_append_new(array, json_string(*s)) < 0)
                        return NULL;

        return TAKE_PTR(array);
}

static json_t *enclosures_to_json(const Enclosure *enclosures, size_t n) {
        _cleanup_(json_droppedp) json_t *array = json_array();

        for (size_t i = 0; array && i < n; i++) {
                json_t *length = enclosures[i].length_bytes > INT64_MAX
                        ? json_null()
                        : json_integer((json_int_t) enclosures[i].length_bytes);

                if (json_array_append_new(array,
                            json_pack("{so so so}", "url", text_or_null(enclosures[i].url), "type",
                                    text_or_null(enclosures[i].type), "length", length)) < 0)
                        return NULL;
        }

        return TAKE_PTR(array);
}

json_t *feed_item_to_json(const Item *item) {
        return json_pack("{so so so so so so so so so so}", "id", text_or_null(item->guid), "link",
                text_or_null(item->link), "title", text_or_null(item->title), "summary",
                text_or_null(item->summary), "content", text_or_null(item->content), "authors",
                list_to_json(item->authors), "categories", list_to_json(item->categories),
                "published", time_or_null(item->published_usec), "updated",
                time_or_null(item->updated_usec), "enclosures",
                enclosures_to_json(item->enclosures, item->n_enclosures));
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
