/* SPDX-License-Identifier: MIT */

#include "feed/jsonfeed.h"

#include <errno.h>
#include <jansson.h>

#include "base/json.h"
#include "feed/address.h"
#include "feed/decode.h"
#include "feed/entry.h"
#include "feed/jsonfeed-split.h"
#include "text/date.h"

typedef enum MemberKind {
        MEMBER_TEXT,        /* plain text: nothing in it is markup */
        MEMBER_HTML,        /* markup */
        MEMBER_ID,          /* text, or a number that becomes it */
        MEMBER_ADDRESS,     /* the link */
        MEMBER_DATE,        /* RFC 3339 */
        MEMBER_AUTHOR,      /* an object with a name */
        MEMBER_AUTHORS,     /* a list of those */
        MEMBER_TAGS,        /* a list of texts */
        MEMBER_ATTACHMENTS, /* a list of objects */
} MemberKind;

typedef struct Member {
        const char *name;
        MemberKind kind;
        Part part;
        uint8_t priority; /* as in rules.h */
} Member;

static const Member feed_members[] = {
        { "title", MEMBER_TEXT, PART_TITLE, 9 }, { "home_page_url", MEMBER_ADDRESS, PART_LINK, 9 },
        { "description", MEMBER_TEXT, PART_SUMMARY, 9 },
        { "language", MEMBER_TEXT, PART_LANGUAGE, 9 }, /* 1.1 */
        { "authors", MEMBER_AUTHORS, 0, 9 },           /* 1.1 */
        { "author", MEMBER_AUTHOR, 0, 8 },             /* 1.0 */
};

static const Member item_members[] = {
        { "id", MEMBER_ID, PART_ID, 9 },
        { "url", MEMBER_ADDRESS, PART_LINK, 9 },
        { "external_url", MEMBER_ADDRESS, PART_LINK, 8 }, /* what the item links to */
        { "title", MEMBER_TEXT, PART_TITLE, 9 },
        { "summary", MEMBER_TEXT, PART_SUMMARY, 9 },
        { "content_html", MEMBER_HTML, PART_CONTENT, 9 },
        { "content_text", MEMBER_TEXT, PART_CONTENT, 8 },
        { "date_published", MEMBER_DATE, PART_PUBLISHED, 9 },
        { "date_modified", MEMBER_DATE, PART_UPDATED, 9 },
        { "authors", MEMBER_AUTHORS, 0, 9 }, /* 1.1 */
        { "author", MEMBER_AUTHOR, 0, 8 },   /* 1.0 */
        { "tags", MEMBER_TAGS, 0, 9 },
        { "attachments", MEMBER_ATTACHMENTS, 0, 0 },
};

struct JsonFeed {
        Warnings *warnings;
        Decoder *decoder;
        Splitter splitter;
        Addresses addresses;
        Entry feed, item;
        Buffer plain, held; /* held: of each item its line, its JSON and a NUL */
        unsigned line;      /* of what is being read */
        size_t n_items;
        bool is_feed, is_old, has_title, has_items, holding;
};

static void feed_warn(JsonFeed *feed, const char *what, const char *detail) {
        warnings_add(feed->warnings, feed->line, what, detail);
}

/* --- values --- */

static int set_text(JsonFeed *feed, Entry *entry, const Member *member, TextKind kind,
        const char *s, size_t n_bytes) {
        int r;

        buffer_reset(&feed->plain);
        r = entry_plain_text(kind, s, n_bytes, FEED_FIELD_BYTES_MAX, &feed->plain);
        if (r > 0)
                feed_warn(feed, "a text that is too long, cut", NULL);
        return r < 0 ? r
                     : entry_set_text(entry, member->part, member->priority,
                               buffer_str(&feed->plain), feed->plain.n_bytes);
}

static int add_label(
        JsonFeed *feed, Entry *entry, LabelList *list, const Member *member, const json_t *value) {
        int r;

        buffer_reset(&feed->plain);
        r = entry_plain_text(TEXT_PLAIN, json_string_value(value), json_string_length(value),
                ENTRY_LABEL_BYTES_MAX, &feed->plain);
        if (r < 0)
                return r;
        return list == &entry->authors
                ? entry_add_author(entry, list, member->priority, buffer_str(&feed->plain))
                : entry_add_label(entry, list, member->priority, ENTRY_CATEGORIES_MAX,
                          buffer_str(&feed->plain));
}

