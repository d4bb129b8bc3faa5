/* SPDX-License-Identifier: MIT */

#include "feed/tag.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hashmap.h"
#include "feed/vocabulary.h"
#include "text/entity.h"

const uint8_t tag_text_stops[256] = {
        [0 ... 8] = 1,
        [11 ... 12] = 1,
        [14 ... 31] = 1,
        ['<'] = 1,
        ['>'] = 1,
        ['&'] = 1,
        [0xEF] = 1,
};

size_t tag_predefined(const char *p, const char *end, char *ret) {
        const size_t n = (size_t) (end - p);

        if (n >= 4 && p[2] == 't' && p[3] == ';' && (p[1] == 'l' || p[1] == 'g')) {
                *ret = p[1] == 'l' ? '<' : '>';
                return 4;
        }
        if (n >= 5 && memcmp(p, "&amp;", 5) == 0) {
                *ret = '&';
                return 5;
        }
        if (n >= 6 && memcmp(p, "&quot;", 6) == 0) {
                *ret = '"';
                return 6;
        }
        if (n >= 6 && memcmp(p, "&apos;", 6) == 0) {
                *ret = '\'';
                return 6;
        }
        return 0;
}

enum {
        NAME_CHAR = 1,
        NAME_START = 2,
};

static const uint8_t name_chars[256] = {
        ['-' ... '.'] = NAME_CHAR,
        ['0' ... ':'] = NAME_CHAR,
        ['A' ... 'Z'] = NAME_CHAR | NAME_START,
        ['_'] = NAME_CHAR | NAME_START,
        ['a' ... 'z'] = NAME_CHAR | NAME_START,
        [0x80 ... 0xFF] = NAME_CHAR | NAME_START,
};

static bool is_name_start(char c) {
        return name_chars[(uint8_t) c] & NAME_START;
}

static bool is_name_char(char c) {
        return name_chars[(uint8_t) c] & NAME_CHAR;
}

size_t tag_n_forbidden(const char *s, size_t n_bytes) {
        if ((uint8_t) s[0] != 0xEF)
                return 1;

        /* U+FFFE and U+FFFF are no characters of XML. A byte order mark is one, but means nothing
         * inside a text. */
        if (n_bytes >= 3 && (uint8_t) s[1] == 0xBF && (uint8_t) s[2] >= 0xBE)
                return 3;
        if (n_bytes >= 3 && (uint8_t) s[1] == 0xBB && (uint8_t) s[2] == 0xBF)
                return 3;
        return 0;
}

bool tag_split(const char *raw, size_t n_bytes, Tag *ret) {
        const char *p = raw, *end = raw + n_bytes;
        Tag tag = {};

        if (p < end && *p == '/') {
                tag.end = true;
                p++;
        }
        if (p == end || !is_name_start(*p))
                return false;

        tag.name = p;
        while (p < end && is_name_char(*p))
                p++;
        tag.n_name = (size_t) (p - tag.name);
        if (tag.n_name > SIEVE_NAME_BYTES_MAX || tag.name[tag.n_name - 1] == ':')
                return false;
        if (p < end && !ascii_isspace(*p) && *p != '/')
                return false;

        if (!tag.end && end > p && end[-1] == '/') {
                tag.empty = true;
                end--;
        }
        tag.attributes = p;
        tag.n_attributes = (size_t) (end - p);
        *ret = tag;
        return true;
}

/* New names are let through until the table is full, known ones always. */
static bool tag_names_admit(TagNames *names, const char *name, size_t n_bytes) {
        uint64_t hash = hash_bytes(name, n_bytes) | 1;
        size_t i = hash >> 16;

        for (;; i++) {
                uint64_t *slot = &names->hashes[i % ELEMENTSOF(names->hashes)];

                if (*slot == hash)
                        return true;
                if (*slot != 0)
                        continue;
                if (names->n >= SIEVE_NAMES_MAX)
                        return vocabulary_knows(name, n_bytes);
                *slot = hash;
                names->n++;
                return true;
        }
}

/* One part of a name, before or behind the colon. What XML may not know as a letter (it has its own
 * table of those over 127) becomes '_': no vocabulary that matters here has such names. */
