/* SPDX-License-Identifier: MIT */

/* Elements are balanced here: open names lie on a stack of FEED_DEPTH_MAX; an end tag closes what
 * is open inside it, or is dropped when nothing of its name is open. What lies deeper than the
 * stack is dropped, its elements merely counted, by a hash of their names so that an end tag of a
 * shallower element is still known as such. */

#include "feed/sieve-parts.h"

#include <errno.h>
#include <stdio.h>

#include "base/hashmap.h"

/* --- elements --- */

static uint64_t name_hash(const char *name, size_t n_bytes) {
        char lower[SIEVE_NAME_BYTES_MAX];

        for (size_t i = 0; i < n_bytes; i++)
                lower[i] = ascii_tolower(name[i]);
        return hash_bytes(lower, n_bytes);
}

static bool name_is(const Tag *tag, const char *name) {
        /* Most differ in their first letter, and every tag is asked often. */
        return ascii_tolower(tag->name[0]) == ascii_tolower(name[0]) &&
                tag->n_name == strlen(name) && strncasecmp(tag->name, name, tag->n_name) == 0;
}

static const char *name_local(const Tag *tag, size_t *ret_n) {
        const char *colon = memchr(tag->name, ':', tag->n_name);
        const char *local = colon ? colon + 1 : tag->name;

        *ret_n = tag->n_name - (size_t) (local - tag->name);
        return local;
}

static bool name_in(const Tag *tag, const char *const *list, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (name_is(tag, list[i]))
                        return true;
        return false;
}

enum {
        NAME_VOID = 1 << 0, /* of HTML, has no end tag, and is met without "/>" in unescaped text */
        NAME_ITEM = 1 << 1,
        NAME_FIELD = 1 << 2,  /* of an item, */
        NAME_PLAIN = 1 << 3,  /* with plain text in it, */
        NAME_RICH = 1 << 4,   /* or with what may be HTML, */
        NAME_OWN = 1 << 5,    /* or never met in HTML */
        NAME_INSIDE = 1 << 6, /* of an item of any format: holds no items */
};

static const struct {
        const char *name;
        uint8_t kinds;
} name_kinds[] = {
        { "br", NAME_VOID },
        { "hr", NAME_VOID },
        { "img", NAME_VOID },
        { "wbr", NAME_VOID },
        { "input", NAME_VOID },
        { "item", NAME_ITEM | NAME_FIELD | NAME_OWN },
        { "entry", NAME_ITEM | NAME_FIELD | NAME_OWN },
        { "title", NAME_FIELD | NAME_PLAIN | NAME_INSIDE },
        { "link", NAME_FIELD | NAME_PLAIN | NAME_INSIDE },
        { "guid", NAME_FIELD | NAME_PLAIN | NAME_OWN | NAME_INSIDE },
        { "pubDate", NAME_FIELD | NAME_PLAIN | NAME_OWN | NAME_INSIDE },
        { "description", NAME_FIELD | NAME_RICH | NAME_INSIDE },
        { "category", NAME_FIELD | NAME_INSIDE },
        { "id", NAME_INSIDE },
        { "updated", NAME_INSIDE },
        { "published", NAME_INSIDE },
        { "summary", NAME_INSIDE },
        { "comments", NAME_INSIDE },
        { "enclosure", NAME_FIELD | NAME_OWN | NAME_INSIDE },
};

static SieveName *sieve_name(Sieve *sieve, const Tag *tag) {
        const uint64_t exact = hash_bytes(tag->name, tag->n_name) | 1;
        SieveName *name = &sieve->met[exact / 2 % SIEVE_NAME_SLOTS];

        if (name->exact == exact)
                return name;

        *name = (SieveName){ .exact = exact, .hash = name_hash(tag->name, tag->n_name) };
        for (size_t i = 0; i < ELEMENTSOF(name_kinds); i++)
                if (name_is(tag, name_kinds[i].name))
                        name->kinds |= name_kinds[i].kinds;
        return name;
}

static void pop(Sieve *sieve) {
        size_t offset;

        sieve->n_open--;
        offset = sieve->open[sieve->n_open].offset;
        sieve_put(sieve, "</", 2);
        sieve_put(sieve, sieve->names.data + offset, sieve->names.n_bytes - offset);
        sieve_put(sieve, ">", 1);
        buffer_truncate(&sieve->names, offset);
}

