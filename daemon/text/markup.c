/* SPDX-License-Identifier: MIT */

/* One pass from left to right over markup that nobody has checked. Text goes code point by code
 * point into a Folder, which drops what is invisible and folds white space; tags are skipped, and
 * those that end a line or a block leave a space there.
 *
 * No byte is looked at more than a fixed number of times, whatever the input: a search that ran to
 * the end of the input without success (for the quote that closes a value, for the end of a
 * script) is remembered and not tried again. */

#include "text/markup.h"

#include <errno.h>
#include <stdlib.h>

#include "base/str.h"
#include "text/entity.h"
#include "text/utf8.h"

/* --- folding white space --- */

typedef struct Folder {
        Buffer *out;
        bool space;   /* owed before the next character */
        bool started; /* something was written */
        uint32_t last;
} Folder;

static bool is_white_space(uint32_t c) {
        return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
                (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
                c == 0x205F || c == 0x3000;
}

static bool is_control(uint32_t c) {
        return c < 0x20 || (c >= 0x7F && c <= 0x9F);
}

/* Soft hyphen, zero width space, direction marks and overrides, word joiner and invisible
 * operators, BOM, interlinear annotation: nothing a reader sees. */
static bool is_invisible(uint32_t c) {
        return c == 0xAD || c == 0x61C || c == 0x180E || c == 0x200B || c == 0x200E ||
                c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
                c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB);
}

/* The joiners are spelling in Persian and the Indic scripts, and tie emoji together; in Latin they
 * are noise. */
static bool is_joiner(uint32_t c) {
        return c == 0x200C || c == 0x200D;
}

static int folder_put(Folder *f, uint32_t c, const char *bytes, size_t n_bytes) {
        int r;

        if (is_white_space(c)) {
                f->space = true;
                return 0;
        }
        if (is_control(c) || is_invisible(c))
                return 0;
        if (is_joiner(c) && (f->space || f->last < 0x250))
                return 0;

        if (f->space && f->started) {
                r = buffer_append_char(f->out, ' ');
                if (r < 0)
                        return r;
        }
        f->space = false;
        f->started = true;
        f->last = c;
        return buffer_append(f->out, bytes, n_bytes);
}

/* How many bytes from @s on need no second look: printable ASCII without space, '<', '&' and what
 * may end a CDATA section. */
static size_t plain_run(const char *s, size_t n_bytes) {
        size_t n = 0;

        while (n < n_bytes && s[n] > ' ' && s[n] < 0x7F && s[n] != '<' && s[n] != '&' &&
                s[n] != ']')
                n++;
        return n;
}

/* Takes the next code point, or a run of plain bytes; says how many bytes it used. */
static int folder_take(Folder *f, const char *s, size_t n_bytes, size_t *ret_n_used) {
        char encoded[4];
        uint32_t codepoint;
        size_t n;
        int r;

        n = plain_run(s, n_bytes);
        if (n > 0) {
                r = folder_put(f, (unsigned char) s[0], s, n);
                f->last = (unsigned char) s[n - 1];
        } else {
                n = utf8_decode(s, n_bytes, &codepoint);
                r = folder_put(f, codepoint, encoded, utf8_encode(codepoint, encoded));
        }
        if (r < 0)
                return r;

        *ret_n_used = n;
        return 0;
}

int text_fold_space(const char *text, size_t n_bytes, Buffer *out) {
        Folder f = { .out = out };
        size_t n = 0;
        int r;

        for (size_t i = 0; i < n_bytes; i += n) {
                r = folder_take(&f, text + i, n_bytes - i, &n);
                if (r < 0)
                        return r;
        }

        return 0;
}

/* --- elements --- */

typedef enum ElementKind {
        ELEMENT_INLINE,
        ELEMENT_SEPARATES, /* begins or ends a line, or puts something between words */
        ELEMENT_DROPPED,   /* its content is not for readers */
        ELEMENT_KIND_MAX,
} ElementKind;

typedef struct Element {
        const char *name;
        ElementKind kind;
} Element;

