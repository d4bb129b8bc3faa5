/* SPDX-License-Identifier: MIT */

#include "feed/entry.h"

#include <errno.h>

#include "base/digest.h"
#include "base/str.h"
#include "feed/author.h"
#include "text/markup.h"
#include "text/utf8.h"

/* A buffer that grew for one giant is not kept for the next item. */
#define TEXT_KEPT_BYTES ((size_t) 256 * 1024)

int entry_init(Entry *entry) {
        *entry = (Entry){};
        entry->arena = arena_new(ENTRY_ARENA_BYTES_MAX);
        if (!entry->arena)
                return -ENOMEM;

        entry_reset(entry);
        return 0;
}

void entry_done(Entry *entry) {
        for (size_t i = 0; i < PART_TEXT_MAX; i++)
                buffer_done(&entry->texts[i]);
        entry->arena = arena_free(entry->arena);
}

static void list_reset(LabelList *list) {
        list->n = 0;
        list->priority = 0;
        list->labels[0] = NULL;
}

void entry_reset(Entry *entry) {
        for (size_t i = 0; i < PART_TEXT_MAX; i++) {
                if (entry->texts[i].n_allocated > TEXT_KEPT_BYTES)
                        buffer_done(&entry->texts[i]);
                buffer_reset(&entry->texts[i]);
        }
        for (size_t i = 0; i < ELEMENTSOF(entry->times); i++)
                entry->times[i] = USEC_INFINITY;
        memset(entry->priorities, 0, sizeof(entry->priorities));
        list_reset(&entry->authors);
        list_reset(&entry->source_authors);
        list_reset(&entry->categories);
        entry->n_enclosures = entry->n_moved = 0;
        entry->skip_hours = entry->skip_days = 0;
        entry->period_usec = entry->frequency = 0;
        arena_reset(entry->arena);
}

/* base64 as it stands in XML: with line breaks. What is no base64 gives no text. */
static int plain_text_base64(TextKind kind, const char *raw, size_t n_bytes, Buffer *out) {
        _cleanup_(buffer_done) Buffer compact = {}, mended = {};
        _cleanup_free_ void *decoded = NULL;
        size_t n_decoded;
        int r;

        for (size_t i = 0; i < n_bytes; i++)
                if (!ascii_isspace(raw[i])) {
                        r = buffer_append_char(&compact, raw[i]);
                        if (r < 0)
                                return r;
                }

        r = base64_decode(buffer_str(&compact), &decoded, &n_decoded);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        r = utf8_append_mended(&mended, decoded, n_decoded);
        if (r < 0)
                return r;
        return kind == TEXT_BASE64_PLAIN ? text_fold_space(buffer_str(&mended), mended.n_bytes, out)
                                         : markup_to_text(buffer_str(&mended), mended.n_bytes, out);
}

int entry_plain_text(
        TextKind kind, const char *raw, size_t n_bytes, size_t n_bytes_max, Buffer *out) {
        size_t n_before = out->n_bytes;
        int r = 0;

        switch (kind) {
        case TEXT_PLAIN:
                r = text_fold_space(raw, n_bytes, out);
                break;
        case TEXT_HTML:
                /* "AT&T < all" is text, although it is said to be markup. */
                r = text_has_markup(raw, n_bytes) ? markup_to_text(raw, n_bytes, out)
                                                  : text_fold_space(raw, n_bytes, out);
                break;
        case TEXT_BASE64_PLAIN:
        case TEXT_BASE64_HTML:
                r = plain_text_base64(kind, raw, n_bytes, out);
                break;
        }
        if (r < 0)
                return r;

        if (out->n_bytes - n_before <= n_bytes_max)
                return 0;
        buffer_truncate(out,
                n_before + utf8_cut(out->data + n_before, out->n_bytes - n_before, n_bytes_max));
        return 1;
}

int entry_set_text(Entry *entry, Part part, unsigned priority, const char *text, size_t n_bytes) {
        int r;

        if (n_bytes == 0 || !entry_wants(entry, part, priority))
                return 0;

        buffer_reset(&entry->texts[part]);
        r = buffer_append(&entry->texts[part], text, n_bytes);
        entry->priorities[part] = r < 0 ? 0 : (uint8_t) priority;
        return r;
}

void entry_set_time(Entry *entry, Part part, unsigned priority, usec_t t) {
        if (!entry_wants(entry, part, priority))
                return;

        entry->times[part - PART_TEXT_MAX] = t;
        entry->priorities[part] = (uint8_t) priority;
}

usec_t entry_time(const Entry *entry, Part part) {
        return entry->times[part - PART_TEXT_MAX];
}

const char *entry_text(const Entry *entry, Part part) {
        return entry->texts[part].n_bytes > 0 ? entry->texts[part].data : NULL;
}