/* The level of the innermost open element of that name, SIZE_MAX without one. */
static size_t find_open(const Sieve *sieve, uint64_t hash) {
        for (size_t i = sieve->n_open; i > 0; i--)
                if (sieve->open[i - 1].hash == hash)
                        return i - 1;
        return SIZE_MAX;
}

static void close_down_to(Sieve *sieve, size_t level) {
        if (sieve->n_deep > 0) {
                sieve->n_deep = 0;
                memset(sieve->deep, 0, sizeof(sieve->deep));
        }
        while (sieve->n_open > level)
                pop(sieve);
}

void sieve_end_tag(Sieve *sieve, const Tag *tag) {
        const SieveName *name = sieve_name(sieve, tag);
        const uint64_t hash = name->hash;
        size_t level;

        if (sieve->n_deep > 0 && sieve->deep[hash % SIEVE_BUCKETS] > 0) {
                sieve->deep[hash % SIEVE_BUCKETS]--;
                sieve->n_deep--;
                return;
        }

        level = find_open(sieve, hash);
        if (level == SIZE_MAX) {
                if (!(name->kinds & NAME_VOID))
                        sieve_warn(sieve, "an end tag without its start tag, dropped", NULL);
                return;
        }

        if (level + 1 < sieve->n_open)
                sieve_warn(sieve, "elements left open, closed with the one around them", NULL);
        close_down_to(sieve, MAX(level, (size_t) 1));
        if (level == 0 || (sieve->reopened && sieve->n_open == 1))
                sieve->stage = STAGE_BEHIND;
}

/* The root's end tag is kept back: feeds that were glued together, or whose items were appended to
 * them, go on behind it. */
bool sieve_reopen_root(Sieve *sieve, const Tag *tag) {
        Tag local = *tag;

        if (sieve->n_open != 1 || tag->end)
                return false;
        local.name = name_local(tag, &local.n_name);
        if ((!name_is(&local, "item") && !name_is(&local, "entry")) ||
                find_open(sieve, name_hash(tag->name, tag->n_name)) != SIZE_MAX)
                return false;

        sieve_warn(sieve, "an item behind the feed's end, read all the same", NULL);
        sieve->stage = STAGE_ROOT;
        sieve->reopened = true;
        return true;
}

void sieve_close_root(Sieve *sieve) {
        if (sieve->n_open == 1)
                pop(sieve);
}

const char *sieve_innermost(const Sieve *sieve, size_t *ret_n) {
        const size_t offset = sieve->n_open > 0 ? sieve->open[sieve->n_open - 1].offset : 0;

        *ret_n = sieve->names.n_bytes - offset;
        return buffer_str(&sieve->names) + offset;
}

/* A field of plain text that was not ended before the next field of its item, or before an item.
 * Names that HTML in a description may hold as well do not count: there, they are text. */
static void close_field_left_open(Sieve *sieve, const SieveName *name) {
        unsigned open;

        if (sieve->n_open < 2 || sieve->n_deep > 0 || !(name->kinds & NAME_FIELD))
                return;
        open = sieve->open[sieve->n_open - 1].kinds;
        if (!(open & NAME_PLAIN) && !(open & NAME_RICH && name->kinds & NAME_OWN))
                return;

        sieve_warn(sieve, "elements left open, closed before the next", NULL);
        close_down_to(sieve, sieve->n_open - 1);
}

/* An item that begins where the one before was not ended: directly in it, or in one of its own
 * fields, which was left open as well. Anything else may hold items: extensions, and the content of
 * an Atom entry. An item too deep for the stack, in nothing but elements left open, is not lost
 * for them. */
static void close_item_left_open(Sieve *sieve, const SieveName *name) {
        size_t level;

        if (!(name->kinds & NAME_ITEM))
                return;
        level = find_open(sieve, name->hash);
        if (level == SIZE_MAX && sieve->n_open == FEED_DEPTH_MAX)
                close_down_to(sieve, 1);
        if (level == SIZE_MAX || level == 0)
                return;
        if (level + 1 < sieve->n_open && sieve->n_open < FEED_DEPTH_MAX) {
                const size_t offset = sieve->open[level + 1].offset;

                if (!(sieve->open[level + 1].kinds & NAME_INSIDE) ||
                        memchr(sieve->names.data + offset, ':', sieve->names.n_bytes - offset))
                        return;
        }

        sieve_warn(sieve, "an item that is not ended before the next, ended", NULL);
        close_down_to(sieve, level);
}