static const Element elements[] = {
        { "address", ELEMENT_SEPARATES },
        { "article", ELEMENT_SEPARATES },
        { "aside", ELEMENT_SEPARATES },
        { "audio", ELEMENT_SEPARATES },
        { "blockquote", ELEMENT_SEPARATES },
        { "body", ELEMENT_SEPARATES },
        { "br", ELEMENT_SEPARATES },
        { "button", ELEMENT_SEPARATES },
        { "caption", ELEMENT_SEPARATES },
        { "center", ELEMENT_SEPARATES },
        { "dd", ELEMENT_SEPARATES },
        { "details", ELEMENT_SEPARATES },
        { "dialog", ELEMENT_SEPARATES },
        { "dir", ELEMENT_SEPARATES },
        { "div", ELEMENT_SEPARATES },
        { "dl", ELEMENT_SEPARATES },
        { "dt", ELEMENT_SEPARATES },
        { "embed", ELEMENT_SEPARATES },
        { "fieldset", ELEMENT_SEPARATES },
        { "figcaption", ELEMENT_SEPARATES },
        { "figure", ELEMENT_SEPARATES },
        { "footer", ELEMENT_SEPARATES },
        { "form", ELEMENT_SEPARATES },
        { "h1", ELEMENT_SEPARATES },
        { "h2", ELEMENT_SEPARATES },
        { "h3", ELEMENT_SEPARATES },
        { "h4", ELEMENT_SEPARATES },
        { "h5", ELEMENT_SEPARATES },
        { "h6", ELEMENT_SEPARATES },
        { "head", ELEMENT_SEPARATES },
        { "header", ELEMENT_SEPARATES },
        { "hgroup", ELEMENT_SEPARATES },
        { "hr", ELEMENT_SEPARATES },
        { "html", ELEMENT_SEPARATES },
        { "iframe", ELEMENT_DROPPED },
        { "img", ELEMENT_SEPARATES },
        { "input", ELEMENT_SEPARATES },
        { "legend", ELEMENT_SEPARATES },
        { "li", ELEMENT_SEPARATES },
        { "main", ELEMENT_SEPARATES },
        { "menu", ELEMENT_SEPARATES },
        { "nav", ELEMENT_SEPARATES },
        { "noscript", ELEMENT_SEPARATES },
        { "object", ELEMENT_SEPARATES },
        { "ol", ELEMENT_SEPARATES },
        { "optgroup", ELEMENT_SEPARATES },
        { "option", ELEMENT_SEPARATES },
        { "p", ELEMENT_SEPARATES },
        { "picture", ELEMENT_SEPARATES },
        { "pre", ELEMENT_SEPARATES },
        { "script", ELEMENT_DROPPED },
        { "section", ELEMENT_SEPARATES },
        { "select", ELEMENT_SEPARATES },
        { "style", ELEMENT_DROPPED },
        { "summary", ELEMENT_SEPARATES },
        { "table", ELEMENT_SEPARATES },
        { "tbody", ELEMENT_SEPARATES },
        { "td", ELEMENT_SEPARATES },
        { "template", ELEMENT_DROPPED },
        { "textarea", ELEMENT_SEPARATES },
        { "tfoot", ELEMENT_SEPARATES },
        { "th", ELEMENT_SEPARATES },
        { "thead", ELEMENT_SEPARATES },
        { "title", ELEMENT_SEPARATES },
        { "tr", ELEMENT_SEPARATES },
        { "ul", ELEMENT_SEPARATES },
        { "video", ELEMENT_SEPARATES },
};

/* The longest name of the table and its NUL. */
#define ELEMENT_NAME_CHARS_MAX 16

static int element_compare(const void *key, const void *element) {
        return strcmp(key, ((const Element *) element)->name);
}

/* NULL for an inline or unknown element. */
static const Element *element_find(const char *name) {
        return bsearch(name, elements, ELEMENTSOF(elements), sizeof(elements[0]), element_compare);
}

/* --- tags --- */

typedef struct Scanner {
        const char *s;
        size_t n_bytes, at;
        bool in_cdata;
        bool quotes_open; /* a value's quote was never closed: quotes mean nothing */
        uint64_t
                elements_never_end; /* by their place in the table, modulo 64: no end tag follows */
        Folder folder;
} Scanner;

static char scanner_peek(const Scanner *m, size_t ahead) {
        return ahead < m->n_bytes - m->at ? m->s[m->at + ahead] : '\0';
}

/* Where @what stands at or after @from; n_bytes when nowhere. */
static size_t scanner_find(const Scanner *m, size_t from, const char *what) {
        const char *found;

        if (from >= m->n_bytes)
                return m->n_bytes;
        found = memmem(m->s + from, m->n_bytes - from, what, strlen(what));
        return found ? (size_t) (found - m->s) : m->n_bytes;
}

/* Does '<' begin a tag, a comment or the like here? Else it is text, as in "1 < 2". */
static bool scanner_at_tag(const Scanner *m) {
        const char c = scanner_peek(m, 1);

        return ascii_isalpha(c) || c == '!' || c == '?' ||
                (c == '/' && (ascii_isalpha(scanner_peek(m, 2)) || scanner_peek(m, 2) == '>'));
}

/* The position behind a tag that goes on at @i. A '>' in a quoted value does not end it; a '<'
 * outside of one does, since the '>' was forgotten. */
static size_t tag_end(Scanner *m, size_t i, bool *ret_empty) {
        char before = '\0'; /* the last character that is no space */

        *ret_empty = false;
        for (; i < m->n_bytes; i++) {
                const char c = m->s[i];

                if (c == '>') {
                        *ret_empty = before == '/';
                        return i + 1;
                }
                if (c == '<')
                        return i;
                if ((c == '"' || c == '\'') && before == '=' && !m->quotes_open) {
                        const char *end = memchr(m->s + i + 1, c, m->n_bytes - i - 1);

                        if (end)
                                i = (size_t) (end - m->s);
                        else
                                m->quotes_open = true;
                }
                if (!ascii_isspace(c))
                        before = c;
        }

        return m->n_bytes;
}