static int resolve(JsonFeed *feed, const json_t *value, char **ret) {
        int r;

        r = addresses_resolve(&feed->addresses, entry_text(&feed->feed, PART_LINK),
                /* site_first= */ false, json_string_value(value), ret);
        if (r >= 0 && !*ret && json_string_length(value) > 0)
                feed_warn(feed, "an address that cannot be resolved, ignoring it",
                        json_string_value(value));
        return r;
}

static int set_link(JsonFeed *feed, Entry *entry, const Member *member, const json_t *value) {
        _cleanup_free_ char *url = NULL;
        int r;

        if (!entry_wants(entry, member->part, member->priority))
                return 0;
        r = resolve(feed, value, &url);
        if (r < 0 || !url)
                return r;
        return entry_set_text(entry, member->part, member->priority, url, strlen(url));
}

static void set_date(JsonFeed *feed, Entry *entry, const Member *member, const json_t *value) {
        const char *s = json_string_value(value);
        usec_t t;

        if (isempty(s))
                return;
        if (date_parse(s, &t) < 0)
                feed_warn(feed, "a date that cannot be read, ignoring it", s);
        else
                entry_set_time(entry, member->part, member->priority, t);
}

static int set_number(JsonFeed *feed, Entry *entry, const Member *member, const json_t *value) {
        char text[64];
        int n;

        n = json_is_integer(value)
                ? snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(value))
                : snprintf(text, sizeof(text), "%.15g", json_real_value(value));
        return set_text(feed, entry, member, TEXT_PLAIN, text, (size_t) n);
}

static uint64_t attachment_length(const json_t *value) {
        double length = json_number_value(value); /* 0 when it is none */

        return length >= 1 && length < 9e15 && (double) (uint64_t) length == length
                ? (uint64_t) length
                : LENGTH_UNKNOWN;
}

static int add_attachment(JsonFeed *feed, Entry *entry, const json_t *attachment) {
        _cleanup_free_ char *url = NULL;
        const json_t *address = json_object_get(attachment, "url");
        int r;

        if (!json_is_string(address))
                return 0;
        r = resolve(feed, address, &url);
        if (r < 0 || !url)
                return r;
        return entry_add_enclosure(entry, url,
                json_string_value(json_object_get(attachment, "mime_type")),
                attachment_length(json_object_get(attachment, "size_in_bytes")));
}

/* --- members --- */

static bool kind_is_author(MemberKind kind) {
        return kind == MEMBER_AUTHOR || kind == MEMBER_AUTHORS;
}

/* Does the value have the type that the member demands? Whether there is one author or a list of
 * them is a matter of versions, and often of the other one. */
static bool kind_admits(MemberKind kind, const json_t *value) {
        if (kind_is_author(kind))
                return json_is_object(value) || json_is_array(value);
        if (kind == MEMBER_TAGS || kind == MEMBER_ATTACHMENTS)
                return json_is_array(value);
        return json_is_string(value) || (kind == MEMBER_ID && json_is_number(value));
}

static int take_value(JsonFeed *feed, Entry *entry, const Member *member, const json_t *value) {
        const char *s = json_string_value(value);
        size_t n_bytes = json_string_length(value);

        switch (member->kind) {
        case MEMBER_TEXT:
                return set_text(feed, entry, member, TEXT_PLAIN, s, n_bytes);
        case MEMBER_HTML:
                return set_text(feed, entry, member, TEXT_HTML, s, n_bytes);
        case MEMBER_ID:
                return s ? set_text(feed, entry, member, TEXT_PLAIN, s, n_bytes)
                         : set_number(feed, entry, member, value);
        case MEMBER_ADDRESS:
                return set_link(feed, entry, member, value);
        case MEMBER_DATE:
                set_date(feed, entry, member, value);
                return 0;
        case MEMBER_AUTHOR:
        case MEMBER_AUTHORS:
                value = json_object_get(value, "name");
                return json_is_string(value)
                        ? add_label(feed, entry, &entry->authors, member, value)
                        : 0;
        case MEMBER_TAGS:
                return json_is_string(value)
                        ? add_label(feed, entry, &entry->categories, member, value)
                        : 0;
        case MEMBER_ATTACHMENTS:
                return add_attachment(feed, entry, value);
        }

        return 0;
}

