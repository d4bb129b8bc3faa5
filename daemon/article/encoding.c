/* SPDX-License-Identifier: MIT */

/* Which charset a page is in. The search for <meta> is the "prescan" of the HTML Living Standard,
 * 13.2.3.2: a scan of tags and attributes that needs no parser, since no parser can start before
 * the charset is known. */

#include "article/page.h"

#include <strings.h>

#include "base/str.h"
#include "text/charset.h"
#include "text/utf8.h"

/* What the standard has the prescan look at. */
#define PRESCAN_BYTES_MAX ((size_t) 1024)
/* Browsers start over when a <meta> comes later. Heads of 60 KiB of inline style occur. */
#define PRESCAN_LATE_BYTES_MAX ((size_t) 64 * 1024)

/* Longer values hold no charset. */
#define VALUE_BYTES_MAX 128

typedef struct Prescan {
        const char *s, *end;
} Prescan;

typedef struct Attribute {
        char name[16]; /* lower case; cut, which makes it none that we look for */
        char value[VALUE_BYTES_MAX];
} Attribute;

static bool prescan_at(const Prescan *p, const char *what) {
        const size_t n = strlen(what);

        return (size_t) (p->end - p->s) >= n && strncasecmp(p->s, what, n) == 0;
}

static void prescan_skip_past(Prescan *p, const char *what) {
        const char *found = memmem(p->s, (size_t) (p->end - p->s), what, strlen(what));

        p->s = found ? found + strlen(what) : p->end;
}

static void prescan_skip_white(Prescan *p) {
        while (p->s < p->end && ascii_isspace(*p->s))
                p->s++;
}

static void append_char(char *to, size_t n_to, char c) {
        size_t n = strlen(to);

        if (n + 1 < n_to) {
                to[n] = c;
                to[n + 1] = '\0';
        }
}

static void prescan_take_value(Prescan *p, Attribute *a) {
        char quote = '\0';

        if (p->s < p->end && (*p->s == '"' || *p->s == '\''))
                quote = *p->s++;
        for (; p->s < p->end; p->s++) {
                if (quote ? *p->s == quote : (*p->s == '>' || ascii_isspace(*p->s)))
                        break;
                append_char(a->value, sizeof(a->value), *p->s);
        }
        if (quote && p->s < p->end)
                p->s++;
}

/* The next attribute of a tag; false at its end. */
static bool prescan_attribute(Prescan *p, Attribute *ret) {
        *ret = (Attribute){};

        while (p->s < p->end && (ascii_isspace(*p->s) || *p->s == '/'))
                p->s++;
        if (p->s >= p->end || *p->s == '>')
                return false;

        do
                append_char(ret->name, sizeof(ret->name), ascii_tolower(*p->s++));
        while (p->s < p->end && !ascii_isspace(*p->s) && !strchr("=>/", *p->s));

        prescan_skip_white(p);
        if (p->s < p->end && *p->s == '=') {
                p->s++;
                prescan_skip_white(p);
                prescan_take_value(p, ret);
        }

        return true;
}

/* The attributes of a <meta>; the charset it names, or NULL. */
static const char *prescan_meta(Prescan *p) {
        const char *direct = NULL, *by_content = NULL, *name;
        bool is_content_type = false;
        char label[64];
        Attribute a;

        while (prescan_attribute(p, &a)) {
                if (streq(a.name, "http-equiv"))
                        is_content_type = streq_nocase(a.value, "content-type");
                else if (streq(a.name, "charset"))
                        direct = charset_from_label(a.value);
                else if (streq(a.name, "content") && charset_from_content_type(a.value, label))
                        by_content = charset_from_label(label);
        }

        name = direct ? direct : is_content_type ? by_content : NULL;
        /* Who could read this as ASCII is not reading UTF-16. */
        if (name && (startswith(name, "utf-16") || startswith(name, "utf-32")))
                return "utf-8";
        return name;
}

static const char *prescan(const char *s, size_t n_bytes) {
        Prescan p = { .s = s, .end = s + n_bytes };
        const char *name;
        Attribute a;

        for (;;) {
                p.s = memchr(p.s, '<', (size_t) (p.end - p.s));
                if (!p.s)
                        return NULL;

                if (prescan_at(&p, "<!--")) {
                        p.s += 2;
                        prescan_skip_past(&p, "-->");
                } else if (prescan_at(&p, "<meta") && p.end - p.s > 5 &&
                        (ascii_isspace(p.s[5]) || p.s[5] == '/')) {
                        p.s += 5;
                        name = prescan_meta(&p);
                        if (name)
                                return name;
                } else if (p.end - p.s > 1 && (ascii_isalpha(p.s[1]) || p.s[1] == '/')) {
                        while (p.s < p.end && !ascii_isspace(*p.s) && *p.s != '>')
                                p.s++;
                        while (prescan_attribute(&p, &a))
                                ;
                } else
                        p.s++;
        }
}

const char *page_charset(
        const void *p, size_t n_bytes, const char *content_type, size_t *ret_n_bom) {
        const char *name;
        char label[64];

        *ret_n_bom = 0;
        name = charset_from_bom(p, n_bytes, ret_n_bom);
        if (name)
                return name;

        if (content_type && charset_from_content_type(content_type, label)) {
                name = charset_from_label(label);
                if (name)
                        return name;
        }

        name = prescan(p, MIN(n_bytes, PRESCAN_BYTES_MAX));
        if (name)
                return name;
        /* A page that was cut may end within a character. */
        if (n_bytes - utf8_n_valid(p, n_bytes) <= 3)
                return "utf-8";
        name = prescan(p, MIN(n_bytes, PRESCAN_LATE_BYTES_MAX));
        return name ? name : "windows-1252";
}