/* Skips what is between the start tag just read and its end tag. Without an end tag, a script or a
 * style goes to the end of the text; the others are taken for empty, as XHTML writes them. */
static void scanner_drop_content(Scanner *m, const Element *element) {
        const uint64_t bit = UINT64_C(1) << ((size_t) (element - elements) % 64);
        const size_t n_name = strlen(element->name);
        bool empty;

        if (m->elements_never_end & bit)
                return;

        for (size_t i = m->at; (i = scanner_find(m, i, "</")) < m->n_bytes; i += 2) {
                if (m->n_bytes - i - 2 < n_name ||
                        strncasecmp(m->s + i + 2, element->name, n_name) != 0 ||
                        (i + 2 + n_name < m->n_bytes && ascii_isalpha(m->s[i + 2 + n_name])))
                        continue;

                m->at = tag_end(m, i + 2 + n_name, &empty);
                return;
        }

        m->elements_never_end |= bit;
        if (streq(element->name, "script") || streq(element->name, "style"))
                m->at = m->n_bytes;
}

static void scanner_skip_declaration(Scanner *m) {
        const char *rest = m->s + m->at;
        const size_t n_rest = m->n_bytes - m->at;

        if (n_rest >= 9 && strncasecmp(rest, "<![CDATA[", 9) == 0) {
                m->at += 9;
                m->in_cdata = true;
                return;
        }
        if (n_rest >= 4 && memcmp(rest, "<!--", 4) == 0) {
                /* "<!-->" is a whole comment. */
                m->at = MIN(scanner_find(m, m->at + 2, "-->"), m->n_bytes - 3) + 3;
                return;
        }

        m->at = MIN(scanner_find(m, m->at, ">"), m->n_bytes - 1) + 1;
}

static void scanner_skip_tag(Scanner *m) {
        const bool is_end = scanner_peek(m, 1) == '/';
        char name[ELEMENT_NAME_CHARS_MAX] = "";
        size_t i = m->at + (is_end ? 2 : 1), n_name = 0;
        const Element *element;
        bool empty;

        for (; i < m->n_bytes && (ascii_isalpha(m->s[i]) || ascii_isdigit(m->s[i])); i++)
                if (n_name < sizeof(name) - 1)
                        name[n_name++] = ascii_tolower(m->s[i]);
        name[n_name] = '\0';

        element = element_find(name);
        m->at = tag_end(m, i, &empty);
        if (!element)
                return;

        m->folder.space = true;
        if (element->kind == ELEMENT_DROPPED && !is_end && !empty)
                scanner_drop_content(m, element);
}

static int scanner_take_reference(Scanner *m) {
        char text[8];
        size_t n_text, n_used;
        uint32_t codepoint;
        int r;

        n_used = entity_decode(m->s + m->at + 1, m->n_bytes - m->at - 1, text, &n_text);
        if (n_used == 0) {
                m->at++;
                return folder_put(&m->folder, '&', "&", 1);
        }

        for (size_t i = 0; i < n_text;) {
                size_t n = utf8_decode(text + i, n_text - i, &codepoint);

                r = folder_put(&m->folder, codepoint, text + i, n);
                if (r < 0)
                        return r;
                i += n;
        }

        m->at += 1 + n_used;
        return 0;
}

int markup_to_text(const char *html, size_t n_bytes, Buffer *out) {
        Scanner m = { .s = html, .n_bytes = n_bytes, .folder = { .out = out } };
        size_t n;
        int r = 0;

        while (r >= 0 && m.at < m.n_bytes) {
                const char c = m.s[m.at];

                if (c == '<' && scanner_at_tag(&m)) {
                        if (scanner_peek(&m, 1) == '!' || scanner_peek(&m, 1) == '?')
                                scanner_skip_declaration(&m);
                        else
                                scanner_skip_tag(&m);
                } else if (c == '&') {
                        r = scanner_take_reference(&m);
                } else if (c == ']' && m.in_cdata && scanner_peek(&m, 1) == ']' &&
                        scanner_peek(&m, 2) == '>') {
                        m.in_cdata = false;
                        m.at += 3;
                } else {
                        r = folder_take(&m.folder, m.s + m.at, m.n_bytes - m.at, &n);
                        m.at += r < 0 ? 0 : n;
                }
        }

        return r;
}

bool text_has_markup(const char *text, size_t n_bytes) {
        const char *last_close = memrchr(text, '>', n_bytes);
        char decoded[8];
        size_t n_decoded;

        for (size_t i = 0; i < n_bytes; i++) {
                if (text[i] == '<' && last_close && text + i < last_close &&
                        scanner_at_tag(&(Scanner){ .s = text, .n_bytes = n_bytes, .at = i }))
                        return true;
                if (text[i] == '&') {
                        size_t n =
                                entity_decode(text + i + 1, n_bytes - i - 1, decoded, &n_decoded);

                        /* "AT&T" and "?a=1&copy=2" are no markup: only the full form counts. */
                        if (n > 0 && text[i + n] == ';')
                                return true;
                }
        }

        return false;
}