/* What has the wrong type costs itself; null is as good as nothing. */
static int take_member(JsonFeed *feed, Entry *entry, const Member *member, const json_t *value) {
        const json_t *element;
        size_t i;
        int r = 0;

        if (!value || json_is_null(value))
                return 0;
        if (!kind_admits(member->kind, value)) {
                feed_warn(feed, "a member of the wrong type, ignoring it", member->name);
                return 0;
        }
        if (!json_is_array(value))
                return take_value(feed, entry, member, value);

        json_array_foreach (value, i, element) {
                r = take_value(feed, entry, member, element);
                if (r < 0)
                        break;
        }
        return r;
}

static int parse(JsonFeed *feed, const char *json, size_t n_bytes, json_t **ret) {
        json_error_t error;

        *ret = json_loadb(json, n_bytes, 0, &error);
        if (*ret)
                return 0;
        if (json_error_code(&error) == json_error_out_of_memory)
                return -ENOMEM;
        feed_warn(feed, "a part of the feed that is no JSON, ignoring it", error.text);
        return 0;
}

/* --- items --- */

static int take_item(JsonFeed *feed, const char *json, size_t n_bytes) {
        const FeedHandler *handler = &feed->warnings->handler;
        json_t *object;
        Item item;
        int r;

        if (feed->n_items >= FEED_ITEMS_MAX) {
                feed_warn(feed, "more items than are read of one feed, ignoring the rest", NULL);
                return 0;
        }
        r = parse(feed, json, n_bytes, &object);
        if (r < 0 || !object)
                return r;

        entry_reset(&feed->item);
        for (size_t i = 0; i < ELEMENTSOF(item_members) && r >= 0; i++)
                r = take_member(feed, &feed->item, &item_members[i],
                        json_object_get(object, item_members[i].name));
        json_decref(object);
        if (r < 0)
                return r;

        if (entry_is_empty(&feed->item)) {
                feed_warn(feed, "an item without any content, ignoring it", NULL);
                return 0;
        }
        feed->n_items++;
        item = entry_item(&feed->item, &feed->feed);
        return handler->on_item(&item, handler->userdata);
}

static int release_held(JsonFeed *feed) {
        const char *p = buffer_str(&feed->held), *end = p + feed->held.n_bytes;
        int r = 0;

        feed->holding = false;
        while (p < end && r >= 0) {
                size_t n;

                memcpy(&feed->line, p, sizeof(feed->line));
                p += sizeof(feed->line);
                n = strlen(p);
                r = take_item(feed, p, n);
                p += n + 1;
        }

        buffer_done(&feed->held);
        return r;
}

static int on_item(const char *json, size_t n_bytes, void *userdata) {
        JsonFeed *feed = userdata;
        int r;

        feed->has_items = true;
        if (feed->holding && feed->held.n_bytes + n_bytes < JSONFEED_HELD_BYTES_MAX) {
                unsigned line = splitter_line(&feed->splitter);

                r = buffer_append(&feed->held, &line, sizeof(line));
                return r < 0 ? r : buffer_append(&feed->held, json, n_bytes + 1);
        }

        if (feed->holding) {
                if (!feed->is_feed)
                        return -EBADMSG;
                r = release_held(feed);
                if (r < 0)
                        return r;
        }
        feed->line = splitter_line(&feed->splitter);
        return take_item(feed, json, n_bytes);
}