static int write_name_part(
        TagNames *names, const char *name, size_t n_bytes, Buffer *out, unsigned *repairs) {
        char clean[SIEVE_NAME_BYTES_MAX];

        assert(n_bytes > 0 && n_bytes <= sizeof clean);
        for (size_t i = 0; i < n_bytes; i++)
                clean[i] = (uint8_t) name[i] >= 0x80 || name[i] == ':' ? '_' : name[i];
        if (!is_name_start(clean[0]))
                clean[0] = '_';

        if (!tag_names_admit(names, clean, n_bytes)) {
                *repairs |= TAG_MANY_NAMES;
                return buffer_append_char(out, '_');
        }
        return buffer_append(out, clean, n_bytes);
}

int tag_write_name(
        TagNames *names, const char *name, size_t n_bytes, Buffer *out, unsigned *repairs) {
        const char *colon = memchr(name, ':', n_bytes);
        size_t n_prefix;
        int r;

        if (!colon || colon == name || colon == name + n_bytes - 1)
                return write_name_part(names, name, n_bytes, out, repairs);

        n_prefix = (size_t) (colon - name);
        r = write_name_part(names, name, n_prefix, out, repairs);
        if (r >= 0)
                r = buffer_append_char(out, ':');
        if (r >= 0)
                r = write_name_part(names, colon + 1, n_bytes - n_prefix - 1, out, repairs);
        return r;
}

/* 1 when it is one that the DOCTYPE declares, 0 or -ENOMEM. */
static int entity_write(
        TagEntities *entities, const char *name, size_t n_name, Buffer *out, unsigned *repairs) {
        for (size_t i = 0; i < entities->n; i++) {
                const char *text = buffer_str(&entities->text);
                int r;

                if (entities->rows[i].n_name != n_name ||
                        memcmp(text + entities->rows[i].name, name, n_name) != 0)
                        continue;
                entities->n_written += entities->rows[i].n_value;
                if (entities->n_written > TAG_ENTITIES_BYTES_MAX) {
                        *repairs |= TAG_MANY_ENTITIES;
                        return 0;
                }
                r = tag_write_escaped(NULL, text + entities->rows[i].value,
                        entities->rows[i].n_value, out, repairs);
                return r < 0 ? r : 1;
        }

        return 0;
}

int tag_write_reference(
        TagEntities *entities, const char *s, size_t n_bytes, Buffer *out, unsigned *repairs) {
        static const char *const predefined[] = { "amp", "lt", "gt", "quot", "apos" };
        char reference[SIEVE_REFERENCE_BYTES_MAX + 1], text[8];
        const char *behind;
        size_t n_text = 0;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(predefined); i++)
                if (n_bytes == strlen(predefined[i]) && memcmp(s, predefined[i], n_bytes) == 0) {
                        r = buffer_append_char(out, '&');
                        if (r >= 0)
                                r = buffer_append(out, s, n_bytes);
                        return r < 0 ? r : buffer_append_char(out, ';');
                }

        behind = memchr(s, ';', n_bytes);
        if (behind && entity_decode(s, n_bytes, text, &n_text) <= (size_t) (behind + 1 - s)) {
                /* What follows half a character is not its other half. */
                r = tag_write_reference(entities, s, (size_t) (behind - s), out, repairs);
                return r < 0 ? r
                             : tag_write_reference(entities, behind + 2,
                                       n_bytes - (size_t) (behind + 2 - s), out, repairs);
        }

        if (entities && entities->n > 0) {
                r = entity_write(entities, s, n_bytes, out, repairs);
                if (r != 0)
                        return MIN(r, 0);
        }

        memcpy(reference, s, n_bytes);
        reference[n_bytes] = ';';
        if (n_bytes == 0 || entity_decode(reference, n_bytes + 1, text, &n_text) != n_bytes + 1) {
                *repairs |= TAG_BARE_AMPERSAND;
                r = buffer_append_str(out, "&amp;");
                return r < 0 ? r : buffer_append(out, reference, n_bytes + 1);
        }

        if (s[0] != '#')
                *repairs |= TAG_HTML_ENTITY;
        else if (n_text == 3 && memcmp(text, "\xEF\xBF\xBD", 3) == 0)
                *repairs |= TAG_NO_CHARACTER;
        return tag_write_escaped(NULL, text, n_text, out, repairs);
}