/* Puts the name of a tag on top of the names of open elements. */
static void push_name(Sieve *sieve, const Tag *tag, SieveName *name, unsigned *repairs) {
        const size_t offset = sieve->names.n_bytes;

        if (name->as_it_is) {
                sieve_fail(sieve, buffer_append(&sieve->names, tag->name, tag->n_name));
                return;
        }

        sieve_fail(sieve,
                tag_write_name(&sieve->known, tag->name, tag->n_name, &sieve->names, repairs));
        name->as_it_is = sieve->error >= 0 && sieve->names.n_bytes - offset == tag->n_name &&
                memcmp(sieve->names.data + offset, tag->name, tag->n_name) == 0;
}

void sieve_start_tag(Sieve *sieve, const Tag *tag) {
        SieveName *name = sieve_name(sieve, tag);
        const bool empty = tag->empty || name->kinds & NAME_VOID;
        unsigned repairs = 0;
        size_t offset;

        close_item_left_open(sieve, name);
        close_field_left_open(sieve, name);
        offset = sieve->names.n_bytes;
        if (sieve->n_open == FEED_DEPTH_MAX) {
                if (sieve->n_deep == 0)
                        sieve_warn(
                                sieve, "elements nested too deep, ignoring the inner ones", NULL);
                if (!empty) {
                        sieve->n_deep++;
                        sieve->deep[name->hash % SIEVE_BUCKETS]++;
                }
                return;
        }

        push_name(sieve, tag, name, &repairs);
        if (sieve->error < 0)
                return;
        sieve_put(sieve, "<", 1);
        sieve_put(sieve, sieve->names.data + offset, sieve->names.n_bytes - offset);
        if (tag->n_attributes > 0)
                sieve_fail(sieve,
                        tag_write_attributes(
                                &sieve->known, &sieve->entities, tag, &sieve->out, &repairs));
        sieve_put(sieve, empty ? "/>" : ">", empty ? 2 : 1);
        sieve_warn_repairs(sieve, repairs);

        if (empty) {
                buffer_truncate(&sieve->names, offset);
                if (sieve->n_open == 0 || (sieve->reopened && sieve->n_open == 1))
                        sieve->stage = STAGE_BEHIND;
        } else {
                sieve->open[sieve->n_open].offset = offset;
                sieve->open[sieve->n_open].hash = name->hash;
                sieve->open[sieve->n_open].kinds = name->kinds;
                sieve->n_open++;
        }
}

/* --- the end of CDATA that has none --- */

/* Does @s, with @c behind it, begin (1) or end (2) the end tag of an element of this name? */
static int end_tag_goes_on(const char *s, size_t n_bytes, char c, const char *name, size_t n_name) {
        if (n_bytes < n_name + 2)
                return ascii_tolower(c) == ascii_tolower(name[n_bytes - 2]) &&
                        strncasecmp(s + 2, name, n_bytes - 2) == 0;
        return c == '>' && n_bytes == n_name + 2 && strncasecmp(s + 2, name, n_name) == 0 ? 2 : 0;
}

/* The end of which elements is the end of an open CDATA section in them: of those that HTML does
 * not know, and so none of it can hold, or that hold none. */
static bool cdata_holder(const char *name, size_t n_name) {
        static const char *const holders[] = { "title", "link", "guid", "pubDate", "description",
                "content:encoded", "category", "author", "dc:creator", "dc:date" };

        for (size_t i = 0; i < ELEMENTSOF(holders); i++)
                if (n_name == strlen(holders[i]) && strncasecmp(name, holders[i], n_name) == 0)
                        return true;
        return false;
}

int sieve_end_of_holder(const Sieve *sieve, const char *s, size_t n_bytes, char c) {
        const char *name;
        size_t n_name;
        int found;

        if (n_bytes == 1)
                return c == '/';
        found = MAX(end_tag_goes_on(s, n_bytes, c, "item", 4),
                end_tag_goes_on(s, n_bytes, c, "entry", 5));
        if (found > 0)
                return found;

        /* Most end tags of a text differ in their first letter. */
        name = sieve_innermost(sieve, &n_name);
        if (n_name == 0 || (n_bytes == 2 && ascii_tolower(c) != ascii_tolower(*name)))
                return 0;
        return cdata_holder(name, n_name) ? end_tag_goes_on(s, n_bytes, c, name, n_name) : 0;
}

