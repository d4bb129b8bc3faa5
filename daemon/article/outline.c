/* SPDX-License-Identifier: MIT */

#include "article/outline.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "base/str.h"
#include "base/url.h"

/* A <div> with this many characters of its own is a paragraph that lacks its <p>. */
#define RUNNING_CHARS_MIN 80
/* A list item or a cell with this many beside its links is a sentence and no menu's. */
#define ITEM_CHARS_MIN 40

/* A shorter path is of a front page. */
#define PATH_BYTES_MIN 4

typedef struct Tag {
        const char *name;
        TagKind kind;
} Tag;

/* Sorted. What is not here is inline. */
static const Tag tags[] = {
        { "address", TAG_BLOCK },
        { "area", TAG_NEVER },
        { "article", TAG_BLOCK },
        { "aside", TAG_NEVER },
        { "audio", TAG_NEVER },
        { "blockquote", TAG_PARAGRAPH },
        { "body", TAG_BLOCK },
        { "button", TAG_NEVER },
        { "canvas", TAG_NEVER },
        { "caption", TAG_NEVER },
        { "center", TAG_BLOCK },
        { "datalist", TAG_NEVER },
        { "dd", TAG_BLOCK },
        { "details", TAG_BLOCK },
        { "dialog", TAG_NEVER },
        { "div", TAG_BLOCK },
        { "dl", TAG_BLOCK },
        { "dt", TAG_BLOCK },
        { "embed", TAG_NEVER },
        { "fieldset", TAG_NEVER },
        { "figcaption", TAG_NEVER },
        { "figure", TAG_BLOCK },
        { "footer", TAG_NEVER },
        { "form", TAG_BLOCK },
        { "frame", TAG_NEVER },
        { "frameset", TAG_BLOCK },
        { "h1", TAG_HEADING },
        { "h2", TAG_HEADING },
        { "h3", TAG_HEADING },
        { "h4", TAG_HEADING },
        { "h5", TAG_HEADING },
        { "h6", TAG_HEADING },
        { "head", TAG_NEVER },
        { "header", TAG_BLOCK },
        { "hgroup", TAG_BLOCK },
        { "hr", TAG_BLOCK },
        { "html", TAG_BLOCK },
        { "iframe", TAG_NEVER },
        { "img", TAG_NEVER },
        { "input", TAG_NEVER },
        { "label", TAG_NEVER },
        { "legend", TAG_NEVER },
        { "li", TAG_LIST_ITEM },
        { "link", TAG_NEVER },
        { "main", TAG_BLOCK },
        { "map", TAG_NEVER },
        { "menu", TAG_NEVER },
        { "meta", TAG_NEVER },
        { "meter", TAG_NEVER },
        { "nav", TAG_NEVER },
        { "noframes", TAG_BLOCK },
        { "noscript", TAG_NEVER },
        { "object", TAG_NEVER },
        { "ol", TAG_BLOCK },
        { "p", TAG_PARAGRAPH },
        { "pre", TAG_PARAGRAPH },
        { "progress", TAG_NEVER },
        { "script", TAG_NEVER },
        { "section", TAG_BLOCK },
        { "select", TAG_NEVER },
        { "style", TAG_NEVER },
        { "summary", TAG_HEADING },
        { "svg", TAG_NEVER },
        { "table", TAG_BLOCK },
        { "tbody", TAG_BLOCK },
        { "td", TAG_BLOCK },
        { "template", TAG_NEVER },
        { "textarea", TAG_NEVER },
        { "tfoot", TAG_BLOCK },
        { "th", TAG_BLOCK },
        { "thead", TAG_BLOCK },
        { "title", TAG_NEVER },
        { "tr", TAG_BLOCK },
        { "ul", TAG_BLOCK },
        { "video", TAG_NEVER },
};

static int tag_compare(const void *key, const void *tag) {
        return strcmp(key, ((const Tag *) tag)->name);
}

TagKind tag_kind(const char *name) {
        const Tag *tag = bsearch(name, tags, ELEMENTSOF(tags), sizeof(tags[0]), tag_compare);

        return tag ? tag->kind : TAG_INLINE;
}

const char *element_attribute(const xmlNode *node, const char *name) {
        for (const xmlAttr *a = node->properties; a; a = a->next)
                /* The parser has names lowercase; most differ in the first letter. */
                if (a->name[0] == (unsigned char) name[0] && streq((const char *) a->name, name)) {
                        const xmlNode *value = a->children;

                        if (!value)
                                return "";
                        return value->type == XML_TEXT_NODE && !value->next
                                ? (const char *) value->content
                                : NULL;
                }

        return NULL;
}