bool tag_is_high_surrogate(const char *s, size_t n_bytes) {
        const bool hex = n_bytes > 1 && ascii_tolower(s[1]) == 'x';
        char digits[8];
        unsigned long value;

        if (n_bytes < 6 || n_bytes > 7 || s[0] != '#')
                return false;
        memcpy(digits, s + 1 + hex, n_bytes - 1 - hex);
        digits[n_bytes - 1 - hex] = '\0';
        value = strtoul(digits, NULL, hex ? 16 : 10);
        return value >= 0xD800 && value < 0xDC00;
}

/* A reference whole within @s, which begins with '&': its length without '&' and ';', else
 * SIZE_MAX. */
static size_t reference_length_one(const char *s, size_t n_bytes) {
        for (size_t i = 1; i < n_bytes && i <= SIEVE_REFERENCE_BYTES_MAX + 1; i++) {
                if (s[i] == ';')
                        return i > 1 ? i - 1 : SIZE_MAX;
                if (!ascii_isalpha(s[i]) && !ascii_isdigit(s[i]) && s[i] != '#')
                        break;
        }

        return SIZE_MAX;
}

/* The same, but two that are the halves of one character are one. */
static size_t reference_length(const char *s, size_t n_bytes) {
        const size_t n = reference_length_one(s, n_bytes);
        size_t n_low;

        if (n == SIZE_MAX || !tag_is_high_surrogate(s + 1, n) || n_bytes < n + 4 ||
                s[n + 2] != '&' || s[n + 3] != '#')
                return n;
        n_low = reference_length_one(s + n + 2, n_bytes - n - 2);
        return n_low < SIEVE_REFERENCE_BYTES_MAX - 2 - n ? n + 2 + n_low : n;
}

int tag_write_escaped(
        TagEntities *entities, const char *s, size_t n_bytes, Buffer *out, unsigned *repairs) {
        const char *p = s, *end = s + n_bytes;
        int r = 0;

        while (p < end && r >= 0) {
                const char *run = p;
                size_t n;

                while (p < end && !tag_text_stops[(uint8_t) *p] && *p != '"')
                        p++;
                if (p > run)
                        r = buffer_append(out, run, (size_t) (p - run));
                if (r < 0 || p == end)
                        break;

                switch (*p) {
                case '<':
                        r = buffer_append_str(out, "&lt;");
                        p++;
                        break;
                case '>':
                        r = buffer_append_str(out, "&gt;");
                        p++;
                        break;
                case '"':
                        r = buffer_append_str(out, "&quot;");
                        p++;
                        break;
                case '&':
                        n = reference_length(p, (size_t) (end - p));
                        if (n == SIZE_MAX) {
                                *repairs |= TAG_BARE_AMPERSAND;
                                r = buffer_append_str(out, "&amp;");
                                p++;
                        } else {
                                r = tag_write_reference(entities, p + 1, n, out, repairs);
                                p += n + 2;
                        }
                        break;
                default:
                        n = tag_n_forbidden(p, (size_t) (end - p));
                        if (n == 0) {
                                n = MIN((size_t) 3, (size_t) (end - p));
                                r = buffer_append(out, p, n);
                        }
                        p += n;
                }
        }

        return r;
}

/* Namespace names are kept by libxml2 for good as well, so they count as names. */
static int write_namespace(TagNames *names, TagEntities *entities, const char *value,
        size_t n_value, Buffer *out, unsigned *repairs) {
        if (n_value > 0 && !tag_names_admit(names, value, n_value)) {
                *repairs |= TAG_MANY_NAMES;
                return buffer_append_char(out, '_');
        }
        return tag_write_escaped(entities, value, n_value, out, repairs);
}

static bool hash_among(const uint64_t *hashes, size_t n, uint64_t hash) {
        for (size_t i = 0; i < n; i++)
                if (hashes[i] == hash)
                        return true;
        return false;
}

/* In url="a type="b" the first value lost its closing quote, and its end is that of the next name.
 * Returns the length it must have had; @n_value when nothing is wrong. @behind: what follows the
 * quote, which is no space then. */