static void recognise(JsonFeed *feed, const char *name, const json_t *value) {
        if (streq(name, "version")) {
                const char *version = strempty(json_string_value(value));

                feed->is_old = !strstr(version, "1.1");
                if (strcasestr(version, "jsonfeed.org/version/1"))
                        feed->is_feed = true;
                else
                        feed_warn(feed, "an unknown version of JSON Feed, reading as 1.1", version);
        } else if (streq(name, "home_page_url") || streq(name, "feed_url"))
                feed->is_feed = true;
        else if (streq(name, "title"))
                feed->has_title = true;
        else if (streq(name, "items"))
                feed_warn(feed, "a member of the wrong type, ignoring it", name);
}

static int on_member(const char *json, size_t n_bytes, void *userdata) {
        JsonFeed *feed = userdata;
        json_t *object, *value;
        const char *name;
        int r;

        feed->line = splitter_line(&feed->splitter);
        r = parse(feed, json, n_bytes, &object);
        if (r < 0 || !object)
                return r;

        json_object_foreach (object, name, value) {
                recognise(feed, name, value);
                for (size_t i = 0; i < ELEMENTSOF(feed_members) && r >= 0; i++)
                        if (streq(feed_members[i].name, name))
                                r = take_member(feed, &feed->feed, &feed_members[i], value);
        }
        json_decref(object);

        /* 1.1 may name its `authors` behind the `author` of old, and they are better. */
        if (r >= 0 && feed->holding && feed->is_feed && feed->feed.authors.n > 0 &&
                (feed->is_old || feed->feed.authors.priority >= 9))
                r = release_held(feed);
        return r;
}

/* --- the whole --- */

int json_feed_new(const FeedOptions *options, Warnings *warnings, JsonFeed **ret) {
        _cleanup_(json_feed_freep) JsonFeed *feed = NULL;
        int r;

        feed = new0(JsonFeed, 1);
        if (!feed)
                return -ENOMEM;

        feed->warnings = warnings;
        feed->holding = true;
        feed->splitter.warnings = warnings;
        feed->splitter.handler = (SplitHandler){ on_member, on_item, feed };
        r = entry_init(&feed->feed);
        if (r >= 0)
                r = entry_init(&feed->item);
        if (r >= 0)
                r = free_and_strdup(&feed->addresses.url, options->url);
        if (r >= 0)
                r = decoder_new(options->content_type, warnings, &feed->decoder);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(feed);
        return 0;
}

JsonFeed *json_feed_free(JsonFeed *feed) {
        if (!feed)
                return NULL;

        decoder_free(feed->decoder);
        splitter_done(&feed->splitter);
        addresses_done(&feed->addresses);
        entry_done(&feed->feed);
        entry_done(&feed->item);
        buffer_done(&feed->plain);
        buffer_done(&feed->held);
        return mfree(feed);
}

static int push_text(JsonFeed *feed, const char *text, size_t n_bytes) {
        /* The decoder leaves the mark in its place when it is not at the very beginning. */
        if (feed->splitter.depth == 0 && n_bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
                text += 3;
                n_bytes -= 3;
        }
        return splitter_push(&feed->splitter, text, n_bytes);
}

int json_feed_push(JsonFeed *feed, const void *p, size_t n_bytes) {
        const char *text;
        size_t n_text;
        int r;

        r = decoder_push(feed->decoder, p, n_bytes, &text, &n_text);
        return r < 0 ? r : push_text(feed, text, n_text);
}

int json_feed_finish(JsonFeed *feed) {
        const char *text;
        size_t n_text;
        int r;

        r = decoder_finish(feed->decoder, &text, &n_text);
        if (r >= 0)
                r = push_text(feed, text, n_text);
        if (r < 0)
                return r;

        if (!feed->is_feed && !(feed->has_title && feed->has_items))
                return -EBADMSG;
        if (feed->holding)
                r = release_held(feed);
        feed->line = splitter_line(&feed->splitter);
        if (r >= 0 && json_feed_is_cut(feed))
                feed_warn(feed, "the feed is cut off, what is incomplete is ignored", NULL);
        return r;
}

bool json_feed_is_cut(const JsonFeed *feed) {
        return !feed->splitter.ended;
}

size_t json_feed_n_items(const JsonFeed *feed) {
        return feed->n_items;
}

FeedInfo json_feed_info(const JsonFeed *feed) {
        return entry_feed_info(&feed->feed, FEED_JSONFEED);
}