bool element_attribute_is(const xmlNode *node, const char *name, const char *value) {
        const char *s = element_attribute(node, name);

        return s && streq_nocase(s, value);
}

bool words_have(const char *s, const char *word) {
        const size_t n_word = strlen(word);

        while (s && *s) {
                size_t n = strcspn(s, " \t\r\n\f");

                if (n == n_word && strncasecmp(s, word, n) == 0)
                        return true;
                s += n + (s[n] != '\0');
        }

        return false;
}

bool element_attribute_has(const xmlNode *node, const char *name, const char *word) {
        return words_have(element_attribute(node, name), word);
}

bool element_is(const PageElement *element, const char *name) {
        const char *own = (const char *) element->node->name;

        return own[0] == name[0] && streq(own, name);
}

bool element_is_picture(const PageElement *element) {
        return element_is(element, "img") || element_is(element, "amp-img");
}

bool node_is_blank(const xmlNode *text) {
        for (const char *s = (const char *) text->content; s && *s; s++)
                if (!ascii_isspace(*s))
                        return false;

        return true;
}

uint32_t text_n_chars(const char *s, size_t n_bytes) {
        uint32_t n = 0;

        for (size_t i = 0; i < n_bytes; i++)
                n += !ascii_isspace(s[i]) && ((unsigned char) s[i] & 0xC0) != 0x80;
        return n;
}

bool element_is_running(const PageElement *element) {
        if (element->kind == TAG_PARAGRAPH)
                return element->n_own > 0;
        if (element->kind == TAG_LIST_ITEM || element->is_cell)
                return element->n_own - element->n_own_link >= ITEM_CHARS_MIN;
        return element->kind == TAG_BLOCK && element->n_own >= RUNNING_CHARS_MIN;
}

void outline_done(Outline *outline) {
        free(outline->elements);
        *outline = (Outline){};
}

/* The node behind @node in document order, NULL at the end. */
static xmlNode *node_next(xmlNode *node) {
        if (node->type == XML_ELEMENT_NODE && node->children)
                return node->children;
        while (node && !node->next)
                node = node->parent && node->parent->type == XML_ELEMENT_NODE ? node->parent : NULL;
        return node ? node->next : NULL;
}

xmlNode *node_next_within(const xmlNode *node, const xmlNode *root, bool skip) {
        if (!skip && node->type == XML_ELEMENT_NODE && node->children)
                return node->children;
        while (node != root && !node->next)
                node = node->parent;
        return node == root ? NULL : node->next;
}

/* The characters that are no white space, and the commas among them, of whatever script has them: a
 * sign of prose. */
static void measure_direct_text(PageElement *e) {
        for (const xmlNode *child = e->node->children; child; child = child->next) {
                if (child->type != XML_TEXT_NODE || !child->content)
                        continue;
                for (const char *s = (const char *) child->content; *s; s++) {
                        const unsigned char c = (unsigned char) *s;

                        e->n_direct += !ascii_isspace(*s) && (c & 0xC0) != 0x80;
                        if (c == ',' || (c == 0xD8 && strncmp(s, "\xD8\x8C", 2) == 0) ||
                                (c == 0xE3 && strncmp(s, "\xE3\x80\x81", 3) == 0) ||
                                (c == 0xEF && strncmp(s, "\xEF\xBC\x8C", 3) == 0))
                                e->n_direct_commas++;
                }
        }
}

static void element_init(PageElement *e, xmlNode *node, PageElement *parent) {
        *e = (PageElement){ .node = node, .parent = parent };
        e->kind = tag_kind((const char *) node->name);
        /* A heading that unfolds what is below it. */
        if (parent && parent->kind == TAG_HEADING && element_is(e, "button"))
                e->kind = TAG_INLINE;
        e->block = e->kind != TAG_INLINE || !parent ? e : parent->block;
        e->in_link = element_is(e, "a") || (parent && parent->in_link);
        e->is_h1 = element_is(e, "h1");
        e->is_table = element_is(e, "table");
        e->is_th = element_is(e, "th");
        e->is_cell = e->is_th || element_is(e, "td");
        e->is_time = element_is(e, "time");
        e->in_header = element_is(e, "header") || (parent && parent->in_header);
        e->is_main = element_is(e, "article") || element_is(e, "main") ||
                element_attribute_is(node, "role", "main") ||
                element_attribute_has(node, "itemprop", "articleBody");
        if (e->kind != TAG_NEVER)
                measure_direct_text(e);
        node->_private = e;
}