static size_t value_length(const char *value, size_t n_value, const char *behind, const char *end) {
        size_t n = n_value;

        if (n == 0 || value[n - 1] != '=' || behind >= end || ascii_isspace(*behind) ||
                *behind == '/')
                return n_value;

        for (n--; n > 0 && is_name_char(value[n - 1]); n--)
                ;
        return n > 0 && n < n_value - 1 && is_name_start(value[n]) && ascii_isspace(value[n - 1])
                ? n - 1
                : n_value;
}

/* Quotes that a word processor made of those of XML, or that were escaped, are none to XML. */
static void strip_other_quotes(const char **value, size_t *n_value) {
        static const char *const quotes[] = { "\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2\x80\x9E",
                "\xE2\x80\xB3", "&quot;", "&#34;" };

        for (size_t i = 0; i < ELEMENTSOF(quotes); i++) {
                const size_t n = strlen(quotes[i]);

                if (*n_value >= n && memcmp(*value, quotes[i], n) == 0) {
                        *value += n;
                        *n_value -= n;
                }
                if (*n_value >= n && memcmp(*value + *n_value - n, quotes[i], n) == 0)
                        *n_value -= n;
        }
}

int tag_write_attributes(
        TagNames *names, TagEntities *entities, const Tag *tag, Buffer *out, unsigned *repairs) {
        const char *p = tag->attributes, *end = p + tag->n_attributes;
        uint64_t written[SIEVE_ATTRIBUTES_MAX];

        for (unsigned n = 0; p < end;) {
                const char *name, *value = NULL;
                size_t n_name, n_value = 0;
                bool namespace;
                int r;

                if (ascii_isspace(*p)) {
                        p++;
                        continue;
                }

                name = p;
                while (p < end && !ascii_isspace(*p) && *p != '=' && *p != '"' && *p != '\'')
                        p++;
                n_name = (size_t) (p - name);

                while (p < end && ascii_isspace(*p))
                        p++;
                if (p < end && *p == '=') {
                        for (p++; p < end && ascii_isspace(*p); p++)
                                ;
                        value = p;
                        if (p < end && (*p == '"' || *p == '\'')) {
                                const char *quote = memchr(p + 1, *p, (size_t) (end - p - 1));

                                value++;
                                p = quote ?: end;
                                n_value = (size_t) (p - value);
                                if (p < end)
                                        p++;
                                if (quote) {
                                        size_t n_true = value_length(value, n_value, p, end);

                                        if (n_true < n_value) {
                                                *repairs |= TAG_LOST_QUOTE;
                                                n_value = n_true;
                                                p = value + n_true;
                                        }
                                }
                        } else {
                                *repairs |= TAG_BAD_ATTRIBUTE;
                                while (p < end && !ascii_isspace(*p))
                                        p++;
                                n_value = (size_t) (p - value);
                                strip_other_quotes(&value, &n_value);
                        }
                } else if (n_name == 0)
                        p++; /* a stray quote */

                for (size_t i = 0; i < n_name; i++)
                        if (i == 0 ? !is_name_start(name[i]) : !is_name_char(name[i]))
                                n_name = 0;
                if (!value || n_name == 0 || n_name > SIEVE_NAME_BYTES_MAX) {
                        *repairs |= TAG_BAD_ATTRIBUTE;
                        continue;
                }
                if (n >= SIEVE_ATTRIBUTES_MAX) {
                        *repairs |= TAG_MANY_ATTRIBUTES;
                        return 0;
                }
                written[n] = hash_bytes(name, n_name);
                if (hash_among(written, n, written[n])) {
                        *repairs |= TAG_DUPLICATE_ATTRIBUTE;
                        continue;
                }
                n++;

                namespace = n_name >= 5 && memcmp(name, "xmlns", 5) == 0;
                r = buffer_append_char(out, ' ');
                if (r >= 0)
                        r = tag_write_name(names, name, n_name, out, repairs);
                if (r >= 0)
                        r = buffer_append(out, "=\"", 2);
                if (r >= 0)
                        r = namespace
                                ? write_namespace(names, entities, value, n_value, out, repairs)
                                : tag_write_escaped(entities, value, n_value, out, repairs);
                if (r >= 0)
                        r = buffer_append_char(out, '"');
                if (r < 0)
                        return r;
        }

        return 0;
}