static int add_label(Entry *entry, LabelList *list, unsigned priority, size_t n_max,
        const char *label, size_t n) {
        char *copy;

        if (n == 0 || priority < list->priority)
                return 0;
        if (priority > list->priority)
                list_reset(list);
        list->priority = (uint8_t) priority;
        if (list->n >= n_max)
                return 0;
        if (n > ENTRY_LABEL_BYTES_MAX)
                n = utf8_cut(label, n, ENTRY_LABEL_BYTES_MAX);
        for (size_t i = 0; i < list->n; i++)
                if (strlen(list->labels[i]) == n && strncasecmp(list->labels[i], label, n) == 0)
                        return 0;

        copy = arena_strndup(entry->arena, label, n);
        if (!copy)
                return -ENOMEM;

        list->labels[list->n++] = copy;
        list->labels[list->n] = NULL;
        return 0;
}

int entry_add_label(
        Entry *entry, LabelList *list, unsigned priority, size_t n_max, const char *label) {
        return add_label(entry, list, priority, n_max, label, strlen(label));
}

int entry_add_author(Entry *entry, LabelList *list, unsigned priority, const char *text) {
        AuthorText author = author_text(text);
        const char *name;
        size_t n;
        int r = 0;

        while (r >= 0 && author_text_next(&author, &name, &n))
                r = add_label(entry, list, priority, ENTRY_AUTHORS_MAX, name, n);
        return r;
}

int entry_add_enclosure(Entry *entry, const char *url, const char *type, uint64_t length_bytes) {
        Enclosure *enclosure = NULL;

        for (size_t i = 0; i < entry->n_enclosures && !enclosure; i++)
                if (streq(entry->enclosures[i].url, url))
                        enclosure = &entry->enclosures[i];
        if (!enclosure) {
                if (entry->n_enclosures >= ENTRY_ENCLOSURES_MAX)
                        return 0;
                enclosure = &entry->enclosures[entry->n_enclosures];
                *enclosure = (Enclosure){ .length_bytes = LENGTH_UNKNOWN };
                enclosure->url = arena_strndup(entry->arena, url, strlen(url));
                if (!enclosure->url)
                        return -ENOMEM;
                entry->n_enclosures++;
        }

        if (enclosure->length_bytes == LENGTH_UNKNOWN)
                enclosure->length_bytes = length_bytes;
        if (enclosure->type || isempty(type))
                return 0;
        enclosure->type = arena_strndup(
                entry->arena, type, utf8_cut(type, strlen(type), ENTRY_LABEL_BYTES_MAX));
        return enclosure->type ? 0 : -ENOMEM;
}

static const char *file_name(const char *url) {
        const char *slash = strrchr(url, '/');

        return slash ? slash + 1 : url;
}

int entry_move_enclosure(Entry *entry, const char *url) {
        Enclosure *enclosure = NULL;

        for (size_t i = 0; i < entry->n_enclosures && !enclosure; i++)
                if (streq(file_name(entry->enclosures[i].url), file_name(url)))
                        enclosure = &entry->enclosures[i];
        if (!enclosure && entry->n_enclosures == 1)
                enclosure = &entry->enclosures[0];
        if (!enclosure || entry->n_moved >= ENTRY_ENCLOSURES_MAX)
                return 0;

        url = arena_strndup(entry->arena, url, strlen(url));
        if (!url)
                return -ENOMEM;
        enclosure->url = url;
        entry->n_moved++;
        return 0;
}

Item entry_item(const Entry *entry, const Entry *feed) {
        const LabelList *authors = entry->authors.n > 0 ? &entry->authors
                : entry->source_authors.n > 0           ? &entry->source_authors
                                                        : &feed->authors;

        return (Item){
                .guid = entry_text(entry, PART_ID),
                .link = entry_text(entry, PART_LINK),
                .title = entry_text(entry, PART_TITLE),
                .summary = entry_text(entry, PART_SUMMARY),
                .content = entry_text(entry, PART_CONTENT),
                .authors = authors->n > 0 ? authors->labels : NULL,
                .categories = entry->categories.n > 0 ? entry->categories.labels : NULL,
                .published_usec = entry_time(entry, PART_PUBLISHED),
                .updated_usec = entry_time(entry, PART_UPDATED),
                .enclosures = entry->n_enclosures > 0 ? entry->enclosures : NULL,
                .n_enclosures = entry->n_enclosures,
        };
}

/* "How often" alone is how often a day. */
static usec_t entry_period(const Entry *feed) {
        if (feed->period_usec == 0 && feed->frequency == 0)
                return USEC_INFINITY;
        return (feed->period_usec ?: USEC_PER_DAY) / (feed->frequency ?: 1);
}

FeedInfo entry_feed_info(const Entry *feed, FeedFormat format) {
        return (FeedInfo){
                .format = format,
                .title = entry_text(feed, PART_TITLE),
                .link = entry_text(feed, PART_LINK),
                .description = entry_text(feed, PART_SUMMARY),
                .language = entry_text(feed, PART_LANGUAGE),
                .updated_usec = entry_time(feed, PART_UPDATED),
                .ttl_usec = entry_time(feed, PART_TTL),
                .period_usec = entry_period(feed),
                .skip_hours = feed->skip_hours,
                .skip_days = feed->skip_days,
        };
}

bool entry_is_empty(const Entry *entry) {
        for (Part part = 0; part <= PART_ID; part++)
                if (entry->texts[part].n_bytes > 0)
                        return false;
        return entry->n_enclosures == 0;
}
