/* SPDX-License-Identifier: MIT */

/* One pass from left to right over markup that nobody has checked. Text goes into a Folder, in runs
 * where nothing can be wrong with it and else code point by code point, which drops what is
 * invisible and folds white space; tags are skipped, and those that end a line or a block leave a
 * space there.
 *
 * No byte is looked at more than a fixed number of times, whatever the input: a search that ran to
 * the end of the input without success (for the quote that closes a value, for the end of a
 * script) is remembered and not tried again. */

#include "text/markup.h"

#include <errno.h>

#include "base/str.h"
#include "text/bytes.h"
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
        char quote[4];
        int r;

        /* Windows-1252 that somebody took for Latin-1: quotes and dashes, no controls. */
        if (c >= 0x80 && c <= 0x9F) {
                c = entity_windows_1252(c);
                n_bytes = utf8_encode(c, quote);
                bytes = quote;
        }
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

/* What a byte is to a run of text that goes out as it came. */
enum {
        BYTE_OTHER,  /* needs a look: markup, what may be invisible, bytes that are no UTF-8 */
        BYTE_PLAIN,  /* printable ASCII */
        BYTE_SPACE,  /* a single one between two plain bytes stays */
        BYTE_LEAD_2, /* begins two bytes, U+00C0 to U+07FF: letters, but for U+061C */
        BYTE_LEAD_3, /* begins three bytes of ideographs or Hangul, U+4000 to U+CFFF */
};

static const uint8_t byte_kinds[256] = {
        [' '] = BYTE_SPACE,
        ['!' ... '%'] = BYTE_PLAIN,
        ['\'' ... ';'] = BYTE_PLAIN,
        ['=' ... '\\'] = BYTE_PLAIN,
        ['^' ... '~'] = BYTE_PLAIN,
        [0xC3 ... 0xDF] = BYTE_LEAD_2,
        [0xE4 ... 0xEC] = BYTE_LEAD_3,
};

static bool is_continuation(char c) {
        return ((unsigned char) c & 0xC0) == 0x80;
}

/* The bytes of a character that goes out as it came; 0 for any other, and for a space. */
static inline size_t plain_char(const char *s, size_t n_bytes) {
        switch (n_bytes > 0 ? byte_kinds[(unsigned char) s[0]] : BYTE_OTHER) {
        case BYTE_PLAIN:
                return 1;
        case BYTE_LEAD_2:
                return n_bytes >= 2 && is_continuation(s[1]) &&
                                !((unsigned char) s[0] == 0xD8 && (unsigned char) s[1] == 0x9C)
                        ? 2
                        : 0;
        case BYTE_LEAD_3:
                return n_bytes >= 3 && is_continuation(s[1]) && is_continuation(s[2]) ? 3 : 0;
        default:
                return 0;
        }
}

/* The same for blocks of printable ASCII and characters of two bytes inside a run, without two
 * spaces in a row. @at is where @s is in the run. */
static inline size_t plain_blocks(const char *s, size_t n_bytes, size_t *ret_last, size_t at) {
        size_t n = 0, n_plain = sizeof(ByteBlock);

        /* A block is looked at from its first byte on: one that belongs to a character before is
         * not seen to be stray. */
        if (n_bytes > 0 && is_continuation(s[0]))
                return 0;

        while (n_plain == sizeof(ByteBlock) && n_bytes - n > sizeof(ByteBlock)) {
                const ByteBlock block = byte_block_load(s + n), next = byte_block_load(s + n + 1);

                n_plain = byte_block_first((ByteBlock) (block < ' ') | (ByteBlock) (block == 0x7F) |
                        (ByteBlock) (block == '<') | (ByteBlock) (block == '&') |
                        (ByteBlock) (block == ']') |
                        ((ByteBlock) (block == ' ') & (ByteBlock) (next == ' ')) |
                        byte_block_no_pairs(block, next, 0xC3) |
                        ((ByteBlock) (block == 0xD8) & (ByteBlock) (next == 0x9C)));
                n += n_plain;
        }

        /* Not between two bytes of a character; and a space at the end is looked at again, with
         * what follows it. */
        if (n > 0 && (is_continuation(s[n]) || s[n - 1] == ' '))
                n--;
        if (n > 0)
                *ret_last = at + n - (is_continuation(s[n - 1]) ? 2 : 1);
        return n;
}

/* How many bytes from @s on go out as they are; *ret_last: where the last character begins. Single
 * spaces inside count, so that a run is as long as a sentence. */
static size_t plain_run(const char *s, size_t n_bytes, size_t *ret_last) {
        size_t n = 0, n_char;

        for (;;) {
                if (n > 0)
                        n += plain_blocks(s + n, n_bytes - n, ret_last, n);
                n_char = plain_char(s + n, n_bytes - n);
                if (n_char == 0 && n > 0 && n < n_bytes && s[n] == ' ') {
                        n_char = plain_char(s + n + 1, n_bytes - n - 1);
                        n += n_char > 0;
                }
                if (n_char == 0)
                        return n;
                *ret_last = n;
                n += n_char;
        }
}

static int folder_put_run(Folder *f, const char *s, size_t n_bytes, size_t last) {
        int r;

        if (f->space && f->started) {
                r = buffer_append_char(f->out, ' ');
                if (r < 0)
                        return r;
        }
        f->space = false;
        f->started = true;
        (void) utf8_decode(s + last, n_bytes - last, &f->last);
        return buffer_append(f->out, s, n_bytes);
}

/* Takes the next code point, or a run of plain bytes; says how many bytes it used. */
static int folder_take(Folder *f, const char *s, size_t n_bytes, size_t *ret_n_used) {
        char encoded[4];
        uint32_t codepoint;
        size_t n, last = 0;
        int r;

        n = plain_run(s, n_bytes, &last);
        if (n > 0)
                r = folder_put_run(f, s, n, last);
        else if (*s == ' ') {
                f->space = true;
                n = 1;
                r = 0;
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

/* In alphabetical order, small letters. */
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

/* NULL for an inline or unknown element. */
static const Element *element_find(const char *name) {
        static uint8_t first[26]; /* by letter, plus one; filled at the first call */
        const Element *e;

        if (first[0] == 0)
                for (size_t i = ELEMENTSOF(elements); i > 0; i--)
                        first[elements[i - 1].name[0] - 'a'] = (uint8_t) i;

        if (!ascii_isalpha(name[0]) || first[name[0] - 'a'] == 0)
                return NULL;
        for (e = elements + first[name[0] - 'a'] - 1;
                e < elements + ELEMENTSOF(elements) && e->name[0] == name[0]; e++)
                if (streq(e->name, name))
                        return e;
        return NULL;
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

/* Is what follows '<' an address in angle brackets, <name@host> or <https://...>? */
static bool scanner_at_address(const Scanner *m) {
        size_t i = 1;

        for (char c = scanner_peek(m, i); ascii_isalpha(c) || ascii_isdigit(c) || c == '.' ||
                c == '_' || c == '+' || c == '-';
                c = scanner_peek(m, i))
                i++;
        return scanner_peek(m, i) == '@' ||
                (scanner_peek(m, i) == ':' && scanner_peek(m, i + 1) == '/' &&
                        scanner_peek(m, i + 2) == '/');
}

/* Does '<' begin a tag, a comment or the like here? Else it is text, as in "1 < 2". */
static bool scanner_at_tag(const Scanner *m) {
        const char c = scanner_peek(m, 1);

        if (ascii_isalpha(c))
                return !scanner_at_address(m);
        return c == '!' || c == '?' ||
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
                if (text[i] != '<' && text[i] != '&')
                        continue;
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
