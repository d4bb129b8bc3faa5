/* SPDX-License-Identifier: MIT */

/* A scanner over decoded text: plain runs are copied, the few characters that matter are found
 * through a table. What spans chunks (a tag, a reference, the two characters that tell a comment
 * from CDATA) gathers in `token`, so that no byte is looked at twice and chunks may end anywhere.
 *
 * Elements are balanced here: open names lie on a stack of FEED_DEPTH_MAX; an end tag closes what
 * is open inside it, or is dropped when nothing of its name is open. What lies deeper than the
 * stack is dropped, its elements merely counted, by a hash of their names so that an end tag of a
 * shallower element is still known as such. */

#include "feed/sieve.h"

#include <errno.h>
#include <stdio.h>

#include "base/hashmap.h"
#include "feed/decode.h"
#include "feed/tag.h"

/* Handed to libxml2 at once. */
#define OUT_BYTES ((size_t) 32 * 1024)
#define N_BUCKETS 256u

typedef enum State {
        STATE_TEXT,
        STATE_REFERENCE, /* behind '&' */
        STATE_LESS,      /* behind '<', not known yet what it begins */
        STATE_TAG,
        STATE_TAG_REST, /* over SIEVE_TAG_BYTES_MAX: up to its end */
        STATE_COMMENT,
        STATE_CDATA,
        STATE_INSTRUCTION,
        STATE_DOCTYPE,
} State;

typedef enum Stage {
        STAGE_PROLOG,
        STAGE_ROOT,
        STAGE_BEHIND,
} Stage;

struct Sieve {
        Decoder *decoder;
        Warnings *warnings;
        SieveOutput output;
        void *userdata;

        State state;
        Stage stage;
        int error;
        char refusal[192]; /* why it is no feed */

        Buffer token, out;
        char quote;          /* inside a tag or DOCTYPE: the quote that is open */
        bool behind_equals;  /* inside a tag: the last thing was '=' */
        size_t n_to_greater; /* inside a quoted value: what lies before its first '>' */
        unsigned n_matched;  /* of "-->" or "]]>" */
        unsigned n_brackets; /* inside DOCTYPE */
        bool cdata_open;     /* in what was put out */

        /* the stack of open elements; names lie one behind the other */
        Buffer names;
        struct {
                size_t offset;
                uint64_t hash;
        } open[FEED_DEPTH_MAX];
        size_t n_open;
        uint64_t n_deep;
        uint32_t deep[N_BUCKETS];
        TagNames known;

        /* before the root */
        uint64_t n_prolog;
        bool junk, html;

        /* line of `counted`, which lies in the chunk at hand */
        unsigned line;
        const char *counted, *at;
};

int sieve_new(const char *content_type, Warnings *warnings, SieveOutput output, void *userdata,
        Sieve **ret) {
        _cleanup_(sieve_freep) Sieve *sieve = NULL;
        int r;

        sieve = new0(Sieve, 1);
        if (!sieve)
                return -ENOMEM;

        sieve->warnings = warnings;
        sieve->output = output;
        sieve->userdata = userdata;
        sieve->line = 1;
        r = decoder_new(content_type, warnings, &sieve->decoder);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(sieve);
        return 0;
}

Sieve *sieve_free(Sieve *sieve) {
        if (!sieve)
                return NULL;

        decoder_free(sieve->decoder);
        buffer_done(&sieve->token);
        buffer_done(&sieve->out);
        buffer_done(&sieve->names);
        return mfree(sieve);
}

const char *sieve_error(const Sieve *sieve) {
        return sieve->refusal[0] != '\0' ? sieve->refusal : NULL;
}

/* --- small helpers; an error sticks, and the loop looks at it --- */

static void sieve_fail(Sieve *sieve, int r) {
        if (r < 0 && sieve->error >= 0)
                sieve->error = r;
}

static void sieve_refuse(Sieve *sieve, const char *what) {
        (void) snprintf(sieve->refusal, sizeof(sieve->refusal), "%s, not a feed", what);
        sieve_fail(sieve, -EBADMSG);
}