/* --- before the root --- */

/* Is this the root of a feed that lies in a page of HTML, or in another document? What only looks
 * like it in a script does not count, and a root must say what it is. */
static bool is_root_inside(const Tag *tag, const Tag *local) {
        static const char *const roots[] = { "rss", "rdf", "feed" };

        return !tag->empty && name_in(local, roots, ELEMENTSOF(roots)) &&
                (memmem(tag->attributes, tag->n_attributes, "version", 7) ||
                        memmem(tag->attributes, tag->n_attributes, "xmlns", 5));
}

/* Does this tag of a page name a feed (<link rel="alternate" type="application/rss+xml">)? */
static bool names_feed(const Tag *tag) {
        static const char *const types[] = { "application/rss+xml", "application/atom+xml",
                "application/feed+json" };

        for (size_t i = 0; i < ELEMENTSOF(types) && name_is(tag, "link"); i++)
                if (memmem(tag->attributes, tag->n_attributes, types[i], strlen(types[i])))
                        return true;
        return false;
}

/* Error messages of the publisher's own software may stand before it, as HTML, and some wrap it in
 * a whole page; anything else is another kind of document. */
bool sieve_admit_root(Sieve *sieve, const Tag *tag) {
        static const char *const roots[] = { "rss", "rdf", "feed", "entry", "channel", "urlset" };
        static const char *const stray[] = { "br", "b", "p", "i", "pre", "font", "strong", "div",
                "span", "table", "tbody", "tr", "td", "th", "hr", "small", "a", "code", "em", "u",
                "ul", "ol", "li", "center", "h1", "h2", "h3", "h4", "tt", "img", "blockquote" };
        static const char *const page[] = { "html", "head", "body", "script", "style", "meta" };
        static const char *const scripts[] = { "script", "style" };
        Tag local = *tag;

        local.name = name_local(tag, &local.n_name);
        if (tag->end) {
                if (name_in(&local, scripts, ELEMENTSOF(scripts)))
                        sieve->in_script = false;
                return false;
        }
        if (sieve->in_script)
                return false;

        if (sieve->root ? name_is(&local, sieve->root)
                        : sieve->page || sieve->wrapper[0] != '\0'
                        ? is_root_inside(tag, &local)
                        : name_in(&local, roots, ELEMENTSOF(roots))) {
                sieve->stage = STAGE_ROOT;
                if (sieve->page)
                        sieve_warn(sieve, "a feed inside an HTML page, taken out of it", NULL);
                else if (sieve->wrapper[0] != '\0')
                        sieve_warn(sieve, "a feed inside another document, taken out of it",
                                sieve->wrapper);
                else if (sieve->junk || sieve->html)
                        sieve_warn(sieve, "something stands before the feed, ignoring it", NULL);
                return true;
        }

        if (sieve->wrapper[0] != '\0')
                return false;
        sieve->links_feed |= names_feed(&local);
        if (name_in(&local, page, ELEMENTSOF(page))) {
                sieve->html = sieve->page = true;
                sieve->in_script = !tag->empty && name_in(&local, scripts, ELEMENTSOF(scripts));
        } else if (sieve->page)
                return false;
        else if (name_is(&local, "sitemapindex"))
                sieve_refuse(sieve, "an index of sitemaps, of which each has its own address");
        else if (name_in(&local, stray, ELEMENTSOF(stray)))
                sieve->html = true;
        else
                (void) snprintf(sieve->wrapper, sizeof(sieve->wrapper), "<%.*s>",
                        (int) MIN(tag->n_name, sizeof(sieve->wrapper) - 3), tag->name);
        return false;
}

void sieve_prolog_text(Sieve *sieve, const char *p, size_t n_bytes) {
        static const char bom[] = "\xEF\xBB\xBF";

        for (const char *end = p + n_bytes; p < end && !sieve->junk; p++) {
                if (ascii_isspace(*p) || memchr(bom, *p, 3))
                        continue;
                sieve->junk = true;
                if (!sieve->html && (*p == '{' || *p == '['))
                        sieve_refuse(sieve, "a JSON document");
        }
}