int outline_build(xmlDoc *doc, Outline *ret) {
        _cleanup_(outline_done) Outline outline = {};
        xmlNode *root = xmlDocGetRootElement(doc);
        size_t n = 0;

        for (xmlNode *node = root; node; node = node_next(node))
                n += node->type == XML_ELEMENT_NODE;
        if (n == 0)
                return -ENODATA;

        outline.elements = new0(PageElement, n);
        if (!outline.elements)
                return -ENOMEM;

        for (xmlNode *node = root; node; node = node_next(node)) {
                PageElement *parent = NULL;

                if (node->type != XML_ELEMENT_NODE)
                        continue;
                if (node->parent && node->parent->type == XML_ELEMENT_NODE)
                        parent = node->parent->_private;
                element_init(outline.elements + outline.n_elements++, node, parent);
        }

        for (size_t i = n; i-- > 0;) {
                PageElement *e = outline.elements + i;

                if (e->parent)
                        e->parent->n_below += e->n_below + 1;
        }

        *ret = outline;
        outline = (Outline){};
        return 0;
}

static void count_direct_text(PageElement *e) {
        e->n_own = e->n_text = e->n_direct;
        e->n_commas = e->n_direct_commas;
        e->n_own_link = e->n_link_text = e->in_link ? e->n_own : 0;
}

void outline_count(Outline *outline) {
        for (size_t i = 0; i < outline->n_elements; i++) {
                PageElement *e = outline->elements + i;

                e->n_text = e->n_link_text = e->n_own = e->n_own_link = 0;
                e->n_commas = e->n_running = 0;
                e->holds_main = e->holds_h1 = e->holds_time = false;
                e->n_headings = 0;
                if (!e->dropped && e->kind != TAG_NEVER)
                        count_direct_text(e);
        }

        for (size_t i = outline->n_elements; i-- > 0;) {
                PageElement *e = outline->elements + i, *parent = e->parent;

                if (element_is_running(e))
                        e->n_running += e->n_own - e->n_own_link;
                if (!parent || e->dropped)
                        continue;

                parent->n_text += e->n_text;
                parent->n_link_text += e->n_link_text;
                parent->n_running += e->n_running;
                parent->holds_main |= e->holds_main || e->is_main;
                parent->holds_h1 |= e->holds_h1 || e->is_h1;
                parent->holds_time |= e->holds_time || e->is_time;
                if (!e->is_table)
                        parent->n_headings += e->n_headings + e->is_th;
                if (e->kind == TAG_INLINE) {
                        parent->n_own += e->n_own;
                        parent->n_own_link += e->n_own_link;
                        parent->n_commas += e->n_commas;
                }
        }
}

/* What makes the address of a page, whether full or not: no scheme, host, query or fragment, as
 * these differ between what is fetched, what is canonical and what a script wrote. */
static const char *url_path(const char *url, size_t *ret_n_bytes) {
        const char *host = strstr(url, "://");
        const char *path = host ? strchr(host + 3, '/') : url;
        size_t n;

        if (!path)
                path = "";
        n = strcspn(path, "?#");
        while (n > 0 && path[n - 1] == '/')
                n--;
        *ret_n_bytes = n;
        return path;
}

bool is_same_path(const char *a, const char *b) {
        size_t n_a, n_b;

        if (!a || !b)
                return false;
        a = url_path(a, &n_a);
        b = url_path(b, &n_b);
        return n_a >= PATH_BYTES_MIN && n_a == n_b && memcmp(a, b, n_a) == 0;
}

int outline_base_url(const Outline *outline, const char *base_url, char **ret) {
        for (size_t i = 0; i < outline->n_elements; i++) {
                const PageElement *e = outline->elements + i;
                const char *href;
                int r;

                if (!element_is(e, "base"))
                        continue;
                href = element_attribute(e->node, "href");
                if (!href)
                        continue;
                r = url_resolve(base_url, href, ret);
                if (r == -EINVAL)
                        break;
                return r;
        }

        *ret = NULL;
        return base_url ? free_and_strdup(ret, base_url) : 0;
}