static void sieve_refuse_root(Sieve *sieve, const char *what, const Tag *tag) {
        (void) snprintf(sieve->refusal, sizeof(sieve->refusal), "%s <%.*s>, not a feed", what,
                (int) tag->n_name, tag->name);
        sieve_fail(sieve, -EBADMSG);
}

static unsigned count_lines(const char *p, const char *end) {
        unsigned n = 0;

        while (p < end && (p = memchr(p, '\n', (size_t) (end - p)))) {
                n++;
                p++;
        }
        return n;
}

static void sieve_warn(Sieve *sieve, const char *what, const char *detail) {
        sieve->line += count_lines(sieve->counted, sieve->at);
        sieve->counted = sieve->at;
        warnings_add(sieve->warnings, sieve->line, what, detail);
}

static void put(Sieve *sieve, const char *p, size_t n_bytes) {
        sieve_fail(sieve, buffer_append(&sieve->out, p, n_bytes));
}

static void put_lines(Sieve *sieve, unsigned n) {
        while (n-- > 0)
                put(sieve, "\n", 1);
}

static bool sieve_drops(const Sieve *sieve) {
        return sieve->stage != STAGE_ROOT || sieve->n_deep > 0;
}

/* Leaves out a stretch of the feed, but not its line breaks. */
static void drop(Sieve *sieve, const char *p, size_t n_bytes) {
        if (sieve->stage == STAGE_ROOT)
                put_lines(sieve, count_lines(p, p + n_bytes));
}

static void cdata_close(Sieve *sieve) {
        if (sieve->cdata_open)
                put(sieve, "]]>", 3);
        sieve->cdata_open = false;
}

static void sieve_flush(Sieve *sieve) {
        int r;

        cdata_close(sieve);
        if (sieve->out.n_bytes == 0 || sieve->error < 0)
                return;

        r = sieve->output(sieve->out.data, sieve->out.n_bytes, sieve->userdata);
        sieve_fail(sieve, r);
        buffer_reset(&sieve->out);
}

static void token_add(Sieve *sieve, const char *p, size_t n_bytes) {
        sieve_fail(sieve, buffer_append(&sieve->token, p, n_bytes));
}

static void warn_repairs(Sieve *sieve, unsigned repairs) {
        if (repairs & TAG_BAD_ATTRIBUTE)
                sieve_warn(sieve, "an attribute without name, value or quotes, mended or dropped",
                        NULL);
        if (repairs & TAG_BARE_AMPERSAND)
                sieve_warn(sieve, "a bare '&', escaped", NULL);
        if (repairs & TAG_HTML_ENTITY)
                sieve_warn(sieve, "an entity of HTML that XML does not know, resolved", NULL);
        if (repairs & TAG_MANY_ATTRIBUTES)
                sieve_warn(sieve, "too many attributes in a tag, ignoring the rest of them", NULL);
        if (repairs & TAG_MANY_NAMES)
                sieve_warn(sieve, "too many different names, ignoring new ones", NULL);
}

/* --- elements --- */

static uint64_t name_hash(const char *name, size_t n_bytes) {
        char lower[SIEVE_NAME_BYTES_MAX];

        for (size_t i = 0; i < n_bytes; i++)
                lower[i] = ascii_tolower(name[i]);
        return hash_bytes(lower, n_bytes);
}

static bool name_is(const Tag *tag, const char *name) {
        return tag->n_name == strlen(name) && strncasecmp(tag->name, name, tag->n_name) == 0;
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

/* Elements of HTML that have no end tag, and are met without "/>" in unescaped text. */
static bool tag_is_void(const Tag *tag) {
        static const char *const voids[] = { "br", "hr", "img", "wbr", "input" };

        return name_in(tag, voids, ELEMENTSOF(voids));
}

static void pop(Sieve *sieve) {
        size_t offset;

        sieve->n_open--;
        offset = sieve->open[sieve->n_open].offset;
        put(sieve, "</", 2);
        put(sieve, sieve->names.data + offset, sieve->names.n_bytes - offset);
        put(sieve, ">", 1);
        buffer_truncate(&sieve->names, offset);
        if (sieve->n_open == 0)
                sieve->stage = STAGE_BEHIND;
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

static void end_tag(Sieve *sieve, const Tag *tag) {
        uint64_t hash = name_hash(tag->name, tag->n_name);
        size_t level;

        if (sieve->n_deep > 0 && sieve->deep[hash % N_BUCKETS] > 0) {
                sieve->deep[hash % N_BUCKETS]--;
                sieve->n_deep--;
                return;
        }

        level = find_open(sieve, hash);
        if (level == SIZE_MAX) {
                if (!tag_is_void(tag))
                        sieve_warn(sieve, "an end tag without its start tag, dropped", NULL);
                return;
        }

        if (level + 1 < sieve->n_open)
                sieve_warn(sieve, "elements left open, closed with the one around them", NULL);
        close_down_to(sieve, level);
}

/* A field of plain text that was not ended before the next field of its item. Names that HTML in a
 * description may hold as well do not count: there, they are text. */
static void close_field_left_open(Sieve *sieve, const Tag *tag) {
        static const char *const plain[] = { "title", "link", "guid", "pubDate" };
        static const char *const fields[] = { "title", "link", "guid", "pubDate", "description",
                "category", "enclosure" };
        Tag open = {};

        if (sieve->n_open < 2 || sieve->n_deep > 0 || !name_in(tag, fields, ELEMENTSOF(fields)))
                return;
        open.name = sieve->names.data + sieve->open[sieve->n_open - 1].offset;
        open.n_name = sieve->names.n_bytes - sieve->open[sieve->n_open - 1].offset;
        if (!name_in(&open, plain, ELEMENTSOF(plain)))
                return;

        sieve_warn(sieve, "elements left open, closed before the next", NULL);
        close_down_to(sieve, sieve->n_open - 1);
}

/* An item that begins where the one before was not ended: directly in it, or in one of its plain
 * children, which was left open as well. Extensions may hold items of their own. */
static void close_item_left_open(Sieve *sieve, const Tag *tag, uint64_t hash) {
        size_t level;

        if (!name_is(tag, "item") && !name_is(tag, "entry"))
                return;
        level = find_open(sieve, hash);
        if (level == SIZE_MAX)
                return;
        if (level + 1 < sieve->n_open &&
                strchr(sieve->names.data + sieve->open[level + 1].offset, ':'))
                return;

        sieve_warn(sieve, "an item that is not ended before the next, ended", NULL);
        close_down_to(sieve, level);
}

static void start_tag(Sieve *sieve, const Tag *tag) {
        uint64_t hash = name_hash(tag->name, tag->n_name);
        bool empty = tag->empty || tag_is_void(tag);
        unsigned repairs = 0;
        size_t offset;

        close_item_left_open(sieve, tag, hash);
        close_field_left_open(sieve, tag);
        offset = sieve->names.n_bytes;
        if (sieve->n_open == FEED_DEPTH_MAX) {
                if (sieve->n_deep == 0)
                        sieve_warn(
                                sieve, "elements nested too deep, ignoring the inner ones", NULL);
                if (!empty) {
                        sieve->n_deep++;
                        sieve->deep[hash % N_BUCKETS]++;
                }
                return;
        }

        sieve_fail(sieve,
                tag_write_name(&sieve->known, tag->name, tag->n_name, &sieve->names, &repairs));
        if (sieve->error < 0)
                return;
        put(sieve, "<", 1);
        put(sieve, sieve->names.data + offset, sieve->names.n_bytes - offset);
        if (tag->n_attributes > 0)
                sieve_fail(sieve, tag_write_attributes(&sieve->known, tag, &sieve->out, &repairs));
        put(sieve, empty ? "/>" : ">", empty ? 2 : 1);
        warn_repairs(sieve, repairs);

        if (empty) {
                buffer_truncate(&sieve->names, offset);
                if (sieve->n_open == 0)
                        sieve->stage = STAGE_BEHIND;
        } else {
                sieve->open[sieve->n_open].offset = offset;
                sieve->open[sieve->n_open].hash = hash;
                sieve->n_open++;
        }
}

/* --- before the root --- */

/* Is this the root of a feed? Error messages of the publisher's own software, as HTML, may stand
 * before it; anything else is another kind of document. */
static bool admit_root(Sieve *sieve, const Tag *tag) {
        static const char *const roots[] = { "rss", "rdf", "feed", "entry", "channel" };
        static const char *const stray[] = { "br", "b", "p", "i", "pre", "font", "strong", "div",
                "span", "table", "tr", "td", "th", "hr", "small" };
        static const char *const page[] = { "html", "head", "body", "script", "style", "meta",
                "!doctype html" };
        static const char *const sitemap[] = { "urlset", "sitemapindex" };
        Tag local = *tag;

        local.name = name_local(tag, &local.n_name);
        if (name_in(&local, roots, ELEMENTSOF(roots))) {
                sieve->stage = STAGE_ROOT;
                if (sieve->junk || sieve->html)
                        sieve_warn(sieve, "something stands before the feed, ignoring it", NULL);
                return true;
        }

        if (name_in(&local, page, ELEMENTSOF(page)))
                sieve_refuse(sieve, "an HTML page");
        else if (name_in(&local, sitemap, ELEMENTSOF(sitemap)))
                sieve_refuse_root(sieve, "a sitemap with the root", tag);
        else if (name_in(&local, stray, ELEMENTSOF(stray)))
                sieve->html = true;
        else
                sieve_refuse_root(sieve, "an XML document with the root", tag);
        return false;
}

static void prolog_text(Sieve *sieve, const char *p, size_t n_bytes) {
        static const char bom[] = "\xEF\xBB\xBF";

        for (const char *end = p + n_bytes; p < end && !sieve->junk; p++) {
                if (ascii_isspace(*p) || memchr(bom, *p, 3))
                        continue;
                sieve->junk = true;
                if (*p == '{' || *p == '[')
                        sieve_refuse(sieve, "a JSON document");
        }
}

/* --- tokens --- */

/* What looked like a tag is text after all. */
static void token_as_text(Sieve *sieve, const char *behind) {
        unsigned repairs = 0;

        if (!sieve_drops(sieve)) {
                sieve_warn(sieve, "a bare '<', escaped", NULL);
                put(sieve, "&lt;", 4);
                sieve_fail(sieve,
                        tag_write_escaped(buffer_str(&sieve->token), sieve->token.n_bytes,
                                &sieve->out, &repairs));
                put(sieve, behind, strlen(behind));
                warn_repairs(sieve, repairs);
        } else {
                if (sieve->stage == STAGE_PROLOG)
                        sieve->junk = true;
                drop(sieve, buffer_str(&sieve->token), sieve->token.n_bytes);
        }
        buffer_reset(&sieve->token);
}

static void tag_complete(Sieve *sieve) {
        const char *raw = buffer_str(&sieve->token);
        size_t n_raw = sieve->token.n_bytes, n_before = sieve->out.n_bytes;
        unsigned n_lines;
        Tag tag;

        sieve->state = STATE_TEXT;
        if (!tag_split(raw, n_raw, &tag)) {
                token_as_text(sieve, "&gt;");
                return;
        }

        if (sieve->stage == STAGE_PROLOG && !tag.end && admit_root(sieve, &tag)) {
                sieve->line += count_lines(sieve->counted, sieve->at);
                sieve->counted = sieve->at;
                put_lines(sieve,
                        sieve->line - 1 - MIN(count_lines(raw, raw + n_raw), sieve->line - 1));
                n_before = sieve->out.n_bytes;
        }
        if (sieve->stage == STAGE_BEHIND && !tag.end)
                sieve_warn(sieve, "something stands behind the feed's end, ignoring it", NULL);
        if (sieve->stage == STAGE_ROOT && sieve->error >= 0) {
                if (tag.end)
                        end_tag(sieve, &tag);
                else
                        start_tag(sieve, &tag);

                /* Attributes were written anew: what line breaks they lost follows. */
                n_lines = count_lines(raw, raw + n_raw);
                if (n_lines > 0 && sieve->error >= 0) {
                        unsigned n_written = count_lines(
                                sieve->out.data + n_before, sieve->out.data + sieve->out.n_bytes);

                        put_lines(sieve, n_lines - MIN(n_lines, n_written));
                }
        }
        buffer_reset(&sieve->token);
}

/* Over the limit: what is here of the tag counts, its end is still to be found. Half an attribute
 * at the end is cut away. */
static void tag_over(Sieve *sieve) {
        char *data = sieve->token.data;
        size_t n = sieve->token.n_bytes;

        sieve_warn(sieve, "a tag that is too long, ignoring the rest of its attributes", NULL);
        if (sieve->quote) {
                char *open = memrchr(data, sieve->quote, n);

                n = open ? (size_t) (open - data) : n;
        }
        while (n > 0 && !ascii_isspace(data[n - 1]))
                n--;
        if (n == 0)
                n = MIN(sieve->token.n_bytes, SIEVE_NAME_BYTES_MAX);
        buffer_truncate(&sieve->token, n);
        tag_complete(sieve);
        sieve->state = STATE_TAG_REST;
}

static const char *scan_tag(Sieve *sieve, const char *p, const char *end) {
        bool rest = sieve->state == STATE_TAG_REST;
        size_t n_before = sieve->token.n_bytes;
        const char *q;

        for (q = p; q < end; q++) {
                char c = *q;

                if (!rest && n_before + (size_t) (q - p) > SIEVE_TAG_BYTES_MAX) {
                        token_add(sieve, p, (size_t) (q - p));
                        if (sieve->error >= 0)
                                tag_over(sieve);
                        return q;
                }

                if (sieve->quote) {
                        if (c == sieve->quote)
                                sieve->quote = 0;
                        else if (c == '>' && sieve->n_to_greater == 0)
                                sieve->n_to_greater = n_before + (size_t) (q - p) + 1;
                        else if (c == '<' && sieve->n_to_greater > 0)
                                break;
                        continue;
                }

                if (c == '>' || (c == '<' && !rest))
                        break;
                if (c == '=')
                        sieve->behind_equals = true;
                else if ((c == '"' || c == '\'') && sieve->behind_equals) {
                        sieve->quote = c;
                        sieve->n_to_greater = 0;
                        sieve->behind_equals = false;
                } else if (!ascii_isspace(c))
                        sieve->behind_equals = false;
        }

        if (rest)
                drop(sieve, p, (size_t) (q - p));
        else
                token_add(sieve, p, (size_t) (q - p));
        if (q == end || sieve->error < 0)
                return q;

        sieve->at = q;
        if (rest) {
                sieve->quote = 0;
                sieve->state = *q == '<' ? STATE_LESS : STATE_TEXT;
                return q + 1;
        }

        if (*q == '>') {
                tag_complete(sieve);
                return q + 1;
        }

        if (sieve->quote) {
                /* A value that holds '>' and then '<' lost its closing quote: the tag ended at the
                 * first '>', and what follows is text. */
                _cleanup_(buffer_done) Buffer text = {};
                size_t n = sieve->n_to_greater;
                unsigned repairs = 0;

                sieve_warn(sieve, "an attribute without its closing quote, closed", NULL);
                sieve_fail(sieve,
                        buffer_append(&text, sieve->token.data + n, sieve->token.n_bytes - n));
                buffer_truncate(&sieve->token, n - 1);
                tag_complete(sieve);
                if (sieve_drops(sieve))
                        drop(sieve, buffer_str(&text), text.n_bytes);
                else
                        sieve_fail(sieve,
                                tag_write_escaped(
                                        buffer_str(&text), text.n_bytes, &sieve->out, &repairs));
                sieve->quote = 0;
        } else
                token_as_text(sieve, "");
        sieve->state = STATE_LESS;
        return q + 1;
}

static bool token_begins(const Sieve *sieve, const char *with, bool *ret_may) {
        size_t n = MIN(sieve->token.n_bytes, strlen(with));

        *ret_may = strncasecmp(buffer_str(&sieve->token), with, n) == 0;
        return *ret_may && n == strlen(with);
}

/* Behind '<': one character more, until it is known what begins here. */
static const char *scan_less(Sieve *sieve, const char *p) {
        bool comment, cdata, doctype;
        size_t n;
        char c;

        token_add(sieve, p, 1);
        if (sieve->error < 0)
                return p;

        n = sieve->token.n_bytes;
        c = sieve->token.data[n - 1];
        sieve->quote = 0;
        sieve->behind_equals = false;
        sieve->n_matched = 0;
        sieve->n_brackets = 0;
        sieve->n_to_greater = 0;

        switch (sieve->token.data[0]) {
        case '?':
                sieve->state = STATE_INSTRUCTION;
                break;
        case '!':
                if (token_begins(sieve, "!--", &comment)) {
                        sieve->state = STATE_COMMENT;
                        sieve->n_matched = 2; /* "<!-->" is one, as in HTML */
                } else if (token_begins(sieve, "![cdata[", &cdata)) {
                        sieve->state = STATE_CDATA;
                } else if (token_begins(sieve, "!doctype html", &doctype)) {
                        sieve->state = STATE_DOCTYPE;
                        if (sieve->stage == STAGE_PROLOG)
                                sieve_refuse(sieve, "an HTML page");
                } else if (!comment && !cdata && !doctype) {
                        /* The last character may be what ends it. */
                        sieve->state = STATE_DOCTYPE;
                        buffer_reset(&sieve->token);
                        return p;
                }
                break;
        case '/':
                if (n == 1)
                        return p + 1;
                if (ascii_isalpha(c) || c == '_' || (uint8_t) c >= 0x80) {
                        sieve->state = STATE_TAG;
                        return p + 1;
                }
                goto bare;
        default:
                if (ascii_isalpha(c) || c == '_' || (uint8_t) c >= 0x80) {
                        sieve->state = STATE_TAG;
                        return p + 1;
                }
                goto bare;
        }

        if (sieve->state != STATE_LESS)
                buffer_reset(&sieve->token);
        return p + 1;

bare:
        /* The character itself is looked at anew: it may be the next '<'. */
        buffer_truncate(&sieve->token, n - 1);
        token_as_text(sieve, "");
        sieve->state = STATE_TEXT;
        return p;
}

static const char *scan_text(Sieve *sieve, const char *p, const char *end) {
        const char *q = p;

        if (sieve_drops(sieve)) {
                q = memchr(p, '<', (size_t) (end - p)) ?: end;
                if (sieve->stage == STAGE_PROLOG)
                        prolog_text(sieve, p, (size_t) (q - p));
                drop(sieve, p, (size_t) (q - p));
        } else {
                while (q < end && !tag_text_stops[(uint8_t) *q])
                        q++;
                put(sieve, p, (size_t) (q - p));
        }
        if (q == end)
                return q;

        sieve->at = q;
        switch (*q) {
        case '<':
                sieve->state = STATE_LESS;
                return q + 1;
        case '&':
                sieve->state = STATE_REFERENCE;
                return q + 1;
        case '>':
                put(sieve, "&gt;", 4); /* "]]>" is forbidden in text */
                return q + 1;
        default: {
                size_t n = tag_n_forbidden(q, (size_t) (end - q));

                if (n > 0) {
                        sieve_warn(sieve, "a character that XML forbids, dropped", NULL);
                        return q + n;
                }
                put(sieve, q, 3);
                return q + 3;
        }
        }
}

static void reference_end(Sieve *sieve, bool complete) {
        unsigned repairs = 0;

        if (complete)
                sieve_fail(sieve,
                        tag_write_reference(buffer_str(&sieve->token), sieve->token.n_bytes,
                                &sieve->out, &repairs));
        else {
                repairs = TAG_BARE_AMPERSAND;
                put(sieve, "&amp;", 5);
                put(sieve, buffer_str(&sieve->token), sieve->token.n_bytes);
        }
        warn_repairs(sieve, repairs);
        buffer_reset(&sieve->token);
        sieve->state = STATE_TEXT;
}

static const char *scan_reference(Sieve *sieve, const char *p, const char *end) {
        const char *q = p;

        while (q < end && (ascii_isalpha(*q) || ascii_isdigit(*q) || *q == '#') &&
                sieve->token.n_bytes + (size_t) (q - p) < SIEVE_REFERENCE_BYTES_MAX)
                q++;
        token_add(sieve, p, (size_t) (q - p));
        if (q == end || sieve->error < 0)
                return q;

        sieve->at = q;
        reference_end(sieve, *q == ';');
        return *q == ';' ? q + 1 : q;
}

static void cdata_put(Sieve *sieve, const char *p, size_t n_bytes) {
        if (sieve_drops(sieve)) {
                drop(sieve, p, n_bytes);
                return;
        }
        if (!sieve->cdata_open)
                put(sieve, "<![CDATA[", 9);
        sieve->cdata_open = true;
        put(sieve, p, n_bytes);
}

static const char *scan_cdata(Sieve *sieve, const char *p, const char *end) {
        static const uint8_t stops[256] = {
                [0 ... 8] = 1,
                [11 ... 12] = 1,
                [14 ... 31] = 1,
                [']'] = 1,
                [0xEF] = 1,
        };
        const char *q = p;
        size_t n;

        if (sieve->n_matched == 0)
                while (q < end && !stops[(uint8_t) *q])
                        q++;
        if (q > p) {
                cdata_put(sieve, p, (size_t) (q - p));
                return q;
        }

        sieve->at = q;
        if (*q == ']') {
                if (sieve->n_matched == 2)
                        cdata_put(sieve, "]", 1);
                else
                        sieve->n_matched++;
                return q + 1;
        }
        if (*q == '>' && sieve->n_matched == 2) {
                cdata_close(sieve);
                sieve->n_matched = 0;
                sieve->state = STATE_TEXT;
                return q + 1;
        }
        if (sieve->n_matched > 0) {
                cdata_put(sieve, "]]", sieve->n_matched);
                sieve->n_matched = 0;
                return q;
        }

        n = tag_n_forbidden(q, (size_t) (end - q));
        if (n > 0) {
                sieve_warn(sieve, "a character that XML forbids, dropped", NULL);
                return q + n;
        }
        cdata_put(sieve, q, 3);
        return q + 3;
}

static const char *scan_comment(Sieve *sieve, const char *p, const char *end) {
        for (const char *q = p; q < end; q++) {
                if (sieve->n_matched == 0) {
                        q = memchr(q, '-', (size_t) (end - q));
                        if (!q)
                                break;
                }
                if (*q == '-')
                        sieve->n_matched = MIN(sieve->n_matched + 1, 2u);
                else if (*q == '>' && sieve->n_matched == 2) {
                        drop(sieve, p, (size_t) (q - p));
                        sieve->state = STATE_TEXT;
                        return q + 1;
                } else
                        sieve->n_matched = 0;
        }

        drop(sieve, p, (size_t) (end - p));
        return end;
}

static const char *scan_instruction(Sieve *sieve, const char *p, const char *end) {
        const char *q = memchr(p, '>', (size_t) (end - p));

        drop(sieve, p, (size_t) ((q ?: end) - p));
        if (!q)
                return end;
        sieve->state = STATE_TEXT;
        return q + 1;
}

/* Up to the '>' that ends it, over an internal subset with its own brackets, quotes and comments.
 * No entity is ever declared that way, so none can explode. */
static const char *scan_doctype(Sieve *sieve, const char *p, const char *end) {
        for (const char *q = p; q < end; q++) {
                char c = *q;

                if (sieve->n_matched >= 4) { /* in a comment; the low bits count its end's '-' */
                        if (c == '-')
                                sieve->n_matched = MIN(sieve->n_matched + 1, 6u);
                        else
                                sieve->n_matched = c == '>' && sieve->n_matched == 6 ? 0 : 4;
                        continue;
                }
                if (sieve->quote) {
                        if (c == sieve->quote)
                                sieve->quote = 0;
                        if (c != '<' || sieve->n_brackets > 0)
                                continue;
                        /* The closing quote was forgotten. */
                        drop(sieve, p, (size_t) (q - p));
                        sieve->state = STATE_LESS;
                        return q + 1;
                }

                sieve->n_matched = c == '<'                 ? 1
                        : c == '!' && sieve->n_matched == 1 ? 2
                        : c == '-' && sieve->n_matched >= 2 ? sieve->n_matched + 1
                                                            : 0;
                if (c == '"' || c == '\'')
                        sieve->quote = c;
                else if (c == '[')
                        sieve->n_brackets = 1;
                else if (c == ']')
                        sieve->n_brackets = 0;
                else if (c == '>' && sieve->n_brackets == 0) {
                        drop(sieve, p, (size_t) (q - p));
                        sieve->state = STATE_TEXT;
                        return q + 1;
                }
        }

        drop(sieve, p, (size_t) (end - p));
        return end;
}

static const char *sieve_step(Sieve *sieve, const char *p, const char *end) {
        switch (sieve->state) {
        case STATE_TEXT:
                return scan_text(sieve, p, end);
        case STATE_REFERENCE:
                return scan_reference(sieve, p, end);
        case STATE_LESS:
                return scan_less(sieve, p);
        case STATE_TAG:
        case STATE_TAG_REST:
                return scan_tag(sieve, p, end);
        case STATE_COMMENT:
                return scan_comment(sieve, p, end);
        case STATE_CDATA:
                return scan_cdata(sieve, p, end);
        case STATE_INSTRUCTION:
                return scan_instruction(sieve, p, end);
        case STATE_DOCTYPE:
                return scan_doctype(sieve, p, end);
        }

        return end;
}

static int sieve_take(Sieve *sieve, const char *p, size_t n_bytes) {
        const char *binary = decoder_binary(sieve->decoder), *end;

        if (binary)
                sieve_refuse(sieve, binary);
        if (n_bytes == 0)
                return sieve->error;

        end = p + n_bytes;
        sieve->counted = sieve->at = p;
        while (p < end && sieve->error >= 0) {
                const char *from = p;
                bool counts = sieve->state < STATE_COMMENT; /* comments and DOCTYPE may be long */

                p = sieve_step(sieve, p, end);
                if (sieve->stage == STAGE_PROLOG && counts && sieve->error >= 0) {
                        sieve->n_prolog += (uint64_t) (p - from);
                        if (sieve->n_prolog > SIEVE_PROLOG_BYTES_MAX)
                                sieve_refuse(sieve,
                                        sieve->html           ? "an HTML page"
                                                : sieve->junk ? "plain text"
                                                              : "a document without a root");
                }
                if (sieve->out.n_bytes >= OUT_BYTES)
                        sieve_flush(sieve);
        }

        if (sieve->error >= 0) {
                sieve->line += count_lines(sieve->counted, end);
                sieve_flush(sieve);
        }
        return sieve->error < 0 ? sieve->error : 0;
}

int sieve_push(Sieve *sieve, const void *p, size_t n_bytes) {
        const char *text;
        size_t n_text;
        int r;

        if (sieve->error < 0)
                return sieve->error;

        r = decoder_push(sieve->decoder, p, n_bytes, &text, &n_text);
        if (r < 0)
                return r;
        return sieve_take(sieve, text, n_text);
}

int sieve_finish(Sieve *sieve) {
        const char *text;
        size_t n_text;
        int r;

        if (sieve->error < 0)
                return sieve->error;

        r = decoder_finish(sieve->decoder, &text, &n_text);
        if (r < 0)
                return r;
        r = sieve_take(sieve, text, n_text);
        if (r < 0)
                return r;

        sieve->counted = sieve->at = NULL;
        if (sieve->stage == STAGE_PROLOG) {
                if (sieve->html)
                        sieve_refuse(sieve, "an HTML page");
                else if (sieve->junk)
                        sieve_refuse(sieve, "plain text");
                else
                        sieve_refuse(sieve, "an empty document");
        } else if (sieve->stage == STAGE_ROOT)
                sieve_warn(sieve, "the feed is cut off, what is incomplete is ignored", NULL);
        return sieve->error < 0 ? sieve->error : 0;
}
